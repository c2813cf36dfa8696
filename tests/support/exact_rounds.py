"""Random models in integers, random data, both ways: python -m support.exact_rounds FOLDER SEED COUNT.

A line for each round says what came out, which must be the same with every instruction set. Each round has
another window, number of lanes, and number of threads in each direction.
"""

from __future__ import annotations

import hashlib
import io
import random
import sys
from pathlib import Path

from gguf import GGMLQuantizationType as Type

import nzip
from nzip.models import exact_language
from support import llama_files, samples
from support.language_models import TINY

MODELS = 6
KINDS = (Type.Q4_0, Type.Q4_1, Type.Q8_0, Type.F16, Type.Q4_K, Type.Q6_K)


def main(folder: Path, seed: int, count: int) -> None:
    models = [TINY, *(_model(folder, number) for number in range(MODELS))]
    for number in range(seed, seed + count):
        source = random.Random(number)
        exact_language.MAX_CONTEXT = source.choice((16, 17, 40, 64, 200))
        model, data, lanes = source.choice(models), _data(source), source.choice((1, 1, 2, 3, 8, 64))
        coded = nzip.compress(
            data, 1, model=model, prime="none", solid=1 << 16, lanes=lanes, threads=source.randint(1, 4)
        )
        if nzip.decompress(coded, model=model, threads=source.randint(1, 4)) != data:
            raise AssertionError(f"round {number}: {model.name}, {lanes} lanes, {len(data)} bytes")
        blocks = nzip.info(io.BytesIO(coded)).streams[0].blocks
        kinds = [int(e.kind) for block in blocks if (coding := block.header.coding) for e in coding.experts]
        print(number, hashlib.sha256(coded).hexdigest(), *kinds, flush=True)


def _model(folder: Path, number: int) -> Path:
    """With a vocabulary of pieces of text, which can be read in many ways."""
    path, source = folder / f"{number}.gguf", random.Random(number)
    if not path.exists():
        text = samples.words(3000) + samples.make_text(3000)
        pieces = {text[at : at + source.randint(2, 9)] for at in source.sample(range(len(text)), 300)}
        tokens = [*llama_files.TOKENS, *sorted(pieces - set(llama_files.TOKENS))]
        llama_files.write(path, KINDS[number % len(KINDS)], number, own_output=number % 2 == 1, tokens=tokens)
    return path


def _data(source: random.Random) -> bytes:
    """Text, repetitions and noise in pieces, some of which end in the middle of a word or character."""
    whole = samples.words(4000) + samples.make_text(4000) + "\u017elu\u0165 k\u016f\u0148 ".encode() * 50
    pieces: list[bytes] = []
    for _ in range(source.randint(1, 8)):
        at, size = source.randrange(len(whole)), source.randint(1, 250)
        pieces.append(
            source.choices(
                (whole[at : at + size], source.randbytes(size), b"".join(pieces)[-size:]), weights=(6, 1, 2)
            )[0]
        )
    return b"".join(pieces)[:1200]


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]))
