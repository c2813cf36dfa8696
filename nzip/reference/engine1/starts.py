"""Starts and profile files (docs/format/engine1/starts.md; docs/format/engine1.md, Profile file)."""

from __future__ import annotations

import json
from dataclasses import dataclass

import numpy as np

from nzip.errors import NzipFormatError
from nzip.reference.cursor import Cursor
from nzip.reference.engine1.mixer import Mixer
from nzip.reference.engine1.shape import MATCH_MODELS, RUNS, Shape

_MAGIC = b"NZP\x01"
_RATES = 800, 2000
_MOST_OF_A_FINAL = 8191


@dataclass(frozen=True)
class ProfileFile:
    component_set: int
    revision: int
    network: str
    start: bytes
    text: bytes


def read_profile_file(content: bytes) -> ProfileFile:
    cursor = Cursor(content)
    if cursor.take(4) != _MAGIC:
        raise NzipFormatError("not a profile file")
    size = cursor.number(4)
    try:
        header = json.loads(cursor.take(size))
        component_set, revision, network = (
            header[name] for name in ("component_set", "engine_revision", "network")
        )
        text_size = int(header.get("text", 0))
    except (ValueError, KeyError, TypeError, AttributeError):
        raise NzipFormatError("a profile file's header that cannot be read") from None
    rest = cursor.rest()
    if component_set not in (1, 2, 3, 4) or text_size >= len(rest):
        raise NzipFormatError("a profile file that breaks a rule")
    cut = len(rest) - text_size
    return ProfileFile(component_set, revision, network, rest[:cut], rest[cut:])


def apply_start(start: bytes, shape: Shape, mixer: Mixer, bits: np.ndarray) -> None:
    """Replaces what mixer and adaptive bits have at first."""
    known = shape.known
    data = np.frombuffer(start, np.uint8)
    inputs, rows, selectors, finals = (
        len(known.inputs),
        sum(known.rows),
        len(known.rows),
        sum(known.final_rows),
    )
    parts = rows * (inputs + 2), 2 * finals * selectors, 4 * _adaptive_bits(shape)
    if len(data) != sum(parts):
        raise NzipFormatError("a start of another size")
    row = data[: parts[0]].reshape(rows, inputs + 2)
    weights = row[:, :inputs].view(np.int8).astype(np.int32) * 2**21
    places = _known_inputs(shape)
    mixer.weights[:rows, places] = weights
    rates = row[:, inputs].astype(np.int64) | row[:, inputs + 1].astype(np.int64) << 8
    mixer.rate[:rows] = np.clip(rates, *_RATES) * 256
    final = data[parts[0] : parts[0] + parts[1]].view("<i2").astype(np.int64).reshape(finals, selectors)
    mixer.final[:, :selectors] = np.clip(final, -_MOST_OF_A_FINAL, _MOST_OF_A_FINAL) * 2**15
    pairs = data[parts[0] + parts[1] :].view("<u2").reshape(-1, 2).astype(np.uint32)
    bits[: len(pairs)] = 64 * pairs[:, 0] << 10 | np.minimum(pairs[:, 1], 255)
    if shape.learner:
        _teach_learner(shape, mixer)
    elif shape.language_model:
        _teach_language_model(shape, mixer)


def _adaptive_bits(shape: Shape) -> int:
    component_set = shape.component_set
    return 256 * (shape.contexts + 2) + 96 * RUNS[component_set] + 32 * MATCH_MODELS[component_set]


def _known_inputs(shape: Shape) -> list[int]:
    """The places of the inputs that a start knows: all but those of learner and language model, the last."""
    return [*range(len(shape.known.inputs))]


def _thirds(x: np.ndarray) -> np.ndarray:
    return np.sign(x) * (np.abs(x) // 3)


def _halves(x: np.ndarray) -> np.ndarray:
    return np.sign(x) * (np.abs(x) // 2)


def _teach_learner(shape: Shape, mixer: Mixer) -> None:
    """What a learner begins with beside a start."""
    like = len(shape.known.rows) - 1 if shape.network else 1
    first = len(shape.known.rows)
    starts = shape.row_starts
    model = slice(starts[like], starts[like] + 256)
    weights, rates = mixer.weights[model].copy(), mixer.rate[model].copy()
    own = len(shape.inputs) - 2
    for number, rows in enumerate((np.arange(1024) // 4, np.arange(1024) % 256)):
        at = slice(starts[first + number], starts[first + number] + 1024)
        mixer.weights[at, :own] = weights[rows, :own]
        mixer.rate[at] = rates[rows]
    x = _thirds(mixer.final[:, like])
    mixer.final[:, first] = mixer.final[:, first + 1] = x
    mixer.final[:, like] -= 2 * x


def _teach_language_model(shape: Shape, mixer: Mixer) -> None:
    """What a language model begins with beside a start."""
    like = len(shape.known.rows) - 1
    first = len(shape.known.rows)
    starts = shape.row_starts
    own = len(shape.inputs) - 2
    network = own - 1 - 16 - 2
    known = mixer.weights[: starts[first]]
    for i in range(2):
        share = np.sign(known[:, network + i]) * (np.abs(known[:, network + i]) // 8) * 3
        known[:, own + i] = share
        known[:, network + i] -= share
    model = np.arange(1024) // 4 + starts[like]
    mixer.weights[starts[first] : starts[first] + 1024] = mixer.weights[model]
    mixer.rate[starts[first] : starts[first] + 1024] = mixer.rate[model]
    x = _halves(mixer.final[:, like])
    mixer.final[:, first] = x
    mixer.final[:, like] -= x
