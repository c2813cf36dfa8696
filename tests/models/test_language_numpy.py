"""A trained model, read from its GGUF file by numpy: the whole path without llama.cpp."""

from __future__ import annotations

import pytest

pytest.importorskip("gguf")

from support import language_models
from support.language_models import TINY
from support.made_up_model import in_floats
from support.samples import TEXT

import nzip
from nzip.models import exact_language, language
from nzip.pipeline import resolve_encoding


@pytest.fixture
def _by_numpy(monkeypatch):
    monkeypatch.setattr(exact_language, "choose", in_floats)
    monkeypatch.setattr(language, "_backend", lambda: language_models)
    monkeypatch.setattr(language, "_loaded", {})


ENGLISH = b"""It was a bright morning, and the whole of the town was in the streets. "I do not know," said the
old man, "what they have come to see; but they will see it, whatever it is, before the day is over." """


@pytest.mark.usefixtures("_by_numpy")
def test_a_tiny_model_does_little_harm():
    coded = nzip.compress(ENGLISH, 1, model=TINY, prime="none", solid=1 << 20)
    assert nzip.decompress(coded, model=TINY) == ENGLISH
    without = resolve_encoding(nzip.EncodeOptions(7, prime="none")).components.engine(16)
    with_model = resolve_encoding(nzip.EncodeOptions(7, model=TINY, prime="none")).components.engine(16)
    segments = [(0, 0, len(ENGLISH))]
    plain, better = (len(e.encode(ENGLISH, 1, segments) or b"") for e in (without, with_model))
    assert better < plain + 5


@pytest.mark.usefixtures("_by_numpy")
def test_its_window_slides(monkeypatch):
    monkeypatch.setattr(language, "MAX_CONTEXT", 40)
    assert (
        nzip.decompress(nzip.compress(TEXT[:400], 1, model=TINY, prime="none", solid=1 << 20), model=TINY)
        == TEXT[:400]
    )
