"""What all tests share."""

import atexit
import os
import shutil
import tempfile

# Tests leave the user's cache alone, and their processes share one, those of pytest-xdist (-n) included.
if "PYTEST_XDIST_WORKER" not in os.environ:
    _cache = tempfile.mkdtemp(prefix="nzip-tests-")
    os.environ["NZIP_CACHE"] = _cache
    atexit.register(shutil.rmtree, _cache, ignore_errors=True)
