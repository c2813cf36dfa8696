"""Opening and closing what is packed ends within a moment when it is stopped, whatever it is."""

from __future__ import annotations

import hashlib
import time
import zlib

import pytest
from support.samples import noise, words
from support.stopping import PROMISED, seconds_after_stop

from nzip.format.registry import PackedFormatId
from nzip.transforms.contract import Plain
from nzip.transforms.unpack.deflate import Deflate
from nzip.transforms.unpack.gif import Gif
from nzip.transforms.unpack.png import SIGNATURE, Png
from nzip.transforms.unpack.table import Table
from nzip.transforms.unpack.transform import Unpack

pytestmark = pytest.mark.skipif(
    not hasattr(time, "pthread_getcpuclockid"), reason="the clocks of other threads"
)

# Thousands of places have the same three bytes, and an encoder looks at all of them.
CHAINS = b"".join(b"aaa" + hashlib.sha256(b"%d" % i).digest()[:1] for i in range(1 << 17))
DEFLATED = zlib.compress(CHAINS, 9)[2:]
SIZE = 1 << 22


def again(work):
    return lambda stop: [work(stop) for _ in range(1000)]


def many_streams():
    """A block of as many streams as a tree may have."""
    content, count = words(300), 65_000
    opened = Deflate().open(zlib.compress(content, 9)[2:], 0, 1 << 20, None)
    table = Table(
        [count] + [0] * count,
        [0] + [len(content)] * count,
        [0] + [1] * count,
        [0] * count,
        [PackedFormatId.DEFLATE] * count,
        [len(opened.residue)] * count,
        [1] * count,
    )
    return table.encode() + opened.residue * count + content * count, opened.size * count


OPENED = Deflate().open(DEFLATED, 0, len(CHAINS), None)
ANYTHING = Plain(noise(SIZE) + DEFLATED + words(SIZE))
ROWS = bytes(3), words(3) * SIZE
MANY, MANY_SIZE = many_streams()
# A picture in which an encoder cleared its table after each code: 9 bits for 256, and 9 for a pixel.
CLEARS = b"".join(
    bytes([255]) + piece for piece in [(0b000000001_100000000).to_bytes(3, "little") * 85] * (SIZE // 255)
)


@pytest.mark.parametrize(
    "work",
    [
        pytest.param(again(lambda stop: Deflate().open(DEFLATED, 0, 1 << 30, stop)), id="open deflate"),
        pytest.param(
            again(lambda stop: Deflate().close([OPENED.contents[0].data], OPENED.residue, stop)),
            id="close deflate",
        ),
        pytest.param(
            again(lambda stop: Png().close(ROWS, b"\x78\x9c\x01\x00\x00\x06", stop)), id="close PNG"
        ),
        pytest.param(
            again(lambda stop: list(Png().find((SIGNATURE + bytes(1000)) * 4096, stop))), id="find PNG"
        ),
        pytest.param(again(lambda stop: Gif().open(b"\x08" + CLEARS + b"\0", 0, SIZE, stop)), id="open GIF"),
        pytest.param(again(lambda stop: Unpack().inverse(MANY, MANY_SIZE, stop)), id="a tree"),
        pytest.param(again(lambda stop: Unpack().find(ANYTHING, stop)), id="find"),
    ],
)
def test_it_ends(work):
    assert seconds_after_stop(work) < PROMISED
