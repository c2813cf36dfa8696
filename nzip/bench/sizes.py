"""Only the sizes, for the committed results.csv: one row for each file, one column for each level."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from typing import BinaryIO, cast

from nzip.bench.codec import nzip_options
from nzip.pipeline import EncodeOptions, compress_stream


class _Nowhere:
    """Takes what is written and keeps nothing."""

    def write(self, data: bytes) -> int:
        return len(data)


def sizes_of(path: str, name: str, settings: Iterable[str]) -> dict[str, str | int]:
    """Sizes depend on neither threads nor memory, so this uses what there is."""
    sizes: dict[str, str | int] = {"file": name, "bytes": os.path.getsize(path)}
    for setting in settings:
        with open(path, "rb") as source:
            options = EncodeOptions(**nzip_options(setting))
            sizes[f"nzip-{setting}"] = compress_stream(source, cast(BinaryIO, _Nowhere()), options).coded
    return sizes


def with_total(rows: Sequence[dict[str, str | int]]) -> list[dict[str, str | int]]:
    total: dict[str, str | int] = {"file": "total"}
    for key in rows[0]:
        if key != "file":
            total[key] = sum(int(row[key]) for row in rows)
    return [*rows, total]
