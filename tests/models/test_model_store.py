"""Models are found by path, name, number and id, in a documented order, and loaded once."""

import os
import shutil
import sys
import threading
from dataclasses import replace

import pytest
from support import model_files
from support.engines import ENGINE

from nzip import _native
from nzip.errors import NzipModelError
from nzip.models import folders, network, nzp, profile, shipped
from nzip.models.frame import identity
from nzip.models.store import Shelf

A, B, C = (nzp.Profile(1, 1, "none", letter).serialize() for letter in (b"a", b"b", b"c"))


class Places:
    """Folders that stand for the wheel's, one of NZIP_MODELS, and the user's."""

    def __init__(self, root, monkeypatch):
        self.shipped = root / "data"
        self.extra = root / "extra"
        self.user = root / "home" / "nzip" / "models"
        for folder in self.shipped, self.extra, self.user:
            folder.mkdir(parents=True)
        monkeypatch.setattr(shipped, "FOLDER", str(self.shipped))
        monkeypatch.setenv("NZIP_MODELS", str(self.extra))
        monkeypatch.setenv("XDG_DATA_HOME", str(root / "home"))
        self.table = {}
        self.loads = []

    def shelf(self):
        def load(data):
            self.loads.append(data)
            return nzp.parse(data)

        return Shelf("profile", ".nzp", self.table, load, "--prime takes the file")


@pytest.fixture
def places(tmp_path, monkeypatch):
    monkeypatch.setattr(sys, "platform", "linux")
    return Places(tmp_path, monkeypatch)


def test_the_first_folder_with_the_name_counts(places):
    (places.user / "x.nzp").write_bytes(C)
    assert places.shelf().find("x").data == C
    (places.extra / "x.nzp").write_bytes(B)
    assert places.shelf().find("x").data == B
    (places.shipped / "x.nzp").write_bytes(A)
    assert places.shelf().find("x").data == A


def test_the_variable_lists_folders_in_order(places, tmp_path, monkeypatch):
    listed = [tmp_path / "1", places.extra, tmp_path / "nowhere", places.extra]
    monkeypatch.setenv("NZIP_MODELS", os.pathsep.join(["", *map(str, listed)]))
    assert folders.folders() == [str(places.shipped), *map(str, listed), str(places.user)]
    (places.extra / "x.nzp").write_bytes(A)
    listed[0].mkdir()
    (listed[0] / "x.nzp").write_bytes(B)
    assert list(folders.files(".nzp")) == [str(listed[0] / "x.nzp"), str(places.extra / "x.nzp")]


def test_a_path_is_a_path(places, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (places.shipped / "x.nzp").write_bytes(A)
    (tmp_path / "x.nzp").write_bytes(B)
    (tmp_path / "x").write_bytes(C)
    shelf = places.shelf()
    assert [shelf.find(name).data for name in ("x", "x.nzp", "./x", tmp_path / "x")] == [A, B, C, C]
    with pytest.raises(FileNotFoundError):
        shelf.find("./y")


def test_ids(places):
    (places.extra / "x.nzp").write_bytes(A)
    (places.user / "y.nzp").write_bytes(A)
    (places.user / "z.nzp").write_bytes(B)
    shelf, name = places.shelf(), identity(A)
    for reference in name, name[:8], name[:8].upper(), f"sha256:{name[:32]}":
        assert shelf.find(reference).path == str(places.extra / "x.nzp")
    for reference in name[:7], name[:8] + "x", name + "0", "0" * 64:
        with pytest.raises(NzipModelError, match="is not known; nzip models list"):
            shelf.find(reference)


def test_an_id_that_begins_two_files_is_refused(places, monkeypatch):
    monkeypatch.setattr("nzip.models.frame.identity", lambda data: data[-1:].hex().rjust(64, "0"))
    (places.extra / "x.nzp").write_bytes(A)
    (places.extra / "y.nzp").write_bytes(B)
    with pytest.raises(NzipModelError, match=r"id '00000000' may be any of 0+61, 0+62"):
        places.shelf().find("00000000")


def test_a_name_comes_before_an_id(places):
    (places.extra / "x.nzp").write_bytes(A)
    (places.extra / f"{identity(A)[:8]}.nzp").write_bytes(B)
    assert places.shelf().find(identity(A)[:8]).data == B


def test_what_a_header_names(places):
    (places.shipped / "x.nzp").write_bytes(A)
    (places.user / "y.nzp").write_bytes(B)
    places.table[17] = shipped.Shipped("x.nzp", identity(A))
    shelf = places.shelf()
    first = shelf.get(17)
    assert (first.id, first.component, first.value) == (identity(A), 17, nzp.parse(A))
    hashed = bytes.fromhex(identity(B))[:16]
    second = shelf.get(hashed)
    assert (second.id, second.component, second.value) == (identity(B), hashed, nzp.parse(B))
    assert shelf.get(bytes.fromhex(identity(A))[:16]).value is first.value  # a number is the shorter name
    assert shelf.choose("17").value is first.value
    assert shelf.choose(places.user / "y.nzp").value is second.value
    with pytest.raises(NzipModelError, match="profile 18 is not known; a newer nzip may have it"):
        shelf.get(18)
    with pytest.raises(NzipModelError, match=r"profile sha256:(aa){16} is not here; --prime takes"):
        shelf.get(b"\xaa" * 16)


def test_what_was_missing_may_come(places):
    shelf, component = places.shelf(), bytes.fromhex(identity(A))[:16]
    with pytest.raises(NzipModelError):
        shelf.get(component)
    (places.user / "x.nzp").write_bytes(A)
    assert shelf.get(component).id == identity(A)


def test_once_in_a_process(places):
    (places.user / "x.nzp").write_bytes(A)
    shelf, component = places.shelf(), bytes.fromhex(identity(A))[:16]
    threads = [threading.Thread(target=shelf.get, args=(component,)) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    (places.user / "x.nzp").unlink()
    assert shelf.get(component).id == identity(A)
    assert len(places.loads) == 1


def test_what_is_missing_costs_no_reading(places, monkeypatch):
    """Or a hostile archive that names thousands of models would take hours."""
    (places.user / "x.nzp").write_bytes(A)
    (places.user / "y.nzp").write_bytes(B)
    reads, read = [], folders.read
    monkeypatch.setattr(folders, "read", lambda path: reads.append(path) or read(path))
    shelf = places.shelf()
    for number in range(1000):
        with pytest.raises(NzipModelError):
            shelf.get(number.to_bytes(16, "little"))
    assert len(reads) == 2
    (places.user / "x.nzp").write_bytes(C)  # what changes is read again
    os.utime(places.user / "x.nzp", ns=(1, 1))
    assert shelf.get(bytes.fromhex(identity(C))[:16]).id == identity(C)
    with pytest.raises(NzipModelError):
        shelf.get(bytes.fromhex(identity(A))[:16])


def test_a_damaged_file_that_comes_with_nzip(places):
    places.table[17] = shipped.Shipped("x.nzp", identity(A))
    (places.shipped / "x.nzp").write_bytes(B)
    for reach in (lambda shelf: shelf.get(17), lambda shelf: shelf.find("x"), lambda shelf: shelf.find("17")):
        with pytest.raises(
            NzipModelError, match=r"x\.nzp comes with nzip and is damaged; install nzip again"
        ):
            reach(places.shelf())
    (places.shipped / "x.nzp").unlink()
    with pytest.raises(NzipModelError, match=r"x\.nzp comes with nzip and is missing; install nzip again"):
        places.shelf().get(17)
    (places.user / "x.nzp").write_bytes(A)  # what is elsewhere under that name replaces nothing
    with pytest.raises(NzipModelError, match=r"x\.nzp comes with nzip and is missing"):
        places.shelf().get(17)


def test_what_is_in_the_way_is_passed_over(places, monkeypatch):
    (places.extra / "folder.nzp").mkdir()
    (places.extra / "huge.nzp").write_bytes(bytes(1000))
    (places.extra / "broken.nzp").write_bytes(b"NZP")
    (places.extra / "x.nzp").write_bytes(A)
    (places.extra / "a.txt").write_bytes(B)
    monkeypatch.setattr(folders, "MAX_FILE", 999)
    assert [os.path.basename(path) for path in folders.files(".nzp")] == ["broken.nzp", "x.nzp"]
    assert places.shelf().get(bytes.fromhex(identity(A))[:16]).id == identity(A)
    with pytest.raises(NzipModelError, match="more than 999 bytes"):
        places.shelf().find(places.extra / "huge.nzp")
    with pytest.raises(NzipModelError, match="ends early"):
        places.shelf().choose("broken")


@pytest.mark.parametrize(
    ("platform", "variables", "expected"),
    [
        ("linux", {}, "/h/.local/share/nzip/models"),
        ("linux", {"XDG_DATA_HOME": "/d"}, "/d/nzip/models"),
        ("linux", {"XDG_DATA_HOME": "relative"}, "/h/.local/share/nzip/models"),
        ("darwin", {"XDG_DATA_HOME": "/d"}, "/h/Library/Application Support/nzip/models"),
        ("win32", {"LOCALAPPDATA": "/l"}, "/l/nzip/models"),
        ("win32", {}, "/h/AppData/Local/nzip/models"),
    ],
)
def test_the_users_folder(platform, variables, expected, monkeypatch):
    monkeypatch.setattr(sys, "platform", platform)
    for name in "XDG_DATA_HOME", "LOCALAPPDATA":
        monkeypatch.delenv(name, raising=False)
    for name, value in {"HOME": "/h", **variables}.items():
        monkeypatch.setenv(name, value)
    assert folders.user_folder() == expected


def test_tensors_that_the_core_refuses(monkeypatch):
    def refuse(*_):
        raise ValueError("layer 0: too small")

    monkeypatch.setattr(_native, "Network", refuse)
    with pytest.raises(NzipModelError, match="a network is broken: layer 0: too small"):
        network.load(model_files.network())


@pytest.mark.parametrize("name", ["none", "any", "0" * 64])
@pytest.mark.parametrize("component_set", [1, 2, 3, 4])
def test_the_engine_takes_the_state_of_a_profile(component_set, name):
    data = model_files.profile(component_set, name)
    whole = profile.load(data)
    assert whole == nzp.parse(data)
    for start in whole.start[:-1], whole.start + b"\0":
        with pytest.raises(NzipModelError, match="a profile is broken: the trained start is not one of"):
            profile.load(replace(whole, start=start).serialize())
    other = ENGINE.revision + 1
    with pytest.raises(NzipModelError, match=f"a profile is for engine revision {other}, not"):
        profile.load(replace(whole, engine_revision=other).serialize())


@pytest.mark.parametrize("table", [shipped.NETWORKS, shipped.PROFILES], ids=["networks", "profiles"])
def test_what_is_listed_is_shipped(table):
    """After a change of a file, its line in nzip/data/shipped.txt is what this shows."""
    for number, entry in table.items():
        with open(os.path.join(shipped.FOLDER, entry.file), "rb") as file:
            data = file.read()
        assert entry == shipped.Shipped(entry.file, identity(data))
        if table is shipped.PROFILES:
            found = profile.load(data)
            alone = found.network == nzp.NO_NETWORK
            assert alone or found.network == nzp.ANY_NETWORK
            row = shipped.ROWS[number]
            assert row == (1, found.engine_revision, found.component_set, found.network)


def test_nothing_is_shipped_that_is_not_listed():
    listed = {entry.file for table in (shipped.NETWORKS, shipped.PROFILES) for entry in table.values()}
    names = os.listdir(shipped.FOLDER) if os.path.isdir(shipped.FOLDER) else []
    assert {name for name in names if name.endswith((".nzm", ".nzp"))} == listed


def test_copies_of_one_file_are_one_model(places):
    (places.extra / "x.nzp").write_bytes(A)
    shutil.copy(places.extra / "x.nzp", places.user / "y.nzp")
    shelf = places.shelf()
    assert shelf.choose("x").value is shelf.choose("y").value
