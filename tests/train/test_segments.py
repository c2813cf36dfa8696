import numpy as np
import pytest

from nzip import _native
from nzip.train.batches import Batches, input_rows
from nzip.train.corpus import read_classes, read_sources
from nzip.train.segments import LEAST, LONG, Segments

DOCUMENTS = [
    b"Document %d\n" % i + b"".join(b"line %d of %d\n" % (j, i) for j in range(i % 90)) for i in range(300)
]


def segments(seed=1, documents=DOCUMENTS):
    data = np.frombuffer(b"".join(b"\0" + each for each in documents), np.uint8)
    return Segments({"prose": data}, {"prose": 1.0}, np.random.default_rng(seed))


def test_segments_are_pieces_of_one_document():
    source, starts = segments(), 0
    for _ in range(400):
        piece = source.draw().tobytes()
        assert LEAST <= len(piece) <= LONG * 2
        plain = piece.replace(b"\r\n", b"\n")
        starts += plain.lower().startswith(b"document")
        assert any(plain in each or plain in each.upper() for each in DOCUMENTS)
        assert plain.lower().startswith((b"document", b"line"))
    assert 60 < starts < 300


def test_line_ends_and_capitals_are_varied():
    source = segments()
    pieces = [source.draw().tobytes() for _ in range(2000)]
    assert 0.06 < np.mean([b"\r\n" in piece for piece in pieces]) < 0.18
    assert 0.002 < np.mean([piece.isupper() for piece in pieces]) < 0.03


def test_the_same_seed_draws_the_same():
    a, b, c = segments(5), segments(5), segments(6)
    drawn = [[source.draw().tobytes() for _ in range(20)] for source in (a, b, c)]
    assert drawn[0] == drawn[1] != drawn[2]


def test_a_class_needs_a_weight():
    with pytest.raises(ValueError, match="logs"):
        Segments({"logs": np.zeros(9, np.uint8)}, {"prose": 1.0}, np.random.default_rng(1))


def test_lanes_are_segments_one_after_another():
    source = Batches(segments(3), lanes=2, steps=50)
    lanes = [[], []]
    for _ in range(20):
        batch = source.next()
        for lane, (rows, target, start) in enumerate(
            zip(batch.rows.view(2, 50, -1), batch.target.view(2, 50), batch.start, strict=True)
        ):
            lanes[lane] += zip(rows.numpy(), target.tolist(), start.tolist(), strict=True)
    for lane in lanes:
        cuts = [i for i, (_, _, start) in enumerate(lane) if start]
        assert cuts[0] == 0
        assert len(cuts) > 1
        for begin, end in zip(cuts, [*cuts[1:], len(lane)], strict=True):
            data = np.array([byte for _, byte, _ in lane[begin:end]], np.uint8)
            assert np.array_equal(input_rows(data), [rows for rows, _, _ in lane[begin:end]])


def test_rows_of_a_fresh_lane():
    first, second = np.frombuffer(_native.input_rows(b" A", "glr1"), np.int32).reshape(2, 11).tolist()
    assert first == [10, 10, 10, 10, 10, 10, 0, 0, 0, 0, first[10]]
    assert second == [32, 10, 10, 10, 32, 10, 1, 1, 0, 0, second[10]]


def test_class_files(class_files, tmp_path):
    assert set(read_classes([class_files])) == {"prose", "code"}
    assert set(read_classes([class_files / "code.bin"])) == {"code"}
    (source,) = read_sources([class_files])
    assert (source.kind, source.documents, source.bytes, source.licence) == ("prose", 200, 3000, "CC0-1.0")
    with pytest.raises(ValueError, match="two files of the class code"):
        read_classes([class_files, class_files / "code.bin"])
    (tmp_path / "none").mkdir()
    with pytest.raises(ValueError, match="no class files"):
        read_classes([tmp_path / "none"])
