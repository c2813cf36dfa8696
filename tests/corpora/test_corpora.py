"""corpora/: the manifest is sound, and the fetcher finds, fetches, verifies and refuses."""

from __future__ import annotations

import bz2
import hashlib
import importlib.util
import io
import sys
import tarfile
import zipfile
from pathlib import Path
from types import ModuleType

import pytest

SCRIPT = Path(__file__).parents[2] / "corpora" / "fetch.py"
TEXT = b"one two three\n" * 100


@pytest.fixture(scope="module")
def fetch() -> ModuleType:
    spec = importlib.util.spec_from_file_location("corpora_fetch", SCRIPT)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


def entry(fetch: ModuleType, name: str, content: bytes, source: str):
    return fetch.Entry(name, len(content), hashlib.sha256(content).hexdigest(), source, "made here")


def provide(fetch: ModuleType, tmp_path: Path, entries: list, name: str) -> Path:
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    manifest = {e.name: e for e in entries}
    return fetch.Fetcher(tmp_path / "corpora", manifest, scratch).provide(manifest[name])


def test_manifest_is_complete(fetch):
    manifest = fetch.read_manifest()
    assert sum(e.bytes for n, e in manifest.items() if n.startswith("canterbury/")) == 2_810_784
    whole_silesia = [e for n, e in manifest.items() if n.startswith("silesia-") and not n.endswith(".1m")]
    assert sum(e.bytes for e in whole_silesia) == 211_938_580
    for e in manifest.values():
        assert len(e.sha256) == 64, e.name
        assert e.licence, e.name
        if e.source.startswith("head of "):
            assert e.source.removeprefix("head of ") in manifest
        else:
            assert e.source.startswith("https://"), e.name


def test_fetches_members_files_and_heads(fetch, tmp_path):
    zipped, tarred, packed = tmp_path / "a.zip", tmp_path / "a.tar.gz", tmp_path / "a.bz2"
    with zipfile.ZipFile(zipped, "w") as archive:
        archive.writestr("inside", TEXT)
    with tarfile.open(tarred, "w:gz") as archive:
        info = tarfile.TarInfo("inside")
        info.size = len(TEXT)
        archive.addfile(info, io.BytesIO(TEXT))
    packed.write_bytes(bz2.compress(TEXT))
    entries = [
        entry(fetch, "set/zip", TEXT, f"{zipped.as_uri()}#inside"),
        entry(fetch, "set/tar", TEXT, f"{tarred.as_uri()}#inside"),
        entry(fetch, "bz2", TEXT, packed.as_uri()),
        entry(fetch, "head", TEXT[:50], "head of bz2"),
    ]
    manifest = {e.name: e for e in entries}
    fetcher = fetch.Fetcher(tmp_path / "corpora", manifest, tmp_path)
    for e in reversed(entries):
        assert len(fetcher.provide(e).read_bytes()) == e.bytes
    assert fetcher.provide(entries[0]).read_bytes() == TEXT  # found, not fetched again


def test_wrong_download_leaves_nothing(fetch, tmp_path):
    packed = tmp_path / "a.bz2"
    packed.write_bytes(bz2.compress(TEXT.upper()))
    with pytest.raises(fetch.CorpusError, match="SHA-256"):
        provide(fetch, tmp_path, [entry(fetch, "file", TEXT, packed.as_uri())], "file")
    assert list((tmp_path / "corpora").iterdir()) == []


def test_damaged_file_is_reported_not_replaced(fetch, tmp_path):
    (tmp_path / "corpora").mkdir()
    (tmp_path / "corpora" / "file").write_bytes(TEXT[:-1])
    with pytest.raises(fetch.CorpusError, match="1399 bytes instead of 1400"):
        provide(fetch, tmp_path, [entry(fetch, "file", TEXT, "https://nowhere.invalid/")], "file")
