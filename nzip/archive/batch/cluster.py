"""The engine on a Ray cluster, whose nodes all see the job's folders by the same paths.

Ray decides which node does what; here is only said what a task consists of and what it needs.
"""

from __future__ import annotations

import logging
import os
import re
import socket
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import lru_cache
from tempfile import TemporaryDirectory

import ray

from nzip import __version__
from nzip.archive.batch.job import Job
from nzip.archive.batch.place import Place
from nzip.archive.batch.units import Answer, Unit, do, failed, needs
from nzip.engines import CURRENT
from nzip.errors import NzipError, NzipModelError
from nzip.levels import LEVELS
from nzip.messages import reason_for
from nzip.models.store import NETWORKS
from nzip.pipeline import EncodeOptions, Encoding, resolve_encoding
from nzip.pipeline.target import named
from nzip.resources.models import ModelName
from nzip.resources.primes import PrimeName
from nzip.tasks import POLL_SECONDS

GROUP_BYTES = 1 << 20  # files share a task up to this size; Ray takes a millisecond or so for each task
GROUP_FILES = 256
CONNECT_SECONDS = 10

_VERSION = __version__, CURRENT[1]


@dataclass(frozen=True)
class _Shared:
    """What all tasks need: put into the object store once, and fetched from there once by each node."""

    version: tuple[str, int]
    place: Place
    verify: bool
    settings: dict[int, EncodeOptions]
    # Networks and primes that do not come with nzip, by the names in the settings.
    files: dict[PrimeName | ModelName | None, bytes]


@contextmanager
def open_cluster(job: Job, settings: Mapping[int, Encoding]) -> Iterator[Cluster]:
    """The cluster at the job's address, or one on this machine while it is needed.

    Raises OSError when nothing answers at that address.
    """
    if job.address is not None and re.fullmatch(r"[^/]+:\d+", job.address):
        host, _, port = job.address.rpartition(":")
        with named(job.address):  # Ray would try for many minutes
            socket.create_connection((host, int(port)), CONNECT_SECONDS).close()
    os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")  # nzip tells nobody that it is used
    here = {"num_cpus": job.jobs, "include_dashboard": False} if job.address is None else {}
    try:
        ray.init(job.address or "local", logging_level=logging.ERROR, log_to_driver=False, **here)
    except ValueError as error:
        raise NzipError(f"Ray: {error}") from None
    try:
        yield Cluster(job, settings)
    finally:
        ray.shutdown()


class Cluster:
    """Tasks of one large unit or of many small ones; enough of them wait to keep all nodes busy."""

    def __init__(self, job: Job, settings: Mapping[int, Encoding]) -> None:
        self._jobs = job.jobs
        nodes = [node["Resources"] for node in ray.nodes() if node["Alive"]]
        cpus = int(max(node.get("CPU", 0) for node in nodes))
        if cpus < 1:
            raise NzipError("the Ray cluster has no CPU to work with")
        self._most_memory = int(max(node.get("memory", 0) for node in nodes))
        self._settings = {
            number: encoding.with_options(threads=min(job.jobs or cpus, cpus), model=_model(encoding.options))
            for number, encoding in settings.items()
        }
        shared = _Shared(
            _VERSION,
            job.place,
            job.verify,
            {number: encoding.options for number, encoding in self._settings.items()},
            {name: data for each in self._settings.values() for name, data in _files(each)},
        )
        self._shared = ray.put(shared)
        # A task whose worker died is tried again as any that failed is: alone, and on record. Were Ray to do
        # it by itself, archives that the dead worker made would look like those of others.
        self._pack = ray.remote(max_retries=0)(_pack_group)

    def run(self, units: Iterable[Unit], tick: Callable[[int], None]) -> Iterator[Answer]:
        """See ``Engine``."""
        running: dict[ray.ObjectRef, list[Unit]] = {}
        for group in _groups(units):
            while len(running) >= self._window():
                yield from _next(running, tick)
            running[self._start(group)] = group
        while running:
            yield from _next(running, tick)

    def _window(self) -> int:
        """One task waits behind each that runs; the cluster may grow meanwhile."""
        return self._jobs or 2 * int(ray.cluster_resources().get("CPU", 1))

    def _start(self, group: list[Unit]) -> ray.ObjectRef:
        needed = [needs(self._settings[unit.setting], unit) for unit in group]
        remote = self._pack.options(
            num_cpus=max(threads for threads, _ in needed),
            memory=min(self._most_memory, max(memory for _, memory in needed)),
        )
        # In a list, the reference is handed over as it is, and followed once in each process.
        return remote.remote([self._shared], group)


def _groups(units: Iterable[Unit]) -> Iterator[list[Unit]]:
    """What failed is tried again alone: a file that kills its worker must not take others with it."""
    group: list[Unit] = []
    size = 0
    for unit in units:
        if group and (unit.tried or size + unit.size > GROUP_BYTES or len(group) == GROUP_FILES):
            yield group
            group, size = [], 0
        group.append(unit)
        size += unit.size
    if group:
        yield group


def _next(running: dict[ray.ObjectRef, list[Unit]], tick: Callable[[int], None]) -> list[Answer]:
    """The answers of a task that has ended, whichever it is."""
    tick(0)
    while not (ended := ray.wait(list(running), timeout=POLL_SECONDS)[0]):
        tick(0)
    group = running.pop(ended[0])
    try:
        answers: list[Answer] = ray.get(ended[0])
        return answers
    except ray.exceptions.RayTaskError as error:  # a defect, or another version of nzip
        raise error.cause from None
    except ray.exceptions.RayError as error:
        return [failed(unit, NzipError(f"Ray: {reason_for(error)}")) for unit in group]


def _pack_group(shared: list[ray.ObjectRef], units: list[Unit]) -> list[Answer]:
    """Runs on a worker."""
    place, verify, settings = _receive(shared[0])
    return [do(place, unit, settings[unit.setting], verify=verify) for unit in units]


@lru_cache(maxsize=1)
def _receive(reference: ray.ObjectRef) -> tuple[Place, bool, dict[int, Encoding]]:
    shared: _Shared = ray.get(reference)
    if shared.version != _VERSION:
        ours, theirs = (
            f"{version} (engine revision {engine})" for version, engine in (_VERSION, shared.version)
        )
        raise NzipError(f"{socket.gethostname()} has nzip {ours}, not {theirs}")
    with TemporaryDirectory(prefix="nzip-") as folder:  # while the files are loaded
        paths = {}
        for number, (name, data) in enumerate(shared.files.items()):
            paths[name] = os.path.join(folder, str(number))
            with open(paths[name], "wb") as file:
                file.write(data)
        settings = {
            number: resolve_encoding(
                replace(
                    options,
                    model=paths.get(options.model, options.model),
                    prime=paths.get(options.prime, options.prime),
                )
            )
            for number, options in shared.settings.items()
        }
    return shared.place, shared.verify, settings


def _model(options: EncodeOptions) -> ModelName:
    return LEVELS[options.level].model if options.model is None else options.model


def _files(encoding: Encoding) -> Iterator[tuple[PrimeName | ModelName, bytes]]:
    """The files that the options name, by their names there."""
    if encoding.components.language is not None:
        raise NzipModelError("a language model is not for a cluster: what it predicts depends on the machine")
    model, prime = _model(encoding.options), encoding.options.prime
    if model not in ("none", "default"):
        yield model, NETWORKS.find(model).data
    if prime is not None and prime not in ("none", "default"):
        with open(prime, "rb") as file:
            yield prime, file.read()
