"""The second implementation restores golden files, and refuses what is to be refused."""

import hashlib
import json
import lzma
import os
import subprocess
import sys
from pathlib import Path

import pytest

pytest.importorskip("numba", reason="numba is not installed: pip install 'nzip[reference]'")

from nzip.errors import NzipError
from nzip.reference.arrays import decode_arrays
from nzip.reference.container import read_streams
from nzip.reference.members import read_members
from nzip.reference.resources import Resources
from nzip.reference.restore import restore

_TESTS = Path(__file__).parents[1]
_GOLDEN = _TESTS / "golden"
_MANIFEST = json.loads((_GOLDEN / "manifest.json").read_text())

# What needs no engine 1, whose loops take minutes to compile.
_FAST = [
    "arrays",
    "blocks",
    "blocks-no-index",
    "byte",
    "empty",
    "empty-metadata",
    "metadata",
    "noise",
    "recovery",
    "streams",
    "unknown",
]
# docs/format/engine1/lane.md and jpeg.md name data that only native/ has; see decision 118.
_NOT_YET = ("unpack", "unpack-base64", "unpack-bzip2", "unpack-jpeg")
_SET_4 = ("learner", "level8", "network-full", "pieces4", "reference8")
# What changed since it was written: decisions 105, 106, 120 and 121.
_CHANGED = ("level3-binary", "level5-binary", "pieces2", "pieces3", "arrays-earlier", "arrays-records")


def _decodable(name: str) -> bool:
    return name not in _NOT_YET and not name.startswith((*_SET_4, *_CHANGED, "language-model"))


def _resources() -> Resources:
    resources = Resources([_GOLDEN / "prime.txt", _GOLDEN / "reference.bin"])
    for name in "own-prime.nzp.xz", "own-start.nzp.xz", "own.nzm.xz":
        resources.add(lzma.decompress((_GOLDEN / name).read_bytes()))
    return resources


def _digest(name: str) -> str:
    packed = (_GOLDEN / f"{name}.nz").read_bytes()
    return hashlib.sha256(b"".join(restore(packed, _resources()))).hexdigest()


@pytest.mark.parametrize("name", _FAST)
def test_golden_files_without_engine_1(name):
    assert _digest(name) == _MANIFEST[name]["sha256"]


@pytest.mark.slow
@pytest.mark.parametrize("name", sorted(filter(_decodable, set(_MANIFEST) - set(_FAST))))
def test_golden_files(name):
    assert _digest(name) == _MANIFEST[name]["sha256"]


def _archives():
    manifest = json.loads((_TESTS / "golden_archives" / "manifest.json").read_text())
    return [pytest.param(name, entry, id=name) for name, entry in manifest.items()]


@pytest.mark.parametrize(("name", "entry"), _archives())
def test_member_tables(name, entry):
    packed = (_TESTS / "golden_archives" / f"{name}.nz").read_bytes()
    if "members" in entry:
        (stream,) = read_streams(packed)
        found = [(os.fsdecode(member.path), member.size) for member in read_members(stream)]
        assert found == [(path, size) for path, _, _, _, size, *_ in entry["members"]]
    elif name != "two-streams":  # a file like any other, but no archive
        with pytest.raises(NzipError):
            list(map(read_members, read_streams(packed)))


def test_planes_by_context():
    """Every form of a plane, in numbers that nzip codes: golden files have three of five."""
    import numpy as np

    import nzip

    random = np.random.default_rng(1)
    numbers = random.normal(size=100_000).astype("<f4") * np.float32(0.02)
    packed = nzip.compress(numbers.tobytes(), level=1)
    (stream,) = read_streams(packed)
    assert b"".join(decode_arrays(b.header, b.coded) for b in stream.blocks) == numbers.tobytes()


@pytest.mark.parametrize(
    "name", ["damaged-payload", "feature", "record-type", "trailing-garbage", "truncated"]
)
def test_the_command_refuses_in_one_line(name):
    packed = _TESTS / "golden_errors" / f"{name}.nz"
    ran = subprocess.run(
        [sys.executable, "-m", "nzip.reference", packed], capture_output=True, text=True, timeout=300
    )
    assert ran.returncode in range(3, 9)
    assert len(ran.stderr.splitlines()) == 1
    assert not ran.stdout
