"""``python -m nzip.train``: the commands."""

from __future__ import annotations

import signal
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import click
import numpy as np

from nzip.models.network import Network, load_network
from nzip.models.nzm import parse
from nzip.train import corpus
from nzip.train.batches import Batches
from nzip.train.card import card, describe
from nzip.train.checkpoint import Checkpoint, load_weights, save_weights
from nzip.train.command import FILE, FOUND, FOUND_FILE, size, told
from nzip.train.evaluate import evaluate as evaluate_network
from nzip.train.export import export as export_network
from nzip.train.log import log_of, mean
from nzip.train.loop import FINAL_VALIDATION_BYTES, Run, Trainer
from nzip.train.narrow import narrow
from nzip.train.network import ByteNetwork
from nzip.train.precision import PRECISIONS
from nzip.train.prepare import prepare
from nzip.train.recipe import CLASS_WEIGHTS, SIZES, Recipe
from nzip.train.restore import restore
from nzip.train.schedule import Budget
from nzip.train.segments import Segments
from nzip.train.word_classes import word_classes, write


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
def main() -> None:
    """Train the byte network that nzip predicts with. docs/training.md explains the recipe."""


def _weight(text: str) -> tuple[str, float]:
    name, equals, number = text.partition("=")
    try:
        if not equals:
            raise ValueError
        return name, float(number)
    except ValueError:
        raise click.BadParameter(f"{text!r} is not a class and its weight, such as code=0.2") from None


_data = click.option(
    "--data", "data", multiple=True, required=True, type=FOUND, metavar="PATH",
    help="A class file, or a folder of them (NAME.bin, NAME.bin.xz); repeat for more.",
)  # fmt: skip
_valid = click.option(
    "--valid", multiple=True, required=True, type=FOUND, metavar="PATH", help="The same to validate on."
)
_device = click.option("--device", default="auto", help="cpu, cuda, cuda:1 ... [a GPU where there is one].")
_threads = click.option(
    "-T", "--threads", type=click.IntRange(1), metavar="N", help="Threads on the CPU [cores]."
)
_kernels = click.option(
    "--kernels", "implementation", type=click.Choice(["auto", "fused", "torch"]), default="auto",
    help="What is no matrix product: in one pass, by C++ or Triton, or by torch [in one pass].",
)  # fmt: skip


@main.command()
@_data
@_valid
@click.option("--hours", type=float, metavar="H", help="The budget: hours of training.")
@click.option("--bytes", "bytes_seen", type=size, metavar="SIZE", help="The budget: bytes seen (120M, 2G).")
@click.option(
    "--size", "architecture", type=click.Choice(list(SIZES)),
    help="The architecture: base is what -9 uses [default, of 6 layers of 320 channels].",
)  # fmt: skip
@click.option("--channels", type=click.IntRange(32, 512), metavar="D", help="A multiple of 32 [by size].")
@click.option("--layers", type=click.IntRange(1, 8), metavar="L", help="Layers [by size].")
@click.option(
    "--lanes", type=click.IntRange(1), metavar="N", help="Of a batch, which has 256 bytes of each [by size]."
)
@click.option("--seed", type=click.IntRange(0), metavar="N", help="Of the weights and of the drawing [1].")
@click.option(
    "--rate", type=float, metavar="X", help="Times the recipe's learning rates: below 1 with --start [1]."
)
@click.option(
    "--decay", type=float, metavar="X", help="The part of the budget, at its end, while rates fall [0.3]."
)
@click.option("--weight", "weights", multiple=True, type=_weight, metavar="CLASS=X", help="A class's share.")
@click.option(
    "--checkpoint", "path", required=True, type=FILE, help="Where the run is kept; beside it its log."
)
@click.option("--resume", is_flag=True, help="Continue from the checkpoint.")
@click.option(
    "--start",
    type=FOUND_FILE,
    help="Start from weights (.safetensors) or a model (.nzm).",
)
@click.option("-o", "--output", type=FILE, help="Write the model file at the end.")
@click.option("--licence", default="MIT", help="Of the model, for its card [MIT].")
@_device
@_threads
@_kernels
@click.option(
    "--precision", type=click.Choice(["auto", *PRECISIONS]), default="auto", help="Of products [the faster]."
)
@told
def run(
    data: Sequence[Path],
    valid: Sequence[Path],
    hours: float | None,
    bytes_seen: int | None,
    architecture: str | None,
    channels: int | None,
    layers: int | None,
    lanes: int | None,
    seed: int | None,
    rate: float | None,
    decay: float | None,
    weights: Sequence[tuple[str, float]],
    path: Path,
    resume: bool,
    start: Path | None,
    output: Path | None,
    licence: str,
    device: str,
    threads: int | None,
    implementation: str,
    precision: str,
) -> None:
    """Train until the budget is spent. Ctrl-C and SIGTERM leave a checkpoint, from which --resume continues.

    A budget counts from the beginning of the run, --resume or not. Where the learning rate starts to fall, a
    second checkpoint is kept (FILE.stable): resumed with a larger budget, it makes a longer run of it.
    """
    if (hours is None) == (bytes_seen is None):
        raise click.UsageError("give either --hours or --bytes")
    budget = Budget(seconds=None if hours is None else hours * 3600, bytes=bytes_seen)
    given = {"channels": channels, "layers": layers, "lanes": lanes, "seed": seed, "decay": decay}
    changes: dict[str, Any] = {**SIZES[architecture]} if architecture is not None else {}
    changes |= {name: value for name, value in given.items() if value is not None}
    if rate is not None:
        changes |= {name: rate * getattr(Recipe(), name) for name in ("matrix_rate", "other_rate")}
    before = None
    if resume:
        if changes or start is not None:
            raise click.UsageError("a resumed run keeps its channels, layers, lanes, seed, rates and start")
        before = Checkpoint.load(path)
    elif path.exists():
        raise click.UsageError(f"{path} exists: --resume continues it")
    recipe = before.recipe if before else replace(Recipe(), **changes)

    shares = {**CLASS_WEIGHTS, **dict(weights)}
    classes, validation = corpus.read_classes(data), corpus.read_classes(valid)
    if missing := sorted(set(classes) - set(shares)):
        raise click.UsageError(f"the class {missing[0]} needs a --weight")
    network = prepare(recipe, device, threads, implementation, precision)
    if start is not None and start.suffix == ".nzm":
        restore(parse(start.read_bytes()), network)
    elif start is not None:
        load_weights(start, network)
    trainer = Trainer(
        network, recipe, classes, describe(classes, shares, corpus.read_sources(data)), resume=before
    )
    log = log_of(path)
    if before is None:
        log.clear()
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # as Ctrl-C: what clusters send
    Run(trainer, budget, recipe.decay, validation, path, log).run()
    if output is not None:
        checkpoint = trainer.checkpoint()
        output.write_bytes(export_network(network, card(checkpoint, log.read(checkpoint.batches), licence)))


@main.command()
@_data
@_valid
@click.option("--minutes", type=float, required=True, metavar="M", help="The budget.")
@click.option("--vocabulary", type=click.IntRange(258, 65_535), default=4096, help="Tokens [4096].")
@click.option("--width", type=click.IntRange(32), default=192, help="Channels; whole heads of 32 [192].")
@click.option("--layers", type=click.IntRange(1), default=5, help="Layers [5].")
@click.option("--context", type=click.IntRange(2), default=1024, help="Tokens that it sees [1024].")
@click.option(
    "--processes",
    type=click.IntRange(1),
    default=1,
    help="Of one core each, whose windows add to each batch; a single one uses all cores [1].",
)
@click.option("--start", type=FOUND_FILE, help="Train the model of this checkpoint on.")
@click.option("--checkpoint", "path", required=True, type=FILE, help="Where the run is kept.")
@click.option("-o", "--output", required=True, metavar="NAME", help="Write NAME-f16.gguf and NAME-q8_0.gguf.")
@told
def language(
    data: Sequence[Path],
    valid: Sequence[Path],
    minutes: float,
    vocabulary: int,
    width: int,
    layers: int,
    context: int,
    processes: int,
    start: Path | None,
    path: Path,
    output: str,
) -> None:
    """Train a small language model and write it for llama.cpp."""
    if width % 32:
        raise click.UsageError("--width is not a multiple of 32")
    try:
        from nzip.train.language import gguf
        from nzip.train.language.loop import Trained, train
        from nzip.train.language.model import Shape
    except ModuleNotFoundError as missing:
        raise click.ClickException(f"{missing}: this needs pip install 'nzip[train-language]'") from None

    shape = Shape(vocabulary, width, -(-width * 8 // 3 // 32) * 32, layers, width // 32, context)
    before = None if start is None else Trained.load(start)
    trained = train(
        corpus.read_classes(data),
        corpus.read_classes(valid),
        shape,
        60 * minutes,
        path,
        click.echo,
        start=before,
        processes=processes,
    )
    for kind in gguf.TYPES:
        gguf.write(Path(f"{output}-{kind}.gguf"), trained.model, trained.tokenizer, kind)


@main.command()
@click.argument("trained", type=FOUND_FILE, metavar="CHECKPOINT|MODEL")
@_valid
@click.option(
    "--limit",
    type=size,
    default=str(FINAL_VALIDATION_BYTES),
    metavar="SIZE",
    help="Bytes of a class [400000].",
)
@_device
@_threads
@_kernels
@told
def evaluate(
    trained: Path, valid: Sequence[Path], limit: int, device: str, threads: int | None, implementation: str
) -> None:
    """Measure a checkpoint, or the exact network of a model file (.nzm): bits per byte of each class, by the
    network alone."""
    network: ByteNetwork | Network
    if trained.suffix == ".nzm":
        network = load_network(trained.read_bytes())
    else:
        loaded = Checkpoint.load(trained)
        network = prepare(loaded.recipe, device, threads, implementation)
        network.load_state_dict(loaded.network)
    found = evaluate_network(network, corpus.read_classes(valid), limit)
    for name, bits in found.items():
        click.echo(f"{name}\t{bits:.4f}")
    click.echo(f"mean\t{mean(found):.4f}")


@main.command()
@click.argument("checkpoint", type=FOUND_FILE)
@click.option("-o", "--output", type=FILE, required=True, help="The model file (.nzm).")
@click.option("--licence", default="MIT", help="Of the model, for its card [MIT].")
@told
def export(checkpoint: Path, output: Path, licence: str) -> None:
    """Write a checkpoint as a model file, with a card from the checkpoint and its log."""
    loaded = Checkpoint.load(checkpoint)
    records = log_of(checkpoint).read(loaded.batches)
    output.write_bytes(export_network(loaded.build(), card(loaded, records, licence)))


@main.command()
@click.argument("checkpoint", type=FOUND_FILE)
@click.option("-o", "--output", type=FILE, required=True, help="The weights (.safetensors).")
@told
def weights(checkpoint: Path, output: Path) -> None:
    """Keep of a checkpoint its weights in 16 bits, for `run --start`."""
    save_weights(output, Checkpoint.load(checkpoint).build())


@main.command("word-classes")
@_data
@click.option(
    "-o", "--output", type=FILE, required=True, help="The checkout's native/engine1/word_classes.inc."
)
@told
def classify_words(data: Sequence[Path], output: Path) -> None:
    """Sort frequent words into classes by the words beside them, for the engine's contexts."""
    write(output, word_classes(corpus.read_classes(data)))


@main.command("narrow")
@click.argument("model", type=FOUND_FILE)
@click.option(
    "--channels", type=click.IntRange(32, 480), required=True, metavar="D", help="A multiple of 32."
)
@_data
@click.option("-o", "--output", type=FILE, required=True, help="The weights (.safetensors).")
@_threads
@told
def narrow_model(model: Path, channels: int, data: Sequence[Path], output: Path, threads: int | None) -> None:
    """Make weights of fewer channels of a model (.nzm), for `run --channels D --start`: those that contribute
    least to predicting the data are left out."""
    loaded = parse(model.read_bytes())
    recipe = Recipe(channels=loaded.channels, layers=loaded.layers)
    network = prepare(recipe, "cpu", threads, "auto")
    restore(loaded, network)
    classes = corpus.read_classes(data)
    segments = Segments(classes, CLASS_WEIGHTS, np.random.default_rng(recipe.seed))
    source = Batches(segments, recipe.lanes, recipe.steps)
    save_weights(output, narrow(network, channels, [source.next() for _ in range(8)]))


@main.command()
@click.argument("model", type=FOUND_FILE)
@_data
@_valid
@told
def ship(model: Path, data: Sequence[Path], valid: Sequence[Path]) -> None:
    """Make MODEL the default network, and train all profiles anew: on documents of the training data, and on
    every second one of the validation data."""
    from nzip.train.shipping import ship as ship_files

    for name in ship_files(model.read_bytes(), corpus.read_classes(valid), corpus.read_classes(data)):
        click.echo(name)


@main.command()
@click.argument("checkpoints", nargs=-1, required=True, type=FILE, metavar="CHECKPOINT...")
@click.option("-o", "--output", type=FILE, required=True, help="The picture (.png, .svg).")
@told
def curves(checkpoints: Sequence[Path], output: Path) -> None:
    """Draw the logs of runs."""
    from nzip.train.curves import draw  # matplotlib takes long to import

    draw({path.name: log_of(path).read() for path in checkpoints}, output)


@main.command()
@click.argument("archives", nargs=-1, type=FOUND_FILE, metavar="[TARBALL]...")
@click.option(
    "-o", "--output", required=True, type=click.Path(file_okay=False, path_type=Path), metavar="FOLDER"
)
@click.option(
    "--class",
    "name",
    type=click.Choice(["code", "languages"]),
    default="code",
    help="What is gathered [code].",
)
@click.option(
    "--exclude", multiple=True, type=FOUND, metavar="PATH", help="Files, or folders of files, to keep out."
)
@click.option(
    "--seed", type=click.IntRange(0), default=1, metavar="N", help="Of the choice and the order [1]."
)
@told
def sources(archives: Sequence[Path], output: Path, name: str, exclude: Sequence[Path], seed: int) -> None:
    """Gather documents to train on: code from this machine and from archives, or languages from archives.

    Languages are the manual pages, the help in HTML and the fortunes of translated packages. FOLDER gets
    the class file, its manifest, and a megabyte that is held out, in valid/. Files with half of the lines
    of an excluded one (what will be measured on) are left out.
    """
    from nzip.train.sources import KINDS, Excluded, gather, installed, write

    files = [
        file for path in exclude for file in (path.rglob("*") if path.is_dir() else [path]) if file.is_file()
    ]
    excluded = Excluded(file.read_bytes() for file in files)
    kind, folders = KINDS[name], installed() if name == "code" else []
    found = write(kind, output, gather(kind, folders, archives, excluded, np.random.default_rng(seed)))
    for source in found:
        click.echo(f"{source.bytes:>12,}  {source.documents:>6,} files  {source.origin}")
