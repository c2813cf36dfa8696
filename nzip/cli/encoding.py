"""The options that say how to compress, for every command that does."""

from __future__ import annotations

import functools
import os
import re
from collections.abc import Callable
from dataclasses import replace
from itertools import pairwise
from typing import Any

import click

from nzip.cli import options
from nzip.cli.console import Console
from nzip.cli.defined import Command, defined, taken
from nzip.levels import LEVELS
from nzip.option_table import COMPRESSING, MODEL, REF, Option
from nzip.options import DEFAULT_SOLID
from nzip.pipeline import EncodeOptions, resolve_encoding
from nzip.sizes import is_size


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


def _encoding(*rows: Option) -> Callable[[Command], Command]:
    """Passes an Encoding to a command of the class EncodeCommand, by the options of these rows."""

    def decorate(command: Command) -> Command:
        @defined(*rows)
        @options.checked_device
        @functools.wraps(command)
        def wrapper(console: Console, **given: Any) -> int:
            model = given[MODEL.name]
            chosen = EncodeOptions(**taken(given, rows))
            try:
                encoding = resolve_encoding(chosen)
            except OSError as error:
                level_or_model = f"-{chosen.level}" if model is None else MODEL.flag
                console.option_error(REF.flag if _is_for_ref(chosen) else level_or_model, error)
                return console.exit_code
            return command(console=console, encoding=encoding, **given)

        return wrapper

    return decorate


def _is_for_ref(chosen: EncodeOptions) -> bool:
    """Whether options that cannot be used could be without a reference."""
    if chosen.ref is None:
        return False
    try:
        resolve_encoding(replace(chosen, ref=None))
    except OSError:
        return False
    return True


encode_options = _encoding(*(row for row in COMPRESSING if row is not REF))
encode_options_and_ref = _encoding(*COMPRESSING)
