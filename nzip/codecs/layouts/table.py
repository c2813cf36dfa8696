"""The kinds of files that are known."""

from __future__ import annotations

from nzip.codecs.layouts import fits, gguf, las, nifti, npy, points, safetensors, sound, zips
from nzip.codecs.layouts.contract import Extent, Parser, tidy

PARSERS: tuple[Parser, ...] = (
    npy.parse,
    gguf.parse,
    zips.parse,
    sound.parse,
    fits.parse,
    nifti.parse,
    las.parse,
    points.parse_ply,
    points.parse_pcd,
    safetensors.parse,
)


def read_parts(file: memoryview) -> list[Extent]:
    """What the header says with which these bytes begin; ShortInputError where it goes on behind them."""
    for parse in PARSERS:
        if (extents := parse(file)) is not None:
            return extents
    return []


def read_layout(file: memoryview) -> list[Extent]:
    """The same in order, small neighbours joined."""
    return tidy(read_parts(file))
