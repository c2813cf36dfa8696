"""Language models that are evaluated in integers, which predict the same everywhere."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from nzip import _native
from nzip.errors import NzipModelError, NzipVersionError, about
from nzip.format.language import ExactLanguage
from nzip.format.versions import EXACT_LANGUAGE_MODEL, EXACT_SCHEME
from nzip.locks import ProcessLock
from nzip.models import gguf
from nzip.models.contract import ByteModel
from nzip.models.exact_llama import MAX_WINDOW, ExactLlama, NotExactError

MIN_CONTEXT, MAX_CONTEXT = 16, 2048  # tokens that encoders ask for
SKIP = 32  # bytes
TABLES = 16 << 20  # bytes: of the vocabulary and of what tokens become bytes by
SECONDS = 8e-12  # of one core for each byte of text and of weights, when compressing


@dataclass(frozen=True)
class ExactLanguageModel(ByteModel):
    """A model with its parameters. Threads share it."""

    language: ExactLanguage
    file: gguf.GgufFile
    model: ExactLlama
    vocabulary: _native.Vocabulary

    threads = 1
    is_exact = True

    @property
    def name(self) -> str:
        """For people."""
        return f"language model {self.file.name}"

    def expert(self, exchange: _native.Exchange | None = None, helpers: int = 0) -> _native.TokenExpert:
        language = self.language
        return _native.TokenExpert(
            self.vocabulary,
            self.model.start,
            language.skip,
            self.model.native,
            language.context,
            language.keeps,
            helpers,
        )

    @property
    def shared_memory(self) -> int:
        """The weights'."""
        return self.model.native.bytes + TABLES

    @property
    def seconds(self) -> float:
        """Of one core for a byte of text, when compressing, roughly; restoring takes twice as long."""
        return SECONDS * self.model.native.bytes

    def memory(self, lanes: int, *, exchange: bool = False) -> int:
        session = self.model.native.memory(self.language.context, self.language.keeps, lanes)
        return session + _native.TokenExpert.memory(self.vocabulary, lanes)


_lock = ProcessLock()
_loaded: dict[str, tuple[ExactLlama, _native.Vocabulary]] = {}


def choose(file: gguf.GgufFile) -> ExactLanguageModel:
    """What an encoder makes of a file; NotExactError where it must be evaluated in another way."""
    model, vocabulary = _load(file)
    context = min(model.context, MAX_CONTEXT)
    if context < MIN_CONTEXT:
        raise NzipModelError(f"the window of language model {file.name}, {context} tokens, is too short")
    language = ExactLanguage(
        file.component, EXACT_SCHEME.newest, EXACT_LANGUAGE_MODEL.newest, context, context * 3 // 4, SKIP
    )
    return ExactLanguageModel(language, file, model, vocabulary)


def find(language: ExactLanguage, named: Callable[[bytes], gguf.GgufFile]) -> ExactLanguageModel:
    """What a block header names, whose file ``named`` gives; raises what names the first thing that is not
    known or not here.
    """
    if not EXACT_SCHEME.has(language.scheme):
        raise NzipVersionError(f"scheme {language.scheme} of language models in integers is not known")
    if not EXACT_LANGUAGE_MODEL.has(language.revision):
        raise NzipVersionError(f"language models of revision {language.revision} are not known")
    if language.context > MAX_WINDOW:
        raise NzipVersionError(f"windows of {language.context} tokens are not known")
    file = named(language.component)
    try:
        model, vocabulary = _load(file)
    except NotExactError as error:
        raise NzipModelError(f"language model {file.name} is not what the block says: {error}") from None
    return ExactLanguageModel(language, file, model, vocabulary)


def _load(file: gguf.GgufFile) -> tuple[ExactLlama, _native.Vocabulary]:
    with _lock:
        if file.id not in _loaded:
            with about(file.path):
                model = ExactLlama(file.path)
                try:
                    vocabulary = _native.Vocabulary(model.tokens)
                except ValueError as error:
                    raise NzipModelError(f"a language model is of no use: {error}") from None
            _loaded[file.id] = model, vocabulary
        return _loaded[file.id]
