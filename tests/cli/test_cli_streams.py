"""Standard streams of any kind: what was asked for arrives whole, or the exit code says that it did not."""

from __future__ import annotations

import os
import resource
import signal
import subprocess
import sys
import threading
import time

import pytest

UNBUFFERED = [{}, {"PYTHONUNBUFFERED": "1"}]
COMMANDS = [
    "c -1 -c a",
    "d -c a.nz",
    "t --json a.nz",
    "l -v a.nz",
    "archive create -1 - a",
    "archive list a.nza",
    "models list",
    "completion bash",
    "--help",
]


@pytest.fixture
def files(cli):
    data = os.urandom(150_000)
    cli.write("a", data)
    cli.ok("c", "-1", "-k", "a")
    cli.ok("archive", "create", "-1", "a.nza", "a")
    return data


@pytest.mark.usefixtures("files")
@pytest.mark.parametrize("environment", UNBUFFERED)
@pytest.mark.parametrize("command", COMMANDS)
def test_a_reader_that_has_gone_ends_the_command_by_a_signal(cli, command, environment):
    reader, writer = os.pipe()
    os.close(reader)
    result = cli(*command.split(), stdout=writer, env={**os.environ, **environment})
    os.close(writer)
    assert (result.code, result.err) == (-signal.SIGPIPE, "")


@pytest.mark.usefixtures("files")
@pytest.mark.parametrize("environment", UNBUFFERED)
@pytest.mark.parametrize("command", ["c -1 -c a", "d -c a.nz", "archive create -1 - a", "man", "--help"])
def test_a_file_that_takes_a_part(cli, command, environment):
    limit = lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (500, 500))  # noqa: E731
    with open(cli.folder / "out", "wb") as out:
        result = cli(*command.split(), stdout=out, env={**os.environ, **environment}, preexec_fn=limit)
    assert (result.code, result.err) == (1, "nzip: stdout: File too large\n")


@pytest.mark.usefixtures("files")
@pytest.mark.parametrize("environment", UNBUFFERED)
@pytest.mark.parametrize("command", ["d -c a.nz", "man"])
def test_a_pipe_that_does_not_block(cli, command, environment):
    expected = cli.ok(*command.split()).out
    reader, writer = os.pipe()
    os.set_blocking(writer, False)
    process = cli.start(
        *command.split(), stdout=writer, stderr=subprocess.PIPE, env={**os.environ, **environment}
    )
    os.close(writer)
    time.sleep(0.5)  # it has to wait
    with open(reader, "rb") as file:
        assert file.read() == expected
    assert (process.communicate()[1], process.returncode) == (b"", 0)


@pytest.mark.parametrize("arguments", [("c", "-1", "-o", "b"), ("d", "-o", "b"), ("t",), ("l", "-q")])
def test_an_input_that_comes_in_pieces(cli, files, arguments):
    reader, writer = os.pipe()
    os.set_blocking(reader, False)
    process = cli.start(*arguments, "-", stdin=reader, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    os.close(reader)
    source = files if arguments[0] == "c" else cli.read("a.nz")

    def write():
        with open(writer, "wb", buffering=0) as file:
            for start in range(0, len(source), 100_000):
                time.sleep(0.2)
                file.write(source[start : start + 100_000])

    thread = threading.Thread(target=write)
    thread.start()
    _, err = process.communicate()
    thread.join()
    assert (process.returncode, err) == (0, b"")
    if arguments[0] == "c":
        assert cli.ok("d", "-c", "b").out == files
    elif arguments[0] == "d":
        assert cli.read("b") == files


def test_an_error_that_closing_tells(tmp_path):
    program = (
        "import errno, os, sys, nzip.cli\n"
        "close = os.close\n"
        "def fail(descriptor):\n"
        "    close(descriptor)\n"
        "    if descriptor == 1: raise OSError(errno.EDQUOT, os.strerror(errno.EDQUOT))\n"
        "os.close = fail\n"
        "sys.argv = ['nzip', '--version']; nzip.cli.main()"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, cwd=tmp_path)
    assert (done.returncode, done.stderr) == (1, "nzip: stdout: Disk quota exceeded\n")
