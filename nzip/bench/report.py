"""Measurements as a table for people, and as rows for programs."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Sequence
from typing import IO, Any

from nzip.bench.measure import Cost, Measurement

MEGA = 1e6
_HEADER = ("", "bytes", "bpb", "compress", "decompress", "memory", "memory", "")
_UNITS = ("", "", "", "MB/s", "MB/s", "MB", "MB", "")
_LAYOUT = "{:<12}{:>13}{:>8}{:>12}{:>12}{:>9}{:>9}  {}"


def table_lines(measurements: Sequence[Measurement]) -> list[str]:
    """One file's table. Memory is given for compressing and for decompressing; MB are 10^6 bytes."""
    head = f"{measurements[0].file} ({measurements[0].plain_bytes} bytes)"
    lines = [head, _LAYOUT.format(*_HEADER).rstrip(), _LAYOUT.format(*_UNITS).rstrip()]
    for m in measurements:
        cells = (
            m.codec,
            m.coded_bytes,
            f"{m.bpb:.3f}",
            _speed(m, m.compress),
            _speed(m, m.decompress),
            f"{m.compress.peak / MEGA:.0f}",
            f"{m.decompress.peak / MEGA:.0f}",
            m.tool if m.round_trip else f"NOT RESTORED by {m.tool}",
        )
        lines.append(_LAYOUT.format(*cells).rstrip())
    return lines


def _speed(measurement: Measurement, cost: Cost) -> str:
    return f"{measurement.speed(cost) / MEGA:.3g}"


def row(m: Measurement) -> dict[str, Any]:
    """The measurement as CSV and JSON have it: plain numbers in bytes, seconds and 10^6 bytes per second."""
    return {
        "file": m.file,
        "codec": m.codec,
        "settings": m.settings,
        "tool": m.tool,
        "plain_bytes": m.plain_bytes,
        "coded_bytes": m.coded_bytes,
        "bpb": round(m.bpb, 4),
        "compress_mb_s": round(m.speed(m.compress) / MEGA, 4),
        "decompress_mb_s": round(m.speed(m.decompress) / MEGA, 4),
        "compress_s": round(m.compress.wall, 4),
        "decompress_s": round(m.decompress.wall, 4),
        "compress_cpu_s": round(m.compress.cpu, 4),
        "decompress_cpu_s": round(m.decompress.cpu, 4),
        "compress_peak_bytes": m.compress.peak,
        "decompress_peak_bytes": m.decompress.peak,
        "round_trip": m.round_trip,
    }


def write_csv(rows: Iterable[dict[str, Any]], file: IO[str]) -> None:
    rows = list(rows)
    writer = csv.DictWriter(file, fieldnames=list(rows[0]), lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
