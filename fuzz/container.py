"""Fuzzes the container: changes files between their checks, gives them right checks again, and reads them.

    python fuzz/container.py [--seconds N | --rounds N] [--seed N] [FILE...]

Whatever a file holds, it must be restored or refused by an NzipError, soon and in little memory. A file that
is not is written to ``crash-SEED-ROUND.nz`` beside a line that says what went wrong; the exit code is 1 then.
The same seed makes the same files of the same sources, by default the golden files.
"""

from __future__ import annotations

import argparse
import io
import random
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import nzip
from nzip.archive import Archive, extract
from nzip.format.account import Account
from nzip.format.block import BlockHeader, parse_block
from nzip.format.checksum import check16
from nzip.format.cursor import Cursor, ShortInputError
from nzip.format.fields import encode_varint
from nzip.format.record import END_ONE, encode_record, parse_record
from nzip.format.registry import MAGIC, RecordType
from nzip.pipeline import DecodeOptions, salvage_stream
from nzip.pipeline.repair import Repair

GOLDEN = Path(__file__).parent.parent / "tests"
LIMITS = {"memory_limit": 48 << 20, "max_output": 32 << 20, "max_seconds": 2}
SLOW = 20  # seconds
LARGEST = 4000  # bytes of a source

# A structure: its type, or None for a payload; and its bytes between frame and check.
Structure = tuple[int | None, bytes]
HEADER = -1  # the type of a stream's header

EXTREMES = 1, *(1 << log2 for log2 in (1, 7, 8, 14, 16, 20, 24, 28, 30, 31, 32, 34, 62))


def structures_of(data: bytes) -> list[Structure]:
    """What a file consists of; empty where it is not one."""
    found: list[Structure] = []
    cursor = Cursor(data)
    with suppress(nzip.NzipError, ShortInputError):
        while cursor.position < len(data):
            if data[cursor.position :].startswith(MAGIC):
                start = cursor.position
                cursor.take(len(MAGIC))
                cursor.uint(1), cursor.varint()
                found.append((HEADER, data[start + len(MAGIC) : cursor.position]))
                cursor.take(2)
                continue
            record = parse_record(cursor, data)
            found.append((record.type, record.body))
            if record.type == RecordType.BLOCK:
                found.append((None, cursor.take(parse_block(record.body).coded_size)))
        return found
    return []


def encoded(structures: list[Structure], *, fixes_ends: bool) -> bytes:
    """A file of the structures, each with its check, and with ends that fit the blocks if asked for."""
    out, account = bytearray(), Account()
    for kind, body in structures:
        if kind is None:
            piece = body
        elif kind == HEADER:
            head = MAGIC + body
            piece = head + check16(head)
            account = Account()
        elif fixes_ends and kind in (RecordType.END, RecordType.END_ONE):
            with suppress(ValueError, nzip.NzipError):
                out += account.closing()
                continue
            piece = END_ONE
        elif fixes_ends and kind == RecordType.INDEX:
            continue
        else:
            piece = END_ONE if kind == RecordType.END_ONE else encode_record(kind, body)
        header = _header(body) if kind == RecordType.BLOCK else None
        if header is not None:
            with suppress(nzip.NzipError):
                account.add_block(header, len(piece) + header.coded_size)
        elif kind is not None:
            account.position += len(piece)
        out += piece
    return bytes(out)


def _header(body: bytes) -> BlockHeader | None:
    with suppress(nzip.NzipError, ShortInputError):
        return parse_block(body)
    return None


def changed(
    structures: list[Structure], others: list[list[Structure]], choose: random.Random
) -> list[Structure]:
    """The structures with a few changes."""
    result = list(structures)
    for _ in range(choose.choice((1, 1, 1, 2, 3, 6))):
        at = choose.randrange(len(result))
        kind, body = result[at]
        way = choose.randrange(12)
        if way == 0:
            del result[at]
        elif way == 1:
            result.insert(choose.randrange(len(result) + 1), result[at])
        elif way == 2:
            result.insert(at, choose.choice(choose.choice(others)))
        elif way == 3 and kind is not None and kind != HEADER:
            result[at] = choose.choice((*RecordType, choose.randrange(256))), body
        else:
            result[at] = kind, _changed(body, choose)
        if not result:
            return list(structures)
    return result


def _changed(body: bytes, choose: random.Random) -> bytes:
    data = bytearray(body)
    at = choose.randrange(len(data) + 1)
    way = choose.randrange(7)
    if way == 0 and at < len(data):
        data[at] ^= 1 << choose.randrange(8)
    elif way == 1 and at < len(data):
        data[at] = choose.choice((0, 1, 0x7F, 0x80, 0xFF, choose.randrange(256)))
    elif way == 2:
        del data[at : at + choose.randrange(1, 9)]
    elif way == 3:
        data[at:at] = choose.randbytes(choose.randrange(1, 9))
    elif way == 4:  # a number in the place of one
        end = at
        while end < len(data) and data[end] & 0x80:
            end += 1
        data[at : end + 1] = encode_varint(max(0, choose.choice(EXTREMES) + choose.choice((-1, 0, 1))))
    elif way == 5:
        data[at:] = b""
    else:
        piece = data[at : at + choose.randrange(1, 65)]
        data[at:at] = piece * choose.randrange(1, 5)
    return bytes(data)


def _seek(data: bytes) -> None:
    with nzip.open(io.BytesIO(data), **LIMITS) as file:
        file.seek(-1, io.SEEK_END)
        file.read(1)
        file.seek(len(data) // 2)
        file.read(1)


def _overlook(_path: str, _error: BaseException) -> None:
    pass


def _archive(data: bytes) -> None:
    with Archive(io.BytesIO(data), **LIMITS) as archive, tempfile.TemporaryDirectory() as folder:
        extract(archive, folder, max_output=LIMITS["max_output"], complain=_overlook)


READERS: dict[str, Callable[[bytes], object]] = {
    "decompress": lambda data: nzip.decompress(data, **LIMITS),
    "info": lambda data: nzip.info(io.BytesIO(data), memory_limit=LIMITS["memory_limit"]),
    "seek": _seek,
    "salvage": lambda data: salvage_stream(
        io.BytesIO(data), io.BytesIO(), DecodeOptions(threads=1, **LIMITS)
    ),
    "archive": _archive,
    "repair": lambda data: Repair(io.BytesIO(data)).write(io.BytesIO()),
}


def _is_cheap(data: bytes) -> bool:
    """Whether a source can be read often: it needs no prime, no network and no large tables."""
    with suppress(nzip.NzipError):
        nzip.decompress(data, memory_limit=16 << 20, max_seconds=0.05)
        return True
    return False


def read(data: bytes) -> str | None:
    """What is wrong with how a file is read; None where nothing is."""
    for name, reader in READERS.items():
        begin = time.thread_time()
        try:
            reader(data)
        except nzip.NzipError:
            pass
        except Exception as error:
            return f"{name}: {type(error).__name__}: {error}"
        if time.thread_time() - begin > SLOW:
            return f"{name}: slow"
    return None


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--rounds", type=int, default=sys.maxsize)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("files", nargs="*", type=Path)
    given = parser.parse_args()
    files = given.files or sorted(GOLDEN.glob("golden*/*.nz"))
    sources = [file.read_bytes() for file in files if file.stat().st_size <= LARGEST]
    split = [found for found in map(structures_of, filter(_is_cheap, sources)) if found]
    if not split:
        parser.error("none of the files can be taken apart")
    end = time.monotonic() + given.seconds
    failures = executions = 0
    for number in range(given.rounds):
        if time.monotonic() > end:
            break
        choose = random.Random(f"{given.seed} {number}")
        made = changed(choose.choice(split), split, choose)
        data = encoded(made, fixes_ends=choose.random() < 0.7)
        if choose.random() < 0.1:
            data = data[: choose.randrange(len(data) + 1)]
        executions += len(READERS)
        if (wrong := read(data)) is not None:
            failures += 1
            path = Path(f"crash-{given.seed}-{number}.nz")
            path.write_bytes(data)
            print(f"{path}: {wrong}", flush=True)
    print(f"{executions} executions over {len(split)} files, {failures} findings")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
