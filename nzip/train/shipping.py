"""Fills nzip/data: the default network, the profiles with and without it, and the manifest of them."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from nzip.codecs.components import Components
from nzip.engines import CURRENT, current_engine
from nzip.format.registry import COMPONENT_NONE
from nzip.levels import LEVELS
from nzip.models import frame, network, shipped
from nzip.models.nzp import ANY_NETWORK, NO_NETWORK, Profile
from nzip.models.store import Loaded
from nzip.resources.resources import Resources
from nzip.train import numeric, profiles
from nzip.train.corpus import Bytes

DEFAULT = "default"


def ship(
    model: bytes,
    valid: Mapping[str, Bytes],
    data: Mapping[str, Bytes],
    folder: Path = Path(shipped.FOLDER),
) -> Iterator[str]:
    """Writes all files of the current engine anew and yields the name of each file when it is written.

    ``model`` is a network's file. Profiles are trained on documents drawn from ``data``, on numbers, and on
    every second one of ``valid``; the others are left for measuring. Those of ``valid`` come once more at the
    end: the network has not learned from them, so they show better how far it is to be trusted. Profiles
    with it serve any other network, too: what they mostly hold is how far a network is to be trusted.
    """
    folder.mkdir(exist_ok=True)
    manifest: list[str] = []

    def write(line: str, name: str, data: bytes) -> str:
        (folder / name).write_bytes(data)
        manifest.append(f"{line} {name} {frame.identity(data)}\n")
        return name

    yield write(f"network {shipped.DEFAULT_NETWORK}", f"{DEFAULT}.nzm", model)
    default = Loaded(frame.identity(model), shipped.DEFAULT_NETWORK, network.load(model))
    drawn, measured = (", ".join(sorted(classes)) for classes in (data, valid))
    recipe = f"documents of {drawn}; numbers; every second one of {measured}"
    held = list(profiles.documents(valid, 0))
    documents = profiles.shuffled([*profiles.draw(data), *held, *numeric.documents()])
    documents += profiles.shuffled(held)

    def trained(component_set: int, with_network: bool) -> bytes:
        untrained = Components(
            current_engine(),
            component_set,
            COMPONENT_NONE,
            default if with_network else None,
            prime=Resources().add_prime(_prime(component_set) if with_network else "none"),
        )
        state = profiles.train(untrained, documents).start
        if state is None:
            raise ValueError("there are no documents to train on")
        target = ANY_NETWORK if with_network else NO_NETWORK
        return Profile(component_set, CURRENT[1], target, state, {"recipe": recipe}).serialize()

    with ThreadPoolExecutor(os.cpu_count()) as pool:  # engines run beside one another
        jobs = {
            number: pool.submit(trained, row.component_set, row.network == ANY_NETWORK)
            for number, row in reversed(shipped.ROWS.items())  # those that take longest first
            if row.network is not None and (row.engine, row.revision) == CURRENT
        }
        for number, row in shipped.ROWS.items():
            line = f"profile {number} {row.engine} {row.revision} {row.component_set}"
            if row.network is None:
                manifest.append(f"{line}\n")
                continue
            file = shipped.PROFILES[number]
            if number in jobs:
                yield write(f"{line} {row.network}", file.file, jobs[number].result())
            else:
                manifest.append(f"{line} {row.network} {file.file} {file.sha256}\n")
    Path(folder, Path(shipped.MANIFEST).name).write_text("".join(manifest), encoding="ascii")


def _prime(component_set: int) -> str:
    """The prime that the strongest level with these components has."""
    return max(
        (level for level in LEVELS.values() if level.component_set == component_set),
        key=lambda each: each.number,
    ).prime
