"""nzip archive: what it does, says and leaves."""

from __future__ import annotations

import grp
import json
import os
import pwd
import re
import resource
import signal
import subprocess
import sys

import pytest
from support.cli_archives import PATHS, listed
from support.member_tables import forged
from support.samples import make_text
from support.waiting import wait_for

FAST = "-1"


def test_there_and_back(cli, packed):
    assert cli.ok("archive", "test", packed).out == b""
    assert cli.ok("archive", "verify", packed, ".").out == b""
    assert listed(cli.ok("archive", "list", packed)) == PATHS
    (cli.folder / "out").mkdir()
    cli.ok("archive", "extract", packed, "-C", "out")
    subprocess.run(["diff", "-r", "t", "out/t"], cwd=cli.folder, check=True)
    cli.ok("archive", "verify", packed, "out")
    assert cli.ok("t", packed).out == b""  # it is an ordinary stream
    assert cli.names() == ["out", "t", "x.nza"]


def test_skipping_what_exists(cli, packed):
    cli.ok("archive", "extract", packed, "t/sub", "-C", "deep/out")
    (cli.folder / "deep/out/t/sub/b.txt").write_bytes(b"mine")
    os.symlink("nowhere", cli.folder / "deep/out/t/link")
    result = cli.ok("archive", "extract", packed, "--skip-existing", "-C", "deep/out", "--json")
    done = json.loads(result.out)
    assert (done["members"], done["restored"]) == (8, 5)
    assert (cli.folder / "deep/out/t/sub/b.txt").read_bytes() == b"mine"
    assert os.readlink(cli.folder / "deep/out/t/link") == "nowhere"
    os.unlink(cli.folder / "deep/out/t/link")
    (cli.folder / "deep/out/t/sub/b.txt").unlink()
    cli.ok("archive", "extract", packed, "--skip-existing", "-C", "deep/out")
    cli.ok("archive", "verify", packed, "deep/out")


def test_choosing_members(cli, packed):
    assert listed(cli.ok("archive", "list", packed, "t/sub/", "./t/c.log")) == [
        "t/c.log",
        "t/sub",
        "t/sub/b.txt",
        "t/sub/copy.txt",
    ]
    assert listed(cli.ok("archive", "list", packed, "*.txt")) == ["t/a.txt", "t/sub/b.txt", "t/sub/copy.txt"]
    (cli.folder / "out").mkdir()
    cli.ok("archive", "extract", packed, "t/hard", "t/sub/copy.txt", "-C", "out")
    assert sorted(path.name for path in (cli.folder / "out").rglob("*")) == ["copy.txt", "hard", "sub", "t"]
    result = cli("archive", "extract", packed, "t/b", "nothing*", "t/a.txt", "-C", "out")
    assert (result.code, result.err) == (
        1,
        "nzip: t/b: is not in the archive\nnzip: nothing*: is not in the archive\n",
    )
    assert (cli.folder / "out/t/a.txt").exists()


def test_long_listing(cli, packed):
    os.environ["TZ"] = "UTC"
    lines = listed(cli.ok("archive", "list", "-v", packed, "t/hard", "t/c.log", "t/link"))
    assert (
        sum(
            bool(re.search(r"^-rw-r--r-- +3 +\d+ \d{4}-\d\d-\d\d \d\d:\d\d:\d\d  t/", line)) for line in lines
        )
        == 2
    )
    assert sum(line.endswith("  t/link -> a.txt") for line in lines) == 1
    assert sum(" -> t/" in line for line in lines) == 1
    result = cli.ok("archive", "list", "-v", packed)
    *lines, totals = result.out.decode().splitlines()
    assert [line.rpartition(":")[2][4:].partition(" ->")[0] for line in lines] == PATHS
    sizes = [int(line.split()[1]) for line in lines]
    size, share, *words = totals.split()
    assert (int(size), words) == (sum(sizes), ["8", "members"])
    assert 0 < int(share) < os.path.getsize(cli.folder / packed)
    assert int(share) < sum(int(line.split()[2]) for line in lines)  # a copy costs nothing


@pytest.mark.usefixtures("tree")
def test_owners(cli):
    cli.ok("archive", "create", FAST, "--owner", "own.nza", "t")
    *lines, totals = cli.ok("archive", "list", "-v", "own.nza").out.decode().splitlines()
    who = f"{pwd.getpwuid(os.getuid()).pw_name}/{grp.getgrgid(os.getgid()).gr_name}"
    assert {line.split()[1] for line in lines} == {who}
    assert totals.endswith("  8 members")
    record = json.loads(cli.ok("archive", "list", "--json", "own.nza").out.splitlines()[0])
    assert record["owner"]["uid"] == os.getuid()
    if os.getuid() == 0:
        cli.ok("archive", "extract", "--owner", "own.nza", "-C", "out")
        assert os.stat(cli.folder / "out/t/a.txt").st_uid == 0
    script = (
        "import os, sys, nzip.cli; os.geteuid = lambda: 1234\n"
        "sys.argv = ['nzip', 'archive', 'extract', '--owner', 'own.nza', '-C', 'new']; nzip.cli.main()"
    )
    result = subprocess.run([sys.executable, "-c", script], cwd=cli.folder, stderr=-1, check=False)
    assert (result.returncode, b"--owner is for root" in result.stderr) == (64, True)


@pytest.mark.skipif(not hasattr(os, "setxattr"), reason="needs extended attributes")
def test_attributes(cli, tree):
    os.setxattr(tree / "a.txt", "user.comment", b"text")
    cli.ok("archive", "create", FAST, "--xattrs", "x.nza", "t")
    record = json.loads(cli.ok("archive", "list", "--json", "x.nza", "t/a.txt").out.splitlines()[0])
    assert record["xattrs"] == {"user.comment": b"text".hex()}
    cli.ok("archive", "extract", "--xattrs", "x.nza", "-C", "out")
    cli.ok("archive", "extract", "x.nza", "-C", "plain")
    assert os.getxattr(cli.folder / "out/t/a.txt", "user.comment") == b"text"
    assert os.listxattr(cli.folder / "plain/t/a.txt") == []


@pytest.mark.usefixtures("tree")
def test_exclusion(cli):
    cli.write("patterns", b"\n#*\n*.log\nt/sub/copy*\n")
    cli.write("t/#a#", b"")
    cli.ok("archive", "create", FAST, "--exclude-from", "patterns", "--exclude", "hard", "x.nza", "t")
    assert listed(cli.ok("archive", "list", "x.nza")) == ["t", "t/a.txt", "t/link", "t/sub", "t/sub/b.txt"]
    cli.ok("archive", "append", FAST, "--exclude=*.txt", "x.nza", "t")
    assert listed(cli.ok("archive", "list", "x.nza", "*c*")) == ["t/c.log"]
    result = cli("archive", "create", FAST, "--exclude-from", "missing", "y.nza", "t")
    assert (result.code, result.err) == (1, "nzip: missing: No such file or directory\n")
    assert cli.names() == ["patterns", "t", "x.nza"]


def test_a_prime_of_its_own(cli):
    for number in range(30):
        cli.write(f"{number}.txt", make_text(3000, seed=number))
    cli.ok("archive", "create", "-1", "--own-prime", "own.nza", *(f"{number}.txt" for number in range(20)))
    cli.ok("archive", "create", "-1", "none.nza", *(f"{number}.txt" for number in range(20)))
    assert cli.read("own.nza") != cli.read("none.nza")
    cli.ok("archive", "append", "-1", "own.nza", *(f"{number}.txt" for number in range(20, 30)))
    cli.ok("archive", "test", "own.nza")
    cli.ok("archive", "verify", "own.nza", ".")
    cli.ok("t", "own.nza")
    assert b"prime sha256:" in cli.ok("l", "-v", "own.nza").out
    result = cli("archive", "create", "--own-prime", "--prime", "none", "x.nza", "0.txt")
    assert (result.code, "exclude each other" in result.err) == (64, True)
    cli.write("empty", b"")
    cli.ok("archive", "create", "--own-prime", "empty.nza", "empty")
    assert cli.ok("archive", "list", "empty.nza").out == b"empty\n"


@pytest.mark.usefixtures("tree")
def test_json(cli, text):
    made = json.loads(cli.ok("archive", "create", FAST, "--json", "x.nza", "t").out)
    assert made.pop("seconds") >= 0
    plain = 3 * len(text) + 6
    size = os.path.getsize(cli.folder / "x.nza")
    assert made == {
        "file": "x.nza",
        "members": 8,
        "plain_bytes": plain,
        "coded_bytes": size,
        "changed": True,
    }
    found = [json.loads(line) for line in cli.ok("archive", "list", "--json", "x.nza").out.splitlines()]
    *members, totals = found
    assert [member["path"] for member in members] == PATHS
    assert totals.pop("packed") < sum(member["packed"] for member in members)
    assert totals == {"file": "x.nza", "members": 8, "size": sum(member["size"] for member in members)}
    assert {member["kind"] for member in members} == {"file", "folder", "symbolic link", "hard link"}
    (cli.folder / "out").mkdir()
    done = json.loads(cli.ok("archive", "extract", "--json", "x.nza", "-C", "out").out)
    assert (done["members"], done["restored"]) == (8, 8)
    assert json.loads(cli.ok("archive", "test", "--json", "x.nza").out)["damaged"] == 0
    assert json.loads(cli.ok("archive", "verify", "--json", "x.nza", "out").out)["differences"] == 0


def test_names_that_are_no_text(cli):
    (cli.folder / "t").mkdir()
    with open(os.fsencode(cli.folder) + b"/t/\xff\n", "wb") as file:
        file.write(b"x")
    cli.ok("archive", "create", FAST, "x.nza", "t")
    assert cli.ok("archive", "list", "x.nza").out == b"t\nt/\\xff\\n\n"
    record = json.loads(cli.ok("archive", "list", "--json", "x.nza", "t/?\n").out.splitlines()[0])
    assert record["path"] == "t/\udcff\n"
    (cli.folder / "out").mkdir()
    cli.ok("archive", "extract", "x.nza", "-C", "out")
    assert os.listdir(os.fsencode(cli.folder) + b"/out/t") == [b"\xff\n"]


def test_a_signal_leaves_no_half_file(cli, tree):
    (tree / "big").write_bytes(os.urandom(1_500_000).hex().encode())
    cli.ok("archive", "create", "--block-size=1M", "-1", "big.nza", "t/big")
    (cli.folder / "out").mkdir()
    process = cli.start("archive", "extract", "big.nza", "-C", "out", stderr=subprocess.PIPE)
    wait_for(lambda: any(names for _, _, names in os.walk(cli.folder / "out")))
    process.send_signal(signal.SIGTERM)
    _, err = process.communicate()
    assert (process.returncode, err) == (-signal.SIGTERM, b"")
    assert [names for _, _, names in os.walk(cli.folder / "out") if names] == []


def test_part_of_the_files_cannot_be_read(cli, tree):
    os.mkfifo(tree / "pipe")
    result = cli("archive", "create", FAST, "x.nza", "t", "missing")
    assert (result.code, result.err) == (
        1,
        "nzip: t/pipe: is a device, a pipe or a socket, and left out\n"
        "nzip: missing: No such file or directory\n",
    )
    assert listed(cli.ok("archive", "list", "x.nza")) == PATHS
    assert cli("archive", "create", FAST, "-f", "x.nza", "t").code == 2


@pytest.mark.usefixtures("tree")
def test_the_archive_is_not_its_own_member(cli):
    cli.ok("archive", "create", FAST, "t/x.nza", "t")
    assert listed(cli.ok("archive", "list", "t/x.nza")) == PATHS
    cli.ok("archive", "create", FAST, "-f", "t/x.nza", "t")
    cli.ok("archive", "append", FAST, "t/x.nza", "t")
    assert listed(cli.ok("archive", "list", "t/x.nza")) == PATHS
    result = cli("archive", "create", FAST, "-f", "t/x.nza", "t/x.nza")
    assert (result.code, result.err) == (
        1,
        "nzip: t/x.nza: is the archive itself, and left out\n"
        "nzip: t/x.nza: is not made, for there is nothing to put into it\n",
    )
    assert listed(cli.ok("archive", "list", "t/x.nza")) == PATHS


@pytest.mark.usefixtures("tree")
def test_the_current_folder_with_the_archive_in_it(cli):
    for command in ("create", FAST), ("create", FAST, "-f"), ("append", FAST):
        cli.ok("archive", *command, "x.nza", ".")
        assert listed(cli.ok("archive", "list", "x.nza")) == PATHS


@pytest.mark.usefixtures("tree")
def test_what_a_killed_command_left_is_never_archived(cli):
    for number in (signal.SIGKILL, signal.SIGQUIT):
        script = (
            "import os, signal, sys, time, nzip.cli, nzip.archive.writer as writer\n"
            # What a shell starts in the background ignores it.
            "signal.signal(signal.SIGQUIT, signal.SIG_DFL)\n"
            # Another thread may be the one that it reaches, which takes a moment.
            f"writer.end_archive = lambda *_: (os.kill(os.getpid(), {int(number)}), time.sleep(60))\n"
            "sys.argv = ['nzip', 'archive', 'create', '-1', 'x.nza', '.']; nzip.cli.main()"
        )
        result = subprocess.run([sys.executable, "-c", script], cwd=cli.folder, check=False)
        assert result.returncode == -number
    assert len([name for name in cli.names() if name.endswith(".tmp")]) == 2
    cli.ok("archive", "create", FAST, "x.nza", ".")
    assert listed(cli.ok("archive", "list", "x.nza")) == PATHS


def test_d_does_not_join_members_unasked(cli, packed, text):
    os.rename(cli.folder / packed, cli.folder / "y.nz")
    result = cli("d", "y.nz")
    assert (result.code, result.err) == (
        1,
        "nzip: y.nz: holds several files; nzip archive extract restores them\n",
    )
    cli.ok("d", "-f", "y.nz")
    assert cli.read("y") == cli.ok("d", "-c", "y.nz").out
    assert len(cli.read("y")) == 2 * len(text) + 3
    os.unlink(cli.folder / "y")
    cli.ok("d", "--salvage", "y.nz")
    assert len(cli.read("y")) == 2 * len(text) + 3


def test_differences_are_told(cli, packed, tree):
    (tree / "c.log").write_bytes(b"LOG")
    (tree / "new").write_bytes(b"")
    result = cli("archive", "verify", packed, ".")
    assert result.code == 1
    assert {
        "nzip: t/c.log: has another content",
        "nzip: t/hard: has another content",
        "nzip: t/new: is not in the archive",
    } <= set(result.err.splitlines())


def test_links_that_lead_out(cli):
    head = {"shared": [0], "rest": b"a\0", "seconds": [0], "nanoseconds": [0]}
    cli.write("x.nza", forged(b"", kind=[3], **head, target=b"/etc/passwd\0"))
    result = cli("archive", "extract", "x.nza")
    assert (result.code, result.err) == (
        1,
        "nzip: a: is a link that may lead out of the folder; --any-links makes it\n",
    )
    assert cli.names() == ["x.nza"]
    cli.ok("archive", "extract", "--any-links", "x.nza")
    assert os.readlink(cli.folder / "a") == "/etc/passwd"


def test_a_file_that_is_too_large_for_the_disk(cli, packed, text):
    (cli.folder / "out").mkdir()
    limit = lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (3000, 3000))  # noqa: E731
    result = cli("archive", "extract", packed, "-C", "out", preexec_fn=limit)
    assert (result.code, sorted(result.err.splitlines())) == (
        1,
        [f"nzip: t/{name}: File too large" for name in ("a.txt", "sub/b.txt", "sub/copy.txt")],
    )
    assert len(text) > 3000
    names = [name for _, _, names in os.walk(cli.folder / "out") for name in names]
    assert sorted(names) == ["c.log", "hard", "link"]


def test_a_full_disk_ends_it(cli, packed, small_disk):
    disk = small_disk("16k")
    result = cli("archive", "extract", packed, "-C", "disk")
    assert result.code == 1
    assert re.fullmatch(r"nzip: disk/\S+: No space left on device\n", result.err)
    assert len(result.err.splitlines()) == 1
    assert not [name for _, _, names in os.walk(disk) for name in names if name.endswith(".tmp")]
