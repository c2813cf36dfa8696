"""Writing single fields. Numbers are LEB128: seven bits a byte, lowest first, in the shortest form only."""

from __future__ import annotations

from nzip.format.limits import MAX_SIZE
from nzip.format.registry import COMPONENT_HASH_SIZE, COMPONENT_HASHED, ComponentId


def encode_varint(value: int) -> bytes:
    """
    >>> encode_varint(300).hex()
    'ac02'
    """
    if not 0 <= value <= MAX_SIZE:
        raise ValueError(f"{value} does not fit a varint")
    out = bytearray()
    while value > 0x7F:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    out.append(value)
    return bytes(out)


def encode_component(component: ComponentId) -> bytes:
    """A registry number in one byte, or 0xFF and 16 bytes of SHA-256."""
    if isinstance(component, bytes):
        if len(component) != COMPONENT_HASH_SIZE:
            raise ValueError(f"a component's hash has {COMPONENT_HASH_SIZE} bytes, not {len(component)}")
        return bytes([COMPONENT_HASHED]) + component
    if not 0 <= component < COMPONENT_HASHED:
        raise ValueError(f"{component} is no registry number")
    return bytes([component])
