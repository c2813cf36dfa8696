"""What a job is: which files, where to, and how. Given by a TOML file, by a command's options, or both."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from nzip.archive.batch.job_options import ATTEMPTS, ENGINES, JOB, RULE, VERIFY, WISH
from nzip.archive.batch.place import Place, ledger_in
from nzip.archive.making import archive_encoding
from nzip.archive.patterns import Patterns
from nzip.format.registry import component_name
from nzip.messages import printable
from nzip.models.store import is_path
from nzip.option_table import BLOCK_SIZE, GPU_LAYERS, LANES, MODEL_THREADS, SOLID, Option
from nzip.option_values import Path, Percent, Size
from nzip.pipeline import EncodeOptions, Encoding, resolve_encoding
from nzip.resources.devices import CPU

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

WISH_KEYS = (*WISH, "rules")

_KINDS = {int: "number", float: "number", str: "text in quotes", list: "list", bool: "true or false"}


class JobError(ValueError):
    """A job that cannot be understood; one line says why."""


@dataclass(frozen=True)
class Rule:
    """How files with certain names are compressed."""

    patterns: Patterns
    encoding: Encoding


@dataclass(frozen=True)
class Job:
    """All that there is to know before the first file is looked at."""

    place: Place
    ledger: str
    log: str
    include: Patterns
    exclude: Patterns
    rules: tuple[Rule, ...]  # the first that matches counts; the last one always does
    archives: int | None  # bytes of files that share an archive; None: each has its own
    memory: int | None  # bytes, on each machine; None: default_memory_limit()
    jobs: int | None  # files or tasks at a time; None: as many as there are cores
    attempts: int
    verify: bool
    force: bool
    engine: str
    address: str | None

    @property
    def settings(self) -> list[str]:
        """In words, all that the bytes of each rule's archives depend on: another text means other ones."""
        kind = "" if self.archives is None else ", in archives"
        return [_setting_text(rule.encoding) + kind for rule in self.rules]

    def wants(self, path: str) -> bool:
        """Whether a file is part of the job."""
        return (not self.include or self.include.match(path)) and not self.exclude.match(path)

    def enters(self, folder: str) -> bool:
        """Whether any file in a folder can be part of the job."""
        return not self.exclude.match(folder)

    def rule_for(self, path: str) -> int:
        """The number of the rule for a file."""
        return next(number for number, rule in enumerate(self.rules) if rule.patterns.match(path))


def read_job(path: str) -> dict[str, Any]:
    """The values in a job file, those that are paths as seen from the file's folder.

    Raises OSError if it cannot be read, JobError if it makes no sense.
    """
    with open(path, "rb") as file:
        try:
            values: dict[str, Any] = tomllib.load(file)
        except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
            raise JobError(str(error)) from None
    check_values(values)
    return seen_from(os.path.dirname(os.path.abspath(path)), values)


def check_values(values: dict[str, Any]) -> None:
    """Raises JobError for what no job can have; sizes become numbers."""
    _check(values, JOB, "rules")
    for rule in values.get("rules", []):
        if not isinstance(rule, dict):
            raise JobError("rules are tables: [[rules]]")
        _check(rule, RULE, "patterns")


def seen_from(folder: str, values: dict[str, Any]) -> dict[str, Any]:
    """The values, those that are paths made absolute."""
    for table in (values, *values.get("rules", [])):
        for key in (key for key in table if key in JOB and isinstance(JOB[key].values, Path)):
            table[key] = os.path.join(folder, os.path.expanduser(table[key]))
        if is_path(table.get("model", "none")):
            table["model"] = os.path.join(folder, os.path.expanduser(table["model"]))
        if table.get("prime", "none") not in ("none", "default"):
            table["prime"] = os.path.join(folder, os.path.expanduser(table["prime"]))
    return values


def ledger_of(values: Mapping[str, Any]) -> str:
    """The path of the ledger of a job with these values. Raises JobError without an out."""
    if "out" not in values:
        raise JobError("a job needs a source and an out (--out)")
    path: str = values.get("ledger") or ledger_in(os.path.realpath(values["out"]))
    return path


def make_job(values: Mapping[str, Any]) -> Job:
    """The job with these values, as ``read_job`` gives them.

    Raises JobError for what makes no sense together, OSError for folders, models and devices that are
    not there.
    """
    if "source" not in values or "out" not in values:
        raise JobError("a job needs a source and an out (--out)")
    place = Place(os.path.realpath(values["source"]), os.path.realpath(values["out"]))
    os.scandir(place.source).close()
    if os.path.commonpath([place.source, place.target]) == place.source:
        raise JobError("out lies in the source, which would grow while it is read")
    engine = values.get("engine", ENGINES[0])
    if engine not in ENGINES:
        raise JobError(f"engine {engine!r}; {' and '.join(ENGINES)} are known")
    if "address" in values and engine != "ray":
        raise JobError("an address is for the engine ray")
    if min(values.get(key, 1) for key in ("jobs", "attempts", "archives")) < 1:
        raise JobError("jobs, attempts and archives are at least 1")
    encode = {key: values[key] for key in RULE if key in values}
    if engine == "ray" and values.get("device", CPU) != CPU:
        raise JobError("a device is for the engine local")
    if any("ref" in table for table in (values, *values.get("rules", ()))):
        if engine == "ray":
            raise JobError("a ref is for the engine local")
        if "archives" in values:
            raise JobError("a ref is for files that have an archive each")
    common = {
        "threads": values.get("jobs", 0),
        "memory_limit": values.get("memory"),
        "device": values.get("device", CPU),
    }
    return Job(
        place=place,
        ledger=ledger_of(values),
        log=values.get("log", os.path.join(place.state, "log.txt")),
        include=Patterns(values.get("include", ())),
        exclude=Patterns(values.get("exclude", ())),
        rules=tuple(
            _rule(encode, rule, common, in_archives="archives" in values)
            for rule in [*values.get("rules", ()), {"patterns": ["*"]}]
        ),
        archives=values.get("archives"),
        memory=values.get("memory"),
        jobs=values.get("jobs"),
        attempts=values.get("attempts", ATTEMPTS.default),
        verify=values.get("verify", VERIFY.default),
        force=values.get("force", False),
        engine=engine,
        address=values.get("address"),
    )


def _rule(
    encode: Mapping[str, Any], rule: Mapping[str, Any], common: Mapping[str, Any], *, in_archives: bool
) -> Rule:
    if not rule.get("patterns"):
        raise JobError("a rule needs patterns")
    own = {key: value for key, value in rule.items() if key != "patterns"}
    # A rule's level brings its network and prime with it, unless the rule itself names others.
    of_level = {"model", "prime"} if "level" in own else set()
    inherited = {key: value for key, value in encode.items() if key not in of_level}
    options = _options({**inherited, **own, **common})
    encoding = archive_encoding(options) if in_archives else resolve_encoding(options)
    return Rule(Patterns(rule["patterns"]), encoding)


def _setting_text(encoding: Encoding) -> str:
    options, components = encoding.options, encoding.components
    parts = [
        f"level {options.level}",
        f"network {printable(components.network_name)}",
        f"prime {components.prime_name}",
    ]
    for option in BLOCK_SIZE, SOLID, LANES, MODEL_THREADS, GPU_LAYERS:
        if (value := getattr(options, option.field)) != option.default:
            parts.append(f"{option.name.replace('_', ' ')} {value}")
    if components.reference is not None:
        parts.append(f"reference {component_name(components.reference.component)}")
    if options.recovery:
        parts.append(f"recovery {options.recovery:g} %")
    return ", ".join(parts)


def _options(values: Mapping[str, Any]) -> EncodeOptions:
    try:
        return EncodeOptions(**values)
    except (TypeError, ValueError) as error:
        raise JobError(str(error)) from None


def _check(values: dict[str, Any], known: Mapping[str, Option], of_lists: str) -> None:
    """Raises JobError for what is not in the table, besides the key ``of_lists``, or of another kind."""
    kinds = {key: option.values.kind for key, option in known.items()} | {of_lists: list}
    for key, value in values.items():
        if key not in kinds:
            raise JobError(f"{key!r} is not known; {', '.join(sorted(kinds))} are")
        if type(value) is str and key in known and isinstance(known[key].values, Size | Percent):
            try:
                values[key] = value = known[key].values.read(value)
            except ValueError as error:
                raise JobError(f"{key}: {error}") from None
        if type(value) is not kinds[key] and (type(value), kinds[key]) != (int, float):
            raise JobError(f"{key} is {value!r}; a {_KINDS[kinds[key]]} is wanted")
        if type(value) is list and key != "rules" and not all(type(each) is str for each in value):
            raise JobError(f"{key} is a list of patterns")
