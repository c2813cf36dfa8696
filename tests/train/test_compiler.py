import os

import pytest

from nzip.train.compiler import CompilerError, cache_folder, load

SOURCE = 'extern "C" int answer() { return %d; }\n'


@pytest.fixture
def cache(tmp_path, monkeypatch):
    monkeypatch.setattr("sys.platform", "linux")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    return tmp_path / "cache" / "nzip"


def test_a_library_is_made_once_for_each_source(tmp_path, cache):
    source = tmp_path / "a.cpp"
    source.write_text(SOURCE % 42)
    assert load(source).answer() == 42
    (made,) = cache.iterdir()
    before = made.stat().st_mtime_ns
    assert load(source).answer() == 42
    assert made.stat().st_mtime_ns == before
    source.write_text(SOURCE % 43)
    assert load(source).answer() == 43
    assert len(list(cache.iterdir())) == 2


def test_what_is_missing_is_said(tmp_path, monkeypatch):
    source = tmp_path / "a.cpp"
    source.write_text(SOURCE % 1)
    monkeypatch.setenv("PATH", os.fspath(tmp_path))
    monkeypatch.delenv("CXX", raising=False)
    with pytest.raises(CompilerError, match=r"install g\+\+.*--kernels torch"):
        load(source)


def test_a_compiler_that_fails_is_quoted(tmp_path, cache):
    source = tmp_path / "a.cpp"
    source.write_text("this is not C++\n")
    with pytest.raises(CompilerError, match="error"):
        load(source)
    assert cache_folder() == cache
    assert list(cache.iterdir()) == []
