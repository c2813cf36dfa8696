"""What a job is to make of which files: on record, so that whoever resumes it need not say it again."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from nzip.archive.batch.job import WISH_KEYS, Job, check_values
from nzip.archive.batch.job_options import WISH
from nzip.levels import DEFAULT_LEVEL, LEVELS

_DEFAULTS: dict[str, Any] = {**{name: option.default for name, option in WISH.items()}, "rules": []}


@dataclass(frozen=True)
class Wish:
    """All that changes the archives' bytes, or the set of files."""

    values: dict[str, Any]  # those of a job; what is not there has its default
    file: dict[str, Any] = field(default_factory=dict)  # what of it the job file says
    settings: list[str] = field(default_factory=list)  # what it came to: networks and primes by what they are

    def to_json(self) -> str:
        return json.dumps(asdict(self))

    @classmethod
    def from_json(cls, text: str) -> Wish:
        """Raises ValueError for what no job can wish."""
        try:
            wish = json.loads(text)
        except RecursionError:
            raise ValueError("it has too many parts") from None
        parts = ("values", dict), ("file", dict), ("settings", list)
        if type(wish) is not dict or [(key, type(value)) for key, value in wish.items()] != [*parts]:
            raise ValueError("it has not the parts of a wish")
        if not all(type(text) is str for text in wish["settings"]):
            raise ValueError("its settings are not in words")
        for values in wish["values"], wish["file"]:
            if unknown := values.keys() - set(WISH_KEYS):
                raise ValueError(f"{min(unknown)!r} is nothing to wish for")
            check_values(values)
            if values.get("level", DEFAULT_LEVEL) not in LEVELS:
                raise ValueError(f"there is no level {values['level']}")
        return cls(**wish)


def wish_of(job: Job, values: Mapping[str, Any], file: Mapping[str, Any]) -> Wish:
    """That of a job with these values, of which the file says those."""
    return Wish(_said(values), _said(file), job.settings)


def taken_up(wish: Wish, file: Mapping[str, Any] | None, options: Mapping[str, Any]) -> dict[str, Any]:
    """The values of a wish when its job is resumed.

    What is not said again stays. So does what a job file says as it did before: an option may have said
    otherwise when the job was begun.
    """
    said = wish.file if file is None else _said(file)
    changed = {key: said.get(key) for key in WISH_KEYS if said.get(key) != wish.file.get(key)}
    values = {**wish.values, **changed, **_said(options)}
    return {key: value for key, value in values.items() if value is not None}


def differences(old: Wish, new: Wish) -> list[str]:
    """What of the wish is another one, in words."""
    found = []
    for key in WISH_KEYS:
        before, now = _meaning(old.values, key), _meaning(new.values, key)
        # A level brings its network and prime with it; only what was said is worth telling.
        if before != now and old.values.get(key) != new.values.get(key):
            found.append(f"{key.replace('_', ' ')} {_shown(before)}, now {_shown(now)}")
    if not found and old.settings != new.settings:  # another network or prime bears the same name
        found = [
            f"{before!r}, now {now!r}"
            for before, now in zip(old.settings, new.settings, strict=False)
            if before != now
        ]
    return found


def _said(values: Mapping[str, Any]) -> dict[str, Any]:
    return {key: values[key] for key in WISH_KEYS if key in values}


def _meaning(values: Mapping[str, Any], key: str) -> Any:
    if key in ("model", "prime") and key not in values:
        return getattr(LEVELS[values.get("level", DEFAULT_LEVEL)], key)
    return values.get(key, _DEFAULTS.get(key))


def _shown(value: Any) -> str:
    if isinstance(value, list):
        return json.dumps(value) if value else "none"
    if isinstance(value, float):
        return f"{value:g}"
    return "none" if value is None else str(value)
