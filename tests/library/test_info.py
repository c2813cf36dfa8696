"""nzip.info tells what the headers say."""

import io
import json

import pytest
from support.samples import TEXT, noise
from test_file import Pipe

import nzip
from nzip import pipeline
from nzip.format.holes import Hole

METADATA = nzip.Metadata(
    b"r\xe9sum\xe9.txt",
    0o4755,
    -5,
    ((b"author", b"me"), (b"author", b"\xff"), (b"", b"")),
    holes=(Hole(10, 20),),
)


def coded(plain, metadata=None, **options):
    out = io.BytesIO()
    pipeline.compress_stream(
        io.BytesIO(plain), out, pipeline.EncodeOptions(level=1, **options), metadata=metadata
    )
    return out.getvalue()


@pytest.fixture
def file():
    return coded(TEXT + noise(500), METADATA, block_size=1000, lanes=2) + coded(TEXT[:10])


def check(info, file):
    first, second = info.streams
    assert (first.offset, first.total_plain, first.has_index) == (0, len(TEXT) + 500, True)
    assert second.offset == first.total_coded
    assert info.total_coded == len(file)
    assert info.total_plain == len(TEXT) + 510
    assert first.metadata == METADATA
    assert second.metadata == nzip.Metadata()
    assert not second.has_index
    assert [block.header.plain_size for block in first.blocks] == [1000] * 4 + [len(TEXT) - 3500]
    assert first.blocks[0].header.coding.lanes == 2
    assert len(second.blocks) == 1
    for stream in info.streams:
        for block, following in zip(stream.blocks, stream.blocks[1:], strict=False):
            assert block.offset + block.size == following.offset


def test_of_a_file_object(file):
    check(nzip.info(io.BytesIO(file)), file)


def test_of_a_pipe(file):
    check(nzip.info(io.BufferedReader(Pipe(file))), file)


def test_of_a_path(file, tmp_path):
    path = tmp_path / "some.nz"
    path.write_bytes(file)
    for name in path, str(path), str(path).encode():
        check(nzip.info(name), file)


def test_json(file):
    description = json.loads(json.dumps(nzip.info(io.BytesIO(file)).to_dict()))
    stream = description["streams"][0]
    assert stream["metadata"] == {
        "name": "r\\xe9sum\\xe9.txt",
        "mode": 0o4755,
        "mtime_ns": -5,
        "holes": [[10, 20]],
        "user": [["author", "me"], ["author", "\\xff"], ["", ""]],
    }
    assert stream["version"] == 1
    assert stream["blocks"][0]["lanes"] == 2
    assert [block["stored"] for block in stream["blocks"]] == [False] * 4 + [True]


def test_only_headers_are_read():
    data = coded(noise(1_000_000), block_size=100_000)

    class Source(io.BytesIO):
        count = 0

        def read(self, size=-1):
            got = super().read(size)
            Source.count += len(got)
            return got

    assert nzip.info(Source(data)).total_plain == 1_000_000
    assert Source.count < 100_000


@pytest.mark.parametrize("name", [b"", b".", b"..", b"a/b", b"/", b"a\\b", b"nul\0"])
def test_a_name_is_a_base_name(name):
    with pytest.raises(ValueError, match="base name"):
        nzip.Metadata(name=name)


@pytest.mark.parametrize("fields", [{"mode": -1}, {"mode": 0o10000}, {"mtime_ns": 1 << 63}])
def test_metadata_in_range(fields):
    with pytest.raises(ValueError, match=r"mode|bits"):
        nzip.Metadata(**fields)


def test_metadata_that_no_reader_would_take_is_not_written():
    pairs = tuple((b"key %d" % number, b"") for number in range(65_536))
    metadata = nzip.Metadata(user=pairs)
    assert nzip.info(io.BytesIO(coded(b"", metadata))).streams[0].metadata == metadata
    with pytest.raises(ValueError, match="more than 65536 fields"):
        nzip.Metadata(b"name", user=pairs).encode()
    with pytest.raises(ValueError, match="more than 65536 fields"):
        nzip.Metadata(user=pairs, holes=(Hole(0, 4096),)).encode()
    with pytest.raises(ValueError, match="holes"):
        nzip.Metadata(holes=(Hole(4096, 0),)).encode()
    with pytest.raises(ValueError, match=r"does not fit|holes"):
        nzip.Metadata(holes=(Hole(4096, 4096), Hole(0, 4096))).encode()
    with pytest.raises(ValueError, match="at most 16777216 bytes"):
        nzip.Metadata(user=((b"key", bytes(1 << 24)),)).encode()


def test_metadata_costs_nothing_when_absent():
    assert coded(TEXT, nzip.Metadata()) == coded(TEXT)
