"""nzip: lossless compression by context mixing, exact on every machine.

>>> import nzip
>>> nzip.decompress(nzip.compress(b"any bytes"))
b'any bytes'
"""

from nzip.errors import (
    DeviceWarning,
    NzipChecksumError,
    NzipError,
    NzipFormatError,
    NzipLimitError,
    NzipMemoryError,
    NzipModelError,
    NzipTimeError,
    NzipTruncatedError,
    NzipVersionError,
)
from nzip.file import NzipFile, open
from nzip.format.metadata import Metadata
from nzip.incremental import CONTINUE, FLUSH_BLOCK, FLUSH_FRAME, NzipCompressor, NzipDecompressor
from nzip.info import info
from nzip.oneshot import compress, decompress
from nzip.options import DecodeOptions, EncodeOptions

__version__ = "0.1.0"

__all__ = [
    "CONTINUE",
    "FLUSH_BLOCK",
    "FLUSH_FRAME",
    "DecodeOptions",
    "DeviceWarning",
    "EncodeOptions",
    "Metadata",
    "NzipChecksumError",
    "NzipCompressor",
    "NzipDecompressor",
    "NzipError",
    "NzipFile",
    "NzipFormatError",
    "NzipLimitError",
    "NzipMemoryError",
    "NzipModelError",
    "NzipTimeError",
    "NzipTruncatedError",
    "NzipVersionError",
    "compress",
    "decompress",
    "info",
    "open",
]
