"""Compressors of arrays that nzip is measured against, each told what numbers a file is taken for.

They are libraries that want all numbers in memory. Bytes behind the last whole number follow as they are.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path

from nzip.bench.codec import Codec
from nzip.bench.tool import library


def _zipnn(bits: int) -> Codec:
    kind = {16: "bfloat16", 32: "float32"}[bits]

    def coder(threads: int) -> object:
        from zipnn import ZipNN

        return ZipNN(bytearray_dtype=kind, input_format="byte", threads=threads)

    def pack(source: str, target: str, threads: int) -> None:
        data = bytearray(Path(source).read_bytes())
        Path(target).write_bytes(coder(threads).compress(data))  # type: ignore[attr-defined]

    def unpack(source: str, target: str, threads: int) -> None:
        data = Path(source).read_bytes()
        Path(target).write_bytes(coder(threads).decompress(data))  # type: ignore[attr-defined]

    return Codec(f"zipnn-{bits}", kind, pack, unpack, partial(library, "zipnn"), module="zipnn")


def _pcodec(bits: int) -> Codec:
    kind = {16: "u2", 32: "f4", 64: "f8"}[bits]  # it has no bfloat16

    def pack(source: str, target: str, _threads: int) -> None:
        import numpy as np
        from pcodec import ChunkConfig, standalone

        data = Path(source).read_bytes()
        whole, rest = _whole(data, bits // 8)
        numbers = np.frombuffer(whole, f"<{kind}")
        coded = standalone.simple_compress(numbers, ChunkConfig(compression_level=12))
        Path(target).write_bytes(bytes([len(rest)]) + rest + coded)

    def unpack(source: str, target: str, _threads: int) -> None:
        from pcodec import standalone

        data = Path(source).read_bytes()
        start = 1 + data[0]
        numbers = standalone.simple_decompress(data[start:])
        Path(target).write_bytes(numbers.tobytes() + data[1:start])

    return Codec(f"pcodec-{bits}", f"{kind}, 12", pack, unpack, partial(library, "pcodec"), module="pcodec")


def _blosc2(bits: int) -> Codec:
    """In pieces, for it takes at most 2^31 bytes at once."""
    piece = 1 << 24

    def in_pieces(data: bytes, each: Callable[[bytes], bytes]) -> bytes:
        parts = [each(data[at : at + piece]) for at in range(0, len(data), piece)]
        return b"".join(len(part).to_bytes(4, "little") + part for part in parts)

    def pack(source: str, target: str, threads: int) -> None:
        import blosc2

        blosc2.set_nthreads(threads)
        options = {"typesize": bits // 8, "clevel": 9, "filter": blosc2.Filter.BITSHUFFLE}
        compress = partial(blosc2.compress, **options, _ignore_multiple_size=True)
        Path(target).write_bytes(in_pieces(Path(source).read_bytes(), compress))

    def unpack(source: str, target: str, threads: int) -> None:
        import blosc2

        blosc2.set_nthreads(threads)
        data = Path(source).read_bytes()
        with open(target, "wb") as out:
            at = 0
            while at < len(data):
                start = at + 4
                at = start + int.from_bytes(data[at:start], "little")
                out.write(blosc2.decompress(data[start:at]))

    settings = f"{bits} bits, bit shuffle, zstd -9"
    return Codec(f"blosc2-{bits}", settings, pack, unpack, partial(library, "blosc2"), module="blosc2")


def _whole(data: bytes, width: int) -> tuple[bytes, bytes]:
    end = len(data) // width * width
    return data[:end], data[end:]


ARRAY_PEERS = (
    *(_zipnn(bits) for bits in (16, 32)),
    *(_pcodec(bits) for bits in (16, 32, 64)),
    *(_blosc2(bits) for bits in (16, 32, 64)),
)
