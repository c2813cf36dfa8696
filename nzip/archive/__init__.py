"""Archives of several files: made, listed, read member by member, restored and compared.

>>> import os, tempfile
>>> from nzip.archive import Archive, create
>>> folder = tempfile.mkdtemp()
>>> for name in "one", "two":
...     _ = open(os.path.join(folder, name), "w").write(f"this is {name}")
>>> with open(os.path.join(folder, "both.nza"), "wb") as file:
...     _ = create(file, ["one", "two"], folder=folder)
>>> with Archive(os.path.join(folder, "both.nza")) as archive:
...     [member.path for member in archive]
...     archive.read("two")
['one', 'two']
b'this is two'
"""

from nzip.archive.archive import Archive
from nzip.archive.comparing import Difference, check, verify
from nzip.archive.damaged import DamagedArchive
from nzip.archive.editing import delete, rename
from nzip.archive.ending import Made
from nzip.archive.making import append, create
from nzip.archive.patterns import Patterns
from nzip.archive.restoring import extract
from nzip.archive.selection import Selection
from nzip.archive.tree import ArchiveWarning
from nzip.format.extras import Owner
from nzip.format.members import Member
from nzip.format.registry import MemberKind

__all__ = [
    "Archive",
    "ArchiveWarning",
    "DamagedArchive",
    "Difference",
    "Made",
    "Member",
    "MemberKind",
    "Owner",
    "Patterns",
    "Selection",
    "append",
    "check",
    "create",
    "delete",
    "extract",
    "rename",
    "verify",
]
