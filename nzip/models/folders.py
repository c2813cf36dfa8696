"""Where model files lie, and how they are read."""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import BinaryIO

from nzip.errors import EMPTY, NzipModelError, about
from nzip.models import shipped
from nzip.user_folders import data_folder

VARIABLE = "NZIP_MODELS"  # more folders, separated as in PATH
MAX_FILE = 64 << 20


def user_folder() -> str:
    """Where ``nzip models add`` puts files; it need not exist."""
    return os.path.join(data_folder(), "models")


def folders() -> list[str]:
    """All folders, in the order in which they are searched."""
    more = [folder for folder in os.environ.get(VARIABLE, "").split(os.pathsep) if folder]
    return [shipped.FOLDER, *more, user_folder()]


def files(suffix: str, *, of_any_size: bool = False) -> Iterator[str]:
    """The paths of all model files with this suffix, in the order in which they are searched.

    Those that are too large to be read whole are left out unless asked for. A folder that cannot be read
    stops no search that ends in another one; OSError at the end, for what is sought may be there.
    """
    unreadable = None
    for folder in dict.fromkeys(folders()):
        try:
            names = sorted(os.listdir(folder))
        except (FileNotFoundError, NotADirectoryError):
            continue
        except OSError as error:
            if folder != user_folder():  # which is another user's, as HOME in containers may be
                unreadable = error
            continue
        for name in names:
            path = os.path.join(folder, name)
            if not name.endswith(suffix) or not os.path.isfile(path):
                continue
            if of_any_size or os.path.getsize(path) <= MAX_FILE:
                yield path
    if unreadable is not None:
        raise unreadable


def read(path: str) -> bytes:
    """The bytes of a model file."""
    with about(path), open(path, "rb") as file:
        return read_from(file)


def read_from(file: BinaryIO) -> bytes:
    """The bytes of an open model file; no model is so large that they would not fit."""
    data = file.read(MAX_FILE + 1)
    if not data:
        raise NzipModelError(EMPTY)
    if len(data) > MAX_FILE:
        raise NzipModelError(f"a model file has more than {MAX_FILE} bytes")
    return data
