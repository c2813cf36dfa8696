"""The same through llama.cpp itself."""

from __future__ import annotations

import io
import os
import subprocess
import sys

import numpy as np
import pytest

pytest.importorskip("llama_cpp")
pytest.importorskip("gguf")

from support import language_models
from support.language_models import TINY
from support.made_up_model import in_floats
from support.samples import TEXT

import nzip
from nzip.errors import NzipModelError
from nzip.format.language import Language
from nzip.models import exact_language, language, llama

PROSE = b"There was nothing so very remarkable in that; nor did they think it out of the way to hear it. " * 3
LANGUAGE = Language(b"", 1, 64, 48, 32, 1, 0, 0, "")


def logits(session, requests):
    return [np.frombuffer(row, np.float32).copy() for row in session.evaluate(requests)]


@pytest.fixture(scope="module")
def model():
    return llama.load(str(TINY), 0)


def test_vocabulary_and_logits_are_those_that_numpy_finds(model):
    reference = language_models.load(str(TINY), 0)
    assert model.tokens == reference.tokens
    assert (model.start, model.context) == (reference.start, reference.context)
    sessions = model.session(LANGUAGE), reference.session(LANGUAGE)
    for session in sessions:
        session.begin(2)
    rng = np.random.default_rng(3)
    lanes = [0, 0]
    for step in range(60):  # the windows slide, and tokens are taken back
        requests = []
        for lane in range(2):
            tokens = rng.integers(1, 700, 1 + step % 3 * lane).tolist() or [5]
            requests.append((lane, int(step % 4 == 3), tokens))
            lanes[lane] += len(tokens)
        ours, theirs = (logits(session, requests) for session in sessions)
        for a, b in zip(ours, theirs, strict=True):
            assert np.abs(a - b).max() < 0.25  # weights in 8 bits, activations too


def test_round_trip_lanes_and_sliding(monkeypatch):
    monkeypatch.setattr(exact_language, "choose", in_floats)
    monkeypatch.setattr(language, "MAX_CONTEXT", 100)
    for lanes in 1, 3:
        # Blocks of a solid run have the model even where so small a one is not worth its name.
        coded = nzip.compress(PROSE + TEXT[:500], 1, model=TINY, prime="none", lanes=lanes, solid=1 << 20)
        assert nzip.decompress(coded, model=TINY) == PROSE + TEXT[:500]
        [block] = nzip.info(io.BytesIO(coded)).streams[0].blocks
        assert [e.kind for e in block.header.coding.experts] == [1, 3]


def test_threads_change_no_number(model):
    rows = []
    for threads in 1, 2:
        session = model.session(LANGUAGE._replace(threads=threads))
        session.begin(1)
        rows.append([logits(session, [(0, 0, [token, token + 1])])[0] for token in range(1, 9)])
    assert np.array_equal(rows[0], rows[1])


def test_a_long_batch_is_cut_alike(model):
    session = model.session(LANGUAGE._replace(context=2000, keeps=1500))
    session.begin(1)
    [row] = logits(session, [(0, 0, list(range(1, 701)))])
    assert np.isfinite(row).all()


def test_a_window_cannot_forget_more_than_it_has(model):
    """As a forged header could have it do."""
    session = model.session(LANGUAGE._replace(context=3, keeps=2))
    session.begin(1)
    for token in range(5):
        session.evaluate([(0, 0, [token + 1])])
    with pytest.raises(NzipModelError, match="too short"):
        session.evaluate([(0, 4, [1])])


def test_a_window_may_forget_all_that_it_has(model):
    """A text may begin with bytes that no token has: the model is asked behind its first one again."""
    session = model.session(LANGUAGE)
    session.begin(2)
    first, second = (logits(session, [(1, forget, [model.start])]) for forget in (0, 1))
    assert np.array_equal(first, second)


def test_lanes_have_a_limit(monkeypatch):
    monkeypatch.setattr(exact_language, "choose", in_floats)
    with pytest.raises(NzipModelError, match="300 lanes"):
        nzip.compress(TEXT, 1, model=TINY, prime="none", lanes=300)


def test_a_broken_file_is_one_error(tmp_path, monkeypatch):
    monkeypatch.setattr(exact_language, "choose", in_floats)
    for cut in 100, 5000, 150_000:
        path = tmp_path / f"{cut}.gguf"
        path.write_bytes(TINY.read_bytes()[:cut])
        with pytest.raises(NzipModelError, match=r"llama\.cpp cannot read"):
            nzip.compress(TEXT, 1, model=path)


def test_the_command(tmp_path, monkeypatch):
    """Compress, list, test, restore: the file says which model, which is found by its hash."""
    (tmp_path / "text").write_bytes(PROSE)

    def run(*arguments, code=0):
        command = [sys.executable, "-m", "nzip", *arguments]
        done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
        assert done.returncode == code, done.stderr
        return done

    monkeypatch.setenv("NZIP_MODELS", os.devnull)
    run("c", "-1", "--prime", "none", "--solid", "--model", str(TINY), "text")
    assert "is not here" in run("d", "text.nz", "-o", "again", code=8).stderr
    monkeypatch.setenv("NZIP_MODELS", str(TINY.parent))
    assert "tiny" in run("models", "list").stdout
    assert "language model" in run("l", "-v", "text.nz").stdout
    run("t", "text.nz")
    run("d", "text.nz", "-o", "again")
    assert (tmp_path / "again").read_bytes() == PROSE
