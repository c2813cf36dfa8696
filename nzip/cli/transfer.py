"""From one source to one output, whichever way: what `nzip c` and `nzip d` have in common."""

from __future__ import annotations

import errno
import time
from abc import ABC, abstractmethod
from collections.abc import Iterable
from typing import Any, BinaryIO, cast

import click

from nzip.cli.console import Console
from nzip.cli.outputs import Outputs
from nzip.cli.progress import ProgressBar
from nzip.cli.source import STDIN, Source, open_source
from nzip.cli.target import open_target
from nzip.format.holes import Hole
from nzip.messages import reason_for
from nzip.pipeline import Totals
from nzip.pipeline.attributes import Attributes
from nzip.pipeline.target import Target
from nzip.sizes import format_size


class Transfer(ABC):
    """The work on one source."""

    packs: bool  # compresses, rather than restores
    learned = 0  # bytes of references, which may have to be learned first

    def __init__(self, console: Console, outputs: Outputs) -> None:
        if console.as_json and outputs.uses_stdout:
            raise click.UsageError("--json and the data cannot share standard output; use -o FILE")
        self._console = console
        self._outputs = outputs

    @abstractmethod
    def output_name(self, source: Source) -> str:
        """The name for the output that follows from the source."""

    @abstractmethod
    def work(self, source: Source, target: BinaryIO, progress: ProgressBar) -> Totals:
        """Read the source, write the target."""

    def attributes(self, source: Source) -> Attributes | None:
        """What the output gets of the source: nothing of a pipe's."""
        return Attributes.of(source.status) if source.is_file else None

    def holes(self, source: Source) -> Iterable[Hole]:
        """Where zeros of the output are not to be written."""
        return ()

    def run(self, name: str) -> None:
        outputs, console = self._outputs, self._console
        with open_source(name, any_kind=outputs.any_source, packs=self.packs) as source:
            if not outputs.keep:
                source.check_removable()
            start = time.monotonic()
            target_name = outputs.for_source(name, lambda: self.output_name(source))
            with open_target(target_name, source, force=outputs.force, binary=self.packs) as target:
                if not outputs.keep and not target.is_file:
                    raise OSError(
                        errno.EINVAL, "is not a regular file; --rm needs one to write to", target.name
                    )
                target.leave_out(self.holes(source))
                progress = ProgressBar(
                    console, name, source.size, counts_plain=self.packs, learned=self.learned
                )
                with progress:
                    totals = self.work(source, cast(BinaryIO, target), progress)  # only ever written to
                has_changed = source.has_changed()
                refused = target.finish(self.attributes(source), durable=not outputs.keep)
            if refused is not None:
                console.warning(target.name, f"does not get its time: {reason_for(refused)}")
            seconds = time.monotonic() - start
            kept = "" if outputs.keep or self._remove(source, target) else ", and is kept"
            if has_changed or kept:
                size = totals.plain if self.packs else totals.coded
                text = f"changed while it was read{kept}; {target.name} is made of the {size} bytes read"
                console.warning("stdin" if name == STDIN else name, text)
        self._report(name, target, totals, seconds)

    def _remove(self, source: Source, target: Target) -> bool:
        try:
            return source.remove()
        except OSError as error:
            text = f"is in {target.name} now, but cannot be removed: {reason_for(error)}"
            raise OSError(error.errno, text, source.name) from None

    def _report(self, name: str, target: Target, totals: Totals, seconds: float) -> None:
        shown = "stdin" if name == STDIN else name
        self._console.summary(shown, f"{describe(totals, seconds, packs=self.packs)}, in {target.name}")
        self._console.record({"file": shown, "output": target.name, **self.record(totals, seconds)})

    def record(self, totals: Totals, seconds: float) -> dict[str, Any]:
        """What --json says of the work."""
        return totals_record(totals, seconds)


def describe(totals: Totals, seconds: float, *, packs: bool) -> str:
    sizes = [format_size(totals.plain), format_size(totals.coded)]
    share = f", {100 * totals.coded / totals.plain:.1f} %" if totals.plain else ""
    return f"{' to '.join(sizes if packs else sizes[::-1])}{share}, {seconds:.1f} s"


def totals_record(totals: Totals, seconds: float) -> dict[str, Any]:
    """What every command that codes says of a file in JSON."""
    return {
        "plain_bytes": totals.plain,
        "coded_bytes": totals.coded,
        "blocks": totals.blocks,
        "seconds": round(seconds, 3),
    }
