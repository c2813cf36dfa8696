"""nzip.open in text mode."""

import io
import random

import pytest

import nzip


@pytest.mark.parametrize("newline", [None, "", "\n", "\r\n"])
def test_text(newline):
    text = "Ἀρχή\nfin\r\nüçß\n" * 50
    stored, plain = io.BytesIO(), io.BytesIO()
    plain_text = io.TextIOWrapper(plain, "utf-16-le", newline=newline)
    plain_text.write(text)
    plain_text.flush()
    with nzip.open(stored, "wt", level=1, encoding="utf-16-le", newline=newline) as file:
        file.write(text)
    assert nzip.decompress(stored.getvalue()) == plain.getvalue()
    stored.seek(0)
    plain_text.seek(0)
    with nzip.open(stored, "rt", encoding="utf-16-le", newline=newline) as file:
        assert file.read() == plain_text.read()


def test_text_errors():
    stored = io.BytesIO(nzip.compress(b"a\xffb"))
    with nzip.open(stored, "rt", encoding="ascii", errors="replace") as file:
        assert file.read() == "a\ufffdb"
    stored.seek(0)
    with nzip.open(stored, "rt", encoding="ascii") as file, pytest.raises(UnicodeDecodeError):
        file.read()


def test_random_access_to_text():
    rows = [f"row {number}\n" for number in range(500)]
    stored = io.BytesIO(nzip.compress("".join(rows).encode(), level=1, block_size=300))
    with nzip.open(stored, "rt", encoding="utf-8") as file:
        places = []
        for _ in rows:
            places.append(file.tell())
            file.readline()
        for number in random.Random(1).sample(range(500), 20):
            file.seek(places[number])
            assert file.readline() == rows[number]
