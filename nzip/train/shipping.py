"""Fills nzip/data: the default network, the profiles with and without it, and the manifest of them."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from nzip import _native
from nzip.codecs.components import Components
from nzip.levels import LEVELS
from nzip.models import frame, network, shipped
from nzip.models.nzp import ANY_NETWORK, COMPONENT_SETS, NO_NETWORK, Profile
from nzip.models.store import Loaded
from nzip.resources.resources import Resources
from nzip.train import profiles
from nzip.train.corpus import Bytes

DEFAULT = "default"
_SET_NAMES = {1: "fast", 2: "balanced", 3: "strong", 4: "full"}


def ship(
    model: bytes,
    valid: Mapping[str, Bytes],
    data: Mapping[str, Bytes],
    folder: Path = Path(shipped.FOLDER),
) -> Iterator[str]:
    """Writes everything anew and yields the name of each file when it is written.

    ``model`` is a network's file. Profiles are trained on documents drawn from ``data`` and on every second
    one of ``valid``; the others are left for measuring. Profiles with it serve any other network, too: what
    they mostly hold is how far a network is to be trusted.
    """
    folder.mkdir(exist_ok=True)
    manifest: list[str] = []

    def write(kind: str, number: int, name: str, data: bytes) -> str:
        (folder / name).write_bytes(data)
        manifest.append(f"{kind} {number} {name} {frame.identity(data)}\n")
        return name

    yield write("network", shipped.DEFAULT_NETWORK, f"{DEFAULT}.nzm", model)
    default = Loaded(frame.identity(model), shipped.DEFAULT_NETWORK, network.load(model))
    recipe = f"documents of {', '.join(sorted(data))}; every second one of {', '.join(sorted(valid))}"
    documents = profiles.shuffled([*profiles.draw(data), *profiles.documents(valid, 0)])

    def trained(component_set: int, with_network: bool) -> bytes:
        untrained = Components(
            component_set,
            component_set,
            default if with_network else None,
            prime=Resources().add_prime(_prime(component_set) if with_network else "none"),
        )
        state = profiles.train(untrained, documents).start
        if state is None:
            raise ValueError("there are no documents to train on")
        target = ANY_NETWORK if with_network else NO_NETWORK
        return Profile(component_set, _native.ENGINE_REVISION, target, state, {"recipe": recipe}).serialize()

    with ThreadPoolExecutor(os.cpu_count()) as pool:  # engines run beside one another
        jobs = {
            (component_set, with_network): pool.submit(trained, component_set, with_network)
            for component_set in reversed(COMPONENT_SETS)  # those that take longest first
            for with_network in (True, False)
        }
        for component_set in COMPONENT_SETS:
            for with_network in (False, True):
                number = component_set + (shipped.TRAINED_WITH_NETWORK if with_network else shipped.TRAINED)
                name = _SET_NAMES[component_set] + ("-network" if with_network else "") + ".nzp"
                yield write("profile", number, name, jobs[component_set, with_network].result())
    Path(folder, Path(shipped.MANIFEST).name).write_text("".join(manifest), encoding="ascii")


def _prime(component_set: int) -> str:
    """The prime that the strongest level with these components has."""
    return max(
        (level for level in LEVELS.values() if level.component_set == component_set),
        key=lambda each: each.number,
    ).prime
