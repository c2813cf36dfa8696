import re
from pathlib import Path

import numpy as np
import pytest

from nzip.train import word_classes as module
from nzip.train.word_classes import CLASSES, WORDS, word_classes, write

SHIPPED = Path(__file__).parents[2] / "native" / "cm" / "word_classes.inc"


def test_words_in_the_same_company_share_a_class(monkeypatch):
    monkeypatch.setattr(module, "CLASSES", 2)
    monkeypatch.setattr(module, "WORDS", 8)
    animals, verbs, share = (
        ["cat", "dog", "horse", "cow"],
        ["sees", "hears", "likes", "hunts"],
        [0.7, 0.1, 0.1, 0.1],
    )
    random = np.random.default_rng(1)
    first, verb, second = (random.choice(words, 4000, p=share) for words in (animals, verbs, animals))
    text = "".join(f"{a} {v} {b}. " for a, v, b in zip(first, verb, second, strict=True))
    found = word_classes({"prose": np.frombuffer(text.encode(), np.uint8)})
    assert sorted(sorted(words) for words in found) == sorted(
        sorted(word.encode() for word in words) for words in (animals, verbs)
    )


def test_a_word_that_is_no_utf8_is_not_written(tmp_path):
    write(tmp_path / "classes", [[b"a", b"caf\xe9"], ["caf\u00e9".encode()]])
    assert (tmp_path / "classes").read_text("utf-8") == '"a",\n"caf\u00e9",\n'


@pytest.mark.skipif(not SHIPPED.exists(), reason="needs a checkout")
def test_shipped_classes():
    lines = SHIPPED.read_bytes().splitlines()
    assert len(lines) == CLASSES
    words = b" ".join(line[1:-2] for line in lines).split(b" ")
    assert len(words) == len(set(words)) <= WORDS
    assert all(re.fullmatch(rb"[a-z\x80-\xff]+", word) for word in words)
