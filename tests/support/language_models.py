"""A language model in numpy, with the interface of nzip.models.llama: what tests need no llama.cpp for.

It reads the same GGUF files, with the package gguf, and follows the same policy; it is written to be read.
"""

from __future__ import annotations

import gguf
import numpy as np

from nzip.format.language import Language
from support import TESTS

TINY = TESTS / "data" / "tiny.gguf"


def environment(_gpu_layers: int) -> str:
    return "numpy, for tests"


def load(path: str, _gpu_layers: int) -> NumpyModel:
    return NumpyModel(path)


class NumpyModel:
    """A Llama without grouped queries, whose output matrix is the embedding."""

    def __init__(self, path: str) -> None:
        reader = gguf.GGUFReader(path)
        self.tensors = {
            tensor.name: gguf.quants.dequantize(tensor.data, tensor.tensor_type).astype(np.float32)
            for tensor in reader.tensors
        }
        fields = {name: field.contents() for name, field in reader.fields.items()}
        self.context = fields["llama.context_length"]
        self.layers = fields["llama.block_count"]
        self.heads = fields["llama.attention.head_count"]
        self.epsilon = fields["llama.attention.layer_norm_rms_epsilon"]
        self.base = fields["llama.rope.freq_base"]
        self.start = fields["tokenizer.ggml.bos_token_id"]
        control = gguf.TokenType.CONTROL
        self.tokens = [
            b"" if kind == control else _bytes(token)
            for token, kind in zip(
                fields["tokenizer.ggml.tokens"], fields["tokenizer.ggml.token_type"], strict=True
            )
        ]

    def session(self, language: Language) -> NumpySession:
        return NumpySession(self, language)

    def session_memory(self, language: Language, lanes: int) -> int:
        return 1 << 20


class NumpySession:
    def __init__(self, model: NumpyModel, language: Language) -> None:
        self.model = model
        self.language = language
        self.evaluated: list[list[int]] = []  # tokens of each request

    def begin(self, lanes: int, /) -> None:
        self.keys = [[[] for _ in range(self.model.layers)] for _ in range(lanes)]

    def evaluate(self, requests: list[tuple[int, int, list[int]]], /) -> list[bytes]:
        rows = []
        for lane, forget, tokens in requests:
            for layer in self.keys[lane] if forget else ():
                del layer[-forget:]
            self.evaluated.append(tokens)
            for token in tokens:
                logits = self._step(lane, token)
            rows.append(logits.astype(np.float32).tobytes())
        return rows

    def _step(self, lane: int, token: int) -> np.ndarray:
        model, tensors, cache = self.model, self.model.tensors, self.keys[lane]
        if len(cache[0]) == self.language.context:
            drop = len(cache[0]) - self.language.keeps
            for layer in cache:
                del layer[1 : 1 + drop]
        x = tensors["token_embd.weight"][token]
        for i in range(model.layers):
            weights = {
                name.removeprefix(f"blk.{i}.").removesuffix(".weight"): tensor
                for name, tensor in tensors.items()
                if name.startswith(f"blk.{i}.")
            }
            y = self._norm(x) * weights["attn_norm"]
            q, k, v = (
                (weights[name] @ y).reshape(model.heads, -1) for name in ("attn_q", "attn_k", "attn_v")
            )
            cache[i].append((k, v))  # keys are turned when they are read: positions may change
            keys = np.stack([self._turn(key, at) for at, (key, _) in enumerate(cache[i])])
            values = np.stack([value for _, value in cache[i]])
            scores = np.einsum("hd,thd->ht", self._turn(q, len(cache[i]) - 1), keys) / np.sqrt(q.shape[1])
            share = np.exp(scores - scores.max(1, keepdims=True))
            share /= share.sum(1, keepdims=True)
            x = x + weights["attn_output"] @ np.einsum("ht,thd->hd", share, values).ravel()
            y = self._norm(x) * weights["ffn_norm"]
            gate = weights["ffn_gate"] @ y
            x = x + weights["ffn_down"] @ (gate / (1 + np.exp(-gate)) * (weights["ffn_up"] @ y))
        return tensors["token_embd.weight"] @ (self._norm(x) * tensors["output_norm.weight"])

    def _norm(self, x: np.ndarray) -> np.ndarray:
        return x / np.sqrt(np.mean(x * x) + self.model.epsilon)

    def _turn(self, x: np.ndarray, position: int) -> np.ndarray:
        angles = position * self.model.base ** (-np.arange(0, x.shape[1], 2) / x.shape[1])
        pairs = x[:, 0::2] + 1j * x[:, 1::2]
        turned = pairs * np.exp(1j * angles)
        return np.stack([turned.real, turned.imag], axis=-1).reshape(x.shape).astype(np.float32)


def _bytes(token: str) -> bytes:
    """What a token of a byte-level vocabulary says: GPT-2 writes each byte as a printable character."""
    printable = [*range(33, 127), *range(161, 173), *range(174, 256)]
    others = [byte for byte in range(256) if byte not in printable]
    characters = {chr(byte): byte for byte in printable}
    characters |= {chr(256 + i): byte for i, byte in enumerate(others)}
    return bytes(characters[c] for c in token)
