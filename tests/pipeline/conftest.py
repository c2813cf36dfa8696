"""A made-up language model in place of any library's."""

import pytest
from support.made_up_model import Backend, in_floats

from nzip import machine
from nzip.codecs import components
from nzip.models import exact_language, language


@pytest.fixture
def backend(monkeypatch, tmp_path):
    made = Backend()
    monkeypatch.setattr(exact_language, "choose", in_floats)
    monkeypatch.setattr(language, "_backend", lambda: made)
    monkeypatch.setattr(language, "_loaded", {})
    monkeypatch.setenv("NZIP_MODELS", str(tmp_path))
    return made


@pytest.fixture
def file(backend, tmp_path):
    path = tmp_path / "made-up.gguf"
    path.write_bytes(b"GGUF and what only " + backend.words.encode() + b" reads")
    return path


@pytest.fixture
def cores(monkeypatch):
    """Sets how many cores there are."""

    def set_to(count):
        for module in machine, components:
            monkeypatch.setattr(module, "all_cores", lambda: count)

    return set_to
