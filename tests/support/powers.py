"""Commands without root's powers: tests often run as root, whom no permission stops."""

from __future__ import annotations

import ctypes
import os
import subprocess
import sys
from pathlib import Path

PR_CAPBSET_DROP = 24  # of prctl(2)
CAPABILITIES = 41  # that Linux has; what it does not know, it refuses

_libc = ctypes.CDLL(None)


def give_up_powers() -> None:
    """In a child, before it executes a command: root's command may no more than the owner of root's files.

    Another user could not execute an interpreter that lies in root's home.
    """
    if os.geteuid() == 0 and hasattr(_libc, "prctl"):
        for capability in range(CAPABILITIES):
            _libc.prctl(PR_CAPBSET_DROP, capability, 0, 0, 0)


def powers_can_be_given_up(folder: Path) -> bool:
    """Whether permissions stop such a command; where not, it is still root, and may not cease to be."""
    locked = folder / "locked"
    locked.touch(mode=0)
    script = f"open({str(locked)!r})"
    command = [sys.executable, "-c", script]
    return subprocess.run(command, preexec_fn=give_up_powers, stderr=-1, check=False).returncode != 0
