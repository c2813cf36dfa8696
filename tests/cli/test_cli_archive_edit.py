"""nzip archive append, delete and rename: what changes, and what stays whatever happens."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time

import pytest
from support.cli_archives import PATHS, listed
from support.waiting import wait_for

FAST = "-1"


def test_append_adds_and_replaces(cli, packed, tree):
    os.chmod(cli.folder / packed, 0o640)
    (tree / "a.txt").write_bytes(b"new")
    (tree / "new").write_bytes(b"new")
    cli.ok("archive", "append", FAST, packed, "t")
    assert listed(cli.ok("archive", "list", packed)) == sorted([*PATHS, "t/new"])
    cli.ok("archive", "verify", packed, ".")
    cli.ok("archive", "test", packed)
    assert os.stat(cli.folder / packed).st_mode & 0o777 == 0o640
    before = os.stat(cli.folder / packed)
    result = cli("archive", "append", FAST, "-v", packed, "t")
    assert (result.code, "9 members" in result.err, ", nothing to do, " in result.err) == (0, True, True)
    after = os.stat(cli.folder / packed)
    assert (after.st_ino, after.st_mtime_ns) == (before.st_ino, before.st_mtime_ns)  # all was there
    done = json.loads(cli.ok("archive", "append", FAST, "--checksum", "--json", packed, "t").out)
    assert (done["changed"], done["coded_bytes"]) == (False, before.st_size)
    assert cli.names() == ["t", "x.nza"]


@pytest.mark.parametrize("arguments", ["append -1 x.nza t", "delete x.nza t/a.txt", "rename x.nza t u"])
@pytest.mark.usefixtures("packed")
def test_a_file_that_is_written_wrongly_does_not_replace_the_archive(cli, arguments):
    before = cli.read("x.nza")
    cli.write("t/new", b"new")
    script = (
        "import sys, nzip.cli; from nzip.pipeline.target import NewFile; real = NewFile.write\n"
        "def write(self, data): return real(self, bytes(data).replace(b'\\x9e\\x81', b'\\x9e\\x91'))\n"
        f"NewFile.write = write; sys.argv = ['nzip', 'archive', *{arguments.split()}]; nzip.cli.main()"
    )
    result = subprocess.run([sys.executable, "-c", script], cwd=cli.folder, stderr=-1, check=False)
    told = b"nzip: x.nza: what was written cannot be read back: a defect of nzip or of the machine\n"
    assert (result.returncode, result.stderr) == (5, told)
    assert cli.read("x.nza") == before
    assert cli.names() == ["t", "x.nza"]


def test_delete(cli, packed):
    cli.ok("archive", "delete", packed, "t/sub", "*.log")
    left = ["t", "t/a.txt", "t/hard", "t/link"]
    assert listed(cli.ok("archive", "list", packed)) == left
    cli.ok("archive", "extract", packed, "-C", "out")
    cli.ok("archive", "test", packed)
    assert (cli.folder / "out/t/a.txt").read_bytes() == (cli.folder / "t/a.txt").read_bytes()
    before = cli.read(packed)
    result = cli("archive", "delete", packed, "nothing")
    assert (result.code, result.err) == (1, "nzip: nothing: is not in the archive\n")
    assert cli.read(packed) == before
    cli.ok("archive", "delete", packed, "t")
    assert cli.ok("archive", "list", packed).out == b""
    assert cli.ok("t", packed).out == b""
    assert cli.names() == ["out", "t", "x.nza"]


def test_rename(cli, packed):
    cli.ok("archive", "rename", packed, "./t/sub/", "t/new")
    cli.ok("archive", "rename", packed, "t/new/b.txt", "c.txt")
    paths = ["c.txt", "t", "t/a.txt", "t/c.log", "t/hard", "t/link", "t/new", "t/new/copy.txt"]
    assert listed(cli.ok("archive", "list", packed)) == paths
    cli.ok("archive", "test", packed)
    for arguments, err in (
        (("t/sub", "x"), "t/sub: is not in the archive"),
        (("t/new", "t/a.txt"), "t/a.txt: is in the archive already"),
        (("t/c.log", "t/a.txt/b"), "t/a.txt: is no folder in the archive"),
        (("t/c.log", "../b"), "../b: is no path that a member can have"),
        (("t/c.log", "t"), "t: is in the archive already"),
    ):
        result = cli("archive", "rename", packed, *arguments)
        assert (result.code, result.err) == (1, f"nzip: {err}\n")
    assert listed(cli.ok("archive", "list", packed)) == paths
    assert cli.names() == ["t", "x.nza"]


def test_a_killed_append_leaves_the_old_archive(cli, packed, tree):
    before = cli.read(packed)
    (tree / "big").write_bytes(os.urandom(1_000_000).hex().encode())
    for delay in (0.15, 0.3, 0.5, 0.8):
        process = cli.start("archive", "append", FAST, packed, "t", stderr=subprocess.PIPE)
        time.sleep(delay)
        process.send_signal(signal.SIGKILL)
        process.communicate()
        if process.returncode == 0:
            break
        assert cli.read(packed) == before
        cli.ok("archive", "test", packed)
    before = cli.read(packed)
    (tree / "more").write_bytes(os.urandom(1_000_000).hex().encode())
    names = cli.names()  # and what the killed ones left
    process = cli.start("archive", "append", FAST, packed, "t", stderr=subprocess.PIPE)
    wait_for(lambda: cli.names() != names)
    process.send_signal(signal.SIGINT)
    _, err = process.communicate()
    assert (process.returncode, err) == (-signal.SIGINT, b"")
    assert cli.read(packed) == before


@pytest.mark.usefixtures("packed")
def test_an_archive_that_another_process_changed_is_left_so(cli):
    cli.write("t/new", b"new")
    script = (
        "import sys, nzip.cli, nzip.archive.making as making; real = making.walk\n"
        "def walk(*a):\n open('x.nza', 'ab').write(b'x'); return real(*a)\n"
        "making.walk = walk; sys.argv = ['nzip', 'archive', 'append', '-1', 'x.nza', 't']; nzip.cli.main()"
    )
    result = subprocess.run([sys.executable, "-c", script], cwd=cli.folder, stderr=-1, check=False)
    assert result.stderr == b"nzip: x.nza: was changed by another process meanwhile, and is left so\n"
    assert (result.returncode, cli.read("x.nza")[-1:]) == (1, b"x")
    assert cli.names() == ["t", "x.nza"]
