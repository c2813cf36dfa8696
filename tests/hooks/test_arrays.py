"""Arrays of numbers in chunks: numcodecs and zarr."""

import numpy as np
import pytest

import nzip

NUMBERS = np.arange(6000, dtype="<i4").reshape(60, 100) ** 2


def test_numcodecs_finds_the_codec():
    numcodecs = pytest.importorskip("numcodecs")
    codec = numcodecs.get_codec({"id": "nzip", "level": 3})
    packed = codec.encode(NUMBERS)
    assert nzip.decompress(packed) == NUMBERS.tobytes()
    assert packed == nzip.compress(NUMBERS, level=3)
    assert np.array_equal(np.frombuffer(codec.decode(packed), "<i4"), NUMBERS.ravel())
    out = np.empty_like(NUMBERS)
    codec.decode(packed, out)
    assert np.array_equal(out, NUMBERS)
    assert numcodecs.get_codec(codec.get_config()) == codec
    with pytest.raises(nzip.NzipTruncatedError):
        codec.decode(packed[:-1])


@pytest.mark.parametrize("level", [1, 5])
def test_zarr_finds_the_codec(tmp_path, level):
    zarr = pytest.importorskip("zarr", minversion="3")
    from nzip.hooks.zarr import Nzip

    stored = zarr.create_array(
        tmp_path / "a.zarr",
        shape=NUMBERS.shape,
        chunks=(30, 100),
        dtype=NUMBERS.dtype,
        compressors=[Nzip(level=level, model="none", prime="none")],
    )
    stored[:] = NUMBERS
    assert np.array_equal(zarr.open_array(tmp_path / "a.zarr", mode="r")[:], NUMBERS)
    chunk = (tmp_path / "a.zarr" / "c" / "0" / "0").read_bytes()
    assert nzip.decompress(chunk) == NUMBERS[:30].tobytes()


def test_zarr_by_name(tmp_path):
    zarr = pytest.importorskip("zarr", minversion="3")
    stored = zarr.create_array(
        tmp_path / "a.zarr",
        shape=(100,),
        dtype="i2",
        compressors=[{"name": "nzip", "configuration": {"level": 1}}],
    )
    stored[:] = 7
    assert (zarr.open_array(tmp_path / "a.zarr", mode="r")[:] == 7).all()
