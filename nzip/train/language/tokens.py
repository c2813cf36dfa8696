"""A byte-level BPE vocabulary in the manner of GPT-2's and SmolLM's, and texts as its tokens."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import numpy as np
from numpy.typing import NDArray
from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers

from nzip.train.corpus import SEPARATOR, Bytes

Tokens = NDArray[np.uint16]

END_OF_TEXT = "<|endoftext|>"  # token 0: before each document
_TOGETHER = 64  # texts
PRE_TOKENIZER = "smollm"  # what llama.cpp calls the one below


def train_tokenizer(classes: Mapping[str, Bytes], size: int, megabytes: float) -> Tokenizer:
    """A vocabulary of ``size`` tokens, learned from ``megabytes`` of each class."""
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
        [pre_tokenizers.Digits(individual_digits=True), pre_tokenizers.ByteLevel(add_prefix_space=False)]
    )
    tokenizer.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=size,
        special_tokens=[END_OF_TEXT],
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )
    texts = (text for data in classes.values() for text in documents(data, int(megabytes * 1e6)))
    tokenizer.train_from_iterator(texts, trainer)
    return tokenizer


def documents(data: Bytes, limit: int) -> Iterator[str]:
    """Documents from all over a class, about ``limit`` bytes of them; the last one may be cut."""
    found = data.tobytes().split(bytes([SEPARATOR]))[1:]
    step = max(1, len(data) // limit)
    left = limit
    for document in found[::step]:
        yield document[:left].decode("utf-8", "ignore")
        left -= len(document)
        if left <= 0:
            return


def encode(tokenizer: Tokenizer, data: Bytes, limit: int) -> tuple[Tokens, int]:
    """The tokens of the documents, each behind a token 0; and the bytes that these tokens stand for."""
    texts = list(documents(data, limit))
    parts = [
        np.array([0, *encoded.ids], np.uint16)
        for at in range(0, len(texts), _TOGETHER)  # few at a time: it tells more of a token than its number
        for encoded in tokenizer.encode_batch_fast(texts[at : at + _TOGETHER])
    ]
    return np.concatenate(parts), sum(len(text.encode()) for text in texts)
