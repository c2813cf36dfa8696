"""The range coder: the native one against the readable one, the ideal code length, the last byte."""

from __future__ import annotations

import math
import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nzip.coder import RangeDecoder, RangeEncoder, reference

BIT = st.tuples(
    st.integers(0, 1), st.integers(1, (1 << 32) - 1) | st.sampled_from([1, 1 << 10, (1 << 32) - 1])
)


def interval(total_log2: int) -> st.SearchStrategy[tuple[int, int, int]]:
    total = 1 << total_log2
    return st.integers(0, total - 1).flatmap(
        lambda low: st.tuples(
            st.just(low), st.integers(1, min(total - low, (1 << 32) - 1)), st.just(total_log2)
        )
    )


SYMBOL = st.sampled_from([1, 8, 24, 32]).flatmap(interval)


def encode(encoder: RangeEncoder | reference.RangeEncoder, decisions: list[tuple[int, ...]]) -> bytes:
    for decision in decisions:
        if len(decision) == 2:
            encoder.encode_bit(*decision)
        else:
            encoder.encode_symbol(*decision)
    return encoder.finish()


@settings(max_examples=300)
@given(st.lists(BIT | SYMBOL, max_size=60))
def test_native_and_reference_agree_both_ways(decisions: list[tuple[int, ...]]) -> None:
    coded = encode(reference.RangeEncoder(), decisions)
    assert encode(RangeEncoder(1000), decisions) == coded
    for decoder in RangeDecoder(coded), reference.RangeDecoder(coded):
        for decision in decisions:
            if len(decision) == 2:
                assert decoder.decode_bit(decision[1]) == decision[0]
            else:
                cumulative, frequency, total_log2 = decision
                assert cumulative <= decoder.peek(total_log2) < cumulative + frequency
                decoder.consume(*decision)
        assert not decoder.exhausted


@pytest.mark.parametrize("p", [0.5, 0.9, 0.999, 1 - 2.0**-16, 1 - 2.0**-22])
def test_loss_against_the_ideal_code_length(p: float) -> None:
    p1 = round(p * (1 << 32))
    rng = random.Random(1)
    encoder, ideal = RangeEncoder(1 << 20), 0.0
    for _ in range(300_000):
        bit = int(rng.random() < p)
        encoder.encode_bit(bit, p1)
        ideal -= math.log2(p1 / 2**32 if bit else 1 - p1 / 2**32)
    assert 8 * len(encoder.finish()) <= ideal * 1.0001 + 16


def test_loss_of_symbols_at_24_bit_totals() -> None:
    rng = random.Random(2)
    encoder, ideal = RangeEncoder(1 << 20), 0.0
    for _ in range(100_000):
        frequency = 1 << rng.randrange(24)
        encoder.encode_symbol(rng.randrange((1 << 24) - frequency + 1), frequency, 24)
        ideal += 24 - math.log2(frequency)
    assert 8 * len(encoder.finish()) <= ideal * 1.0001 + 16


def test_symbols_cost_what_constriction_needs() -> None:
    constriction = pytest.importorskip("constriction")
    numpy = pytest.importorskip("numpy")
    rng = numpy.random.default_rng(3)
    weights = rng.random(1000) ** 8 + 1e-4
    probabilities = weights / weights.sum()
    symbols = rng.choice(1000, size=50_000, p=probabilities).astype(numpy.int32)
    oracle = constriction.stream.queue.RangeEncoder()
    oracle.encode(symbols, constriction.stream.model.Categorical(probabilities, perfect=False))
    frequencies = numpy.maximum(1, numpy.floor(probabilities * ((1 << 24) - 1000))).astype(int)
    frequencies[frequencies.argmax()] += (1 << 24) - frequencies.sum()
    cumulative = numpy.concatenate([[0], frequencies.cumsum()])
    encoder = RangeEncoder(1 << 20)
    for symbol in symbols.tolist():
        encoder.encode_symbol(int(cumulative[symbol]), int(frequencies[symbol]), 24)
    assert len(encoder.finish()) <= 4 * oracle.num_words() * 1.0001 + 8


def test_a_sure_decision_costs_next_to_nothing() -> None:
    encoder = RangeEncoder(1000)
    for _ in range(8_000_000 // 16):
        encoder.encode_bit(0, 1 << 10)
    assert len(encoder.finish()) <= 16


def test_carry_runs_through_bytes_of_all_ones() -> None:
    decisions = [((1 << 32) - 1, 1, 32)] * 20 + [(1, 1, 1)] * 3
    coded = encode(reference.RangeEncoder(), decisions)
    assert encode(RangeEncoder(1000), decisions) == coded


def test_impossible_decisions_are_refused() -> None:
    encoder = RangeEncoder(10)
    for call in (
        lambda: encoder.encode_bit(1, 0),
        lambda: encoder.encode_symbol(0, 0, 24),
        lambda: encoder.encode_symbol(1 << 24, 1, 24),
        lambda: encoder.encode_symbol(0, 1, 33),
    ):
        with pytest.raises(ValueError, match=r"probability|interval"):
            call()


def test_capacity_is_a_bound() -> None:
    encoder = RangeEncoder(3)
    for _ in range(100):
        encoder.encode_bit(1, 1 << 31)
    with pytest.raises(ValueError, match="capacity"):
        encoder.finish()


def test_cut_bytes_exhaust_the_decoder() -> None:
    encoder = RangeEncoder(1000)
    for i in range(1000):
        encoder.encode_bit(i % 3 == 0, 1 << 31)
    decoder = RangeDecoder(encoder.finish()[:50])
    for _ in range(1000):
        decoder.decode_bit(1 << 31)
    assert decoder.exhausted
