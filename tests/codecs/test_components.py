"""Which components an encoder uses, what a header says of them, and how a decoder finds them again."""

import io
import itertools
import pickle
from dataclasses import replace

import pytest
from support import model_files
from support.engine_entries import change
from support.engines import ENGINE
from support.samples import TEXT, words

import nzip
from nzip.codecs.components import decoder_components
from nzip.engines import current_engine
from nzip.errors import NzipFormatError, NzipModelError
from nzip.format.block import BlockHeader, Coding, Expert, one_segment
from nzip.format.registry import ExpertKind
from nzip.levels import DEFAULT_LEVEL, LEVELS
from nzip.models import nzp, shipped
from nzip.models.frame import identity
from nzip.models.store import NETWORKS, PROFILES
from nzip.pipeline import EncodeOptions, memory_needed, resolve_encoding
from nzip.pipeline.coding import open_run
from nzip.pipeline.memory import decode_memory
from nzip.resources.resources import Resources

PLAIN = words(3000)


@pytest.fixture
def models(tmp_path, monkeypatch):
    """A wheel without models, and what engines are made of."""
    for folder in "data", "extra", "home":
        (tmp_path / folder).mkdir()
    monkeypatch.setattr(shipped, "FOLDER", str(tmp_path / "data"))
    monkeypatch.setattr(shipped, "DEFAULT_NETWORK", 0)
    monkeypatch.setenv("NZIP_MODELS", str(tmp_path / "extra"))
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "home"))
    made, engine = [], current_engine().engine

    def make(component_set, table_log2, experts=(), start=None, *others):
        made.append((component_set, len(experts), start))
        return engine(component_set, table_log2, experts, start, *others)

    change(monkeypatch, engine=make)
    for shelf, table in (NETWORKS, shipped.NETWORKS), (PROFILES, shipped.PROFILES):
        monkeypatch.setattr(shelf, "_loaded", {})
        monkeypatch.setattr(shelf, "_found", {})
        for number in list(table):
            monkeypatch.delitem(table, number)

    class Models:
        folder = tmp_path
        extra = tmp_path / "extra"
        engines = made  # component set, number of experts and start of each

        def ship(self, table, number, name, data):
            (tmp_path / "data" / name).write_bytes(data)
            monkeypatch.setitem(table, number, shipped.Shipped(name, identity(data)))

        def ship_all(self):
            self.ship(shipped.NETWORKS, 1, "default.nzm", model_files.network())
            monkeypatch.setattr(shipped, "DEFAULT_NETWORK", 1)
            for number, row in shipped.ROWS.items():
                if row.network is not None:
                    data = model_files.profile(row.component_set, row.network)
                    name = f"{row.component_set}-{row.network}.nzp"
                    self.ship(shipped.PROFILES, number, name, data)
            made.clear()

        def forget(self):
            """As in another process."""
            for shelf in NETWORKS, PROFILES:
                shelf._loaded.clear()
                shelf._found.clear()

    return Models()


def coding_of(packed):
    (stream,) = nzip.info(io.BytesIO(packed)).streams
    return stream.blocks[0].header.coding


def learner(level, *, with_network):
    has_one = level == 9 or (level == 8 and not with_network)
    return (Expert(ExpertKind.LEARNER, 1, b""),) if has_one else ()


def test_what_the_levels_use():
    assert {number: level.model for number, level in LEVELS.items()} == {
        **dict.fromkeys(range(1, 4), "none"),
        **dict.fromkeys(range(4, 10), "default"),
    }
    assert DEFAULT_LEVEL == 6


@pytest.mark.parametrize("level", LEVELS)
def test_nothing_is_shipped(models, level):
    for model in None, "none", "default":
        coding = coding_of(nzip.compress(PLAIN, level, model=model))
        assert (coding.profile, coding.experts) == (
            LEVELS[level].component_set,
            learner(level, with_network=False),
        )
    learners = len(learner(level, with_network=False))
    assert {(experts, start) for _, experts, start in models.engines} == {(learners, None)}


@pytest.mark.parametrize(
    ("level", "model"),
    list(itertools.product(LEVELS, (None, "none", "default"))),
)
def test_all_is_shipped(models, level, model):
    models.ship_all()
    component_set = LEVELS[level].component_set
    has_network = (model or LEVELS[level].model) == "default"
    packed = nzip.compress(PLAIN, level, model=model, verify=True)
    coding = coding_of(packed)
    assert coding.profile == component_set + (32 if has_network else 16)
    network = (Expert(ExpertKind.BYTE_NETWORK, 1, b""),) if has_network else ()
    assert coding.experts == network + learner(level, with_network=has_network)
    models.forget()
    assert nzip.decompress(packed) == PLAIN
    state = model_files.state(component_set, with_network=has_network)
    used = models.engines
    assert used.count((component_set, len(coding.experts), state)) >= 3  # coding, verifying, decoding
    assert {start for _, _, start in used} == {state}


def test_a_network_of_ones_own(models):
    data = model_files.network(7)
    path = models.folder / "mine.nzm"
    path.write_bytes(data)
    packed = nzip.compress(PLAIN, model=str(path))
    coding = coding_of(packed)
    assert (coding.profile, coding.experts) == (3, (Expert(1, bytes.fromhex(identity(data))[:16], b""),))
    assert nzip.compress(PLAIN, model=path) == packed
    models.forget()
    with pytest.raises(
        NzipModelError, match=r"network sha256:[0-9a-f]{32} is not here; nzip models add FILE"
    ):
        nzip.decompress(packed)
    path.rename(models.extra / "other.nzm")
    assert nzip.decompress(packed) == PLAIN
    for reference in "other", identity(data)[:8], identity(data):
        assert nzip.compress(PLAIN, model=reference) == packed
    models.ship_all()
    assert coding_of(nzip.compress(PLAIN, model="other")).profile == 35
    assert nzip.decompress(packed) == PLAIN


def test_the_base_network(models):
    models.ship_all()
    (models.extra / "base.gguf").write_bytes(b"GGUF")  # no network
    missing = r"^network 'base' does not come with nzip: .* --size base .* nzip models add .* installs it$"
    with pytest.raises(NzipModelError, match=missing):
        nzip.compress(PLAIN, model="base")
    data = model_files.network(7)
    (models.extra / "base.nzm").write_bytes(data)
    packed = nzip.compress(PLAIN, 9, model="base")
    coding = coding_of(packed)
    network = Expert(1, bytes.fromhex(identity(data))[:16], b"")
    assert (coding.profile, coding.experts) == (36, (network, *learner(9, with_network=True)))
    assert nzip.compress(PLAIN, 9) != packed
    models.forget()
    assert nzip.decompress(packed) == PLAIN


def test_installed_models_change_no_output(models):
    plain = nzip.compress(PLAIN), nzip.compress(PLAIN, 1)
    for name in "default.nzm", "none.nzm":
        (models.extra / name).write_bytes(model_files.network())
    (models.extra / "17.nzp").write_bytes(model_files.profile())
    assert (nzip.compress(PLAIN), nzip.compress(PLAIN, 1)) == plain


def test_a_shipped_network_is_named_by_its_number(models):
    models.ship_all()
    (models.extra / "copy.nzm").write_bytes(model_files.network())
    assert nzip.compress(PLAIN, model="copy") == nzip.compress(PLAIN, model="default")


@pytest.mark.parametrize("name", ["default.nzm", "3-any.nzp"])
def test_a_shipped_file_is_missing_or_damaged(models, name):
    models.ship_all()
    packed = nzip.compress(PLAIN)
    path = models.folder / "data" / name
    for spoil, message in (lambda: path.write_bytes(b"x"), "damaged"), (path.unlink, "missing"):
        spoil()
        models.forget()
        with pytest.raises(NzipModelError, match=f"{name} comes with nzip and is {message}"):
            resolve_encoding(EncodeOptions())
        with pytest.raises(NzipModelError, match=f"{name} comes with nzip and is {message}"):
            nzip.decompress(packed)
        assert coding_of(nzip.compress(PLAIN, 1)).profile == 17


def block(profile, network=None):
    experts = () if network is None else (Expert(1, network, b""),)
    coding = Coding(1, ENGINE.revision, profile, 18, one_segment(100), experts=experts)
    return BlockHeader(100, 0, 50, coding)


def test_a_profile_must_fit_the_block(models):
    models.ship_all()
    own = model_files.profile(2, identity(model_files.network()))
    (models.extra / "own.nzp").write_bytes(own)
    (models.extra / "other.nzm").write_bytes(model_files.network(3))
    own_name, other = (bytes.fromhex(identity(data))[:16] for data in (own, model_files.network(3)))
    for header in block(17), block(33, 1), block(33, other), block(own_name, 1), block(1), block(1, other):
        open_run(header, Resources())
    for header in block(17, 1), block(33), block(own_name), block(own_name, other):
        with pytest.raises(NzipFormatError, match="is for another network than the block's"):
            open_run(header, Resources())
    components = decoder_components(block(own_name, 1).coding, Resources())
    assert (components.component_set, components.start) == (2, model_files.state(2, with_network=True))


def test_a_state_that_the_engine_refuses(models):
    broken = nzp.Profile(3, ENGINE.revision, "none", b"too short").serialize()
    models.ship(shipped.PROFILES, 22, "broken.nzp", broken)
    with pytest.raises(NzipModelError, match="a profile is broken"):
        open_run(block(22), Resources())


def test_a_run_keeps_its_network(models, monkeypatch):
    models.ship_all()
    loads, load = [], NETWORKS.load
    monkeypatch.setattr(NETWORKS, "load", lambda data: loads.append(data) or load(data))
    packed = nzip.compress(PLAIN, 5, solid=2000, block_size=1000)
    assert nzip.decompress(packed) == PLAIN
    used = [start for _, experts, start in models.engines if start and experts]
    assert len(used) - 1 == 4  # two runs, coded and decoded, and the check of the profile
    assert loads == [model_files.network()]


def test_memory_counts_the_network(models):
    models.ship_all()
    for lanes in 1, 64:
        alone = EncodeOptions(level=5, lanes=lanes, threads=1, model="none", unpack=False)
        network = replace(alone, model="default")
        needed = resolve_encoding(network).components.network.value.memory(lanes)
        assert needed >= len(model_files.network()) + 4 * 32 * lanes
        assert memory_needed(network) == memory_needed(alone) + needed
    with_network, without = (
        decode_memory(open_run(header, Resources()), header, 100) for header in (block(35, 1), block(19))
    )
    assert with_network - without == resolve_encoding(network).components.network.value.memory(1)
    (models.extra / "x.nzm").write_bytes(model_files.network(5))
    packed = nzip.compress(TEXT, model="x", threads=1)
    with pytest.raises(nzip.NzipMemoryError):
        nzip.decompress(packed, memory_limit=1 << 20)


@pytest.mark.usefixtures("models")
def test_options_can_be_copied():
    options = EncodeOptions(level=2, lanes=3, model="none")
    assert pickle.loads(pickle.dumps(options)) == options
    assert resolve_encoding(replace(options, level=5)).components.component_set == 3
