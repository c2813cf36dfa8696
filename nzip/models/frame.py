"""The frame of a model file: a magic, a header in JSON that has one valid form, and what follows it.

All of it may be hostile: whatever is wrong with it is one ``NzipModelError``.
"""

from __future__ import annotations

import hashlib
import json
from typing import Any, NoReturn

from nzip.errors import NzipModelError

MAX_HEADER = 1 << 16
_SIZE_BYTES = 4


def identity(data: bytes) -> str:
    """What names a file: the SHA-256 of its bytes, in hexadecimal digits."""
    return hashlib.sha256(data).hexdigest()


def is_identity(text: object) -> bool:
    """
    >>> is_identity(identity(b"")), is_identity("E3B0" * 16), is_identity(None)
    (True, False, False)
    """
    return isinstance(text, str) and len(text) == 64 and not set(text) - set("0123456789abcdef")


def join(magic: bytes, header: dict[str, Any], content: bytes) -> bytes:
    """The file's bytes.

    >>> join(b"NZP\\1", {"b": 1, "a": {}}, b"...")
    b'NZP\\x01\\x0e\\x00\\x00\\x00{"a":{},"b":1}...'
    """
    coded = _canonical(header)
    if len(coded) > MAX_HEADER:
        raise ValueError(f"a header of {len(coded)} bytes; {MAX_HEADER} are allowed")
    return magic + len(coded).to_bytes(_SIZE_BYTES, "little") + coded + content


def split(magic: bytes, data: bytes, what: str) -> tuple[dict[str, Any], bytes]:
    """The header and what follows it; ``what`` is for messages."""
    name, version = magic[:-1], magic[-1]
    if not data.startswith(name):
        raise NzipModelError(f"not a {what}")
    if len(data) <= len(name):
        raise NzipModelError(f"a {what} ends early")
    if data[len(name)] != version:
        raise NzipModelError(f"version {data[len(name)]} of a {what} is not known")
    start = len(magic) + _SIZE_BYTES
    size = int.from_bytes(data[len(magic) : start], "little")
    if size > MAX_HEADER:
        raise NzipModelError(f"a {what} has a header of {size} bytes; {MAX_HEADER} are allowed")
    if len(data) < start + size:
        raise NzipModelError(f"a {what} ends early")
    return _parse(data[start : start + size], what), data[start + size :]


def _parse(coded: bytes, what: str) -> dict[str, Any]:
    try:
        header = json.loads(coded.decode("ascii"), parse_constant=_refuse)
        if isinstance(header, dict) and _canonical(header) == coded:
            return header
    except (ValueError, RecursionError):
        pass
    raise NzipModelError(f"the header of a {what} is not JSON in its one valid form")


def _canonical(header: dict[str, Any]) -> bytes:
    return json.dumps(header, sort_keys=True, separators=(",", ":"), allow_nan=False).encode("ascii")


def _refuse(constant: str) -> NoReturn:
    raise ValueError(constant)  # NaN and infinities are not JSON
