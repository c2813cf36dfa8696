"""How long a run lasts, and how its learning rates move meanwhile."""

from __future__ import annotations

from dataclasses import dataclass

LEAST = 0.01  # part of the rate that is left at the very end


@dataclass(frozen=True)
class Budget:
    """A run ends after ``seconds`` of training, or when ``bytes`` were seen. One of the two is given."""

    seconds: float | None = None
    bytes: float | None = None

    def __post_init__(self) -> None:
        if (self.seconds is None) == (self.bytes is None):
            raise ValueError("a budget is of time or of bytes")

    def spent(self, seconds: float, bytes: float) -> float:
        """The part of the budget that is gone; from 1 on the run is over."""
        if self.seconds is not None:
            return seconds / self.seconds
        assert self.bytes is not None
        return bytes / self.bytes


def rate_factor(batch: int, spent: float, *, warmup: int, decay: float) -> float:
    """Warm-up, stable, decay (WSD: Hu et al. 2024, MiniCPM): what the learning rates are multiplied with.

    Unlike a cosine, the stable phase does not know the budget's end: a run may be continued with a larger one
    from the checkpoint that is made before the decay.

    >>> [rate_factor(batch, batch / 1000, warmup=100, decay=0.25) for batch in (0, 49, 99, 500, 875, 1000)]
    [0.01, 0.5, 1.0, 1.0, 0.5, 0.01]
    """
    rising = min(1.0, (batch + 1) / warmup)
    falling = 1.0 if spent < 1 - decay else max(LEAST, (1 - spent) / decay)
    return rising * falling
