"""Entries of the engine table that do something else than the native core's."""

from __future__ import annotations

from nzip.engines import CURRENT, ENGINES


class Changed:
    """The current engine with other methods."""

    def __init__(self, **methods) -> None:
        self._entry = ENGINES[CURRENT]
        self._methods = methods

    def __getattr__(self, name):
        return self._methods[name] if name in self._methods else getattr(self._entry, name)


def change(monkeypatch, **methods) -> None:
    """Until the test ends, the current engine has other methods."""
    monkeypatch.setitem(ENGINES, CURRENT, Changed(**methods))
