"""A language model that is made up, and a library that runs it; so no test needs a real one."""

from __future__ import annotations

import hashlib
import io
from typing import NoReturn

import numpy as np

import nzip
from nzip import _native
from nzip.format.language import Language
from nzip.format.registry import ExpertKind
from nzip.models.exact_llama import NotExactError
from nzip.pipeline import EncodeOptions, resolve_encoding
from support.samples import words

TEXT = words(700)
LEFT_OUT = bytes([0x04, 0x06, 0x13, 0x14, 0x16, 0x1D, 0xC3])  # bytes that no token has
WORDS = [b"the", b" the", b" then", b" of", b" and", b"ing", b"\n\n", b" pre", b" predict", b"ion", b"    "]
TOKENS = [b"", *(bytes([i]) for i in range(256) if i not in LEFT_OUT), *WORDS, b""]


class Session:
    """Knows the text, and makes no secret of it: but for some noise by the last tokens."""

    def __init__(self, model: Model, language: Language) -> None:
        self.model = model
        self.window = language.context
        self.threads = language.threads
        self.requests: list[list[tuple[int, int, list[int]]]] = []
        model.sessions.append(self)

    def begin(self, lanes: int, /) -> None:
        self.past: list[list[int]] = [[] for _ in range(lanes)]

    def evaluate(self, requests, /):
        self.requests.append([(lane, forget, list(tokens)) for lane, forget, tokens in requests])
        rows = []
        for lane, forget, tokens in requests:
            assert forget <= len(self.past[lane])
            self.past[lane][len(self.past[lane]) - forget :] = tokens
            key = bytes(str([*self.past[lane][-3:], len(self.past[lane]) // self.window]), "ascii")
            seed = int.from_bytes(hashlib.sha256(key).digest()[:4], "little")
            noise = np.random.default_rng(seed).standard_normal(len(TOKENS))
            said = b"".join(TOKENS[token] for token in self.past[lane])
            start = lane * len(self.model.knows) // len(self.past) + max(0, len(said) - 12)
            at = self.model.knows.find(said[-12:], start) + len(said[-12:])
            coming = self.model.knows[at : at + 20]
            likely = [4.0 * len(token) if token and coming.startswith(token) else 0.0 for token in TOKENS]
            logits = self.model.alter(np.array(likely) + noise).astype(np.float32)
            rows.append(logits.tobytes())
        return rows


class Model:
    tokens = TOKENS
    start = 0
    context = 64
    knows = TEXT

    def __init__(self) -> None:
        self.sessions: list[Session] = []
        self.alter = lambda logits: logits

    def session(self, language: Language) -> Session:
        return Session(self, language)

    def session_memory(self, language: Language, lanes: int) -> int:
        return 1 << 20


class Backend:
    def __init__(self) -> None:
        self.model = Model()
        self.words = "a library 1.0"
        self.loads = 0

    def environment(self, gpu_layers: int) -> str:
        return self.words

    def load(self, path: str, gpu_layers: int) -> Model:
        self.loads += 1
        return self.model


def in_floats(_file) -> NoReturn:
    """In place of exact_language.choose: no model is for the scheme of integers."""
    raise NotExactError("made up")


def compress(data: bytes, file, **options) -> bytes:
    """In a solid run, for that has the model even where it is not worth its part of the header."""
    Model.knows = bytes(data)
    return nzip.compress(data, 1, model=file, prime="none", **{"solid": 1 << 20, **options})


def new_engine(file) -> _native.Engine:
    return resolve_encoding(EncodeOptions(1, model=file, prime="none")).components.engine(16)


def experts(coded: bytes) -> list[list[ExpertKind]]:
    [stream] = nzip.info(io.BytesIO(coded)).streams
    codings = [block.header.coding for block in stream.blocks]
    return [[expert.kind for expert in coding.experts] if coding else [] for coding in codings]


WITH_MODEL = [ExpertKind.BYTE_NETWORK, ExpertKind.LANGUAGE_MODEL]
