"""The network that learns while it predicts."""

from __future__ import annotations

import pytest
from support.engines import ENGINE
from support.samples import TEXT, noise, program, records

from nzip import _native
from nzip.format.registry import ExpertKind, SegmentKind

SET = 4


def test_the_specification_is_what_is_calculated():
    np = pytest.importorskip("numpy")
    from support.reference_learner import Learner

    plain = TEXT[:90] + bytes(40) + noise(30) + TEXT[:60]
    got = np.frombuffer(_native.learner_weights(plain), np.uint32).reshape(-1, 256)
    learner = Learner()
    for at, byte in enumerate(plain):
        assert (learner.weights() == got[at]).all(), at
        learner.take(byte)


def test_it_learns():
    plain = b"abcdefghijklmnopqrst" * 100
    weights = memoryview(_native.learner_weights(plain)).cast("I")
    assert weights[256 * 1999 + ord("t")] > 0.9 * 2**22


def engine():
    return ENGINE.engine(SET, 18, [_native.learner_expert()])


@pytest.mark.parametrize("lanes", [1, 3, 1024])
@pytest.mark.parametrize(
    "sample", [TEXT[:3000], records(12, 3000), program(3000)], ids=["text", "records", "program"]
)
def test_blocks_are_restored(sample, lanes):
    segments = _native.detect(sample)
    coder, decoder = engine(), engine()
    for _ in range(2):
        coded = coder.encode(sample, lanes, segments)
        assert coded is not None
        assert decoder.decode(coded, len(sample), lanes, segments) == sample


def test_packed_bytes_are_not_seen():
    parts = [(SegmentKind.TEXT, 1000), (SegmentKind.PACKED, 700), (SegmentKind.TEXT, 1000)]
    plain = TEXT[:1000] + noise(700) + TEXT[1000:2000]
    segments = [(kind, 0, size) for kind, size in parts]
    for lanes in 1, 3:
        coded = engine().encode(plain, lanes, segments)
        assert engine().decode(coded, len(plain), lanes, segments) == plain


def test_it_stands_behind_a_reference():
    segments = [(SegmentKind.TEXT, 0, 1000)]
    coder, decoder = engine(), engine()
    for each in coder, decoder:
        each.learn(TEXT[:2000], [(SegmentKind.TEXT, 0, 2000)])
    coded = coder.encode(TEXT[2000:3000], 1, segments)
    assert decoder.decode(coded, 1000, 1, segments) == TEXT[2000:3000]


@pytest.mark.parametrize("component_set", [1, 2, 3])
def test_other_sets_have_no_room_for_it(component_set):
    assert ExpertKind.LEARNER not in ENGINE.expert_kinds(component_set)
    with pytest.raises(ValueError, match="set 4 one other expert"):
        ENGINE.engine(component_set, 18, [_native.learner_expert()])


def test_its_memory_is_counted():
    assert 1 << 19 < _native.learner_memory(1) < 1 << 21
    assert _native.learner_memory(1024) == 1024 * _native.learner_memory(1)


def test_making_learners_takes_time():
    from nzip.format.block import BlockHeader, Coding, Expert, one_segment
    from nzip.pipeline.cost import block_cost

    learner = (Expert(ExpertKind.LEARNER, 1, b""),)

    def seconds(lanes, experts):
        coding = Coding(1, 1, SET, 20, one_segment(1000), lanes, experts=experts)
        return block_cost(BlockHeader(1000, 0, 500, coding), 1000).seconds

    assert seconds(1, learner) < seconds(1, ()) + 0.01
    assert seconds(1000, learner) > seconds(1000, ()) + 0.2
