"""Small language models: what is written as GGUF is what was trained."""

from __future__ import annotations

import copy

import numpy as np
import pytest

pytest.importorskip("torch")
pytest.importorskip("tokenizers")
pytest.importorskip("gguf")

import torch
from support import language_models
from support.samples import words
from torch import distributed
from torch.nn.utils import parameters_to_vector

from nzip.format.language import Language
from nzip.train.language import gguf, together
from nzip.train.language.loop import Course, Trained, _steps, train
from nzip.train.language.model import LanguageModel, Shape


@pytest.mark.parametrize(("kind", "most"), [("f16", 0.05), ("q8_0", 0.3)])
def test_a_file_holds_the_model(tmp_path, kind, most):
    data = {"prose": np.frombuffer(b"\0" + words(4000) + b"\0" + words(5000), np.uint8)}
    checkpoint = tmp_path / "run.pt"
    train(data, data, Shape(300, 64, 192, 1, 2, 48), 1.0, checkpoint, lambda _: None)
    start = Trained.load(checkpoint)
    train(data, data, Shape(context=64), 0.5, checkpoint, lambda _: None, start=start, processes=2)
    trained = Trained.load(checkpoint)
    assert trained.model.shape == Shape(300, 64, 192, 1, 2, 64)
    gguf.write(tmp_path / "model.gguf", trained.model, trained.tokenizer, kind)

    model = language_models.load(str(tmp_path / "model.gguf"), 0)
    tokens = trained.tokenizer.encode(words(60).decode()).ids[:20]
    assert (
        b"".join(model.tokens[token] for token in tokens)
        == words(60)[: sum(len(model.tokens[t]) for t in tokens)]
    )
    session = model.session(Language(b"", 1, 48, 36, 32, 1, 0, 0, ""))
    session.begin(1)
    with torch.no_grad():
        expected = trained.model(torch.tensor([tokens]))[0].float().numpy()
    for token, logits in zip(tokens, expected, strict=True):
        [row] = session.evaluate([(0, 0, [token])])
        assert np.abs(np.frombuffer(row, np.float32) - logits).max() < most


def _difference(rank: int, start: LanguageModel, course: Course) -> float:
    """Between the processes' models, when each has trained."""
    model = copy.deepcopy(start)
    for _ in _steps(model, course, rank):
        pass
    most = parameters_to_vector(model.parameters()).detach()
    assert not torch.equal(most, parameters_to_vector(start.parameters()))
    least = most.clone()
    distributed.all_reduce(most, distributed.ReduceOp.MAX)
    distributed.all_reduce(least, distributed.ReduceOp.MIN)
    return float((most - least).max())


def _run(rank: int, start: LanguageModel, course: Course) -> None:
    _difference(rank, start, course)


def test_processes_keep_the_same_model():
    tokens = np.random.default_rng(1).integers(0, 300, 5000).astype(np.uint16)
    course = Course([tokens], np.ones(1), 1.0, 1, torch.float32)
    start = LanguageModel(Shape(300, 64, 192, 1, 2, 48))
    with together.processes(2, _run, start, course):
        assert _difference(0, start, course) == 0
