"""Where a system keeps what belongs to a user.

The package platformdirs tells the same, but took 7 to 10 ms of each start, and where it looks depends on its
version: what is installed in one place would not be found after an upgrade.
"""

from __future__ import annotations

import os
import sys


def data_folder() -> str:
    """For what is to stay; it need not exist."""
    return _folder("XDG_DATA_HOME", ".local/share", "Library/Application Support")


def cache_folder() -> str:
    """For what can be made again; it need not exist. A relative path where nothing is known of the user."""
    return _folder("XDG_CACHE_HOME", ".cache", "Library/Caches")


def _folder(variable: str, unix: str, macos: str) -> str:
    home = os.path.expanduser("~")
    if sys.platform == "win32":
        base = os.environ.get("LOCALAPPDATA") or os.path.join(home, "AppData", "Local")
    elif sys.platform == "darwin":
        base = os.path.join(home, macos)
    else:
        base = os.environ.get(variable, "")
        if not os.path.isabs(base):
            base = os.path.join(home, unix)
    return os.path.join(base, "nzip")
