"""Which library or command does a compressor's work, and in which version."""

from __future__ import annotations

import importlib.metadata
import platform
import re
import subprocess

_VERSION = re.compile(r"\d+(?:\.\d+)+")
_SECONDS = 10


def library(name: str) -> str:
    """An installed package."""
    try:
        return f"library {name} {importlib.metadata.version(name)}"
    except importlib.metadata.PackageNotFoundError:  # as some systems package them
        return f"library {name}"


def standard_library(module: str) -> str:
    """A module of the standard library; what that is linked with, it tells of zlib alone."""
    text = f"library {module} of Python {platform.python_version()}"
    if module != "gzip":
        return text
    import zlib

    return f"{text}, zlib {zlib.ZLIB_RUNTIME_VERSION}"


def command(*words: str) -> str:
    """A command, which says its version when it is called so."""
    try:
        told = subprocess.run(
            words,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            timeout=_SECONDS,
            check=False,
        ).stdout.decode("utf-8", "replace")
    except (OSError, subprocess.TimeoutExpired):
        told = ""
    version = _VERSION.search(told)
    return f"command {words[0]}" + (f" {version[0]}" if version else "")
