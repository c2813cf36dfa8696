"""nzip d --salvage restores every intact block and lists what is lost."""

from __future__ import annotations

import json

import pytest

import nzip


@pytest.fixture
def damaged(cli, text) -> tuple[int, int]:
    """a.nz, of three blocks, the second damaged; where that lies in the archive."""
    cli.write("a", text)
    cli.ok("c", "-1", "--block-size=2K", "a", "-o", "a.nz")
    packed = bytearray(cli.read("a.nz"))
    block = nzip.info(cli.folder / "a.nz").streams[0].blocks[1]
    packed[block.offset + block.size // 2] ^= 0x40
    cli.write("a.nz", bytes(packed))
    return block.offset, block.offset + block.size


def test_intact_blocks_are_restored(cli, text, damaged):
    assert cli("d", "a.nz", "-o", "out").code == 5
    result = cli("d", "--salvage", "a.nz", "-o", "out")
    start, end = damaged
    lost = f"lost bytes {start} to {end} of the archive: 2048 bytes of the original from 2048"
    assert (result.code, result.err) == (2, f"nzip: a.nz: {lost}\n")
    assert cli.read("out") == text[:2048] + text[4096:]


def test_json_lists_the_ranges(cli, damaged):
    result = cli("d", "--salvage", "--json", "-q", "a.nz", "-o", "out")
    assert (result.code, result.err) == (2, "")
    found = json.loads(result.out)
    start, end = damaged
    assert found["lost"] == [
        {"coded_start": start, "coded_end": end, "plain_start": 2048, "plain_size": 2048, "reason": None}
    ]
    assert found["blocks"] == 2


def test_an_intact_file_loses_nothing(cli, text):
    packed = cli.ok("c", data=text).out
    assert cli.ok("d", "--salvage", data=packed).out == text


def test_nothing_to_salvage(cli, text):
    cli.write("a.nz", text)
    result = cli("d", "--salvage", "a.nz")
    assert (result.code, result.err) == (4, "nzip: a.nz: holds no intact block\n")
    assert cli.names() == ["a.nz"]
