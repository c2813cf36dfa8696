"""What predicts bytes is added by a model file's architecture: a class and a row of the loaders."""

from __future__ import annotations

import io

import pytest
from support import model_files
from support.samples import words

import nzip
from nzip import _native
from nzip.codecs.components import decoder_components
from nzip.format.registry import ExpertKind
from nzip.models import frame, network, nzm
from nzip.models.contract import ByteModel
from nzip.pipeline import EncodeOptions, memory_needed
from nzip.resources.devices import exchange_for
from nzip.resources.resources import Resources

ARCHITECTURE = "nothing"
MEMORY = 50_000_000
PLAIN = words(3000)


class Nothing(ByteModel):
    """Says of every byte that all values are as likely."""

    def expert(self, exchange=None, helpers=0):
        return network.load_network(model_files.network()).expert()

    def memory(self, lanes, *, exchange=False):
        return MEMORY + lanes


@pytest.fixture
def nothing(monkeypatch, tmp_path):
    """Its model file."""
    monkeypatch.setitem(network.LOADERS, ARCHITECTURE, lambda _: Nothing())
    path = tmp_path / "nothing.nzm"
    path.write_bytes(frame.join(nzm.MAGIC, {"architecture": ARCHITECTURE, "says": "nothing"}, b""))
    return path


def test_a_block_is_coded_with_it(nothing, monkeypatch):
    coded = nzip.compress(PLAIN, 4, model=nothing, prime="none")
    [block] = nzip.info(io.BytesIO(coded)).streams[0].blocks
    [(kind, component, _)] = block.header.coding.experts
    assert kind == ExpertKind.BYTE_NETWORK
    assert frame.identity(nothing.read_bytes()).startswith(component.hex())
    monkeypatch.setenv("NZIP_MODELS", str(nothing.parent))
    assert nzip.decompress(coded) == PLAIN
    loaded = decoder_components(block.header.coding, Resources()).network
    assert exchange_for(loaded, ("cpu",)) is None  # no device evaluates it


def test_memory_is_planned_for_it(nothing):
    options = EncodeOptions(level=4, threads=1, lanes=7, prime="none", unpack=False, model=nothing)
    alone = EncodeOptions(level=4, threads=1, lanes=7, prime="none", unpack=False, model="none")
    assert memory_needed(options) - memory_needed(alone) == MEMORY + 7


def test_an_architecture_without_a_loader_is_refused(nothing):
    nothing.write_bytes(frame.join(nzm.MAGIC, {"architecture": "something"}, b""))
    with pytest.raises(nzip.NzipModelError, match="architecture is not glr1 or glr2 or nothing"):
        nzip.compress(PLAIN, 4, model=nothing)


def test_an_expert_is_one_engines():
    expert = Nothing().expert()
    [entry] = _native.engines()
    entry.engine(2, 16, [expert])
    with pytest.raises(ValueError, match="another engine's"):
        entry.engine(2, 16, [expert])
