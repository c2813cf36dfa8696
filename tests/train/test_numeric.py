"""The documents of other kinds than text that starts are trained on."""

from __future__ import annotations

from itertools import islice

from nzip import _native
from nzip.format.registry import SegmentKind
from nzip.train import numeric


def made() -> list[bytes]:
    """Those that do not depend on the machine."""
    return list(islice(numeric.documents(), 25))


def test_they_are_the_same_each_time():
    once = made()
    assert once == made()
    assert all(20_000 < len(document) <= numeric.DOCUMENT_BYTES for document in once)


def test_they_are_of_the_kinds_that_starts_have_weights_for():
    kinds = {kind for each in made() for kind, _, size in _native.detect(each) if size > 1000}
    assert {SegmentKind.RECORDS, SegmentKind.BILEVEL, SegmentKind.SAMPLES} <= kinds
    assert SegmentKind.TEXT not in kinds
