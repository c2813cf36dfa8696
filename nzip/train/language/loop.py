"""Training: random windows of the classes' tokens, Muon for matrices, AdamW for the embedding and norms."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, replace
from pathlib import Path

import numpy as np
import torch
from tokenizers import Tokenizer
from torch import Tensor
from torch.nn import functional

from nzip.train.allocator import keep_freed_memory
from nzip.train.corpus import Bytes
from nzip.train.language.model import LanguageModel, Shape
from nzip.train.language.tokens import encode, train_tokenizer

BATCH = 4  # windows of the model's context
SHORT = 0.85  # the part of the budget in which these are cut in two: half as much attention for each token
WARMUP, DECAY = 0.01, 0.5  # parts of the budget
MATRIX_RATE, OTHER_RATE = 0.02, 0.004
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
) -> Trained:
    """Trains for so long; the checkpoint is written now and then, and at the end.

    With ``start`` that model is trained on, whatever the shape but for its context.
    """
    keep_freed_memory()
    torch.manual_seed(seed)
    rng = np.random.default_rng(seed)
    trained = (
        start.with_context(shape.context)
        if start
        else Trained(LanguageModel(shape), train_tokenizer(classes, shape.vocabulary, TOKENIZER_MEGABYTES))
    )
    model, tokenizer = trained.model, trained.tokenizer
    names = list(classes)
    tokens = [encode(tokenizer, classes[name], int(CLASS_MEGABYTES * 1e6))[0] for name in names]
    shares = np.array([WEIGHTS.get(name, 0.1) for name in names])
    shares /= shares.sum()
    say(f"{sum(p.numel() for p in model.parameters())} weights; {sum(map(len, tokens))} tokens")

    matrices = model.matrices()
    within = {id(matrix) for matrix in matrices}
    others = [p for p in model.parameters() if id(p) not in within]
    muon = torch.optim.Muon(matrices, lr=MATRIX_RATE, momentum=0.95, weight_decay=0.01)
    adamw = torch.optim.AdamW(others, lr=OTHER_RATE, betas=(0.9, 0.98), weight_decay=0.0)
    loss_in_steps = torch.compile(loss_of, dynamic=False) if seconds >= WORTH_COMPILING else loss_of
    began = saved = time.monotonic()
    step, average = 0, 0.0
    while (part := (time.monotonic() - began) / seconds) < 1:
        factor = min(1.0, part / WARMUP + 0.02, (1 - part) / DECAY + 0.01)
        cut = 2 if part < SHORT else 1
        length = model.shape.context // cut
        windows = []
        for kind in rng.choice(len(names), BATCH * cut, p=shares):
            at = int(rng.integers(0, len(tokens[kind]) - length - 1))
            windows.append(tokens[kind][at : at + length + 1].astype(np.int64))
        loss = loss_in_steps(model, torch.from_numpy(np.stack(windows)))
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        for optimizer, rate in ((muon, MATRIX_RATE), (adamw, OTHER_RATE)):
            for group in optimizer.param_groups:
                group["lr"] = rate * factor
            optimizer.step()
            optimizer.zero_grad()
        step += 1
        average += (loss.item() - average) / min(step, 50)
        if step % 50 == 0:
            say(f"{time.monotonic() - began:.0f} s, batch {step}: {average:.4f} nats a token")
        if time.monotonic() - saved > CHECKPOINT_SECONDS:
            trained.save(checkpoint)
            saved = time.monotonic()
    trained.save(checkpoint)
    for name, data in valid.items():
        say(f"{name}: {bits_per_byte(trained, data):.4f} bits a byte")
    return trained


def loss_of(model: LanguageModel, windows: Tensor) -> Tensor:
    with torch.autocast("cpu", torch.bfloat16):
        logits = model(windows[:, :-1])
    return functional.cross_entropy(logits.float().flatten(0, 1), windows[:, 1:].flatten())


def bits_per_byte(trained: Trained, data: Bytes) -> float:
    """Of a class's first documents, in windows that know nothing of one another."""
    tokens, size = encode(trained.tokenizer, data, int(VALID_MEGABYTES * 1e6))
    length = trained.model.shape.context
    windows = [
        torch.from_numpy(tokens[at : at + length + 1].astype(np.int64))[None]
        for at in range(0, len(tokens) - 1, length)
    ]
    with torch.no_grad():
        nats = sum(float(loss_of(trained.model, w)) * (w.shape[1] - 1) for w in windows if w.shape[1] > 1)
    return float(nats / math.log(2) / size)
