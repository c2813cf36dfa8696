"""The progress bar: on a terminal only, and only for work that is worth watching."""

from __future__ import annotations

from types import TracebackType
from typing import TYPE_CHECKING, NoReturn

from nzip.cli.console import Console
from nzip.messages import printable
from nzip.pipeline.references import known_bytes

if TYPE_CHECKING:
    from tqdm import tqdm

WORTH_WATCHING = 1 << 20  # bytes; less is done before anybody looks


class ProgressBar:
    """Counts the source's bytes; the ratio stands beside rate and time left."""

    def __init__(self, console: Console, name: str, size: int | None, *, counts_plain: bool) -> None:
        self._counts_plain = counts_plain
        self._bar: tqdm[NoReturn] | None = None
        if console.on_terminal and (size is None or size + known_bytes() > WORTH_WATCHING):
            from tqdm import tqdm  # takes longer to import than a small file to compress

            self._bar = tqdm(
                total=size,
                desc=printable(name),
                unit="B",
                unit_scale=True,
                unit_divisor=1024,
                leave=False,
            )

    def __call__(self, plain: int, coded: int) -> None:
        if self._bar is not None:
            if plain and coded:
                self._bar.set_postfix_str(f"{100 * coded / plain:.1f} %", refresh=False)
            self._bar.update((plain if self._counts_plain else coded) - self._bar.n)

    def done(self, size: int) -> None:
        """For work on plaintext alone."""
        self(size, 0)

    def expect(self, size: int) -> None:
        """So many bytes will come, as is known by now."""
        if self._bar is not None:
            self._bar.reset(size)

    def __enter__(self) -> ProgressBar:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._bar is not None:
            self._bar.close()
