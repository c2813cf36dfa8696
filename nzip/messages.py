"""What people are told: names that are safe to print, and reasons in one line."""

from __future__ import annotations

from nzip.durations import format_duration
from nzip.errors import NzipLimitError, NzipMemoryError, NzipTimeError, is_out_of_memory
from nzip.sizes import format_size

_SHOWN = 200  # characters of what a file says


def printable(name: str | bytes) -> str:
    """A file name that is safe to print: bytes that are no text and control characters become escapes.

    >>> print(printable(b"a\\x1b[31m\\xff.txt"))
    a\\x1b[31m\\xff.txt
    """
    text = (name if isinstance(name, bytes) else _encoded(name)).decode("utf-8", "backslashreplace")
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text)


def _encoded(name: str) -> bytes:
    """What the system calls a file, whatever the locale made of it."""
    try:
        return name.encode("utf-8", "surrogateescape")
    except UnicodeEncodeError:  # half a character
        return name.encode("utf-8", "backslashreplace")


def excerpt(text: str | bytes) -> str:
    """The beginning of a text that is not ours, safe to print: an archive may hold megabytes of it.

    >>> len(excerpt(b"\\n" * 1_000_000))
    203
    """
    shown = printable(text[: 4 * _SHOWN + 4])  # no character of UTF-8 has more than four bytes
    return shown if len(shown) <= _SHOWN else shown[:_SHOWN] + "..."


def reason_for(error: BaseException) -> str:
    """One line for people about what went wrong."""
    if isinstance(error, NzipMemoryError):
        return (
            f"needs {format_size(error.needed)} of memory, the limit is {format_size(error.limit)} (see -M)"
        )
    if isinstance(error, NzipTimeError):
        return (
            f"takes {format_duration(error.announced)} or more, "
            f"{format_duration(error.limit)} are allowed (see --max-time)"
        )
    if isinstance(error, NzipLimitError):
        return (
            f"holds {format_size(error.announced)} or more, "
            f"{format_size(error.limit)} are allowed (see --max-output)"
        )
    if is_out_of_memory(error):
        return "out of memory; fewer threads (-T) or smaller blocks (--block-size) need less"
    text = str(error)
    if isinstance(error, OSError):  # without its file's name
        text = error.strerror or (str(error.args[0]) if error.args else "")
    return excerpt(" ".join(text.split())) or type(error).__name__
