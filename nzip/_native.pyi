import builtins
from collections.abc import Callable, Sequence
from typing import Protocol, overload

from typing_extensions import Buffer

class StoppedError(Exception): ...

class Stop:
    def set(self) -> None: ...
    def check(self) -> None: ...

def simd_name() -> str: ...
def stop() -> None: ...
def detect(plain: Buffer, stop: Stop | None = None) -> list[tuple[int, int, int]]: ...
def find_arrays(plain: Buffer, stop: Stop | None = None) -> list[tuple[int, int, int]]: ...
def find_utf16(plain: Buffer, stop: Stop | None = None) -> list[tuple[int, int]]: ...
def find_deflate_streams(plain: Buffer, stop: Stop | None = None) -> list[int]:
    """Where deflate streams may begin, behind their headers."""

def sketch_of(head: Buffer) -> bytes: ...
def chain(sketches: list[bytes]) -> list[int]: ...
def find_repeats(plain: Buffer, stop: Stop | None = None) -> list[tuple[int, int, int]]: ...
def restore_repeats(
    rest: Buffer, repeats: Sequence[tuple[int, int, int]], plain_size: int, stop: Stop | None = None
) -> bytes: ...
def open_deflate(
    packed: Buffer, start: int, most: int, stop: Stop | None = None
) -> tuple[int, bytes, bytes] | None:
    """Of the stream that begins at ``start``: its bytes, at most ``most`` of its content, the residue."""

def close_deflate(content: Buffer, residue: Buffer, stop: Stop | None = None) -> bytes: ...
def unfilter_png(rows: Buffer, row: int, pixel: int, stop: Stop | None = None) -> tuple[bytes, bytes] | None:
    """The filters and the pixels of rows; None where they are no such."""

def filter_png(filters: Buffer, pixels: Buffer, pixel: int, stop: Stop | None = None) -> bytes: ...
def open_bzip2(
    data: Buffer, start: int, most: int, stop: Stop | None = None
) -> tuple[int, bytes, bytes] | None: ...
def close_bzip2(content: Buffer, residue: Buffer, stop: Stop | None = None) -> bytes: ...
def open_gif(
    data: Buffer, start: int, most: int, stop: Stop | None = None
) -> tuple[int, bytes, bytes] | None:
    """Of the data of a picture that begin at ``start``: its bytes, at most ``most`` pixels, the residue."""

def close_gif(pixels: Buffer, residue: Buffer, stop: Stop | None = None) -> bytes: ...
def find_jpeg_files(data: Buffer, stop: Stop | None = None) -> list[int]: ...
def open_jpeg(data: Buffer, start: int, stop: Stop | None = None) -> tuple[int, bytes, bytes] | None:
    """Of the JPEG file that begins at ``start``: its bytes, its headers, its coefficients coded anew."""

def close_jpeg(header: Buffer, coded: Buffer, stop: Stop | None = None) -> bytes: ...
def find_period(plain: Buffer) -> int: ...
def count_repeated(unit: Buffer, more: Buffer) -> int: ...

ARRAYS_MEMORY: int

def element_size(type: int) -> int | None:
    """Bytes of an element of this type; None where there is none."""

def encode_arrays(
    plain: Buffer,
    segments: Sequence[tuple[int, int, int]],
    stop: Stop | None = None,
    earlier: Sequence[Buffer] = [],
) -> bytes:
    """``earlier`` is what stood in each segment's place, as many bytes or none."""

def decode_arrays(
    coded: Buffer,
    plain_size: int,
    segments: Sequence[tuple[int, int, int]],
    stop: Stop | None = None,
    earlier: Sequence[Buffer] = [],
) -> bytes: ...
def estimate_array(plain: Buffer, type: int, earlier: Buffer = ...) -> int:
    """Bytes that an array of such elements, of a few thousand at least, will take, roughly."""

class EngineEntry:
    """A revision of an engine: what is to be known of it without making one."""

    @property
    def id(self) -> int: ...
    @property
    def revision(self) -> int: ...
    @property
    def component_sets(self) -> list[int]: ...
    @property
    def segment_kinds(self) -> list[int]:
        """The kinds of segments that it codes."""

    @property
    def instruction_sets(self) -> list[int]:
        """Of segments of machine code."""

    @property
    def snapshot_log2(self) -> int:
        """Of the hash table that a prime warms; an engine that starts from it has one at least as large."""

    def expert_kinds(self, component_set: int) -> list[int]:
        """What may predict beside the contexts of a component set, each at most once and in this order."""

    def memory(
        self, component_set: int, table_log2: int, run_size: int, lanes: int, reference: int = 0
    ) -> int:
        """The most heap memory in bytes, without experts, after a reference and a run of these sizes."""

    def snapshot_size(self, component_set: int) -> int:
        """Bytes of a snapshot of the warmed tables."""

    def warm(self, component_set: int, prime: Buffer, stop: Stop | None = None) -> bytes:
        """The snapshot of the tables after a prime."""

    def engine(
        self,
        component_set: int,
        table_log2: int,
        experts: Sequence[ByteExpert] = (),
        start: Buffer | None = None,
        coded_size: int | None = None,
    ) -> Engine:
        """An engine at the start of a run. ValueError where it cannot be made of these parts.

        The experts are no other engine's.
        """

def engines() -> list[EngineEntry]: ...
def learner_weights(data: Buffer) -> bytes:
    """The weights of the 256 values before every byte, as 32-bit integers."""

def learner_memory(lanes: int) -> int:
    """Bytes that the networks which learn while they predict take."""

def learner_expert() -> ByteExpert: ...

class Engine:
    def start(self) -> bytes: ...
    def state(self) -> bytes: ...
    def set_state(self, state: Buffer) -> None: ...
    def restore(self, at: int, part: Buffer) -> None: ...
    @property
    def done(self) -> int: ...
    def learn(
        self, reference: Buffer, segments: Sequence[tuple[int, int, int]], stop: Stop | None = None
    ) -> None: ...
    def encode(
        self,
        plain: Buffer,
        lanes: int,
        segments: Sequence[tuple[int, int, int]],
        most: int | None = None,
        stop: Stop | None = None,
    ) -> bytes | None: ...
    def decode(
        self,
        coded: Buffer,
        plain_size: int,
        lanes: int,
        segments: Sequence[tuple[int, int, int]],
        stop: Stop | None = None,
    ) -> bytes: ...

class ByteExpert:
    """What predicts beside the contexts of one engine."""

class Network:
    def __init__(self, tensors: Buffer, architecture: str, channels: int, layers: int) -> None: ...
    def expert(self, exchange: Exchange | None = None, helpers: int = 0) -> ByteExpert:
        """With an exchange, its devices are asked; else so many threads help with what is known."""

    def memory(self, lanes: int, exchange: bool = False) -> int:
        """The most that an expert takes beside it."""

class Vocabulary:
    def __init__(self, tokens: list[bytes]) -> None: ...

class LanguageModel(Protocol):
    def begin(self, lanes: int, /) -> None: ...
    def evaluate(self, requests: list[tuple[int, int, list[int]]], /) -> Sequence[Buffer]: ...

class Llama:
    """A Llama model in integers: docs/format/llama.md.

    The shape is layers, channels, heads, heads of keys, channels of a head and of the gated layer, tokens.
    ``tensor`` gives by name a tensor's type, rows, columns and bytes, or None. ValueError where they do not
    fit one another.
    """

    def __init__(
        self,
        shape: tuple[int, int, int, int, int, int, int],
        epsilon: int,
        turns: Sequence[int],
        query_scale: int,
        tensor: Callable[[str], tuple[int, int, int, bytes] | None],
    ) -> None: ...
    @property
    def bytes(self) -> int:
        """Of the weights."""

    def memory(self, context: int, keeps: int, lanes: int) -> int:
        """The most that a block takes beside them."""

    def logits(
        self, tokens: Sequence[int], context: int, keeps: int, batch: int, helpers: int = 0
    ) -> builtins.bytes:
        """Behind each token, those of all tokens in 2^-16, as 32-bit integers; ``batch`` at once."""

class TokenExpert(ByteExpert):
    @staticmethod
    def memory(vocabulary: Vocabulary, lanes: int) -> int:
        """The most that one takes beside vocabulary and model."""

    @overload
    def __init__(self, vocabulary: Vocabulary, start: int, skip: int, model: LanguageModel) -> None: ...
    @overload
    def __init__(
        self,
        vocabulary: Vocabulary,
        start: int,
        skip: int,
        model: Llama,
        context: int,
        keeps: int,
        helpers: int,
    ) -> None: ...

Request = tuple[int, int, int, memoryview]  # a block's number, lanes, steps, rows of the input tables

class Exchange:
    def __init__(self, devices: int) -> None: ...
    def wait(self, device: int, positions: int) -> tuple[list[Request], list[int]] | None: ...
    def answer(self, device: int, weights: Buffer) -> None: ...
    def lose(self, device: int) -> None: ...
    def close(self) -> None: ...

def input_tables(architecture: str, channels: int) -> list[tuple[int, int, int, bool, bool]]: ...
def input_rows(data: Buffer, architecture: str, first: int = 0) -> bytes: ...
def network_weights(network: Network, data: Buffer, batch: int) -> bytes: ...

class RangeEncoder:
    def __init__(self, capacity: int) -> None: ...
    def encode_bit(self, bit: int, p1: int) -> None: ...
    def encode_symbol(self, cumulative: int, frequency: int, total_log2: int) -> None: ...
    def finish(self) -> bytes: ...

class RangeDecoder:
    def __init__(self, coded: bytes) -> None: ...
    def decode_bit(self, p1: int) -> int: ...
    def peek(self, total_log2: int) -> int: ...
    def consume(self, cumulative: int, frequency: int, total_log2: int) -> None: ...
    @property
    def exhausted(self) -> bool: ...
