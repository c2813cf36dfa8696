"""Profiles: the component set and the start of a run (docs/format/engine1.md, Profiles)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from nzip.errors import NzipFormatError
from nzip.reference.block_header import BlockHeader
from nzip.reference.engine1.expert_rounds import Experts
from nzip.reference.engine1.mixer import Mixer
from nzip.reference.engine1.shape import Shape
from nzip.reference.engine1.starts import apply_start, read_profile_file
from nzip.reference.resources import Resources


@dataclass(frozen=True)
class Profile:
    component_set: int
    start: bytes = b""
    text: bytes = b""

    def apply(self, shape: Shape, mixer: Mixer, bits: np.ndarray) -> None:
        apply_start(self.start, shape, mixer, bits)


def read_profile(header: BlockHeader, experts: Experts, resources: Resources) -> Profile:
    """A block's profile; NzipFormatError for one that its experts may not have."""
    if isinstance(header.profile, bytes):
        content = resources.named("profile", header.profile)
        own = ""
    else:
        shipped = resources.profile(header.profile)
        if not shipped.file:
            return _checked(Profile(shipped.component_set), experts)
        content = resources.start(shipped.file)
        own = shipped.network
    file = read_profile_file(content)
    network = own or file.network
    fits = network == "any" if experts.network is not None else network == "none"
    if not fits and (experts.network is None or network != experts.network_digest):
        raise NzipFormatError("a profile that is for another network")
    if file.revision != header.revision:
        raise NzipFormatError("a profile that is for another revision of the engine")
    return _checked(Profile(file.component_set, file.start, file.text), experts)


def _checked(profile: Profile, experts: Experts) -> Profile:
    if profile.component_set != 4 and (experts.learner or experts.language is not None):
        raise NzipFormatError("a learner or a language model with a smaller component set")
    return profile
