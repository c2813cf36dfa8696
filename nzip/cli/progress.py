"""The progress bar: on a terminal only, and only for work that is worth watching."""

from __future__ import annotations

import time
from types import TracebackType
from typing import TYPE_CHECKING, NoReturn

from nzip.cli.console import Console
from nzip.messages import printable

if TYPE_CHECKING:
    from tqdm import tqdm

WORTH_WATCHING = 1 << 20  # bytes; less is done before anybody looks,
LATER = 2.0  # seconds, as a rule: what takes longer is watched from then on
WORTH_COUNTING = 50  # files; fewer are, too


class ProgressBar:
    """Counts the source's bytes; the ratio, and how many files are done, stand beside rate and time left."""

    def __init__(
        self,
        console: Console,
        name: str,
        size: int | None,
        *,
        counts_plain: bool,
        files: int = 1,
        learned: int = 0,
    ) -> None:
        """``learned`` bytes of references may have to be gone through before the source's."""
        self._name, self._size = name, size
        self._counts_plain = counts_plain
        self._files = files
        self._on_terminal = console.on_terminal
        self._start = time.time()
        self._bar: tqdm[NoReturn] | None = None
        if size is None or size + learned > WORTH_WATCHING or files > WORTH_COUNTING:
            self._show()

    def _show(self) -> None:
        if not self._on_terminal:
            return
        from tqdm import tqdm  # takes longer to import than a small file to compress

        self._bar = tqdm(
            total=self._size,
            desc=printable(self._name),
            unit="B",
            unit_scale=True,
            unit_divisor=1024,
            leave=False,
        )
        self._bar.start_t = self._bar.last_print_t = self._start

    def __call__(self, plain: int, coded: int, files: int = 0) -> None:
        if self._bar is None and time.time() - self._start > LATER:
            self._show()
        if self._bar is not None:
            said = [f"{files}/{self._files} files"] if self._files > 1 else []
            if plain and coded:
                said.append(f"{100 * coded / plain:.1f} %")
            self._bar.set_postfix_str(", ".join(said), refresh=False)
            self._bar.update((plain if self._counts_plain else coded) - self._bar.n)

    def done(self, size: int) -> None:
        """For work on plaintext alone."""
        self(size, 0)

    def expect(self, size: int) -> None:
        """So many bytes will come, as is known by now."""
        self._size = size
        if self._bar is not None:
            self._bar.reset(size)

    def __enter__(self) -> ProgressBar:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._bar is not None:
            self._bar.close()
