"""Model files: what is written is read, and what is no model is told as such, in one line."""

from __future__ import annotations

import hashlib
import json
import subprocess
import sys

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.networks import KINDS, random_tensors

from nzip.errors import NzipModelError
from nzip.models.nzm import MAGIC, layout, parse, serialize

CARD = {"data": ["a", "b"], "licence": "MIT", "bits": 1.25, "name": "\u00e4 \U0001f600"}
FILE = serialize("glr1", 32, 2, random_tensors("glr1", 32, 2), CARD)
HEADER_SIZE = int.from_bytes(FILE[4:8], "little")
HEADER, TENSORS = FILE[8 : 8 + HEADER_SIZE], FILE[8 + HEADER_SIZE :]


def file(header: bytes | dict[str, object], tensors: bytes = TENSORS) -> bytes:
    if isinstance(header, dict):
        header = json.dumps(header, sort_keys=True, separators=(",", ":")).encode()
    return MAGIC + len(header).to_bytes(4, "little") + header + tensors


def changed(**values: object) -> bytes:
    return file({**json.loads(HEADER), **values})


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(("channels", "layers"), [(32, 1), (96, 3)])
def test_round_trip(channels, layers, kind):
    tensors = random_tensors("glr1", channels, layers, kind)
    data = serialize("glr1", channels, layers, tensors, CARD)
    model = parse(data)
    assert (model.architecture, model.channels, model.layers) == ("glr1", channels, layers)
    assert model.card == CARD
    assert model.identity == hashlib.sha256(data).hexdigest()
    assert list(model.tensors) == [place.name for place in layout("glr1", channels, layers)]
    for name, tensor in model.tensors.items():
        assert np.array_equal(tensor, tensors[name])
        assert not tensor.flags.writeable
    assert serialize(model.architecture, model.channels, model.layers, model.tensors, model.card) == data
    assert data.endswith(model.tensor_bytes)


def test_the_layout_is_the_specification_s():
    """Every value where docs/model.md says it is: 4 bits in the low half first, 16 bits little-endian."""
    tensors = {place.name: np.zeros(place.shape, int) for place in layout("glr1", 32, 1)}
    tensors["shifts"][:] = 1, 2
    tensors["table.gate0"][0, :2] = -1, 2
    tensors["table.trigram"][2047, 31] = 3
    tensors["w2.0"][0, :3] = -8, 7, 1
    tensors["mo"][0] = 0xABC
    tensors["bo"][255] = -2
    data = parse(serialize("glr1", 32, 1, tensors, {})).tensor_bytes
    assert data[:3] == b"\xff\x02\0"
    start = 1024 * 96 + 8000 * 32
    assert data[start - 1 : start + 2 * 96] == b"\x03" + bytes(2 * 96)
    start += 2 * 96
    assert data[start : start + 3] == b"\xf0\x89\x88"
    assert data[-2 - 1024 :] == b"\xbc\x0a" + bytes(510) + bytes(510) + b"\xfe\xff" + b"\x01\x02"


def test_values_that_have_names():
    """A name has the level's magnitude in its low three bits, and its sign in the fourth."""
    shape = "glr2", 32, 1
    tensors = {place.name: np.zeros(place.shape, int) for place in layout(*shape)}
    tensors["shifts"][:] = 1, 2
    tensors["table.gate_expected"][0, :4] = 2, -2, 40, -40
    data = serialize(*shape, tensors, {})
    start = len(data) - len(parse(data).tensor_bytes) + 4 * 256 * 96
    assert data[start : start + 3] == b"\x91\xf7\0"
    assert np.array_equal(parse(data).tensors["table.gate_expected"], tensors["table.gate_expected"])
    tensors["table.gate_expected"][0, 0] = 3
    with pytest.raises(ValueError, match=r"table\.gate_expected"):
        serialize(*shape, tensors, {})


HOSTILE = {
    "empty": b"",
    "short": FILE[:6],
    "other magic": b"NZX" + FILE[3:],
    "other version": MAGIC[:3] + b"\x02" + FILE[4:],
    "no header": FILE[:8],
    "half a header": FILE[: 8 + HEADER_SIZE // 2],
    "header alone": FILE[: 8 + HEADER_SIZE],
    "one byte less": FILE[:-1],
    "one byte more": FILE + b"\0",
    "long header": MAGIC + (65537).to_bytes(4, "little") + bytes(70000),
    "endless header": MAGIC + b"\xff\xff\xff\xff" + HEADER + TENSORS,
    "longer header": MAGIC + (HEADER_SIZE + 1).to_bytes(4, "little") + HEADER + TENSORS,
    "not JSON": file(b"{"),
    "not UTF-8": file(b'{"card":"\xff"}'),
    "nested": file(b"[" * 60000),
    "huge number": file(b'{"channels":' + b"9" * 60000 + b"}"),
    "no number": file(b'{"channels":NaN}'),
    "infinite number": file(b'{"channels":1e999}'),
    "twice": file(HEADER[:-1] + b',"layers":2}'),
    "spaces": file(HEADER.replace(b":", b": ")),
    "not sorted": file(b'{"channels":32,"architecture":"glr1","card":{},"layers":2}'),
    "not ASCII": file(json.dumps(json.loads(HEADER), separators=(",", ":"), ensure_ascii=False).encode()),
    "a list": file(b"[]"),
    "no fields": file(b"{}"),
    "other architecture": changed(architecture="glr2"),
    "architecture of another type": changed(architecture=["glr1"]),
    "more fields": changed(extra=1),
    "fewer fields": file({"architecture": "glr1", "channels": 32, "layers": 2}),
    "card of another type": changed(card=[]),
    "no channels": changed(channels=0),
    "odd channels": changed(channels=33),
    "huge channels": changed(channels=1 << 60),
    "wide": changed(channels=512),
    "negative channels": changed(channels=-32),
    "channels of another type": changed(channels="32"),
    "fractional channels": changed(channels=32.0),
    "no layers": changed(layers=0),
    "too many layers": changed(layers=9),
    "true layers": changed(layers=True),
    "one layer less": changed(layers=1),
    "shift 0": FILE[:-1] + b"\0",
    "shift 26": FILE[:-4] + b"\x1a" + FILE[-3:],
    "multiplier": FILE[: -4 - 512 - 1] + b"\x10" + FILE[-4 - 512 :],
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_files(name):
    with pytest.raises(NzipModelError) as caught:
        parse(HOSTILE[name])
    assert "model" in str(caught.value)
    assert len(str(caught.value)) < 120
    assert "\n" not in str(caught.value)


@settings(deadline=None, max_examples=50)
@given(st.binary(max_size=200), st.integers(0, HEADER_SIZE + 20))
def test_damaged_files(change, position):
    """A file is a model or it is not; a changed one is at least another."""
    data = FILE[:position] + change + FILE[position + len(change) :]
    try:
        model = parse(data)
    except NzipModelError:
        return
    assert (model.identity == parse(FILE).identity) == (data == FILE)
    assert serialize(model.architecture, model.channels, model.layers, model.tensors, model.card) == data


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("table.gate3", np.full((256, 96), 128)),
        ("table.gate3", np.zeros((256, 95), int)),
        ("table.gate3", np.zeros((256, 96))),
        ("w2.0", np.full((32, 32), 8)),
        ("w2.0", np.full((32, 32), -9)),
        ("m2.0", np.full(32, 4096)),
        ("m2.0", np.full(32, -1)),
        ("bo", np.full(256, 1 << 15)),
        ("shifts", np.full(4, 26)),
        ("shifts", np.zeros(4, int)),
        ("more", np.zeros(4, int)),
    ],
)
def test_only_networks_are_written(name, value):
    with pytest.raises(ValueError, match=name if name != "more" else "tensors"):
        serialize("glr1", 32, 2, {**random_tensors("glr1", 32, 2), name: value}, {})


def test_only_headers_that_are_read_are_written():
    tensors = random_tensors("glr1", 32, 2)
    for channels, layers in (33, 2), (544, 2), (32, 0), (32, 9):
        with pytest.raises(ValueError, match="channels"):
            serialize("glr1", channels, layers, tensors, {})
    with pytest.raises(ValueError, match="header"):
        serialize("glr1", 32, 2, tensors, {"notes": "x" * 65536})
    with pytest.raises(ValueError, match="JSON"):
        serialize("glr1", 32, 2, tensors, {"loss": float("nan")})


def test_reading_a_model_needs_no_numpy(tmp_path):
    (tmp_path / "x").write_bytes(FILE)
    code = "import sys; from nzip.models import nzm; nzm.parse(open('x', 'rb').read()); print(*sys.modules)"
    modules = subprocess.run(
        [sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, check=True
    ).stdout.split()
    assert "numpy" not in modules
