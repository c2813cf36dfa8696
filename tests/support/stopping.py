"""How long work goes on when it is stopped."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

from nzip import _native

BEFORE = 0.2  # seconds of work before it is stopped
PROMISED = 0.1  # seconds of work after that, at most
_TRIES = 3  # for the processor is shared: by its clock, too, caches and memory are


def seconds_after_stop(work: Callable[[_native.Stop], object]) -> float:
    """Of a processor, the least of some tries. AssertionError where the work ends by itself.

    The work, given a stop, must take longer than ``BEFORE``; StoppedError is how it ends.
    """
    return min(_seconds_after_stop(work) for _ in range(_TRIES))


def _seconds_after_stop(work: Callable[[_native.Stop], object]) -> float:
    stop, ended, errors = _native.Stop(), [], []

    def run():
        try:
            work(stop)
        except _native.StoppedError:
            ended.append(time.thread_time())
        except BaseException as error:
            errors.append(error)

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    clock = time.pthread_getcpuclockid(thread.ident)
    begin = time.monotonic()
    while thread.is_alive() and _now(clock) < BEFORE and time.monotonic() < begin + 60:
        time.sleep(0.01)
    assert thread.is_alive(), errors or "it ended by itself"
    stopped = _now(clock)
    stop.set()
    thread.join(60)
    assert ended, errors or "it did not end"
    return ended[0] - stopped


def _now(clock: int) -> float:
    try:
        return time.clock_gettime(clock)
    except OSError:  # the thread is gone
        return 0.0
