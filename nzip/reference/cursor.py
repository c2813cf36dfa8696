"""Fields of the format, read one after another (docs/format/README.md, Conventions)."""

from __future__ import annotations

from nzip.errors import NzipFormatError, NzipTruncatedError

_LONGEST_VARINT = 9


class Cursor:
    """A place in some bytes.

    ``complete`` says that the bytes are a whole body: then a field that does not fit breaks a rule; it is
    truncated otherwise.
    """

    def __init__(self, data: bytes, at: int = 0, *, complete: bool = True) -> None:
        self.data = data
        self.at = at
        self._complete = complete

    def __bool__(self) -> bool:
        """Whether any bytes are left."""
        return self.at < len(self.data)

    def take(self, size: int) -> bytes:
        if size > len(self.data) - self.at:
            if self._complete:
                raise NzipFormatError("a field is longer than what it stands in")
            raise NzipTruncatedError("the data end too early")
        self.at += size
        return self.data[self.at - size : self.at]

    def rest(self) -> bytes:
        return self.take(len(self.data) - self.at)

    def number(self, size: int) -> int:
        return int.from_bytes(self.take(size), "little")

    def varint(self, most: int = 2**63 - 1, least: int = 0) -> int:
        """A varint within bounds; NzipFormatError for another one, or one that is not the shortest."""
        value = 0
        for place in range(_LONGEST_VARINT):
            byte = self.number(1)
            value |= (byte & 0x7F) << 7 * place
            if byte < 0x80:
                if byte == 0 and place > 0:
                    raise NzipFormatError("a varint is longer than it must be")
                if not least <= value <= most:
                    raise NzipFormatError(f"a number is {value}, not {least} to {most}")
                return value
        raise NzipFormatError("a varint has more than 63 bits")

    def count(self) -> int:
        """The count of a list."""
        return self.varint(2**16, 1)

    def component(self) -> int | bytes:
        """A registry number, or the first 16 bytes of a SHA-256."""
        number = self.number(1)
        return number if number < 0xFF else self.take(16)

    def end(self) -> None:
        """NzipFormatError if bytes are left."""
        if self:
            raise NzipFormatError("bytes are left behind the last field")
