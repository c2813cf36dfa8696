"""Whether language models may be tried elsewhere than where they compressed: this process's user decides."""

from __future__ import annotations

_accepted = False


def accept_any_environment() -> None:
    """From now on other libraries and devices are tried; checksums decide."""
    global _accepted
    _accepted = True


def is_any_accepted() -> bool:
    return _accepted
