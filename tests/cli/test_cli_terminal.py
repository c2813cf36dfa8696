"""On a terminal: no binary data, a progress bar, a closing line; in scripts, silence."""

from __future__ import annotations

import contextlib
import fcntl
import os
import pty
import re
import struct
import sys
import termios

import pytest
from support.samples import make_text
from support.trees import make_tree

from nzip.cli.console import Console
from nzip.cli.progress import LATER, ProgressBar


@pytest.fixture
def terminal():
    """A terminal's two ends; what the command writes to one is read from the other."""
    ours, theirs = pty.openpty()
    fcntl.ioctl(
        theirs, termios.TIOCSWINSZ, struct.pack("4H", 24, 100, 0, 0)
    )  # without a width no bar is drawn
    yield Terminal(ours, theirs)
    os.close(ours)
    os.close(theirs)


class Terminal:
    def __init__(self, ours: int, theirs: int) -> None:
        self._ours = ours
        self.end = theirs

    def read(self) -> str:
        os.set_blocking(self._ours, False)
        shown = b""
        with contextlib.suppress(BlockingIOError):
            while piece := os.read(self._ours, 1 << 20):  # some kilobytes at a time
                shown += piece
        return shown.decode("utf-8", "replace")


def test_no_compressed_data_on_a_terminal(cli, text, terminal):
    cli.write("a", text)
    result = cli("c", "-c", "a", stdout=terminal.end)
    message = "is a terminal; use -o FILE for the compressed data, or -f to insist"
    assert (result.code, result.err, terminal.read()) == (1, f"nzip: stdout: {message}\n", "")
    assert cli("c", data=text, stdout=terminal.end).code == 1
    assert cli("c", "-c", "-f", "a", stdout=terminal.end).code == 0
    assert "nz" in terminal.read()


def test_restored_text_may_go_to_a_terminal(cli, terminal):
    packed = cli.ok("c", data=b"hello\n").out
    assert cli("d", data=packed, stdout=terminal.end).code == 0
    assert terminal.read() == "hello\r\n"


def test_restored_binary_data_may_not(cli, terminal):
    packed = cli.ok("c", data=bytes(range(32))).out
    result = cli("d", data=packed, stdout=terminal.end)
    assert result.err == "nzip: stdout: is a terminal and the data are binary; use -o FILE, or -f to insist\n"
    assert (result.code, terminal.read()) == (1, "")


def test_nobody_types_an_archive(cli, terminal):
    for command in ("d", "t", "l"):
        process = cli.start(command, stdin=terminal.end, stdout=-1, stderr=-1)
        _, err = process.communicate(timeout=20)
        assert (process.returncode, err) == (
            1,
            b"nzip: stdin: is a terminal; give a FILE or redirect the input\n",
        )


def test_progress_and_summary_on_a_terminal_only(cli, terminal):
    data = make_text(1_500_000)
    cli.write("big", data)
    process = cli.start("c", "-1", "--block-size", "512K", "big", stderr=terminal.end)
    process.wait(timeout=60)
    shown = terminal.read()
    assert re.search(r"big: +\d+%.*B/s", shown)
    assert shown.endswith("in big.nz\r\n")

    process = cli.start("c", "-1", "-f", "-q", "big", stderr=terminal.end)
    process.wait(timeout=60)
    assert terminal.read() == ""
    cli.ok("t", "big.nz")


def test_progress_shows_names_harmlessly(terminal, monkeypatch):
    with os.fdopen(os.dup(terminal.end), "w") as stderr:
        monkeypatch.setattr(sys, "stderr", stderr)
        with ProgressBar(Console(), "a\x1b]0;b", 1 << 21, counts_plain=True):
            pass
    assert "a\\x1b]0;b:" in terminal.read()


def test_little_that_takes_long_is_watched_after_a_while(terminal, monkeypatch):
    with os.fdopen(os.dup(terminal.end), "w") as stderr:
        monkeypatch.setattr(sys, "stderr", stderr)
        with ProgressBar(Console(), "quick", 1000, counts_plain=True) as quick:
            quick(500, 100)
        with ProgressBar(Console(), "slow", 1000, counts_plain=True) as slow:
            slow._start -= 2 * LATER
            slow(500, 100)
    drawn = terminal.read()
    assert "quick" not in drawn
    assert re.search(r"slow: +50%.*20.0 %", drawn)


def test_the_bar_of_a_job_counts_files(cli, terminal):
    make_tree(cli.folder / "src", {f"{number}.txt": b"text" * number for number in range(60)})
    process = cli.start("batch", "src", "--out", "out", "-1", stderr=terminal.end)
    assert process.wait(timeout=60) == 0
    drawn = terminal.read()
    assert re.search(r"out: +\d+%.*/60 files", drawn)
