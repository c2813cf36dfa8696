"""The picture of a run: training loss and validation against bytes seen."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from nzip.train.log import Record, mean

MEGA = 10**6


def draw(runs: Mapping[str, Sequence[Record]], path: Path) -> None:
    """On the left each run's training loss and mean validation, on the right the classes of the last run."""
    import matplotlib

    matplotlib.use("Agg")  # a file, no window
    from matplotlib import pyplot

    figure, (left, right) = pyplot.subplots(1, 2, figsize=(11, 5), layout="constrained")
    valid: list[Record] = []
    for name, records in runs.items():
        train = [each for each in records if "loss" in each]
        valid = [each for each in records if "valid" in each]
        (line,) = left.plot(
            [each["seen"] / MEGA for each in train], [each["loss"] for each in train], lw=1, alpha=0.5
        )
        left.plot(
            [each["seen"] / MEGA for each in valid],
            [mean(each["valid"]) for each in valid],
            "o-",
            color=line.get_color(),
            ms=3,
            label=name,
        )
    left.set_title("validation, mean of the classes (points); training (thin)")
    left.legend()
    for name in valid[-1]["valid"] if valid else ():
        right.plot(
            [each["seen"] / MEGA for each in valid], [each["valid"][name] for each in valid], ".-", label=name
        )
    right.set_title("validation by class")
    if valid:
        right.legend()
    for axis in (left, right):
        axis.set_xlabel("MB seen")
        axis.set_ylabel("bits per byte")
        axis.grid(True, alpha=0.25)
    figure.savefig(path, dpi=120)
    pyplot.close(figure)
