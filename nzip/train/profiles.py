"""Trains the states that engines start from: the weights of the mixers and the adaptive maps.

The engine itself learns them, by compressing one document after another from fresh (or primed) tables, each
with what the documents before left behind. So a profile fits exactly the arithmetic that will use it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from nzip import _native
from nzip.models.network import Network
from nzip.models.store import Loaded
from nzip.pipeline.components import Components
from nzip.pipeline.primes import PrimeName, choose_prime
from nzip.train.corpus import Bytes

DOCUMENT_BYTES = 20_000  # of a document: a profile is for the start of a file
MIN_TABLE_LOG2 = 22  # enough for that


def documents(classes: Mapping[str, Bytes], part: int) -> Iterator[bytes]:
    """Every second document of each class, from number ``part`` (0 or 1) on, the classes mixed evenly."""
    lists = [array.tobytes().split(b"\0")[1:][part::2] for array in classes.values()]
    order = sorted((i / len(docs), number, i) for number, docs in enumerate(lists) for i in range(len(docs)))
    for _, number, i in order:
        if lists[number][i]:
            yield lists[number][i][:DOCUMENT_BYTES]


def train(
    component_set: int, network: Loaded[Network] | None, prime: PrimeName, classes: Mapping[str, Bytes]
) -> bytes:
    """The state after every first of two documents; the others are left for measuring."""
    state: bytes | None = None
    for document in documents(classes, 0):
        parts = Components(component_set, component_set, network, state, choose_prime(prime))
        engine = parts.engine(max(MIN_TABLE_LOG2, parts.min_table_log2))
        engine.encode(document, 1, _native.detect(document))
        state = engine.start()
    if state is None:
        raise ValueError("there are no documents to train on")
    return state
