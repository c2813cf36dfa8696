"""What may go wrong around a batch job: one line each, the other files are done, and nothing is lost."""

from __future__ import annotations

import contextlib
import fcntl
import os
import signal
import sqlite3
import subprocess

import pytest
from support.far_times import AFTER, BEFORE, give_far_time
from support.samples import make_text
from support.trees import make_tree
from support.waiting import wait_for

import nzip
from nzip.archive import Archive


@pytest.fixture
def tree(cli):
    """Files in src, by their paths."""
    texts = {f"{i % 3}/{i}.txt": make_text(200 + 40 * i, seed=i) for i in range(12)}
    make_tree(cli.folder / "src", texts)
    return texts


def batch(cli, *arguments, **options):
    return cli("batch", "src", "--out", "out", "-1", "-j2", *arguments, **options)


def archived(cli, out="out"):
    return {
        str(path.relative_to(cli.folder / out)).removesuffix(".nz"): nzip.decompress(path.read_bytes())
        for path in (cli.folder / out).rglob("*.nz")
        if path.is_file()
    }


def together(cli):
    found = {}
    for path in sorted((cli.folder / "out").glob("*.nza")):
        with Archive(path) as archive:
            found |= {member.path: archive.read(member) for member in archive}
    return found


def records(cli):
    return cli.folder / "out/.nzip-batch"


def times(cli):
    return {path: path.stat().st_ctime_ns for path in (cli.folder / "out").rglob("*.nz*") if path.is_file()}


@pytest.mark.parametrize("archives", [(), ("--archives", "1M")])
@pytest.mark.parametrize("time", [AFTER, BEFORE])
def test_times_that_do_not_fit(cli, tree, archives, time):
    nearest = give_far_time(cli.folder / "src/0/0.txt", time)
    result = batch(cli, *archives)
    assert result.code == 2
    assert result.err.replace(f"{cli.folder}/", "") == (
        "nzip: out: 1 files are archived with another time than their own\n"
    )
    assert (together(cli) if archives else archived(cli)) == tree
    if archives:
        with Archive(cli.folder / "out/00001.nza") as archive:
            assert archive["0/0.txt"].mtime_ns == nearest
    else:
        assert nzip.info(cli.folder / "out/0/0.txt.nz").streams[0].metadata.mtime_ns == nearest
    before = times(cli)
    assert batch(cli, *archives, "--resume").code == 2
    assert times(cli) == before


def test_folders_and_files_whose_names_are_no_text(cli, tree):
    odd = os.fsdecode(b"\xff\xfe\n")
    os.rename(cli.folder / "src", cli.folder / f"src{odd}")
    (cli.folder / f"src{odd}" / f"link{odd}").symlink_to("nowhere")
    make_tree(cli.folder / f"out{odd}", {f"0/0.txt.nz/{odd}": b"in the way"})
    names = f"src{odd}", "--out", f"out{odd}"
    result = cli("batch", *names, "-1", "--exclude", odd, "--json")
    assert result.code == 9
    assert "0/0.txt: the archive's name is taken" in result.err
    assert archived(cli, f"out{odd}").keys() == tree.keys() - {"0/0.txt"}
    assert cli("batch", *names, "--resume").code == 9
    assert cli("report", f"out{odd}", "--no-sample").code == 0
    assert cli("batch", *names, "--rebuild", "-1").code == 9


def test_a_source_that_is_gone_ends_the_job(cli):
    make_tree(cli.folder / "src", {f"{i}": make_text(20_000) * 5 for i in range(20)})
    process = cli.start("batch", "src", "--out", "out", "-2", "-j1", stderr=subprocess.PIPE)
    wait_for(lambda: list(records(cli).glob("incomplete/*")))
    os.rename(cli.folder / "src", cli.folder / "away")
    _, err = process.communicate(timeout=60)
    assert process.returncode == 1
    assert err.decode() == f"nzip: {cli.folder}/src: No such file or directory\n"
    os.rename(cli.folder / "away", cli.folder / "src")
    assert cli("batch", "src", "--out", "out", "--resume") == (0, b"", "")
    assert len(archived(cli)) == 20


@pytest.mark.usefixtures("tree")
def test_a_log_on_a_full_disk(cli):
    assert batch(cli, "--log", "/dev/full") == (0, b"", "")


@pytest.mark.usefixtures("tree")
def test_a_log_that_cannot_be(cli):
    result = batch(cli, "--log", "nowhere/log.txt")
    assert result.code == 1
    assert result.err == f"nzip: {cli.folder}/nowhere/log.txt: No such file or directory\n"


@pytest.mark.parametrize("free", [0, 20, 60, 150])
def test_a_full_disk(cli, small_disk, free):
    """Wherever it is met, in archives or in records, there is one line, and the job can go on."""
    disk = small_disk("1M")
    texts = {f"{i}": make_text(4000, seed=i) for i in range(100)}
    make_tree(cli.folder / "src", texts)
    status = os.statvfs(disk)
    with contextlib.suppress(OSError):
        (disk / "ballast").write_bytes(bytes(status.f_bavail * status.f_frsize - free * 4096))
    result = cli("batch", "src", "--out", "disk/out", "-1")
    assert result.code == 1
    assert result.err.count("\n") == 1
    assert "No space left on device" in result.err or "database or disk is full" in result.err
    (disk / "ballast").unlink()
    (cli.folder / "disk/big").mkdir()
    subprocess.run(["mount", "-o", "remount,size=30M", disk], check=True)
    assert cli("batch", "src", "--out", "disk/out", "-1", "--resume").code == 0
    assert archived(cli, "disk/out") == texts


@pytest.mark.parametrize("archives", [(), ("--archives", "10K")])
def test_sigterm_leaves_a_job_that_can_go_on(cli, archives):
    texts = {f"{i}": make_text(4000, seed=i) * 4 for i in range(16)}
    make_tree(cli.folder / "src", texts)
    process = cli.start("batch", "src", "--out", "out", "-1", "-j2", *archives, stderr=subprocess.PIPE)
    wait_for(lambda: times(cli))
    process.send_signal(signal.SIGTERM)
    _, err = process.communicate(timeout=60)
    assert process.returncode == -signal.SIGTERM
    assert err.decode() == f"nzip: {cli.folder}/out: stopped; --resume goes on from here\n"
    assert not (records(cli) / "incomplete").exists()
    assert cli("batch", "src", "--out", "out", "--resume") == (0, b"", "")
    assert (together(cli) if archives else archived(cli)) == texts


@pytest.mark.usefixtures("tree")
def test_the_second_of_two_jobs_is_refused_at_once(cli):
    """Whatever it asks for, before it looks at any file."""
    (records(cli)).mkdir(parents=True)
    with open(records(cli) / "lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        for arguments in (), ("--resume",), ("--rebuild",), ("--archives", "1M"):
            result = batch(cli, *arguments)
            assert (result.code, result.out) == (1, b"")
            assert result.err == f"nzip: {cli.folder}/out: another nzip batch is at work there\n"
    assert os.listdir(cli.folder / "out") == [".nzip-batch"]
    assert batch(cli).code == 0


@pytest.mark.usefixtures("tree")
def test_a_clock_that_was_set_back(cli):
    """What is to be made again after a power cut does not depend on it."""
    batch(cli)
    database = sqlite3.connect(records(cli) / "ledger.sqlite")
    with database:
        database.execute("UPDATE runs SET ended = NULL, boot = 'another', started = 9e9, synced = 7")
        database.execute("UPDATE files SET finished = 1")
    database.close()
    before = times(cli)
    assert batch(cli, "--resume").code == 0
    after = times(cli)
    assert sum(before[path] != after[path] for path in before) == 5


@pytest.mark.usefixtures("tree")
def test_what_others_have_not_completed_is_no_file(cli):
    make_tree(cli.folder / "src", {".nzip-0123456789abcdef.tmp": b"half"})
    assert batch(cli) == (0, b"", "")
    assert len(archived(cli)) == 12


@pytest.mark.parametrize("archives", [(), ("--archives", "1M")])
def test_what_an_ordinary_user_may_not_read(cli, tree, powerless, archives):
    make_tree(cli.folder / "src", {"closed/inside": b"secret"})
    (cli.folder / "src/0/0.txt").chmod(0)
    (cli.folder / "src/closed").chmod(0)
    result = batch(cli, *archives, "--attempts", "2", preexec_fn=powerless)
    assert result.code == 9
    assert result.err.splitlines() == [
        "nzip: 0/0.txt: Permission denied",
        "nzip: closed: folder cannot be read: Permission denied",
    ]
    done = together(cli) if archives else archived(cli)
    assert done == {name: data for name, data in tree.items() if name != "0/0.txt"}
    (cli.folder / "src/0/0.txt").chmod(0o600)
    (cli.folder / "src/closed").chmod(0o700)
    before = times(cli)
    assert batch(cli, *archives, "--resume", preexec_fn=powerless).code == 0
    assert before.items() <= times(cli).items()
    assert (together(cli) if archives else archived(cli)) == {**tree, "closed/inside": b"secret"}


@pytest.mark.usefixtures("tree")
def test_a_target_that_an_ordinary_user_may_not_write(cli, powerless):
    (cli.folder / "out").mkdir(mode=0o555)
    result = batch(cli, preexec_fn=powerless)
    assert (result.code, result.err) == (1, f"nzip: {cli.folder}/out/.nzip-batch: Permission denied\n")
    (cli.folder / "out").chmod(0o755)
    assert batch(cli).code == 0
    (cli.folder / "src/new").write_bytes(b"new")
    for path in records(cli), *records(cli).iterdir():
        path.chmod(0o555)
    result = batch(cli, "--resume", preexec_fn=powerless)
    assert result.code == 1
    assert result.err == f"nzip: {records(cli)}/lock: Permission denied\n"
    assert cli("report", "out", "--no-sample", "-o", "page.html", preexec_fn=powerless).code == 0
    records(cli).chmod(0o755)
    for path in records(cli).iterdir():
        path.chmod(0o644)
    (cli.folder / "out").chmod(0o555)
    result = batch(cli, "--resume", preexec_fn=powerless)
    assert (result.code, result.err) == (9, f"nzip: new: {cli.folder}/out/new.nz: Permission denied\n")
    (cli.folder / "out").chmod(0o755)
    assert batch(cli, "--resume", preexec_fn=powerless).code == 0
