"""What comes with nzip: the registry numbers of networks and profiles, and the files that they stand for."""

from __future__ import annotations

import os
from typing import NamedTuple

FOLDER = os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "data")


class Shipped(NamedTuple):
    """A file in the folder. What is found there under its name counts only if it has this SHA-256."""

    file: str
    sha256: str


NETWORKS: dict[int, Shipped] = {}
PROFILES: dict[int, Shipped] = {}
TABLES = {"network": NETWORKS, "profile": PROFILES}

# Lines of kind, registry number, file and SHA-256; nzip.train.shipping writes them.
MANIFEST = os.path.join(FOLDER, "shipped.txt")
with open(MANIFEST, encoding="ascii") as _manifest:
    for _kind, _number, *_entry in map(str.split, _manifest):
        TABLES[_kind][int(_number)] = Shipped(*_entry)

DEFAULT_NETWORK = 1  # what `--model default` stands for

OWN_STARTS = (1, 2, 3, 4)  # the component sets with the weights that the engine itself starts from
TRAINED = 16  # added to the set: trained without a network
TRAINED_WITH_NETWORK = 32  # trained with the default network, and good for any other


def profile_number(component_set: int, *, with_network: bool) -> int:
    """The profile that an encoder uses: the trained one, where there is one."""
    number = component_set + (TRAINED_WITH_NETWORK if with_network else TRAINED)
    return number if number in PROFILES else component_set
