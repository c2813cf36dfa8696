"""``python -m nzip.bench.scaling``: how restoring scales with GPUs and cores, from measured costs."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import click

from nzip.bench.codec import nzip_options
from nzip.bench.costs import (
    STEP_BYTES,
    Costs,
    CostsError,
    mixing_cost,
    native_step_costs,
    read_costs,
    step_costs,
    torch_step,
)
from nzip.bench.report import MEGA, write_csv
from nzip.bench.simulate import Load, Plant, simulate
from nzip.errors import NzipError
from nzip.format.limits import MAX_LANES
from nzip.models.network import load_network
from nzip.models.store import NETWORKS
from nzip.resources.devices import CPU, find_devices

POSITIONS, DEVICE_POSITIONS = (1, 2, 4, 16, 64, 256), (64, 1024, 8192)
SAMPLE_BYTES = 1 << 18
_MOST = 1024  # of anything
_GIGA, _MICRO = 1e9, 1e-6
_ROW = "{:>5}  {:>4}  {:>8}  {:>8}  {:<11}  {}"


class _Numbers(click.ParamType):  # type: ignore[type-arg]
    """Whole numbers such as 1,3,6 or 1-8."""

    name = "list"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> list[int]:
        if isinstance(value, list):
            return value
        try:
            spans = [part.partition("-") for part in value.split(",")]
            found = [n for low, _, high in spans for n in range(int(low), min(int(high or low), _MOST) + 1)]
        except ValueError:
            found = []
        if not found or min(found) < 1:
            self.fail(f"{value!r} is not a list such as 1,2,4 or 1-8", param, ctx)
        return found


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
def main() -> None:
    """Measure what the network and the mixing cost, and simulate GPUs and cores from that."""


@main.command()
@click.argument("sample", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--levels", type=_Numbers(), default="3,6,8", metavar="LIST", help="Levels [3,6,8].")
@click.option("--model", default="default", metavar="NAME", help="The network that is stepped [default].")
@click.option("--device", default=CPU, metavar="NAME", help="Where: cpu, cuda, cuda:1 ... [cpu].")
@click.option(
    "--lanes", type=click.IntRange(1, MAX_LANES), default=64, metavar="N", help="Lanes that are mixed [64]."
)
@click.option("-T", "--threads", type=click.IntRange(1), default=1, metavar="N", help="Blocks at once [1].")
def measure(sample: Path, levels: list[int], model: str, device: str, lanes: int, threads: int) -> None:
    """Measure on this machine, with the first 256 KiB of SAMPLE; print rows of CSV.

    Rows `step` say how long a step of the network takes for so many positions at once, rows `mix` how long a
    core takes for a byte that is restored, without the network.
    """
    try:
        plain = sample.read_bytes()[:SAMPLE_BYTES]
        if len(plain) < STEP_BYTES:
            raise CostsError(f"{sample} has less than {STEP_BYTES} bytes")
        for level in levels:
            nzip_options(str(level))  # what is no level is refused at once
        network, devices = load_network(NETWORKS.find(model).data), find_devices(device)
        if devices:
            steps = step_costs(torch_step(network.model, devices[0]), DEVICE_POSITIONS)
        else:
            steps = native_step_costs(network, plain[:STEP_BYTES], POSITIONS)
        mixing = {level: mixing_cost(level, plain, lanes, threads) for level in levels}
    except (NzipError, ValueError) as error:
        raise click.ClickException(str(error)) from None
    write_csv(Costs(steps, mixing).rows(lanes), sys.stdout)


@main.command("simulate")
@click.argument(
    "measured", nargs=-1, required=True, type=click.Path(exists=True, dir_okay=False, path_type=Path)
)
@click.option("--devices", type=_Numbers(), default="1-8", metavar="LIST", help="GPUs [1-8].")
@click.option(
    "--cores", type=click.IntRange(1), default=16, metavar="N", help="Cores of all GPUs together [16]."
)
@click.option(
    "--lanes", type=click.IntRange(1, MAX_LANES), default=64, metavar="N", help="Lanes of a block [64]."
)
@click.option(
    "--blocks", type=click.IntRange(1, _MOST), metavar="N", help="Blocks in flight [twice the cores]."
)
@click.option(
    "--link", type=click.FloatRange(0.001), default=25.0, metavar="GB/S", help="From a GPU to the host [25]."
)
@click.option(
    "--dispatch", type=click.FloatRange(0), default=0.3, metavar="US",
    help="Microseconds of the interpreter for a byte [0.3].",
)  # fmt: skip
@click.option("--processes", is_flag=True, help="A process, and so an interpreter, for each GPU.")
@click.option("--csv", "as_csv", is_flag=True, help="Rows for programs instead of a table.")
def simulate_all(
    measured: Sequence[Path],
    devices: list[int],
    cores: int,
    lanes: int,
    blocks: int | None,
    link: float,
    dispatch: float,
    processes: bool,
    as_csv: bool,
) -> None:
    """Simulate restoring with GPUs and cores, for each level in MEASURED.

    Steps of a later file replace those of an earlier one: cpu.csv gpu.csv. MB are 10^6 bytes.
    """
    try:
        costs = read_costs(measured)
    except CostsError as error:
        raise click.ClickException(str(error)) from None
    rows: list[dict[str, Any]] = []
    for level, mixing in costs.mixing.items():
        for count in devices:
            interpreters = count if processes else 1
            plant = Plant(count, cores, costs.step, mixing, dispatch * _MICRO, link * _GIGA, interpreters)
            load = Load(blocks or 2 * cores, lanes)
            outcome = simulate(plant, load)
            rows.append(
                {
                    "level": level,
                    "gpus": count,
                    "cores": cores,
                    "lanes": lanes,
                    "blocks": load.blocks,
                    "mb_s": round(outcome.speed / MEGA, 4),
                    "of_cores": round(outcome.speed * mixing / cores, 4),  # had they nothing to wait for
                    "busiest": outcome.busiest,
                    **{f"{name}_busy": round(part, 4) for name, part in outcome.busy.items()},
                }
            )
    if as_csv:
        write_csv(rows, sys.stdout)
    else:
        click.echo("\n".join(_table(rows)))


def _table(rows: Sequence[dict[str, Any]]) -> Iterator[str]:
    kinds = [name for name in rows[0] if name.endswith("_busy")]
    busy = ", ".join(name.removesuffix("_busy") for name in kinds)
    yield _ROW.format("level", "gpus", "MB/s", "of cores", "busiest", f"busy: {busy}")
    for row in rows:
        yield _ROW.format(
            f"-{row['level']}",
            row["gpus"],
            f"{row['mb_s']:.3f}",
            f"{row['of_cores']:.0%}",
            row["busiest"],
            ", ".join(f"{row[name]:.0%}" for name in kinds),
        )


if __name__ == "__main__":
    main(prog_name="python -m nzip.bench.scaling")
