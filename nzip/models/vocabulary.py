"""What the tokens of a GGUF file's vocabulary say in a text."""

from __future__ import annotations

import re

from nzip.errors import NzipModelError
from nzip.models.gguf_content import GgufContent

_NORMAL, _UNKNOWN, _CONTROL, _USER_DEFINED, _UNUSED, _BYTE = 1, 2, 3, 4, 5, 6  # types of tokens
_MOST_TOKENS = 1 << 18
_PRINTABLE = [*range(33, 127), *range(161, 173), *range(174, 256)]
# GPT-2 writes each byte as a printable character.
_BYTES = {chr(byte): byte for byte in _PRINTABLE} | {
    chr(256 + i): byte for i, byte in enumerate(byte for byte in range(256) if byte not in _PRINTABLE)
}
_SPACE = "\u2581"  # a space in sentencepiece's vocabularies
_HEX = re.compile(r"<0x([0-9A-F]{2})>")


def tokens(content: GgufContent) -> list[bytes]:
    """The bytes of each token; none where it says nothing. NzipModelError where that is not known."""
    kind = content.word("tokenizer.ggml.model")
    if kind not in ("gpt2", "llama"):
        raise NzipModelError(f"vocabularies of kind {kind!r} are not known")
    words = content.list("tokenizer.ggml.tokens")
    if not 2 <= len(words) <= _MOST_TOKENS:
        raise NzipModelError(f"a vocabulary of {len(words)} tokens")
    types = content.keys.get("tokenizer.ggml.token_type", [_NORMAL] * len(words))
    if not isinstance(types, list) or len(types) != len(words):
        raise NzipModelError("its tokens have no types")
    said = []
    for word, of_type in zip(words, types, strict=True):
        if not isinstance(word, bytes):
            raise NzipModelError("a token is no string")
        said.append(_said(word.decode("utf-8", "replace"), of_type, by_bytes=kind == "gpt2"))
    return said


def _said(word: str, kind: object, *, by_bytes: bool) -> bytes:
    if kind == _USER_DEFINED:
        return word.encode("utf-8")
    if kind == _BYTE and (match := _HEX.fullmatch(word)):
        return bytes([int(match[1], 16)])
    if kind != _NORMAL:
        return b""
    if not by_bytes:
        return word.replace(_SPACE, " ").encode("utf-8")
    try:
        return bytes(_BYTES[each] for each in word)
    except KeyError:
        return word.encode("utf-8")


def start(content: GgufContent, size: int) -> int:
    """The token before a text."""
    token = content.integer("tokenizer.ggml.bos_token_id", -1)
    if token < 0:
        token = max(content.integer("tokenizer.ggml.eos_token_id", 0), 0)
    if token >= size:
        raise NzipModelError("its first token is none")
    return token
