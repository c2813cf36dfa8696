"""The files below a folder, one after the other: a million of them take no memory."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from typing import NamedTuple

from nzip.format.times import nearest_time
from nzip.messages import reason_for
from nzip.pipeline.naming import is_temporary_name


class Found(NamedTuple):
    """A regular file, by its path below the folder."""

    path: str
    size: int
    mtime_ns: int  # the nearest that an archive can hold


class LeftOut(NamedTuple):
    """What is no regular file, or cannot be read."""

    path: str
    reason: str
    is_error: bool


def walk(
    root: str, wanted: Callable[[str], bool], entered: Callable[[str], bool]
) -> Iterator[Found | LeftOut]:
    """All that is ``wanted`` below ``root``, in folders that are ``entered``; links are never followed.

    What another nzip has not completed is no file yet.
    """
    folders = [""]
    while folders:
        folder = folders.pop()
        prefix = folder and folder + os.sep
        try:
            with os.scandir(os.path.join(root, folder)) as entries:
                for entry in entries:
                    path = prefix + entry.name
                    if entry.is_dir(follow_symlinks=False):
                        if entered(path):
                            folders.append(path)
                    elif (
                        wanted(path)
                        and not is_temporary_name(entry.name)
                        and (found := _look(entry, path)) is not None
                    ):
                        yield found
        except OSError as error:
            if not folder:
                raise
            yield LeftOut(folder, f"folder cannot be read: {reason_for(error)}", is_error=True)


def _look(entry: os.DirEntry[str], path: str) -> Found | LeftOut | None:
    if entry.is_symlink():
        return LeftOut(path, "is a symbolic link", is_error=False)
    if not entry.is_file(follow_symlinks=False):
        return LeftOut(path, "is not a regular file", is_error=False)
    try:
        status = entry.stat(follow_symlinks=False)
    except FileNotFoundError:  # removed a moment ago
        return None
    return Found(path, status.st_size, nearest_time(status.st_mtime_ns))
