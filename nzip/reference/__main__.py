"""``python -m nzip.reference FILE.nz [-o OUT]``: restore a file, or an archive into a folder."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from nzip.errors import NzipError
from nzip.reference.container import read_streams
from nzip.reference.members import extract, read_members
from nzip.reference.resources import Resources
from nzip.reference.restore import restore


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m nzip.reference", description=__doc__)
    parser.add_argument("file", type=Path)
    parser.add_argument("-o", "--output", type=Path, help="a new file, or an archive's folder")
    parser.add_argument(
        "--with",
        dest="given",
        type=Path,
        action="append",
        default=[],
        metavar="PATH",
        help="a prime, reference, profile, network or language model that the file names by its hash",
    )
    arguments = parser.parse_args()
    try:
        _restore(arguments.file, arguments.output, Resources(arguments.given))
    except (NzipError, OSError) as error:
        print(f"{parser.prog}: {arguments.file}: {error}", file=sys.stderr)
        return error.exit_code if isinstance(error, NzipError) else 1
    return 0


def _restore(file: Path, output: Path | None, resources: Resources) -> None:
    data = file.read_bytes()
    streams = list(read_streams(data))
    plain = restore(data, resources)
    if len(streams) == 1 and streams[0].members and output is not None:
        extract(read_members(streams[0]), b"".join(plain), output)
    elif output is None:
        for block in plain:
            sys.stdout.buffer.write(block)
    else:
        whole = b"".join(plain)
        with output.open("xb") as target:
            target.write(whole)


if __name__ == "__main__":
    sys.exit(main())
