"""What ``nzip`` can do: one file for each subcommand, imported only when it is used."""

from __future__ import annotations

import importlib
import io
import sys

import click

from nzip import _native
from nzip.cli.console import EXIT_INTERNAL, EXIT_USAGE, Console, OutputError, show_traceback, tell
from nzip.cli.signals import stopped_behind
from nzip.messages import reason_for

COMMANDS = (
    "c",
    "d",
    "t",
    "l",
    "repair",
    "archive",
    "batch",
    "report",
    "models",
    "bench",
    "estimate",
    "train",
    "completion",
    "man",
)
HINT = "nzip c FILE compresses, nzip d FILE.nz restores"


class Commands(click.Group):
    """Loads a command's module when the command is named."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        try:
            return super().parse_args(ctx, args)
        except click.NoSuchOption as error:  # -d, as other compressors have it
            ctx.fail(f"no option {error.option_name!r}; {HINT}")

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, name: str) -> click.Command | None:
        if name not in COMMANDS:
            ctx.fail(f"no command {name!r}; {HINT}")
        command: click.Command = getattr(importlib.import_module(f"nzip.cli.{name}"), name)
        return command


def _print_version(ctx: click.Context, _param: click.Parameter, wanted: bool) -> None:
    if wanted:
        from nzip import __version__

        tell(f"nzip {__version__} (engine revision {_native.ENGINE_REVISION}, {_native.simd_name()})")
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
    nzip c FILE       compress to FILE.nz
    nzip d FILE.nz    restore FILE
    """
    if ctx.invoked_subcommand is None:
        print(ctx.get_help(), file=sys.stderr)
        return EXIT_USAGE
    return 0


def run() -> int:
    """The exit code of the command; what went wrong has been told in one line."""
    if isinstance(sys.stdout, io.TextIOWrapper):  # a name that the locale cannot write is no error
        sys.stdout.reconfigure(errors="backslashreplace")
    try:
        code = _run()
        if sys.stdout is not None:
            sys.stdout.flush()
        return code
    except BrokenPipeError:
        raise
    except (OSError, OutputError) as error:
        console = Console()
        console.error("stdout", error)
        return console.exit_code
    except Exception as error:
        if stopped_behind(error):
            raise
        print(f"nzip: internal error: {type(error).__name__}: {reason_for(error)}", file=sys.stderr)
        show_traceback(error)
        return EXIT_INTERNAL


def _run() -> int:
    try:
        _native.simd_name()
    except RuntimeError as error:
        print(f"nzip: {error}", file=sys.stderr)
        return EXIT_USAGE
    try:
        code: int | None = nzip.main(prog_name="nzip", standalone_mode=False)
    except click.UsageError as error:
        command = error.ctx.command_path if error.ctx is not None else "nzip"
        print(f"nzip: {error.format_message()} (try {command} -h)", file=sys.stderr)
        return EXIT_USAGE
    return code or 0
