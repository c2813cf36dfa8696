"""The card in a model file: how the network was made, of what, and how good it is; for people to read."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from typing import Any

from nzip.train.checkpoint import Checkpoint
from nzip.train.corpus import Bytes, Source
from nzip.train.log import Record, mean

CURVE_POINTS = 200
MEGA = 10**6


def describe(
    classes: Mapping[str, Bytes], weights: Mapping[str, float], sources: Iterable[Source]
) -> dict[str, Any]:
    """For each class its weight, its bytes, and the bytes under each licence that a manifest names."""
    data: dict[str, Any] = {
        name: {"weight": weights[name], "bytes": len(each), "licences": {}} for name, each in classes.items()
    }
    for source in sources:
        licences = data[source.kind]["licences"]
        licences[source.licence] = licences.get(source.licence, 0) + source.bytes
    return data


def card(checkpoint: Checkpoint, records: Sequence[Record], licence: str) -> dict[str, Any]:
    """The card of a model file.

    Its results are those of the last validation and, at the end of a run, those of the exact network, too.
    Its curve has all validations: [MB seen, mean bits per byte].
    """
    validations = [each for each in records if "valid" in each]
    last = validations[-1] if validations else {}
    stride = 1 + len(validations) // CURVE_POINTS
    return {
        "licence": licence,
        "recipe": asdict(checkpoint.recipe),
        "data": checkpoint.data,
        "seen": checkpoint.seen,
        "batches": checkpoint.batches,
        "hours": round(checkpoint.seconds / 3600, 2),
        "bits_per_byte": last.get("valid", {}),
        "bits_per_byte_exact": last.get("exact", {}),
        "curve": [
            [round(each["seen"] / MEGA, 1), round(mean(each["valid"]), 4)]
            for each in reversed(validations[::-1][::stride])
        ],
    }
