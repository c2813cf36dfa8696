"""What a user has put at hand for compressing and restoring."""

from __future__ import annotations

import os
from copy import copy
from typing import TYPE_CHECKING

from nzip.errors import NzipFormatError, NzipMemoryError, NzipModelError
from nzip.format.earlier import Earlier
from nzip.format.reference import Reference
from nzip.format.registry import ComponentId, component_name
from nzip.resources.devices import Devices
from nzip.resources.models import ModelName, find_language_file, find_network
from nzip.resources.primes import DEFAULT_PRIME, Prime, PrimeName, read_prime, shipped_primes
from nzip.resources.references import ReferenceFile, RefName, read_reference, reference_size

if TYPE_CHECKING:
    from nzip.models.contract import ByteModel
    from nzip.models.gguf import GgufFile
    from nzip.models.nzp import Profile
    from nzip.models.store import Loaded


class Resources:
    """Primes, references and models that a user named, and the devices where networks are evaluated.

    The methods ``add_...`` take a user's names; the others find what block headers name: among what was
    added, what comes with nzip and what is installed. Nothing else in a process knows of what was added.
    """

    def __init__(self, devices: Devices = (), *, any_environment: bool = False) -> None:
        """In ``any_environment``, language models are tried elsewhere than where they compressed."""
        self.devices = devices
        self.any_environment = any_environment
        self._primes: dict[ComponentId, Prime] = {}
        self._references: dict[bytes, ReferenceFile] = {}
        self._networks: dict[ComponentId, Loaded[ByteModel]] = {}
        self._profiles: dict[ComponentId, Loaded[Profile]] = {}
        self._language_files: dict[bytes, GgufFile] = {}
        self._own_prime: Prime | None = None

    def for_file(self, own_prime: Prime | None) -> Resources:
        """The same for one file, which holds a prime.

        It serves that file only, and only where none of its name is known: what it says of itself is not
        proven yet.
        """
        made = copy(self)
        made._own_prime = own_prime
        return made

    def in_any_environment(self) -> Resources:
        """The same where language models are tried elsewhere than where they compressed."""
        made = copy(self)
        made.any_environment = True
        return made

    def add_prime(self, name: PrimeName) -> Prime | None:
        """A prime; OSError when it cannot be read or is none."""
        if name == "none":
            return None
        if name == "default":
            return shipped_primes()[DEFAULT_PRIME]
        prime, profile = read_prime(name)
        self._primes[prime.component] = prime
        if profile is not None:
            self._profiles[profile.component] = profile
        return prime

    def add_reference(self, path: RefName, memory_limit: int | None = None) -> ReferenceFile:
        """A reference.

        OSError when it cannot be one, NzipMemoryError when reading it would already take more than the
        limit (default: none).
        """
        size = reference_size(path)
        if memory_limit is not None and size > memory_limit:
            raise NzipMemoryError(size, memory_limit)
        name = os.path.abspath(path)
        file = next((each for each in self._references.values() if each.path == name), None)
        if file is None:
            file = read_reference(path)
            self._references[file.component] = file
        return file

    def add_network(self, name: ModelName) -> Loaded[ByteModel] | None:
        """A network; OSError when it is not here or broken."""
        network = find_network(name)
        if network is not None:
            self._networks[network.component] = network
        return network

    def add_language_file(self, name: ModelName) -> GgufFile | None:
        """A language model's file; None where the name is not one's, OSError when it cannot be read."""
        file = find_language_file(name)
        if file is not None:
            self._language_files[file.component] = file
        return file

    @property
    def reference_bytes(self) -> int:
        """The bytes of all references: these may have to be learned."""
        return sum(file.size for file in self._references.values())

    def prime(self, component: ComponentId) -> Prime:
        """NzipModelError when there is none of that name."""
        prime = self._primes.get(component) or shipped_primes().get(component)
        if prime is not None:
            return prime
        if self._own_prime is not None and self._own_prime.component == component:
            return self._own_prime
        name = component_name(component)
        if isinstance(component, bytes):
            raise NzipModelError(f"prime {name} is not here; --prime takes the file that it was made from")
        raise NzipModelError(f"prime {name} is not known; a newer nzip may have it")

    def reference(self, named: Reference | Earlier) -> ReferenceFile:
        """NzipModelError when there is none of that name, NzipFormatError when it has another size."""
        file = self._references.get(named.component)
        if file is not None:
            if file.size != named.size:
                raise NzipFormatError(f"a reference has {file.size} bytes, not {named.size}")
            return file
        name = f"reference {component_name(named.component)} ({named.size} bytes)"
        if self._references:
            other = next(reversed(self._references.values()))
            raise NzipModelError(f"{name} is needed; {other.path} is another file")
        raise NzipModelError(f"{name} is not here; --ref takes the file")

    def network(self, component: ComponentId) -> Loaded[ByteModel]:
        """NzipModelError when there is none of that name, or it is broken."""
        if component not in self._networks:
            from nzip.models.store import NETWORKS

            self._networks[component] = NETWORKS.get(component)
        return self._networks[component]

    def profile(self, component: ComponentId) -> Profile:
        """NzipModelError when there is none of that name, or it is broken."""
        if component not in self._profiles:
            from nzip.models.store import PROFILES

            self._profiles[component] = PROFILES.get(component)
        return self._profiles[component].value

    def language_file(self, component: bytes) -> GgufFile:
        """NzipModelError when there is none of that name."""
        if component not in self._language_files:
            from nzip.models import gguf

            self._language_files[component] = gguf.named(component)
        return self._language_files[component]
