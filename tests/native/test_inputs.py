"""The inputs of the network glr2: the native ones against those of the reference."""

import numpy as np
import pytest
from support.reference_inputs import Inputs

from nzip import _native

TABLES = 43


def rows_of(data: bytes, first: int = 0) -> np.ndarray:
    return np.frombuffer(_native.input_rows(data, "glr2", first), np.int32).reshape(-1, TABLES)


def samples() -> dict[str, bytes]:
    random = np.random.default_rng(11)
    words = [bytes(random.integers(97, 123, random.integers(1, 9)).astype(np.uint8)) for _ in range(60)]
    text = b" ".join(words[i].capitalize() if i % 7 == 0 else words[i] for i in random.zipf(1.3, 3000) % 60)
    table = b"".join(b'%d,%s;\t"%d"\n' % (i * 37, words[i % 60], i % 5) for i in range(500))
    return {
        "empty": b"",
        "short": b"abcab",
        "text": text.replace(b" q", b".\r\n  Q"),
        "table": table,
        "utf-8": "Zażółć gęślą jaźń, příliš žluťoučký kůň.\n".encode() * 40,
        "noise": bytes(random.integers(0, 256, 6000).astype(np.uint8)),
        "few values": bytes(random.integers(0, 3, 6000).astype(np.uint8)),
        "one value": bytes(70_000),
    }


@pytest.mark.parametrize("name", samples())
def test_the_reference_has_the_same_rows(name):
    data = samples()[name][:4000]
    lane, expected = Inputs(), []
    for byte in data:
        expected.append(lane.rows())
        lane.push(byte)
    assert rows_of(data).tolist() == expected


@pytest.mark.parametrize("first", [0, 1, 1000, 6000])
def test_rows_do_not_depend_on_what_follows_or_is_asked_for(first):
    data = samples()["noise"][:3000] * 2
    assert np.array_equal(rows_of(data, first), rows_of(data)[first:])
    assert np.array_equal(rows_of(data[:first]), rows_of(data)[:first])


def test_a_start_beyond_the_data_is_refused():
    with pytest.raises(ValueError, match="beyond"):
        rows_of(b"abc", 4)


def test_a_long_match_ends_in_the_last_class():
    row = rows_of(samples()["one value"])[-1]
    assert row[39] == 1 + 256 * 11
