"""Which output belongs to which source, by the options -o and -c, and what may be done to either."""

from __future__ import annotations

import errno
import os
from collections.abc import Callable, Sequence

import click

from nzip.cli.source import STDIN
from nzip.cli.target import STDOUT


class Outputs:
    """Names the output of each source; no two sources of one run share a file."""

    def __init__(
        self, sources: Sequence[str], output: str | None, *, to_stdout: bool, keep: bool, force: bool
    ) -> None:
        if output == "":
            raise click.UsageError("-o needs a name")
        if output is not None and output.endswith("/") and not os.path.isdir(output):
            raise FileNotFoundError(errno.ENOENT, "is not a folder that exists", output)
        if to_stdout and output not in (None, STDOUT):
            raise click.UsageError("-c and -o exclude each other")
        self._output = STDOUT if to_stdout else output
        self._folder = output if output is not None and os.path.isdir(output) else None
        if len(sources) > 1 and self._output not in (None, STDOUT, self._folder):
            raise click.UsageError("-o must be a folder when there are several sources")
        self.uses_stdout = self._output == STDOUT or (self._output is None and STDIN in sources)
        if self.uses_stdout and not keep:
            raise click.UsageError("--rm needs an output file")
        self.keep = keep
        self.force = force
        # The caller said where the output goes, or insists: then any kind of source will do.
        self.any_source = self._output is not None or force
        self._used: set[str] = set()

    def for_source(self, name: str, derive: Callable[[], str]) -> str:
        """The output for a source; `derive` makes a file name of the source's."""
        if name == STDIN:
            if self._folder is not None:
                raise OSError(errno.EINVAL, "has no name to use in a folder; use -o FILE", "stdin")
            return self._output or STDOUT
        if self._output is not None and self._folder is None:
            return self._output
        output = derive()
        if output == STDOUT:  # a file of that name
            output = os.path.join(os.curdir, output)
        if self._folder is not None:
            output = os.path.join(self._folder, os.path.basename(output))
        if os.path.realpath(output) in self._used:
            raise FileExistsError(errno.EEXIST, "is already the output of another source", output)
        self._used.add(os.path.realpath(output))
        return output
