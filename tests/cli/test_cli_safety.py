"""No accident destroys data or leaves half a file behind."""

from __future__ import annotations

import contextlib
import os
import resource
import signal
import stat
import subprocess
import sys
import time

import pytest
from support.samples import make_text
from support.waiting import wait_for

import nzip
from nzip.cli.target import open_target


def test_an_existing_file_is_replaced_only_with_f(cli, text):
    cli.write("a", text)
    cli.write("a.nz", b"precious")
    assert cli("c", "a").code == 1
    assert cli.read("a.nz") == b"precious"
    cli.ok("c", "-f", "a")
    assert cli.ok("d", "-c", "a.nz").out == text


def test_a_dangling_link_counts_as_existing(cli, text):
    cli.write("a", text)
    (cli.folder / "a.nz").symlink_to("elsewhere")
    assert cli("c", "a").code == 1
    cli.ok("c", "-f", "a")  # writes what the link names, as the shell's > does
    assert (cli.folder / "a.nz").is_symlink()
    assert cli.ok("d", "-c", "elsewhere").out == text


@pytest.mark.parametrize("link", [os.link, os.symlink])
def test_the_source_is_never_its_own_target(cli, text, link):
    cli.write("a", text)
    link(cli.folder / "a", cli.folder / "a.nz")
    result = cli("c", "-f", "a")
    assert (result.code, result.err) == (1, "nzip: a.nz: is the source itself\n")
    assert cli.read("a") == text


def test_output_redirected_to_the_source_is_refused(cli, text):
    path = cli.write("a", text)
    with path.open("ab") as out:
        result = cli("c", "-c", "a", stdout=out)
    assert (result.code, result.err) == (1, "nzip: stdout: is the source itself\n")
    assert cli.read("a") == text


def test_two_sources_never_share_an_output(cli, text):
    for folder in ("one", "two", "out"):
        (cli.folder / folder).mkdir()
    cli.write("one/a", text)
    cli.write("two/a", b"other")
    result = cli("c", "-f", "one/a", "two/a", "-o", "out")
    assert (result.code, result.err) == (1, "nzip: out/a.nz: is already the output of another source\n")
    assert cli.ok("d", "-c", "out/a.nz").out == text


APPEARED = "nzip: out: was made by another process meanwhile, and is kept; -f replaces it\n"


@pytest.mark.parametrize("size", [5_000, 500_000])
def test_a_file_that_appears_meanwhile_is_not_overwritten(cli, size):
    """Whoever comes too late learns it with the next block, not only when all are done."""
    process = cli.start("c", "-1", "-o", "out", stdin=subprocess.PIPE, stderr=subprocess.PIPE)
    wait_for(lambda: cli.names())
    cli.write("out", b"precious")
    _, err = process.communicate(make_text(size))
    assert (process.returncode, err.decode()) == (1, APPEARED)
    assert (cli.names(), cli.read("out")) == (["out"], b"precious")


def test_the_later_one_of_two_writers_stops_at_its_next_block(cli):
    process = cli.start(
        "c", "-1", "--block-size=1K", "-T1", "-o", "out", stdin=subprocess.PIPE, stderr=subprocess.PIPE
    )
    process.stdin.write(make_text(1 << 18))
    process.stdin.flush()
    cli.write("out", b"precious")
    with contextlib.suppress(BrokenPipeError):  # it no longer reads
        for _ in range(1000):
            process.stdin.write(make_text(1 << 18))
        process.stdin.close()
    assert (process.wait(), process.stderr.read().decode()) == (1, APPEARED)
    process.stderr.close()


def test_file_systems_without_hard_links(tmp_path, monkeypatch):
    """Where link(2) is refused, the name is reserved before it is taken."""

    def no_link(*_, **__):
        raise PermissionError(1, "Operation not permitted")

    monkeypatch.setattr(os, "link", no_link)
    source = FakeSource()
    for name, expected in (("new", b"data"), ("old", b"precious")):
        path = tmp_path / name
        with open_target(str(path), source, force=False, binary=True) as target:
            target.write(b"data")
            if name == "old":
                path.write_bytes(b"precious")
                with pytest.raises(FileExistsError):
                    target.finish()
            else:
                target.finish()
        assert path.read_bytes() == expected
    assert sorted(os.listdir(tmp_path)) == ["new", "old"]


class FakeSource:
    status = os.stat("/dev/null")


def test_rm_removes_the_source_when_all_is_well(cli, text):
    cli.write("a", text)
    cli.ok("c", "--rm", "a")
    assert cli.names() == ["a.nz"]
    cli.ok("d", "--rm", "a.nz")
    assert (cli.names(), cli.read("a")) == (["a"], text)


def test_rm_keeps_the_source_when_anything_fails(cli, text):
    cli.write("a", text)
    cli.ok("c", "a")
    packed = cli.read("a.nz")
    cli.write("b.nz", packed[:-1])
    assert cli("d", "--rm", "b.nz").code == 3
    assert cli("d", "--rm", "a.nz").code == 1  # a exists
    assert cli.names() == ["a", "a.nz", "b.nz"]


@pytest.mark.parametrize("keep", ["--rm", "--keep"])
@pytest.mark.parametrize("size", [0, 1000, 6000])
def test_a_source_that_changes_while_it_is_read(cli, text, keep, size):
    os.mkfifo(cli.folder / "gate")
    path = cli.write("a", text)
    script = (
        "import sys, nzip.cli, nzip.cli.compress as c; real = c.compress_stream\n"
        "def slow(*a, **k):\n totals = real(*a, **k); open('gate').read(); return totals\n"
        "c.compress_stream = slow; sys.argv = ['nzip', 'c', sys.argv[1], 'a']; nzip.cli.main()"
    )
    process = subprocess.Popen([sys.executable, "-c", script, keep], cwd=cli.folder, stderr=-1)
    with open(cli.folder / "gate", "w"):
        os.truncate(path, size)
    _, err = process.communicate()
    kept = ", and is kept" if keep == "--rm" else ""
    message = f"nzip: a: changed while it was read{kept}; a.nz is made of the {len(text)} bytes read\n"
    assert (process.returncode, err.decode()) == (2, message)
    assert (path.stat().st_size, nzip.decompress(cli.read("a.nz"))) == (size, text)


def test_standard_input_that_changes_while_it_is_read(cli, text):
    path = cli.write("a", text)
    with path.open("rb") as file, (cli.folder / "a.nz").open("wb") as out:
        process = cli.start("c", "-1", stdin=file, stdout=out, stderr=subprocess.PIPE)
        with path.open("ab") as log:
            while process.poll() is None:
                log.write(b"line\n")
                log.flush()
                time.sleep(0.001)
        err = process.stderr.read().decode()
    assert process.returncode == 2
    assert err.startswith("nzip: stdin: changed while it was read; stdout is made of the ")
    assert nzip.decompress(cli.read("a.nz")).startswith(text)


def test_k_undoes_rm(cli, text):
    cli.write("a", text)
    cli.ok("c", "--rm", "-k", "a")
    assert cli.names() == ["a", "a.nz"]


@pytest.mark.parametrize("signum", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_leaves_nothing_behind(cli, signum):
    process = cli.start("c", "-o", "out", stdin=subprocess.PIPE, stderr=subprocess.PIPE)
    wait_for(lambda: cli.names())
    process.send_signal(signum)
    _, err = process.communicate()
    assert (process.returncode, err) == (-signum, b"")
    assert cli.names() == []


def test_an_early_ctrl_c_is_quiet(cli):
    script = (
        "import os, signal, sys\n"
        "class Finder:\n"
        " def find_spec(name, *_):\n"
        "  if name == 'click': os.kill(os.getpid(), signal.SIGINT)\n"
        "sys.meta_path.insert(0, Finder)\n"
        "import nzip.cli; nzip.cli.main()"
    )
    process = subprocess.run([sys.executable, "-c", script], cwd=cli.folder, stderr=-1, check=False)
    assert (process.returncode, process.stderr) == (-signal.SIGINT, b"")


def test_ctrl_c_in_a_callback_that_drops_exceptions_ends_the_command(cli):
    script = (
        "import os, signal, sys, weakref\n"
        "class Finder:\n"
        " def find_spec(name, *_):\n"
        "  if name == 'click':\n"
        "   kept = weakref.ref(Finder(), lambda _: os.kill(os.getpid(), signal.SIGINT)); sys.stdin.read()\n"
        "sys.meta_path.insert(0, Finder)\n"
        "import nzip.cli; nzip.cli.main()"
    )
    with subprocess.Popen([sys.executable, "-c", script], stdin=-1, stderr=-1, cwd=cli.folder) as process:
        assert (process.wait(), process.stderr.read()) == (-signal.SIGINT, b"")


@pytest.mark.parametrize("module", ["click", "nzip.cli.compress"])  # before the command is known, and in it
def test_ctrl_c_while_a_class_is_made_is_quiet(cli, module):
    script = (
        "import os, signal, sys\n"
        "class Field:\n"
        " def __set_name__(*_): os.kill(os.getpid(), signal.SIGINT)\n"
        "class Finder:\n"
        " def find_spec(name, *_):\n"
        f"  if name == '{module}': type('Class', (), {{'field': Field()}})\n"
        "sys.meta_path.insert(0, Finder)\n"
        "sys.argv = ['nzip', 'c', 'x']; import nzip.cli; nzip.cli.main()"
    )
    process = subprocess.run([sys.executable, "-c", script], cwd=cli.folder, stderr=-1, check=False)
    assert (process.returncode, process.stderr) == (-signal.SIGINT, b"")


def test_ctrl_c_does_not_wait_for_the_block(cli):
    cli.write("big", os.urandom(1 << 24))
    process = cli.start("c", "big", stderr=subprocess.PIPE)
    wait_for(lambda: len(cli.names()) > 1)
    time.sleep(0.3)  # now the core is at work
    start = time.monotonic()
    process.send_signal(signal.SIGINT)
    _, err = process.communicate()
    assert (process.returncode, err) == (-signal.SIGINT, b"")
    assert time.monotonic() - start < 1
    assert cli.names() == ["big"]


def test_an_ignored_signal_stays_ignored(cli, text):
    process = cli.start(
        "c",
        "-o",
        "out",
        stdin=subprocess.PIPE,
        preexec_fn=lambda: signal.signal(signal.SIGHUP, signal.SIG_IGN),
    )
    wait_for(lambda: cli.names())
    process.send_signal(signal.SIGHUP)
    process.communicate(text)
    assert (process.returncode, cli.names()) == (0, ["out"])


def test_file_size_limit_leaves_nothing(cli):
    cli.write("a", os.urandom(100_000))
    limit = lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (50_000, 50_000))  # noqa: E731
    result = cli("c", "a", preexec_fn=limit)
    assert (result.code, result.err) == (1, "nzip: a.nz: File too large\n")
    assert cli.names() == ["a"]


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="needs /dev/full")
@pytest.mark.parametrize(
    "arguments",
    [
        ("c", "a"),
        ("c", "-"),
        ("d", "a.nz"),
        ("d", "--salvage", "a.nz"),
        ("archive", "create", "-1", "/dev/full", "a"),
        ("train", "-1", "a", "-o", "full.nzp"),
    ],
)
def test_a_full_device_as_output(cli, text, arguments):
    """It is named, not the source, also where only the last flush meets it."""
    cli.write("a", text)
    cli.ok("c", "-1", "a")
    (cli.folder / "full.nzp").symlink_to("/dev/full")
    output = () if arguments[0] in ("archive", "train") else ("-o", "/dev/full")
    name = "full.nzp" if arguments[0] == "train" else "/dev/full"
    result = cli(*arguments, *output, data=text)
    assert (result.code, result.err) == (1, f"nzip: {name}: No space left on device\n")


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="needs /dev/full")
@pytest.mark.parametrize("arguments", [("c", "a"), ("d", "a.nz"), ("l", "a.nz")])
def test_full_device(cli, text, arguments):
    cli.write("a", text)
    cli.ok("c", "a")
    with open("/dev/full", "wb") as full:
        options = () if arguments[0] == "l" else ("-c",)
        result = cli(*arguments, *options, stdout=full)
    assert (result.code, result.err) == (1, "nzip: stdout: No space left on device\n")


@pytest.mark.parametrize("size", [100, 200_000])
def test_full_disk_leaves_nothing(cli, small_disk, size):
    disk = small_disk("64k")
    (disk / "fill").write_bytes(bytes((64 << 10) - 4096 * (size == 200_000)))
    cli.write("a", os.urandom(size))
    result = cli("c", "a", "-o", "disk")
    assert (result.code, result.err) == (1, "nzip: disk/a.nz: No space left on device\n")
    assert os.listdir(disk) == ["fill"]


@pytest.mark.skipif(not os.path.exists("/proc/self/mem"), reason="needs a file that fails to be read")
def test_read_error_names_the_source(cli):
    result = cli("c", "/proc/self/mem", "-o", "out")
    assert (result.code, result.err) == (1, "nzip: /proc/self/mem: Input/output error\n")
    assert cli.names() == []


def test_a_broken_pipe_is_quiet(cli):
    cli.write("a", os.urandom(1_000_000))
    cli.ok("c", "-1", "--block-size=64K", "a")
    process = cli.start("d", "-c", "a.nz", stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    process.stdout.read(1)
    process.stdout.close()
    assert (process.stderr.read(), process.wait()) == (b"", -signal.SIGPIPE)
    process.stderr.close()


def test_damage_leaves_no_output(cli, text):
    cli.write("a", text)
    cli.ok("c", "a", "-o", "b.nz")
    packed = bytearray(cli.read("b.nz"))
    packed[-20] ^= 1
    cli.write("b.nz", bytes(packed))
    assert cli("d", "b.nz").code in (3, 4, 5)
    assert cli.names() == ["a", "b.nz"]


def test_special_targets_are_written_to_not_replaced(cli, text):
    os.mkfifo(cli.folder / "pipe")
    process = cli.start("c", "-o", "pipe", stdin=subprocess.PIPE)
    process.stdin.write(text)
    process.stdin.close()
    packed = (cli.folder / "pipe").read_bytes()
    assert process.wait() == 0
    assert cli.ok("d", data=packed).out == text
    cli.ok("c", "-o", "/dev/null", data=text)
    assert not os.path.isfile("/dev/null")


def test_a_disk_is_overwritten_only_with_f(cli, text):
    disk = cli.folder / "disk"
    try:
        os.mknod(disk, 0o600 | stat.S_IFBLK, os.makedev(1, 99))
    except PermissionError:
        pytest.skip("may not make devices")
    result = cli("c", "-o", "disk", data=text)
    assert (result.code, result.err) == (1, "nzip: disk: exists; -f replaces it\n")


def test_links_and_pipes_are_read_when_the_output_is_named(cli, text):
    cli.write("a", text)
    (cli.folder / "link").symlink_to("a")
    cli.ok("c", "-f", "link")
    assert cli.ok("d", "-c", "link.nz").out == text
    assert cli.ok("c", "-c", "link").out == cli.ok("c", "link", "-o", "-").out


@pytest.mark.parametrize(
    ("redirection", "arguments", "code", "err"),
    [
        ("<&- >&-", "c -f a", 0, ""),
        ("<&-", "c -", 1, "nzip: stdin: is closed\n"),
        (">&-", "c -c a", 1, "nzip: stdout: is closed\n"),
        ("2>&-", "c missing", 1, ""),
        (">&-", "l a.nz", 1, "nzip: stdout: is closed\n"),
        (">&-", "--version", 1, "nzip: stdout: is closed\n"),
        (">&-", "c --json -f a", 1, "nzip: stdout: is closed\n"),
        (">&-", "bench a", 1, "nzip: stdout: is closed\n"),
        (">/dev/full", "c --json -f a a", 1, "nzip: stdout: No space left on device\n"),
        (
            ">/dev/full",
            "c --json missing",
            1,
            "nzip: missing: No such file or directory\nnzip: stdout: No space left on device\n",
        ),
        (">/dev/full", "l a.nz a.nz", 1, "nzip: stdout: No space left on device\n"),
        (">/dev/full", "--version", 1, "nzip: stdout: No space left on device\n"),
    ],
)
def test_closed_and_full_streams(cli, text, redirection, arguments, code, err):
    cli.write("a", text)
    cli.write("a.nz", nzip.compress(text))
    script = f'exec "{sys.executable}" -m nzip {arguments} {redirection}'
    process = subprocess.run(script, shell=True, cwd=cli.folder, capture_output=True, check=False)
    assert (process.returncode, process.stdout, process.stderr.decode()) == (code, b"", err)
