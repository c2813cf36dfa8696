"""What was given to one call is not known to another: a round trip in one process is as one in two."""

from __future__ import annotations

import io
import pickle
from dataclasses import fields

import pytest
from support import model_files
from support.samples import TEXT, noise, words

import nzip
from nzip.archive import Archive, create
from nzip.options import DecodingOptions

PLAIN = TEXT + noise(300)


@pytest.fixture
def needed(tmp_path):
    """A file for each option that names one."""
    files = {"prime": words(3000), "ref": PLAIN[:2000], "model": model_files.network(5)}
    paths = {}
    for name, data in files.items():
        paths[name] = tmp_path / ("own.nzm" if name == "model" else name)
        paths[name].write_bytes(data)
    return paths


@pytest.mark.parametrize("name", ["prime", "ref", "model"])
def test_whoever_restores_names_it(needed, name, tmp_path):
    given = {name: needed[name]}
    packed = nzip.compress(PLAIN, 5, **({"model": "none", "prime": "none"} | given), verify=True)
    path = tmp_path / "packed.nz"
    path.write_bytes(packed)

    def pieces(**options):
        return nzip.NzipDecompressor(**options).decompress(packed)

    def opened(**options):
        with nzip.open(path, **options) as file:
            return file.read()

    def sought(**options):
        with nzip.open(path, **options) as file:
            file.seek(1)
            return PLAIN[:1] + file.read()

    for read in lambda **options: nzip.decompress(packed, **options), pieces, opened, sought:
        with pytest.raises(nzip.NzipModelError, match="is not here"):
            read()
        assert read(**given) == PLAIN
        with pytest.raises(nzip.NzipModelError, match="is not here"):
            read()


@pytest.mark.parametrize("name", ["prime", "ref", "model"])
def test_archives_take_what_decompress_takes(needed, name, tmp_path):
    (tmp_path / "file").write_bytes(PLAIN)
    given = {name: needed[name]}
    options = nzip.EncodeOptions(5, **({"model": "none", "prime": "none"} | given))
    with open(tmp_path / "x.nza", "wb") as target:
        create(target, ["file"], options, folder=str(tmp_path))
    with Archive(tmp_path / "x.nza") as archive, pytest.raises(nzip.NzipModelError, match="is not here"):
        archive.read("file")
    with Archive(tmp_path / "x.nza", **given, threads=2, memory_limit=1 << 31) as archive:
        assert archive.read("file") == PLAIN
        ((_, found),) = archive.contents(archive)
        assert b"".join(found) == PLAIN
    with pytest.raises(nzip.NzipLimitError):
        Archive(tmp_path / "x.nza", **given, max_output=len(PLAIN) - 1)


def test_options_are_plain_values():
    """They are made without looking whether what they name is there, copied and compared."""
    given = {"prime": "no such file", "ref": "nor such", "model": "nor.nzm", "device": "cuda:7"}
    for options in nzip.EncodeOptions(3, **given), nzip.DecodeOptions(max_output=7, **given):
        again = pickle.loads(pickle.dumps(options))
        assert again == options
        assert hash(again) == hash(options)
    assert nzip.EncodeOptions(3, **given).decode_options() == nzip.DecodeOptions(**given)
    assert {field.name for field in fields(nzip.DecodeOptions)} == set(DecodingOptions.__annotations__)
    for kind in nzip.EncodeOptions, nzip.DecodeOptions:
        with pytest.raises(ValueError, match="device"):
            kind(device="gpu")
        with pytest.raises(ValueError, match="threads"):
            kind(threads=-1)
    with pytest.raises(OSError, match="no such file"):
        nzip.compress(b"", prime="no such file")
    with pytest.raises(OSError, match="nor such"):
        nzip.decompress(b"", ref="nor such")
    with pytest.raises(nzip.NzipModelError, match="nothing"):
        nzip.NzipFile(io.BytesIO(), model="nothing")
