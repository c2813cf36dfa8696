"""What may be said of storing and of restoring members: rows of options, and keywords of the library."""

from __future__ import annotations

from nzip.option_table import MAX_OUTPUT, SPARSE, Option
from nzip.option_values import Flag, Path, Paths, Patterns

# Of which files, and what of them, goes into an archive.
STORING = (
    Option(
        "directory",
        Path(),
        "Take PATHs from this folder",
        default=".",
        letter="C",
        metavar="DIR",
        field="folder",
    ),
    Option(
        "exclude",
        Patterns(),
        'Leave out what is called so ("*.tmp") or lies there in the archive ("logs/*")',
        default=(),
        field="excluded",
    ),
    Option("exclude_from", Paths(), "Patterns to exclude, one a line", default=(), field="excluded_from"),
    Option("owner", Flag(), "Store users and groups, too", default=False),
    Option("xattrs", Flag(), "Store extended attributes and ACLs, too", default=False),
)

# Of where members are restored, and what of them.
RESTORING = (
    Option(
        "directory",
        Path(),
        "Restore into this folder, which is made",
        default=".",
        letter="C",
        metavar="DIR",
        field="folder",
    ),
    Option(
        "force",
        Flag(),
        "Replace existing files and links",
        default=False,
        letter="f",
        field="overwrite",
    ),
    Option("skip_existing", Flag(), "Leave what exists as it is, and say nothing of it", default=False),
    Option("any_links", Flag(), "Make symbolic links that lead out of DIR, too", default=False),
    Option("special_bits", Flag(), "Restore setuid, setgid and sticky bits (root only)", default=False),
    Option("owner", Flag(), "Restore users and groups, where they are stored (root only)", default=False),
    Option("xattrs", Flag(), "Restore extended attributes and ACLs, where they are stored", default=False),
    SPARSE,
    MAX_OUTPUT,
)
