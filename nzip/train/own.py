"""A profile of one's own: a prime that is chosen from samples, and the start that goes with it.

No start may be trained on what its prime holds: its mixers would trust the tables more than they ever can
again. So the samples are halved, and each half is trained on with a prime of the other. The prime that is
kept is of both.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from itertools import islice

from nzip.codecs.components import Components
from nzip.codecs.snapshots import Snapshot
from nzip.models.nzp import ANY_NETWORK, NO_NETWORK, Profile
from nzip.resources.primes import profile_prime
from nzip.train.choosing import best_first, ngram_weights, ngrams, split
from nzip.train.profiles import DOCUMENT_BYTES, shuffled, train

MOST_READ = 16 << 20  # bytes of samples
PART = 1 << 17  # bytes that are read or left out together
PIECE = 2048  # bytes of a piece, at most; a prime consists of pieces
TRAINED_DOCUMENTS, TRAINED_BYTES = 256, 1 << 19  # of each half of the samples, about


def read_samples(files: Sequence[tuple[str, int]]) -> list[bytes]:
    """The files, which are given with their sizes, as documents; large files in parts.

    Where the files have more than ``MOST_READ`` bytes, only every second, third ... part is read.
    """
    parts = ((path, start) for path, size in files for start in range(0, size, PART))
    stride = -(-sum(size for _, size in files) // MOST_READ)
    documents: list[bytes] = []
    for path, start in islice(parts, 0, None, max(1, stride)):
        with open(path, "rb") as file:
            file.seek(start)
            documents += split(file.read(PART), DOCUMENT_BYTES)
    return documents


def choose_text(documents: Sequence[bytes], size: int) -> bytes:
    """A prime of at most ``size`` bytes, the best piece last: what is learned last is not displaced."""
    pieces = [
        [piece for part in document.split(b"\0") for piece in split(part, PIECE)] for document in documents
    ]
    texts = [text for each in pieces for text in each]
    grams = [ngrams(text) for text in texts]
    numbers = iter(grams)
    weights = ngram_weights([list(islice(numbers, len(each))) for each in pieces if each])
    chosen: list[bytes] = []
    left = size + 1  # no zero byte before the first

    def fits(number: int) -> bool:
        return len(texts[number]) < left

    for number in best_first(texts, grams, weights, fits):
        chosen.append(texts[number])
        left -= len(texts[number]) + 1
    return b"\0".join(reversed(chosen))


def own_profile(
    parts: Components, documents: Sequence[bytes], size: int, progress: Callable[[int], None]
) -> Profile:
    """A profile for the component set and the network of ``parts``, trained on from where these start.

    The prime has at most ``size`` bytes. ``progress`` is told the bytes that were learned from, of
    ``trained_bytes``.
    """
    done = 0

    def counted(size: int) -> None:
        nonlocal done
        done += size
        progress(done)

    halves = documents[::2], documents[1::2]
    for primes, trains in halves, halves[::-1]:
        prime = profile_prime(choose_text(primes, size))
        with Snapshot(parts.entry, parts.component_set, prime).kept_in_memory():
            parts = train(replace(parts, prime=prime), shuffled(_some(trains)), counted)
    assert parts.start is not None
    return Profile(
        parts.component_set,
        parts.entry.revision,
        NO_NETWORK if parts.network is None else ANY_NETWORK,
        parts.start,
        {"recipe": f"{len(documents)} documents of one's own, {sum(map(len, documents))} bytes"},
        choose_text(documents, size),
    )


def trained_bytes(documents: Sequence[bytes]) -> int:
    """The bytes of documents that a start is trained on."""
    return sum(len(each) for half in (documents[::2], documents[1::2]) for each in _some(half))


def _some(documents: Sequence[bytes]) -> Sequence[bytes]:
    size = sum(map(len, documents))
    return documents[:: max(1, len(documents) // TRAINED_DOCUMENTS, size // TRAINED_BYTES)]
