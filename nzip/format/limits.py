"""The limits of the container, version 1. docs/format/container.md states each of them."""

from __future__ import annotations

MAX_BLOCK = 1 << 30  # bytes of plaintext in a block
MAX_RUN = 1 << 31  # bytes that an engine codes in a solid run
MAX_REFERENCE = 1 << 28  # bytes of a reference, which counts towards MAX_RUN
MAX_BODY = 1 << 24  # bytes of a record's body
MAX_ENTRIES = 1 << 16  # of a list in a block header, of fields in a metadata record
MAX_SIZE = (1 << 63) - 1  # any other size or number
MAX_LANES = 1024
MIN_TABLE_LOG2, MAX_TABLE_LOG2 = 16, 34
MAX_PARAMETER = (1 << 32) - 1  # of a segment
MAX_PATH = (1 << 16) - 1  # bytes of a member's path, and of a symbolic link's target
MAX_PRIME = 16 << 20  # bytes of a prime's text
MAX_CONTEXT = 1 << 20  # tokens that a language model sees
MAX_MODEL_THREADS = 512  # that evaluate it
MAX_ENVIRONMENT = 1000  # bytes of the words for what evaluates a language model
