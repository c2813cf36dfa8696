"""Predictions from samples: which places are chosen, and how near the truth they come."""

import io
from collections import Counter

import pytest
from support.samples import noise, records, words

import nzip
from nzip.pipeline import EncodeOptions, compress_stream, estimate, resolve_encoding, sample
from nzip.pipeline.sample import HALF, PLACES, choose


def test_every_byte_counts_the_same():
    files = [("a.txt", 100), ("b.bin", 10 * HALF), ("c.txt", 0), ("d.txt", 30 * HALF + 77), ("e", 5 * HALF)]
    picks = choose(files)
    for pick in picks:
        assert pick.size == dict(files)[pick.path]
        assert 0 <= pick.start <= max(0, pick.size - 2 * HALF)
    assert len(picks) == PLACES
    total = sum(size for _, size in files)
    for first in (PLACES, PLACES // 4):
        counts = Counter(pick.path for pick in picks[:first])
        for path, size in files:
            assert counts[path] == pytest.approx(first * size / total, abs=1)
    assert picks == choose(files[::-1])


def test_a_small_file_is_one_pick():
    (pick,) = set(choose([("a", 1000)]))
    assert (pick.start, pick.is_whole) == (0, True)
    assert choose([]) == choose([("a", 0)]) == []


@pytest.fixture
def brief(monkeypatch):
    monkeypatch.setattr(estimate, "SECONDS", 0.5)
    monkeypatch.setattr(estimate, "FASTEST_SECONDS", 1)
    monkeypatch.setattr(estimate, "MAX_SEGMENTS", 1)
    monkeypatch.setattr(sample, "PLACES", 64)


def settings(*levels, **options):
    return [
        resolve_encoding(EncodeOptions(level=level, model="none", prime="none", threads=1, **options))
        for level in levels
    ]


def compress(path, options):
    with open(path, "rb") as file:
        totals = compress_stream(file, io.BytesIO(), options)
    return totals.plain, totals.coded


def packed_size(path, options):
    return compress(path, options)[1]


def predict(files, chosen):
    sizes = [(str(path), path.stat().st_size) for path in files]
    return estimate.estimate(sizes, chosen, compress, lambda _: None)


@pytest.mark.usefixtures("brief")
def test_sizes_come_near_the_truth(tmp_path):
    """Many small files of two kinds, a large one, and one that is only stored."""
    for number in range(20):
        (tmp_path / f"{number}.txt").write_bytes(words(20_000)[number * 300 :])
        (tmp_path / f"{number}.bin").write_bytes(records(24, 5000 + 100 * number))
    (tmp_path / "large").write_bytes(words(500_000))
    (tmp_path / "noise").write_bytes(noise(300_000))
    files = sorted(tmp_path.iterdir())
    chosen = settings(1, 3)
    for options, found in zip(chosen, predict(files, chosen), strict=True):
        truth = sum(packed_size(path, options) for path in files)
        assert found.coded == pytest.approx(truth, rel=0.1)
        assert found.seconds > 0


@pytest.mark.usefixtures("brief")
def test_small_inputs_are_not_guessed(tmp_path):
    (tmp_path / "a").write_bytes(words(10_000))
    (found,) = predict([tmp_path / "a"], settings(1))
    assert found.coded == pytest.approx(packed_size(tmp_path / "a", *settings(1)))


@pytest.mark.usefixtures("brief")
def test_what_a_small_file_costs_besides_its_content(tmp_path):
    for number in range(300):
        (tmp_path / f"{number}.json").write_bytes(b'{"number": %d}\n' % number)
    files = sorted(tmp_path.iterdir())
    (options,) = settings(1)
    (found,) = predict(files, [options])
    assert found.coded == pytest.approx(sum(packed_size(path, options) for path in files), rel=0.02)
    assert found.seconds / len(files) > 1e-4


@pytest.mark.usefixtures("brief")
def test_what_gains_with_depth_is_found_to_gain(tmp_path):
    """A text in which everything occurs again, but half a megabyte later."""
    (tmp_path / "a").write_bytes(words(3 * HALF) * 4)
    chosen = settings(1)
    (found,) = predict([tmp_path / "a"], chosen)
    truth = len(nzip.compress((tmp_path / "a").read_bytes(), 1))
    (tmp_path / "b").write_bytes(words(12 * HALF))
    (other,) = predict([tmp_path / "b"], chosen)
    assert truth / 2 < found.coded < other.coded


@pytest.mark.usefixtures("brief")
def test_threads_share_the_blocks_of_a_file(tmp_path):
    (tmp_path / "a").write_bytes(words(300_000))
    one, four = (
        predict([tmp_path / "a"], settings(1, block_size=75_000)),
        predict([tmp_path / "a"], [resolve_encoding(EncodeOptions(level=1, threads=4, block_size=75_000))]),
    )
    assert four[0].seconds < one[0].seconds / 2


@pytest.mark.usefixtures("brief")
def test_files_that_shrink_or_go(tmp_path):
    (tmp_path / "a").write_bytes(words(1000))
    (tmp_path / "b").write_bytes(words(1000))
    sizes = [(str(tmp_path / "a"), 1_000_000), (str(tmp_path / "b"), 1_000_000)]

    def coded():
        return estimate.estimate(sizes, settings(1), compress, lambda _: None)[0].coded

    assert coded() > 0
    (tmp_path / "b").unlink()
    assert coded() > 0
    (tmp_path / "a").write_bytes(b"")
    with pytest.raises(FileNotFoundError):
        coded()
    (tmp_path / "b").write_bytes(b"")
    assert coded() == 0
