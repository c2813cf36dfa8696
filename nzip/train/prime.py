"""Chooses the text of the shipped prime, and records what it makes of the engine's tables.

    python -m nzip.train.prime CORPUS PACKAGES      # writes nzip/data
    python -m nzip.train.prime --record             # after a change of the engine: only the checksums

CORPUS is the folder of the training corpus: `<class>.bin.xz`, each document preceded by a zero byte. Its
documents do not say where they come from, so only those are taken that are recognized as of a source
whose licence permits it. PACKAGES is a folder of source packages as distributions keep them
(`zlib_1.2.13.orig.tar.gz`); Python's standard library comes from the interpreter that runs this.

Pieces of about 2 KB are chosen (nzip/train/choosing.py); an n-gram weighs the more, the more documents of
each source have it. The best piece comes last, for what is learned last is not displaced.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import lzma
import random
from collections import Counter, defaultdict
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from nzip.engines import ENGINES
from nzip.format.checksum import checksum64
from nzip.train.choosing import TABLE_BITS, Grams, Weights, best_first, ngram_weights, ngrams, split
from nzip.train.prime_sources import Document, corpus_documents, package_documents, python_documents

DATA = Path(__file__).parents[1] / "data"
NUMBER = 1  # in the registry

# How much of the prime each class gets; chosen by the gain on the even half of the validation corpus.
SHARES = {
    "docs": 0.16,
    "prose": 0.27,
    "markup": 0.12,
    "tables": 0.05,
    "logs": 0.03,
    "multilingual": 0.08,
    "code": 0.23,
    "html": 0.06,
}
PIECE = 2048
MOST_OF_A_SOURCE = 2_000_000  # bytes of a source that are cut into pieces
MOST_OF_A_DOCUMENT = 32_768


@dataclass(frozen=True)
class Piece:
    document: int  # its number
    kind: str
    source: str
    licence: str
    text: bytes


def cut(documents: list[Document]) -> list[Piece]:
    """Pieces that end where a line does, from at most about MOST_OF_A_SOURCE bytes of each source."""
    by_source = defaultdict(list)
    for number, document in enumerate(documents):
        by_source[document.kind, document.source].append((number, document))
    pieces = []
    for _, group in sorted(by_source.items()):
        random.shuffle(group)
        size = 0
        for number, document in group:
            if size > MOST_OF_A_SOURCE:
                break
            text = document.text
            if len(text) > MOST_OF_A_DOCUMENT:
                start = random.randrange(len(text) - MOST_OF_A_DOCUMENT)
                text = text[start : start + MOST_OF_A_DOCUMENT]
                text = text[text.find(b"\n") + 1 :]
            for piece in split(text, PIECE):
                if len(piece) > 200:
                    pieces.append(Piece(number, document.kind, document.source, document.licence, piece))
                    size += len(piece)
    return pieces


def weights_by_source(pieces: list[Piece], grams: list[Grams]) -> Weights:
    weights = np.zeros(1 << TABLE_BITS, np.float32)
    by_source: dict[tuple[str, str], dict[int, list[Grams]]] = defaultdict(lambda: defaultdict(list))
    for piece, each in zip(pieces, grams, strict=True):
        by_source[piece.kind, piece.source][piece.document].append(each)
    for (kind, _), documents in by_source.items():
        weights += ngram_weights(documents.values()) * SHARES[kind]
    return weights


def choose(pieces: list[Piece], size: int) -> list[Piece]:
    """So many bytes of the best pieces, the best last."""
    grams = [ngrams(piece.text) for piece in pieces]
    left = {kind: size * share for kind, share in SHARES.items()}
    chosen = []
    for number in best_first(
        [piece.text for piece in pieces],
        grams,
        weights_by_source(pieces, grams),
        lambda number: left[pieces[number].kind] > 0,
    ):
        piece = pieces[number]
        chosen.append(piece)
        left[piece.kind] -= len(piece.text)
    return chosen[::-1]


def notice(pieces: list[Piece]) -> str:
    sizes: Counter[tuple[str, str]] = Counter()
    for piece in pieces:
        sizes[piece.source, piece.licence] += len(piece.text)
    width = max(len(source) for source, _ in sizes)
    lines = [f"{source:{width}}  {size:>9,}  {licence}" for (source, licence), size in sorted(sizes.items())]
    return "\n".join(
        [
            f"prime-{NUMBER}.xz, with which nzip warms its statistics, consists of pieces of about "
            f"{PIECE} bytes of",
            "these texts. Their bytes in all and the licence, under which they stay, stand behind them.",
            "",
            *lines,
            "",
        ]
    )


def record(text: bytes, file: str) -> None:
    """Writes the package's description of the prime, with checksums of the tables that it primes."""
    description = {
        "number": NUMBER,
        "file": file,
        "size": len(text),
        "sha256": hashlib.sha256(text).hexdigest(),
        "snapshots": {
            f"{entry.id}.{entry.revision}": {
                component_set: f"{checksum64(entry.warm(component_set, text)):016x}"
                for component_set in entry.component_sets
            }
            for entry in ENGINES.values()
        },
    }
    (DATA / "primes.json").write_text(json.dumps([description], indent=1) + "\n")


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("corpus", type=Path, nargs="?")
    parser.add_argument("packages", type=Path, nargs="?")
    parser.add_argument("--size", type=int, default=2_850_000, help="bytes of text")
    parser.add_argument("--record", action="store_true", help="only record the checksums of what is there")
    parser.add_argument("--text", type=Path, help="write the text here, and nothing else")
    arguments = parser.parse_args()
    path = DATA / f"prime-{NUMBER}.xz"
    if not arguments.record:
        random.seed(NUMBER)
        documents = [
            *corpus_documents(arguments.corpus, SHARES),
            *python_documents(),
            *package_documents(arguments.packages),
        ]
        chosen = choose(cut(documents), arguments.size)
        text = b"\0".join(piece.text for piece in chosen)
        if arguments.text:
            arguments.text.write_bytes(text)
            return
        filters = [{"id": lzma.FILTER_LZMA2, "preset": 9 | lzma.PRESET_EXTREME, "dict_size": 1 << 22}]
        path.write_bytes(lzma.compress(text, filters=filters))
        (DATA / "NOTICE").write_text(notice(chosen))
    record(lzma.decompress(path.read_bytes()), path.name)


if __name__ == "__main__":
    main()
