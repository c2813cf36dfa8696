"""nzip t: test archives."""

from __future__ import annotations

import time
from collections.abc import Sequence

import click

from nzip.cli import options
from nzip.cli.console import Console
from nzip.cli.decoding import testing_all
from nzip.cli.hints import repairable
from nzip.cli.progress import ProgressBar
from nzip.cli.source import STDIN, open_source
from nzip.cli.transfer import describe, totals_record
from nzip.pipeline import Decoding, decompress_stream


@click.command("t", short_help="Test archives.")
@options.packed_sources
@options.console
@testing_all
def test(
    sources: Sequence[str],
    console: Console,
    decoding: Decoding,
) -> int:
    """Decode each FILE, or standard input, and compare all checksums; nothing is written."""

    def work(name: str) -> None:
        start = time.monotonic()
        with (
            open_source(name, any_kind=True) as source,
            ProgressBar(
                console, name, source.size, counts_plain=False, learned=decoding.resources.reference_bytes
            ) as progress,
            repairable(source),
        ):
            totals = decompress_stream(source.file, None, decoding, progress=progress)
        seconds = time.monotonic() - start
        shown = "stdin" if name == STDIN else name
        console.summary(shown, f"ok, {describe(totals, seconds, packs=False)}")
        console.record({"file": shown, **totals_record(totals, seconds)})

    return console.for_each(sources, work)
