"""Batch jobs whose files share archives: which are together, what is on record, and what is done again."""

from __future__ import annotations

import errno
import hashlib
import os
from collections import defaultdict

import pytest
from support.batch_jobs import quick_job, rows, run_job
from support.samples import noise
from support.trees import make_tree

from nzip.archive import Archive, writer
from nzip.archive.batch import bundle as bundles
from nzip.archive.batch import run
from nzip.archive.batch.bundle import all_failed, pack_bundle
from nzip.archive.batch.ledger_file import open_ledger
from nzip.pipeline.target import NewFile

FILES = {
    "a.txt": b"a text " * 500,
    "b.log": b"line\n" * 300,
    "deep/c.txt": b"c" * 99,
    "deep/empty": b"",
    "deep/same": b"c" * 99,
}
TOGETHER = {"00001.nza": ["b.log", "a.txt"], "00002.nza": ["deep/empty", "deep/same", "deep/c.txt"]}


@pytest.fixture
def folder(tmp_path):
    make_tree(tmp_path / "source", FILES)
    return tmp_path


def job_of(folder, **values):
    return quick_job(folder, **{"archives": 5000, **values})


def stored(folder):
    """What the archives hold, by their names and the files' paths."""
    found = {}
    for path in sorted((folder / "out").glob("*.nza")):
        with Archive(path) as archive:
            found[path.name] = {member.path: archive.read(member) for member in archive}
    return found


def newest(folder):
    """What restoring all archives in order gives."""
    return {path: data for members in stored(folder).values() for path, data in members.items()}


def touch(path, data):
    path.write_bytes(data)
    os.utime(path, ns=(1, 10**9))


def test_files_share_archives_of_the_size(folder):
    os.utime(folder / "source/a.txt", ns=(10**18, 10**18))
    job = job_of(folder)
    run_job(job)
    assert newest(folder) == FILES
    assert {name: list(members) for name, members in stored(folder).items()} == TOGETHER
    coded = defaultdict(int)
    for path, (state, size, sha256, number, share) in rows(
        job, "state, size, sha256, archive, coded"
    ).items():
        assert (state, size, sha256) == ("done", len(FILES[path]), hashlib.sha256(FILES[path]).hexdigest())
        coded[number] += share
    # No byte is counted twice, and none is left out.
    assert coded == {number: (folder / f"out/{number:05}.nza").stat().st_size for number in (1, 2)}
    with Archive(folder / "out/00001.nza") as archive:
        assert archive["a.txt"].mtime_ns == 10**18
    assert run_job(job) == []


def test_files_are_charged_as_their_blocks_are(folder):
    make_tree(folder / "source", {"noise.bin": noise(4000), "text.txt": b"text " * 800})
    job = job_of(folder, archives=10**6, block_size=4096)
    run_job(job)
    coded = rows(job, "coded")
    assert coded["noise.bin"] > 3800
    assert coded["text.txt"] < 400


def test_a_larger_file_has_an_archive_of_its_own(folder):
    run_job(job_of(folder, archives=100))
    assert [list(members) for members in stored(folder).values()] == [
        ["a.txt"],
        ["b.log"],
        ["deep/empty", "deep/c.txt"],
        ["deep/same"],
    ]


def test_no_archive_has_too_many_members(folder, monkeypatch):
    monkeypatch.setattr(run, "MOST_MEMBERS", 2)
    run_job(job_of(folder))
    assert [len(members) for members in stored(folder).values()] == [2, 2, 1]


def test_settings_share_no_archive(folder):
    run_job(job_of(folder, archives=10**6, rules=[{"patterns": ["*.txt"], "level": 2}]))
    assert sorted(sorted(members) for members in stored(folder).values()) == [
        ["a.txt", "deep/c.txt"],
        ["b.log", "deep/empty", "deep/same"],
    ]


def test_the_bytes_do_not_depend_on_the_number_of_jobs(folder):
    made = []
    for jobs in (1, 3):
        run_job(job_of(folder, jobs=jobs, out=str(folder / f"out{jobs}"), block_size=512))
        made.append([path.read_bytes() for path in sorted((folder / f"out{jobs}").glob("*.nza"))])
    assert made[0] == made[1]


def test_what_is_new_or_different_goes_to_later_archives(folder):
    job = job_of(folder)
    run_job(job)
    before = stored(folder)
    touch(folder / "source/a.txt", b"A text " * 500)
    (folder / "source/b.log").unlink()
    make_tree(folder / "source", {"new": b"n"})
    assert sorted(run_job(job)) == ["a.txt", "new"]
    after = stored(folder)
    assert after.pop("00003.nza") == {"a.txt": b"A text " * 500, "new": b"n"}
    assert after == before  # what is gone is kept
    assert newest(folder) == {**FILES, "a.txt": b"A text " * 500, "new": b"n"}
    assert run_job(job) == []


def test_what_was_in_a_lost_archive_is_stored_anew(folder):
    job = job_of(folder)
    run_job(job)
    touch(folder / "source/deep/c.txt", b"newer")
    run_job(job)  # 00003
    (folder / "out/00002.nza").unlink()
    assert sorted(run_job(job)) == ["deep/empty", "deep/same"]
    # Behind all others: a number in between might put an old version behind a new one.
    assert sorted(stored(folder)) == ["00001.nza", "00003.nza", "00004.nza"]
    assert newest(folder) == {**FILES, "deep/c.txt": b"newer"}
    (folder / "out/00004.nza").unlink()
    assert sorted(run_job(job)) == ["deep/empty", "deep/same"]
    assert newest(folder) == {**FILES, "deep/c.txt": b"newer"}


def test_another_size_is_for_what_comes(folder):
    run_job(job_of(folder))
    assert run_job(job_of(folder, archives=100)) == []


def test_a_job_changes_from_archives_to_files_and_back(folder):
    run_job(job_of(folder))
    assert sorted(run_job(quick_job(folder))) == sorted(FILES)
    assert sorted(run_job(job_of(folder))) == sorted(FILES)


def test_names_of_others_are_passed_over(folder):
    make_tree(folder / "out", {"00001.nza": b"precious"})
    run_job(job_of(folder))
    assert (folder / "out/00001.nza").read_bytes() == b"precious"
    (folder / "out/00001.nza").unlink()
    assert list(stored(folder)) == ["00002.nza", "00003.nza"]


def test_a_name_that_is_taken_meanwhile(folder, monkeypatch):
    store = bundles.store

    def appear(*arguments, **options):
        monkeypatch.setattr(bundles, "store", store)
        make_tree(folder / "out", {"00001.nza": b"precious"})
        return store(*arguments, **options)

    monkeypatch.setattr(bundles, "store", appear)
    job = job_of(folder, jobs=1)
    run_job(job)
    assert rows(job, "attempts")["a.txt"] == 2
    assert (folder / "out/00001.nza").read_bytes() == b"precious"
    (folder / "out/00001.nza").unlink()
    assert newest(folder) == FILES


@pytest.mark.parametrize("was_named", [True, False])
def test_an_archive_of_a_killed_job(folder, was_named):
    """Killed while it was made, or before the archive that has its name is on record."""
    job = job_of(folder)

    def answers(units):
        unit = next(units)
        if was_named:
            pack_bundle(job.place, unit, job.rules[-1].encoding, verify=True)
        raise InterruptedError

    with pytest.raises(InterruptedError):
        run_job(job, answers)
    assert sorted(run_job(job)) == sorted(set(FILES) - set(TOGETHER["00001.nza"] if was_named else ()))
    assert newest(folder) == FILES
    assert {name: list(members) for name, members in stored(folder).items()} == TOGETHER
    assert run_job(job) == []


def test_an_archive_that_was_changed_is_kept(folder, caplog):
    job = job_of(folder)
    run_job(job)
    (folder / "source/deep/c.txt").unlink()
    with (folder / "out/00002.nza").open("ab") as file:
        file.write(b"more")
    assert sorted(run_job(job)) == ["deep/empty", "deep/same"]
    assert (folder / "out/00002.nza").read_bytes().endswith(b"more")
    assert "archive 2 is not as it was made" in caplog.text


def test_a_file_that_changes_while_it_is_read_is_not_in_the_archive(folder, monkeypatch):
    pieces = writer._pieces

    def change(file):
        yield from pieces(file)
        if file._file.name.endswith("b.log"):
            with (folder / "source/b.log").open("ab") as log:
                log.write(b"more\n")

    monkeypatch.setattr(writer, "_pieces", change)
    job = job_of(folder)
    run_job(job)
    assert "b.log" not in newest(folder)
    assert rows(job, "state, attempts, error")["b.log"] == ("failed", 3, "changed while it was read")
    assert newest(folder).keys() == FILES.keys() - {"b.log"}
    monkeypatch.undo()
    assert run_job(job) == ["b.log"]
    assert newest(folder)["b.log"].endswith(b"more\n")


def test_what_is_gone_or_no_longer_a_file_fails_alone(folder):
    def replace(_):
        (folder / "source/a.txt").unlink()
        (folder / "source/b.log").unlink()
        (folder / "source/b.log").symlink_to("deep/c.txt")
        (folder / "source/deep/empty").unlink()
        make_tree(folder / "source", {"deep/empty/inside": b"not found"})

    job = job_of(folder)
    run_job(job, before=replace)
    assert rows(job, "state") == {
        "a.txt": "gone",
        "b.log": "failed",
        "deep/c.txt": "done",
        "deep/empty": "failed",
        "deep/same": "done",
    }
    assert rows(job, "error")["deep/empty"] == "is no longer a regular file"
    assert newest(folder).keys() == {"deep/c.txt", "deep/same"}
    assert not list((folder / "out").glob("00001*"))  # nothing to be in it


def test_what_does_not_restore_gets_no_name(folder, monkeypatch):
    def written(self):
        self._file.flush()
        with open(self._temporary, "r+b") as file:
            file.seek(20)
            file.write(b"damage")
        return open(self._temporary, "rb")

    monkeypatch.setattr(NewFile, "written", written)
    job = job_of(folder, attempts=1)
    run_job(job)
    assert stored(folder) == {}
    assert set(rows(job, "state").values()) == {"failed"}


def test_what_restores_to_something_else_gets_no_name(folder, monkeypatch):
    contents = Archive.contents

    def other(self, members, *, threads=1):
        for group, _ in contents(self, members, threads=threads):
            yield group, iter([memoryview(b"other")])

    monkeypatch.setattr(Archive, "contents", other)
    job = job_of(folder, attempts=1)
    run_job(job)
    monkeypatch.undo()
    assert stored(folder) == {}
    assert "does not restore its files" in rows(job, "error")["a.txt"]


def test_a_worker_that_dies_costs_an_attempt(folder):
    job = job_of(folder, jobs=1)
    died = []

    def answers(units):
        for unit in units:
            if not died:
                died.append(unit)
                yield all_failed(unit, OSError(errno.EIO, "worker died"))
            else:
                yield pack_bundle(job.place, unit, job.rules[-1].encoding, verify=True)

    run_job(job, answers)
    assert rows(job, "attempts") == dict.fromkeys(FILES, 1) | {"a.txt": 2, "b.log": 2}
    assert newest(folder) == FILES


def test_a_full_disk_ends_the_job_and_nothing_is_given_up(folder):
    job = job_of(folder)

    def answers(units):
        for unit in units:
            yield all_failed(unit, OSError(errno.ENOSPC, "No space left on device", "out"))

    with pytest.raises(OSError, match="No space left"):
        run_job(job, answers)
    assert set(rows(job, "state").values()) == {"pending"}
    assert len(run_job(job)) == len(FILES)


def test_archives_that_a_power_cut_may_have_taken_are_made_again(folder):
    job = job_of(folder)
    run_job(job)
    with open_ledger(job.ledger, writes=True) as ledger:
        ledger.database.execute("UPDATE runs SET ended = NULL, boot = 'another'")
        ledger.database.execute("UPDATE runs SET synced = 1000")
        for table, key in ("archives", "id"), ("files", "archive"):
            ledger.database.execute(f"UPDATE {table} SET step = step + 1000 WHERE {key} = 2")
    (folder / "out/00002.nza").unlink()
    assert sorted(run_job(job)) == ["deep/c.txt", "deep/empty", "deep/same"]
    assert list(stored(folder)) == ["00001.nza", "00002.nza"]


def test_hard_links_stay_linked(folder):
    os.link(folder / "source/a.txt", folder / "source/deep/another")
    run_job(job_of(folder, archives=10**6))
    with Archive(folder / "out/00001.nza") as archive:
        assert {archive["a.txt"].target, archive["deep/another"].target} in (
            {"", "a.txt"},
            {"", "deep/another"},
        )
        assert archive.read("deep/another") == FILES["a.txt"]


def test_names_that_are_no_text(folder):
    name = os.fsdecode(b"\xff\n.txt")
    make_tree(folder / "source", {name: b"data"})
    job = job_of(folder)
    run_job(job)
    assert newest(folder)[name] == b"data"
    assert rows(job, "archive")[os.fsencode(name)]
    assert run_job(job) == []
