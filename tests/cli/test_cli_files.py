"""What c and d make of names, folders, pipes, modes and times."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest
from support.far_times import AFTER, BEFORE, give_far_time

import nzip
from nzip.format.fields import encode_varint
from nzip.format.header import StreamHeader
from nzip.format.record import encode_record
from nzip.format.registry import MetadataTag, RecordType
from nzip.pipeline.attributes import Attributes


def test_there_and_back(cli, text):
    cli.write("a.txt", text)
    cli.ok("c", "a.txt")
    assert cli.names() == ["a.txt", "a.txt.nz"]
    os.unlink(cli.folder / "a.txt")
    cli.ok("d", "a.txt.nz")
    assert cli.read("a.txt") == text
    assert nzip.decompress(cli.read("a.txt.nz")) == text


@pytest.mark.parametrize("data", [b"", b"x", bytes(range(256)) * 4, b"\0" * 100_000])
def test_any_bytes(cli, data):
    cli.write("a", data)
    cli.ok("c", "a")
    assert cli.ok("d", "-c", "a.nz").out == data
    assert cli.ok("t", "a.nz").out == b""


def test_pipes(cli, text):
    packed = cli.ok("c", data=text).out
    assert cli.ok("d", data=packed).out == text
    assert cli.ok("c", "-", data=text).out == packed
    assert cli.ok("d", "-", "-o", "-", data=packed).out == text
    assert cli.names() == []


def test_pipe_and_library_store_no_name(cli, text):
    assert cli.ok("c", "-", data=text).out == nzip.compress(text)


def test_several_files(cli, text):
    for name in "abc":
        cli.write(name, text + name.encode())
    cli.ok("c", "a", "b", "c")
    assert cli.names() == ["a", "a.nz", "b", "b.nz", "c", "c.nz"]
    assert cli.ok("d", "-c", "a.nz", "b.nz", "c.nz").out == text + b"a" + text + b"b" + text + b"c"
    assert cli.ok("t", "a.nz", "b.nz", "c.nz").out == b""


def test_one_bad_file_does_not_stop_the_others(cli, text):
    cli.write("a", text)
    cli.write("c", text)
    result = cli("c", "a", "missing", "c")
    assert result.code == 1
    assert result.err == "nzip: missing: No such file or directory\n"
    assert cli.names() == ["a", "a.nz", "c", "c.nz"]


def test_concatenated_files_restore_as_one(cli, text):
    cli.write("a", text)
    cli.ok("c", "a")
    cli.write("two.nz", cli.read("a.nz") * 2)
    cli.ok("d", "two.nz")
    assert cli.read("two") == text * 2


def test_output_file_and_folder(cli, text):
    cli.write("a", text)
    (cli.folder / "out").mkdir()
    cli.ok("c", "a", "-o", "x.nz")
    cli.ok("c", "a", "x.nz", "-o", "out")
    assert sorted(os.listdir(cli.folder / "out")) == ["a.nz", "x.nz.nz"]
    cli.ok("d", "out/a.nz", "-o", "y")
    assert cli.read("y") == text


def test_dashes_end_the_options(cli, text):
    cli.write("-9", text)
    cli.ok("c", "--", "-9")
    assert cli.ok("d", "-c", "--", "-9.nz").out == text


def test_mode_and_time_are_kept(cli, text):
    path = cli.write("a", text)
    path.chmod(0o4751)
    os.utime(path, ns=(0, 1_234_567_890_123_456_789))
    cli.ok("c", "a")
    packed = os.stat(cli.folder / "a.nz")
    assert (packed.st_mode & 0o7777, packed.st_mtime_ns) == (0o751, 1_234_567_890_123_456_789)
    os.utime(cli.folder / "a.nz", ns=(0, 0))  # the archive's own time does not count
    (cli.folder / "a.nz").chmod(0o600)
    cli.ok("d", "-o", "b", "a.nz")
    restored = os.stat(cli.folder / "b")
    assert (restored.st_mode & 0o7777, restored.st_mtime_ns) == (0o751, 1_234_567_890_123_456_789)


def test_without_stored_mode_and_time_the_archives_own_count(cli, text):
    cli.write("a", text)
    cli.ok("c", "-n", "a")
    (cli.folder / "a.nz").chmod(0o640)
    os.utime(cli.folder / "a.nz", ns=(0, 10**18))
    cli.ok("d", "-o", "b", "a.nz")
    restored = os.stat(cli.folder / "b")
    assert (restored.st_mode & 0o7777, restored.st_mtime_ns) == (0o640, 10**18)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root may give files away")
def test_owner_is_kept(cli, text):
    path = cli.write("a", text)
    os.chown(path, 1234, 5678)
    cli.ok("c", "a")
    cli.ok("d", "-o", "b", "a.nz")
    for name in ("a.nz", "b"):
        status = os.stat(cli.folder / name)
        assert (status.st_uid, status.st_gid) == (1234, 5678)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root may try to give files away")
def test_an_owner_that_the_system_refuses(monkeypatch, tmp_path):
    """As in a user namespace, which knows few owners."""

    def refuse(*_):
        raise OSError(22, "Invalid argument")

    monkeypatch.setattr(os, "fchown", refuse)
    with (tmp_path / "file").open("wb") as file:
        assert Attributes(0o640, 5, 1234, 5678).give(file.fileno()) is None
        assert os.fstat(file.fileno()).st_mtime_ns == 5
        assert os.fstat(file.fileno()).st_mode & 0o777 == 0o600


@pytest.mark.parametrize("time", [AFTER, BEFORE])
def test_a_time_that_no_archive_holds(cli, text, time):
    cli.write("b", text)
    nearest = give_far_time(cli.write("a", text), time)
    result = cli("c", "a", "b")
    assert (result.code, result.err) == (
        2,
        "nzip: a: its time is not between 1677-09-21 and 2262-04-11; the nearest of these is stored\n",
    )
    assert nzip.info(cli.folder / "a.nz").streams[0].metadata.mtime_ns == nearest
    assert os.stat(cli.folder / "a.nz").st_mtime_ns == time
    cli.ok("c", "-n", "-f", "a")
    assert cli.ok("d", "-c", "a.nz", "b.nz").out == text + text


def test_a_time_that_the_system_refuses(cli, text):
    cli.write("a", text)
    cli.ok("c", "-1", "a")
    script = (
        "import os, sys, nzip.cli\n"
        "def refuse(*_, **__): raise OverflowError('timestamp out of range for platform time_t')\n"
        "os.utime = refuse; sys.argv = ['nzip', 'd', '-f', 'a.nz']; nzip.cli.main()"
    )
    result = subprocess.run([sys.executable, "-c", script], cwd=cli.folder, stderr=-1, check=False)
    assert (result.returncode, result.stderr) == (
        2,
        b"nzip: a: does not get its time: timestamp out of range for platform time_t\n",
    )
    assert cli.read("a") == text


def test_a_group_that_cannot_be_kept_gets_no_more_than_others(tmp_path, monkeypatch):
    def refuse(*_):
        raise PermissionError

    monkeypatch.setattr(os, "fchown", refuse)
    for mode, expected in ((0o640, 0o600), (0o664, 0o644), (0o755, 0o755)):
        with (tmp_path / "file").open("wb") as file:
            Attributes(mode, 0, 0, 0).give(file.fileno())
        assert os.stat(tmp_path / "file").st_mode & 0o777 == expected


@pytest.mark.skipif(not os.path.exists("/proc/self/status"), reason="needs /proc")
def test_a_file_that_claims_to_be_empty(cli):
    cli.ok("c", "/proc/self/status", "-o", "a.nz")
    assert cli.ok("d", "-c", "a.nz").out.startswith(b"Name:")


def test_output_of_a_pipe_follows_the_umask(cli, text):
    cli.ok("c", "-o", "a.nz", data=text, umask=0o027)
    assert os.stat(cli.folder / "a.nz").st_mode & 0o7777 == 0o640


def test_no_name_is_stored_with_n(cli, text):
    cli.write("secret-name", text)
    cli.ok("c", "-n", "secret-name")
    assert cli.read("secret-name.nz") == nzip.compress(text)


def test_stored_name_is_used_only_when_asked_for(cli, text):
    cli.write("original", text)
    cli.ok("c", "original", "-o", "renamed.nz")
    os.unlink(cli.folder / "original")
    cli.ok("d", "renamed.nz")
    cli.ok("d", "-N", "renamed.nz")
    assert cli.names() == ["original", "renamed", "renamed.nz"]


def test_stored_name_stays_beside_the_archive(cli, text):
    (cli.folder / "sub").mkdir()
    cli.write("original", text)
    cli.ok("c", "original", "-o", "sub/x.nz")
    cli.ok("d", "-N", "sub/x.nz")
    assert sorted(os.listdir(cli.folder / "sub")) == ["original", "x.nz"]


def test_without_a_stored_name_the_option_uses_the_archives(cli, text):
    cli.write("a", text)
    cli.ok("c", "-n", "a", "-o", "b.nz")
    cli.ok("d", "-N", "b.nz")
    assert cli.read("b") == text


@pytest.mark.parametrize("name", [b"a\x1b[31mred", b"two\nlines", b"\xc2\x9bcsi"])
def test_stored_name_with_control_characters_is_refused(cli, name):
    cli.write("a.nz", archive_naming(name))
    result = cli("d", "-N", "a.nz")
    assert (result.code, cli.names()) == (1, ["a.nz"])
    assert result.err == "nzip: a.nz: the stored name holds control characters; use -o FILE\n"


@pytest.mark.parametrize("name", [b"gr\xfcn", b"-", b"-rf", b".profile"])
def test_stored_name_of_any_encoding_makes_a_file(cli, text, name):
    (cli.folder / os.fsdecode(name)).write_bytes(text)
    cli.ok("c", f"./{os.fsdecode(name)}", "-o", "a.nz")
    os.unlink(cli.folder / os.fsdecode(name))
    assert cli.ok("d", "-N", "a.nz").out == b""
    assert cli.names() == sorted([os.fsdecode(name), "a.nz"])


@pytest.mark.parametrize("name", [b"../evil", b"/tmp/evil", b"..", b".", b"", b"a\\b", b"a\0b"])
def test_stored_name_that_leaves_the_folder_is_refused(cli, name):
    (cli.folder / "sub").mkdir()
    cli.write("sub/a.nz", archive_naming(name))
    assert cli("d", "-N", "sub/a.nz").code == 4
    assert cli.names() == ["sub"]
    assert os.listdir(cli.folder / "sub") == ["a.nz"]


def archive_naming(name: bytes) -> bytes:
    """An archive whose writer did not check the name."""
    header, rest = StreamHeader().encode(), nzip.compress(b"data", 1)
    field = encode_varint(MetadataTag.NAME) + encode_varint(len(name)) + name
    return header + encode_record(RecordType.METADATA, field) + rest[len(header) :]


def test_name_that_cannot_be_stored_is_left_out(cli, text):
    cli.write("back\\slash", text)
    cli.ok("c", "back\\slash")
    assert cli.ok("d", "-c", "back\\slash.nz").out == text


def test_bytes_depend_on_neither_threads_nor_memory(cli, text):
    cli.write("a", text * 5)
    common = ("c", "-1", "-c", "--block-size", "16K", "a")
    packed = cli.ok(*common, "-T1").out
    assert packed == cli.ok(*common, "-T", "4").out == cli.ok(*common, "-T2", "-M", "64M", "--verify").out
    for threads in "14":
        assert cli.ok("d", "-T", threads, data=packed).out == text * 5


@pytest.mark.parametrize(
    "options",
    [
        ("-1",),
        ("-3",),
        ("-9",),
        ("--lanes", "7"),
        ("--solid", "--block-size=1K"),
        ("--solid=2K", "--block-size=1K"),
    ],
)
def test_options_that_change_the_bytes(cli, text, options):
    assert cli.ok("d", data=cli.ok("c", *options, data=text).out).out == text


def test_last_level_counts(cli, text):
    assert cli.ok("c", "-5", "-1", data=text).out == cli.ok("c", "-1", data=text).out
    assert cli.ok("c", "-1", data=text).out != cli.ok("c", data=text).out


def test_the_network_is_the_default_from_level_4_on(cli, text):
    for level, model in ("-3", "none"), ("-4", "default"):
        assert cli.ok("c", level, f"--model={model}", data=text).out == cli.ok("c", level, data=text).out
    assert cli.ok("c", data=text).out != cli.ok("c", "--model", "none", data=text).out


@pytest.mark.parametrize(
    ("pack", "unpack"),
    [
        (("c", "-c", "a"), ("d",)),
        (("compress", "-c", "a"), ("decompress",)),
        (("--compress", "-c", "a"), ("--decompress", "-c")),
        (("-zc", "a"), ("-dc",)),
        (("-zc1", "a"), ("-qcd",)),
    ],
)
def test_commands_by_the_names_that_others_have(cli, text, pack, unpack):
    cli.write("a", text)
    packed = cli.ok(*pack).out
    assert cli.ok(*unpack, data=packed).out == text
    assert cli.ok("-t", data=packed) == cli.ok("--test", data=packed) == cli.ok("test", data=packed)
    assert cli.ok("-l", data=packed) == cli.ok("list", data=packed) == cli.ok("l", data=packed)


def test_tar_restores_by_it(cli, text):
    cli.write("nzip", f'#!/bin/sh\nexec "{sys.executable}" -m nzip "$@"\n'.encode()).chmod(0o755)
    cli.write("a", text)
    environment = {**os.environ, "PATH": f"{cli.folder}:{os.environ['PATH']}"}
    script = "tar -cf - a | nzip c -1 > a.tar.nz && rm a && tar -I nzip -xf a.tar.nz"
    subprocess.run(["sh", "-c", script], cwd=cli.folder, env=environment, check=True)
    assert cli.read("a") == text
