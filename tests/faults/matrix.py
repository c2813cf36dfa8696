"""Which fault is tried at which entry point, and why others cannot happen: the table of docs/faults.md."""

from __future__ import annotations

from entries import ENTRIES

COMMANDS = [name for name, entry in ENTRIES.items() if entry.is_command]
LIBRARIES = [name for name, entry in ENTRIES.items() if not entry.is_command]

# For each fault the entry points where it is tried. At the others it cannot happen: REASONS has a letter.
TRIED: dict[str, list[str]] = {
    "short write": [*ENTRIES],
    "interrupted call (EINTR)": [*ENTRIES],
    "clock jump": [*ENTRIES],
    "thread that cannot start": [*ENTRIES],
    "disk full (ENOSPC)": [*ENTRIES],
    "write error (EIO)": [*ENTRIES],
    "read error (EIO)": [*ENTRIES],
    "error of fsync": [*ENTRIES],
    "error of close": [*ENTRIES],
    "out of memory": [*ENTRIES],
    "limit of a container": [name for name in ENTRIES if name not in ("d", "archive extract")],
    "reader gone (EPIPE)": ["c", "d", "archive create", "library"],
    "kill -9": [*ENTRIES],
    "SIGTERM": [*ENTRIES],
    "end of the interpreter": ["library", "tarfile"],
    "fork": ["library", "tarfile"],
    "daemon thread": LIBRARIES,
}

REASONS: dict[str, dict[str, str]] = {
    "reader gone (EPIPE)": dict.fromkeys(ENTRIES, "A"),
    "limit of a container": dict.fromkeys(ENTRIES, "E"),
    "end of the interpreter": {**dict.fromkeys(COMMANDS, "B"), **dict.fromkeys(LIBRARIES, "C")},
    "fork": {**dict.fromkeys(COMMANDS, "D"), **dict.fromkeys(LIBRARIES, "C")},
    "daemon thread": dict.fromkeys(COMMANDS, "B"),
}


def table() -> str:
    """The table of docs/faults.md."""
    heads = [name.removeprefix("archive ") for name in ENTRIES]
    lines = ["| | " + " | ".join(heads) + " |", "|---" * (len(ENTRIES) + 1) + "|"]
    for fault, tried in TRIED.items():
        cells = ["yes" if name in tried else REASONS[fault][name] for name in ENTRIES]
        lines.append(f"| {fault} | " + " | ".join(cells) + " |")
    return "\n".join(lines)
