"""Golden streams: what each of them is made of."""

from __future__ import annotations

import hashlib
import io
import random
import struct
from base64 import b64encode, encodebytes
from dataclasses import dataclass, field
from typing import Any

import nzip
from nzip import _native
from nzip.codecs.layouts.records import record_type
from nzip.format.block import BlockHeader, Coding, Segment, one_segment
from nzip.format.checksum import checksum64
from nzip.format.cursor import Cursor
from nzip.format.earlier import NOWHERE, Earlier
from nzip.format.fields import encode_varint
from nzip.format.header import StreamHeader
from nzip.format.holes import Hole
from nzip.format.record import END_ONE, encode_record, parse_record
from nzip.format.registry import (
    BIG_ENDIAN,
    QUANTIZED,
    SKIPPABLE,
    ElementType,
    EngineId,
    InstructionSet,
    RecordType,
    SegmentKind,
)
from nzip.format.writer import StreamWriter
from nzip.models.store import PROFILES, ModelFile
from nzip.pipeline import EncodeOptions, Metadata, compress_stream
from nzip.transforms.unpack.png import Png
from support.engines import ENGINE
from support.golden_models import OWN_NETWORK, OWN_PRIME, OWN_START, PRIME, REFERENCE, TINY
from support.numbers import floats, integers, quantized
from support.samples import PORTRAIT, PROGRESSIVE, TEXT, bitmap, noise, program, records, wave, words


@dataclass(frozen=True)
class Case:
    """A file of one or more streams, all with the same options."""

    plains: tuple[bytes, ...]
    options: dict[str, Any] = field(default_factory=dict)
    metadata: Metadata | None = None

    @property
    def plain(self) -> bytes:
        return b"".join(self.plains)

    def encode(self) -> bytes:
        out = io.BytesIO()
        for plain in self.plains:
            options = EncodeOptions(**{"level": 1, "threads": 1, "prime": "none", **self.options})
            compress_stream(io.BytesIO(plain), out, options, metadata=self.metadata)
        return out.getvalue()


@dataclass(frozen=True)
class Pieces:
    """A block of segments that no detection would find in so few bytes, and one that continues it."""

    pieces: tuple[tuple[SegmentKind, int, bytes], ...]
    profile: int
    lanes: int

    @property
    def plain(self) -> bytes:
        return b"".join(piece for _, _, piece in self.pieces) * 2

    def encode(self) -> bytes:
        block = self.plain[: len(self.plain) // 2]
        segments = tuple(Segment(kind, parameter, len(piece)) for kind, parameter, piece in self.pieces)
        engine, writer = ENGINE.engine(self.profile, 18), StreamWriter()
        out = writer.begin()
        for continues in False, True:
            coded = engine.encode(block, self.lanes, segments)
            assert coded is not None
            revision = ENGINE.revision
            coding = Coding(
                1, revision, self.profile, 18, segments, self.lanes, continues=continues, keeps=not continues
            )
            out += writer.block(BlockHeader(len(block), checksum64(block), len(coded), coding), coded)
        return out + writer.end()


@dataclass(frozen=True)
class Arrays:
    """A block of arrays, each of the type that its parameter says."""

    arrays: tuple[tuple[int, bytes], ...]

    @property
    def plain(self) -> bytes:
        return b"".join(array for _, array in self.arrays)

    def encode(self) -> bytes:
        segments = tuple(Segment(SegmentKind.ARRAY, kind, len(array)) for kind, array in self.arrays)
        coded = _native.encode_arrays(self.plain, segments)
        header = BlockHeader(
            len(self.plain), checksum64(self.plain), len(coded), Coding(EngineId.ARRAYS, 1, 0, 16, segments)
        )
        writer = StreamWriter()
        return writer.begin() + writer.block(header, coded) + writer.end()


@dataclass(frozen=True)
class ArraysThen:
    """Arrays of the reference, of which some numbers are others now, and one that is new."""

    reference: bytes

    @property
    def plain(self) -> bytes:
        changed = bytearray(self.reference[:6000])
        for at in range(0, len(changed), 35):
            changed[at] ^= at & 7
        return bytes(changed) + integers(2, 300, "little")

    def encode(self) -> bytes:
        kinds = ElementType.FLOAT32, ElementType.INT16, ElementType.FLOAT64, ElementType.INT16
        sizes = 2000, 2000, 2000, 600
        segments = tuple(
            Segment(SegmentKind.ARRAY, kind, size) for kind, size in zip(kinds, sizes, strict=True)
        )
        earlier = Earlier(
            hashlib.sha256(self.reference).digest()[:16], len(self.reference), (0, 2000, 4000, NOWHERE)
        )
        parts = [self.reference[at : at + 2000] for at in earlier.places[:3]]
        coded = _native.encode_arrays(self.plain, segments, earlier=[*parts, b""])
        coding = Coding(EngineId.ARRAYS, 1, 0, 16, segments, experts=(earlier.expert(),))
        writer = StreamWriter()
        block = writer.block(BlockHeader(len(self.plain), checksum64(self.plain), len(coded), coding), coded)
        return writer.begin() + block + writer.end()


@dataclass(frozen=True)
class Flushed:
    """Text in parts, each ended by what a compressor can be asked for."""

    parts: tuple[tuple[bytes, int], ...]

    @property
    def plain(self) -> bytes:
        return b"".join(part for part, _ in self.parts)

    def encode(self) -> bytes:
        compressor = nzip.NzipCompressor(1, prime="none")
        out = b"".join(compressor.compress(part) + compressor.flush(mode) for part, mode in self.parts)
        return out + compressor.flush()


def record_body(record: bytes) -> bytes:
    return parse_record(Cursor(record), record).body


@dataclass(frozen=True)
class Unknown:
    """Records and a metadata field of the future, which every reader goes past."""

    plain: bytes

    def encode(self) -> bytes:
        out = StreamHeader().encode()
        field = encode_varint(99) + encode_varint(3) + b"new"
        out += encode_record(SKIPPABLE + 0x70, b"of the future")
        out += encode_record(RecordType.METADATA, record_body(METADATA.encode()) + field)
        out += encode_record(SKIPPABLE + 0x71, b"")
        header = BlockHeader(len(self.plain), checksum64(self.plain), len(self.plain), None)
        out += header.encode() + self.plain
        return out + encode_record(SKIPPABLE + 0x72, bytes(20)) + END_ONE


@dataclass(frozen=True)
class OwnStart:
    """A block that names a profile without a text, as no option of an encoder does."""

    plain: bytes

    def encode(self) -> bytes:
        profile = PROFILES.take(ModelFile(str(OWN_START), OWN_START.read_bytes()))
        engine, segments = ENGINE.engine(1, 18, [], profile.value.start), one_segment(len(self.plain))
        coded = engine.encode(self.plain, 1, segments)
        assert coded is not None
        coding = Coding(1, ENGINE.revision, profile.component, 18, segments)
        header = BlockHeader(len(self.plain), checksum64(self.plain), len(coded), coding)
        writer = StreamWriter()
        return writer.begin() + writer.block(header, coded) + writer.end()


METADATA = Metadata(
    b"gr\xc3\xbc\xc3\x9fe.txt", 0o640, 1_234_567_890_123_456_789, ((b"key", b"value"), (b"key", b""))
)

# The container alone: nothing here pays to code.
STORED: dict[str, Case | Unknown] = {
    "empty": Case((b"",)),
    "empty-metadata": Case((b"",), metadata=METADATA),
    "byte": Case((b"\x9e",)),
    "noise": Case((noise(1000),)),
    "blocks": Case((noise(1000),), {"block_size": 300}),
    "blocks-no-index": Case((noise(1000),), {"block_size": 300, "index": False}),
    "metadata": Case((noise(100),), metadata=METADATA),
    "streams": Case((noise(100), b"", noise(200)), {"block_size": 100}),
    "unknown": Unknown(noise(50)),
    "recovery": Case((noise(3000),), {"block_size": 1000, "recovery": 5}),
}

MIXED = TEXT + noise(1000) + bytes(range(256)) * 8 + bytes(3000)

# Layouts of numbers (see docs/format/engine1.md): two channels of 16 bits; three bytes a pixel, rows of 120;
# big-endian.
SOUND = 1 | 1 << 3 | 1 << 5
RASTER = 2 << 5 | 120 << 9
DOUBLES = 3 | 1 << 2 | 2 << 3

PIECES = (
    (SegmentKind.TEXT, 0, words(3000)),
    (SegmentKind.RECORDS, 12, records(12, 3000)),
    (SegmentKind.BINARY, 0, program(3000)),
    (SegmentKind.BILEVEL, 16, bitmap(16, 2000)),
    (SegmentKind.RECORDS, 1, noise(40)),
    (SegmentKind.RECORDS, 300, records(300, 2001)),
    (SegmentKind.RECORDS, 65535, TEXT[:500]),
    *((SegmentKind.EXECUTABLE, instructions, program(1000)) for instructions in InstructionSet),
    (SegmentKind.SAMPLES, SOUND, wave(1501)),
    (SegmentKind.PACKED, 0, noise(300)),
    (SegmentKind.SAMPLES, RASTER, wave(2000)),
    (SegmentKind.SAMPLES, DOUBLES, noise(301)),
    (SegmentKind.TEXT, 0, TEXT[:1]),
    (SegmentKind.PACKED, 0, noise(7)),
)

# The engine, too: each component set at a level that has it, named by the first such level when the files
# were made. A block of its own is of one kind.
LEVEL_OF = {1: 1, 3: 2, 5: 5, 8: 8}
CODED: dict[str, Case | Pieces | Flushed | OwnStart | Arrays] = {
    "coded-streams": Case((TEXT, b"short", TEXT)),
    "coded-blocks": Case((MIXED,), {"block_size": 2000}),
    "holes": Case((b"a" + bytes(5000) + b"b",), metadata=Metadata(holes=(Hole(1, 4000), Hole(4002, 999)))),
    "few-bytes": Case((b"a" * 200,), {"lanes": 1000}),
    "flushed": Flushed(
        (
            (TEXT[:600], nzip.FLUSH_BLOCK),
            (TEXT[600:900], nzip.FLUSH_BLOCK),
            (TEXT, nzip.FLUSH_FRAME),
            (TEXT[:100], nzip.FLUSH_BLOCK),
        )
    ),
}
for _level, _profile in (1, 1), (3, 2), (5, 3), (8, 4):
    _options: dict[str, Any] = {"level": LEVEL_OF[_level], "model": "none"}
    CODED |= {
        f"level{_level}": Case((MIXED,), _options),
        f"level{_level}-text": Case((words(8000),), _options),
        f"level{_level}-binary": Case((program(8000),), _options),
        f"level{_level}-records": Case((records(24, 12_000),), _options),
        f"level{_level}-bilevel": Case((bitmap(32, 8000),), _options),
        f"level{_level}-solid": Case((MIXED,), {**_options, "block_size": 1000, "solid": 4000}),
        **{
            f"level{_level}-lanes{lanes}": Case((TEXT,), {**_options, "lanes": lanes})
            for lanes in (2, 3, 64, 1000)
        },
        f"level{_level}-primed": Case((words(3000),), {"level": LEVEL_OF[_level], "prime": PRIME}),
        **{f"pieces{_profile}-lanes{lanes}": Pieces(PIECES, _profile, lanes) for lanes in (1, 3, 64)},
    }
CODED |= {
    "primed-solid": Case(
        (MIXED,), {"level": 5, "prime": PRIME, "block_size": 2000, "solid": 300_000, "lanes": 2}
    ),
    "primed-default": Case((MIXED,), {"level": 5, "model": "default", "prime": "default"}),
}

CODED |= {
    "learner": Case((MIXED,), {"level": 8, "model": "none"}),
    "learner-lanes3": Case((TEXT,), {"level": 8, "model": "none", "lanes": 3}),
    "learner-network": Case((records(24, 3000) + words(1000),), {"level": 9}),
}

UTF16 = ("\ufeff" + words(3000).decode(errors="ignore")).encode("utf-16-le")
CODED |= {
    "utf16": Case(
        (UTF16 + noise(4999) + UTF16[:9000].decode("utf-16-le").encode("utf-16-be"),), {"lanes": 2}
    ),
    "utf16-network": Case((UTF16,), {"level": 6}),
    "utf16-solid": Case((UTF16,), {"level": 2, "block_size": 2500, "solid": 6000}),
}

REPEATS = TEXT[:999] + bytes(140_000) + words(1000) + b"abc" * 50_000
CODED |= {
    "repeats": Case((REPEATS,), {"level": 1}),
    "repeats-only": Case((b"\xff" * 1_000_000,), {"level": 6, "block_size": 300_000}),
    "repeats-solid": Case((REPEATS,), {"level": 2, "model": "none", "block_size": 270_000, "solid": 290_000}),
    "repeats-utf16": Case((bytes(140_000) + UTF16,), {"level": 1}),
}

# What zlib and zlib-ng at their levels, gzip and Info-ZIP at theirs, and who hashes four bytes make of text.
DEFLATED = [
    _native.close_deflate(words(1500 + 100 * preset) + TEXT[: preset * 90], bytes([preset]))
    for preset in range(1, 34)
]
CODED |= {
    "unpack": Case(
        (noise(40) + b"\x78\xda".join([b"", *DEFLATED]) + noise(20, 1),),
        {"level": 2, "model": "none", "unpack": True},
    ),
    "unpack-jpeg": Case(
        (noise(40) + PORTRAIT + noise(9, 1) + PROGRESSIVE,), {"level": 2, "model": "none", "unpack": True}
    ),
}

# A picture of 20 by 30 pixels with all filters, packed by zlib and in chunks of 150 bytes.
PICTURE = Png().close(
    [bytes(number % 5 for number in range(30)), records(60, 1800)],
    bytes.fromhex("78da039601000619"),
    None,
)
PICTURE_HEADER = bytes.fromhex("89504e470d0a1a0a0000000d49484452000000140000001e0802000000a370a93c")
CODED["unpack-png"] = Case((PICTURE_HEADER + PICTURE,), {"level": 2, "model": "none", "unpack": True})

# The same pixels as 16 colours in three pictures, two of which have a table of colours.
GIF_HEADER = b"GIF89a\x14\0\x1e\0\x80\0\0" + bytes(6)
GIF_PICTURES = [
    b"," + bytes(4) + b"\x14\0\x1e\0" + colours + _native.close_gif(pixels, residue)
    for colours, pixels, residue in (
        (b"\0", bytes(byte % 16 for byte in records(60, 600)), bytes.fromhex("340000")),
        (b"\x80" + bytes(6), records(60, 600), bytes.fromhex("3802140000")),
        (b"\x81" + bytes(12), bytes(600), bytes.fromhex("210005030000")),
    )
]
CODED["unpack-gif"] = Case(
    (GIF_HEADER + b"".join(GIF_PICTURES) + b";",), {"level": 2, "model": "none", "unpack": True}
)

CODED["unpack-bzip2"] = Case(
    (
        noise(40)
        + _native.close_bzip2(words(2000) * 60, b"\x11")
        + _native.close_bzip2(b"ab" * 40_000 + bytes(500), b"\x12")
        + _native.close_bzip2(b"abc" * 900, b"\x19\x80\x07")
        + noise(20, 1),
    ),
    {"level": 2, "model": "none", "unpack": True},
)

CODED["unpack-base64"] = Case(
    (
        b"data:image/jpeg;base64," + b64encode(PORTRAIT) + b'">\n' + encodebytes(PORTRAIT + b"."),
        encodebytes(PROGRESSIVE).replace(b"\n", b"\r\n") + encodebytes(PROGRESSIVE).replace(b"\n", b"\\n"),
    ),
    {"level": 2, "model": "none", "unpack": True},
)

_FIELDS = (*(ElementType.INT32,) * 3, ElementType.INT16, ElementType.INT8, *(ElementType.FLOAT32,) * 2)


def _records(count: int) -> bytes:
    """Numbers that grow, repeat, and are noise."""
    source = random.Random(5)
    return b"".join(
        struct.pack(
            "<3iHB2f", 9 * index, index % 5, source.randrange(1 << 30), index * index % 999, 7, 0.5, index / 8
        )
        for index in range(count)
    )


# Against the reference: text, noise, code and sound, most of which come again.
_reference = REFERENCE.read_bytes()
_version = _reference[:1500] + b"Something new. " * 3 + _reference[2000:]
CODED |= {
    "reference": Case((_version,), {"ref": REFERENCE}),
    "reference-noise": Case((noise(2000) + _reference[3000:5500],), {"ref": REFERENCE}),
    "reference-network": Case((_version[1400:1700],), {"level": 6, "ref": REFERENCE}),
    "arrays-records": Arrays(((record_type(_FIELDS), _records(200) + b"rest"),)),
    "arrays-earlier": ArraysThen(_reference),
    **{
        f"reference{level}": Case(
            (_version,),
            {
                "level": LEVEL_OF[level],
                "model": "none",
                "ref": REFERENCE,
                "block_size": 2000,
                "solid": 5000,
                "lanes": 2,
            },
        )
        for level in LEVEL_OF
    },
    "reference-primed": Case((_version,), {"level": 5, "model": "none", "prime": PRIME, "ref": REFERENCE}),
}

# Named by their hashes.
CODED |= {
    "own-start": OwnStart(TEXT),
    "own-prime": Case((words(3000),), {"prime": OWN_PRIME}),
    "own-network": Case((TEXT[:300],), {"model": OWN_NETWORK}),
}

# With the network; short, for scalar code under emulation takes milliseconds for a byte.
CODED |= {
    "network": Case((MIXED[:1200],), {"level": 6}),
    "network-binary": Case((program(500),), {"level": 6, "model": "default"}),
    "network-solid": Case((TEXT[:600],), {"level": 6, "block_size": 200, "solid": 400}),
    "network-fast": Case((TEXT[:300],), {"level": 1, "model": "default"}),
    "network-balanced": Case((TEXT[:300],), {"level": 2, "model": "default"}),
    "network-full": Case((TEXT[:300],), {"level": 8}),
    **{f"network-lanes{n}": Case((TEXT[:300],), {"level": 6, "lanes": n}) for n in (2, 3, 64, 1000)},
}

# With a language model, in runs, for there it is used even where it is not worth its name.
CODED |= {
    "language-model": Case((words(400),), {"model": TINY, "solid": 1 << 20}),
    "language-model-lanes": Case((words(2000),), {"model": TINY, "solid": 1 << 20, "lanes": 2}),
}

# Engine 2. Enough numbers of a type that its planes are coded, a rest behind the last one, and no whole one.
CODED |= {
    "arrays": Arrays(
        (
            (ElementType.INT8, words(700)),
            *(
                (kind + order, integers(width, 600, "big" if order else "little") + bytes(width - 1))
                for kind, width in ((ElementType.INT16, 2), (ElementType.INT32, 4), (ElementType.INT64, 8))
                for order in (0, BIG_ENDIAN)
            ),
            *(
                (kind + order, floats(letter, 600, "big" if order else "little"))
                for kind, letter in (
                    (ElementType.FLOAT16, "e"),
                    (ElementType.FLOAT32, "f"),
                    (ElementType.FLOAT64, "d"),
                )
                for order in (0, BIG_ENDIAN)
            ),
            (ElementType.FLOAT8, floats("e", 700, "little")[1::2]),
            (ElementType.FLOAT64, b"short"),
            *(
                (QUANTIZED + kind, quantized(size, 4))
                for kind, size in (
                    *((2, 18), (3, 20), (6, 22), (7, 24), (8, 34)),
                    *((10, 84), (11, 110), (12, 144), (13, 176), (14, 210)),
                )
            ),
        )
    ),
}
