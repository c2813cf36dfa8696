"""Language models by llama.cpp, through llama-cpp-python (the extra ``llm``)."""

from __future__ import annotations

import ctypes
import functools
import hashlib
import os

import llama_cpp as llama

from nzip.errors import NzipModelError
from nzip.format.language import Language

_BATCH = 256  # tokens that are evaluated at once
_OTHER = 32 << 20  # bytes that a context takes beside what is counted
_F16 = 2  # bytes


@llama.llama_log_callback
def _say_nothing(level: int, text: bytes, data: object) -> None:
    """What is wrong with a model is told by an exception; the rest is of no interest."""


llama.llama_log_set(_say_nothing, ctypes.c_void_p(0))
llama.llama_backend_init()


@functools.cache
def environment(gpu_layers: int) -> str:
    """Library and build; with layers on a GPU, all devices."""
    features = llama.llama_print_system_info().decode("ascii", "replace")
    words = ["llama.cpp", f"{llama.__version__}-{_build()}"]
    for part in features.split("|"):
        name, _, value = part.partition(" = ")
        words += [name.replace(" : ", " ").strip()] if value.strip() == "1" else part.split()
    if gpu_layers:
        words += _devices()
    return " ".join(words).encode("ascii", "replace").decode()


def _build() -> str:
    """Eight digits of the SHA-256 of the libraries that calculate."""
    folder = os.path.join(os.path.dirname(llama.__file__), "lib")
    digest = hashlib.sha256()
    for name in sorted(os.listdir(folder)):
        if name.endswith((".so", ".dylib", ".dll")):
            with open(os.path.join(folder, name), "rb") as file:
                digest.update(file.read())
    return digest.hexdigest()[:8]


def _devices() -> list[str]:
    from llama_cpp._ggml import libggml

    libggml.ggml_backend_dev_get.restype = ctypes.c_void_p
    libggml.ggml_backend_dev_description.restype = ctypes.c_char_p
    count = libggml.ggml_backend_dev_count()
    found = [ctypes.c_void_p(libggml.ggml_backend_dev_get(ctypes.c_size_t(i))) for i in range(count)]
    return [libggml.ggml_backend_dev_description(each).decode("ascii", "replace") for each in found]


def load(path: str, gpu_layers: int) -> LlamaModel:
    return LlamaModel(path, gpu_layers)


class LlamaModel:
    """Weights and vocabulary, mapped from the file."""

    def __init__(self, path: str, gpu_layers: int) -> None:
        parameters = llama.llama_model_default_params()
        parameters.n_gpu_layers = gpu_layers
        model = llama.llama_model_load_from_file(os.fsencode(path), parameters)
        if not model:
            raise NzipModelError("llama.cpp cannot read it")
        self.model = model
        self.vocab = llama.llama_model_get_vocab(model)
        self.tokens = [self._bytes(i) for i in range(llama.llama_vocab_n_tokens(self.vocab))]
        if llama.llama_model_has_encoder(model) or llama.llama_model_is_recurrent(model):
            raise NzipModelError("a language model that is no decoder of tokens with a window is of no use")
        self.context = int(llama.llama_model_n_ctx_train(model))
        start = llama.llama_vocab_bos(self.vocab)
        self.start = start if start >= 0 else max(llama.llama_vocab_eos(self.vocab), 0)

    def _bytes(self, token: int) -> bytes:
        room = 64
        while True:
            buffer = ctypes.create_string_buffer(room)
            size = llama.llama_token_to_piece(self.vocab, token, buffer, room, 0, False)
            if size >= 0:
                return buffer.raw[:size]
            room = -size

    def session(self, language: Language) -> LlamaSession:
        return LlamaSession(self, language)

    def session_memory(self, language: Language, lanes: int) -> int:
        width = llama.llama_model_n_embd(self.model)
        heads = max(1, llama.llama_model_n_head(self.model))
        state = (
            width // heads * llama.llama_model_n_head_kv(self.model) * llama.llama_model_n_layer(self.model)
        )
        cells = lanes * (language.context + _BATCH)
        batch = _BATCH * (16 * width + 2 * heads * language.context) + lanes * len(self.tokens)
        return int(2 * _F16 * state * cells + 4 * batch + _OTHER)


class LlamaSession:
    """A context with a window of tokens for each lane.

    When a lane's window is full, its first token and its last ones stay, at new positions; nothing is
    evaluated again. What is evaluated, in which batches, follows from the requests alone.
    """

    def __init__(self, model: LlamaModel, language: Language) -> None:
        self._model = model
        self._language = language
        self._context: object = None
        self._past: list[int] = []  # tokens in each lane's window
        self._batch = llama.llama_batch_init(_BATCH, 0, 1)

    def __del__(self) -> None:
        self._free()
        llama.llama_batch_free(self._batch)

    def _free(self) -> None:
        if self._context is not None:
            llama.llama_free(self._context)
            self._context = None

    def begin(self, lanes: int, /) -> None:
        self._free()
        most = llama.llama_max_parallel_sequences()
        if lanes > most:
            raise NzipModelError(f"{lanes} lanes; llama.cpp takes {most} at most")
        language = self._language
        parameters = llama.llama_context_default_params()
        parameters.n_ctx = lanes * -(-language.context // 256) * 256  # of each lane, a multiple of 256
        parameters.n_batch = parameters.n_ubatch = _BATCH
        parameters.n_seq_max = lanes
        parameters.n_threads = parameters.n_threads_batch = language.threads
        parameters.flash_attn_type = llama.LLAMA_FLASH_ATTN_TYPE_DISABLED
        parameters.no_perf = True
        context = llama.llama_init_from_model(self._model.model, parameters)
        if not context:
            raise MemoryError
        self._context = context
        if not llama.llama_memory_can_shift(llama.llama_get_memory(context)):
            raise NzipModelError("a language model whose window cannot slide is of no use")
        self._past = [0] * lanes

    def evaluate(self, requests: list[tuple[int, int, list[int]]], /) -> list[ctypes.Array[ctypes.c_float]]:
        rows: list[ctypes.Array[ctypes.c_float]] = []
        batch = self._batch
        batch.n_tokens = 0
        wanted: list[int] = []
        for lane, forget, tokens in requests:
            if forget:
                if forget > self._past[lane]:
                    raise NzipModelError("a language model's window is too short for what it must forget")
                self._past[lane] -= forget
                self._remove(lane, self._past[lane], -1)
            for index, token in enumerate(tokens):
                if batch.n_tokens == _BATCH:
                    rows += self._run(wanted, keep=True)
                if self._past[lane] == self._language.context:
                    if batch.n_tokens:
                        rows += self._run(wanted, keep=True)
                    self._slide(lane)
                at = batch.n_tokens
                batch.token[at] = token
                batch.pos[at] = self._past[lane]
                batch.n_seq_id[at] = 1
                batch.seq_id[at][0] = lane
                batch.logits[at] = is_last = index == len(tokens) - 1
                if is_last:
                    wanted.append(at)
                batch.n_tokens += 1
                self._past[lane] += 1
        return rows + self._run(wanted, keep=False)

    def _run(self, wanted: list[int], *, keep: bool) -> list[ctypes.Array[ctypes.c_float]]:
        """Evaluates the batch; the logits behind the tokens at these places, copied to be kept."""
        if llama.llama_decode(self._context, self._batch) != 0:
            raise NzipModelError("llama.cpp could not evaluate a language model")
        size = len(self._model.tokens)
        rows = []
        for at in wanted:
            pointer = llama.llama_get_logits_ith(self._context, at)
            row = (ctypes.c_float * size).from_address(ctypes.addressof(pointer.contents))
            rows.append(type(row).from_buffer_copy(row) if keep else row)
        wanted.clear()
        self._batch.n_tokens = 0
        return rows

    def _slide(self, lane: int) -> None:
        drop = self._past[lane] - self._language.keeps
        memory = llama.llama_get_memory(self._context)
        self._remove(lane, 1, 1 + drop)
        llama.llama_memory_seq_add(memory, lane, 1 + drop, self._past[lane], -drop)
        self._past[lane] -= drop

    def _remove(self, lane: int, begin: int, end: int) -> None:
        if not llama.llama_memory_seq_rm(llama.llama_get_memory(self._context), lane, begin, end):
            raise NzipModelError("a language model that cannot forget a token is of no use")
