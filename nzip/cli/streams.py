"""The standard streams, as the command uses them."""

from __future__ import annotations

import io
import os
import signal
import sys
from typing import TYPE_CHECKING, TextIO

from nzip.cli.signals import Stopped
from nzip.streams import PatientFile

if TYPE_CHECKING:
    from typing_extensions import Buffer


class _Output(PatientFile):
    has_failed = False  # which was told

    def write(self, data: Buffer, /) -> int:
        try:
            return super().write(data)
        except BrokenPipeError:  # no file's error, and nothing that anybody should make an exit code of
            raise Stopped(signal.SIGPIPE) from None
        except OSError:
            self.has_failed = True
            raise


def use_patient_streams() -> None:
    """Makes standard input and output wait and, even when Python runs unbuffered, write all.

    A name that the locale cannot write is no error there.
    """
    if isinstance(sys.stdin, io.TextIOWrapper):  # else the caller closed it
        source = PatientFile(sys.stdin.fileno(), closefd=False)
        sys.stdin = _text(io.BufferedReader(source), sys.stdin)
    if isinstance(sys.stdout, io.TextIOWrapper):
        output = _Output(sys.stdout.fileno(), "wb", closefd=False)
        sys.stdout = _text(io.BufferedWriter(output), sys.stdout)


def finish_output() -> None:
    """Writes what standard output still holds. What it cannot write is told once."""
    if sys.stdout is None:
        return
    raw = sys.stdout.buffer.raw if isinstance(sys.stdout.buffer, io.BufferedWriter) else None
    had_failed = isinstance(raw, _Output) and raw.has_failed
    try:
        sys.stdout.flush()
        os.close(sys.stdout.fileno())  # which tells what some file systems keep to themselves until then
    except OSError:
        if not had_failed:
            raise


def _text(file: io.BufferedReader | io.BufferedWriter, before: TextIO) -> TextIO:
    return io.TextIOWrapper(file, before.encoding, "backslashreplace")
