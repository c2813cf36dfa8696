"""A block's experts, round by round (docs/format/engine1/experts.md)."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from nzip.errors import NzipFormatError, NzipVersionError
from nzip.reference.block_header import BlockHeader, Segment, read_segments
from nzip.reference.cursor import Cursor
from nzip.reference.engine1.block import Plan, is_packed
from nzip.reference.engine1.experts import grow
from nzip.reference.engine1.network_expert import NetworkExpert
from nzip.reference.engine1.state import LEARNER, NETWORK, Engine
from nzip.reference.learner import fresh_learner, learn, predict
from nzip.reference.network_file import Network, read_network
from nzip.reference.resources import Resources

_NETWORK, _REFERENCE, _LANGUAGE_IN_FLOATS, _LANGUAGE, _LEARNER = range(1, 6)
_MOST_OF_A_REFERENCE = 2**28


@dataclass(frozen=True)
class Reference:
    content: bytes
    segments: Sequence[Segment]


@dataclass
class Experts:
    """What a block header lists. ``network`` is the architecture and the numbers."""

    network: tuple[str, Network] | None = None
    network_digest: str = ""
    learner: bool = False
    language: object | None = None
    reference: Reference | None = None

    @property
    def predict(self) -> bool:
        return self.network is not None or self.learner


def read_experts(header: BlockHeader, resources: Resources) -> Experts:
    """The experts of a block; NzipVersionError for one that is not known."""
    experts = Experts()
    for expert in header.experts:
        cursor = Cursor(expert.parameters)
        if expert.kind == _NETWORK:
            if experts.network is not None:
                raise NzipVersionError("two networks in a block")
            content = resources.network(expert.model)
            experts.network_digest = hashlib.sha256(content).hexdigest()
            experts.network = read_network(content)
        elif expert.kind == _REFERENCE:
            experts.reference = _read_reference(expert.model, cursor, experts, resources)
        elif expert.kind == _LEARNER:
            if expert.model != 1 or experts.learner:
                raise NzipVersionError("a learner of another number, or two")
            experts.learner = True
        else:
            raise NzipVersionError(f"experts of kind {expert.kind} are not known")
        if cursor:
            raise NzipVersionError("an expert has parameters that are not known")
    if experts.learner and experts.language is not None:
        raise NzipFormatError("a learner beside a language model")
    return experts


def _read_reference(model: int | bytes, cursor: Cursor, experts: Experts, resources: Resources) -> Reference:
    if experts.reference is not None:
        raise NzipFormatError("two references in a block")
    size = cursor.varint(_MOST_OF_A_REFERENCE, 1)
    segments = read_segments(cursor, size)
    if isinstance(model, int):
        raise NzipFormatError("a reference that is named by a number")
    content = resources.named("reference", model)
    if len(content) != size:
        raise NzipFormatError("a reference of another size")
    return Reference(content, segments)


class ExpertRounds:
    """The experts of a block, fresh at its start. ``text`` is the block's, as it is coded."""

    def __init__(
        self, experts: Experts, text: npt.NDArray[np.uint8], plan: Plan, engine: Engine, learns: bool
    ) -> None:
        self._engine, self._plan, self._text = engine, plan, text
        self._starts = plan.starts - plan.starts[0]
        lanes = len(self._starts) - 1
        self._sizes = np.diff(self._starts)
        self._asked = np.zeros(lanes, np.bool_)
        self._weights = np.zeros((3, lanes, 256), np.int64)
        self._network = None
        if experts.network is not None:
            self._network = NetworkExpert(*experts.network, text, self._starts)
        self._learners = [fresh_learner() for _ in range(lanes)] if experts.learner else []

    def before(self, turn: int) -> None:
        """All experts give their weights for the bytes of a round."""
        for lane, size in enumerate(self._sizes.tolist()):
            self._asked[lane] = turn < size and not is_packed(self._engine, self._plan, lane)
        weights, trees = self._weights, self._engine.trees
        if self._network is not None:
            self._network.weigh(turn, self._asked, weights[NETWORK])
        for lane in np.flatnonzero(self._asked).tolist():
            if self._network is not None:
                grow(weights[NETWORK, lane], trees[NETWORK, lane])
            if self._learners:
                factors = weights[NETWORK, lane] if self._network is not None else weights[NETWORK, lane, :0]
                predict(self._learners[lane], factors, weights[LEARNER, lane])
                grow(weights[LEARNER, lane], trees[LEARNER, lane])

    def after(self, turn: int) -> None:
        """All experts take the bytes of the round."""
        if self._network is not None:
            self._network.take(turn, self._asked)
        if self._learners:
            for lane in np.flatnonzero(self._asked).tolist():
                learn(self._learners[lane], int(self._text[self._starts[lane] + turn]))
