"""The compressors that nzip is measured against, each with the settings that make it strongest.

Where a compressor is here as a library and as a command, the library is measured. Libraries work from file to
file in pieces, as their commands would, so that their memory can be compared.
"""

from __future__ import annotations

import importlib
import os
import subprocess
import tempfile
from functools import partial
from shutil import copyfileobj

from nzip.bench.array_peers import ARRAY_PEERS
from nzip.bench.codec import Codec, Work
from nzip.bench.tool import command, library, standard_library

PIECE = 1 << 20


def _standard(name: str, settings: str, module: str, **options: int) -> Codec:
    """A module of the standard library, all of which open files alike."""

    def pack(source: str, target: str, _threads: int) -> None:
        codec = importlib.import_module(module)
        with open(source, "rb") as src, codec.open(target, "wb", **options) as dst:
            copyfileobj(src, dst, PIECE)

    def unpack(source: str, target: str, _threads: int) -> None:
        codec = importlib.import_module(module)
        with codec.open(source, "rb") as src, open(target, "wb") as dst:
            copyfileobj(src, dst, PIECE)

    return Codec(name, settings, pack, unpack, partial(standard_library, module), module=module)


def _library(name: str, settings: str, pack: Work, unpack: Work, module: str) -> Codec:
    return Codec(name, settings, pack, unpack, partial(library, module), module=module)


def _command(name: str, settings: str, pack: Work, unpack: Work, *words: str) -> Codec:
    """`words` are the command, called so that it says its version."""
    return Codec(name, settings, pack, unpack, partial(command, *words), command=words[0])


def _zstd_pack(source: str, target: str, threads: int) -> None:
    import zstandard

    compressor = zstandard.ZstdCompressor(level=22, threads=0 if threads == 1 else threads)
    with open(source, "rb") as src, open(target, "wb") as dst:
        compressor.copy_stream(src, dst, size=os.path.getsize(source))  # the size bounds the window


def _zstd_unpack(source: str, target: str, _threads: int) -> None:
    import zstandard

    with open(source, "rb") as src, open(target, "wb") as dst:
        zstandard.ZstdDecompressor(max_window_size=1 << 27).copy_stream(src, dst)


def _zstd_command_pack(source: str, target: str, threads: int) -> None:
    _run(["zstd", "--ultra", "-22", f"-T{threads}", "-q", source, "-o", target])


def _zstd_command_unpack(source: str, target: str, _threads: int) -> None:
    _run(["zstd", "-d", "-q", source, "-o", target])


def _brotli_pack(source: str, target: str, _threads: int) -> None:
    import brotli

    compressor = brotli.Compressor(quality=11, lgwin=24)
    with open(source, "rb") as src, open(target, "wb") as dst:
        while piece := src.read(PIECE):
            dst.write(compressor.process(piece))
        dst.write(compressor.finish())


def _brotli_unpack(source: str, target: str, _threads: int) -> None:
    import brotli

    decompressor = brotli.Decompressor()
    with open(source, "rb") as src, open(target, "wb") as dst:
        while piece := src.read(PIECE):
            dst.write(decompressor.process(piece))


def _brotli_command_pack(source: str, target: str, _threads: int) -> None:
    _run(["brotli", "--quality=11", "--lgwin=24", f"--output={target}", source])


def _brotli_command_unpack(source: str, target: str, _threads: int) -> None:
    _run(["brotli", "--decompress", f"--output={target}", source])


_PPMD_ORDER, _PPMD_MEMORY = 16, 256 << 20


def _ppmd_pack(source: str, target: str, _threads: int) -> None:
    """PPMd variant I: the library's variant H (7-Zip's) does not restore every file at this order."""
    import pyppmd

    encoder = pyppmd.Ppmd8Encoder(_PPMD_ORDER, _PPMD_MEMORY)
    with open(source, "rb") as src, open(target, "wb") as dst:
        while piece := src.read(PIECE):
            dst.write(encoder.encode(piece))
        dst.write(encoder.flush())


def _ppmd_unpack(source: str, target: str, _threads: int) -> None:
    import pyppmd

    decoder = pyppmd.Ppmd8Decoder(_PPMD_ORDER, _PPMD_MEMORY)
    with open(source, "rb") as src, open(target, "wb") as dst:
        while not decoder.eof and (piece := src.read(PIECE)):
            dst.write(decoder.decode(piece, -1))


def _zpaq_pack(source: str, target: str, threads: int) -> None:
    archive = f"{target}.zpaq"
    folder, name = os.path.split(source)
    _run(["zpaq", "a", archive, name, "-m5", f"-t{threads}"], folder)
    os.replace(archive, target)


def _zpaq_unpack(source: str, target: str, threads: int) -> None:
    """Extracts under the name that the archive has for the file, whatever that is."""
    with tempfile.TemporaryDirectory(dir=os.path.dirname(target)) as folder:
        archive = os.path.join(folder, "archive.zpaq")
        os.link(source, archive)
        _run(["zpaq", "x", archive, f"-t{threads}"], folder)
        os.unlink(archive)
        os.replace(os.path.join(folder, *os.listdir(folder)), target)


def _7z_pack(source: str, target: str, threads: int) -> None:
    archive = f"{target}.7z"  # 7z appends this to a name without
    _run(["7z", "a", "-mx=9", f"-mmt={threads}", archive, source], os.path.dirname(target))
    os.replace(archive, target)


def _7z_unpack(source: str, target: str, threads: int) -> None:
    with open(target, "wb") as dst:
        subprocess.run(
            ["7z", "x", "-so", f"-mmt={threads}", source], stdout=dst, stderr=subprocess.DEVNULL, check=True
        )


def _run(words: list[str], folder: str | None = None) -> None:
    subprocess.run(words, cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=True)


PEERS = (
    _standard("gzip-9", "-9", "gzip", compresslevel=9),
    _standard("bzip2-9", "-9", "bz2", compresslevel=9),
    _standard("xz-9e", "-9e", "lzma", preset=9 | 1 << 31),  # lzma.PRESET_EXTREME, where lzma may be missing
    _library("zstd-22", "--ultra -22", _zstd_pack, _zstd_unpack, "zstandard"),
    _command("zstd-22", "--ultra -22", _zstd_command_pack, _zstd_command_unpack, "zstd", "--version"),
    _library("brotli-11", "-q 11 -w 24", _brotli_pack, _brotli_unpack, "brotli"),
    _command("brotli-11", "-q 11 -w 24", _brotli_command_pack, _brotli_command_unpack, "brotli", "--version"),
    _library("ppmd-16", "variant I, order 16, 256 MiB", _ppmd_pack, _ppmd_unpack, "pyppmd"),
    _command("7z-9", "LZMA2 -mx=9", _7z_pack, _7z_unpack, "7z"),
    _command("zpaq-5", "-m5", _zpaq_pack, _zpaq_unpack, "zpaq"),
    *ARRAY_PEERS,
)
