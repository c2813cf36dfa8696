"""What an engine consists of: a set of contexts, a network, and the state it starts in."""

from __future__ import annotations

import os
from dataclasses import dataclass, replace
from functools import cache, partial
from typing import TYPE_CHECKING

from nzip import _native
from nzip.codecs.snapshots import keep_at_hand, primed_engine, snapshot_memory
from nzip.errors import (
    EMPTY,
    NzipFormatError,
    NzipMemoryError,
    NzipModelError,
    NzipVersionError,
    about,
)
from nzip.format.block import Coding, Expert
from nzip.format.language import language_of
from nzip.format.limits import MIN_TABLE_LOG2
from nzip.format.reference import Reference, reference_of
from nzip.format.registry import COMPONENT_NONE, ComponentId, ExpertKind, component_name
from nzip.levels import table_log2
from nzip.machine import all_cores
from nzip.models import shipped
from nzip.progress import Gauge
from nzip.resources.devices import Devices, exchange_for
from nzip.resources.primes import Prime, PrimeName, choose_prime, find_prime, profile_prime
from nzip.resources.references import RefName, choose_reference, find_reference, reference_size

if TYPE_CHECKING:
    from nzip.models.gguf import GgufFile
    from nzip.models.language import LanguageModel
    from nzip.models.network import Network
    from nzip.models.nzp import Profile
    from nzip.models.store import Loaded, Shelf

NO_MODEL = "none"
DEFAULT_MODEL = "default"
BASE_MODEL = "base"  # a larger network that does not come with nzip: base.nzm, in any folder of models
LANGUAGE_SET = 4  # the component set that has room for a language model, beside a network


@dataclass(frozen=True)
class Components:
    """The parts, and how a block header names them."""

    component_set: int
    profile: ComponentId
    network: Loaded[Network] | None = None
    start: bytes | None = None  # the trained state; None: the engine's own
    prime: Prime | None = None
    reference: Reference | None = None
    language: LanguageModel | None = None

    @property
    def experts(self) -> tuple[Expert, ...]:
        experts = []
        if self.network is not None:
            experts.append(Expert(ExpertKind.BYTE_NETWORK, self.network.component, b""))
        if self.reference is not None:
            experts.append(self.reference.expert())
        if self.language is not None:
            experts.append(self.language.language.expert())
        return tuple(experts)

    @property
    def without_language(self) -> Components:
        return replace(self, language=None)

    @property
    def network_name(self) -> str:
        """For people."""
        network = NO_MODEL if self.network is None else component_name(self.network.component)
        return network if self.language is None else f"{network}, language model {self.language.file.name}"

    @property
    def shared_memory(self) -> int:
        """What engines that work at the same time have in common."""
        return 0 if self.language is None else self.language.shared_memory

    @property
    def prime_component(self) -> ComponentId:
        return COMPONENT_NONE if self.prime is None else self.prime.component

    @property
    def prime_name(self) -> str:
        """For people: what a prime is named by, the profile where it belongs to one."""
        if self.prime is None:
            return "none"
        return component_name(self.prime_component or self.profile)

    @property
    def reference_size(self) -> int:
        return 0 if self.reference is None else self.reference.size

    @property
    def min_table_log2(self) -> int:
        return MIN_TABLE_LOG2 if self.prime is None else _native.SNAPSHOT_LOG2

    def table_log2(self, level: int, run_size: int) -> int:
        """The size that a level's hash table has for a run of this size."""
        return max(table_log2(level, run_size + self.reference_size), self.min_table_log2)

    def with_reference(self, path: RefName, memory_limit: int, devices: Devices) -> Components:
        """The same with a reference. NzipMemoryError before it is read when not even a byte could follow."""
        least = replace(self, reference=Reference(b"", reference_size(path), ()))
        if (needed := least.memory(self.min_table_log2, 1, 1, devices)) > memory_limit:
            raise NzipMemoryError(needed, memory_limit)
        return replace(self, reference=choose_reference(path))

    def engine(
        self,
        table_log2: int,
        gauge: Gauge | None = None,
        devices: Devices = (),
        helpers: int = 0,
        coded_size: int | None = None,
    ) -> _native.Engine:
        """An engine at the start of a run, with a hash table of this size; the gauge shows what it learns.

        So many threads help with the network of what it encodes. Where the coded size of what it decodes
        first cannot fill the tables, these take memory as they fill.
        """
        network = None if self.network is None else self.network.value.native
        expert = None if self.language is None else self.language.expert()
        exchange = None if self.network is None else exchange_for(self.network, devices)
        gauge = gauge or Gauge(0)
        make = partial(
            _native.Engine,
            self.component_set,
            table_log2,
            network,
            self.start,
            expert,
            exchange,
            helpers,
            coded_size,
        )
        if self.prime is None:
            engine = make()
        else:
            engine = primed_engine(make, self.component_set, self.prime, gauge.stop)
        if self.reference is not None:
            reference = find_reference(self.reference).read()
            with gauge.learning(engine, len(reference)):
                engine.learn(reference, self.reference.segments, gauge.stop)
        return engine

    def get_ready(self) -> None:
        """So that an engine can be made while Python ends, when nothing can be imported any more."""
        _shelves()
        if self.prime is not None:
            keep_at_hand(self.component_set, self.prime)

    def memory(self, table_log2: int, run_size: int, lanes: int, devices: Devices) -> int:
        """The most that an engine takes here for a run of this size, beside what it shares."""
        reference = self.reference_size
        memory = _native.engine_memory(self.component_set, table_log2, run_size, lanes, reference)
        memory += reference  # while it is learned
        if self.network is not None:
            memory += self.network.value.memory(lanes, exchange=bool(devices))
        if self.prime is not None:
            memory += snapshot_memory(self.component_set, self.prime)
        if self.language is not None:
            memory += self.language.memory(lanes)
        return memory


def encoder_components(
    component_set: int,
    model: str | os.PathLike[str],
    prime: PrimeName | Prime,
    model_threads: int = 1,
    gpu_layers: int = 0,
) -> Components:
    """What an encoder uses; that depends on the arguments and never on what happens to be installed.

    A language model has the default network and the largest component set beside it.
    """
    if (file := _language_file(model)) is not None:
        from nzip.models import language

        beside = encoder_components(LANGUAGE_SET, DEFAULT_MODEL, prime)
        threads = min(model_threads, all_cores())
        return replace(beside, language=language.choose(file, threads, gpu_layers))
    network, chosen = _choose_network(model), choose_prime(prime)
    if chosen is not None and chosen.size == 0 and not isinstance(prime, Prime):
        with about(prime):  # whoever restores would need it, and nothing would be gained
            raise NzipModelError(EMPTY)
    if chosen is not None and chosen.profile is not None:
        own = _profile(chosen.profile)
        if own.component_set == component_set and own.fits(None if network is None else network.id):
            return _assemble(chosen.profile, network, None)
        # Its text serves every level.
    profile = shipped.profile_number(component_set, with_network=network is not None)
    return _assemble(profile, network, chosen)


@cache
def fewest_components() -> Components:
    """What takes the least time and memory to start."""
    return encoder_components(1, NO_MODEL, "none")


def decoder_components(coding: Coding, own_prime: Prime | None = None) -> Components:
    """What a block was coded with; raises what names the first part that is not here.

    ``own_prime`` is in the block's file.
    """
    network = None
    reference = reference_of(coding)
    if reference is not None:
        find_reference(reference)
    for kind, model, parameters in coding.experts:
        if kind in (ExpertKind.REFERENCE, ExpertKind.LANGUAGE_MODEL):
            continue
        if kind != ExpertKind.BYTE_NETWORK:
            raise NzipVersionError(f"expert kind {kind} is not known")
        if parameters:
            raise NzipVersionError(f"parameters of expert kind {kind} are not known")
        if network is not None:
            raise NzipVersionError("more than one network in a block is not known")
        network = _network(model)
    prime = None if coding.prime == COMPONENT_NONE else find_prime(coding.prime, own_prime)
    components = replace(_assemble(coding.profile, network, prime), reference=reference)
    if (named := language_of(coding)) is None:
        return components
    if components.component_set != LANGUAGE_SET or network is None:
        raise NzipFormatError("a language model is not beside what it must be beside")
    from nzip.models import language

    return replace(components, language=language.find(named, all_cores()))


def has_network(model: str | os.PathLike[str]) -> bool:
    """Whether that is a network, rather than none."""
    return model != NO_MODEL and (model != DEFAULT_MODEL or shipped.DEFAULT_NETWORK != COMPONENT_NONE)


def is_installed(model: str | os.PathLike[str]) -> bool:
    """False for the base model where nobody has added one; what else is missing is an error of its own."""
    if model != BASE_MODEL:
        return True
    networks, _ = _shelves()
    return networks.seek(BASE_MODEL) is not None


def _language_file(model: str | os.PathLike[str]) -> GgufFile | None:
    """The GGUF file that a user names, if it is one and no network."""
    if model in (NO_MODEL, DEFAULT_MODEL, BASE_MODEL):
        return None
    from nzip.models import gguf
    from nzip.models.store import is_path

    networks, _ = _shelves()
    if not is_path(model) and networks.seek(model) is not None:
        return None
    return gguf.seek(model)


def _choose_network(model: str | os.PathLike[str]) -> Loaded[Network] | None:
    if not has_network(model):
        return None
    if model == DEFAULT_MODEL:
        return _network(shipped.DEFAULT_NETWORK)
    if not is_installed(model):
        raise NzipModelError(
            f"network {BASE_MODEL!r} does not come with nzip: python -m nzip.train run --size base makes it, "
            f"nzip models add {BASE_MODEL}.nzm installs it; -8 needs none"
        )
    networks, _ = _shelves()
    return networks.choose(model)


def _network(name: ComponentId) -> Loaded[Network]:
    networks, _ = _shelves()
    return networks.get(name)


def _profile(name: ComponentId) -> Profile:
    _, profiles = _shelves()
    return profiles.get(name).value


@cache
def _shelves() -> tuple[Shelf[Network], Shelf[Profile]]:
    """Takes a while to import (hashes, JSON), so that waits until there is something to load."""
    from nzip.models.store import NETWORKS, PROFILES

    return NETWORKS, PROFILES


def _assemble(name: ComponentId, network: Loaded[Network] | None, prime: Prime | None) -> Components:
    if isinstance(name, int) and name not in shipped.PROFILES:
        if not _native.profile_exists(name):
            raise NzipVersionError(f"profile {name} is not known")
        return Components(name, name, network, prime=prime)
    profile = _profile(name)
    if not profile.fits(None if network is None else network.id):
        raise NzipFormatError(f"profile {component_name(name)} is for another network than the block's")
    if profile.text:
        if prime is not None:
            raise NzipFormatError(f"profile {component_name(name)} has a prime, and the block another one")
        prime = profile_prime(profile.text)
    return Components(profile.component_set, name, network, profile.state, prime)
