"""How a user names a model: a network, a language model or none."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from nzip.errors import NzipModelError
from nzip.format.registry import COMPONENT_NONE
from nzip.models import shipped

if TYPE_CHECKING:
    from nzip.models.contract import ByteModel
    from nzip.models.gguf import GgufFile
    from nzip.models.store import Loaded, Shelf

ModelName = str | os.PathLike[str]  # none, default, a name, an id or a path

NO_MODEL = "none"
DEFAULT_MODEL = "default"
BASE_MODEL = "base"  # a larger network that does not come with nzip: base.nzm, in any folder of models


def has_network(model: ModelName) -> bool:
    """Whether that is a network, rather than none."""
    return model != NO_MODEL and (model != DEFAULT_MODEL or shipped.DEFAULT_NETWORK != COMPONENT_NONE)


def find_language_file(model: ModelName) -> GgufFile | None:
    """The GGUF file that a user names, if it is one and no network."""
    if model in (NO_MODEL, DEFAULT_MODEL, BASE_MODEL):
        return None
    from nzip.models import gguf
    from nzip.models.store import is_path

    if not is_path(model) and _networks().seek(model) is not None:
        return None
    return gguf.seek(model)


def find_network(model: ModelName) -> Loaded[ByteModel] | None:
    """The network that a user names; NzipModelError when it is not here."""
    if not has_network(model):
        return None
    if model == DEFAULT_MODEL:
        return _networks().get(shipped.DEFAULT_NETWORK)
    if model == BASE_MODEL and _networks().seek(BASE_MODEL) is None:
        raise NzipModelError(
            f"network {BASE_MODEL!r} does not come with nzip: python -m nzip.train run --size base makes it, "
            f"nzip models add {BASE_MODEL}.nzm installs it"
        )
    return _networks().choose(model)


def _networks() -> Shelf[ByteModel]:
    """Takes a while to import (hashes, JSON), so that waits until there is something to load."""
    from nzip.models.store import NETWORKS

    return NETWORKS
