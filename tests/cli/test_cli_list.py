"""nzip l."""

from __future__ import annotations

import os
import re
import zlib

from support.samples import make_text


def test_table(cli, text):
    cli.write("a", text)
    cli.write("b", b"")
    cli.ok("c", "-n", "a", "b")
    lines = cli.ok("l", "a.nz", "b.nz").out.decode().splitlines()
    assert lines[0] == "compressed    original    ratio  blocks  name"
    assert re.fullmatch(r" +\d+ B +4\.88 KiB +[\d.]+ % +1  a\.nz", lines[1])
    assert re.fullmatch(r" +\d+ B +0 B +- +0  b\.nz", lines[2])
    assert re.fullmatch(r" +\d+ B +4\.88 KiB +[\d.]+ % +1  \(2 files\)", lines[3])


def test_no_header_without_a_row(cli):
    assert cli("l", "missing").out == b""


def test_details(cli, text):
    path = cli.write("a", text)
    path.chmod(0o640)
    os.utime(path, ns=(0, 1_000_000_000 * 10**9))
    cli.ok("c", "-1", "--block-size=4K", "a")
    out = cli.ok("l", "-v", "a.nz", env={**os.environ, "TZ": "UTC"}).out.decode()
    assert "stream at 0: version 1, index, name a, mode -rw-r-----, time 2001-09-09 01:46:40" in out
    assert re.search(
        r"block at \d+: 4096 bytes in \d+, checksum [0-9a-f]{16}, engine 1\.\d+ profile 17, ", out
    )


def test_what_was_opened(cli):
    packed = zlib.compress(make_text(9000))
    cli.write("a", packed)
    for options in (), ("--no-unpack",), ("-1",):
        cli.ok("c", "-f", "-3", *options, "a")
        found = re.search(r"opened: (\d+) bytes became (\d+)", cli.ok("l", "-v", "a.nz").out.decode())
        assert (found is not None) == (not options)
        if found:
            assert int(found[1]) == len(packed)
            assert int(found[2]) > 9000


def test_stored_names_are_printed_harmlessly(cli, text):
    cli.write("red\x1b[31m", text)
    cli.ok("c", "red\x1b[31m", "-o", "a.nz")
    assert "name red\\x1b[31m," in cli.ok("l", "-v", "a.nz").out.decode()


def test_any_locale(cli, text):
    cli.write("gr\u00fcn", text)
    cli.ok("c", "gr\u00fcn")
    out = cli.ok("l", "gr\u00fcn.nz", env={**os.environ, "PYTHONIOENCODING": "ascii"}).out
    assert out.endswith(b"  gr\\xfcn.nz\n")


def test_standard_input(cli, text):
    packed = cli.ok("c", data=text).out
    assert cli.ok("l", data=packed).out.decode().splitlines()[1].endswith("  stdin")
