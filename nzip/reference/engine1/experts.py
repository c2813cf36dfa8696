"""Opinions of networks, learner and language model on a bit (docs/format/engine1/experts.md)."""

from __future__ import annotations

import numpy as np
from numba import njit

from nzip.reference.engine1.hashes import held
from nzip.reference.engine1.tables import ln, squash16


@njit(cache=True)
def grow(weights, tree):
    """The sums of a tree from its 256 weights; tree[0] is the top."""
    tree[256:] = weights
    for n in range(255, 0, -1):
        tree[n] = tree[2 * n] + tree[2 * n + 1]
    tree[0] = np.argmax(weights)


@njit(cache=True)
def opinion_of(tables, tree, node):
    return held((ln(tables, tree[2 * node + 1]) - ln(tables, tree[2 * node]) + 8) >> 4, 2047)


@njit(cache=True)
def second_input(tables, opinion):
    return (squash16(tables, opinion) - 32768) >> 6


@njit(cache=True)
def class_of(opinion):
    return (opinion + 2048) >> 7


@njit(cache=True)
def is_alive(byte, so_far, bits):
    """Whether the bits so far, behind a leading 1, are those of a byte."""
    return so_far == (256 | byte) >> (8 - bits)
