"""What options take, and how it is written on a command line or as text in a job file."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

from nzip.durations import parse_duration
from nzip.sizes import format_size, parse_percent, parse_size


@dataclass(frozen=True)
class Values:
    """What an option takes."""

    kind: ClassVar[type] = str  # of the values
    metavar: ClassVar[str | None] = None  # what stands for one in the help

    def read(self, text: str) -> Any:
        """The value that a text stands for; ValueError where it stands for none."""
        return text


@dataclass(frozen=True)
class Flag(Values):
    """Said or not."""

    kind = bool


@dataclass(frozen=True)
class Switch(Values):
    """Yes or no, or not said."""

    kind = bool


@dataclass(frozen=True)
class Number(Values):
    """A whole number."""

    least: int
    most: int | None = None

    kind = int
    metavar = "N"


@dataclass(frozen=True)
class Size(Values):
    """A number of bytes such as 512M."""

    most: int | None = None

    kind = int
    metavar = "SIZE"

    def read(self, text: str) -> int:
        value = parse_size(text)
        if value < 1 or (self.most is not None and value > self.most):
            limit = "" if self.most is None else f" and at most {format_size(self.most)}"
            raise ValueError(f"{text!r} is not at least 1 byte{limit}")
        return value


@dataclass(frozen=True)
class Duration(Values):
    """A time such as 2h."""

    kind = int
    metavar = "TIME"

    def read(self, text: str) -> int:
        return parse_duration(text)


@dataclass(frozen=True)
class Percent(Values):
    """A share such as 5%."""

    most: int

    kind = float
    metavar = "N%"

    def read(self, text: str) -> float:
        try:
            value = parse_percent(text)
        except ValueError:
            value = 0
        if not 0 < value <= self.most:
            raise ValueError(f"{text!r} is no share such as 5%, up to {self.most}%")
        return value


@dataclass(frozen=True)
class Name(Values):
    """What something is called."""

    may_be_path: bool = False

    metavar = "NAME"


@dataclass(frozen=True)
class Choice(Values):
    """One of some words."""

    words: tuple[str, ...]


@dataclass(frozen=True)
class Path(Values):
    """A file or a folder."""

    metavar = "PATH"


@dataclass(frozen=True)
class Patterns(Values):
    """What names match, one after the other."""

    kind = list
    metavar = "PATTERN"


@dataclass(frozen=True)
class Paths(Values):
    """Files or folders, one after the other."""

    kind = list
    metavar = "FILE"
