"""What an engine consists of: a set of contexts, a network, and the state it starts in."""

from __future__ import annotations

import os
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from nzip import _native
from nzip.errors import NzipFormatError, NzipVersionError
from nzip.format.block import Coding, Expert
from nzip.format.limits import MIN_TABLE_LOG2
from nzip.format.reference import Reference, reference_of
from nzip.format.registry import COMPONENT_NONE, ComponentId, ExpertKind, component_name
from nzip.models import shipped
from nzip.pipeline.devices import Devices, device_errors, exchange_for
from nzip.pipeline.primes import Prime, PrimeName, choose_prime, find_prime, profile_prime
from nzip.pipeline.references import RefName, choose_reference, find_reference
from nzip.pipeline.snapshots import primed_engine, snapshot_memory

if TYPE_CHECKING:
    from nzip.models.network import Network
    from nzip.models.nzp import Profile
    from nzip.models.store import Loaded

# The store takes a while to import (hashes, JSON), so that waits until there is something to load.

NO_MODEL = "none"
DEFAULT_MODEL = "default"


@dataclass(frozen=True)
class Components:
    """The parts, and how a block header names them."""

    component_set: int
    profile: ComponentId
    network: Loaded[Network] | None = None
    start: bytes | None = None  # the trained state; None: the engine's own
    prime: Prime | None = None
    reference: Reference | None = None

    @property
    def experts(self) -> tuple[Expert, ...]:
        experts = []
        if self.network is not None:
            experts.append(Expert(ExpertKind.BYTE_NETWORK, self.network.component, b""))
        if self.reference is not None:
            experts.append(self.reference.expert())
        return tuple(experts)

    @property
    def network_name(self) -> str:
        return NO_MODEL if self.network is None else component_name(self.network.component)

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

    def engine(self, table_log2: int, devices: Devices = ()) -> _native.Engine:
        """An engine at the start of a run, with a hash table of this size."""
        network = None if self.network is None else self.network.value.native
        exchange = exchange_for(self.network, devices) if self.network and devices else None
        make = partial(_native.Engine, self.component_set, table_log2, network, self.start, exchange)
        engine = make() if self.prime is None else primed_engine(make, self.component_set, self.prime)
        if self.reference is not None:
            with device_errors():
                engine.learn(find_reference(self.reference).read(), self.reference.segments)
        return engine

    def memory(self, table_log2: int, run_size: int, lanes: int, devices: Devices) -> int:
        """The most of this machine's memory that an engine takes for a run of this size."""
        reference = self.reference_size
        memory = _native.engine_memory(self.component_set, table_log2, run_size, lanes, reference)
        memory += reference  # while it is learned
        if self.network is not None:
            memory += self.network.value.memory(lanes, exchange=bool(devices))
        if self.prime is not None:
            memory += snapshot_memory(self.component_set, self.prime)
        return memory


def encoder_components(
    component_set: int, model: str | os.PathLike[str], prime: PrimeName, reference: RefName | None = None
) -> Components:
    """What an encoder uses; that depends on the arguments and never on what happens to be installed."""
    network, chosen = _choose_network(model), choose_prime(prime)
    known = None if reference is None else choose_reference(reference)
    if chosen is not None and chosen.profile is not None:
        own = _profile(chosen.profile)
        if own.component_set == component_set and own.fits(None if network is None else network.id):
            return _assemble(chosen.profile, network, None, known)
        # Its text serves every level.
    profile = shipped.profile_number(component_set, with_network=network is not None)
    return _assemble(profile, network, chosen, known)


def decoder_components(coding: Coding) -> Components:
    """What a block was coded with; raises what names the first part that is not here."""
    network = None
    reference = reference_of(coding)
    if reference is not None:
        find_reference(reference)
    for kind, model, parameters in coding.experts:
        if kind == ExpertKind.REFERENCE:
            continue
        if kind != ExpertKind.BYTE_NETWORK:
            raise NzipVersionError(f"expert kind {kind} is not known")
        if parameters:
            raise NzipVersionError(f"parameters of expert kind {kind} are not known")
        if network is not None:
            raise NzipVersionError("more than one network in a block is not known")
        network = _network(model)
    prime = None if coding.prime == COMPONENT_NONE else find_prime(coding.prime)
    return _assemble(coding.profile, network, prime, reference)


def has_network(model: str | os.PathLike[str]) -> bool:
    """Whether that is a network, rather than none."""
    return model != NO_MODEL and (model != DEFAULT_MODEL or shipped.DEFAULT_NETWORK != COMPONENT_NONE)


def _choose_network(model: str | os.PathLike[str]) -> Loaded[Network] | None:
    if not has_network(model):
        return None
    if model == DEFAULT_MODEL:
        return _network(shipped.DEFAULT_NETWORK)
    from nzip.models.store import NETWORKS

    return NETWORKS.choose(model)


def _network(name: ComponentId) -> Loaded[Network]:
    from nzip.models.store import NETWORKS

    return NETWORKS.get(name)


def _profile(name: ComponentId) -> Profile:
    from nzip.models.store import PROFILES

    return PROFILES.get(name).value


def _assemble(
    name: ComponentId, network: Loaded[Network] | None, prime: Prime | None, reference: Reference | None
) -> Components:
    if isinstance(name, int) and name not in shipped.PROFILES:
        if not _native.profile_exists(name):
            raise NzipVersionError(f"profile {name} is not known")
        return Components(name, name, network, prime=prime, reference=reference)
    profile = _profile(name)
    if not profile.fits(None if network is None else network.id):
        raise NzipFormatError(f"profile {component_name(name)} is for another network than the block's")
    if profile.text:
        if prime is not None:
            raise NzipFormatError(f"profile {component_name(name)} has a prime, and the block another one")
        prime = profile_prime(profile.text)
    return Components(profile.component_set, name, network, profile.state, prime, reference)
