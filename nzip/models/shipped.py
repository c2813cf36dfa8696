"""What comes with nzip: the registry numbers of networks and profiles, and the files that they stand for."""

from __future__ import annotations

import os
from typing import NamedTuple

FOLDER = os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "data")


class Shipped(NamedTuple):
    """A file in the folder. What is found there under its name counts only if it has this SHA-256."""

    file: str
    sha256: str


class ProfileRow(NamedTuple):
    """What the registry number of a profile stands for."""

    engine: int
    revision: int
    component_set: int
    network: str | None  # "none" or "any", as in profile files; None: the engine's own start, good for both


NETWORKS: dict[int, Shipped] = {}
PROFILES: dict[int, Shipped] = {}  # those of which there is a file: a start that was trained
ROWS: dict[int, ProfileRow] = {}  # of all profiles

# Lines of kind, registry number, for profiles their row, file and SHA-256, of which an engine's own start
# has none; nzip.train.shipping writes them.
MANIFEST = os.path.join(FOLDER, "shipped.txt")
with open(MANIFEST, encoding="ascii") as _manifest:
    for _kind, _number, *_fields in map(str.split, _manifest):
        if _kind == "network":
            NETWORKS[int(_number)] = Shipped(*_fields)
            continue
        _engine, _revision, _set, *_file = _fields
        _network = _file[0] if _file else None
        ROWS[int(_number)] = ProfileRow(int(_engine), int(_revision), int(_set), _network)
        if _file:
            PROFILES[int(_number)] = Shipped(*_file[1:])

DEFAULT_NETWORK = 1  # what `--model default` stands for


def profile_number(engine: tuple[int, int], component_set: int, *, with_network: bool) -> int:
    """The profile that an encoder uses with an engine of this number and revision: the trained one, where
    there is one."""
    wanted = "any" if with_network else "none"
    numbers = {
        row.network: number
        for number, row in ROWS.items()
        if row[:3] == (*engine, component_set) and (row.network is None or number in PROFILES)
    }
    return numbers.get(wanted, numbers[None])
