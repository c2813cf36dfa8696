"""shutil.make_archive and shutil.unpack_archive for .tar.nz."""

from __future__ import annotations

import grp
import os
import pwd
import shutil
import tarfile
from logging import Logger
from tarfile import TarInfo
from typing import Any

from nzip.hooks.tarfile import TarFile

NAME = "nztar"
SUFFIX = ".tar.nz"


def register() -> None:
    """Makes the format "nztar" known to shutil. Archives are written at the default level.

    >>> import shutil
    >>> register()
    >>> "nztar" in dict(shutil.get_archive_formats())
    True
    """
    shutil.register_archive_format(NAME, make_archive, description="nzip'ed tar-file")
    if NAME not in {name for name, *_ in shutil.get_unpack_formats()}:
        shutil.register_unpack_format(NAME, [SUFFIX], unpack_archive)


def make_archive(
    base_name: str,
    base_dir: str,
    *,
    owner: str | None = None,
    group: str | None = None,
    dry_run: bool = False,
    logger: Logger | None = None,
    root_dir: str = "",
) -> str:
    """Writes the folder ``base_dir`` of ``root_dir`` to ``base_name`` + ".tar.nz"; returns that path.

    KeyError for an owner or a group that the system does not know.
    """
    path = os.path.abspath(base_name + SUFFIX)
    if logger is not None:
        logger.info("creating %s", path)
    if dry_run:
        return path

    def owned(member: TarInfo) -> TarInfo:
        if owner is not None:
            member.uname, member.uid = owner, pwd.getpwnam(owner).pw_uid
        if group is not None:
            member.gname, member.gid = group, grp.getgrnam(group).gr_gid
        return member

    os.makedirs(os.path.dirname(path), exist_ok=True)
    archive = TarFile.open(path, "w:nz", threads=0)
    try:
        with archive:
            archive.add(os.path.join(root_dir, base_dir), base_dir, filter=owned)
    except BaseException:
        os.unlink(path)  # the beginning of an archive would pass for a complete one
        raise
    return path


# Newer Pythons need not change the folder of the whole process then.
make_archive.supports_root_dir = True  # type: ignore[attr-defined]


def unpack_archive(filename: str, extract_dir: str, *, filter: Any = "data") -> None:
    """Extracts all members. By default those that would lead out of ``extract_dir`` are refused.

    shutil.ReadError where this Python's tarfile has no filters, which 3.10.12 and 3.11.4 brought: without
    them members could lead anywhere.
    """
    if not hasattr(tarfile, "data_filter"):
        raise shutil.ReadError(f"{filename}: the tarfile of this Python cannot unpack it safely, 3.11.4 can")
    with TarFile.open(filename, "r:nz", threads=0) as archive:
        archive.extractall(extract_dir, filter=filter)
