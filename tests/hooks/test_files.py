"""Files that other libraries open: fsspec, smart_open, pandas."""

import pytest
from support.samples import TEXT

import nzip

FAST = {"level": 1, "block_size": 1000}


@pytest.fixture
def fsspec():
    fsspec = pytest.importorskip("fsspec")
    from nzip.hooks import fsspec as hook

    hook.register()
    hook.register()
    return fsspec


def test_fsspec(fsspec, tmp_path):
    for number, compression in enumerate(["infer", "nz"]):
        path = str(tmp_path / f"{number}.nz")
        with fsspec.open(path, "wb", compression=compression) as file:
            file.write(TEXT)
        with nzip.open(path) as file:
            assert file.read() == TEXT
        with fsspec.open(path, "rb", compression=compression) as file:
            file.seek(1000)
            assert file.read(10) == TEXT[1000:1010]
        with fsspec.open(path, "rt", compression=compression, encoding="ascii") as file:
            assert file.read() == TEXT.decode()


def test_smart_open(tmp_path):
    smart_open = pytest.importorskip("smart_open")
    from nzip.hooks import smart_open as hook

    hook.register()
    path = str(tmp_path / "text.nz")
    with smart_open.open(path, "w", encoding="ascii", compression_kwargs=FAST) as file:
        file.write(TEXT.decode())
    with nzip.open(path) as file:
        assert file.read() == TEXT
    with smart_open.open(path, "rb") as file:
        file.seek(2000)
        assert file.read(10) == TEXT[2000:2010]
    with smart_open.open(path, encoding="ascii") as file:
        assert file.read() == TEXT.decode()


def test_pandas_reads_an_open_file(tmp_path):
    pandas = pytest.importorskip("pandas")
    table = pandas.DataFrame({"number": range(100), "name": [f"n{i}" for i in range(100)]})
    path = tmp_path / "table.csv.nz"
    with nzip.open(path, "wt", encoding="utf-8", **FAST) as file:
        table.to_csv(file, index=False)
    with nzip.open(path) as file:
        pandas.testing.assert_frame_equal(pandas.read_csv(file), table)


@pytest.mark.usefixtures("fsspec")
def test_pandas_by_the_name_that_fsspec_knows(tmp_path):
    pandas = pytest.importorskip("pandas")
    table = pandas.DataFrame({"number": range(100)})
    path = f"local://{tmp_path}/table.csv.nz"
    table.to_csv(path, index=False, storage_options={"compression": "nz"})
    with nzip.open(tmp_path / "table.csv.nz") as file:
        assert file.readline() == b"number\n"
    read = pandas.read_csv(path, storage_options={"compression": "nz"})
    pandas.testing.assert_frame_equal(read, table)
