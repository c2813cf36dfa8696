"""The options that say how to compress, for every command that does."""

from __future__ import annotations

import functools
import os
import re
from itertools import pairwise
from typing import Any

import click

from nzip.cli import options
from nzip.cli.console import Console
from nzip.cli.path_completion import any_path
from nzip.format.limits import MAX_BLOCK, MAX_LANES, MAX_MODEL_THREADS, MAX_RUN
from nzip.levels import DEFAULT_LEVEL, LEVELS, spans
from nzip.options import DEFAULT_SOLID, MAX_RECOVERY
from nzip.pipeline import EncodeOptions
from nzip.sizes import is_size, parse_percent


class LevelCommand(click.Command):
    """Takes -10 for a level that there is not: click would take it for -1 and another option."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        for option in args[: _options_end(args)]:
            if re.fullmatch(r"-\d+", option) and int(option[1:]) not in LEVELS:
                ctx.fail(f"no level {option}; there are -{min(LEVELS)} to -{max(LEVELS)}")
        return super().parse_args(ctx, args)


class EncodeCommand(LevelCommand):
    """Lets --solid stand alone: click would take the word after it for its size."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        end = _options_end(args)
        for option, value in pairwise(args[:end]):
            if option == "--solid" and is_size(value) and not os.path.lexists(value):
                ctx.fail(f"no file {value!r}; a size needs an equals sign: --solid={value}")
        args[:end] = [f"--solid={DEFAULT_SOLID}" if arg == "--solid" else arg for arg in args[:end]]
        return super().parse_args(ctx, args)


def _options_end(args: list[str]) -> int:
    return args.index("--") if "--" in args else len(args)


def _percent(text: str) -> float:
    try:
        value = parse_percent(text)
    except ValueError as error:
        raise click.BadParameter(str(error)) from None
    if not 0 < value <= MAX_RECOVERY:
        raise click.BadParameter(f"{text!r} is not more than 0% and at most {MAX_RECOVERY}%")
    return value


recovery_option = click.option(
    "--recovery",
    type=_percent,
    metavar="N%",
    help="Add what restores so much of the output if it is lost in one place (see nzip repair).",
)
lanes_option = click.option(
    "--lanes",
    type=click.IntRange(1, MAX_LANES),
    default=1,
    metavar="N",
    help="Lanes in a block [1, the smallest].",
)


def encoding(command: options.Command) -> options.Command:
    """Passes the EncodeOptions that the user chose to a command of the class EncodeCommand."""

    @level_options
    @recovery_option
    @click.option("--verify", is_flag=True, help="Decode each block before it is written; --rm implies this.")
    @options.effort
    @options.device
    @click.option("--block-size", type=options.size(MAX_BLOCK), help="Plaintext in a block [by level].")
    @click.option(
        "--solid",
        type=options.size(MAX_RUN),
        metavar="[=SIZE]",
        help="Blocks continue the statistics of the block before, anew after SIZE [256M].",
    )
    @lanes_option
    @click.option(
        "--model",
        metavar="NAME",
        shell_complete=any_path,
        help="Network or language model: none, default, or a name, an id or a path (see nzip models)"
        f" [{_by_level('model')}].",
    )
    @click.option(
        "--model-threads",
        type=click.IntRange(1, MAX_MODEL_THREADS),
        metavar="N",
        default=1,
        help="Threads of a language model, in each block, at most the cores; restoring needs as many [1].",
    )
    @click.option(
        "--gpu-layers",
        type=click.IntRange(0),
        metavar="N",
        default=0,
        help="Layers of a language model on a GPU; restoring needs the same kind of GPU [0].",
    )
    @click.option(
        "--prime",
        metavar="NAME",
        shell_complete=any_path,
        help=f"Text to start from: none, default or a path [{_by_level('prime')}].",
    )
    @functools.wraps(command)
    def wrapper(
        console: Console,
        level: int | None,
        recovery: float | None,
        verify: bool,
        threads: int,
        memory: int | None,
        block_size: int | None,
        solid: int | None,
        lanes: int,
        model: str | None,
        model_threads: int,
        gpu_layers: int,
        prime: str | None,
        device: str,
        **rest: Any,
    ) -> int:
        try:
            chosen = EncodeOptions(
                level=level or DEFAULT_LEVEL,
                recovery=recovery or 0,
                verify=verify,
                threads=threads,
                memory_limit=memory,
                block_size=block_size,
                solid=solid,
                lanes=lanes,
                model=model,
                model_threads=model_threads,
                gpu_layers=gpu_layers,
                prime=prime,
                device=device,
            )
        except OSError as error:
            console.option_error(f"-{level or DEFAULT_LEVEL}" if model is None else "--model", error)
            return console.exit_code
        return command(console=console, encode_options=chosen, **rest)

    return wrapper


def level_options(command: options.Command) -> options.Command:
    """-1 to -9, one option each, shown as one line of help, for a command of the class LevelCommand."""
    for number in sorted(LEVELS, reverse=True):
        first = number == min(LEVELS)
        command = click.option(
            f"-{number}",
            "level",
            type=int,
            flag_value=number,
            hidden=not first,
            help=f"to -{max(LEVELS)}: from fast to strong [{DEFAULT_LEVEL}]." if first else None,
        )(command)
    return command


def _by_level(choice: str) -> str:
    """Which network or prime each level uses, in words."""
    numbers: dict[str, list[int]] = {}
    for number, level in LEVELS.items():
        numbers.setdefault(getattr(level, choice), []).append(number)
    return ", ".join(f"{name} at {spans(levels)}" for name, levels in numbers.items())
