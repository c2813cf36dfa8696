"""Options of a command line, made from the rows of the option table."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import click

from nzip.cli.path_completion import any_path
from nzip.levels import LEVELS
from nzip.option_table import LEVEL, Option
from nzip.option_values import Choice, Flag, Name, Number, Path, Paths, Patterns, Switch, Values

Command = Callable[..., int]


def defined(*options: Option) -> Callable[[Command], Command]:
    """Adds options to a command, which gets their values by their names; None for what was not said."""

    def decorate(command: Command) -> Command:
        for option in reversed(options):
            command = _levels(command) if option is LEVEL else _click_option(option)(command)
        return command

    return decorate


def _click_option(option: Option) -> Callable[[Command], Command]:
    values = option.values
    flag, more = option.flag, _type_of(values)
    if isinstance(values, Switch):
        flag += f"/--no-{option.flag.removeprefix('--')}"
    if isinstance(values, Path | Paths) or (isinstance(values, Name) and values.may_be_path):
        more["shell_complete"] = any_path
    names = [option.name, *([f"-{option.letter}"] if option.letter else []), flag]
    metavar = option.metavar or values.metavar
    return click.option(*names, default=None, metavar=metavar, help=option.text, **more)


def _type_of(values: Values) -> dict[str, Any]:
    """What click is told of the values."""
    if isinstance(values, Flag):
        return {"is_flag": True}
    if isinstance(values, Number):
        return {"type": click.IntRange(values.least, values.most)}
    if isinstance(values, Choice):
        return {"type": click.Choice(values.words)}
    if isinstance(values, Switch):
        return {}
    return {"type": _reader(values), "multiple": isinstance(values, Patterns | Paths)}


def _reader(values: Values) -> Callable[[str], Any]:
    def read(text: str) -> Any:
        try:
            return values.read(text)
        except ValueError as error:
            raise click.BadParameter(str(error)) from None

    return read


def _levels(command: Command) -> Command:
    """-1 to -9, one option each, shown as one line of help, for a command of the class LevelCommand."""
    for number in sorted(LEVELS, reverse=True):
        first = number == min(LEVELS)
        command = click.option(
            f"-{number}",
            LEVEL.name,
            type=int,
            flag_value=number,
            hidden=not first,
            help=f"to -{max(LEVELS)}: {LEVEL.text}" if first else None,
        )(command)
    return command


def taken(given: dict[str, Any], options: Iterable[Option]) -> dict[str, Any]:
    """The values of options by their fields, taken out of what a command was given, or their defaults."""
    said = {option: given.pop(option.name) for option in options if option.name in given}
    return {option.field: option.default if value is None else value for option, value in said.items()}
