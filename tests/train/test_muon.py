"""Muon: torch's own in bfloat16; near orthogonal steps in float32."""

from __future__ import annotations

import copy

import pytest

pytest.importorskip("torch")

import torch
from torch import nn

from nzip.train.muon import Muon, orthogonal

SHAPES = [(24, 24), (24, 64), (64, 24)]


@pytest.mark.parametrize("shape", SHAPES)
def test_bfloat16_is_that_of_torch(shape):
    torch.manual_seed(1)
    ours = nn.Parameter(torch.randn(shape))
    theirs = copy.deepcopy(ours)
    optimizers = [
        Muon([ours], torch.bfloat16, weight_decay=0.03),
        torch.optim.Muon([theirs], momentum=0.95, weight_decay=0.03, adjust_lr_fn="original"),
    ]
    for _ in range(3):
        ours.grad = torch.randn(shape)
        theirs.grad = ours.grad.clone()
        for optimizer in optimizers:
            optimizer.param_groups[0]["lr"] = 0.04
            optimizer.step()
    assert torch.equal(ours, theirs)
    states = [optimizer.state_dict()["state"][0]["momentum_buffer"] for optimizer in optimizers]
    assert torch.equal(*states)


@pytest.mark.parametrize("shape", SHAPES)
def test_float32_is_near_orthogonal(shape):
    torch.manual_seed(2)
    values = torch.linalg.svdvals(orthogonal(torch.randn(shape), torch.float32))
    assert values.min() > 0.3
    assert values.max() < 1.25


def test_what_has_no_gradient_stays():
    matrix = nn.Parameter(torch.ones(4, 4))
    Muon([matrix], torch.float32, weight_decay=0.1).step()
    assert torch.equal(matrix, torch.ones(4, 4))
