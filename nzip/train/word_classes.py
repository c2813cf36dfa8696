"""Classes of words that stand in the same company, for contexts (native/engine1/word_classes.inc).

The company of a word is what stands one and two words before and behind it. Its pointwise mutual
information with the word (positive part; Church and Hanks, 1990) is reduced to few dimensions by a
randomised singular value decomposition (Halko, Martinsson and Tropp, 2011), and words are clustered there
by spherical k-means, weighted by frequency.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from nzip.train.corpus import Bytes

Matrix = NDArray[np.float32]

MEGABYTES = {"prose": 40, "docs": 14, "markup": 10, "multilingual": 14}  # read of each class
PIECES = 4  # to a megabyte, spread evenly over the class
WORDS = 8000
COMPANIONS = 1500  # of the words, the most frequent, that others are judged by
CLASSES = 64
NEIGHBOUR, SECOND = 1.0, 0.35  # weight of a companion at a distance of one and of two words
DIMENSIONS = 64
OVERSAMPLING = 16
POWER_ITERATIONS = 4
ROUNDS = 40
_LEAST = 1e-9


def word_classes(classes: Mapping[str, Bytes]) -> list[list[bytes]]:
    """The most frequent words in CLASSES lists, each by falling frequency.

    A word is what the engine takes for one: letters and bytes above 127, capitals as small letters.
    """
    text = b"\0 \0".join(_pieces(classes)).lower()
    words = re.findall(rb"[a-z\x80-\xff]+", text)
    counts = Counter(words)
    frequent = [word for word, _ in counts.most_common(WORDS)]
    number = {word: i for i, word in enumerate(frequent)}
    sequence = np.array([number.get(word, len(frequent)) for word in words], np.int64)
    weights = np.sqrt([counts[word] for word in frequent])
    assigned = _cluster(_reduce(_company(sequence, len(frequent))), weights)
    return [[frequent[i] for i in np.flatnonzero(assigned == k)] for k in range(CLASSES)]


def write(path: Path, classes: list[list[bytes]]) -> None:
    """A C++ string for each class. Words that are no UTF-8 have no place in a source file."""
    with path.open("wb") as file:
        for words in classes:
            file.write(b'"%s",\n' % b" ".join(word for word in words if _is_utf8(word)))


def _is_utf8(word: bytes) -> bool:
    try:
        word.decode()
    except UnicodeDecodeError:
        return False
    return True


def _pieces(classes: Mapping[str, Bytes]) -> list[bytes]:
    pieces = []
    for name, megabytes in MEGABYTES.items():
        if name not in classes:
            continue
        step = len(classes[name]) // (megabytes * PIECES)
        length = min(step, 1_000_000 // PIECES)
        pieces += [classes[name][i * step : i * step + length].tobytes() for i in range(megabytes * PIECES)]
    return pieces


def _company(sequence: NDArray[np.int64], words: int) -> Matrix:
    """The positive pointwise mutual information of each word (a row) with each companion at each distance."""
    companions = min(COMPANIONS, words)
    counts = []
    for distance, weight in ((1, NEIGHBOUR), (2, SECOND)):
        earlier, later = sequence[:-distance], sequence[distance:]
        for word, companion in ((later, earlier), (earlier, later)):
            met = (word < words) & (companion < companions)
            cells = np.bincount(word[met] * companions + companion[met], minlength=words * companions)
            counts.append(weight * cells.reshape(words, companions).astype(np.float32))
    table = np.hstack(counts)
    expected = table.sum(1, keepdims=True) * table.sum(0, keepdims=True) / table.sum()
    information: Matrix = np.maximum(np.log(np.maximum(table / (expected + _LEAST), _LEAST)), 0)
    return information


def _reduce(information: Matrix) -> Matrix:
    """Each word as a direction in DIMENSIONS dimensions."""
    random = np.random.default_rng(1)
    basis = random.standard_normal((information.shape[1], DIMENSIONS + OVERSAMPLING)).astype(np.float32)
    for _ in range(POWER_ITERATIONS):
        basis, _ = np.linalg.qr(information.T @ np.linalg.qr(information @ basis)[0])
    left, values, _ = np.linalg.svd(information @ basis, full_matrices=False)
    places = (left * np.sqrt(values))[:, :DIMENSIONS]
    directions: Matrix = places / (np.linalg.norm(places, axis=1, keepdims=True) + _LEAST)
    return directions


def _cluster(directions: Matrix, weights: NDArray[np.float64]) -> NDArray[np.int64]:
    """The class of each word. The most frequent words are the first centres."""
    centres = directions[:CLASSES].copy()
    for _ in range(ROUNDS):
        assigned: NDArray[np.int64] = (directions @ centres.T).argmax(1)
        for k in np.unique(assigned):
            mean = weights[assigned == k] @ directions[assigned == k]
            centres[k] = mean / (np.linalg.norm(mean) + _LEAST)
    return assigned
