"""What all tests share."""

import atexit
import os
import shutil
import signal
import tempfile
from collections.abc import Callable

import pytest
from support.powers import give_up_powers, powers_can_be_given_up

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


@pytest.fixture(scope="session")
def powerless(tmp_path_factory: pytest.TempPathFactory) -> Callable[[], None]:
    """A preexec_fn for a command that is to run as an ordinary user's does, whoever runs the tests."""
    if not powers_can_be_given_up(tmp_path_factory.mktemp("powers")):
        pytest.skip("root may not give up its powers here")
    return give_up_powers
