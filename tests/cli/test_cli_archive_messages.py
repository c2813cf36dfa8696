"""What nzip archive says when it cannot do what it is asked for, word for word."""

from __future__ import annotations

import re

import pytest
from support.cli_archives import make_tree
from support.member_tables import forged, forged_files

import nzip
from nzip.archive import Archive

FAST = "-1"


CASES = [
    # arguments, exit code, stderr
    ("archive", 64, None),
    ("archive create x.nza", 64, None),
    ("archive create -1 x.nza t", 1, "nzip: x.nza: exists; -f replaces it"),
    ("archive create -1 y.nza missing", 1, "nzip: missing: No such file or directory\n"
        "nzip: y.nza: is not made, for there is nothing to put into it"),
    ("archive create -1 t y.nza", 1, "nzip: t: Is a directory"),
    ("archive create -1 y/z.nza t", 1, "nzip: y/z.nza: No such file or directory"),
    ("archive create -1 --model x y.nza t", 8,
        "nzip: --model: model 'x' is not known; nzip models list shows those that are"),
    ("archive create -1 -f -M 64K y.nza t", 7,
        "nzip: y.nza: needs SIZE of memory, the limit is 64.0 KiB (see -M)"),
    ("archive append -1 missing.nza t", 1, "nzip: missing.nza: No such file or directory"),
    ("archive append -1 text.nz t", 4, "nzip: text.nz: no archive of several files: it has no member table"),
    ("archive list text.nz", 4, "nzip: text.nz: no archive of several files: it has no member table"),
    ("archive list t/a.txt", 4, "nzip: t/a.txt: not nzip data"),
    ("archive list t", 1, "nzip: t: is a directory"),
    ("archive list cut.nza", 3,
        "nzip: cut.nza: the data end before the stream does; nzip archive salvage restores what is intact"),
    ("archive list two.nza", 4, "nzip: two.nza: an archive is one stream, and this file has several"),
    ("archive list hostile.nza", 4, "nzip: hostile.nza: b'../a' is no path of a member"),
    ("archive extract hostile.nza", 4, "nzip: hostile.nza: b'../a' is no path of a member"),
    ("archive list kind.nza", 6, "nzip: kind.nza: member kind 5 is not known"),
    ("archive list -M 1K x.nza", 7, "nzip: x.nza: needs SIZE of memory, the limit is 1.00 KiB (see -M)"),
    ("archive list x.nza nothing", 1, "nzip: nothing: is not in the archive"),
    ("archive extract x.nza nothing -C nowhere", 1, "nzip: nothing: is not in the archive"),
    ("archive extract x.nza -C t/a.txt", 1, "nzip: t/a.txt: Not a directory"),
    ("archive extract x.nza -f --skip-existing", 64, None),
    ("archive extract x.nza t/c.log", 1, "nzip: t/c.log: exists; -f replaces it"),
    ("archive test flipped.nza x.nza", 5, "nzip: flipped.nza: t/a.txt: ..."),
    ("archive verify x.nza nowhere", 1, "nzip: nowhere: No such file or directory"),
    ("archive verify x.nza", 64, None),
    ("archive nonsense", 64, None),
]  # fmt: skip


@pytest.fixture(scope="module")
def shared(cli_in, tmp_path_factory, text):
    """A folder that no message changes."""
    cli = cli_in(tmp_path_factory.mktemp("messages"))
    make_tree(cli, text)
    cli.ok("archive", "create", FAST, "x.nza", "t")
    data = cli.read("x.nza")
    cli.write("text.nz", nzip.compress(text, 1))
    cli.write("cut.nza", data[:-1])
    cli.write("two.nza", data + data)
    cli.write("hostile.nza", forged_files(b"../a"))
    cli.write("kind.nza", forged(b"", kind=[5]))
    with Archive(str(cli.folder / "x.nza")) as archive:
        at = archive.blocks.coded_end - 100
    cli.write("flipped.nza", data[:at] + bytes([data[at] ^ 1]) + data[at + 1 :])
    return cli


@pytest.mark.parametrize(("arguments", "code", "err"), CASES, ids=[case[0] for case in CASES])
def test_messages(shared, arguments, code, err):
    cli = shared
    before = cli.names()
    result = cli(*arguments.split())
    assert (result.code, result.out) == (code, b"")
    shown = re.sub(r"needs \S+ \S+ of", "needs SIZE of", result.err)
    if err is None:
        assert shown.startswith(("nzip: ", "Usage: "))
        assert "Traceback" not in shown
    elif err.endswith("..."):
        told = ("its checksum does not match", "coded block ends too early")  # as the damage will have it
        assert all(line.endswith(told) for line in shown.splitlines())
        assert len(shown.splitlines()) == 5
    else:
        assert shown == err + "\n"
    assert cli.names() == before
