"""nzip train: a prime or a network of one's own."""

from __future__ import annotations

from collections.abc import Sequence

import click

from nzip.cli import options
from nzip.cli.console import Console
from nzip.cli.defined import defined
from nzip.cli.encoding import LevelCommand
from nzip.cli.files_below import files_below
from nzip.cli.path_completion import any_path
from nzip.cli.progress import ProgressBar
from nzip.cli.target import open_target
from nzip.errors import NzipModelError
from nzip.format.limits import MAX_PRIME
from nzip.levels import DEFAULT_LEVEL
from nzip.option_table import LEVEL, Option
from nzip.option_values import Size
from nzip.pipeline import EncodeOptions, resolve_encoding
from nzip.resources.models import DEFAULT_MODEL, has_network
from nzip.sizes import format_size

PROFILE, NETWORK = ".nzp", ".nzm"  # what the names of the files end with
_PASSES = 8
_SIZE = Option("size", Size(MAX_PRIME), "Most bytes of a prime's text", default=1 << 20, shown="1M")


@click.command(cls=LevelCommand, short_help="Learn from files like those to be compressed.")
@click.argument("samples", nargs=-1, required=True, metavar="SAMPLE...", shell_complete=any_path)
@click.option(
    "-o",
    "--output",
    required=True,
    metavar="FILE",
    shell_complete=any_path,
    help="A prime (.nzp) or a network (.nzm).",
)
@click.option("-f", "--force", is_flag=True, help="Replace an existing file.")
@defined(LEVEL)
@click.option("--model", metavar="NAME", help="The network to start from [default].")
@defined(_SIZE)
@click.option(
    "--passes",
    type=click.IntRange(1),
    default=_PASSES,
    metavar="N",
    help=f"How often a network sees the samples [{_PASSES}].",
)
@options.console
def train(
    samples: Sequence[str],
    output: str,
    force: bool,
    level: int | None,
    model: str | None,
    size: int | None,
    passes: int,
    console: Console,
) -> int:
    """Learn from each SAMPLE, a file or a folder of files like those that are to be compressed.

    \b
    nzip train SAMPLE... -o my.nzp
      then: nzip c --prime my.nzp FILE, nzip d --prime my.nzp FILE.nz
    nzip train SAMPLE... -o my.nzm
      then: nzip c --model my.nzm FILE, nzip d --model my.nzm FILE.nz

    A prime is trained for a level; at other levels its text alone is used. A network takes PyTorch and
    minutes, and a prime may gain more. What was compressed with such a file cannot be restored without it.
    """
    if not output.endswith((PROFILE, NETWORK)):
        raise click.UsageError(f"the name of a prime ends in {PROFILE}, that of a network in {NETWORK}")
    if output.endswith(PROFILE) and model is not None:
        raise click.UsageError("--model is for networks; a prime is trained with the level's")
    files: list[tuple[str, int]] = []
    console.for_each(samples, lambda path: files.extend(files_below(path, console)))

    def work(name: str) -> None:
        with open_target(name, None, force=force, binary=True) as target:
            if name.endswith(PROFILE):
                data, found = (
                    _profile(_read(files), level or DEFAULT_LEVEL, size or _SIZE.default, console),
                    "",
                )
            else:
                data, found = _network(_read(files), model or DEFAULT_MODEL, passes, console)
            target.write(data)
            target.finish(durable=True)
        console.summary(name, f"{format_size(len(data))} from {len(files)} files{found}")
        console.record({"file": name, "bytes": len(data), "samples": len(files)})

    return console.for_each([output], work) if files or not console.exit_code else console.exit_code


def _read(files: Sequence[tuple[str, int]]) -> list[bytes]:
    from nzip.train.own import read_samples  # NumPy takes a while to import

    if documents := read_samples(files):
        return documents
    raise NzipModelError("is not made, for the samples are empty")


def _profile(documents: Sequence[bytes], level: int, size: int, console: Console) -> bytes:
    from nzip.train.own import own_profile, trained_bytes

    parts = resolve_encoding(EncodeOptions(level=level, prime="none")).components
    with ProgressBar(console, "learning", trained_bytes(documents), counts_plain=True) as progress:
        return own_profile(parts, documents, size, progress.done).serialize()


def _network(documents: Sequence[bytes], model: str, passes: int, console: Console) -> tuple[bytes, str]:
    """The model file, and what it achieves, in words."""
    from nzip.models.nzm import parse
    from nzip.models.store import NETWORKS

    try:
        from nzip.train.tuned import tuned
    except ModuleNotFoundError as missing:
        if missing.name not in ("torch", "safetensors"):
            raise
        raise click.UsageError("training a network needs PyTorch: pip install 'nzip[train]'") from None
    if not has_network(model):
        raise click.UsageError("--model none has no network to start from")
    start = parse(NETWORKS.find(model).data)
    size = passes * sum(map(len, documents))
    with ProgressBar(console, "learning", size, counts_plain=True) as progress:
        try:
            data, before, after = tuned(start, documents, passes, progress.done)
        except ValueError as error:
            raise NzipModelError(str(error)) from None
    return data, f"; of what was held out, {before:.3f} bits a byte before and {after:.3f} now"
