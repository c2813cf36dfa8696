"""Options that several commands share, spelt and explained the same way everywhere."""

from __future__ import annotations

import functools
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, TextIO

import click

from nzip.cli.console import Console
from nzip.cli.defined import Command, defined
from nzip.cli.outputs import Outputs
from nzip.cli.path_completion import Complete, any_path, packed_path
from nzip.cli.source import STDIN
from nzip.errors import DeviceWarning
from nzip.machine import default_memory_limit
from nzip.option_table import DEVICE
from nzip.pipeline import Decoding
from nzip.resources.devices import CPU, find_devices
from nzip.resources.resources import Resources
from nzip.sizes import format_size, parse_size


def size(most: int | None = None) -> Callable[[str], int]:
    """The type of an option that takes a number of bytes such as 512M."""

    def size(text: str) -> int:  # click names the type after the function
        try:
            value = parse_size(text)
        except ValueError as error:
            raise click.BadParameter(str(error)) from None
        if value < 1 or (most is not None and value > most):
            limit = "" if most is None else f" and at most {format_size(most)}"
            raise click.BadParameter(f"{text!r} is not at least 1 byte{limit}")
        return value

    return size


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
        "-k", "--keep/--rm", default=True, help="Keep the sources (default), or remove each when done."
    )
    @click.option("-f", "--force", is_flag=True, help="Replace existing files; read links and devices.")
    @functools.wraps(command)
    def wrapper(
        sources: tuple[str, ...], output: str | None, to_stdout: bool, keep: bool, force: bool, **rest: Any
    ) -> int:
        chosen = Outputs(sources, output, to_stdout=to_stdout, keep=keep, force=force)
        return command(sources=sources, outputs=chosen, **rest)

    return wrapper


def memory(command: Command) -> Command:
    """How much memory may be used."""
    return click.option("-M", "--memory", type=size(), help="Memory limit [4 GB or half of the RAM].")(
        command
    )


def max_output(command: Command) -> Command:
    """How much plaintext may come out."""
    return click.option("--max-output", type=size(), help="Refuse what is larger when restored [any size].")(
        command
    )


def effort(command: Command) -> Command:
    """Threads and memory; neither changes a byte of the output."""
    command = memory(command)
    return click.option(
        "-T",
        "--threads",
        type=click.IntRange(0),
        metavar="N",
        default=0,
        help="Threads, fewer where memory is short [cores].",
    )(command)


def sparse(command: Command) -> Command:
    """Where restored files have holes: None for where the originals had some."""
    return click.option(
        "--sparse/--no-sparse",
        default=None,
        help="Make holes of all zeros, or none [where the original had them].",
    )(command)


def any_environment(command: Command) -> Command:
    """Whether language models may be tried elsewhere than where they compressed."""

    return click.option(
        "--force",
        "any_environment",
        is_flag=True,
        help="Try language models that another library or device evaluated.",
    )(command)


def _file_needed(name: str, use: str) -> Callable[[Command], Command]:
    """An option for a file that archives only name."""
    return click.option(
        f"--{name}",
        name,
        metavar="PATH",
        shell_complete=any_path,
        help=f"The file that the archives were {use}.",
    )


prime = _file_needed("prime", "primed with")
reference = _file_needed("ref", "compressed against")


def decoding(command: Command) -> Command:
    """Passes a Decoding to a command instead of the options that say what restoring takes."""

    @functools.wraps(command)
    def wrapper(
        console: Console,
        memory: int | None,
        threads: int = 1,
        max_output: int | None = None,
        device: str = CPU,
        prime: str | None = None,
        ref: str | None = None,
        any_environment: bool = False,
        **rest: Any,
    ) -> int:
        resources = Resources(find_devices(device), any_environment=any_environment)
        option = "--prime"
        try:
            if prime is not None:
                resources.add_prime(prime)
            option = "--ref"
            if ref is not None:
                resources.add_reference(ref, memory)
        except OSError as error:
            console.option_error(option, error)
            return console.exit_code
        limit = default_memory_limit() if memory is None else memory
        made = Decoding(resources, threads, limit, max_output)
        return command(console=console, decoding=made, **rest)

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
            console.option_error("--device", error)
            return console.exit_code
        with _device_warnings(console):
            return command(console=console, device=device, **rest)

    return wrapper


def device(command: Command) -> Command:
    """Where networks are evaluated; it never changes a byte of the output."""

    @defined(DEVICE)
    @functools.wraps(command)
    def wrapper(device: str | None, **rest: Any) -> int:
        return checked_device(command)(device=device or DEVICE.default, **rest)

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
                console.warning("--device", str(message))
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
