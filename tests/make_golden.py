"""Writes the golden files: streams that every later version must decode, or refuse, in the same way.

    python tests/make_golden.py [--replace] [stored] [coded] [errors] [archives]

Files that exist are kept; ``--replace`` writes those anew in which an engine coded something, as a change of
coded bytes demands until the engine's revision is declared frozen. The stored ones show version 1 of the
container, which is: they stay. docs/format/README.md lists what each file shows.
"""

from __future__ import annotations

import hashlib
import io
import json
import pathlib
import sys
from typing import Any

from support import golden_models
from support.golden_archives import ARCHIVE_CASES
from support.golden_models import FOLDER
from support.golden_refused import ERROR_CASES
from support.golden_streams import CODED, STORED

from nzip.archive import Archive
from nzip.format.members import Member

ERRORS = pathlib.Path(__file__).parent / "golden_errors"
ARCHIVES = pathlib.Path(__file__).parent / "golden_archives"


def _write(
    folder: pathlib.Path, name: str, data: bytes, expected: dict[str, Any], *, overwrite: bool
) -> None:
    path = folder / f"{name}.nz"
    if path.exists() and not overwrite:
        return
    folder.mkdir(exist_ok=True)
    path.write_bytes(data)
    manifest = folder / "manifest.json"
    entries = json.loads(manifest.read_text()) if manifest.exists() else {}
    entries[name] = expected
    manifest.write_text(json.dumps(dict(sorted(entries.items())), indent=1) + "\n")
    print(path.name, len(data))


def main(kinds: list[str], *, overwrite: bool) -> None:
    if "coded" in kinds:
        golden_models.write(overwrite=overwrite)
        golden_models.unpack()
    for kind, cases in ("stored", STORED), ("coded", CODED):
        for name, case in cases.items() if kind in kinds else ():
            digest = hashlib.sha256(case.plain).hexdigest()
            entry = {"size": len(case.plain), "sha256": digest}
            _write(FOLDER, name, case.encode(), entry, overwrite=overwrite and kind != "stored")
    for name, (data, error) in ERROR_CASES.items() if "errors" in kinds else ():
        _write(ERRORS, name, data, {"error": error.__name__}, overwrite=overwrite)
    for name, (data, error) in ARCHIVE_CASES.items() if "archives" in kinds else ():
        expected = {"members": describe(data)} if error is None else {"error": error.__name__}
        _write(ARCHIVES, name, data, expected, overwrite=overwrite)


def describe(data: bytes) -> list[list[Any]]:
    """The members of an archive, in JSON's types, with their contents' digests."""
    with Archive(io.BytesIO(data)) as archive:
        return [
            [*member[:8], _digest(archive, member), *_extras(member), *map(list, member.holes)]
            for member in archive
        ]


def _digest(archive: Archive, member: Member) -> str | None:
    return hashlib.sha256(archive.read(member)).hexdigest() if member.has_content else None


def _extras(member: Member) -> list[Any]:
    if member.owner is None and not member.xattrs:
        return []
    owner = None if member.owner is None else list(member.owner)
    return [owner, [[name, value.hex()] for name, value in member.xattrs]]


if __name__ == "__main__":
    arguments = sys.argv[1:]
    chosen = [argument for argument in arguments if argument != "--replace"]
    main(chosen or ["stored", "coded", "errors", "archives"], overwrite="--replace" in arguments)
