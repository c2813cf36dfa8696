"""What shells are told when a path is completed.

Paths are plain text to click: its own type for them would refuse one that cannot be read before the command
has begun, and with it all others.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator

import click
from click.shell_completion import CompletionItem

from nzip.pipeline.target import SUFFIX

Complete = Callable[[click.Context, click.Parameter, str], list[CompletionItem]]

_PLAIN = frozenset("/._-+:@")  # besides letters and digits: what no shell takes for anything but itself


def any_path(_ctx: click.Context, _param: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """Files and folders, found by the shell itself."""
    return [CompletionItem(incomplete, type="file")]


def packed_path(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """Compressed files and the folders beside them; where there is no such file, any path."""
    found = sorted(_candidates(incomplete), key=lambda path: (path.endswith(os.sep), path))
    needs_shell = not found or found[0].endswith(os.sep) or not all(map(_is_plain, found))
    return any_path(ctx, param, incomplete) if needs_shell else [CompletionItem(path) for path in found]


def _candidates(incomplete: str) -> Iterator[str]:
    """Paths that begin so, those of folders with a slash at the end; hidden ones only after a dot."""
    folder, start = os.path.split(incomplete)
    way = incomplete.removesuffix(start)
    try:
        entries = list(os.scandir(folder or os.curdir))
    except OSError:
        return
    for entry in entries:
        if entry.name.startswith(start) and (start or not entry.name.startswith(".")):
            if entry.is_dir():
                yield way + entry.name + os.sep
            elif entry.name.endswith(SUFFIX):
                yield way + entry.name


def _is_plain(path: str) -> bool:
    """Whether it can stand on a command line without quotes."""
    return all(character.isalnum() or character in _PLAIN for character in path)
