"""The log of a run: one JSON object a line, beside its checkpoint and on standard error."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import click

# batch, seen, seconds; loss (bits per byte, averaged), or valid (by class) and, at the end, exact (the same
# by the exact network)
Record = dict[str, Any]


class Log:
    """Appended to; each line is written at once."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def clear(self) -> None:
        self._path.unlink(missing_ok=True)

    def add(self, record: Record) -> None:
        line = json.dumps(record)
        with self._path.open("a", encoding="utf-8") as file:
            file.write(line + "\n")
        click.echo(line, err=True)

    def read(self, last_batch: int | None = None) -> list[Record]:
        """The records up to ``last_batch``, that of the checkpoint from which a run was resumed."""
        if not self._path.exists():
            return []
        records: list[Record] = [json.loads(line) for line in self._path.read_text("utf-8").splitlines()]
        return [each for each in records if last_batch is None or each["batch"] <= last_batch]


def log_of(checkpoint: Path) -> Log:
    return Log(checkpoint.with_name(checkpoint.name + ".jsonl"))


def mean(valid: dict[str, float]) -> float:
    """The mean over all classes, each counting the same."""
    return sum(valid.values()) / len(valid)
