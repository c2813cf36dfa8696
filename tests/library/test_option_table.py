"""One definition of every option: the library's types, the commands and job files say the same."""

from __future__ import annotations

import inspect
from dataclasses import fields

import click
import pytest
from support import TESTS

from nzip.archive import Selection, extract
from nzip.archive import options as archive_options
from nzip.archive.batch import job_options
from nzip.cli.commands import nzip
from nzip.option_table import ANY_ENVIRONMENT, COMPRESSING, MAX_OUTPUT, MEMORY, REF, RESTORING, SPARSE
from nzip.option_values import Number, Percent, Size
from nzip.options import DecodeOptions, DecodingOptions, EncodeOptions, Options

LIBRARY_ONLY = {"index"}  # to leave it out is for streams that a program reads in order
COMMANDS = ["c", "d", "t", "l", "estimate", "batch"] + [
    f"archive {name}"
    for name in ("create", "append", "delete", "rename", "list", "extract", "test", "verify", "salvage")
]

_STORED = (*COMPRESSING, *archive_options.STORING)
_RESTORED = (*RESTORING, *archive_options.RESTORING)
ROWS = {
    "batch": job_options.COMMAND,
    **dict.fromkeys(("archive create", "archive append"), _STORED),
    **dict.fromkeys(("archive extract", "archive salvage"), _RESTORED),
}
FORCED = ("t", "archive test", "archive verify", "archive extract", "archive salvage", "batch")


def command(words):
    found = nzip
    for word in words.split():
        found = found.get_command(click.Context(found), word)
    return found


def test_the_library_has_the_fields_of_the_table():
    names = {option.field for option in COMPRESSING} | LIBRARY_ONLY
    assert {field.name for field in fields(EncodeOptions) if field.init} == names
    assert {"level", *Options.__annotations__} == names
    names = {option.field for option in RESTORING}
    assert {field.name for field in fields(DecodeOptions)} == set(DecodingOptions.__annotations__) == names
    assert DecodeOptions() == DecodeOptions(**{option.field: option.default for option in RESTORING})


@pytest.mark.parametrize("option", COMPRESSING, ids=lambda option: option.name)
def test_defaults_and_ranges(option):
    assert getattr(EncodeOptions(level=1), option.field) == (1 if option.field == "level" else option.default)
    values = option.values
    if not isinstance(values, Number | Size | Percent):
        return
    least = values.least if isinstance(values, Number) else 0 if isinstance(values, Percent) else 1
    EncodeOptions(**{"level": 1, "model": "none", "prime": "none", option.field: least})
    if option.field == "memory_limit":
        return
    with pytest.raises(ValueError, match=option.name.partition("_")[0]):
        EncodeOptions(**{"level": 1, "model": "none", "prime": "none", option.field: least - 1})
    if values.most is not None:
        EncodeOptions(**{"level": 1, "model": "none", "prime": "none", option.field: values.most})
        with pytest.raises(ValueError, match=option.name.partition("_")[0]):
            EncodeOptions(**{"level": 1, "model": "none", "prime": "none", option.field: values.most + 1})


def test_the_library_takes_of_archives_what_the_table_has():
    own = {"archive", "members", "threads", "complain", "progress"}
    names = {option.field for option in archive_options.RESTORING}
    assert set(inspect.signature(extract).parameters) - own == names
    assert {*Selection._fields} == {option.field for option in archive_options.STORING} - {
        "folder",
        "excluded_from",
    }


@pytest.mark.parametrize("words", COMMANDS)
def test_commands_explain_an_option_as_the_table_does(words):
    rows = {}
    for row in ROWS.get(words, (*COMPRESSING, *RESTORING, SPARSE)):
        rows.setdefault(row.flag, set()).add(row.text)
    shared = [
        parameter
        for parameter in command(words).params
        if isinstance(parameter, click.Option) and any(flag in rows for flag in parameter.opts)
    ]
    assert shared
    for parameter in shared:
        (flag,) = (flag for flag in parameter.opts if flag in rows)
        if flag == "--force" and words not in FORCED:
            continue  # that replaces files
        assert parameter.help in rows[flag], flag


@pytest.mark.parametrize(
    ("words", "least"),
    [
        ("c", {*COMPRESSING}),
        ("archive create", {*_STORED} - {REF}),
        ("archive append", {*_STORED} - {REF}),
        ("batch", {*job_options.COMMAND}),
        ("d", {*RESTORING, SPARSE} - {ANY_ENVIRONMENT}),  # which its --force stands for, too
        ("t", {*RESTORING}),
        ("l", {MEMORY}),
        ("archive extract", {*_RESTORED} - {ANY_ENVIRONMENT}),
        ("archive salvage", {*_RESTORED} - {ANY_ENVIRONMENT}),
        ("archive test", {*RESTORING} - {MAX_OUTPUT}),  # nothing comes out
        ("archive verify", {*RESTORING} - {MAX_OUTPUT}),
    ],
)
def test_commands_have_all_of_the_table(words, least):
    assert {option.name for option in least} <= {parameter.name for parameter in command(words).params}


def test_job_files_have_what_the_command_has():
    assert {*job_options.JOB} - {"source"} == {option.name for option in job_options.COMMAND}
    assert {*job_options.RULE} == {option.name for option in COMPRESSING if option.changes_bytes}
    page = (TESTS.parent / "docs" / "batch.md").read_text(encoding="utf-8")
    example = page.partition("```toml")[2].partition("```")[0]
    for key in job_options.JOB:
        assert f"{key} = " in example or f"{key}," in example or f"{key}\n" in example, key
