"""nzip man: the manual page, made from what the commands say of themselves."""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterator

import click

from nzip.cli.console import tell

EXIT_CODES = {
    0: "All is well.",
    1: "An error of the system or of a file's state: missing, exists, not permitted, disk full.",
    2: "A warning: a file was skipped or changed while it was read, a GPU was lost, or --salvage could not"
    " restore everything.",
    3: "The archive ends too early.",
    4: "Not an archive, or one whose structure is broken, or something else follows it.",
    5: "A checksum does not match: the archive is damaged.",
    6: "The archive needs a newer nzip; the message names what.",
    7: "More memory is needed than allowed (-M) or there, or more output or time than is allowed"
    " (--max-output, --max-time).",
    8: "A model, a prime or a reference is unknown, missing or broken; the message names it.",
    9: "A batch job ended, and some of its files are not archived.",
    64: "The command was not understood.",
    70: "A defect of nzip.",
}
ENVIRONMENT = {
    "NZIP_CACHE": "The folder in which the tables that primes lead to are kept.",
    "NZIP_MODELS": "Folders in which models are searched for, after nzip's own.",
    "NZIP_SIMD": "The instruction set: scalar, avx2, avx512 or neon. It changes no byte of the output.",
    "NZIP_DEBUG": "Where this is set, errors come with a traceback.",
}


@click.command(short_help="The manual page.")
def man() -> int:
    """Print the manual page, as man reads it.

    \b
    nzip man | man -l -
    nzip man > ~/.local/share/man/man1/nzip.1
    """
    from nzip import __version__
    from nzip.cli.commands import nzip

    tell("\n".join(_page(nzip, __version__)))
    return 0


def _page(group: click.Group, version: str) -> Iterator[str]:
    context = click.Context(group, info_name="nzip")
    summary, *_ = (group.help or "").splitlines()
    yield f'.TH NZIP 1 "" "nzip {version}" "User Commands"'
    yield ".SH NAME"
    yield _text(f"nzip - {summary.rstrip('.')}")
    yield ".SH SYNOPSIS"
    yield f"{_bold('nzip')} {_text('COMMAND [OPTIONS] [ARGUMENTS]')}"
    yield ".SH DESCRIPTION"
    yield from _paragraphs(group.help or "")
    yield ".SH COMMANDS"
    yield from _commands(group, context)
    yield ".SH EXIT STATUS"
    for code, meaning in EXIT_CODES.items():
        yield from _item(str(code), meaning)
    yield from _item("128 + n", "Ended by signal n.")
    yield ".SH ENVIRONMENT"
    for name, meaning in ENVIRONMENT.items():
        yield from _item(name, meaning)


def _commands(group: click.Group, context: click.Context) -> Iterator[str]:
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        assert command is not None
        inner = click.Context(command, info_name=name, parent=context)
        if isinstance(command, click.Group):
            yield from _commands(command, inner)
            continue
        yield f".SS {_text(inner.command_path)} {_text(' '.join(command.collect_usage_pieces(inner)))}"
        yield from _paragraphs(command.help or "")
        for parameter in command.get_params(inner):
            if isinstance(parameter, click.Option) and (record := parameter.get_help_record(inner)):
                yield from _item(*record)


def _paragraphs(text: str) -> Iterator[str]:
    for paragraph in inspect.cleandoc(text).split("\n\n"):
        yield ".PP"
        if paragraph.startswith("\b\n"):  # click's mark of lines to be left as they are
            yield from (".nf", *map(_text, paragraph.splitlines()[1:]), ".fi")
        else:
            yield _text(" ".join(paragraph.split()))


def _item(term: str, meaning: str) -> Iterator[str]:
    yield from (".TP", _bold(term), _text(meaning))


def _bold(text: str) -> str:
    return rf"\fB{_text(text)}\fR"


def _text(text: str) -> str:
    """As roff takes it: with hyphens that can be copied, and no line that looks like a request."""
    return re.sub(r"^([.'])", r"\\&\1", text.replace("\\", r"\e").replace("-", r"\-"))
