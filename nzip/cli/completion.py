"""nzip completion: what a shell needs to complete nzip's commands and options."""

from __future__ import annotations

import click
from click.shell_completion import get_completion_class

from nzip.cli.console import tell


@click.command(short_help="Completion for a shell.")
@click.argument("shell", type=click.Choice(["bash", "fish", "zsh"]))
def completion(shell: str) -> int:
    """Print the script that makes SHELL complete nzip's commands, options and files.

    \b
    bash: add to ~/.bashrc:  eval "$(nzip completion bash)"
    zsh:  add to ~/.zshrc:   eval "$(nzip completion zsh)"
    fish: nzip completion fish > ~/.config/fish/completions/nzip.fish
    """
    from nzip.cli.commands import nzip

    completes = get_completion_class(shell)
    assert completes is not None
    tell(completes(nzip, {}, "nzip", "_NZIP_COMPLETE").source())
    return 0
