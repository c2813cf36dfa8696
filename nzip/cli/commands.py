"""What ``nzip`` can do: one file for each subcommand, imported only when it is used."""

from __future__ import annotations

import importlib
import os
import re
import shlex

import click

from nzip import _native
from nzip.cli.console import (
    EXIT_INTERNAL,
    EXIT_MEMORY,
    EXIT_USAGE,
    Console,
    OutputError,
    say,
    show_traceback,
    tell,
)
from nzip.cli.output_names import is_packed_name
from nzip.cli.signals import stopped_behind
from nzip.cli.streams import finish_output, use_patient_streams
from nzip.engines import CURRENT
from nzip.errors import is_out_of_memory
from nzip.messages import printable, reason_for

# By name: the module and its function.
COMMANDS = {
    "c": ("compress", "compress"),
    "d": ("decompress", "decompress"),
    "t": ("test", "test"),
    "l": ("list", "list_"),
    "repair": ("repair", "repair"),
    "archive": ("archive", "archive"),
    "batch": ("batch", "batch"),
    "report": ("report", "report"),
    "models": ("models", "models"),
    "bench": ("bench", "bench"),
    "estimate": ("estimate", "estimate"),
    "train": ("train", "train"),
    "completion": ("completion", "completion"),
    "man": ("man", "man"),
}
HINT = "nzip c FILE compresses, nzip d FILE.nz restores"

# What other compressors call the same: as commands, and as options such as --decompress, -d or, with more
# options behind it, -dc.
ALIASES = {"compress": "c", "decompress": "d", "test": "t", "list": "l"}
_LETTERS = {"z": "c", "d": "d", "t": "t", "l": "l"}
_BUNDLE = re.compile(rf"-(\w*)([{''.join(_LETTERS)}])(\w*)")


class Commands(click.Group):
    """Loads a command's module when the command is named."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        if args and args[0].startswith("-"):
            args = [*_command_of(args[0]), *args[1:]]
        try:
            return super().parse_args(ctx, args)
        except click.NoSuchOption as error:
            ctx.fail(f"no option {error.option_name!r}; {HINT}")

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, name: str) -> click.Command | None:
        name = ALIASES.get(name, name)
        if name not in COMMANDS:
            ctx.fail(f"no command {name!r}; {_hint_for(name) if os.path.isfile(name) else HINT}")
        module, function = COMMANDS[name]
        command: click.Command = getattr(importlib.import_module(f"nzip.cli.{module}"), function)
        return command


def _hint_for(file: str) -> str:
    """For those who give the file alone."""
    command, does = ("d", "restores") if is_packed_name(file) else ("c", "compresses")
    return f"nzip {command} {shlex.quote(file)} {does} that file"


def _command_of(option: str) -> list[str]:
    """The words for an option that stands for a command, and for what is bundled with it.

    >>> _command_of("--decompress"), _command_of("-kd"), _command_of("--help")
    (['d'], ['d', '-k'], ['--help'])
    """
    if option.removeprefix("--") in ALIASES:
        return [ALIASES[option.removeprefix("--")]]
    if (bundle := _BUNDLE.fullmatch(option)) is None:
        return [option]
    others = bundle[1] + bundle[3]
    return [_LETTERS[bundle[2]], *([f"-{others}"] if others else [])]


def _print_version(ctx: click.Context, _param: click.Parameter, wanted: bool) -> None:
    if wanted:
        from nzip import __version__

        tell(f"nzip {__version__} (engine revision {CURRENT[1]}, {_native.simd_name()})")
        ctx.exit()


@click.group(
    cls=Commands, invoke_without_command=True, context_settings={"help_option_names": ["-h", "--help"]}
)
@click.option(
    "--version",
    is_flag=True,
    is_eager=True,
    expose_value=False,
    callback=_print_version,
    help="Show the version.",
)
@click.pass_context
def nzip(ctx: click.Context) -> int:
    """Lossless compression by context mixing: small archives, exact on every machine.

    \b
    nzip c FILE       compress to FILE.nz (or: nzip compress)
    nzip d FILE.nz    restore FILE (or: nzip decompress, nzip -d)
    """
    if ctx.invoked_subcommand is None:
        say(ctx.get_help())
        return EXIT_USAGE
    return 0


def run() -> int:
    """The exit code of the command; what went wrong has been told in one line."""
    use_patient_streams()
    try:
        code = _run()
        finish_output()
        return code
    except BrokenPipeError:
        raise
    except (OSError, OutputError) as error:
        if is_out_of_memory(error):
            return _tell_out_of_memory(error)
        console = Console()
        console.error("stdout", error)
        return console.exit_code
    except Exception as error:
        if stopped_behind(error):
            raise
        if is_out_of_memory(error):
            return _tell_out_of_memory(error)
        say(f"nzip: internal error: {type(error).__name__}: {reason_for(error)}")
        show_traceback(error)
        return EXIT_INTERNAL


def _tell_out_of_memory(error: Exception) -> int:
    """Where no file is to blame."""
    say(f"nzip: {reason_for(error)}")
    show_traceback(error)
    return EXIT_MEMORY


def _run() -> int:
    try:
        _native.simd_name()
    except RuntimeError as error:
        say(f"nzip: {error}")
        return EXIT_USAGE
    try:
        code: int | None = nzip.main(prog_name="nzip", standalone_mode=False)
    except click.UsageError as error:
        command = error.ctx.command_path if error.ctx is not None else "nzip"
        reason = " ".join(error.format_message().split()).removesuffix(".")
        say(f"nzip: {printable(reason)} (try {command} -h)")
        return EXIT_USAGE
    return code or 0
