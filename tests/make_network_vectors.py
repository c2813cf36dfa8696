"""Writes networks and their predictions in the flat form that native/tests/network_vectors.cpp reads.

    python tests/make_network_vectors.py OUTPUT

The predictions are those of tests/support/reference_net.py. All numbers are little-endian:

    "NZW1", then for each network u32 channels, u32 layers, u32 lanes, u32 bytes of a lane, the tensors,
    the lanes' bytes, and for each position for each lane the u32 weights of the 256 byte values there
"""

from __future__ import annotations

import pathlib
import struct
import sys

import numpy as np
from support.networks import random_network, random_tensors
from support.reference_net import network_weights
from support.samples import noise, words

# Channels, layers, kind of weights, lanes, bytes of each.
NETWORKS = [
    (32, 1, "sensible", 1, 1000),
    (32, 3, "any", 5, 40),
    (64, 2, "extreme", 2, 40),
    (96, 2, "sensible", 3, 70),
    (160, 8, "any", 1, 20),
    (384, 4, "sensible", 1, 70),
    (512, 2, "extreme", 1, 10),
]


def vector(channels: int, layers: int, kind: str, lanes: int, length: int) -> bytes:
    data = [(words(length * lanes) + noise(50))[-length * (lane + 1) :][:length] for lane in range(lanes)]
    tensors = random_tensors(channels, layers, kind)
    weights = np.stack([network_weights(tensors, channels, layers, lane) for lane in data], axis=1)
    head = struct.pack("<4I", channels, layers, lanes, length)
    raw = random_network(channels, layers, kind)
    return head + raw + b"".join(data) + weights.astype("<u4").tobytes()


if __name__ == "__main__":
    pathlib.Path(sys.argv[1]).write_bytes(b"NZW1" + b"".join(vector(*network) for network in NETWORKS))
