"""Language models that are ready to predict, and the conditions under which they predict the same again."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

from nzip import _native
from nzip.errors import NzipModelError, NzipVersionError, about
from nzip.format.checksum import check32
from nzip.format.language import ExactLanguage, Language
from nzip.format.versions import LANGUAGE_MODEL
from nzip.locks import ProcessLock
from nzip.models import exact_language, gguf
from nzip.models.contract import ByteModel
from nzip.models.exact_language import MAX_CONTEXT, MIN_CONTEXT, SKIP, TABLES, ExactLanguageModel
from nzip.models.exact_llama import NotExactError

SECONDS = 13e-11  # of one core for each byte of text and of the file


class NoLibraryError(NzipModelError):
    """What evaluates language models in floats is not installed."""


class Model(Protocol):
    """What evaluates a GGUF file."""

    @property
    def tokens(self) -> Sequence[bytes]:
        """What each says in a text; those that say nothing there are empty."""

    @property
    def start(self) -> int:
        """The token before a text."""

    @property
    def context(self) -> int:
        """Tokens that it was trained on."""

    def session(self, language: Language) -> _native.LanguageModel:
        """Its state for a block, as the parameters say. Sessions may be used at the same time."""

    def session_memory(self, language: Language, lanes: int) -> int:
        """The most that a session takes, in bytes."""


class Backend(Protocol):
    """A library that evaluates GGUF files."""

    @property
    def environment(self) -> Callable[[int], str]:
        """What must be the same for the same predictions, given how many layers are on a GPU."""

    @property
    def load(self) -> Callable[[str, int], Model]:
        """The model in a file; NzipModelError when it is broken or of no use here."""


@dataclass(frozen=True)
class LanguageModel(ByteModel):
    """A model with its parameters. Threads share it."""

    language: Language
    file: gguf.GgufFile
    model: Model
    vocabulary: _native.Vocabulary

    is_exact = False

    @property
    def name(self) -> str:
        """For people."""
        return f"language model {self.file.name} in floats"

    @property
    def threads(self) -> int:
        return self.language.threads

    def expert(self, exchange: _native.Exchange | None = None, helpers: int = 0) -> _native.TokenExpert:
        language = self.language
        return _native.TokenExpert(
            self.vocabulary, self.model.start, language.skip, self.model.session(language)
        )

    @property
    def shared_memory(self) -> int:
        """The weights'."""
        return self.file.size

    @property
    def seconds(self) -> float:
        """Of one core for a byte of text, roughly, with what verifies it."""
        return SECONDS * self.file.size

    def memory(self, lanes: int, *, exchange: bool = False) -> int:
        distributions = _native.TokenExpert.memory(self.vocabulary, lanes)
        return self.model.session_memory(self.language, lanes) + distributions + TABLES


_lock = ProcessLock()
_loaded: dict[tuple[str, int], tuple[Model, _native.Vocabulary, int]] = {}


def choose(file: gguf.GgufFile, threads: int, gpu_layers: int) -> LanguageModel | ExactLanguageModel:
    """What an encoder makes of a file that its user names: in integers, unless its layers are to be on a GPU
    or the scheme is not for it.
    """
    reason = "with layers on a GPU"
    if not gpu_layers:
        try:
            return exact_language.choose(file)
        except NotExactError as error:
            reason = str(error)
    try:
        model, vocabulary, check = _load(file, gpu_layers)
    except NoLibraryError as error:
        raise NzipModelError(f"language model {file.name}, {reason}: {error}") from None
    context = min(model.context, MAX_CONTEXT)
    if context < MIN_CONTEXT:
        raise NzipModelError(f"the window of language model {file.name}, {context} tokens, is too short")
    environment = _backend().environment(gpu_layers)
    language = Language(
        file.component,
        LANGUAGE_MODEL.newest,
        context,
        context * 3 // 4,
        SKIP,
        threads,
        gpu_layers,
        check,
        environment,
    )
    return LanguageModel(language, file, model, vocabulary)


def find(
    language: Language | ExactLanguage,
    cores: int,
    named: Callable[[bytes], gguf.GgufFile],
    *,
    any_environment: bool,
) -> LanguageModel | ExactLanguageModel:
    """What a block header names; raises what names the first thing that is not as it was.

    ``named`` gives the file. In ``any_environment``, other libraries, devices and threads are tried.

    More threads than cores would take forever, and other numbers of threads need not give the same numbers.
    """
    if isinstance(language, ExactLanguage):
        return exact_language.find(language, named)
    if not LANGUAGE_MODEL.has(language.revision):
        raise NzipVersionError(f"language models of revision {language.revision} are not known")
    file = named(language.component)
    here = _backend().environment(language.gpu_layers)
    if here != language.environment and not any_environment:
        raise NzipModelError(
            f"coded by a language model with {language.environment}, here it is {here}; --force tries it"
        )
    if language.threads > cores:
        if not any_environment:
            raise NzipModelError(
                f"coded by a language model with {language.threads} threads, here are {cores} cores; "
                "--force tries it"
            )
        language = language._replace(threads=cores)
    model, vocabulary, check = _load(file, language.gpu_layers)
    if check != language.vocabulary:
        raise NzipModelError("a language model's vocabulary is read in another way here")
    return LanguageModel(language, file, model, vocabulary)


def _load(file: gguf.GgufFile, gpu_layers: int) -> tuple[Model, _native.Vocabulary, int]:
    with _lock:
        key = file.id, gpu_layers
        if key not in _loaded:
            with about(file.path):
                model = _backend().load(file.path, gpu_layers)
                try:
                    vocabulary = _native.Vocabulary(list(model.tokens))
                except ValueError as error:
                    raise NzipModelError(f"a language model is of no use: {error}") from None
            text = b"".join(len(token).to_bytes(4, "little") + token for token in model.tokens)
            _loaded[key] = model, vocabulary, int.from_bytes(check32(text), "little")
        return _loaded[key]


def _backend() -> Backend:
    try:
        from nzip.models import llama
    except ImportError as error:
        raise NoLibraryError(f"pip install 'nzip[llm]' is needed ({error})") from None
    return llama
