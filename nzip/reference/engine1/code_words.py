"""Machine code in words of 32 bits (docs/format/engine1/code.md, Words of 32 bits)."""

from __future__ import annotations

from numba import njit

AT, PART, WORDS = 0, 1, 2
NUMBERS = 10


@njit(cache=True)
def take_words(s, c):
    s[PART] = s[PART] << 8 | c
    s[AT] += 1
    if s[AT] == 4:
        for i in range(7, 0, -1):
            s[WORDS + i] = s[WORDS + i - 1]
        s[WORDS] = s[PART]
        s[AT] = s[PART] = 0
