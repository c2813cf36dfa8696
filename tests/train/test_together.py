"""Processes that train together take the mean of their gradients."""

from __future__ import annotations

import pytest

pytest.importorskip("torch")

import torch
from torch import nn

from nzip.train.language import together


def _gradients(rank: int, layer: nn.Linear) -> list[float]:
    own = nn.Linear(3, 2, bias=False)
    own.load_state_dict(layer.state_dict())
    own(torch.tensor([1.0 + rank, 2.0, 3.0 * rank])).sum().backward()
    numbers = together.mean(own.parameters(), 10.0 * rank)
    layer.weight.grad = own.weight.grad
    return numbers


def _work(rank: int, layer: nn.Linear) -> None:
    _gradients(rank, layer)


def test_the_mean_of_three():
    layer = nn.Linear(3, 2, bias=False)
    with together.processes(3, _work, layer):
        assert _gradients(0, layer) == [10.0]
    assert layer.weight.grad.tolist() == [[2.0, 2.0, 3.0]] * 2
    assert not torch.distributed.is_initialized()


def test_one_alone():
    layer = nn.Linear(3, 2, bias=False)
    with together.processes(1, _work, layer):
        assert _gradients(0, layer) == [0.0]
    assert layer.weight.grad.tolist() == [[1.0, 2.0, 0.0]] * 2


def _die(rank: int) -> None:
    raise SystemExit(rank)


def test_one_that_ends_ends_all():
    threads = torch.get_num_threads()
    layer = nn.Linear(3, 2, bias=False)
    with pytest.raises(ChildProcessError, match="trained along"), together.processes(2, _die):
        _gradients(0, layer)
    assert torch.get_num_threads() == threads


def test_one_that_never_comes(monkeypatch):
    monkeypatch.setattr(together, "_join", _die_at_once)
    with pytest.raises(ChildProcessError, match="was to train along"), together.processes(3, _work):
        pytest.fail("they cannot have met")


def _die_at_once(*_: object) -> None:
    raise SystemExit(3)
