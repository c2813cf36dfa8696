"""nzip models: the networks and profiles at hand."""

from __future__ import annotations

import errno
import json
import os
import sys
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import Any

import click

from nzip.cli import options
from nzip.cli.console import EXIT_USAGE, Console, tell
from nzip.cli.source import open_source
from nzip.cli.target import open_target
from nzip.errors import NzipModelError
from nzip.levels import LEVELS, spans
from nzip.messages import printable
from nzip.models import folders, nzm, nzp, shipped
from nzip.models.store import NETWORKS, PROFILES, ModelFile, Shelf, is_path, unknown
from nzip.pipeline.components import DEFAULT_MODEL, NO_MODEL, has_network
from nzip.sizes import format_size

AnyShelf = Shelf[Any]
Command = Callable[..., int]

_SHELVES: tuple[AnyShelf, ...] = (NETWORKS, PROFILES)
_ROW = "{:<16}  {:<7}  {:>10}  {:<16}  {}"
_SHOWN_ID = 16  # digits


@click.group(short_help="List, add and remove networks.", invoke_without_command=True)
@click.pass_context
def models(ctx: click.Context) -> int:
    """The networks (.nzm) and profiles (.nzp) at hand. Nothing is ever downloaded.

    MODEL is a name, a registry number, the first 8 digits or more of an id, or a path.
    """
    if ctx.invoked_subcommand is None:
        print(ctx.get_help(), file=sys.stderr)
        return EXIT_USAGE
    return 0


def _references(command: Command) -> Command:
    return click.argument("references", nargs=-1, required=True, metavar="MODEL...")(command)


@models.command("list", short_help="List all.")
@options.console
def list_(console: Console) -> int:
    """List the networks and profiles in all folders, those that come with nzip first."""
    rows: list[str] = []

    def show(shelf: AnyShelf, path: str) -> None:
        file = ModelFile(path, folders.read(path))
        if shelf.is_damaged(file):
            return  # told already
        shelf.load(file.data)
        record = _record(shelf, file)
        console.record(record)
        if not console.as_json:
            if not rows:
                tell(_ROW.format("id", "kind", "size", "name", "used by").rstrip())
            name, size = printable(file.name), format_size(len(file.data))
            tell(_ROW.format(file.id[:_SHOWN_ID], shelf.kind, size, name, record["used_by"]).rstrip())
        rows.append(path)

    for shelf in _SHELVES:
        console.for_each(shelf.shipped, shelf.check)
        console.for_each(folders.files(shelf.suffix), partial(show, shelf))
    return console.exit_code


@models.command(short_help="Show what is known of models.")
@_references
@options.console
def info(references: Sequence[str], console: Console) -> int:
    """Show the id, the size, the use and the card of each MODEL."""

    def show(reference: str) -> None:
        shelf, file = _find(reference)
        shelf.load(file.data)
        record = _record(shelf, file) | _description(file.data)
        console.record(record)
        if not console.as_json:
            tell("\n".join(_lines(record)))

    return console.for_each(references, show)


@models.command(short_help="Put models where nzip finds them.")
@click.argument("files", nargs=-1, required=True, metavar="FILE...", type=click.Path())
@click.option("--name", metavar="NAME", help="Call it so [as the file is called].")
@options.console
def add(files: Sequence[str], name: str | None, console: Console) -> int:
    """Check each FILE, a network or a profile, and copy it to the user's folder (see nzip models path)."""
    if name is not None and len(files) > 1:
        raise click.UsageError("--name is for a single FILE")

    def work(path: str) -> None:
        with open_source(path, any_kind=True) as source:
            data = folders.read_from(source.file)
            shelf = _shelf_for(data)
            shelf.load(data)
            called = os.path.basename(path).removesuffix(shelf.suffix) if name is None else name
            added = ModelFile(os.path.join(folders.user_folder(), called + shelf.suffix), data)
            known = shelf.seek(added.id)
            if known is None:
                _check_name(shelf, called)
                os.makedirs(folders.user_folder(), exist_ok=True)
                with open_target(added.path, source, force=False, binary=True) as target:
                    target.write(data)
                    target.finish(durable=True)
        at = known or added
        console.summary(path, f"{'added' if known is None else 'is there already'} as {at.path}, id {at.id}")
        console.record(_record(shelf, at))

    return console.for_each(files, work)


@models.command(short_help="Remove models that were added.")
@_references
@options.console
def rm(references: Sequence[str], console: Console) -> int:
    """Remove each MODEL from the user's folder, the one to which nzip models add copies."""

    def work(reference: str) -> None:
        _, file = _find(reference)
        if os.path.realpath(os.path.dirname(file.path)) != os.path.realpath(folders.user_folder()):
            raise OSError(errno.EPERM, "was not put there by nzip models add", file.path)
        os.unlink(file.path)
        console.summary(reference, f"removed {file.path}")
        console.record({"file": file.path, "id": file.id})

    return console.for_each(references, work)


@models.command(short_help="Show where models lie.")
@click.argument("references", nargs=-1, metavar="[MODEL]...")
def path(references: Sequence[str]) -> int:
    """Show the path of each MODEL, or all folders in the order in which they are searched.

    After the folder that comes with nzip these are the folders in NZIP_MODELS and the user's folder.
    """
    if not references:
        tell("\n".join(map(printable, folders.folders())))
    return Console().for_each(references, lambda reference: tell(printable(_find(reference)[1].path)))


def _find(reference: str) -> tuple[AnyShelf, ModelFile]:
    for shelf in _SHELVES:
        if file := shelf.seek(reference):
            return (_shelf_for(file.data) if is_path(reference) else shelf), file
    raise unknown(reference)


def _shelf_for(data: bytes) -> AnyShelf:
    """By what the file says that it is."""
    for shelf, magic in (NETWORKS, nzm.MAGIC), (PROFILES, nzp.MAGIC):
        if data.startswith(magic[:3]):
            return shelf
    raise NzipModelError("neither a network nor a profile")


def _check_name(shelf: AnyShelf, name: str) -> None:
    if not name.isprintable() or name.startswith((".", "-")) or is_path(name):
        raise OSError(errno.EINVAL, f"{name!r} is no name for a model; --name gives another")
    if name in (NO_MODEL, DEFAULT_MODEL) or shelf.seek(name) is not None:
        raise OSError(errno.EEXIST, f"the name {name!r} is taken; --name gives another")


def _record(shelf: AnyShelf, file: ModelFile) -> dict[str, Any]:
    number = shelf.number(file.id)
    return {
        "file": os.fsdecode(file.path),
        "name": file.name,
        "kind": shelf.kind,
        "id": file.id,
        "number": number,
        "bytes": len(file.data),
        "used_by": "" if number is None else _use(shelf, number),
    }


def _use(shelf: AnyShelf, number: int) -> str:
    """Which levels use it by themselves, and which when they are told to."""
    if shelf is NETWORKS:
        is_default = number == shipped.DEFAULT_NETWORK
        return spans(level.number for level in LEVELS.values() if is_default and level.model == DEFAULT_MODEL)
    parts = []
    for with_network in False, True:
        using = [
            level
            for level in LEVELS.values()
            if number == shipped.profile_number(level.component_set, with_network=with_network)
        ]
        told = [level.number for level in using if has_network(level.model) != with_network]
        unasked = [level.number for level in using if level.number not in told]
        parts += [spans(unasked)] if unasked else []
        parts += [f"{spans(told)} {'with' if with_network else 'without'} a network"] if told else []
    return "; ".join(parts)


def _description(data: bytes) -> dict[str, Any]:
    """What the header says, in the order in which it is shown."""
    if _shelf_for(data) is NETWORKS:
        network = nzm.parse(data)
        return {
            "architecture": network.architecture,
            "channels": network.channels,
            "layers": network.layers,
            "card": dict(network.card),
        }
    profile = nzp.parse(data)
    return {
        "component_set": profile.component_set,
        "engine_revision": profile.engine_revision,
        "network": profile.network,
        "state_bytes": len(profile.state),
        "text_bytes": len(profile.text) or None,
        "card": profile.card,
    }


def _lines(record: dict[str, Any]) -> Iterator[str]:
    for key, value in record.items():
        if key == "card":
            yield "card:"
            # Escaped by JSON, so whatever it says is safe to print.
            yield from json.dumps(value, indent=2).splitlines()
        elif value not in (None, ""):
            yield f"{key.replace('_', ' ') + ':':<17}{printable(str(value))}"
