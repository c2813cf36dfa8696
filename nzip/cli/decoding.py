"""The options that say what restoring takes, for every command that reads archives."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

from nzip.cli import options
from nzip.cli.console import Console
from nzip.cli.defined import Command, defined, taken
from nzip.option_table import (
    ANY_ENVIRONMENT,
    DEVICE,
    MAX_OUTPUT,
    MAX_TIME,
    MEMORY,
    MODEL_NEEDED,
    PRIME_NEEDED,
    REF_NEEDED,
    THREADS,
    Option,
)
from nzip.options import DecodeOptions
from nzip.pipeline import resolve_decoding

_FILES = (PRIME_NEEDED, REF_NEEDED, MODEL_NEEDED)


def _decoding(*rows: Option) -> Callable[[Command], Command]:
    """Passes a Decoding to a command, by the options of these rows."""

    def decorate(command: Command) -> Command:
        @functools.wraps(command)
        def wrapper(console: Console, any_environment: bool = False, **given: Any) -> int:
            chosen = taken(given, rows)
            try:
                decoding = resolve_decoding(DecodeOptions(**chosen))
            except OSError as error:
                named = [row.flag for row in _FILES if chosen.get(row.field) is not None]
                console.option_error(named[0] if named else MEMORY.flag, error)
                return console.exit_code
            if any_environment:
                decoding = decoding.in_any_environment()
            return command(console=console, decoding=decoding, **given)

        checked = options.checked_device(wrapper) if DEVICE in rows else wrapper
        return defined(*rows)(checked)

    return decorate


reading = _decoding(MEMORY)  # what archives say of what they hold
# Restoring, where another option says how much may come out, and whether any environment is right.
restoring = _decoding(THREADS, MEMORY, MAX_TIME, DEVICE, *_FILES)
restoring_all = _decoding(THREADS, MEMORY, MAX_TIME, MAX_OUTPUT, DEVICE, *_FILES)
testing = _decoding(THREADS, MEMORY, MAX_TIME, ANY_ENVIRONMENT, DEVICE, *_FILES)
testing_all = _decoding(THREADS, MEMORY, MAX_TIME, MAX_OUTPUT, ANY_ENVIRONMENT, DEVICE, *_FILES)
