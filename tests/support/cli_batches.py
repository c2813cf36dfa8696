"""Running nzip batch from src to out, and what is there then."""

from __future__ import annotations

import nzip

QUICK = ("-1", "-j2")


def batch(cli, *arguments, **options):
    return cli("batch", "src", "--out", "out", *QUICK, *arguments, **options)


def archived(cli):
    """The archives under their final names, each checked to be whole."""
    out = cli.folder / "out"
    return {
        str(path.relative_to(out)).removesuffix(".nz"): nzip.decompress(path.read_bytes())
        for path in out.rglob("*.nz")
    }
