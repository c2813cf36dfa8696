"""In which ways small blocks are tried."""

from __future__ import annotations

import pytest
from support.samples import TEXT

from nzip import _native
from nzip.codecs.contract import Block
from nzip.codecs.mixing import MixingCandidate
from nzip.format.block import Segment
from nzip.format.registry import SegmentKind
from nzip.options import EncodeOptions
from nzip.pipeline.judge import judge
from nzip.pipeline.resolve import resolve_encoding


@pytest.mark.parametrize("level", [5, 6, 8])
@pytest.mark.parametrize(
    ("kind", "parameter", "with_network"),
    [
        (SegmentKind.TEXT, 0, [True]),
        (SegmentKind.EXECUTABLE, 1, [True]),
        (SegmentKind.RECORDS, 8, [True, False]),
        (SegmentKind.BINARY, 0, [True, False]),
        (SegmentKind.SAMPLES, 0, [False]),
    ],
)
def test_small_blocks(level, kind, parameter, with_network):
    encoding = resolve_encoding(EncodeOptions(level=level))
    candidates = [each for each in encoding.candidates if isinstance(each, MixingCandidate)]
    block = Block(len(TEXT), 0, TEXT, (), (Segment(kind, parameter, len(TEXT)),))
    ways = judge(encoding, candidates, block, _native.Stop())
    assert [each.components.network is not None for each in ways] == with_network
