"""The classes of documents that glr2 is trained and measured on."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np

from nzip.train.corpus import SEPARATOR, Bytes, read_classes

# Of segments. Balanced so that no class of the validation set falls behind.
CLASS_WEIGHTS: Mapping[str, float] = {
    "prose": 0.26,
    "docs": 0.13,
    "markup": 0.16,
    "tables": 0.10,
    "logs": 0.07,
    "multilingual": 0.11,
    "code": 0.17,
}
HELD_OUT = 1_000_000  # bytes at the end of a class that has no validation file
# Textbooks whose licence forbids commercial use today; a sentence that begins nearly all of their sections.
LEFT_OUT = b"By the end of this section, you will"


def training_classes(folders: list[Path], *, hold_out: str) -> tuple[dict[str, list[Bytes]], Bytes]:
    """The files of each class, one from each folder that has it; and the end of one class, held out."""
    classes: dict[str, list[Bytes]] = {}
    for folder in folders:
        for name, data in read_classes([folder]).items():
            classes.setdefault(name, []).append(_without(data, LEFT_OUT))
    last = classes[hold_out][-1]
    cut = int(np.flatnonzero(last[:-HELD_OUT] == SEPARATOR)[-1])
    classes[hold_out][-1] = last[:cut]
    return classes, last[cut:]


def _without(data: Bytes, phrase: bytes) -> Bytes:
    """The documents that do not have this phrase."""
    whole = data.tobytes()
    if phrase not in whole:
        return data
    separator = bytes([SEPARATOR])
    kept = [document for document in whole.split(separator)[1:] if phrase not in document]
    return np.frombuffer(separator + separator.join(kept), np.uint8)
