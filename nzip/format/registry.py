"""The numbers that files carry. A number that was ever released is never given another meaning."""

from __future__ import annotations

from enum import IntEnum

# Every structure begins with the lead byte: a UTF-8 continuation byte, so no text starts with it, and not
# 7-bit clean. The line feed at the magic's end does not survive a transfer that rewrites line ends.
LEAD = 0x9E
MAGIC = b"\x9enz\n"

SKIPPABLE = 0x80  # record types from here on may be skipped by a decoder that does not know them


class RecordType(IntEnum):
    """The byte after the lead byte. 0x6E ("n") stays free: there it announces a new stream."""

    BLOCK = 0x01
    INDEX = 0x02
    END = 0x03
    END_ONE = 0x04
    METADATA = 0x80
    MEMBERS = 0x81
    PRIME = 0x82
    GROUP = 0x83
    RECOVERY = 0x84


class EngineId(IntEnum):
    """Who turned the plaintext into the coded bytes."""

    STORED = 0
    CONTEXT_MIXING = 1
    ARRAYS = 2


class SegmentKind(IntEnum):
    """What the bytes of a segment look like."""

    TEXT = 0
    BINARY = 1
    RECORDS = 2  # the parameter is the stride in bytes
    BILEVEL = 3  # a raster of one bit a pixel; the parameter is the bytes of a row
    EXECUTABLE = 4  # machine code; the parameter is an InstructionSet
    SAMPLES = 5  # an array of numbers; the parameter is its layout
    PACKED = 6  # compressed or random: not predicted, and not seen by what predicts
    ARRAY = 8  # what engine 2 codes: elements of one type, which the parameter tells


class ElementType(IntEnum):
    """The parameter of an array's segment: one number an element."""

    INT8 = 0  # and all that is no array
    INT16 = 1
    INT32 = 2
    INT64 = 3
    FLOAT8 = 4
    FLOAT16 = 5  # and bfloat16
    FLOAT32 = 6
    FLOAT64 = 7


QUANTIZED = 32  # and a tensor type's number in GGUF: an element is a block of quantized numbers
BIG_ENDIAN = 256  # added to an ElementType
RECORD = 1 << 30  # and what its fields are: an element is a record of numbers


class InstructionSet(IntEnum):
    """The parameter of an executable segment."""

    X86 = 1
    X64 = 2
    ARM64 = 3
    SPARC = 4
    WASM = 5  # WebAssembly


class TransformId(IntEnum):
    """What the plaintext of a block goes through before an engine codes it."""

    UTF16 = 1  # pieces of UTF-16 text become UTF-8
    REPEATS = 2  # what repeats the bytes before it for long is left out
    UNPACK = 3  # packed streams are opened


class PackedFormatId(IntEnum):
    """What a packed stream that is opened is."""

    DEFLATE = 1
    PNG = 2
    JPEG = 3
    GIF = 4
    BASE64 = 5
    BZIP2 = 6


class ExpertKind(IntEnum):
    """What predicts beside the n-grams."""

    BYTE_NETWORK = 1  # it has no parameters
    REFERENCE = 2  # a file that stands before the run; the parameters say its size and segments
    LANGUAGE_MODEL = 3  # a GGUF file; the parameters say what its predictions depend on beside
    EXACT_LANGUAGE_MODEL = 4  # a GGUF file that is evaluated in integers; the parameters say how
    LEARNER = 5  # a network that knows nothing but what it learns of the block; it has no parameters
    EARLIER = 6  # of arrays: a file with what was in their place; the parameters say its size and where


class MetadataTag(IntEnum):
    """The fields of a metadata record."""

    NAME = 1
    MODE = 2
    MTIME = 3
    USER = 4
    HOLES = 5


class MemberKind(IntEnum):
    """What a member of an archive is."""

    FILE = 0
    COPY = 1  # in tables only: a file with the content of the one before it
    HARD_LINK = 2  # in tables: another name of the file before it
    SYMBOLIC_LINK = 3
    FOLDER = 4


class MemberColumn(IntEnum):
    """The columns of a member table."""

    KIND = 1
    SHARED = 2
    REST = 3
    MODE = 4
    SECONDS = 5
    NANOSECONDS = 6
    SIZE = 7
    GAP = 8
    CHECK = 9
    TARGET = 10
    OWNER = 11
    OWNERS = 12
    ATTRIBUTES = 13
    ATTRIBUTE_SETS = 14
    HOLES = 20


# Shipped components have numbers below 255; 0 is "none" for primes and models. Others are named by hash.
ComponentId = int | bytes
COMPONENT_NONE = 0
COMPONENT_HASHED = 0xFF  # 16 bytes of SHA-256 follow
COMPONENT_HASH_SIZE = 16


def component_name(component: ComponentId) -> str:
    """How messages and listings call a component."""
    return f"sha256:{component.hex()}" if isinstance(component, bytes) else str(component)
