"""Language models as experts, with a made-up model: what is coded, by which rules, and what is refused."""

from __future__ import annotations

import io
import sys

import numpy as np
import pytest
from support.made_up_model import (
    LEFT_OUT,
    TEXT,
    TOKENS,
    WITH_MODEL,
    Model,
    Session,
    compress,
    experts,
    in_floats,
    new_engine,
)
from support.samples import words

import nzip
from nzip import _native, archive
from nzip.cli.archive import archive as commands
from nzip.errors import NzipChecksumError, NzipError, NzipModelError
from nzip.format.language import language_of
from nzip.format.registry import ExpertKind, SegmentKind
from nzip.models import exact_language, language
from nzip.pipeline import (
    DecodeOptions,
    EncodeOptions,
    memory_needed,
    resolve_decoding,
    threads_for,
)
from nzip.pipeline.decoder import Decoder


def test_a_block_names_network_and_model_and_decodes(file, backend):
    coded = compress(TEXT, file)
    assert experts(coded) == [WITH_MODEL]
    assert nzip.decompress(coded) == TEXT
    assert backend.loads == 1


@pytest.mark.parametrize(
    "data",
    [
        LEFT_OUT * 30,
        b"<|endoftext|> is text, and so is <|im_start|>, <s>, </s> and <unk>. " * 4,
        "\U00050000 \U0010ffff é 中文 \ufffd".encode() * 8,
        b"lone \x80\xbf continuations \xff\xfe and cut \xe4\xb8 ones. " * 8,
        bytes(range(256)) * 2 + bytes(range(255, -1, -1)),
        b"the th then thorn pre prefix predict prediction predicting" * 5,
        b"\0" * 300,
    ],
)
def test_any_bytes(data, file):
    for text in words(40) + data + words(40), data + words(40):
        assert nzip.decompress(compress(text, file)) == text


def test_random_bytes_as_text(file):
    """Whatever detection would take for text."""
    rng = np.random.default_rng(5)
    for size in 1, 2, 300, 2000:
        data = rng.choice(np.frombuffer(b"then of\x04\xc3\x80 pred", np.uint8), size).tobytes() + words(20)
        segments = [(0, 0, len(data))]
        encoder, decoder = (new_engine(file) for _ in range(2))
        payload = encoder.encode(data, 1, segments)
        assert payload is not None
        assert decoder.decode(payload, len(data), 1, segments) == data


@pytest.mark.parametrize("kind", [SegmentKind.BINARY, SegmentKind.RECORDS, SegmentKind.EXECUTABLE])
def test_text_in_segments_that_are_none(kind, file, backend):
    """The model is asked behind 64 bytes of text, which it takes first, and until the text ends."""
    noise, text = bytes(range(32)) * 8, words(600)
    data = noise + text + noise
    Model.knows = text
    segments = [(kind, 1, 100), (kind, 1, len(data) - 100)]
    encoder, decoder = (new_engine(file) for _ in range(2))
    payload = encoder.encode(data, 2, segments)
    assert payload is not None
    assert decoder.decode(payload, len(data), 2, segments) == data
    encoded, decoded = (session.requests for session in backend.model.sessions)
    assert encoded == decoded
    for session in backend.model.sessions:
        said = b"".join(TOKENS[token] for lane in session.past for token in lane)
        assert len(text) - 40 < len(said) <= len(text)


def test_texts_and_noise_in_segments_of_any_kind(file, backend):
    rng = np.random.default_rng(77)
    for lanes in [1, 2, 3, 7] * 8:
        data, segments = b"", []
        for _ in range(rng.integers(1, 7)):
            size = int(rng.integers(1, 400))
            parts = [
                words(size),
                rng.integers(0, 256, size, np.uint8).tobytes(),
                "žluťé 中".encode() * size,
                (words(70) + rng.integers(0, 40, 5, np.uint8).tobytes()) * size,
            ]
            kind, parameter = [(0, 0), (1, 0), (2, 4), (4, 2), (5, 1), (6, 0)][rng.integers(6)]
            data += parts[rng.integers(4)][:size]
            segments.append((kind, parameter, size))
        Model.knows = data
        encoder, decoder = (new_engine(file) for _ in range(2))
        payload = encoder.encode(data, lanes, segments)
        if payload is not None:  # which it may be where all is noise
            assert decoder.decode(payload, len(data), lanes, segments) == data
            encoded, decoded = (session.requests for session in backend.model.sessions[-2:])
            assert encoded == decoded


@pytest.mark.parametrize("kind", [SegmentKind.BILEVEL, SegmentKind.SAMPLES, SegmentKind.PACKED])
def test_no_text_is_looked_for_in_rasters_and_numbers(kind, file, backend):
    data = words(600)
    engine = new_engine(file)
    engine.encode(data, 1, [(kind, 1, len(data))])
    assert [session.requests for session in backend.model.sessions] == [[]]


def test_hello(file):
    assert len(compress(b"hello", file)) <= 60
    assert len(compress(b"hello", file, solid=None)) <= 60


def test_one_wrong_byte_costs_little(file):
    text = "Čeština má háčky, a čárky také: příliš žluťoučký kůň. ".encode() * 20
    broken = text[:500] + b"\xff" + text[500:]
    assert len(compress(broken, file)) < len(compress(text, file)) + 12
    assert nzip.decompress(compress(broken, file)) == broken


@pytest.mark.parametrize("lanes", [1, 3])
def test_a_decoder_asks_as_the_encoder_did(lanes, file, backend):
    """The same tokens in the same batches: floats depend on these."""
    data = TEXT + TEXT[:200]
    coded = compress(data, file, lanes=lanes)
    assert nzip.decompress(coded) == data
    encoded, verified, decoded = (session.requests for session in backend.model.sessions)
    assert encoded == verified == decoded


def test_what_is_skipped_is_evaluated_once_and_in_one_batch(file, backend):
    """A long repetition: the model is not asked, and takes what it missed when it is needed again."""
    first = words(80)
    data = first + b"###" + first + b"### the end"
    assert nzip.decompress(compress(data, file)) == data
    [session, *_] = backend.model.sessions
    assert max(len(tokens) for batch in session.requests for _, _, tokens in batch) > 40
    said = b"".join(TOKENS[token] for token in session.past[0])
    assert data.replace(b"\xc3", b"").startswith(said[:-1])
    assert len(data) - len(said) < 10


def test_settings_are_the_files(file, monkeypatch):
    coded = compress(TEXT, file)
    monkeypatch.setattr(language, "SKIP", 1000)
    monkeypatch.setattr(language, "MAX_CONTEXT", 16)
    assert nzip.decompress(coded) == TEXT
    other = compress(TEXT, file)
    assert other != coded
    monkeypatch.undo()


def test_tokens_that_the_model_knows_are_found(file, monkeypatch):
    """However greedy the longest ones look: this one loses the thread at a token of two bytes."""
    evaluate = Session.evaluate

    def of_single_bytes(self, requests, /):
        rows = evaluate(self, requests)
        long = [any(len(TOKENS[token]) > 1 for token in self.past[lane]) for lane, _, _ in requests]
        flat = np.array([-8.0 * (len(token) > 1) for token in TOKENS])
        wanted = [
            flat if lost else np.frombuffer(row, np.float32) + flat
            for row, lost in zip(rows, long, strict=True)
        ]
        return [row.astype(np.float32).tobytes() for row in wanted]

    best = len(compress(TEXT, file))
    monkeypatch.setattr(Session, "evaluate", of_single_bytes)
    coded = compress(TEXT, file)
    assert nzip.decompress(coded) == TEXT
    assert len(coded) < 1.5 * best, best


def test_more_threads_than_cores_are_never_used(file, backend, cores):
    """They wait for one another by spinning, as if they hung."""

    cores(4)
    coded = compress(TEXT, file, model_threads=9)
    [stream] = nzip.info(io.BytesIO(coded)).streams
    assert language_of(stream.blocks[0].header.coding).threads == 4
    options = EncodeOptions(1, model=file, prime="none", model_threads=2, threads=9, block_size=100)
    assert threads_for(options) == 2
    assert nzip.decompress(coded) == TEXT
    cores(2)
    with pytest.raises(NzipModelError, match=r"4 threads, here are 2 cores; --force"):
        nzip.decompress(coded)
    assert nzip.decompress(coded, any_environment=True) == TEXT
    assert backend.model.sessions[-1].threads == 2


def test_blocks_at_a_time_leave_cores_for_one_another(file, cores):
    cores(4)
    coded = compress(TEXT * 4, file, model_threads=2, block_size=len(TEXT), solid=len(TEXT))
    assert experts(coded) == [WITH_MODEL] * 4
    decoder = Decoder(resolve_decoding(DecodeOptions(threads=9, memory_limit=1 << 32)))
    decoder.feed(coded)
    most = 0
    plain = b""
    while (block := decoder.next_block(more=False)) is not None:
        most = max(most, len(decoder._window) + 1)
        plain += block
    assert (plain, most) == (TEXT * 4, 2)


def test_another_environment_is_refused_by_name(file, backend):
    coded = compress(TEXT, file)
    backend.words = "a library 2.0"
    with pytest.raises(NzipModelError, match=r"a library 1\.0, here it is a library 2\.0; --force"):
        nzip.decompress(coded)
    assert nzip.decompress(coded, any_environment=True) == TEXT


def test_archives_in_another_environment(file, backend, tmp_path):
    (tmp_path / "text").write_bytes(TEXT)
    Model.knows = TEXT
    options = EncodeOptions(1, model=file, prime="none", solid=1 << 20)
    with open(tmp_path / "x.nza", "wb") as target:
        archive.create(target, ["text"], options, folder=tmp_path)
    backend.words = "a library 2.0"

    def run(*arguments):
        return commands.main([*arguments], standalone_mode=False)

    path = str(tmp_path / "x.nza")
    for command in ["test", path], ["verify", path, str(tmp_path)]:
        assert run(*command) == 8
        assert run(*command, "--force") == 0
    out = tmp_path / "out"
    out.mkdir()
    assert run("extract", path, "-C", str(out)) == 8
    assert not list(out.iterdir())
    assert run("extract", path, "-C", str(out), "-f") == 0
    assert (out / "text").read_bytes() == TEXT


def test_other_numbers_never_give_wrong_text(file, backend):
    coded = compress(TEXT, file)
    rng = np.random.default_rng(1)
    backend.model.alter = lambda logits: logits + rng.standard_normal(len(logits))
    with pytest.raises(NzipChecksumError):
        nzip.decompress(coded)


def test_a_model_that_changes_its_mind_is_left_out(file, backend):
    rng = np.random.default_rng(1)
    backend.model.alter = lambda logits: logits + rng.standard_normal(len(logits))
    coded = compress(TEXT, file)
    assert experts(coded) == [[ExpertKind.BYTE_NETWORK]]
    assert nzip.decompress(coded) == TEXT


def test_a_solid_run_goes_on_behind_a_block_that_failed(file, backend):
    once = iter([1.0])
    backend.model.alter = lambda logits: logits + next(once, 0.0) * np.arange(len(logits))
    coded = compress(words(1500), file, block_size=500)
    assert experts(coded) == [[ExpertKind.BYTE_NETWORK], WITH_MODEL, WITH_MODEL]
    assert nzip.decompress(coded) == words(1500)


def test_logits_that_are_no_numbers(file, backend):
    backend.model.alter = lambda logits: np.where(np.arange(len(logits)) % 3, logits, np.nan)
    assert nzip.decompress(compress(TEXT, file)) == TEXT
    backend.model.alter = lambda logits: np.full(len(logits), np.inf)
    assert nzip.decompress(compress(TEXT, file)) == TEXT


def test_damage_is_told(file):
    coded = compress(TEXT, file)
    for at in range(len(coded) // 3, len(coded), len(coded) // 7):
        broken = bytearray(coded)
        broken[at] ^= 4
        with pytest.raises(NzipError):
            nzip.decompress(bytes(broken))
        with pytest.raises(NzipError):
            nzip.decompress(coded[:at])


def test_the_model_is_found_by_its_hash_or_missed_by_it(file):
    coded = compress(TEXT, file)
    file.rename(file.with_name("another-name.gguf"))
    assert nzip.decompress(coded) == TEXT
    file.write_bytes(b"GGUF, another one")
    file.with_name("another-name.gguf").unlink()
    with pytest.raises(NzipModelError, match=r"language model sha256:[0-9a-f]{32} is not here"):
        nzip.decompress(coded)


def test_another_vocabulary_is_refused(file, backend, monkeypatch):
    coded = compress(TEXT, file)
    monkeypatch.setattr(language, "_loaded", {})
    backend.model.tokens = [*TOKENS[:-1], b"more"]
    with pytest.raises(NzipModelError, match="vocabulary"):
        nzip.decompress(coded)


def test_many_short_texts_among_binary_data(file, backend):
    """Nothing is loaded twice, and nothing expands."""
    rng = np.random.default_rng(2)
    noise = rng.integers(0, 256, (60, 3000), np.uint8)
    data = b"".join(words(12) + row.tobytes() for row in noise)
    coded = compress(data, file, block_size=40_000, solid=None)
    assert len(coded) < len(data) + 100 + 20 * 5
    assert nzip.decompress(coded) == data
    assert backend.loads == 1


def test_a_model_must_be_worth_its_name(file):
    """Tiny texts and models that know nothing cost what they cost without."""
    assert experts(compress(TEXT[:100], file, solid=None)) == [[ExpertKind.BYTE_NETWORK]]
    assert experts(compress(words(4000), file, solid=None)) == [WITH_MODEL]


def test_a_block_without_text_does_not_name_the_model(file, backend):
    samples = np.arange(10_000, dtype="<u4").tobytes()
    coded = compress(samples, file, solid=None)
    assert experts(coded) == [[ExpertKind.BYTE_NETWORK]]
    assert backend.model.sessions == []


def test_threads_change_no_byte_and_memory_is_stated(file):
    data = words(3000)
    options = {"block_size": 1000, "solid": None}
    assert compress(data, file, threads=3, **options) == compress(data, file, threads=1, **options)
    one = memory_needed(EncodeOptions(1, model=file, prime="none", threads=1, block_size=3000))
    two = memory_needed(EncodeOptions(1, model=file, prime="none", threads=2, block_size=3000))
    assert one < two < 2 * one


def test_pieces(file):
    compressor = nzip.NzipCompressor(1, model=file, prime="none", block_size=200)
    coded = b"".join(compressor.compress(TEXT[i : i + 70]) for i in range(0, len(TEXT), 70))
    coded += compressor.flush()
    assert coded == compress(TEXT, file, block_size=200, solid=None)


def test_a_reference_is_learned_without_the_model(file, backend, tmp_path):
    old = tmp_path / "old"
    old.write_bytes(TEXT)
    new = TEXT[:200] + b"news" + TEXT[200:]
    coded = compress(new, file, ref=old)
    assert nzip.decompress(coded, ref=old) == new
    assert len(backend.model.sessions[0].past[0]) <= len(new) + 1


def test_files_that_are_no_models(file, tmp_path, backend):
    other = tmp_path / "other.gguf"
    other.write_bytes(b"something else")
    with pytest.raises(NzipModelError, match="not a GGUF file"):
        compress(TEXT, other)
    backend.model.tokens = [b"", b"one"]
    with pytest.raises(NzipModelError, match="of no use"):
        compress(TEXT, file)
    backend.model.tokens = TOKENS
    backend.model.context = 9
    with pytest.raises(NzipModelError, match="9 tokens, is too short"):
        compress(TEXT, file)


def test_without_the_library(monkeypatch, tmp_path):
    monkeypatch.setitem(sys.modules, "llama_cpp", None)
    monkeypatch.delitem(sys.modules, "nzip.models.llama", raising=False)
    monkeypatch.delattr("nzip.models.llama", raising=False)
    monkeypatch.setattr(exact_language, "choose", in_floats)
    path = tmp_path / "some.gguf"
    path.write_bytes(b"GGUF")
    with pytest.raises(NzipModelError, match=r"pip install 'nzip\[llm\]'"):
        compress(TEXT, path)


def test_the_trie_takes_any_vocabulary():
    for tokens in [[b"a", b"a", b"ab"], [b"\0", b"\xff"], [b"a" * 300, b"a"]]:
        _native.Vocabulary(tokens)
    with pytest.raises(ValueError, match="65,535"):
        _native.Vocabulary([b"a" * 70_000, b"b"])
