"""nzip bench: what it measures, how it reports, and what it does when a compressor fails."""

from __future__ import annotations

import csv
import importlib.util
import io
import json
import platform
import random
import subprocess
import sys
from pathlib import Path

import pytest

import nzip
from nzip.bench.codec import Codec, nzip_codec
from nzip.bench.measure import BenchError, Cost, Measurement, measure, together
from nzip.bench.peers import PEERS
from nzip.bench.report import table_lines
from nzip.bench.select import select_peers

WORDS = ["one", "two", "three", "four\n", "five"]
TEXT = " ".join(random.Random(1).choices(WORDS, k=3000)).encode()


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "file.txt"
    path.write_bytes(TEXT)
    return path


def bench(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "nzip", "bench", *arguments]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=120, check=False)


@pytest.mark.parametrize("codec", [*PEERS, nzip_codec("1")], ids=lambda codec: f"{codec.name}-{codec.way}")
def test_every_codec_restores_the_file(codec: Codec, file: Path, tmp_path: Path):
    if not codec.is_available:
        pytest.skip("not on this machine")
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    found = measure(codec, str(file), name="file", threads=1, runs=1, scratch=str(scratch))
    assert found.round_trip
    assert 0 < found.coded_bytes < found.plain_bytes == len(TEXT)
    assert min(found.compress.wall, found.compress.cpu, found.decompress.wall) > 0
    assert found.compress.peak > 1 << 20
    assert list(scratch.iterdir()) == []


def test_nzip_is_measured_as_it_compresses(file: Path, tmp_path: Path):
    found = measure(nzip_codec("3"), str(file), name="file", threads=1, runs=2, scratch=str(tmp_path))
    assert found.coded_bytes == len(nzip.compress(TEXT, level=3))


def test_a_compressor_that_fails_is_an_error(tmp_path: Path):
    missing = str(tmp_path / "missing")
    with pytest.raises(BenchError, match="nzip-1 failed to pack: FileNotFoundError"):
        measure(nzip_codec("1"), missing, name="missing", threads=1, runs=1, scratch=str(tmp_path))


def test_table(file: Path):
    result = bench(file.parent, "--levels", "1", "--peers", "gzip,bzip2", "file.txt")
    assert (result.returncode, result.stderr) == (0, "")
    lines = result.stdout.splitlines()
    assert lines[0] == f"file.txt ({len(TEXT)} bytes)"
    assert [line.split()[0] for line in lines[3:6]] == ["nzip-1", "gzip-9", "bzip2-9"]
    python = f"of Python {platform.python_version()}"
    tools = f"library nzip {nzip.__version__}", f"library gzip {python}, zlib ", f"library bz2 {python}"
    assert all(tool in line for tool, line in zip(tools, lines[3:6], strict=True))


def fake_command(folder: Path, name: str, script: str) -> None:
    (folder / name).write_text(f"#!/bin/sh\n{script}\n")
    (folder / name).chmod(0o755)


def test_what_is_no_library_is_measured_as_a_command(monkeypatch, tmp_path):
    fake_command(tmp_path, "zstd", "echo '*** Zstandard CLI (64-bit) v1.5.4, by Yann Collet ***'")
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    (library,) = [peer for peer in select_peers(["zstd"]) if peer.way == "library"] or [None]
    assert library is None or library.tool().startswith("library zstandard ")
    monkeypatch.setattr(importlib.util, "find_spec", lambda _: None)
    (found,) = select_peers(["zstd"])
    assert (found.way, found.tool()) == ("command", "command zstd 1.5.4")
    fake_command(tmp_path, "zstd", "exit 1")
    assert found.tool() == "command zstd"


def test_csv_and_json_agree(file: Path):
    common = ["--levels", "1,3", "--peers", "none", "file.txt"]
    rows = list(csv.DictReader(io.StringIO(bench(file.parent, "--csv", *common).stdout)))
    objects = json.loads(bench(file.parent, "--json", *common).stdout)
    assert [row["codec"] for row in rows] == ["nzip-1", "nzip-3"]
    for row, values in zip(rows, objects, strict=True):
        assert list(row) == list(values)
        assert (row["coded_bytes"], row["round_trip"]) == (str(values["coded_bytes"]), "True")


def test_sizes_only_has_a_row_for_each_file_and_a_total(file: Path):
    (file.parent / "sub").mkdir()
    (file.parent / "sub" / "b").write_bytes(b"abc" * 100)
    out = bench(file.parent, "--sizes-only", "--levels", "1,5", "file.txt", "sub/b").stdout
    rows = list(csv.reader(io.StringIO(out)))
    sizes = [[len(nzip.compress(data, level=level)) for level in (1, 5)] for data in (TEXT, b"abc" * 100)]
    assert rows == [
        ["file", "bytes", "nzip-1", "nzip-5"],
        ["file.txt", str(len(TEXT)), *map(str, sizes[0])],
        ["sub/b", "300", *map(str, sizes[1])],
        ["total", str(len(TEXT) + 300), *(str(a + b) for a, b in zip(*sizes, strict=True))],
    ]


def test_plot(file: Path):
    pytest.importorskip("matplotlib")
    result = bench(file.parent, "--levels", "1,3", "--peers", "gzip", "--plot", "plot.png", "file.txt")
    assert (result.returncode, result.stderr) == (0, "")
    assert (file.parent / "plot.png").read_bytes().startswith(b"\x89PNG")


def test_unknown_names_are_refused(file: Path):
    for option, message in [
        (("--peers", "rar"), "'rar' is not a compressor found here"),
        (("--levels", "10"), "level 10 is not known"),
        (("--levels", "fast"), "'fast' is not a list such as 1,3,6 or 5-ngrams,6"),
    ]:
        result = bench(file.parent, *option, "file.txt")
        assert result.returncode == 64
        assert message in result.stderr


def test_peers_by_family_or_name():
    assert [peer.name for peer in select_peers(["gzip", "xz-9e"])] == ["gzip-9", "xz-9e"]
    assert {"gzip", "bzip2", "xz"} <= {peer.family for peer in select_peers(None)}


def measurement(**values) -> Measurement:
    defaults = {
        "file": "f",
        "codec": "nzip-1",
        "settings": "",
        "tool": "library nzip 1.0",
        "plain_bytes": 1000,
        "coded_bytes": 250,
        "compress": Cost(2.0, 1.0, 100),
        "decompress": Cost(1.0, 1.0, 50),
        "round_trip": True,
    }
    return Measurement(**{**defaults, **values})


def test_files_together():
    both = together(
        [measurement(), measurement(coded_bytes=500, compress=Cost(6.0, 3.0, 300), round_trip=False)]
    )
    assert (both.plain_bytes, both.coded_bytes, both.bpb) == (2000, 750, 3.0)
    assert both.compress == Cost(8.0, 4.0, 300)
    assert both.speed(both.compress) == 250
    assert not both.round_trip


def test_a_file_that_did_not_come_back_is_called_so():
    assert table_lines([measurement(round_trip=False)])[-1].endswith("NOT RESTORED by library nzip 1.0")
