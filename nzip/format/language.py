"""How a block header names a language model and says what its predictions depend on."""

from __future__ import annotations

from typing import NamedTuple

from nzip.errors import NzipFormatError
from nzip.format.block import Coding, Expert, hashed_expert
from nzip.format.cursor import Cursor, ShortInputError
from nzip.format.fields import encode_varint
from nzip.format.limits import MAX_CONTEXT, MAX_ENVIRONMENT, MAX_MODEL_THREADS
from nzip.format.registry import ExpertKind


class Language(NamedTuple):
    """A language model, and all that its predictions depend on beside its file."""

    component: bytes
    revision: int  # of the rules that make probabilities of bytes from its numbers
    context: int  # tokens that it sees at most
    keeps: int  # tokens that stay when the window is full: the first one and the last keeps - 1
    skip: int  # bytes of a repetition, behind which it is not asked
    threads: int  # that evaluate it, in each block
    gpu_layers: int  # how many of its layers a GPU evaluates; no more than it has
    vocabulary: int  # XXH3-32 of its tokens
    environment: str  # what evaluates it, in words

    def expert(self) -> Expert:
        environment = self.environment.encode("ascii")
        parameters = b"".join(
            [
                *map(encode_varint, (self.revision, self.context, self.keeps)),
                *map(encode_varint, (self.skip, self.threads, self.gpu_layers)),
                self.vocabulary.to_bytes(4, "little"),
                encode_varint(len(environment)),
                environment,
            ]
        )
        return Expert(ExpertKind.LANGUAGE_MODEL, self.component, parameters)


class ExactLanguage(NamedTuple):
    """A language model in integers, whose predictions depend on nothing but this."""

    component: bytes
    scheme: int  # of the arithmetic
    revision: int  # of the rules that make probabilities of bytes from its numbers
    context: int  # tokens that it sees at most
    keeps: int  # tokens that it sees where the window moves on
    skip: int  # bytes of a repetition, behind which it is not asked

    def expert(self) -> Expert:
        parameters = b"".join(map(encode_varint, self[1:]))
        return Expert(ExpertKind.EXACT_LANGUAGE_MODEL, self.component, parameters)


def language_of(coding: Coding) -> Language | ExactLanguage | None:
    """A block's language model; NzipFormatError when the header breaks a rule about it."""
    found = hashed_expert(coding, ExpertKind.LANGUAGE_MODEL, "language model")
    exact = hashed_expert(coding, ExpertKind.EXACT_LANGUAGE_MODEL, "language model")
    if found is not None and exact is not None:
        raise NzipFormatError("a block has more than one language model")
    if exact is not None:
        return _exact(*exact)
    return None if found is None else _inexact(*found)


def _exact(expert: Expert, component: bytes) -> ExactLanguage:
    cursor = Cursor(expert.parameters)
    try:
        language = ExactLanguage(component, *(cursor.varint() for _ in range(5)))
    except ShortInputError:
        raise NzipFormatError("a language model's parameters end inside a field") from None
    if not 2 <= language.keeps < language.context <= MAX_CONTEXT:
        raise NzipFormatError("a language model's parameters are out of range")
    if language.expert() != expert:
        raise NzipFormatError("a language model's parameters are not written in their one valid form")
    return language


def _inexact(expert: Expert, component: bytes) -> Language:
    cursor = Cursor(expert.parameters)
    try:
        revision, context, keeps = cursor.varint(), cursor.varint(), cursor.varint()
        skip, threads, gpu_layers = cursor.varint(), cursor.varint(), cursor.varint()
        vocabulary = cursor.uint(4)
        size = cursor.varint()
        if size > MAX_ENVIRONMENT:
            raise NzipFormatError(f"an environment of {size} bytes; {MAX_ENVIRONMENT} are allowed")
        environment = cursor.take(size)
    except ShortInputError:
        raise NzipFormatError("a language model's parameters end inside a field") from None
    if not environment.isascii():
        raise NzipFormatError("an environment is not ASCII")
    language = Language(
        component,
        revision,
        context,
        keeps,
        skip,
        threads,
        gpu_layers,
        vocabulary,
        environment.decode("ascii"),
    )
    if not (
        2 <= language.keeps < language.context <= MAX_CONTEXT and 1 <= language.threads <= MAX_MODEL_THREADS
    ):
        raise NzipFormatError("a language model's parameters are out of range")
    if language.expert() != expert:
        raise NzipFormatError("a language model's parameters are not written in their one valid form")
    return language
