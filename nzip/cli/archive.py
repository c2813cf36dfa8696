"""nzip archive: many files in one."""

from __future__ import annotations

import click

from nzip.cli.archive_check import test, verify
from nzip.cli.archive_create import create
from nzip.cli.archive_edit import append, delete, rename
from nzip.cli.archive_extract import extract
from nzip.cli.archive_list import list_
from nzip.cli.archive_salvage import salvage
from nzip.cli.console import EXIT_USAGE, say


@click.group(short_help="Many files in one archive.", invoke_without_command=True)
@click.pass_context
def archive(ctx: click.Context) -> int:
    """Archives of several files: similar ones share a block, and one is restored without decoding the rest.

    ARCHIVE may have any name; .nza is usual. MEMBER is a member's path, a folder's, or a pattern such as
    "*.json".
    """
    if ctx.invoked_subcommand is None:
        say(ctx.get_help())
        return EXIT_USAGE
    return 0


for each in create, append, delete, rename, list_, extract, test, verify, salvage:
    archive.add_command(each)
