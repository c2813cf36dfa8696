"""What a wheel installs beside the package is what the command prints."""

from __future__ import annotations

import pytest
from support import TESTS

PACKAGING = TESTS.parent / "packaging"


def test_the_manual_page(cli):
    made = cli.ok("man").out
    assert (PACKAGING / "nzip.1").read_bytes() == made, "nzip man > packaging/nzip.1"


@pytest.mark.parametrize(("shell", "name"), [("bash", "nzip.bash"), ("zsh", "_nzip"), ("fish", "nzip.fish")])
def test_completion(cli, shell, name):
    made = cli.ok("completion", shell).out
    assert (PACKAGING / "completion" / name).read_bytes() == made, f"nzip completion {shell} > {name}"
