"""A prime, and a text that is like it."""

from __future__ import annotations

from support.samples import TEXT, words

PRIME = words(3000) + b"\0" + TEXT[:300] + b"\0\0" + b"def prime(self):\n    return None\n"
PLAIN = words(9000)[4000:] + b"def other(self):\n    return None\n"
