"""Files in, files out: streams cut into blocks, blocks coded on threads, memory within its limit."""

from nzip.format.metadata import Metadata
from nzip.machine import default_memory_limit
from nzip.options import DecodeOptions, EncodeOptions
from nzip.pipeline.compress import compress_stream
from nzip.pipeline.decompress import decompress_stream
from nzip.pipeline.memory import memory_needed, threads_for
from nzip.pipeline.resolve import Decoding, Encoding, resolve_decoding, resolve_encoding
from nzip.pipeline.salvage import LostRange, SalvageReport, salvage_stream
from nzip.progress import Progress, Totals

__all__ = [
    "DecodeOptions",
    "Decoding",
    "EncodeOptions",
    "Encoding",
    "LostRange",
    "Metadata",
    "Progress",
    "SalvageReport",
    "Totals",
    "compress_stream",
    "decompress_stream",
    "default_memory_limit",
    "memory_needed",
    "resolve_decoding",
    "resolve_encoding",
    "salvage_stream",
    "threads_for",
]
