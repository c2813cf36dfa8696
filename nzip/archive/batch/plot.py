"""Levels by size and speed, drawn as SVG."""

from __future__ import annotations

import math
from collections.abc import Sequence

from nzip.archive.batch.sample import Point

_WIDTH, _HEIGHT = 760, 380
_LEFT, _RIGHT, _TOP, _BOTTOM = 84, 30, 24, 64
_STEPS = (1, 2, 5)  # of the speed axis, times a power of ten


def plot(points: Sequence[Point]) -> str:
    """An SVG element; colours come from the page."""
    low, high = _ends([math.log10(point.speed) for point in points], 0.12)
    small, large = _ends([100 * point.ratio for point in points], 0.15)

    def x(speed: float) -> float:
        return _LEFT + (math.log10(speed) - low) / (high - low) * (_WIDTH - _LEFT - _RIGHT)

    def y(percent: float) -> float:
        return _HEIGHT - _BOTTOM - (percent - small) / (large - small) * (_HEIGHT - _TOP - _BOTTOM)

    bottom, right = _HEIGHT - _BOTTOM, _WIDTH - _RIGHT
    parts = [f'<svg viewBox="0 0 {_WIDTH} {_HEIGHT}" role="img" aria-label="Size against speed of levels">']
    for speed in _speeds(10**low, 10**high):
        parts.append(_line(x(speed), _TOP, x(speed), bottom))
        parts.append(_label(x(speed), bottom + 26, "middle", f"{speed / 1e6:g}"))
    for percent in _percents(small, large):
        parts.append(_line(_LEFT, y(percent), right, y(percent)))
        parts.append(_label(_LEFT - 10, y(percent) + 5, "end", f"{percent:g} %"))
    parts.append(_label(right, _HEIGHT - 8, "end", "MB/s"))
    places = [(x(point.speed), y(100 * point.ratio)) for point in points]
    parts.append(f'<polyline class="curve" points="{" ".join(f"{a:.1f},{b:.1f}" for a, b in places)}"/>')
    for point, (a, b) in zip(points, places, strict=True):
        parts.append(f'<circle cx="{a:.1f}" cy="{b:.1f}" r="6"/>')
        parts.append(_label(a, b - 12, "middle", f"-{point.level}", "label"))
    return "".join([*parts, "</svg>"])


def _line(x1: float, y1: float, x2: float, y2: float) -> str:
    return f'<line class="grid" x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}"/>'


def _label(x: float, y: float, anchor: str, text: str, kind: str = "") -> str:
    return f'<text class="{kind}" x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}">{text}</text>'


def _ends(values: Sequence[float], margin: float) -> tuple[float, float]:
    """The values' range with some air around it."""
    low, high = min(values), max(values)
    air = margin * (high - low) or 0.5
    return low - air, high + air


def _speeds(low: float, high: float) -> list[float]:
    powers = range(math.floor(math.log10(low)), math.ceil(math.log10(high)) + 1)
    return [step * 10.0**power for power in powers for step in _STEPS if low <= step * 10.0**power <= high]


def _percents(low: float, high: float) -> list[float]:
    """Four lines or so, at round numbers."""
    rough = (high - low) / 4
    power = 10.0 ** math.floor(math.log10(rough))
    step = next(step * power for step in (1, 2, 5, 10) if step * power >= rough)
    return [step * number for number in range(math.ceil(low / step), math.floor(high / step) + 1)]
