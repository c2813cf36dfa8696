"""Model files (``.nzm``): the tensors of a trained byte network. docs/model.md is the specification.

:func:`parse` takes whatever a file holds and raises :class:`~nzip.errors.NzipModelError` when that is not a
model; it needs no NumPy, which only those who look at a model's tensors load.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from math import prod
from typing import TYPE_CHECKING, Any

from nzip.errors import NzipModelError
from nzip.format.versions import MODEL_FILE
from nzip.models.inputs import ARCHITECTURES, LEVELS, input_tables

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Tensors = Mapping[str, NDArray[np.integer[Any]]]

MAGIC = b"NZM" + bytes([MODEL_FILE.newest])
MAX_HEADER = 65536
CHANNELS = range(32, 513, 32)
LAYERS = range(1, 9)
MULTIPLIERS = range(4096)
SHIFTS = range(1, 26)
_START = len(MAGIC) + 4
_NAMES = (*LEVELS, *(-level for level in LEVELS))  # the level that each name of 4 bits stands for
_KEYS = ("architecture", "card", "channels", "layers")


@dataclass(frozen=True)
class TensorType:
    """How a tensor lies in the file, and what its values may be."""

    dtype: str  # NumPy's name
    bits: int
    values: range


INT8 = TensorType("<i1", 8, range(-128, 128))
INT4 = TensorType("<i1", 4, range(-8, 8))
NAMED = TensorType("<i1", 4, range(-LEVELS[-1], LEVELS[-1] + 1))  # the levels of LEVELS alone
INT16 = TensorType("<i2", 16, range(-(1 << 15), 1 << 15))
MULTIPLIER = TensorType("<u2", 16, MULTIPLIERS)
SHIFT = TensorType("<u1", 8, SHIFTS)


@dataclass(frozen=True)
class TensorPlace:
    """A tensor's place among the tensors' bytes."""

    name: str
    type: TensorType
    shape: tuple[int, ...]
    start: int

    @property
    def end(self) -> int:
        return self.start + prod(self.shape) * self.type.bits // 8


def layout(architecture: str, channels: int, layers: int) -> list[TensorPlace]:
    """Every tensor of a network in the file's order: ``table.gate0``, ..., ``b.0``, ``w2.0``, and so on."""
    d = channels
    places: list[TensorPlace] = []

    def add(name: str, kind: TensorType, *shape: int) -> None:
        places.append(TensorPlace(name, kind, shape, places[-1].end if places else 0))

    for table in input_tables(architecture, d):
        add(f"table.{table.name}", NAMED if table.named else INT8, table.rows, table.width)
    for layer in range(layers):
        if layer > 0:
            add(f"w1.{layer}", INT4, 3 * d, d)
            add(f"m1.{layer}", MULTIPLIER, 3 * d)
        add(f"b.{layer}", INT16, 3 * d)
        add(f"w2.{layer}", INT4, d, d)
        add(f"m2.{layer}", MULTIPLIER, d)
    add("wo", INT4, 256, d)
    add("mo", MULTIPLIER, 256)
    add("bo", INT16, 256)
    add("shifts", SHIFT, 2 * layers)
    return places


@dataclass(frozen=True)
class Model:
    """A model file's content."""

    architecture: str
    card: Mapping[str, Any]
    channels: int
    layers: int
    identity: str  # the file's SHA-256 in hexadecimal digits
    tensor_bytes: bytes = field(repr=False)  # what nzip._native.Network takes

    @cached_property
    def tensors(self) -> Tensors:
        """The tensors by name as in :func:`layout`; those of 4 bits have int8 elements."""
        places = layout(self.architecture, self.channels, self.layers)
        return {place.name: _array(place, self.tensor_bytes) for place in places}


def split(data: bytes) -> tuple[dict[str, Any], bytes]:
    """The header, which names an architecture, and the tensors of a model file of any architecture.

    Raises NzipModelError when it is no model file.
    """
    if data[: len(MAGIC)] != MAGIC:
        raise NzipModelError("not a model file, or of an unknown version")
    size = int.from_bytes(data[len(MAGIC) : _START], "little")
    if size > MAX_HEADER:
        raise NzipModelError(f"the model's header has {size} bytes, more than {MAX_HEADER}")
    if len(data) < _START + size:
        raise NzipModelError("the model ends within its header")
    return _parse_header(data[_START : _START + size]), bytes(data[_START + size :])


def parse(data: bytes) -> Model:
    """What the file of a network holds. Raises NzipModelError when that is not one."""
    header, tensors = split(data)
    _check_fields(header)
    channels, layers = header["channels"], header["layers"]
    places = layout(header["architecture"], channels, layers)
    if len(tensors) != places[-1].end:
        raise NzipModelError(f"the model's tensors have {len(tensors)} bytes instead of {places[-1].end}")
    for place in places:
        part = tensors[place.start : place.end]
        if place.type is SHIFT and not all(value in SHIFTS for value in part):
            raise NzipModelError("a shift of the model is out of range")
        if place.type is MULTIPLIER and max(part[1::2]) > MULTIPLIERS[-1] >> 8:
            raise NzipModelError(f"a multiplier of the model's {place.name} is out of range")
    return Model(**header, identity=hashlib.sha256(data).hexdigest(), tensor_bytes=tensors)


def _parse_header(header: bytes) -> dict[str, Any]:
    try:
        value = json.loads(header)
        canonical = _encode_header(value)
    except (ValueError, RecursionError):  # also for numbers that JSON does not have, and for deep nesting
        raise NzipModelError("the model's header is not JSON") from None
    if canonical != header:
        raise NzipModelError("the model's header is not in its canonical form")
    if not isinstance(value, dict) or not isinstance(value.get("architecture"), str):
        raise NzipModelError("the model's header names no architecture")
    return value


def _check_fields(header: dict[str, Any]) -> None:
    if header["architecture"] not in ARCHITECTURES:
        raise NzipModelError(f"the model's architecture is not {' or '.join(ARCHITECTURES)}")
    if tuple(header) != _KEYS or not isinstance(header["card"], dict):
        raise NzipModelError("the model's header has not the fields of its architecture")
    for name, values in ("channels", CHANNELS), ("layers", LAYERS):
        if type(header[name]) is not int or header[name] not in values:
            raise NzipModelError(f"the model's number of {name} is not one that its architecture has")


def _encode_header(header: object) -> bytes:
    return json.dumps(header, sort_keys=True, separators=(",", ":"), allow_nan=False).encode("ascii")


def serialize(
    architecture: str, channels: int, layers: int, tensors: Tensors, card: Mapping[str, Any]
) -> bytes:
    """The file of a network. Raises ValueError when the tensors are not those of :func:`layout`."""
    if channels not in CHANNELS or layers not in LAYERS:
        raise ValueError(f"there is no network of {channels} channels and {layers} layers")
    places = layout(architecture, channels, layers)
    if set(tensors) != {place.name for place in places}:
        raise ValueError("the tensors are not those of the network")
    header = {"architecture": architecture, "card": dict(card), "channels": channels, "layers": layers}
    encoded = _encode_header(header)
    if len(encoded) > MAX_HEADER:
        raise ValueError(f"a header of {len(encoded)} bytes, more than {MAX_HEADER}")
    body = b"".join(_packed(place, tensors[place.name]) for place in places)
    return MAGIC + len(encoded).to_bytes(4, "little") + encoded + body


def _array(place: TensorPlace, data: bytes) -> NDArray[np.integer[Any]]:
    import numpy as np

    part = np.frombuffer(data[place.start : place.end], np.uint8)
    if place.type.bits == 4:
        pairs = np.stack([part & 15, part >> 4], axis=1).reshape(place.shape)
        array = pairs.astype(np.int8) - 8 if place.type is INT4 else np.array(_NAMES, np.int8)[pairs]
    else:
        array = part.view(place.type.dtype).reshape(place.shape)
    array.flags.writeable = False
    return array


def _packed(place: TensorPlace, tensor: NDArray[np.integer[Any]]) -> bytes:
    values = place.type.values
    if tensor.shape != place.shape or tensor.dtype.kind not in "iu":
        raise ValueError(f"{place.name} is not an array of {place.shape} integers")
    if tensor.min() < values[0] or tensor.max() > values[-1]:
        raise ValueError(f"{place.name} has values outside {values[0]} to {values[-1]}")
    if place.type.bits == 4:
        names = tensor + 8 if place.type is INT4 else _names(place, tensor)
        pairs = names.reshape(-1, 2)
        return bytes((pairs[:, 0] | pairs[:, 1] << 4).astype("u1"))
    return bytes(tensor.astype(place.type.dtype).data)


def _names(place: TensorPlace, tensor: NDArray[np.integer[Any]]) -> NDArray[np.integer[Any]]:
    import numpy as np

    name_of = np.full(2 * LEVELS[-1] + 1, -1)
    name_of[np.array(_NAMES[::-1]) + LEVELS[-1]] = np.arange(len(_NAMES))[::-1]  # 0 has the name 0, not 8
    names: NDArray[np.integer[Any]] = name_of[tensor + LEVELS[-1]]
    if names.min() < 0:
        raise ValueError(f"{place.name} has values that no name of 4 bits stands for")
    return names
