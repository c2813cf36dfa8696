"""Models of one's own, which golden files name by their hashes: next to nothing, and kept compressed."""

from __future__ import annotations

import lzma
import os
import pathlib
import shutil
import tempfile

from nzip.models import folders, nzp
from support import TESTS, model_files
from support.engines import ENGINE

FOLDER = TESTS / "golden"
TINY = TESTS / "data" / "tiny.gguf"  # a language model
PRIME = FOLDER / "prime.txt"  # of the files that are primed with something else than the shipped prime
REFERENCE = FOLDER / "reference.bin"  # of the files that have one

UNPACKED = tempfile.TemporaryDirectory(prefix="nzip-golden-")
OWN_START, OWN_PRIME, OWN_NETWORK = (
    pathlib.Path(UNPACKED.name) / name for name in ("own-start.nzp", "own-prime.nzp", "own.nzm")
)


def write(*, overwrite: bool) -> None:
    """Makes those that do not exist, or all."""
    state = model_files.state(1, with_network=False)
    profile = nzp.Profile(1, ENGINE.revision, nzp.NO_NETWORK, state, {}, PRIME.read_bytes())
    for path, data in (
        (OWN_START, model_files.profile(1)),
        (OWN_PRIME, profile.serialize()),
        (OWN_NETWORK, model_files.network()),
    ):
        packed = FOLDER / f"{path.name}.xz"
        if overwrite or not packed.exists():
            packed.write_bytes(lzma.compress(data, preset=9))


def unpack() -> None:
    """Makes them known to this process."""
    for path in OWN_START, OWN_PRIME, OWN_NETWORK:
        path.write_bytes(lzma.decompress((FOLDER / f"{path.name}.xz").read_bytes()))
    shutil.copy(TINY, UNPACKED.name)
    os.environ[folders.VARIABLE] = UNPACKED.name
