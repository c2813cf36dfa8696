"""Every message and exit code that scripts and people rely on, word for word."""

from __future__ import annotations

import io
import json
import os
import random
import re
import subprocess
import sys
from pathlib import Path

import pytest

import nzip
from nzip.format.fields import encode_varint
from nzip.format.header import StreamHeader
from nzip.format.metadata import Metadata
from nzip.format.record import encode_record
from nzip.format.registry import MetadataTag, RecordType
from nzip.pipeline import EncodeOptions, compress_stream

INVALID = "Invalid value for"
DIRECTORY = "is a directory; nzip archive create DIR.nza DIR makes one file of it"

# What the folder holds: text, text.nz (good), and damaged forms of text.nz.
CASES = [
    # arguments, exit code, stderr
    ("c missing", 1, "nzip: missing: No such file or directory"),
    ("c folder", 1, f"nzip: folder: {DIRECTORY}"),
    ("d folder", 1, "nzip: folder: is a directory"),
    ("l folder", 1, "nzip: folder: is a directory"),
    ("c link", 1, "nzip: link: is a symbolic link; -f, -c or -o reads it anyway"),
    ("c /dev/null", 1, "nzip: /dev/null: is not a regular file; -f, -c or -o reads it anyway"),
    ("c text", 1, "nzip: text.nz: exists; -f replaces it"),
    ("c text.nz", 2, "nzip: text.nz: already ends in .nz; -f compresses it again"),
    ("c -q text.nz", 2, ""),
    ("c missing.nz", 1, "nzip: missing.nz: No such file or directory"),
    ("estimate missing", 1, "nzip: missing: No such file or directory"),
    ("bench folder", 1, "nzip: folder: is not a regular file"),
    ("c missing text.nz", 1, "nzip: missing: No such file or directory\n"
        "nzip: text.nz: already ends in .nz; -f compresses it again"),
    ("c text -o nowhere/out.nz", 1, "nzip: nowhere/out.nz: No such file or directory"),
    ("c text -o text/out.nz", 1, "nzip: text/out.nz: Not a directory"),
    ("c text -o new/", 1, "nzip: new/: is not a folder that exists"),
    ("c text -o text.nz/", 1, "nzip: text.nz/: is not a folder that exists"),
    ("c text --output=", 64, "nzip: -o needs a name (try nzip c -h)"),
    ("c -f text -o text", 1, "nzip: text: is the source itself"),
    ("c --rm -f text -o /dev/null", 1, "nzip: /dev/null: is not a regular file; --rm needs one to write to"),
    ("c --rm -f link", 1, "nzip: link: not a regular file; --rm removes nothing else"),
    ("c -f -M 64K text", 7, "nzip: text: needs SIZE of memory, the limit is 64.0 KiB (see -M)"),
    ("c --model x text", 8,
        "nzip: --model: model 'x' is not known; nzip models list shows those that are"),
    ("d text", 1, "nzip: text: name does not end in .nz; use -o FILE or -c"),
    ("d .nz", 1, "nzip: .nz: name does not end in .nz; use -o FILE or -c"),
    ("d text.nz", 1, "nzip: text: exists; -f replaces it"),
    ("d -c text", 4, "nzip: text: not nzip data"),
    ("d -c", 3, "nzip: stdin: the input is empty"),
    ("d -c empty.nz", 3, "nzip: empty.nz: the input is empty"),
    ("d cut.nz", 3, "nzip: cut.nz: the data end before the stream does"),
    ("d flipped.nz", 5, "nzip: flipped.nz: a block is damaged: its checksum does not match"),
    ("d trailing.nz", 4, "nzip: trailing.nz: data that are not nzip's follow the last stream"),
    ("d header.nz", 5, "nzip: header.nz: the stream header is damaged"),
    ("d version.nz", 6, "nzip: version.nz: container version 2 is not known"),
    ("d feature.nz", 6, "nzip: feature.nz: feature 0, 3 is not known"),
    ("d -M 64K -c text.nz", 7, "nzip: text.nz: needs SIZE of memory, the limit is 64.0 KiB (see -M)"),
    ("t flipped.nz text.nz cut.nz", 5, "nzip: flipped.nz: a block is damaged: its checksum does not match\n"
        "nzip: cut.nz: the data end before the stream does"),
    ("l cut.nz", 3, "nzip: cut.nz: the data end before the stream does"),
    ("l empty.nz", 3, "nzip: empty.nz: the input is empty"),
    ("d --salvage empty.nz", 3, "nzip: empty.nz: the input is empty"),
    ("archive list empty.nz", 3, "nzip: empty.nz: the input is empty"),
    ("archive test empty.nz", 3, "nzip: empty.nz: the input is empty"),
    ("c -f --model ./empty.nz text", 8, "nzip: ./empty.nz: the input is empty"),
    ("c -f --prime empty.nz text", 8, "nzip: empty.nz: the input is empty"),
    ("models add empty.nz", 8, "nzip: empty.nz: the input is empty"),
    ("", 64, None),
    ("text", 64, "nzip: no command 'text'; nzip c text compresses that file (try nzip -h)"),
    ("text.nz", 64, "nzip: no command 'text.nz'; nzip d text.nz restores that file (try nzip -h)"),
    ("x", 64, "nzip: no command 'x'; nzip c FILE compresses, nzip d FILE.nz restores (try nzip -h)"),
    ("-9 text", 64,
        "nzip: no option '-9'; nzip c FILE compresses, nzip d FILE.nz restores (try nzip -h)"),
    ("-d text.nz", 1, "nzip: text: exists; -f replaces it"),
    ("c -10 text", 64, "nzip: no level -10; there are -1 to -9 (try nzip c -h)"),
    ("c -15 text", 64, "nzip: no level -15; there are -1 to -9 (try nzip c -h)"),
    ("batch -0 folder --out new", 64, "nzip: no level -0; there are -1 to -9 (try nzip batch -h)"),
    ("completion tcsh", 64,
        f"nzip: {INVALID} '{{bash|fish|zsh}}': 'tcsh' is not one of 'bash', 'fish', 'zsh'"
        " (try nzip completion -h)"),
    ("archive foo", 64, "nzip: No such command 'foo' (try nzip archive -h)"),
    ("c -x", 64, None),  # in click's words
    ("c -c -o x text", 64, "nzip: -c and -o exclude each other (try nzip c -h)"),
    ("c text link -o x", 64, "nzip: -o must be a folder when there are several sources (try nzip c -h)"),
    ("c --rm -c text", 64, "nzip: --rm needs an output file (try nzip c -h)"),
    ("c --rm -", 64, "nzip: --rm needs an output file (try nzip c -h)"),
    ("c --json -c text", 64,
        "nzip: --json and the data cannot share standard output; use -o FILE (try nzip c -h)"),
    ("d --salvage --rm x.nz", 64, "nzip: --salvage keeps the damaged file; it excludes --rm (try nzip d -h)"),
    ("c --lanes 0 text", 64, None),
    ("c --lanes 1025 text", 64, None),
    ("c --block-size 2G text", 64,
        f"nzip: {INVALID} '--block-size': '2G' is not at least 1 byte and at most 1.00 GiB (try nzip c -h)"),
    ("c -M 0 text", 64, f"nzip: {INVALID} '-M' / '--memory': '0' is not at least 1 byte (try nzip c -h)"),
    ("c --solid 1M text", 64,
        "nzip: no file '1M'; a size needs an equals sign: --solid=1M (try nzip c -h)"),
    ("c -M lots text", 64,
        f"nzip: {INVALID} '-M' / '--memory': 'lots' is not a size such as 64K, 512M or 2G (try nzip c -h)"),
    ("bench", 64, None),
    ("bench missing", 1, "nzip: missing: No such file or directory"),
]  # fmt: skip


@pytest.fixture
def folder(cli, text) -> Path:
    cli.write("text", text)
    cli.ok("c", "-n", "text")
    packed = cli.read("text.nz")
    middle = len(packed) // 2
    cli.write("empty.nz", b"")
    cli.write("cut.nz", packed[:middle])
    stored = nzip.compress(random.Random(1).randbytes(1000))
    cli.write("flipped.nz", stored[:500] + bytes([stored[500] ^ 1]) + stored[501:])
    cli.write("trailing.nz", packed + b"tail")
    cli.write("header.nz", packed[:4] + b"\xee" + packed[5:])
    records = packed[len(StreamHeader().encode()) :]
    cli.write("version.nz", StreamHeader(version=2).encode() + records)
    cli.write("feature.nz", StreamHeader(features=0b1001).encode() + records)
    cli.write(".nz", packed)
    (cli.folder / "folder").mkdir()
    (cli.folder / "link").symlink_to("text")
    return cli.folder


@pytest.mark.parametrize(("arguments", "code", "message"), CASES, ids=[case[0] for case in CASES])
def test_message(cli, folder, arguments, code, message):
    before = contents(folder)
    result = cli(*arguments.split())
    shown = re.sub(r"needs [\d.]+ [KM]iB", "needs SIZE", result.err)
    assert (result.code, shown) == (code, shown if message is None else message and message + "\n")
    assert contents(folder) == before  # whatever went wrong, nothing changed


def contents(folder: Path) -> dict[str, tuple[int, int, int]]:
    return {p.name: (p.lstat().st_ino, p.lstat().st_size, p.lstat().st_mtime_ns) for p in folder.iterdir()}


def test_names_are_printed_harmlessly(cli):
    assert cli("c", "a\x1b[2Jb\n").err == "nzip: a\\x1b[2Jb\\n: No such file or directory\n"
    assert (
        cli("c", b"\xff".decode("utf-8", "surrogateescape")).err == "nzip: \\xff: No such file or directory\n"
    )


BROKEN = """
import sys, nzip.cli, nzip.cli.compress
nzip.cli.compress.compress_stream = lambda *_, **__: 1 / 0
sys.argv = ["nzip", "c", "a"]
nzip.cli.main()
"""


@pytest.mark.parametrize("debug", ["", "1"])
def test_a_defect_is_one_line_and_leaves_nothing(cli, text, debug):
    cli.write("a", text)
    process = subprocess.run(
        [sys.executable, "-c", BROKEN],
        cwd=cli.folder,
        env={**os.environ, "NZIP_DEBUG": debug},
        stderr=subprocess.PIPE,
        text=True,
        check=False,
    )
    lines = process.stderr.splitlines()
    assert (process.returncode, lines[0]) == (70, "nzip: internal error: ZeroDivisionError: division by zero")
    assert ("Traceback" in process.stderr, len(lines) > 1) == (bool(debug), bool(debug))
    assert cli.names() == ["a"]


def test_instructions_that_the_processor_lacks(cli, text):
    cli.write("a", text)
    result = cli("c", "-c", "a", env={**os.environ, "NZIP_SIMD": "foo"})
    message = "nzip: NZIP_SIMD=foo is not available on this processor\n"
    assert result == (64, b"", message)


def test_help_is_on_stdout(cli):
    for arguments in (
        ["-h"],
        ["c", "-h"],
        ["d", "--help"],
        ["t", "-h"],
        ["l", "-h"],
        ["models", "-h"],
        ["bench", "-h"],
    ):
        assert b"Usage: nzip" in cli.ok(*arguments).out


def test_version(cli):
    assert re.fullmatch(rb"nzip \d+\.\d+\.\d+ \(engine revision \d+, \w+\)\n", cli.ok("--version").out)


def test_verbose_tells_what_was_done(cli, text):
    cli.write("a", text)
    lines = cli("c", "-v", "a").err.splitlines()
    assert re.fullmatch(r"nzip: a: level 6, network 1, threads 1, memory up to [\d.]+ MiB", lines[0])
    assert re.fullmatch(r"nzip: a: 4\.88 KiB to \d+ B, [\d.]+ %, [\d.]+ s, in a\.nz", lines[1])
    assert re.fullmatch(
        r"nzip: a\.nz: ok, \d+ B to 4\.88 KiB, [\d.]+ %, [\d.]+ s\n", cli("t", "-v", "a.nz").err
    )


def test_what_an_archive_says_is_cut_short(cli):
    def write(name: str, metadata: Metadata) -> None:
        with (cli.folder / name).open("wb") as file:
            compress_stream(io.BytesIO(), file, EncodeOptions(), metadata=metadata)

    name = b"/\x1b" * 500_000
    body = encode_varint(MetadataTag.NAME) + encode_varint(len(name)) + name
    cli.write("a.nz", StreamHeader().encode() + encode_record(RecordType.METADATA, body))
    for result in cli("t", "a.nz"), cli("l", "--json", "a.nz"):
        assert result.code == 4
        assert result.err.startswith("nzip: a.nz: metadata: b'/\\x1b/")
        assert len(result.err) + len(result.out) < 600

    write("b.nz", Metadata(user=((b"key", b"\xff" * 1_000_000),)))
    out = cli.ok("l", "-v", "b.nz").out
    assert b"key \\xff" in out
    assert len(out) < 500
    write("c.nz", Metadata(name=b"x" * 1_000_000))
    assert len(cli.ok("l", "-v", "c.nz").out) < 500
    assert cli("d", "-N", "c.nz").err == "nzip: c.nz: the stored name is too long; use -o FILE\n"


def test_names_in_the_middle_of_a_line_are_printed_harmlessly(cli, text):
    name = os.fsdecode(b"a\x1b[2J\xff")
    (cli.folder / name).write_bytes(text)
    assert cli("c", "-1", "-v", name).err.endswith("in a\\x1b[2J\\xff.nz\n")


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="needs /dev/full")
@pytest.mark.parametrize(
    ("arguments", "code"), [("c -v -f text", 0), ("c missing", 1), ("", 64), ("nothing", 64)]
)
def test_nobody_to_tell(folder, arguments, code):
    """A standard error that takes nothing changes no exit code."""
    script = f'exec "{sys.executable}" -m nzip {arguments} 2>/dev/full'
    assert subprocess.run(script, shell=True, cwd=folder, check=False).returncode == code


def test_a_locale_without_the_letters(cli, text):
    variables = {**os.environ, "LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}
    (cli.folder / "gr\u00fcn").write_bytes(text)
    cli.ok("archive", "create", "-1", "a.nza", "gr\u00fcn")
    assert cli("c", "-1", "-v", "gr\u00fcn", env=variables).err.endswith("in gr\\xfcn.nz\n")
    assert cli.ok("archive", "list", "a.nza", env=variables).out == b"gr\\xfcn\n"
    found = cli("archive", "extract", "a.nza", env=variables)
    assert (found.code, found.err) == (1, "nzip: gr\\xfcn: exists; -f replaces it\n")


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        (["c", ""], 1, "nzip: '': No such file or directory\n"),
        (["archive", "create", "", "a"], 1, "nzip: '': No such file or directory\n"),
        (["c", "--prime", "", "a"], 1, "nzip: '': No such file or directory\n"),
        (
            ["models", "add", "my.nzp", "--name", ""],
            1,
            "nzip: my.nzp: '' is no name for a model; --name gives another\n",
        ),
    ],
)
def test_names_that_are_empty(cli, text, arguments, code, message):
    cli.write("a", text)
    if "my.nzp" in arguments:
        cli.ok("train", "-1", "a", "-o", "my.nzp")
    result = cli(*arguments, env={**os.environ, "XDG_DATA_HOME": str(cli.folder / "data")})
    assert (result.code, result.err) == (code, message)


def test_damage_is_told_of_an_archive_and_programs_of_what_they_named(cli):
    data = random.Random(1).randbytes(3000)
    cli.write("a", data)
    cli.ok("archive", "create", "-1", "x.nza", "a")
    packed = bytearray(cli.read("x.nza"))
    packed[1000] ^= 1
    cli.write("x.nza", bytes(packed))
    (cli.folder / "out").mkdir()
    reason = "a block is damaged: its checksum does not match"
    for command in ["test", "x.nza"], ["extract", "x.nza", "-C", "out"], ["verify", "x.nza", "."]:
        result = cli("archive", *command, "--json")
        assert (result.code, result.err) == (5, f"nzip: x.nza: a: {reason}\n")
        found = json.loads(result.out.splitlines()[0])
        assert found == {"file": "x.nza", "member": "a", "error": reason, "exit_code": 5}
    cli.write("a.nz", b"")
    found = json.loads(cli("c", "--json", "a").out)
    assert found == {"file": "a", "path": "a.nz", "error": "exists; -f replaces it", "exit_code": 1}
