"""What the context mixing engine consists of: a set of contexts, a network, and the state it starts in."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cache
from typing import TYPE_CHECKING

from nzip import _native
from nzip._native import EngineEntry
from nzip.codecs.segments import find_segments
from nzip.codecs.snapshots import Snapshot
from nzip.engines import ENGINES
from nzip.errors import EMPTY, NzipFormatError, NzipMemoryError, NzipModelError, NzipVersionError, about
from nzip.format.block import Coding, Expert
from nzip.format.language import language_of
from nzip.format.limits import MIN_TABLE_LOG2
from nzip.format.reference import Reference, reference_of
from nzip.format.registry import COMPONENT_NONE, ComponentId, EngineId, ExpertKind, component_name
from nzip.levels import LEVELS, has_learner, table_log2
from nzip.machine import all_cores
from nzip.models import shipped
from nzip.models.learner import Learner
from nzip.options import EncodeOptions
from nzip.progress import Gauge
from nzip.resources.devices import Devices, exchange_for
from nzip.resources.models import DEFAULT_MODEL, NO_MODEL
from nzip.resources.primes import Prime, PrimeName, profile_prime
from nzip.resources.references import ReferenceFile, RefName, reference_size
from nzip.resources.resources import Resources

if TYPE_CHECKING:
    from nzip.models.contract import ByteModel
    from nzip.models.exact_language import ExactLanguageModel
    from nzip.models.language import LanguageModel
    from nzip.models.store import Loaded

LEARNER = Expert(ExpertKind.LEARNER, 1, b"")  # the first one
MAX_SEGMENTS = 1000  # of a reference: the header of each block lists them


@dataclass(frozen=True)
class Components:
    """The parts, and how a block header names them."""

    entry: EngineEntry
    component_set: int
    profile: ComponentId
    network: Loaded[ByteModel] | None = None
    start: bytes | None = None  # the trained state; None: the profile's if that is shipped, else the engine's
    prime: Prime | None = None
    reference: Reference | None = None
    reference_file: ReferenceFile | None = None
    language: LanguageModel | ExactLanguageModel | None = None
    learner: bool = False

    @property
    def experts(self) -> tuple[Expert, ...]:
        experts = []
        if self.network is not None:
            experts.append(Expert(ExpertKind.BYTE_NETWORK, self.network.component, b""))
        if self.reference is not None:
            experts.append(self.reference.expert())
        if self.learner:
            experts.append(LEARNER)
        if self.language is not None:
            experts.append(self.language.language.expert())
        return tuple(experts)

    @property
    def network_name(self) -> str:
        """For people."""
        network = NO_MODEL if self.network is None else component_name(self.network.component)
        return network if self.language is None else f"{network}, {self.language.name}"

    @property
    def _models(self) -> tuple[ByteModel, ...]:
        """In the order in which an engine has their experts."""
        network = None if self.network is None else self.network.value
        learner = Learner() if self.learner else None
        return tuple(each for each in (network, learner, self.language) if each is not None)

    @property
    def shared_memory(self) -> int:
        """What engines that work at the same time have in common."""
        return sum(model.shared_memory for model in self._models)

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
    def snapshot(self) -> Snapshot | None:
        """The tables that a run starts with, where a prime has warmed them."""
        return None if self.prime is None else Snapshot(self.entry, self.component_set, self.prime)

    @property
    def reference_size(self) -> int:
        return 0 if self.reference is None else self.reference.size

    @property
    def min_table_log2(self) -> int:
        return MIN_TABLE_LOG2 if self.prime is None else self.entry.snapshot_log2

    def table_log2(self, level: int, run_size: int) -> int:
        """The size that a level's hash table has for a run of this size."""
        return max(table_log2(level, run_size + self.reference_size), self.min_table_log2)

    def with_reference(self, path: RefName, resources: Resources, memory_limit: int) -> Components:
        """The same with a reference. NzipMemoryError before it is read when not even a byte could follow."""
        least = replace(self, reference=Reference(b"", reference_size(path), ()))
        needed = least.memory(self.min_table_log2, 1, 1, resources.devices)
        if needed > memory_limit:
            raise NzipMemoryError(needed, memory_limit)
        file = resources.add_reference(path)
        if not file.size:
            return self
        segments = find_segments(file.read(), most=MAX_SEGMENTS, passes=False)
        return replace(self, reference=Reference(file.component, file.size, segments), reference_file=file)

    def engine(
        self,
        table_log2: int,
        gauge: Gauge | None = None,
        devices: Devices = (),
        helpers: int = 0,
        coded_size: int | None = None,
    ) -> _native.Engine:
        """An engine at the start of a run, with a hash table of this size; the gauge shows what it learns.

        So many threads help with what takes the most time: the language model, else the network of what it
        encodes. Where the coded size of what it decodes first cannot fill the tables, these take memory as
        they fill.
        """
        exchange = None if self.network is None else exchange_for(self.network, devices)
        gauge = gauge or Gauge(0)

        def make() -> _native.Engine:
            slowest = self.language or (self.network and self.network.value)
            experts = [model.expert(exchange, helpers if model is slowest else 0) for model in self._models]
            return self.entry.engine(self.component_set, table_log2, experts, self._start, coded_size)

        engine = make() if self.snapshot is None else self.snapshot.engine(make, gauge.stop)
        if self.reference is not None and self.reference_file is not None:
            reference = self.reference_file.read()
            with gauge.learning(engine, len(reference)):
                engine.learn(reference, self.reference.segments, gauge.stop)
        return engine

    @property
    def _start(self) -> bytes | None:
        if self.start is None and self.profile in shipped.PROFILES:
            return Resources().profile(self.profile).start
        return self.start

    def get_ready(self) -> None:
        """So that an engine can be made while Python ends, when nothing can be imported any more."""
        self._start  # noqa: B018 - loads it
        if self.snapshot is not None:
            self.snapshot.keep_at_hand()

    def memory(self, table_log2: int, run_size: int, lanes: int, devices: Devices) -> int:
        """The most that an engine takes here for a run of this size, beside what it shares."""
        reference = self.reference_size
        memory = self.entry.memory(self.component_set, table_log2, run_size, lanes, reference)
        memory += reference  # while it is learned
        memory += sum(model.memory(lanes, exchange=bool(devices)) for model in self._models)
        if self.snapshot is not None:
            memory += self.snapshot.memory
        return memory


def encoder_components(
    entry: EngineEntry,
    options: EncodeOptions,
    resources: Resources,
    memory_limit: int,
    own_prime: Prime | None = None,
) -> Components:
    """What an encoder uses; that depends on the arguments and never on what happens to be installed.

    What the options name is added to the resources. ``own_prime`` is in the file that is made, and is used
    unless the options name one. A language model has the default network beside it, and the component set
    that has room for it.
    """
    level = LEVELS[options.level]
    model = level.model if options.model is None else options.model
    prime = own_prime
    if own_prime is None or options.prime is not None:
        prime = _chosen_prime(level.prime if options.prime is None else options.prime, resources)
    if (file := resources.add_language_file(model)) is None:
        chosen = _chosen(entry, level.component_set, resources.add_network(model), prime, resources)
        learner = has_learner(options.level, with_network=chosen.network is not None)
        components = replace(chosen, learner=learner)
    else:
        from nzip.models import language

        component_set = next(each for each in entry.component_sets if _has_room(entry, each))
        beside = _chosen(entry, component_set, resources.add_network(DEFAULT_MODEL), prime, resources)
        threads = min(options.model_threads, all_cores())
        components = replace(beside, language=language.choose(file, threads, options.gpu_layers))
    if options.ref is None:
        return components
    return components.with_reference(options.ref, resources, memory_limit)


def without_network(
    entry: EngineEntry, component_set: int, prime: Prime | None, *, learner: bool
) -> Components:
    """A component set alone. A shipped start is loaded when an engine is made: few blocks need it."""
    if prime is not None:
        return replace(_chosen(entry, component_set, None, prime, Resources()), learner=learner)
    profile = shipped.profile_number((entry.id, entry.revision), component_set, with_network=False)
    return Components(entry, component_set, profile, learner=learner)


@cache  # of what comes with nzip
def fewest_components(entry: EngineEntry) -> Components:
    """What takes the least time and memory to start."""
    return _chosen(entry, min(entry.component_sets), None, None, Resources())


def decoder_components(coding: Coding, resources: Resources) -> Components:
    """What a block of an engine that is known was coded with; raises what names the first part that is not
    here.
    """
    entry = ENGINES[coding.engine, coding.revision]
    reference = reference_of(coding)
    reference_file = None if reference is None else resources.reference(reference)
    prime = None if coding.prime == COMPONENT_NONE else resources.prime(coding.prime)
    network = _named_network(entry, coding, resources)
    components = replace(
        _assembled(entry, coding.profile, network, prime, resources),
        reference=reference,
        reference_file=reference_file,
        learner=_has_learner(coding),
    )
    if components.learner and ExpertKind.LEARNER not in entry.expert_kinds(components.component_set):
        raise NzipFormatError("a learner is beside a component set that has no room for it")
    if (named := language_of(coding)) is None:
        return components
    if components.learner:
        raise NzipFormatError("a block has both a learner and a language model")
    if not _has_room(entry, components.component_set) or network is None:
        raise NzipFormatError("a language model is not beside what it must be beside")
    from nzip.models import language

    found = language.find(
        named, all_cores(), resources.language_file, any_environment=resources.any_environment
    )
    return replace(components, language=found)


def _has_room(entry: EngineEntry, component_set: int) -> bool:
    """Whether a component set takes a language model."""
    return ExpertKind.LANGUAGE_MODEL in entry.expert_kinds(component_set)


def _has_learner(coding: Coding) -> bool:
    learners = [expert for expert in coding.experts if expert.kind == ExpertKind.LEARNER]
    if learners and learners != [LEARNER]:
        raise NzipVersionError("a learner like the block's is not known")
    return bool(learners)


def _named_network(entry: EngineEntry, coding: Coding, resources: Resources) -> Loaded[ByteModel] | None:
    network = None
    known = {kind for component_set in entry.component_sets for kind in entry.expert_kinds(component_set)}
    for kind, model, parameters in coding.experts:
        if kind not in known:
            raise NzipVersionError(f"expert kind {kind} is not known")
        if kind != ExpertKind.BYTE_NETWORK:
            continue
        if parameters:
            raise NzipVersionError(f"parameters of expert kind {kind} are not known")
        if network is not None:
            raise NzipVersionError("more than one network in a block is not known")
        network = resources.network(model)
    return network


def _chosen_prime(name: PrimeName, resources: Resources) -> Prime | None:
    prime = resources.add_prime(name)
    if prime is not None and prime.size == 0:
        with about(name):  # whoever restores would need it, and nothing would be gained
            raise NzipModelError(EMPTY)
    return prime


def _chosen(
    entry: EngineEntry,
    component_set: int,
    network: Loaded[ByteModel] | None,
    prime: Prime | None,
    resources: Resources,
) -> Components:
    """With the profile that is the best for them."""
    if prime is not None and prime.profile is not None:
        own = resources.profile(prime.profile)
        is_for_it = (own.engine_revision, own.component_set) == (entry.revision, component_set)
        if is_for_it and own.fits(None if network is None else network.id):
            return _assembled(entry, prime.profile, network, None, resources)
        # Its text serves every level.
    profile = shipped.profile_number(
        (entry.id, entry.revision), component_set, with_network=network is not None
    )
    return _assembled(entry, profile, network, prime, resources)


def _assembled(
    entry: EngineEntry,
    name: ComponentId,
    network: Loaded[ByteModel] | None,
    prime: Prime | None,
    resources: Resources,
) -> Components:
    """A profile with all that is beside it."""
    if isinstance(name, int) and name not in shipped.PROFILES:
        row = shipped.ROWS.get(name)
        if row is None or row.network is not None:
            raise NzipVersionError(f"profile {name} is not known")
        _check_engine(entry, name, (row.engine, row.revision))
        return Components(entry, row.component_set, name, network, prime=prime)
    profile = resources.profile(name)
    _check_engine(entry, name, (EngineId.CONTEXT_MIXING, profile.engine_revision))
    if not profile.fits(None if network is None else network.id):
        raise NzipFormatError(f"profile {component_name(name)} is for another network than the block's")
    if profile.text:
        if prime is not None:
            raise NzipFormatError(f"profile {component_name(name)} has a prime, and the block another one")
        prime = profile_prime(profile.text)
    return Components(entry, profile.component_set, name, network, profile.start, prime)


def _check_engine(entry: EngineEntry, name: ComponentId, engine: tuple[int, int]) -> None:
    if engine != (entry.id, entry.revision):
        raise NzipFormatError(f"profile {component_name(name)} is for another engine than the block's")
