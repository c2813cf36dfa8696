"""Runs an entry point with little memory: limited.py BYTES -m nzip ARGUMENT..., or -c CODE."""

import importlib
import os
import resource
import runpy
import sys
from contextlib import suppress

import nzip.archive.batch.run
import nzip.cli.commands
import nzip.hooks.shutil  # noqa: F401 - loaded before the limit holds, for a test is of nzip and not of Python

for library in "fsspec", "smart_open":  # nor of them
    with suppress(ImportError):
        importlib.import_module(f"nzip.hooks.{library}")

with open("/proc/self/statm") as file:
    used = int(file.read().split()[0]) * os.sysconf("SC_PAGE_SIZE")
room, kind, *rest = sys.argv[1:]
resource.setrlimit(resource.RLIMIT_AS, (used + int(room),) * 2)
if kind == "-m":
    sys.argv = rest
    runpy.run_module(rest[0], run_name="__main__", alter_sys=True)
else:
    exec(rest[0], {"__name__": "__main__"})
