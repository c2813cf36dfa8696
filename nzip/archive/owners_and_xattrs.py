"""Owners and extended attributes on the disk."""

from __future__ import annotations

import errno
import functools
import grp
import os
import pwd
import sys
from collections.abc import Iterator

from nzip.format.extras import MAX_ID, MAX_NAME, Owner, Xattrs

_LINUX_ONLY = "extended attributes are kept on Linux only"
_ACLS = "system.posix_acl_access", "system.posix_acl_default"


def owner_of(status: os.stat_result) -> Owner:
    """Whose a file is, by number and by name."""
    uid, gid = status.st_uid, status.st_gid
    return Owner(_number(uid), _number(gid), _name(_user(uid)), _name(_group(gid)))


@functools.cache
def numbers_of(owner: Owner) -> tuple[int, int]:
    """The numbers of a user and a group here: those of their names, or else their own."""
    try:
        uid = pwd.getpwnam(owner.user).pw_uid
    except KeyError:
        uid = owner.uid
    try:
        gid = grp.getgrnam(owner.group).gr_gid
    except KeyError:
        gid = owner.gid
    return uid, gid


def _number(system: int) -> int:
    """-1, which stands for nobody, becomes a number that does, too."""
    return min(system % (1 << 32), MAX_ID)


def _name(system: str) -> str:
    return system if len(os.fsencode(system)) <= MAX_NAME else ""


@functools.cache
def _user(uid: int) -> str:
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return ""


@functools.cache
def _group(gid: int) -> str:
    try:
        return grp.getgrgid(gid).gr_name
    except KeyError:
        return ""


def is_kept(name: str) -> bool:
    """Whether an attribute is stored and restored: a user's own, an ACL, for root the system's, too."""
    if name.startswith(("security.", "trusted.")):
        return os.geteuid() == 0
    return name.startswith("user.") or name in _ACLS


def xattrs_of(path: str) -> Xattrs:
    """The attributes of a file or folder that are kept. Raises NotImplementedError where there are none."""
    if sys.platform != "linux":
        raise NotImplementedError(_LINUX_ONLY)
    try:
        names = os.listxattr(path, follow_symlinks=False)
    except OSError as error:
        if error.errno in (errno.ENOTSUP, errno.EOPNOTSUPP):  # by the file system
            return ()
        raise
    found = []
    for name in sorted(filter(is_kept, names), key=os.fsencode):
        try:
            found.append((name, os.getxattr(path, name, follow_symlinks=False)))
        except OSError as error:
            if error.errno != errno.ENODATA:  # gone meanwhile
                raise
    return tuple(found)


def give_xattrs(descriptor: int, xattrs: Xattrs) -> Iterator[tuple[str, Exception]]:
    """Sets the attributes that are kept; tells which ones the system or its file system refuses, and why.

    Raises NotImplementedError where there are none.
    """
    if sys.platform != "linux":
        raise NotImplementedError(_LINUX_ONLY)
    for name, value in filter(lambda pair: is_kept(pair[0]), xattrs):
        try:
            os.setxattr(descriptor, name, value)
        except OSError as error:
            yield name, error
