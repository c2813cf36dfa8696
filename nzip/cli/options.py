"""Options that several commands share, spelt and explained the same way everywhere."""

from __future__ import annotations

import functools
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, TextIO

import click

from nzip.cli.console import Console
from nzip.cli.defined import Command
from nzip.cli.outputs import Outputs
from nzip.cli.path_completion import Complete, any_path, packed_path
from nzip.cli.source import STDIN
from nzip.errors import DeviceWarning
from nzip.option_table import DEVICE
from nzip.resources.devices import find_devices


def _sources(shell_complete: Complete) -> Callable[[Command], Command]:
    """The FILE arguments, standard input where there are none."""

    def decorate(command: Command) -> Command:
        @click.argument("files", nargs=-1, metavar="[FILE]...", shell_complete=shell_complete)
        @functools.wraps(command)
        def wrapper(files: tuple[str, ...], **rest: Any) -> int:
            return command(sources=files or (STDIN,), **rest)

        return wrapper

    return decorate


sources = _sources(any_path)
packed_sources = _sources(packed_path)


def outputs(command: Command) -> Command:
    """Where the output goes, what it may replace, and whether the sources stay."""

    @click.option(
        "-o",
        "--output",
        metavar="PATH",
        shell_complete=any_path,
        help="Write to this file, or into this folder.",
    )
    @click.option("-c", "--stdout", "to_stdout", is_flag=True, help="Write to standard output.")
    @click.option(
        "-k",
        "--keep/--rm",
        default=True,
        help="Keep the sources (default), or remove each when done (with c, once it is verified).",
    )
    @click.option("-f", "--force", is_flag=True, help="Replace existing files; read links and devices.")
    @functools.wraps(command)
    def wrapper(
        sources: tuple[str, ...], output: str | None, to_stdout: bool, keep: bool, force: bool, **rest: Any
    ) -> int:
        chosen = Outputs(sources, output, to_stdout=to_stdout, keep=keep, force=force)
        return command(sources=sources, outputs=chosen, **rest)

    return wrapper


def checked_device(command: Command) -> Command:
    """Tells of a device that is not here before the work begins, and of one that is lost meanwhile."""

    @functools.wraps(command)
    def wrapper(console: Console, device: str | None, **rest: Any) -> int:
        try:
            if device is not None:
                find_devices(device)
        except ValueError as error:
            raise click.UsageError(str(error)) from None
        except OSError as error:
            console.option_error(DEVICE.flag, error)
            return console.exit_code
        with _device_warnings(console):
            return command(console=console, device=device, **rest)

    return wrapper


@contextmanager
def _device_warnings(console: Console) -> Iterator[None]:
    """Tells of a device that is lost in one line."""
    with warnings.catch_warnings():
        warnings.simplefilter("always", DeviceWarning)
        show = warnings.showwarning

        def tell(
            message: Warning | str,
            category: type[Warning],
            filename: str,
            lineno: int,
            file: TextIO | None = None,
            line: str | None = None,
        ) -> None:
            if issubclass(category, DeviceWarning):
                console.warning(DEVICE.flag, str(message))
            else:
                show(message, category, filename, lineno, file, line)

        warnings.showwarning = tell
        yield


def console(command: Command) -> Command:
    """What is said, and how."""

    @click.option("-q", "--quiet", is_flag=True, help="Errors only: no warnings, no progress.")
    @click.option("-v", "--verbose", is_flag=True, help="Say what is done.")
    @click.option(
        "--json", "as_json", is_flag=True, help="One JSON object for each file, on standard output."
    )
    @functools.wraps(command)
    def wrapper(quiet: bool, verbose: bool, as_json: bool, **rest: Any) -> int:
        return command(console=Console(quiet=quiet, verbose=verbose, as_json=as_json), **rest)

    return wrapper
