"""What the command tells people and programs, and the exit code that sums it up."""

from __future__ import annotations

import json
import os
import signal
import sys
import traceback
from collections.abc import Callable, Iterable
from typing import Any, TextIO

from nzip.cli.signals import Stopped
from nzip.errors import NzipError, NzipMemoryError, is_out_of_memory
from nzip.messages import printable, reason_for

EXIT_ERROR = 1
EXIT_WARNING = 2
EXIT_MEMORY = NzipMemoryError.exit_code
EXIT_PARTIAL = 9
EXIT_USAGE = 64
EXIT_INTERNAL = 70


class OutputError(Exception):
    """Standard output takes no more: no file's fault, and the end of the command."""


class Skipped(UserWarning):
    """A file was left alone on purpose: a warning, not an error."""


def exit_code_for(error: BaseException) -> int:
    if is_out_of_memory(error):
        return EXIT_MEMORY
    code: int = getattr(error, "exit_code", EXIT_ERROR)
    return code


def show_traceback(error: BaseException) -> None:
    """For developers only: people get one line."""
    if os.environ.get("NZIP_DEBUG"):
        traceback.print_exception(error)


def stdout() -> TextIO:
    """Standard output, unless the caller closed it."""
    if sys.stdout is None:
        raise OutputError("is closed")
    return sys.stdout


def tell(text: str) -> None:
    """What was asked for, on standard output, at once."""
    try:
        print(text, file=stdout(), flush=True)
    except BrokenPipeError:
        raise
    except OSError as error:
        raise OutputError(reason_for(error)) from error


def say(line: str) -> None:
    """A line for people, on standard error. Where that takes no more, there is nobody to tell."""
    try:
        print(line, file=sys.stderr)
    except BrokenPipeError:
        raise
    except OSError:
        pass


class Console:
    """Messages go to stderr, one line each; JSON to stdout, one object per file."""

    def __init__(self, *, quiet: bool = False, verbose: bool = False, as_json: bool = False) -> None:
        self._quiet = quiet
        self.as_json = as_json
        self.verbose = verbose and not quiet
        self.on_terminal = sys.stderr.isatty() and not quiet
        self.exit_code = 0

    def line(self, name: str | bytes, text: str) -> None:
        say(f"nzip: {printable(name) or repr('')}: {printable(text)}")

    def summary(self, name: str | bytes, text: str) -> None:
        """A closing line for people who watch: silent in scripts unless -v."""
        if self.verbose or self.on_terminal:
            self.line(name, text)

    def warning(self, name: str | bytes, text: str) -> None:
        if not self._quiet:
            self.line(name, text)
        self.exit_code = self.exit_code or EXIT_WARNING

    def error(self, name: str | bytes, error: BaseException) -> None:
        """Report an error that came up in the work on a file; the exit code is that of the first one.

        People are told which file it is about: an output, or a model. Programs ask what became of the one
        that they named, so their "file" stays that one, and the other is the "path".
        """
        path = _path_of(error)
        if path is None or path == name:
            self._error(name, error)
        else:
            self._error(path, error, file=os.fsdecode(name), path=os.fsdecode(path))

    def option_error(self, option: str, error: OSError) -> None:
        """Report an error in what an option names: by its path, or where there is none by the option."""
        path = _path_of(error)
        self._error(option if path is None else path, error)

    def member_error(self, archive: str, member: str, error: Exception) -> None:
        """Report an error with a member: by its path, which no file here need have where it is damaged."""
        if isinstance(error, NzipError):
            self._error(f"{archive}: {member}", error, file=archive, member=member)
        else:
            self._error(member, error)

    def _error(self, name: str | bytes, error: BaseException, **shown: str) -> None:
        """The line begins with the name; the JSON with what is shown instead, or with the name as "file"."""
        reason = reason_for(error)
        code = exit_code_for(error)
        self.line(name, reason)
        self.record({**(shown or {"file": os.fsdecode(name)}), "error": reason, "exit_code": code})
        show_traceback(error)
        if self.exit_code in (0, EXIT_WARNING):
            self.exit_code = code

    def record(self, values: dict[str, Any]) -> None:
        if self.as_json:
            tell(json.dumps(values))

    def for_each(self, names: Iterable[str], work: Callable[[str], None]) -> int:
        """Do the work for every name, whatever happens to the others, and return the exit code."""
        for name in names:
            try:
                work(name)
            except BrokenPipeError:  # whoever reads our output has had enough: nothing to talk about
                raise Stopped(signal.SIGPIPE) from None
            except Skipped as warning:
                self.warning(name, str(warning))
            except (OSError, MemoryError) as error:
                self.error("stdin" if name == "-" else name, error)
        return self.exit_code


def _path_of(error: BaseException) -> str | bytes | None:
    """The path of the file that an error is about, where it says so; some calls say a descriptor's number."""
    path = getattr(error, "filename", None)
    return path if isinstance(path, (str, bytes)) else None
