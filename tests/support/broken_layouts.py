"""Files of numbers whose headers lie or end early, and what must hold of whatever is read of them."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from itertools import pairwise

from nzip.codecs.layouts.table import read_layout
from nzip.format.cursor import ShortInputError


def broken(file: bytes, rounds: int, seed: int, values: Sequence[int]) -> Iterator[bytes]:
    """The file, cut in three of ten rounds, with up to three of its first bytes replaced by ``values``."""
    source = random.Random(seed)
    for _ in range(rounds):
        data = bytearray(file[: source.randint(0, len(file))] if source.random() < 0.3 else file)
        for _ in range(source.randint(0, 3)):
            if data:
                data[source.randrange(min(len(data), 400))] = source.choice(values)
        yield bytes(data)


def assert_extents_are_apart(data: bytes) -> None:
    try:
        extents = read_layout(memoryview(data))
    except ShortInputError:
        return
    assert all(first.end <= second.start for first, second in pairwise(extents))
