"""Executable segments: their detection, and the transform of their call targets, which must lose nothing."""

from __future__ import annotations

import platform
import sys
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.engines import ENGINE
from support.samples import TEXT, bitmap, noise, pieces, program, records, wasm, words

import nzip
from nzip import _native
from nzip.errors import NzipVersionError
from nzip.format.block import BlockHeader, Coding, Segment
from nzip.format.header import StreamHeader
from nzip.format.record import END_ONE
from nzip.format.registry import InstructionSet, SegmentKind

PROFILES = (1, 2, 3, 4)
SETS = (*InstructionSet, 0, 7, (1 << 32) - 1)  # the engine takes any
LANES = (1, 3, 64)

near = st.builds(
    bytes.__add__, st.binary(min_size=3, max_size=3), st.sampled_from([b"\x00", b"\xff", b"\x01"])
)
word = st.binary(min_size=4, max_size=4)
fragments = st.one_of(
    st.builds(
        bytes.__add__, st.sampled_from([b"\xe8", b"\xe9", b"\x0f\x84", b"\x0f\x8f", b"\x48\x8d\x05"]), near
    ),
    # Displacement and immediate: the origin lies behind both.
    st.builds(
        lambda head, operand: head + operand + operand, st.sampled_from([b"\xc7\x05", b"\x48\x81\x3d"]), near
    ),
    st.builds(lambda low, top: low[:3] + bytes([top]), word, st.sampled_from([0x94, 0x97, 0x90, 0xB0, 0xF0])),
    st.builds(lambda high: bytes([0x40 | high[0] & 0x3F]) + high[1:], word),
    # WebAssembly: many labels, types or clauses, numbers that do not end, prefixes, ends of functions.
    st.builds(
        bytes.__add__,
        st.sampled_from([b"\x0e", b"\x1c", b"\x1f\x40", b"\x0b\x09", b"\x41"]),
        st.binary(max_size=3),
    ),
    st.sampled_from(
        [b"\x0e" + b"\xff" * 12, b"\xfc\x0a", b"\xfd\x5b", b"\xfe\x03", b"\x0b" * 20, b"\x02\x40" * 99]
    ),
    st.sampled_from(
        [b"\x66" * 20, b"\x0f\x0f\x38", b"\xc4\xe2\x7d", b"\x62", b"\xf6\x04\x25", b"\xc8", b"\x9a", b"\xe8"]
    ),
    st.binary(max_size=20),
)
codes = st.lists(fragments, max_size=60).map(b"".join)


def restored(profile: int, blocks) -> bool:
    """Codes the blocks as one run, as far as that pays; whether each was restored."""
    encoder, decoder = ENGINE.engine(profile, 16), ENGINE.engine(profile, 16)
    for plain, lanes, segments in blocks:
        coded = encoder.encode(plain, lanes, segments)
        if coded is None:
            return True
        if decoder.decode(coded, len(plain), lanes, segments) != plain:
            return False
    return True


@pytest.mark.parametrize("profile", PROFILES)
@settings(deadline=None, max_examples=60)
@given(
    code=codes,
    cuts=st.lists(st.integers(0, 10**6), max_size=4),
    sets=st.lists(st.sampled_from(SETS), min_size=5, max_size=5),
    lanes=st.sampled_from(LANES),
)
def test_any_code_in_any_segments(profile, code, cuts, sets, lanes):
    """Zeros, before or behind the code, make the block worth coding."""
    for plain in bytes(600) + code, code + bytes(600), code * 8:
        parts = [len(part) for part in pieces(plain, cuts) if part]
        sized = zip(sets, parts, strict=False)
        segments = [(SegmentKind.EXECUTABLE, number, size) for number, size in sized]
        if segments:
            assert restored(profile, [(plain, lanes, segments), (plain, 1, segments)])


@pytest.mark.parametrize("profile", PROFILES)
@pytest.mark.parametrize("number", InstructionSet)
def test_code_that_ends_anywhere(profile, number):
    """A segment, and a block, that ends in an opcode, before or in an operand."""
    instructions = b"\x48\x8d\x05\x11\x22\x33\x00\xe8\x80\x10\x20\xff\x0f\x85\x01\x00\x00\x00\x94\x40\xf0\x97"
    for size in range(len(instructions) + 1):
        plain = bytes(300) + instructions[:size]
        whole = [(SegmentKind.EXECUTABLE, number, len(plain))]
        assert restored(profile, [(plain, lanes, whole) for lanes in LANES])
        two = [(SegmentKind.EXECUTABLE, number, 300 + size), (SegmentKind.EXECUTABLE, number, 400 - size)]
        assert restored(profile, [(bytes(300) + instructions + bytes(400 - len(instructions)), 1, two)])


@pytest.mark.parametrize("number", InstructionSet)
@pytest.mark.parametrize(
    "unit",
    [b"\xe8", b"\xe9", b"\x0f\x80", b"\xe8\xff", b"\x40", b"\x94", b"\x90\x48\x8d\x05", b"\x0b", b"\x02\x80"],
)
def test_nothing_but_opcodes(number, unit):
    for size in 16, 17, 1000, 70_001:
        plain = (unit * size)[:size]
        assert restored(1, [(plain, lanes, [(SegmentKind.EXECUTABLE, number, size)]) for lanes in LANES])


@pytest.mark.parametrize(
    "distance", [0, 1, -1, (1 << 24) - 1, 1 << 24, -(1 << 24), -(1 << 24) - 1, (1 << 31) - 1]
)
def test_distances_at_the_bounds(distance):
    call = b"\xe8" + distance.to_bytes(4, "little", signed=True)
    assert restored(1, [(call * 500, 1, [(SegmentKind.EXECUTABLE, InstructionSet.X86, len(call) * 500)])])


def calls(number: int) -> bytes:
    """Code that calls three functions from everywhere."""
    code = bytearray()
    for byte in noise(4000, 5):
        target = (0x1234, 0x25C8, 0x3F00)[byte % 3]
        if number == InstructionSet.SPARC:
            code += b"\x92\x10\x20" + bytes([byte])
            code += (1 << 30 | (target - len(code) // 4) % (1 << 30)).to_bytes(4, "big")
        elif number == InstructionSet.ARM64:
            code += bytes([byte]) + b"\x00\x80\xd2"
            code += (0x94000000 | (target - len(code) // 4) % (1 << 26)).to_bytes(4, "little")
        else:
            code += b"\x6a" + bytes([byte])
            code += b"\xe8" + (target - len(code) - 5).to_bytes(4, "little", signed=True)
    return bytes(code)


@pytest.mark.parametrize("profile", PROFILES)
@pytest.mark.parametrize("number", sorted({*InstructionSet} - {InstructionSet.WASM}))
def test_targets_are_cheaper_than_distances(profile, number):
    plain = calls(number)
    sizes = []
    for segment in (SegmentKind.EXECUTABLE, number, len(plain)), (SegmentKind.BINARY, 0, len(plain)):
        coded = ENGINE.engine(profile, 22).encode(plain, 1, [segment])
        assert ENGINE.engine(profile, 22).decode(coded, len(plain), 1, [segment]) == plain
        sizes.append(len(coded))
    assert sizes[0] * 10 < sizes[1] * 8


def arithmetic(size: int) -> bytes:
    """WebAssembly whose opcodes come in turn, its numbers being arbitrary and of any length."""
    code, numbers = bytearray(), iter(noise(4 * size, 8))
    while len(code) < size:
        for opcode in b"\x20\x41\x6a\x41\x74\x21\x20\x41\x72\x41\x71\x22":
            code.append(opcode)
            if opcode == 0x41:
                while (byte := next(numbers)) >= 128:
                    code.append(byte)
                code.append(byte & 63)
            elif opcode < 0x23:
                code.append(next(numbers) & 31)
    return bytes(code[:size])


@pytest.mark.parametrize("profile", [2, 3, 4])
def test_webassembly_is_cheaper_by_its_instructions(profile):
    plain = arithmetic(20_000)
    sizes = []
    for segment in (
        (SegmentKind.EXECUTABLE, InstructionSet.WASM, len(plain)),
        (SegmentKind.BINARY, 0, len(plain)),
    ):
        coded = ENGINE.engine(profile, 22).encode(plain, 1, [segment])
        assert ENGINE.engine(profile, 22).decode(coded, len(plain), 1, [segment]) == plain
        sizes.append(len(coded))
    assert sizes[0] * 100 < sizes[1] * 98


@pytest.mark.parametrize("profile", PROFILES)
@pytest.mark.parametrize("lanes", LANES)
def test_noise_that_claims_to_be_webassembly(profile, lanes):
    """Bytes of all values, and few bytes of one, so that the block is worth coding."""
    for plain in noise(2000, 7) + bytes(6000), b"\x0b\xfd\x0e\xff\x1f" * 800:
        assert restored(
            profile, [(plain, lanes, [(SegmentKind.EXECUTABLE, InstructionSet.WASM, len(plain))])]
        )


# Detection


def kinds(plain: bytes) -> set[int]:
    return {kind for kind, _, _ in _native.detect(plain)}


@pytest.mark.parametrize(
    "plain",
    [
        words(200_000),
        TEXT * 50,
        noise(500_000),
        records(24, 200_000),
        records(4, 200_000),
        bitmap(32, 8000),
        bytes(100_000),
        b"\xff" * 100_000,
        b"\xe8" * 100_000,
        bytes(range(256)) * 400,
        b"".join(number.to_bytes(2, "little") for number in range(50_000)),
        b"".join((number * 37 % 1000).to_bytes(4, "big") for number in range(50_000)),
        "Всё, что не есть код. ".encode() * 3000,
        ("not code " * 5000).encode("utf-16"),
    ],
)
def test_other_data_is_no_machine_code(plain):
    assert SegmentKind.EXECUTABLE not in kinds(plain)


def test_generated_code():
    code = program(100_000)
    assert SegmentKind.EXECUTABLE in kinds(code)
    segments = _native.detect(words(100_000) + code + noise(100_000))
    assert [kind for kind, _, _ in segments] == [SegmentKind.TEXT, SegmentKind.EXECUTABLE, SegmentKind.BINARY]
    assert abs(segments[0][2] - 100_000) < 2048
    assert abs(segments[1][2] - 100_000) < 4096


def test_webassembly_is_found():
    segments = _native.detect(words(100_000) + wasm(100_000) + noise(100_000))
    assert [kind for kind, _, _ in segments] == [SegmentKind.TEXT, SegmentKind.EXECUTABLE, SegmentKind.BINARY]
    assert segments[1][1] == InstructionSet.WASM
    assert abs(segments[1][2] - 100_000) < 4096


@pytest.mark.skipif(sys.platform != "linux", reason="knows what this module's file is like on Linux")
def test_our_own_machine_code():
    number = {"x86_64": InstructionSet.X64, "aarch64": InstructionSet.ARM64}.get(platform.machine())
    if number is None:
        pytest.skip("code of another machine")
    plain = Path(_native.__file__).read_bytes()
    found = [size for kind, parameter, size in _native.detect(plain) if (kind, parameter) == (4, number)]
    assert sum(found) > len(plain) // 4
    part = plain[len(plain) // 3 :][:300_000]
    assert restored(1, [(part, lanes, _native.detect(part)) for lanes in LANES])


# Hostile input


@pytest.mark.parametrize("parameter", [0, 6, 1 << 31])
def test_an_unknown_instruction_set_is_named(parameter):
    segments = (Segment(SegmentKind.EXECUTABLE, parameter, 300),)
    coding = Coding(1, ENGINE.revision, 1, 16, segments)
    header = BlockHeader(300, 0, 50, coding)
    with pytest.raises(NzipVersionError, match=f"instruction set {parameter}"):
        nzip.decompress(StreamHeader().encode() + header.encode() + noise(50) + END_ONE)
