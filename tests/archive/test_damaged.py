"""An archive of which a part is damaged gives every intact member under its name."""

from __future__ import annotations

import io
import os
import random
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

import pytest
from support.samples import words
from support.trees import archive_of, make_tree

import nzip
from nzip.archive import (
    Archive,
    DamagedArchive,
    Member,
    MemberKind,
    append,
    create,
    delete,
    extract,
    grouping,
)
from nzip.format.damaged import walk_damaged
from nzip.format.group import BlockName, encode_group, parse_group
from nzip.format.record import Record
from nzip.format.registry import RecordType
from nzip.pipeline import EncodeOptions
from nzip.pipeline.own_primes import make_own_prime
from nzip.pipeline.repair import Repair
from nzip.pipeline.table import DAMAGE

OPTIONS = EncodeOptions(level=1, model="none", prime="none", threads=1, block_size=4096)
MEMBERS = 1000
SHARE = 0.02  # of an archive's bytes that are destroyed


class Made(NamedTuple):
    data: bytes
    files: dict[str, bytes]


@pytest.fixture(scope="module")
def made(tmp_path_factory) -> Made:
    source = random.Random(3)
    text = words(300_000)
    files = {}
    for number in range(MEMBERS):
        start = source.randrange(len(text))
        files[f"{number % 10}/{number:04}.txt"] = text[start : start + source.randrange(500)]
    root = make_tree(tmp_path_factory.mktemp("tree"), files)
    return Made(archive_of(root, options=OPTIONS).getvalue(), files)


def restored(data: bytes, files: dict[str, bytes]) -> set[str]:
    """The paths of all files that a damaged archive gives, which are what they were."""
    found = set()
    with DamagedArchive(io.BytesIO(data)) as archive:
        for group, pieces in archive.contents(archive):
            try:
                content = b"".join(bytes(piece) for piece in pieces)
            except DAMAGE:
                continue
            for member in group:
                assert content == files[member.path]
                found.add(member.path)
    return found


def untouched(data: bytes, start: int, end: int) -> set[str]:
    """The paths of the files of whose blocks no byte lies in a range of the archive."""
    blocks = nzip.info(io.BytesIO(data)).streams[0].blocks
    hit, plain = [], 0
    for block in blocks:
        if block.offset < end and start < block.offset + block.size:
            hit.append((plain, plain + block.header.plain_size))
        plain += block.header.plain_size
    return {
        member.path
        for member in Archive(io.BytesIO(data))
        if member.has_content
        and not any(begin < member.offset + member.size and member.offset < stop for begin, stop in hit)
    }


def destroyed(data: bytes, start: int, end: int) -> bytes:
    return data[:start] + random.Random(start).randbytes(end - start) + data[end:]


def ranges(data: bytes) -> list[tuple[int, int]]:
    """Of so many bytes: the first, the last, some between."""
    size = int(SHARE * len(data))
    source = random.Random(1)
    starts = [0, 5, 100, len(data) // 2, len(data) - 2 * size, len(data) - size]
    starts += [source.randrange(len(data) - size) for _ in range(6)]
    return [(start, start + size) for start in starts]


def test_all_but_the_members_that_are_hit(made):
    for start, end in ranges(made.data):
        assert untouched(made.data, start, end) <= restored(destroyed(made.data, start, end), made.files)


@pytest.fixture(scope="module")
def safe(made, tmp_path_factory) -> bytes:
    """The same archive with recovery records."""
    root = make_tree(tmp_path_factory.mktemp("tree"), made.files)
    return archive_of(root, options=replace(OPTIONS, recovery=5)).getvalue()


def test_with_recovery_records_everything_is_restored(made, safe):
    assert restored(safe, made.files) == set(made.files)
    for start, end in ranges(safe):
        out = io.BytesIO()
        assert Repair(io.BytesIO(destroyed(safe, start, end))).write(out)
        assert out.getvalue() == safe
        out = io.BytesIO()
        assert Repair(io.BytesIO(safe[:start] + safe[end:])).write(out)
        assert out.getvalue() == safe


def test_what_is_appended_is_protected_as_well(safe, tmp_path):
    root = make_tree(tmp_path, {"new": b"new" * 100})
    grown = appended(safe, root, "new")
    with Archive(io.BytesIO(safe)) as one, Archive(io.BytesIO(grown)) as other:
        assert other.recovery >= one.recovery >= 5
    with Archive(io.BytesIO(archive_of(root).getvalue())) as archive:
        assert archive.recovery == 0
    file = io.BytesIO()  # nothing new but what protects it
    with Archive(archive_of(root)) as archive:
        made = append(archive, file, ["."], replace(OPTIONS, recovery=5), folder=str(root), always=False)
    assert made.changed
    with Archive(file) as archive:
        assert archive.recovery >= 5


def test_what_is_removed_leaves_the_rest_protected(safe):
    file = io.BytesIO()
    with Archive(io.BytesIO(safe)) as archive:
        delete(archive, file, [archive["0/0000.txt"]])
        with Archive(file) as other:
            assert other.recovery >= archive.recovery
            assert len(other) == len(archive) - 1


def test_bytes_that_are_missing(made):
    for start, end in ranges(made.data)[::2]:
        assert untouched(made.data, start, end) <= restored(made.data[:start] + made.data[end:], made.files)


@pytest.mark.parametrize("missing", [1, 50, 500])
def test_without_its_last_bytes_everything_has_its_name(made, missing):
    assert restored(made.data[:-missing], made.files) == set(made.files)


def test_half_of_it_has_names(made):
    half = restored(made.data[: len(made.data) // 2], made.files)
    with DamagedArchive(io.BytesIO(made.data[: len(made.data) // 2])) as archive:
        assert not archive.has_table
        assert not archive.has_end
    assert len(half) > 0.3 * MEMBERS


def test_a_block_that_was_taken_out_is_not_mistaken_for_another(tmp_path):
    """All blocks of one size, exactly one gone, the table and one group, too: no wrong content comes out."""
    files = {f"{number:02}": random.Random(number).randbytes(4096) for number in range(40)}
    data = archive_of(make_tree(tmp_path, files), options=OPTIONS).getvalue()
    blocks = nzip.info(io.BytesIO(data)).streams[0].blocks
    end = blocks[-1].offset + blocks[-1].size
    for number in range(len(blocks) - 1):
        block = blocks[number]
        lost = data[: block.offset] + data[block.offset + block.size : end]
        assert len(restored(lost, files)) == 39


def test_attributes_and_links(tmp_path):
    root = make_tree(tmp_path / "tree", {"a/one": b"1" * 100, "a/two": b"2" * 100, "run": b"#!"})
    os.chmod(root / "run", 0o750)
    os.utime(root / "a/one", ns=(0, 1_500_000_000_123_456_789))
    os.link(root / "run", root / "walk")
    os.symlink("a/one", root / "link")
    (root / "empty").mkdir()
    data = archive_of(root, options=OPTIONS).getvalue()
    (tmp_path / "out").mkdir()
    with DamagedArchive(io.BytesIO(data[:-30])) as archive:
        assert not archive.has_table
        extract(archive, str(tmp_path / "out"))
    out = tmp_path / "out"
    assert (out / "a/one").stat().st_mtime_ns == 1_500_000_000_000_000_000
    assert (out / "run").stat().st_mode & 0o777 == 0o750
    assert os.path.samefile(out / "run", out / "walk")
    assert os.readlink(out / "link") == "a/one"
    assert list((out / "empty").iterdir()) == []


def appended(old: bytes, root: Path, *paths: str) -> bytes:
    file = io.BytesIO()
    with Archive(io.BytesIO(old)) as archive:
        append(archive, file, paths, OPTIONS, folder=str(root))
    return file.getvalue()


def test_an_archive_that_grew_names_what_it_holds_now(tmp_path):
    root = make_tree(tmp_path, {"a": b"old" * 100, "b": b"stays" * 100, "c": b"old" * 100})
    data = archive_of(root, options=OPTIONS).getvalue()
    make_tree(root, {"a": b"new" * 200, "d": b"stays" * 100})
    data = appended(data, root, "a", "d")
    files = {"a": b"new" * 200, "b": b"stays" * 100, "c": b"old" * 100, "d": b"stays" * 100}
    assert restored(data[:-50], files) == set(files)
    assert restored(appended(data, root, "d")[:-20], files) == set(files)  # nothing new, so no block behind


def test_an_archive_without_contents(tmp_path):
    root = make_tree(tmp_path, {"empty": b""})
    data = archive_of(root, "empty", options=OPTIONS).getvalue()
    with DamagedArchive(io.BytesIO(data[:-39])) as archive:
        assert [member.path for member in archive] == ["empty"]


def test_threads_change_no_byte(tmp_path):
    text = words(100_000)
    files = {f"{number:03}": text[number * 300 : number * 300 + 400] for number in range(300)}
    files |= {f"copy{number}": text[number * 3000 : number * 3000 + 400] for number in range(20)}
    root = make_tree(tmp_path, files)
    made = {
        archive_of(
            root, options=EncodeOptions(level=1, prime="none", threads=threads, block_size=2048)
        ).getvalue()
        for threads in (1, 2, 5)
    }
    assert len(made) == 1


def groups_of(data: bytes):
    records = [found.structure for found in walk_damaged(io.BytesIO(data), 1 << 30)]
    return [
        parse_group(record.body, 1 << 30)
        for record in records
        if isinstance(record, Record) and record.type == RecordType.GROUP
    ]


def test_groups_list_every_block_and_every_member_once(made):
    groups = groups_of(made.data)
    assert len(groups) > 2
    blocks = nzip.info(io.BytesIO(made.data)).streams[0].blocks
    listed = [name for group in groups for name in group.blocks]
    assert listed == [BlockName(block.header.plain_size, block.header.checksum) for block in blocks]
    named = [member.path for group in groups for member in group.members]
    assert len(named) == len(set(named))
    assert set(named) == {member.path for member in Archive(io.BytesIO(made.data))}


def test_a_group_of_more_members_than_a_record_takes(monkeypatch):
    monkeypatch.setattr(grouping, "MOST_MEMBERS", 7)
    links = [Member(f"link{number:02}", MemberKind.SYMBOLIC_LINK, target="x") for number in range(30)]
    writer = grouping.Grouping()
    writer.add(links, 0)
    groups = groups_of(writer.rest())
    assert [len(group.members) for group in groups] == [7, 7, 7, 7, 2]


def test_the_groups_cost_little(made):
    """Names and sizes of members whose times and checks are as random as can be."""
    with Archive(io.BytesIO(made.data)) as archive:
        members = archive.members[-grouping.MEMBERS :]
    assert len(encode_group(0, [], members)) < 8 * grouping.MEMBERS


def test_changed_groups_are_refused_or_read_but_nothing_else():
    source = random.Random(1)
    members = [Member("folder", MemberKind.FOLDER, 0o755, 10**18), Member("f", MemberKind.FILE, 0, 0, 100, 7)]
    record = encode_group(5, [BlockName(1000, 77)], members)
    body = record[3:-4]
    for _ in range(3000):
        changed = bytearray(body)
        for _ in range(source.randrange(1, 4)):
            at = source.randrange(len(changed))
            changed[at : at + source.randrange(2)] = source.randbytes(source.randrange(3))
        try:
            parse_group(bytes(changed), 1 << 20)
        except nzip.NzipError:
            continue


def test_no_names_at_all():
    with pytest.raises(nzip.NzipFormatError, match="no names"):
        DamagedArchive(io.BytesIO(nzip.compress(b"no archive", level=1)[:-1]))
    with pytest.raises(nzip.NzipFormatError, match="no names"):
        DamagedArchive(io.BytesIO(b"text"))


def test_its_own_prime_is_lost(tmp_path):
    files = {"a.noise": random.Random(1).randbytes(4096), "b.text": words(6000)[1000:]}
    root = make_tree(tmp_path, files)
    file = io.BytesIO()
    options = replace(OPTIONS, prime=None)
    create(file, files, options, folder=str(root), own_prime=make_own_prime(words(2000), options))
    data = bytearray(file.getvalue())
    data[30] ^= 1
    assert restored(bytes(data), files) == {"a.noise"}
    assert restored(bytes(data[:-60]), files) == {"a.noise"}


def test_the_golden_file_without_its_table():
    data = (Path(__file__).parents[1] / "golden_archives/groups.nz").read_bytes()
    with Archive(io.BytesIO(data)) as whole:
        members = whole.members
        contents = {member.path: whole.read(member) for member in members if member.has_content}
    block = nzip.info(io.BytesIO(data)).streams[0].blocks[-1]
    table = block.offset + block.size
    damaged = data[: table + 20] + bytes(20) + data[table + 40 :]
    assert restored(damaged, contents) == set(contents)
    with DamagedArchive(io.BytesIO(damaged)) as archive:
        assert not archive.has_table
        assert {member.path for member in archive} == {member.path for member in members}
