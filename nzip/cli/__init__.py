"""The ``nzip`` command. All but what catches signals is imported later: an early Ctrl-C ends quietly, too."""

from __future__ import annotations

import os
import signal
import sys
from typing import NoReturn

from nzip.cli.signals import die_of, install, stopped_behind
from nzip.errors import NzipMemoryError, is_out_of_memory


def main() -> NoReturn:
    """Run the command; every way out ends here, with one line and a documented exit code."""
    if sys.stderr is None:  # closed by the caller; print() would take stdout instead
        sys.stderr = open(os.devnull, "w")  # noqa: SIM115
    # Threads for matrices, of which nzip has none, cost memory when NumPy is loaded, and may fail to start.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    try:
        install()
        from nzip.cli.commands import run

        code = run()
    except BrokenPipeError:
        die_of(signal.SIGPIPE)
    except BaseException as error:
        if stopped := stopped_behind(error):
            die_of(stopped.signum)
        if not is_out_of_memory(error):
            raise
        os.write(2, b"nzip: out of memory\n")
        code = NzipMemoryError.exit_code
    os._exit(code)  # Python's own last flush would tell of a full disk a second time
