"""nzip: lossless compression by context mixing, exact on every machine.

>>> import nzip
>>> nzip.decompress(nzip.compress(b"any bytes"))
b'any bytes'
"""

from nzip.errors import (
    NzipChecksumError,
    NzipError,
    NzipFormatError,
    NzipMemoryError,
    NzipModelError,
    NzipTruncatedError,
    NzipVersionError,
)
from nzip.oneshot import compress, decompress
from nzip.pipeline.options import EncodeOptions

__version__ = "0.1.0"

__all__ = [
    "EncodeOptions",
    "NzipChecksumError",
    "NzipError",
    "NzipFormatError",
    "NzipMemoryError",
    "NzipModelError",
    "NzipTruncatedError",
    "NzipVersionError",
    "compress",
    "decompress",
]
