"""What corrections of deflate streams take: files packed by each encoder at hand, a line of CSV for each.

Usage: python native/tests/residues.py FILE...
"""

from __future__ import annotations

import importlib
import shutil
import struct
import subprocess
import sys
import tempfile
import time
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from nzip import _native

Encoder = Callable[[Path, int], bytes]
MOST = 1 << 30  # bytes of a content


def module(name: str, call: Callable[[Any, bytes, int], bytes]) -> Encoder:
    """An encoder of a Python package. Raises ImportError where that is not here."""
    package = importlib.import_module(name)
    return lambda path, level: call(package, path.read_bytes(), level)


def raw(package: Any, data: bytes, level: int) -> bytes:
    encoder = package.compressobj(level, 8, -15)
    return bytes(encoder.compress(data) + encoder.flush())


def filter_by(command: str) -> Encoder:
    """A program that writes a gzip file without a name."""

    def encode(path: Path, level: int) -> bytes:
        data = path.read_bytes()
        return subprocess.run(
            [command, "-nc", f"-{level}"], input=data, capture_output=True, check=True
        ).stdout[10:-8]

    return encode


def archiver(*command: str) -> Encoder:
    """A program that writes a ZIP archive of one file; ``{level}`` and ``{zip}`` are put in."""

    def encode(path: Path, level: int) -> bytes:
        with tempfile.TemporaryDirectory() as folder:
            archive = Path(folder) / "one.zip"
            words = [word.format(level=level, zip=archive) for word in command]
            subprocess.run([*words, str(path)], capture_output=True, check=True)
            packed = archive.read_bytes()
        method, size = struct.unpack("<H8xI", packed[8:22])
        name, extra = struct.unpack("<HH", packed[26:30])
        start = 30 + name + extra
        if method != 8:
            return b""
        return packed[start : start + size] if size else packed[start : packed.rindex(b"PK\1\2") - 16]

    return encode


def encoders() -> Iterator[tuple[str, tuple[int, ...], Callable[[], Encoder]]]:
    yield "zlib", (1, 6, 9), lambda: module("zlib", raw)
    yield "gzip", (1, 6, 9), lambda: filter_by("gzip")
    yield "pigz", (1, 6, 9), lambda: filter_by("pigz")
    yield "zip", (1, 6, 9), lambda: archiver("zip", "-jq", "-{level}", "{zip}")
    yield "7z", (1, 5, 9), lambda: archiver("7z", "a", "-tzip", "-mx={level}", "{zip}")
    yield "jar", (6,), lambda: archiver("jar", "-cMf", "{zip}")
    yield (
        "deflate",
        (1, 6, 9, 12),
        lambda: module("deflate", lambda d, data, level: bytes(d.deflate_compress(data, level))),
    )
    yield "zlib_ng", (1, 2, 3, 4, 5, 6, 9), lambda: module("zlib_ng.zlib_ng", raw)
    yield "isal", (0, 1, 2, 3), lambda: module("isal.isal_zlib", raw)
    yield (
        "zopfli",
        (5,),
        lambda: module("zopfli.zlib", lambda z, data, level: z.compress(data, numiterations=level)[2:-4]),
    )


def main(paths: list[Path]) -> None:
    print("encoder,level,files,packed,residue,percent,left packed,open MB/s,close MB/s")
    for name, levels, make in encoders():
        if name in ("gzip", "pigz", "zip", "7z", "jar") and shutil.which(name) is None:
            continue
        try:
            encode = make()
        except ImportError:
            continue
        for level in levels:
            files = packed = residue = left = 0
            opening = closing = 0.0
            for path in paths:
                stream = encode(path, level)
                if not stream:
                    continue
                before = time.process_time()
                opened = _native.open_deflate(stream, 0, MOST)
                opening += time.process_time() - before
                files += 1
                packed += len(stream)
                if opened is None:
                    left += 1
                    continue
                size, content, corrections = opened
                before = time.process_time()
                if _native.close_deflate(content, corrections) != stream[:size]:
                    raise AssertionError(f"{path} by {name} {level}")
                closing += time.process_time() - before
                assert zlib.crc32(content) == zlib.crc32(path.read_bytes()[: len(content)])
                residue += len(corrections)
            if files:
                rates = f"{packed / opening / 1e6:.1f},{packed / max(closing, 1e-9) / 1e6:.1f}"
                percent = 100 * residue / packed
                print(f"{name},{level},{files},{packed},{residue},{percent:.3f},{left},{rates}", flush=True)


if __name__ == "__main__":
    main([Path(name) for name in sys.argv[1:]])
