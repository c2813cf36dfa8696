"""Primes that are in the file itself, before the blocks that start from them."""

from __future__ import annotations

from dataclasses import replace
from typing import NamedTuple

from nzip import _native
from nzip.errors import NzipChecksumError
from nzip.format.prime import StoredPrime, parse_prime
from nzip.format.registry import COMPONENT_HASH_SIZE
from nzip.options import EncodeOptions
from nzip.pipeline.coding import RunDecoder, RunEncoder
from nzip.pipeline.cost import block_cost
from nzip.pipeline.resolve import Encoding
from nzip.progress import Gauge
from nzip.resources.primes import Prime, text_prime
from nzip.tasks import run_task
from nzip.transforms.contract import Plain

_WARMING_SECONDS = 0.6e-6  # a byte, of the largest component set


class OwnPrime(NamedTuple):
    """A prime, and the record that holds it."""

    prime: Prime
    record: bytes


def make_own_prime(text: bytes, options: EncodeOptions | Encoding) -> OwnPrime:
    """A text as the prime of the file that is about to be written, coded at the level of the options."""
    if isinstance(options, Encoding):
        options = options.options
    alone = replace(options, model="none", prime="none", ref=None, block_size=len(text), solid=None, lanes=1)
    prime = text_prime(text)
    gauge = Gauge(len(text))
    header, payload = run_task(lambda: RunEncoder(alone).encode(Plain(text), gauge), gauge)
    stored = StoredPrime(bytes.fromhex(prime.digest), header, bytes(payload))
    return OwnPrime(prime, stored.encode())


def read_own_prime(body: bytes, memory_limit: int) -> OwnPrime:
    """The prime in a record, for the blocks of its file. It is decoded when one needs it, and checked then.

    Raises an NzipError when the record breaks a rule, needs what is not known here, or more memory.
    """
    stored = parse_prime(body)
    run = RunDecoder()
    memory = run.admit(stored.header, memory_limit)

    def text(stop: _native.Stop | None) -> bytes:
        import hashlib  # takes a while, and is seldom needed

        plain = run.decode(stored.header, stored.payload, Gauge(stored.header.plain_size, stop=stop))
        if hashlib.sha256(plain).digest() != stored.digest:
            raise NzipChecksumError("the prime in the file is not the one that it says")
        return plain

    component, size = stored.digest[:COMPONENT_HASH_SIZE], stored.header.plain_size
    seconds = block_cost(stored.header, run.size).seconds + _WARMING_SECONDS * size
    prime = Prime(component, stored.digest.hex(), size, {}, text, memory=memory, seconds=seconds)
    return OwnPrime(prime, stored.encode())
