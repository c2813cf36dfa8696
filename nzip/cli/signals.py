"""Stopping early without leaving anything behind.

A signal that asks the process to stop becomes an exception, so that every ``with`` block on the way out
removes its temporary file. Then the process dies of that very signal: shells report 128 + its number and end
their loops.
"""

from __future__ import annotations

import os
import signal
import sys
from types import FrameType
from typing import NoReturn

_STOPPING = [signal.SIGINT, signal.SIGTERM, signal.SIGHUP]


class Stopped(BaseException):
    """The process has to end because of a signal; no handler of ordinary errors may catch it."""

    def __init__(self, signum: int) -> None:
        super().__init__(signum)
        self.signum = signum


def install() -> None:
    """Turn the stopping signals into Stopped, except those that the caller (nohup, a script) had ignored."""
    sys.unraisablehook = _again
    for signum in _STOPPING:
        if signal.getsignal(signum) != signal.SIG_IGN:
            signal.signal(signum, _stop)


def _stop(signum: int, _frame: FrameType | None) -> NoReturn:
    for other in _STOPPING:  # a second Ctrl-C must not interrupt the cleaning up
        signal.signal(other, signal.SIG_IGN)
    raise Stopped(signum)


def stopped_behind(error: BaseException | None) -> Stopped | None:
    """The Stopped that became another error: before Python 3.12 a class being made wraps all it meets."""
    while error is not None and not isinstance(error, Stopped):
        error = error.__cause__
    return error


def _again(lost: sys.UnraisableHookArgs) -> None:
    """Raise a Stopped once more that Python dropped, as it does with all that such a callback raises."""
    stopped = lost.exc_value
    if not isinstance(stopped, Stopped):
        sys.__unraisablehook__(lost)
        return
    signum = stopped.signum
    signal.signal(signal.SIGALRM, lambda _, frame: _stop(signum, frame))
    signal.setitimer(signal.ITIMER_REAL, 0.01)


def die_of(signum: int) -> NoReturn:
    """End the process by a signal, without waiting for threads that still code a block."""
    signal.signal(signum, signal.SIG_DFL)
    os.kill(os.getpid(), signum)
    sys.exit(128 + signum)  # only reached where the signal is blocked
