"""The block header: every field survives, every rule is kept, everything unknown is named."""

from dataclasses import replace
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nzip.errors import NzipFormatError, NzipModelError, NzipVersionError
from nzip.format.block import BlockHeader, Coding, Expert, Segment, Step, one_segment, parse_block
from nzip.format.fields import encode_varint
from nzip.format.limits import MAX_BLOCK
from nzip.pipeline.coding import open_run
from nzip.resources.resources import Resources

CODING = BlockHeader(1000, 0x1122334455667788, 500, Coding(1, 1, 1, 20, one_segment(1000)))
numbers = st.integers(0, 1 << 40)
components = st.integers(0, 254) | st.binary(min_size=16, max_size=16)


@st.composite
def headers(draw):
    plain_size = draw(st.integers(1, MAX_BLOCK))
    checksum = draw(st.integers(0, 2**64 - 1))
    if draw(st.booleans()):
        return BlockHeader(plain_size, checksum, plain_size, None)
    sizes = [plain_size, *draw(st.lists(st.integers(1, MAX_BLOCK), max_size=3))]
    transforms = tuple(Step(draw(numbers), *pair) for pair in pairwise(sizes))
    cuts = sorted(draw(st.sets(st.integers(0, sizes[-1]), max_size=5)) | {0, sizes[-1]})
    segments = tuple(
        Segment(draw(numbers), draw(st.integers(0, 2**32 - 1)), end - start) for start, end in pairwise(cuts)
    )
    coding = Coding(
        draw(st.integers(1, 255)),
        draw(numbers),
        draw(components),
        draw(st.integers(16, 34)),
        segments,
        draw(st.integers(1, 1024)),
        draw(components),
        tuple(draw(st.lists(st.builds(Expert, numbers, components, st.binary(max_size=20)), max_size=3))),
        transforms,
        draw(st.booleans()),
        draw(st.booleans()),
    )
    return BlockHeader(plain_size, checksum, draw(st.integers(0, plain_size - 1)), coding)


@given(headers())
def test_round_trip(header):
    assert parse_block(header.body()) == header


@given(headers(), st.data())
def test_every_cut_is_refused(header, data):
    body = header.body()
    with pytest.raises((NzipFormatError, NzipVersionError)):
        parse_block(body[: data.draw(st.integers(0, len(body) - 1))])


@given(headers(), st.binary(min_size=1, max_size=4))
def test_what_is_too_much_is_refused(header, more):
    with pytest.raises(NzipFormatError):
        parse_block(header.body() + more)


@given(st.binary(max_size=80))
def test_any_bytes_are_parsed_or_refused(body):
    try:
        header = parse_block(body)
    except (NzipFormatError, NzipVersionError):
        return
    assert header.body() == body


def changed(**fields):
    return replace(CODING, coding=replace(CODING.coding, **fields))


@pytest.mark.parametrize(
    ("header", "message"),
    [
        (replace(CODING, plain_size=0), "a block of 0 bytes"),
        (replace(CODING, plain_size=MAX_BLOCK + 1), "a block of 1073741825 bytes"),
        (replace(CODING, coded_size=1000), "1000 coded bytes"),
        (changed(lanes=1025), "1025 lanes"),
        (changed(table_log2=15), "2\\^15"),
        (changed(table_log2=35), "2\\^35"),
        (changed(segments=()), "0 entries"),
        (changed(segments=(Segment(0, 0, 1),) * 65537), "65537 entries"),
        (changed(transforms=(Step(0, 1000, 1000),) * 65537), "65537 entries"),
        (changed(experts=(Expert(0, 0, b""),) * 65537), "65537 entries"),
        (changed(segments=(Segment(0, 0, 600), Segment(1, 0, 0))), None),
        (changed(segments=(Segment(0, 0, 1000), Segment(1, 0, 1))), "sum"),
        (changed(segments=(Segment(0, 0, 0), Segment(1, 0, 1000))), "sum"),
        (changed(segments=(Segment(2, 1 << 32, 1000),)), "parameter"),
        (changed(transforms=(Step(1, 999, 500),)), "fit each other"),
        (changed(transforms=(Step(1, 1000, 0),)), "transformed to"),
        (changed(transforms=(Step(1, 1000, MAX_BLOCK + 1),)), "transformed to"),
    ],
)
def test_rules(header, message):
    if message is None:  # the last size is not written, so this is another, valid header
        assert parse_block(header.body()) != header
        return
    with pytest.raises(NzipFormatError, match=message):
        parse_block(header.body())


def test_a_default_must_not_be_written():
    body = bytearray(CODING.body())
    flags = body.index(bytes([20, 0])) + 1
    body[flags] = 4
    with pytest.raises(NzipFormatError, match="one valid form"):
        parse_block(bytes(body) + encode_varint(1))


def test_an_unknown_flag_is_named():
    body = bytearray(CODING.body())
    body[body.index(bytes([20, 0])) + 1] = 0x80
    with pytest.raises(NzipVersionError, match="block flag 7"):
        parse_block(bytes(body))


@pytest.mark.parametrize(
    ("fields", "error", "message"),
    [
        ({"engine": 9}, NzipVersionError, "engine 9"),
        ({"revision": 77}, NzipVersionError, "revision .*not 77"),
        ({"profile": 200}, NzipVersionError, "profile 200"),
        ({"profile": b"\xab" * 16}, NzipModelError, "profile sha256:abab.*nzip models add FILE"),
        ({"prime": 3}, NzipModelError, "prime 3"),
        ({"prime": b"\xcd" * 16}, NzipModelError, "prime sha256:cdcd"),
        ({"experts": (Expert(6, 0, b""),)}, NzipVersionError, "expert kind 6"),
        ({"experts": (Expert(1, 250, b""),)}, NzipModelError, "network 250 is not known; a newer nzip"),
        ({"experts": (Expert(1, 0, b""),)}, NzipModelError, "network 0 is not known"),
        (
            {"experts": (Expert(1, b"\xaa" * 16, b""),)},
            NzipModelError,
            "sha256:aaaa.*nzip models add",
        ),
        ({"experts": (Expert(1, 1, b"x"),)}, NzipVersionError, "parameters of expert kind 1"),
        ({"experts": (Expert(1, 1, b""),) * 2}, NzipVersionError, "more than one network"),
        ({"experts": (Expert(5, 2, b""),)}, NzipVersionError, "a learner like the block's is not known"),
        ({"experts": (Expert(5, 1, b"x"),)}, NzipVersionError, "a learner like the block's is not known"),
        ({"experts": (Expert(5, 1, b""),) * 2}, NzipVersionError, "a learner like the block's"),
        ({"experts": (Expert(5, 1, b""),), "profile": 3}, NzipFormatError, "has no room for it"),
        ({"transforms": (Step(12, 1000, 1000),)}, NzipVersionError, "transform 12"),
        ({"segments": (Segment(99, 0, 1000),)}, NzipVersionError, "segment kind 99"),
    ],
)
def test_what_is_not_known_is_named(fields, error, message):
    header = parse_block(changed(**fields).body())
    with pytest.raises(error, match=message):
        open_run(header, Resources())


def test_what_is_known_is_accepted():
    open_run(CODING, Resources())
    open_run(BlockHeader(5, 0, 5, None), Resources())
