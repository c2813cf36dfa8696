"""The picture: size against speed, in both directions."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import BinaryIO

from matplotlib.figure import Figure

from nzip.bench.measure import Measurement
from nzip.bench.report import MEGA

FORMATS = "png", "svg", "pdf"

_Point = tuple[float, float]  # speed in MB/s, bits per byte


def draw(measurements: Sequence[Measurement], file: BinaryIO, kind: str) -> None:
    """One point for each compressor; nzip's levels are joined. Lower and further right is better.

    ``kind`` is one of ``FORMATS``.
    """
    figure = Figure(figsize=(11, 5), layout="constrained")
    axes = figure.subplots(1, 2, sharey=True)
    for axis, title in zip(axes, ("compress", "decompress"), strict=True):
        points = {m.codec: (m.speed(getattr(m, title)) / MEGA, m.bpb) for m in measurements}
        ours = [point for name, point in points.items() if _is_ours(name)]
        others = [point for name, point in points.items() if not _is_ours(name)]
        axis.plot(*zip(*ours, strict=True), "o-", color="tab:red", zorder=3, label="nzip")
        if others:
            axis.plot(*zip(*others, strict=True), "o", color="tab:gray")
        for label, point in _labels(points).items():
            # Ours below their points and the others' above: they are crowded where they are good.
            below = {"xytext": (0, -14), "ha": "center", "weight": "bold"}
            place = below if point in ours else {"xytext": (4, 5)}
            axis.annotate(label, point, textcoords="offset points", fontsize=9, **place)
        axis.set_xscale("log")
        axis.margins(x=0.15, y=0.1)
        axis.xaxis.set_major_formatter("{x:g}")
        axis.xaxis.set_minor_formatter("")
        axis.set_xlabel(f"{title}, MB/s")
        axis.grid(True, which="both", alpha=0.25)
    axes[0].set_ylabel("bits per byte")
    axes[0].legend(loc="upper left")
    figure.suptitle(
        f"{measurements[0].file}, {measurements[0].plain_bytes / MEGA:.1f} MB; lower right is better"
    )
    figure.savefig(file, dpi=120, format=kind)


def _labels(points: Mapping[str, _Point]) -> dict[str, _Point]:
    """The labels of ``points`` by name, and where each is put: neighbours of one kind share one."""
    groups: list[list[str]] = []
    for name in points:
        for group in groups:
            if _overlap(points[name], points[group[0]]) and _is_ours(name) == _is_ours(group[0]):
                group.append(name)
                break
        else:
            groups.append([name])
    return {", ".join(name.removeprefix("nzip") for name in group): points[group[0]] for group in groups}


def _is_ours(name: str) -> bool:
    return name.startswith("nzip-")


def _overlap(a: _Point, b: _Point) -> bool:
    """Whether labels of points at these speeds and sizes would cover each other."""
    return abs(math.log10(a[0] / b[0])) < 0.2 and abs(a[1] - b[1]) < 0.04
