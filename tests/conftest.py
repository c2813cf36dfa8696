"""What all tests share."""

import atexit
import os
import shutil
import tempfile

# Tests leave the user's cache alone, and their processes share one.
_cache = tempfile.mkdtemp(prefix="nzip-tests-")
os.environ["NZIP_CACHE"] = _cache
atexit.register(shutil.rmtree, _cache, ignore_errors=True)
