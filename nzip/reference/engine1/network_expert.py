"""The byte network as an expert of a block's lanes (docs/format/engine1/experts.md, docs/model.md)."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from nzip.reference.network import step
from nzip.reference.network_contexts import fresh_lanes, rows_of_glr1, take_byte
from nzip.reference.network_file import Network
from nzip.reference.network_statistics import fresh_statistics, rows_of_glr2, take_in


class NetworkExpert:
    """A network that is fresh in a block. ``starts``: where lanes begin in the block's text, and its end."""

    def __init__(
        self, architecture: str, network: Network, text: npt.NDArray[np.uint8], starts: npt.NDArray[np.int64]
    ) -> None:
        self._network = network
        self._lanes = fresh_lanes(text, starts[:-1])
        self._statistics = fresh_statistics(starts[:-1]) if architecture == "glr2" else None
        layers, d = network.w2.shape[:2]
        self._state = np.zeros((len(starts) - 1, layers, d), np.int64)
        self._rows = np.zeros(len(network.offset), np.int64)
        self._starts = starts

    def weigh(self, turn: int, asked: npt.NDArray[np.bool_], weights: npt.NDArray[np.int64]) -> None:
        """Writes the weights of the lanes that are asked."""
        for lane in np.flatnonzero(asked):
            if self._statistics is None:
                rows_of_glr1(self._lanes, lane, self._rows)
            else:
                rows_of_glr2(self._statistics, self._lanes, lane, turn, self._rows)
            step(self._network, self._state[lane], self._rows, weights[lane])

    def take(self, turn: int, asked: npt.NDArray[np.bool_]) -> None:
        """Takes the bytes of the round from the text."""
        for lane in np.flatnonzero(asked):
            at = int(self._starts[lane]) + turn
            byte = int(self._lanes.text[at])
            if self._statistics is None:
                take_byte(self._lanes, lane, byte, at)
            else:
                take_in(self._statistics, self._lanes, lane, byte, at, turn)
