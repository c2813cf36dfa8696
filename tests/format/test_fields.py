"""Single fields of the container."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nzip.errors import NzipFormatError
from nzip.format.cursor import Cursor, ShortInputError
from nzip.format.fields import encode_component, encode_varint
from nzip.format.limits import MAX_SIZE


@given(st.integers(0, MAX_SIZE))
def test_varint_round_trip(value):
    cursor = Cursor(encode_varint(value))
    assert cursor.varint() == value
    assert cursor.remaining == 0


@pytest.mark.parametrize(
    ("value", "coded"),
    [(0, "00"), (127, "7f"), (128, "8001"), (16383, "ff7f"), (MAX_SIZE, "ffffffffffffffff7f")],
)
def test_varint_bytes(value, coded):
    assert encode_varint(value).hex() == coded


@pytest.mark.parametrize("value", [-1, MAX_SIZE + 1])
def test_varint_range(value):
    with pytest.raises(ValueError, match="does not fit"):
        encode_varint(value)


@pytest.mark.parametrize("coded", ["8000", "ff00", "80808000"])
def test_longer_forms_are_refused(coded):
    with pytest.raises(NzipFormatError, match="shortest"):
        Cursor(bytes.fromhex(coded)).varint()


def test_more_than_63_bits_are_refused():
    with pytest.raises(NzipFormatError, match="63 bits"):
        Cursor(b"\x80" * 9 + b"\x01").varint()


@pytest.mark.parametrize("coded", ["", "80", "ffff"])
def test_incomplete_varint_asks_for_more(coded):
    with pytest.raises(ShortInputError):
        Cursor(bytes.fromhex(coded)).varint()


@pytest.mark.parametrize("component", [0, 1, 254, bytes(16), bytes(range(16))])
def test_component_round_trip(component):
    coded = encode_component(component)
    assert len(coded) == (1 if isinstance(component, int) else 17)
    assert Cursor(coded).component() == component


@pytest.mark.parametrize("component", [-1, 255, bytes(15)])
def test_component_range(component):
    with pytest.raises(ValueError, match=r"component|registry"):
        encode_component(component)
