"""Writes networks and their predictions in the flat form that native/tests/network_vectors.cpp reads.

    python tests/make_network_vectors.py OUTPUT

The predictions are those of tests/support/reference_net.py. All numbers are little-endian:

    "NZW2", then for each network u32 architecture (1: glr1, 2: glr2), u32 channels, u32 layers,
    u32 lanes, u32 bytes of a lane, the tensors,
    the lanes' bytes, and for each position for each lane the u32 weights of the 256 byte values there
"""

from __future__ import annotations

import pathlib
import struct
import sys

from support.networks import random_network, random_tensors
from support.reference_net import network_weights
from support.samples import noise, words

# Architecture, channels, layers, kind of weights, lanes, bytes of each.
NETWORKS = [
    ("glr1", 32, 1, "sensible", 1, 1000),
    ("glr1", 32, 3, "any", 5, 40),
    ("glr1", 64, 2, "extreme", 2, 40),
    ("glr1", 96, 2, "sensible", 3, 70),
    ("glr1", 160, 8, "any", 1, 20),
    ("glr1", 384, 4, "sensible", 1, 70),
    ("glr1", 512, 2, "extreme", 1, 10),
    ("glr2", 32, 1, "any", 3, 300),
    ("glr2", 288, 5, "sensible", 1, 300),
]


def vector(architecture: str, channels: int, layers: int, kind: str, lanes: int, length: int) -> bytes:
    data = [(words(length * lanes) + noise(50))[-length * (lane + 1) :][:length] for lane in range(lanes)]
    shape = architecture, channels, layers
    weights = network_weights(random_tensors(*shape, kind), *shape, *data)
    head = struct.pack("<5I", int(architecture[-1]), channels, layers, lanes, length)
    raw = random_network(*shape, kind)
    return head + raw + b"".join(data) + weights.astype("<u4").tobytes()


if __name__ == "__main__":
    pathlib.Path(sys.argv[1]).write_bytes(b"NZW2" + b"".join(vector(*network) for network in NETWORKS))
