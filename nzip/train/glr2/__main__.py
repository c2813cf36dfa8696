"""The command ``python -m nzip.train.glr2``."""

from __future__ import annotations

import signal
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path

import click
import torch

from nzip.models.network import load_network as load_model
from nzip.train.allocator import keep_freed_memory
from nzip.train.command import told
from nzip.train.corpus import Bytes, read_classes
from nzip.train.glr2 import weights
from nzip.train.glr2.checkpoint import Recipe, Run
from nzip.train.glr2.data import training_classes
from nzip.train.glr2.evaluate import LANES, bits_per_byte, exact_bits_per_byte
from nzip.train.glr2.export import export as to_model_file
from nzip.train.glr2.loop import Loop, Trainer
from nzip.train.log import mean

_FOLDER = click.Path(exists=True, file_okay=False, path_type=Path)
_FILE = click.Path(dir_okay=False, path_type=Path)
_FOUND = click.Path(exists=True, dir_okay=False, path_type=Path)

_data = click.option(
    "--data", multiple=True, required=True, type=_FOLDER, help="Class files; those of a name are one class."
)
_valid = click.option("--valid", required=True, type=_FOLDER, help="Class files to validate on.")
_hold_out = click.option(
    "--hold-out", default="code", help="A class whose last megabyte is for validation [code]."
)


@click.group()
def main() -> None:
    """Train the network glr2, on one core of a CPU."""
    torch.set_num_threads(1)
    keep_freed_memory()


@main.command("run")
@_data
@_valid
@_hold_out
@click.option("--bytes", "bytes_seen", type=float, required=True, metavar="N", help="To see, in all.")
@click.option(
    "--fall", type=float, default=0, metavar="N", help="Of them the last, while the learning rates fall [0]."
)
@click.option(
    "--rate", type=click.FloatRange(0, 4), default=1, metavar="N", help="Times the usual learning rates [1]."
)
@click.option("--every", type=float, default=20e6, metavar="N", help="Bytes between validations [20e6].")
@click.option("--checkpoint", required=True, type=_FILE, help="Where the run is kept.")
@click.option("--curves", required=True, type=_FILE, help="A CSV to add to.")
@click.option("--resume", is_flag=True, help="Continue from the checkpoint.")
@click.option("--start", type=_FOUND, help="Start from weights (.npz.xz), with fresh optimizers.")
@click.option("--seed", type=click.IntRange(0), default=1, help="Of the weights and of the drawing [1].")
@told
def train(
    data: tuple[Path, ...],
    valid: Path,
    hold_out: str,
    bytes_seen: float,
    fall: float,
    rate: float,
    every: float,
    checkpoint: Path,
    curves: Path,
    resume: bool,
    start: Path | None,
    seed: int,
) -> None:
    """Train. Ctrl-C and SIGTERM leave a checkpoint, from which --resume continues."""
    if resume and start is not None:
        raise click.UsageError("give either --resume or --start")
    if checkpoint.exists() and not resume:
        raise click.UsageError(f"{checkpoint} exists: --resume continues it")
    run = Run.load(checkpoint) if resume else Run(Recipe(seed=seed))
    if start is not None:
        run.seen = weights.load(start, run.network)
    classes, held_out = training_classes(list(data), hold_out=hold_out)
    validation = {**read_classes([valid]), hold_out: held_out}
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # as Ctrl-C: what clusters send
    Loop(Trainer(run, classes), validation, checkpoint, curves, every, rate).until(bytes_seen, fall)


@main.command("weights")
@click.argument("checkpoint", type=_FOUND)
@click.option("-o", "--output", type=_FILE, required=True, help="The weights (.npz.xz).")
@told
def keep_weights(checkpoint: Path, output: Path) -> None:
    """Keep of a checkpoint its weights, in few bytes, for `run --start`."""
    run = Run.load(checkpoint)
    weights.save(output, run.network, run.seen)


@main.command("export")
@click.argument("trained", type=_FOUND, metavar="CHECKPOINT|WEIGHTS")
@click.option("-o", "--output", type=_FILE, required=True, help="The model file (.nzm).")
@told
def export(trained: Path, output: Path) -> None:
    """Make the model file of a checkpoint or of weights (.npz.xz)."""
    run = _trained(trained)
    output.write_bytes(to_model_file(run.network, {"seen": run.seen}))


@main.command("evaluate")
@click.argument("trained", type=_FOUND, metavar="CHECKPOINT|WEIGHTS|MODEL")
@_data
@_valid
@_hold_out
@told
def evaluate(trained: Path, data: tuple[Path, ...], valid: Path, hold_out: str) -> None:
    """Measure a checkpoint, weights (.npz.xz) or a model file (.nzm): bits per byte of each class, by the
    network alone, of lanes of 6 KB and of 64 KB."""
    _, held_out = training_classes(list(data), hold_out=hold_out)
    classes = {**read_classes([valid]), hold_out: held_out}
    measure = _measure(trained)
    for kind, lanes in LANES.items():
        found = measure(classes, *lanes)
        for name, bits in {**found, "mean": mean(found)}.items():
            click.echo(f"{kind}\t{name}\t{bits:.4f}")


def _measure(trained: Path) -> Callable[[Mapping[str, Bytes], int, int], dict[str, float]]:
    if trained.suffix == ".nzm":
        return partial(exact_bits_per_byte, load_model(trained.read_bytes()))
    return partial(bits_per_byte, _trained(trained).network)


def _trained(path: Path) -> Run:
    if path.suffix != ".xz":
        return Run.load(path)
    run = Run(Recipe())
    run.seen = weights.load(path, run.network)
    return run


if __name__ == "__main__":
    main()
