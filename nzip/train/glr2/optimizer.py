"""Muon for the matrices within the network, Adam's step for the other dense parameters."""

from __future__ import annotations

import math

import torch
from torch import Tensor

from nzip.train.glr2.network import Network
from nzip.train.muon import CUBIC, ITERATIONS, LINEAR, MOMENTUM, QUINTIC


class Optimizer:
    """Of all parameters but the tables', which learn in one pass over the rows of a batch (kernels.cpp)."""

    def __init__(self, network: Network, matrix_decay: float = 0.03) -> None:
        self.network, self.matrix_decay = network, matrix_decay
        self.mean = {name: torch.zeros_like(value) for name, value in network.parameters().items()}
        self.square = {name: torch.zeros_like(network.parameters()[name]) for name in ("wo", "bo", "b")}
        self.steps = 0

    @torch.no_grad()
    def step(self, gradients: dict[str, Tensor], matrix_rate: float, other_rate: float) -> None:
        self.steps += 1
        parameters = self.network.parameters()
        for name in ("w1", "w2"):
            value, gradient = parameters[name], gradients[name]
            mean = self.mean[name].lerp_(gradient, 1 - MOMENTUM)
            step = orthogonal(gradient.lerp(mean, MOMENTUM))
            value.mul_(1 - matrix_rate * self.matrix_decay)
            value.add_(step, alpha=-matrix_rate * math.sqrt(max(1, value.shape[1] / value.shape[2])))
        first, second = 0.9, 0.98
        for name, square in self.square.items():
            gradient = gradients[name]
            mean = self.mean[name].lerp_(gradient, 1 - first)
            square.lerp_(gradient.square(), 1 - second)
            bottom = (square / (1 - second**self.steps)).sqrt_().add_(1e-8)
            parameters[name].addcdiv_(mean, bottom, value=-other_rate / (1 - first**self.steps))


def orthogonal(matrices: Tensor) -> Tensor:
    """A stack of matrices, each with its singular vectors, and singular values of about 0.7 to 1.2."""
    tall = matrices.shape[1] > matrices.shape[2]
    x = (matrices.mT if tall else matrices).bfloat16()
    x = x / x.float().flatten(1).norm(dim=1).clamp_min(1e-12).bfloat16()[:, None, None]
    for _ in range(ITERATIONS):
        gram = x @ x.mT
        x = torch.baddbmm(x, torch.baddbmm(gram, gram, gram, beta=CUBIC, alpha=QUINTIC), x, beta=LINEAR)
    return x.mT.float() if tall else x.float()
