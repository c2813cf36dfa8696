"""The transforms that there are, in the order in which they change a block."""

from __future__ import annotations

from typing import Any

from nzip.transforms.contract import Transform
from nzip.transforms.repeats import Repeats
from nzip.transforms.unpack.transform import Unpack
from nzip.transforms.utf16 import Utf16

TRANSFORMS: list[Transform[Any]] = [Repeats(), Utf16(), Unpack()]
