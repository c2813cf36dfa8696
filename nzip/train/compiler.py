"""C++ source, compiled when first needed for this very machine and kept in the user's cache directory."""

from __future__ import annotations

import ctypes
import hashlib
import os
import shutil
import subprocess
import tempfile
from pathlib import Path

from nzip import user_folders

_FLAGS = ("-std=gnu++17", "-O3", "-march=native", "-ffast-math", "-fopenmp", "-shared", "-fPIC")
# gcc uses half of AVX-512's width by default.
_CANDIDATES = (("g++", ("-mprefer-vector-width=512",)), ("g++", ()), ("clang++", ()), ("c++", ()))


class CompilerError(Exception):
    """There is no compiler that can do this."""


def load(source: Path) -> ctypes.CDLL:
    """The library of one C++ file; compiled anew when the file, the compiler or the processor changes."""
    text = source.read_bytes()
    failures = []
    for name, extra in _CANDIDATES if "CXX" not in os.environ else ((os.environ["CXX"], ()),):
        command = [name, *_FLAGS, *extra]
        if shutil.which(name) is None or (target := _target(command)) is None:
            continue
        key = hashlib.sha256(b"\0".join([text, " ".join(command).encode(), target])).hexdigest()[:32]
        path = cache_folder() / f"{source.stem}-{key}.so"
        failure = None if path.exists() else _compile(command, source, path)
        if failure is None:
            return ctypes.CDLL(str(path))
        failures.append(failure)
    raise CompilerError(
        f"{source.name} must be compiled, and no C++ compiler with OpenMP was found: install g++ or clang++ "
        "(CXX names another), or train slowly with --kernels torch"
        + "".join(f"\n{each}" for each in failures)
    )


def cache_folder() -> Path:
    """The user's directory for what can be made again; created where it is missing."""
    folder = Path(user_folders.cache_folder())
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def _target(command: list[str]) -> bytes | None:
    """What these flags mean here: the compiler's version and, by -march=native, the instruction sets."""
    macros = subprocess.run([*command, "-dM", "-E", "-x", "c++", os.devnull], capture_output=True)
    return macros.stdout if macros.returncode == 0 else None


def _compile(command: list[str], source: Path, path: Path) -> str | None:
    """Make the library, which takes its name when complete: others may do the same. Returns what failed."""
    with tempfile.TemporaryDirectory(dir=path.parent) as scratch:
        made = Path(scratch) / path.name
        done = subprocess.run([*command, "-o", str(made), str(source)], capture_output=True, text=True)
        if done.returncode != 0:
            return done.stderr.strip()
        os.replace(made, path)
    return None
