"""What the commands of training share: types of options, and errors that are told in a line."""

from __future__ import annotations

import functools
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click
import torch

from nzip.sizes import parse_size
from nzip.train.compiler import CompilerError

Command = TypeVar("Command", bound=Callable[..., None])

FILE = click.Path(dir_okay=False, path_type=Path)
FOUND = click.Path(exists=True, path_type=Path)
FOUND_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


def size(text: str) -> int:
    """A number of bytes such as 120M, as an option takes it."""
    try:
        return parse_size(text)
    except ValueError as error:
        raise click.BadParameter(str(error)) from None


def told(command: Command) -> Command:
    """What goes wrong for a reason outside the program is told in a line."""

    @functools.wraps(command)
    def wrapper(*args: Any, **options: Any) -> None:
        try:
            command(*args, **options)
        except (ValueError, OSError, CompilerError) as error:
            raise click.ClickException(str(error)) from None
        except torch.OutOfMemoryError:
            raise click.ClickException("the GPU has too little memory: fewer --lanes need less") from None

    return wrapper  # type: ignore[return-value]
