"""Every instruction set gives the bytes that scalar code gives, and restores them."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest
from support import TESTS

# Every component set and, by the golden cases, every profile with every kind of data, and networks.
SCRIPT = """
import hashlib, itertools, random, sys, nzip
from nzip import _native

sys.path.insert(0, sys.argv[1])
from support import golden_models
from support.engines import ENGINE
import make_golden

golden_models.unpack()
source = random.Random(7)
words = [source.randbytes(source.randrange(1, 9)) for _ in range(300)]
plain = {
    "text": b" ".join(source.choices(words, k=2000)),
    "records": b"".join(n.to_bytes(4, "little") + source.randbytes(1) + bytes(7) for n in range(900)),
    "runs": b"".join(bytes([source.randrange(4)]) * source.randrange(60) for _ in range(400)),
    "short": b"abc",
}
print(_native.simd_name())
for (name, data), level, lanes in itertools.product(plain.items(), (1, 2, 5, 8), (1, 2, 64)):
    packed = nzip.compress(data, level=level, lanes=lanes, model="none", prime="none")
    assert nzip.decompress(packed) == data
    print(name, level, lanes, len(packed), hashlib.sha256(packed).hexdigest())
prime = plain["text"] + bytes(1) + plain["runs"]
for profile in 1, 2, 3, 4:
    print(profile, hashlib.sha256(ENGINE.warm(profile, prime)).hexdigest())
for name, case in make_golden.CODED.items():
    packed = case.encode()
    restored = nzip.decompress(packed, prime=golden_models.PRIME, ref=golden_models.REFERENCE)
    assert restored == case.plain
    print(name, hashlib.sha256(packed).hexdigest())
"""


def run(simd: str, folder) -> list[str]:
    process = subprocess.run(
        [sys.executable, "-c", SCRIPT, str(TESTS)],
        cwd=folder,
        env={**os.environ, "NZIP_SIMD": simd},
        capture_output=True,
        text=True,
        check=False,
    )
    if f"NZIP_SIMD={simd} is not available" in process.stderr:
        pytest.skip(f"no {simd} here")
    assert process.returncode == 0, process.stderr
    name, *digests = process.stdout.splitlines()
    assert name == simd
    return digests


@pytest.fixture(scope="module")
def scalar(tmp_path_factory) -> list[str]:
    return run("scalar", tmp_path_factory.mktemp("scalar"))


@pytest.mark.parametrize("simd", ["avx2", "avx512", "neon"])
def test_same_bytes_as_scalar(simd, scalar, tmp_path):
    assert run(simd, tmp_path) == scalar
