"""Chooses the best pieces of many documents: those that say what the others will say again.

Pieces are chosen greedily by the weight of the n-grams in them that are not covered yet. An n-gram weighs the
more, the more documents have it, and the less, the more often it was taken: what one document alone says is
worth nothing.
"""

from __future__ import annotations

import heapq
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, TypeAlias

from nzip.numerics import np

if TYPE_CHECKING:
    from numpy.typing import NDArray

ORDER = 6  # of the n-grams
FADING = 0.5  # an n-gram's weight is multiplied with this each time that it is taken
TABLE_BITS = 22  # of the n-grams' hashes
PIECE_COST = 40  # bytes that a piece is taken to cost beside its own bytes

Grams: TypeAlias = "NDArray[np.uint32]"
Weights: TypeAlias = "NDArray[np.float32]"


def split(text: bytes, most: int) -> Iterator[bytes]:
    """Pieces of at most ``most`` bytes, which end at a line's end where there is one in the second half."""
    start = 0
    while start < len(text):
        end = start + most
        if end < len(text):
            end = text.rfind(b"\n", start + most // 2, end) + 1 or end
        yield text[start:end]
        start = end


def ngrams(text: bytes) -> Grams:
    """The hashes of a text's n-grams, each once."""
    values = np.frombuffer(text, np.uint8).astype(np.uint64)
    hashes = np.zeros(max(0, len(values) - ORDER + 1), np.uint64)
    for i in range(ORDER):
        hashes = hashes * np.uint64(0x100000001B3) + values[i : i + len(hashes)]
    hashes = hashes * np.uint64(0x9E3779B97F4A7C15) >> np.uint64(64 - TABLE_BITS)
    return np.unique(hashes.astype(np.uint32))


def ngram_weights(documents: Iterable[Sequence[Grams]]) -> Weights:
    """The weight of each n-gram, by the number of documents that have it, from two documents on.

    A document is given as the n-grams of its pieces.
    """
    frequency = np.zeros(1 << TABLE_BITS, np.float32)
    for grams in documents:
        frequency[np.unique(np.concatenate(grams))] += 1
    frequency[frequency < 2] = 0
    return np.sqrt(frequency)


def best_first(
    texts: Sequence[bytes], grams: Sequence[Grams], weights: Weights, may_take: Callable[[int], bool]
) -> Iterator[int]:
    """The numbers of the pieces to take: always the one that adds most to those taken before.

    Lowers the weights of n-grams that were taken. ``may_take`` says whether a piece still fits.
    """

    def worth(number: int) -> float:
        return float(weights[grams[number]].sum()) / (len(texts[number]) + PIECE_COST)

    heap = [(-worth(number), number) for number in range(len(texts))]
    heapq.heapify(heap)
    while heap:
        _, number = heapq.heappop(heap)
        if not may_take(number):
            continue
        now = worth(number)  # less than before, if n-grams of it were taken meanwhile
        if heap and now * 1.0001 < -heap[0][0]:
            heapq.heappush(heap, (-now, number))
            continue
        yield number
        weights[grams[number]] *= FADING
