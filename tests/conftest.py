"""What all tests share."""

import atexit
import os
import shutil
import signal
import tempfile

import pytest

# Tests leave the user's cache alone, and their processes share one, those of pytest-xdist (-n) included.
if "PYTEST_XDIST_WORKER" not in os.environ:
    _cache = tempfile.mkdtemp(prefix="nzip-tests-")
    os.environ["NZIP_CACHE"] = _cache
    atexit.register(shutil.rmtree, _cache, ignore_errors=True)


@pytest.fixture(scope="session", autouse=True)
def _default_signals():
    """What runs the tests (nohup, a shell's &) may ignore signals; commands would inherit that."""
    for signum, handler in (signal.SIGINT, signal.default_int_handler), (signal.SIGHUP, signal.SIG_DFL):
        if signal.getsignal(signum) == signal.SIG_IGN:
            signal.signal(signum, handler)
