"""What primes leave behind in a cache: used again, made anew where it is damaged, and never in the way."""

from __future__ import annotations

import errno
import io
import os
import subprocess
import sys
from pathlib import Path

import pytest
from support.engine_entries import change
from support.engines import ENGINE
from support.primes import PLAIN, PRIME

import nzip
from nzip.codecs import snapshots
from nzip.engines import current_engine
from nzip.format.checksum import checksum64
from nzip.pipeline import EncodeOptions, compress_stream
from nzip.resources.primes import DEFAULT_PRIME, shipped_primes


@pytest.fixture
def prime(tmp_path) -> Path:
    path = tmp_path / "prime"
    path.write_bytes(PRIME)
    return path


@pytest.fixture
def cache(tmp_path, monkeypatch) -> Path:
    """An empty cache, and a process that has warmed nothing yet."""
    folder = tmp_path / "cache"
    monkeypatch.setenv("NZIP_CACHE", str(folder))
    monkeypatch.setattr(snapshots, "_in_memory", {})
    return folder


def test_a_shipped_prime_that_gives_other_tables_is_an_internal_error(cache, monkeypatch):
    shipped = shipped_primes()[DEFAULT_PRIME]
    change(monkeypatch, warm=lambda profile, *_: bytes(ENGINE.snapshot_size(profile)))
    with pytest.raises(nzip.NzipError, match="a defect of nzip or of the machine"):
        snapshots.Snapshot(current_engine(), 3, shipped).keep_at_hand()
    assert not cache.exists()


def only_file(cache: Path) -> Path:
    (path,) = cache.iterdir()
    return path


def test_the_cache_is_used(cache, prime, monkeypatch):
    packed = nzip.compress(PLAIN, prime=prime)
    path = only_file(cache)
    assert path.stat().st_size == ENGINE.snapshot_size(3) + 8
    change(monkeypatch, warm=None)
    assert nzip.compress(PLAIN, prime=prime) == packed
    assert nzip.decompress(packed, prime=prime) == PLAIN


def flip(path: Path, at: int) -> None:
    with path.open("r+b") as file:
        file.seek(at)
        byte = file.read(1)
        file.seek(at)
        file.write(bytes([byte[0] ^ 1]))


def test_a_snapshot_in_use_is_not_among_the_oldest(cache, prime):
    packed = nzip.compress(PLAIN, prime=prime)
    path = only_file(cache)
    os.utime(path, (1, 1))
    assert nzip.decompress(packed, prime=prime) == PLAIN
    assert path.stat().st_mtime > 1


@pytest.mark.parametrize(
    "damage",
    [
        lambda path: flip(path, 5),
        lambda path: flip(path, 70),
        lambda path: flip(path, 30_000_000),
        lambda path: flip(path, path.stat().st_size - 1),
        lambda path: os.truncate(path, 40_000_000),
        lambda path: os.truncate(path, 0),
        lambda path: path.write_bytes(path.read_bytes() + b"x"),
    ],
    ids=["header", "small tables", "table", "checksum", "half", "empty", "longer"],
)
def test_a_damaged_cache_is_made_anew(cache, prime, damage):
    packed = nzip.compress(PLAIN, prime=prime)
    path = only_file(cache)
    intact = checksum64(path.read_bytes())
    damage(path)
    assert nzip.compress(PLAIN, prime=prime) == packed
    assert checksum64(only_file(cache).read_bytes()) == intact


def test_a_cache_that_is_intact_but_not_the_shipped_primes(cache):
    plain = b"A text that the prime helps with, as it does with all texts."
    packed = nzip.compress(plain, level=5)
    path = only_file(cache)
    intact = checksum64(path.read_bytes())
    other = ENGINE.warm(3, b"something else")
    path.write_bytes(other + checksum64(other).to_bytes(8, "little"))
    assert nzip.compress(plain, level=5) == packed
    assert checksum64(only_file(cache).read_bytes()) == intact


def test_without_a_writable_cache(tmp_path, prime, monkeypatch):
    blocked = tmp_path / "file"
    blocked.write_bytes(b"")
    monkeypatch.setenv("NZIP_CACHE", str(blocked / "folder"))
    monkeypatch.setattr(snapshots, "_in_memory", {})
    packed = nzip.compress(PLAIN, prime=prime)
    change(monkeypatch, warm=None)  # in memory, so once in a process
    assert nzip.compress(PLAIN, prime=prime) == packed
    assert nzip.decompress(packed, prime=prime) == PLAIN


def test_a_read_only_cache(cache, prime, powerless):
    cache.mkdir(mode=0o500)
    script = (
        "import sys, nzip; plain = b'a text' * 100\n"
        "assert nzip.decompress(nzip.compress(plain, prime=sys.argv[1]), prime=sys.argv[1]) == plain"
    )
    subprocess.run([sys.executable, "-c", script, prime], preexec_fn=powerless, check=True, cwd=prime.parent)
    assert not list(cache.iterdir())


def test_a_full_disk_leaves_nothing_behind(cache, prime, monkeypatch):
    def replace(*_):
        raise OSError(errno.ENOSPC, "no space")

    monkeypatch.setattr(os, "replace", replace)
    assert nzip.decompress(nzip.compress(PLAIN, prime=prime), prime=prime) == PLAIN
    assert not list(cache.iterdir())


def test_processes_that_build_at_once(cache, prime):
    script = "import sys, nzip; sys.stdout.buffer.write(nzip.compress(b'a text' * 100, prime=sys.argv[1]))"
    processes = [  # elsewhere than in the checkout, whose package is not built
        subprocess.Popen([sys.executable, "-c", script, str(prime)], stdout=subprocess.PIPE, cwd=prime.parent)
        for _ in range(3)
    ]
    packed = {process.communicate()[0] for process in processes}
    assert [process.returncode for process in processes] == [0, 0, 0]
    assert len(packed) == 1
    only_file(cache)
    assert nzip.decompress(packed.pop(), prime=prime) == b"a text" * 100


@pytest.mark.usefixtures("cache")
def test_threads_that_build_at_once(prime, monkeypatch):
    calls = []
    warm = current_engine().warm
    change(monkeypatch, warm=lambda *arguments: calls.append(1) or warm(*arguments))
    out = io.BytesIO()
    compress_stream(io.BytesIO(PLAIN), out, EncodeOptions(prime=prime, threads=4, block_size=1000))
    assert calls == [1]
    assert nzip.decompress(out.getvalue(), prime=prime, threads=4) == PLAIN


def test_old_snapshots_go(cache, prime):
    cache.mkdir()
    for number in range(12):
        path = cache / f"prime-{number}.snapshot"
        path.write_bytes(b"")
        os.utime(path, (number, number))
    other = cache / "other"
    other.write_bytes(b"")
    nzip.compress(PLAIN, prime=prime)
    names = {path.name for path in cache.iterdir()}
    assert other.name in names
    assert len(names) == snapshots.KEPT_FILES + 1
    assert "prime-11.snapshot" in names


def test_where_the_cache_is(monkeypatch, tmp_path):
    monkeypatch.setenv("NZIP_CACHE", str(tmp_path))
    assert snapshots.cache_folder() == str(tmp_path)
    monkeypatch.delenv("NZIP_CACHE")
    monkeypatch.setattr(sys, "platform", "linux")
    monkeypatch.setenv("HOME", "/home/somebody")
    monkeypatch.setenv("XDG_CACHE_HOME", "/var/somewhere")
    assert snapshots.cache_folder() == "/var/somewhere/nzip"
    monkeypatch.setenv("XDG_CACHE_HOME", "relative")
    assert snapshots.cache_folder() == "/home/somebody/.cache/nzip"
    monkeypatch.setattr(sys, "platform", "darwin")
    assert snapshots.cache_folder() == "/home/somebody/Library/Caches/nzip"
