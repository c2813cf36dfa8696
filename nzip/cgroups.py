"""What control groups allow a process: the limits of containers and services. Linux, versions 1 and 2."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import suppress
from functools import cache

PROC = "/proc/self"


@cache  # files cannot be opened any more while Python ends, when a writer may still be finished
def memory_limit(proc: str = PROC) -> int | None:
    """The least bytes that one of the process's groups, or of those above them, allows; None: no limit."""
    limits = []
    for folder in _folders(proc, "memory"):
        for name in "memory.max", "memory.high", "memory.limit_in_bytes":
            if (number := _number(folder, name)) is not None:
                limits.append(number)
    return min(limits, default=None)


@cache
def cpu_limit(proc: str = PROC) -> float | None:
    """How many cores' time they allow; None: no limit."""
    limits = []
    for folder in _folders(proc, "cpu"):
        quota, period = _read(folder, "cpu.cfs_quota_us"), _read(folder, "cpu.cfs_period_us")
        for words in _read(folder, "cpu.max"), [*quota[:1], *period[:1]]:
            if len(words) == 2 and all(word.isdigit() for word in words) and int(words[1]):
                limits.append(int(words[0]) / int(words[1]))
    return min(limits, default=None)


def _folders(proc: str, controller: str) -> Iterator[str]:
    """Those of the process's groups that control something, and of all above them that are seen here."""
    mounts = list(_mounts(proc))
    for line in _lines(proc, "cgroup"):
        _, _, rest = line.partition(":")
        controllers, _, path = rest.partition(":")
        version = 1 if controllers else 2
        if version == 1 and controller not in controllers.split(","):
            continue
        for kind, options, root, mount in mounts:
            if kind != ("cgroup" if version == 1 else "cgroup2"):
                continue
            if version == 1 and controller not in options:
                continue
            yield from _upwards(mount, _below(root, path))


def _below(root: str, path: str) -> str:
    """A group's path below the one that is mounted, which may be that of the container itself."""
    relative = os.path.relpath(path, root)
    return "" if relative == "." or relative.startswith("..") else relative


def _upwards(mount: str, path: str) -> Iterator[str]:
    while path:
        yield os.path.join(mount, path)
        path = os.path.dirname(path)
    yield mount


def _mounts(proc: str) -> Iterator[tuple[str, list[str], str, str]]:
    """The kind, the options, what is mounted of it and where, of each file system of control groups."""
    for line in _lines(proc, "mountinfo"):
        before, _, behind = line.partition(" - ")
        fields, kinds = before.split(" "), behind.split(" ")
        if len(fields) > 4 and len(kinds) > 2 and kinds[0] in ("cgroup", "cgroup2"):
            yield kinds[0], kinds[2].split(","), _plain(fields[3]), _plain(fields[4])


def _plain(name: str) -> str:
    """A name as mountinfo writes it: blanks and the like are octal numbers."""
    for code in " ", "\t", "\n", "\\":
        name = name.replace(f"\\{ord(code):03o}", code)
    return name


def _lines(proc: str, name: str) -> list[str]:
    with suppress(OSError), open(os.path.join(proc, name), errors="surrogateescape") as file:
        return file.read().splitlines()
    return []


def _number(folder: str, name: str) -> int | None:
    words = _read(folder, name)
    return int(words[0]) if words and words[0].isdigit() else None  # or "max"


def _read(folder: str, name: str) -> list[str]:
    with suppress(OSError), open(os.path.join(folder, name), encoding="ascii", errors="replace") as file:
        return file.read(100).split()
    return []
