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
import time

import pytest
from support.member_tables import forged, forged_files
from support.samples import make_text
from support.waiting import wait_for

import nzip
from nzip.archive import Archive

FAST = "-1"


def make_tree(cli, text):
    for name, data in (
        ("t/a.txt", text),
        ("t/sub/b.txt", text[::-1]),
        ("t/sub/copy.txt", text),
        ("t/c.log", b"log"),
    ):
        path = cli.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    os.symlink("a.txt", cli.folder / "t/link")
    os.link(cli.folder / "t/c.log", cli.folder / "t/hard")
    return cli.folder / "t"


@pytest.fixture
def tree(cli, text):
    return make_tree(cli, text)


@pytest.fixture
def packed(cli, tree):
    assert tree.is_dir()
    cli.ok("archive", "create", FAST, "x.nza", "t")
    return "x.nza"


PATHS = ["t", "t/a.txt", "t/c.log", "t/hard", "t/link", "t/sub", "t/sub/b.txt", "t/sub/copy.txt"]


def listed(result) -> list[str]:
    return sorted(result.out.decode().splitlines())


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


CASES = [
    # arguments, exit code, stderr
    ("archive", 64, None),
    ("archive create x.nza", 64, None),
    ("archive create -1 x.nza t", 1, "nzip: x.nza: exists; -f replaces it"),
    ("archive create -1 y.nza missing", 1, "nzip: missing: No such file or directory\n"
        "nzip: y.nza: is not made, for there is nothing to put into it"),
    ("archive create -1 t y.nza", 1, "nzip: t: Is a directory"),
    ("archive create -1 y/z.nza t", 1, "nzip: y/z.nza: No such file or directory"),
    ("archive create -1 --model x y.nza t", 8,
        "nzip: --model: model 'x' is not known; nzip models list shows those that are"),
    ("archive create -1 -f -M 64K y.nza t", 7,
        "nzip: y.nza: needs SIZE of memory, the limit is 64.0 KiB (see -M)"),
    ("archive append -1 missing.nza t", 1, "nzip: missing.nza: No such file or directory"),
    ("archive append -1 text.nz t", 4, "nzip: text.nz: no archive of several files: it has no member table"),
    ("archive list text.nz", 4, "nzip: text.nz: no archive of several files: it has no member table"),
    ("archive list t/a.txt", 4, "nzip: t/a.txt: not nzip data"),
    ("archive list t", 1, "nzip: t: is a directory"),
    ("archive list cut.nza", 3,
        "nzip: cut.nza: the data end before the stream does; nzip archive salvage restores what is intact"),
    ("archive list two.nza", 4, "nzip: two.nza: an archive is one stream, and this file has several"),
    ("archive list hostile.nza", 4, "nzip: hostile.nza: b'../a' is no path of a member"),
    ("archive extract hostile.nza", 4, "nzip: hostile.nza: b'../a' is no path of a member"),
    ("archive list kind.nza", 6, "nzip: kind.nza: member kind 5 is not known"),
    ("archive list -M 1K x.nza", 7, "nzip: x.nza: needs SIZE of memory, the limit is 1.00 KiB (see -M)"),
    ("archive list x.nza nothing", 1, "nzip: nothing: is not in the archive"),
    ("archive extract x.nza nothing -C nowhere", 1, "nzip: nothing: is not in the archive"),
    ("archive extract x.nza -C t/a.txt", 1, "nzip: t/a.txt: Not a directory"),
    ("archive extract x.nza -f --skip-existing", 64, None),
    ("archive extract x.nza t/c.log", 1, "nzip: t/c.log: exists; -f replaces it"),
    ("archive test flipped.nza x.nza", 5, "nzip: flipped.nza: t/a.txt: ..."),
    ("archive verify x.nza nowhere", 1, "nzip: nowhere: No such file or directory"),
    ("archive verify x.nza", 64, None),
    ("archive nonsense", 64, None),
]  # fmt: skip


@pytest.fixture(scope="module")
def shared(cli_in, tmp_path_factory, text):
    """A folder that no message changes."""
    cli = cli_in(tmp_path_factory.mktemp("messages"))
    make_tree(cli, text)
    cli.ok("archive", "create", FAST, "x.nza", "t")
    data = cli.read("x.nza")
    cli.write("text.nz", nzip.compress(text, 1))
    cli.write("cut.nza", data[:-1])
    cli.write("two.nza", data + data)
    cli.write("hostile.nza", forged_files(b"../a"))
    cli.write("kind.nza", forged(b"", kind=[5]))
    with Archive(str(cli.folder / "x.nza")) as archive:
        at = archive.blocks.coded_end - 100
    cli.write("flipped.nza", data[:at] + bytes([data[at] ^ 1]) + data[at + 1 :])
    return cli


@pytest.mark.parametrize(("arguments", "code", "err"), CASES, ids=[case[0] for case in CASES])
def test_messages(shared, arguments, code, err):
    cli = shared
    before = cli.names()
    result = cli(*arguments.split())
    assert (result.code, result.out) == (code, b"")
    shown = re.sub(r"needs \S+ \S+ of", "needs SIZE of", result.err)
    if err is None:
        assert shown.startswith(("nzip: ", "Usage: "))
        assert "Traceback" not in shown
    elif err.endswith("..."):
        told = ("its checksum does not match", "coded block ends too early")  # as the damage will have it
        assert all(line.endswith(told) for line in shown.splitlines())
        assert len(shown.splitlines()) == 5
    else:
        assert shown == err + "\n"
    assert cli.names() == before


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
            "import os, sys, time, nzip.cli, nzip.archive.writer as writer\n"
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
