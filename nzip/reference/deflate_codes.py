"""Codes of a deflate block as zlib makes them (docs/format/deflate.md, Codes)."""

from __future__ import annotations

from collections.abc import Sequence

from nzip.errors import NzipFormatError

ORDER = [16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15]
"""Of the lengths of the code for the runs."""

EXTRA = {16: 2, 17: 3, 18: 7}
LEAST = {16: 3, 17: 3, 18: 11}

Run = tuple[int, int]
"""A symbol of the code for the runs, and how many lengths it stands for."""


def code_lengths(counts: Sequence[int], most: int) -> list[int]:
    """The length of each symbol's code, 0 for none."""
    count = dict(enumerate(counts))
    heap = [symbol for symbol in count if count[symbol]]
    last = heap[-1] if heap else -1
    while len(heap) < 2:
        last, added = (last + 1, last + 1) if last < 2 else (last, 0)
        heap.append(added)
        count[added] = 1
    depth = dict.fromkeys(count, 0)
    parent: dict[int, int] = {}
    taken: list[int] = []

    def smaller(x: int, y: int) -> bool:
        return (count[x], depth[x]) <= (count[y], depth[y])

    def sink(at: int) -> None:
        node = heap[at]
        while (child := 2 * at + 1) < len(heap):
            if child + 1 < len(heap) and smaller(heap[child + 1], heap[child]):
                child += 1
            if smaller(node, heap[child]):
                break
            heap[at] = heap[child]
            at = child
        heap[at] = node

    for at in reversed(range(len(heap) // 2)):
        sink(at)
    node = len(counts)
    while len(heap) > 1:
        first = heap[0]
        heap[0] = heap.pop()
        sink(0)
        second = heap[0]
        taken += first, second
        count[node] = count[first] + count[second]
        depth[node] = max(depth[first], depth[second]) + 1
        parent[first] = parent[second] = heap[0] = node
        sink(0)
        node += 1
    return _lengths(taken, parent, heap[0], len(counts), most)


def _lengths(taken: list[int], parent: dict[int, int], root: int, symbols: int, most: int) -> list[int]:
    length = {root: 0}
    having = [0] * (most + 1)
    too_long = 0
    for node in reversed(taken):
        length[node] = length[parent[node]] + 1
        if length[node] > most:
            length[node] = most
            too_long += 1
        if node < symbols:
            having[length[node]] += 1
    leaves = [node for node in taken if node < symbols]
    if too_long:
        for _ in range((too_long + 1) // 2):
            longest = most - 1
            while not having[longest]:
                longest -= 1
            having[longest] -= 1
            having[longest + 1] += 2
            having[most] -= 1
        given = iter(leaves)
        for bits in range(most, 0, -1):
            for _ in range(having[bits]):
                length[next(given)] = bits
    lengths = [0] * symbols
    for leaf in leaves:
        lengths[leaf] = length[leaf]
    return lengths


def runs(lengths: Sequence[int]) -> list[Run]:
    """How the lengths of one code are written."""
    written: list[Run] = []
    before = -1
    at = 0
    while at < len(lengths):
        length = lengths[at]
        most = 138 if length == 0 else 6 if length == before else 7
        n = 1
        while n < most and at + n < len(lengths) and lengths[at + n] == length:
            n += 1
        at += n
        if n < 3 or (n < 4 and length not in (0, before)):
            written += [(length, 1)] * n
        elif length == 0:
            written.append((17 if n <= 10 else 18, n))
        else:
            if length != before:
                written.append((length, 1))
                n -= 1
            written.append((16, n))
        before = length
    return written


def codes(lengths: Sequence[int]) -> list[tuple[int, int]]:
    """(bits, length) of each symbol, the bits in the order in which they are written, lowest first."""
    code, found = 0, [(0, 0)] * len(lengths)
    for bits in range(1, max(lengths, default=0) + 1):
        code <<= 1
        for symbol, length in enumerate(lengths):
            if length == bits:
                found[symbol] = int(format(code, f"0{bits}b")[::-1], 2), bits
                code += 1
        if code > 1 << bits:
            raise NzipFormatError("more codes than there is room for")
    return found
