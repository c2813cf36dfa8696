"""What a compressor must offer to be measured, and nzip itself in that form."""

from __future__ import annotations

import importlib.util
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

from nzip.bench.tool import library
from nzip.levels import LEVELS

Work = Callable[[str, str, int], None]  # source path, target path, threads


@dataclass(frozen=True)
class Codec:
    """One compressor with fixed settings. `module` or `command` is what it needs on the machine."""

    name: str  # family-setting
    settings: str
    pack: Work
    unpack: Work
    tool: Callable[[], str]  # says what does the work, and its version
    module: str | None = None
    command: str | None = None

    @property
    def family(self) -> str:
        return self.name.partition("-")[0]

    @property
    def way(self) -> str:
        """How it is to be had. With the name, which it may share, that says which it is."""
        return "library" if self.command is None else "command"

    @property
    def is_available(self) -> bool:
        if self.command is not None:
            return shutil.which(self.command) is not None
        return self.module is None or importlib.util.find_spec(self.module) is not None


NGRAMS = "-ngrams"  # behind a level: with neither network nor prime


def nzip_options(setting: str) -> dict[str, Any]:
    """The options of a level such as "6", or of its n-grams alone, "6-ngrams".

    >>> nzip_options("5-ngrams")
    {'level': 5, 'model': 'none', 'prime': 'none'}
    """
    level = int(setting.removesuffix(NGRAMS))
    if level not in LEVELS:
        raise ValueError(f"level {level} is not known")
    return {"level": level} | ({"model": "none", "prime": "none"} if setting.endswith(NGRAMS) else {})


def nzip_codec(setting: str) -> Codec:
    """nzip as `nzip c` works with these options."""
    options = nzip_options(setting)

    def pack(source: str, target: str, threads: int) -> None:
        from nzip.pipeline import EncodeOptions, compress_stream

        with open(source, "rb") as src, open(target, "wb") as dst:
            compress_stream(src, dst, EncodeOptions(threads=threads, **options))

    def unpack(source: str, target: str, threads: int) -> None:
        from nzip.pipeline import DecodeOptions, decompress_stream

        with open(source, "rb") as src, open(target, "wb") as dst:
            decompress_stream(src, dst, DecodeOptions(threads=threads))

    settings = [f"-{value}" if name == "level" else f"--{name} {value}" for name, value in options.items()]
    tool = partial(library, "nzip")
    return Codec(f"nzip-{setting}", " ".join(settings), pack, unpack, tool, module="nzip.pipeline")
