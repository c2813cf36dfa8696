"""The file of a job's ledger: opened, looked into when it may be damaged, set aside."""

from __future__ import annotations

import errno
import os
import sqlite3
import stat
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from itertools import count
from urllib.parse import quote

from nzip.archive.batch.ledger import Ledger, LedgerError
from nzip.archive.batch.wish import Wish

_BUSY_SECONDS = 20  # that another process may keep the ledger from this one

_ADVICE = "nzip batch --rebuild sets it aside and goes on from the archives that are there"


@contextmanager
def open_ledger(path: str, *, writes: bool) -> Iterator[Ledger]:
    """The ledger in a file, which is made if the caller ``writes``. LedgerError for all that goes wrong."""
    if os.path.lexists(path) and not stat.S_ISREG(os.lstat(path).st_mode):
        raise LedgerError(errno.EINVAL, "is not a regular file, so no ledger", path)
    try:
        with closing(_connect(path, writes=writes)) as database:
            yield Ledger(database)
    except LedgerError as error:
        error.filename = path
        raise
    except sqlite3.OperationalError as error:
        raise LedgerError(errno.EIO, str(error), path) from error
    except sqlite3.Error as error:
        raise LedgerError(errno.EINVAL, f"cannot be used: {error}; {_ADVICE}", path) from error


def _connect(path: str, *, writes: bool) -> sqlite3.Connection:
    path = os.path.abspath(path)
    parameters = "mode=rwc" if writes else "mode=ro"
    if not (writes or os.access(os.path.dirname(path), os.W_OK) or os.path.exists(f"{path}-wal")):
        parameters += "&immutable=1"  # where nobody is at work, and no file may be made to share it
    return sqlite3.connect(
        f"file:{quote(os.fsencode(path))}?{parameters}", uri=True, timeout=_BUSY_SECONDS, isolation_level=None
    )


def readable_wish(path: str) -> Wish | None:
    """The wish in a ledger that may be damaged; None where it cannot be read."""
    if not os.path.isfile(path) or os.path.islink(path):
        return None
    with suppress(sqlite3.Error, ValueError, TypeError), closing(_connect(path, writes=False)) as database:
        database.set_progress_handler(lambda: True, 1_000_000)  # whatever the tables are
        return Wish.from_json(database.execute("SELECT wish FROM job").fetchone()[0])
    return None


def set_aside(path: str) -> str | None:
    """Gives a ledger, whatever is in its place, another name, which is returned; None where there is none."""
    if not os.path.lexists(path):
        return None
    aside = next(name for number in count(1) if not os.path.lexists(name := f"{path}.{number}"))
    for suffix in ("-wal", "-shm", "-journal"):  # what SQLite keeps beside it
        with suppress(FileNotFoundError):
            os.rename(path + suffix, aside + suffix)
    os.rename(path, aside)
    return aside
