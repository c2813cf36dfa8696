"""Llama models in integers: against a second implementation, and against floats."""

from __future__ import annotations

import numpy as np
import pytest

pytest.importorskip("gguf")

import gguf
from gguf import GGMLQuantizationType as Type
from support import language_models, llama_files
from support.integer_llama import IntegerLlama
from support.language_models import TINY

from nzip.errors import NzipModelError
from nzip.format.language import Language
from nzip.models.exact_llama import ExactLlama, NotExactError

READ_TWICE = [Type.F32, Type.F16, Type.BF16, Type.Q4_0, Type.Q4_1, Type.Q8_0]
ALL = [*READ_TWICE, Type.Q5_0, Type.Q5_1, Type.Q4_K, Type.Q5_K, Type.Q6_K]


def logits(
    model: ExactLlama, tokens, context: int, keeps: int, batch: int = 64, helpers: int = 0
) -> np.ndarray:
    raw = model.native.logits(tokens, context, keeps, batch, helpers)
    return np.frombuffer(raw, np.int32).reshape(len(tokens), -1)


def tokens(count: int, most: int, seed: int = 3) -> list[int]:
    return [0, *np.random.default_rng(seed).integers(1, most, count - 1).tolist()]


@pytest.mark.parametrize("kind", READ_TWICE, ids=lambda kind: kind.name)
def test_all_is_as_specified(kind, tmp_path):
    path = tmp_path / "model.gguf"
    llama_files.write(path, kind, own_output=kind == Type.Q4_0)
    text = tokens(12, 260)
    reference = IntegerLlama(path, 6, 4)
    expected = [reference.step(token) for token in text]
    assert np.array_equal(logits(ExactLlama(str(path)), text, 6, 4), expected)


def test_a_trained_model_is_as_specified():
    text = tokens(40, 700)
    reference = IntegerLlama(TINY, 24, 18)
    expected = [reference.step(token) for token in text]
    assert np.array_equal(logits(ExactLlama(str(TINY)), text, 24, 18), expected)


def test_batches_change_nothing():
    model, text = ExactLlama(str(TINY)), tokens(700, 700)
    whole = logits(model, text, 300, 200)
    for batch in 1, 2, 3, 7, 13, 63:
        assert np.array_equal(logits(model, text, 300, 200, batch), whole)


def test_threads_change_nothing():
    model, text = ExactLlama(str(TINY)), tokens(200, 700)
    whole = logits(model, text, 100, 75)
    for helpers, batch in (1, 1), (2, 5), (7, 64):
        assert np.array_equal(logits(model, text, 100, 75, batch, helpers), whole)


@pytest.mark.parametrize("kind", ALL, ids=lambda kind: kind.name)
def test_integers_are_near_to_floats(kind, tmp_path):
    path = tmp_path / "model.gguf"
    llama_files.write(path, kind)
    model, text = ExactLlama(str(path)), tokens(40, 260)
    floats = float_logits(path, text)
    error = logits(model, text, 64, 48) / 65536 - floats
    # Random weights show more of what is rounded than trained ones do.
    assert np.abs(error).mean() < 0.08 * floats.std()


def test_a_trained_model_is_near_to_floats():
    text = tokens(200, 700)
    reference = language_models.load(str(TINY), 0)
    session = reference.session(Language(b"", 1, 100, 75, 32, 1, 0, 0, ""))
    session.begin(1)
    floats = [np.frombuffer(session.evaluate([(0, 0, [token])])[0], np.float32) for token in text]
    error = logits(ExactLlama(str(TINY)), text, 100, 75) / 65536 - np.array(floats)
    assert np.abs(error).mean() < 0.05


def float_logits(path, text: list[int]) -> np.ndarray:
    """Of all positions at once."""
    tensors = {
        t.name.removesuffix(".weight"): gguf.quants.dequantize(t.data, t.tensor_type).astype(np.float64)
        for t in gguf.GGUFReader(path).tensors
    }
    heads, kv_heads = llama_files.HEADS, llama_files.KV_HEADS
    x = tensors["token_embd"][text]

    def norm(x, name):
        return x / np.sqrt((x * x).mean(-1, keepdims=True) + 1e-5) * tensors[name]

    def turn(x):
        size = x.shape[-1]
        angles = np.arange(len(x))[:, None] * 10000.0 ** (-np.arange(0, size, 2) / size)
        turned = (x[..., 0::2] + 1j * x[..., 1::2]) * np.exp(1j * angles)[:, None]
        return np.stack([turned.real, turned.imag], -1).reshape(x.shape)

    for i in range(llama_files.LAYERS):
        y = norm(x, f"blk.{i}.attn_norm")
        q, k, v = (
            (y @ tensors[f"blk.{i}.attn_{n}"].T).reshape(len(x), count, -1)
            for n, count in (("q", heads), ("k", kv_heads), ("v", kv_heads))
        )
        q, k = turn(q), np.repeat(turn(k), heads // kv_heads, 1)
        scores = np.einsum("ihd,jhd->hij", q, k) / np.sqrt(q.shape[-1])
        scores = np.where(np.tri(len(x)), scores, -np.inf)
        share = np.exp(scores - scores.max(-1, keepdims=True))
        share /= share.sum(-1, keepdims=True)
        taken = np.einsum("hij,jhd->ihd", share, np.repeat(v, heads // kv_heads, 1)).reshape(len(x), -1)
        x = x + taken @ tensors[f"blk.{i}.attn_output"].T
        y = norm(x, f"blk.{i}.ffn_norm")
        gate, up = (y @ tensors[f"blk.{i}.ffn_{name}"].T for name in ("gate", "up"))
        x = x + (gate / (1 + np.exp(-gate)) * up) @ tensors[f"blk.{i}.ffn_down"].T
    return norm(x, "output_norm") @ tensors["token_embd"].T


@pytest.mark.parametrize(
    ("keys", "message"),
    [
        ({"embedding_length": 200}, "heads do not divide|multiples of 32|tensor"),
        ({"attention.head_count": 0}, "heads"),
        ({"attention.head_count_kv": 3}, "share keys|shape"),
        ({"attention.head_count": 8}, "shape|head"),
        ({"block_count": 1 << 30}, "layers|tensor|range"),
        ({"block_count": 3}, "no tensor"),
        ({"block_count": None}, "block_count is missing"),
        ({"feed_forward_length": 1 << 20}, "gated layer"),
        ({"feed_forward_length": 512}, "shape"),
        ({"context_length": None}, "context_length is missing"),
    ],
)
def test_lies_are_one_error(keys, message, tmp_path):
    path = tmp_path / "model.gguf"
    llama_files.write(path, Type.Q8_0, **keys)
    with pytest.raises(NzipModelError, match=message):
        ExactLlama(str(path))


def test_damage_is_one_error_or_none(tmp_path):
    """Whatever is changed or cut off: no crash, and no other exception."""
    data = TINY.read_bytes()
    rng = np.random.default_rng(8)
    header = len(data) - 190_000 if len(data) > 190_000 else 20_000
    path = tmp_path / "model.gguf"
    for at in [*rng.integers(0, header, 60).tolist(), *rng.integers(header, len(data), 20).tolist()]:
        broken = bytearray(data)
        broken[at : at + 8] = rng.integers(0, 256, 8, np.uint8).tobytes()
        for content in bytes(broken), data[:at]:
            path.write_bytes(content)
            try:
                logits(ExactLlama(str(path)), [0, 1, 2], 256, 192)
            except (NzipModelError, ValueError):
                continue


def test_other_architectures_are_told(tmp_path):
    path = tmp_path / "model.gguf"
    path.write_bytes(TINY.read_bytes().replace(b"\x05\0\0\0\0\0\0\0llama", b"\x05\0\0\0\0\0\0\0mamba", 1))
    with pytest.raises(NotExactError, match="'mamba'"):
        ExactLlama(str(path))
