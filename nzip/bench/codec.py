"""What a compressor must offer to be measured, and nzip itself in that form."""

from __future__ import annotations

import importlib.util
import shutil
from collections.abc import Callable
from dataclasses import dataclass

Work = Callable[[str, str, int], None]  # source path, target path, threads


@dataclass(frozen=True)
class Codec:
    """One compressor with fixed settings. `module` or `command` is what it needs on the machine."""

    name: str  # family-setting
    settings: str
    pack: Work
    unpack: Work
    module: str | None = None
    command: str | None = None

    @property
    def family(self) -> str:
        return self.name.partition("-")[0]

    @property
    def is_available(self) -> bool:
        if self.command is not None:
            return shutil.which(self.command) is not None
        return self.module is None or importlib.util.find_spec(self.module) is not None


def nzip_codec(level: int) -> Codec:
    """nzip without a network, as `nzip c -LEVEL --model none` works."""

    def pack(source: str, target: str, threads: int) -> None:
        from nzip.pipeline import EncodeOptions, compress_stream

        options = EncodeOptions(level=level, threads=threads, model="none")
        with open(source, "rb") as src, open(target, "wb") as dst:
            compress_stream(src, dst, options)

    def unpack(source: str, target: str, threads: int) -> None:
        from nzip.pipeline import decompress_stream

        with open(source, "rb") as src, open(target, "wb") as dst:
            decompress_stream(src, dst, threads=threads)

    return Codec(f"nzip-{level}", f"-{level} --model none", pack, unpack, module="nzip.pipeline")
