"""Training: random windows of the classes' tokens, Muon for matrices, AdamW for the embedding and norms."""

from __future__ import annotations

import copy
import math
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass, replace
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from tokenizers import Tokenizer
from torch import Tensor
from torch.nn import functional

from nzip.train.allocator import keep_freed_memory
from nzip.train.corpus import Bytes
from nzip.train.language import together
from nzip.train.language.model import LanguageModel, Shape
from nzip.train.language.tokens import Tokens, encode, train_tokenizer
from nzip.train.optimizers import Optimizers, Rates
from nzip.train.precision import faster_precision

BATCH = 4  # windows of the model's context, of each process
SHORT = 0.85  # part of the budget in which windows are cut in two, for half the attention of each token
WARMUP, DECAY = 0.01, 0.5  # parts of the budget
RATES = Rates(matrix=0.02, other=0.004, matrix_decay=0.01)
CHECKPOINT_SECONDS = 300
TOKENIZER_MEGABYTES, CLASS_MEGABYTES, VALID_MEGABYTES = 4.0, 70.0, 0.2
WORTH_COMPILING = 600  # seconds of a run, of which compiling takes one or two minutes
WEIGHTS = {
    "prose": 0.28,
    "docs": 0.12,
    "markup": 0.16,
    "tables": 0.13,
    "multilingual": 0.24,
    "logs": 0.07,
}


@dataclass
class Trained:
    """A model with its vocabulary."""

    model: LanguageModel
    tokenizer: Tokenizer

    def save(self, path: Path) -> None:
        beside = path.with_suffix(".part")
        state = {
            "shape": asdict(self.model.shape),
            "model": self.model.state_dict(),
            "tokenizer": self.tokenizer.to_str(),
        }
        torch.save(state, beside)
        beside.replace(path)

    def with_context(self, tokens: int) -> Trained:
        """The same weights for windows of another length."""
        model = LanguageModel(replace(self.model.shape, context=tokens))
        model.load_state_dict(self.model.state_dict())
        return Trained(model, self.tokenizer)

    @classmethod
    def load(cls, path: Path) -> Trained:
        state = torch.load(path, weights_only=True)
        model = LanguageModel(Shape(**state["shape"]))
        model.load_state_dict(state["model"])
        return cls(model, Tokenizer.from_str(state["tokenizer"]))


def train(
    classes: Mapping[str, Bytes],
    valid: Mapping[str, Bytes],
    shape: Shape,
    seconds: float,
    checkpoint: Path,
    say: Callable[[str], None],
    seed: int = 1,
    start: Trained | None = None,
    processes: int = 1,
) -> Trained:
    """Trains for ``seconds``; the checkpoint is written now and then, and at the end.

    With ``start`` that model is trained on, whatever the shape but for its context. A batch has BATCH windows
    of each process.
    """
    torch.manual_seed(seed)
    trained = (
        start.with_context(shape.context)
        if start
        else Trained(LanguageModel(shape), train_tokenizer(classes, shape.vocabulary, TOKENIZER_MEGABYTES))
    )
    tokens = [encode(trained.tokenizer, data, int(CLASS_MEGABYTES * 1e6))[0] for data in classes.values()]
    shares = np.array([WEIGHTS.get(name, 0.1) for name in classes])
    precision = faster_precision(torch.device("cpu"))
    course = Course(tokens, shares / shares.sum(), seconds, seed, precision)
    say(f"{sum(p.numel() for p in trained.model.parameters())} weights; {sum(map(len, tokens))} tokens")

    saved = average = 0.0
    with together.processes(processes, _help, trained.model, course):
        for step, (elapsed, loss) in enumerate(_steps(trained.model, course, 0), 1):
            average += (loss - average) / min(step, 50)
            if step % 50 == 0:
                say(f"{elapsed:.0f} s, batch {step}: {average:.4f} nats a token")
            if elapsed - saved > CHECKPOINT_SECONDS:
                trained.save(checkpoint)
                saved = elapsed
    trained.save(checkpoint)
    for name, data in valid.items():
        say(f"{name}: {bits_per_byte(trained, data):.4f} bits a byte")
    return trained


@dataclass(frozen=True)
class Course:
    """What a model is trained on: the tokens of each class and the part of the windows that are from it."""

    tokens: list[Tokens]
    shares: NDArray[np.float64]
    seconds: float
    seed: int
    precision: torch.dtype  # of products; processes must not differ in it

    def windows(self, rng: np.random.Generator, count: int, length: int) -> Tensor:
        """``count`` random windows of ``length`` tokens, each with the token that follows it."""
        found = []
        for kind in rng.choice(len(self.tokens), count, p=self.shares):
            at = int(rng.integers(0, len(self.tokens[kind]) - length - 1))
            found.append(self.tokens[kind][at : at + length + 1].astype(np.int64))
        return torch.from_numpy(np.stack(found))


def _help(rank: int, model: LanguageModel, course: Course) -> None:
    own = copy.deepcopy(model)  # what came here is the first process's memory
    for _ in _steps(own, course, rank):
        pass


def _steps(model: LanguageModel, course: Course, rank: int) -> Iterator[tuple[float, float]]:
    """Trains; yields after each batch the seconds so far and its loss, the same in every process."""
    keep_freed_memory()
    rng = np.random.default_rng([course.seed, rank])
    optimizers = Optimizers(model.parameters(), model.matrices(), RATES, course.precision)
    loss_in_steps = torch.compile(loss_of, dynamic=False) if course.seconds >= WORTH_COMPILING else loss_of
    began = time.monotonic()
    elapsed = 0.0
    while (part := elapsed / course.seconds) < 1:
        factor = min(1.0, part / WARMUP + 0.02, (1 - part) / DECAY + 0.01)
        cut = 2 if part < SHORT else 1
        windows = course.windows(rng, BATCH * cut, model.shape.context // cut)
        loss = loss_in_steps(model, windows, course.precision)
        loss.backward()
        elapsed, found = together.mean(model.parameters(), time.monotonic() - began, loss.item())
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizers.step(factor)
        yield elapsed, found


def loss_of(model: LanguageModel, windows: Tensor, precision: torch.dtype = torch.float32) -> Tensor:
    """The mean loss in nats for each token, with products in this precision."""
    with torch.autocast("cpu", torch.bfloat16, enabled=precision == torch.bfloat16):
        logits = model(windows[:, :-1])
    return functional.cross_entropy(logits.float().flatten(0, 1), windows[:, 1:].flatten())


def bits_per_byte(trained: Trained, data: Bytes) -> float:
    """Bits per byte of documents of a class, in windows that know nothing of one another."""
    tokens, size = encode(trained.tokenizer, data, int(VALID_MEGABYTES * 1e6))
    length = trained.model.shape.context
    windows = [
        torch.from_numpy(tokens[at : at + length + 1].astype(np.int64))[None]
        for at in range(0, len(tokens) - 1, length)
    ]
    with torch.no_grad():
        nats = sum(float(loss_of(trained.model, w)) * (w.shape[1] - 1) for w in windows if w.shape[1] > 1)
    return float(nats / math.log(2) / size)
