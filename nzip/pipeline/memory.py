"""How much memory the work takes, and how many threads fit the limit."""

from __future__ import annotations

from nzip.codecs.contract import DecodingRun
from nzip.errors import NzipMemoryError
from nzip.format.block import BlockHeader
from nzip.machine import available_cores, blocks_at_a_time
from nzip.options import EncodeOptions
from nzip.pipeline.recovery import RECOVERY_MEMORY
from nzip.pipeline.resolve import Encoding, resolve_encoding
from nzip.transforms import chain
from nzip.transforms.repeats import MOST


def block_memory(encoding: Encoding, size_hint: int | None = None) -> int:
    """The most that one block in flight takes while it is coded."""
    block = _largest_block(encoding, size_hint)
    data = chain.max_size(block, without=encoding.without)
    most = data if encoding.solid is None else max(data, _at_most(encoding.solid, size_hint))
    run_size = encoding.run_bytes(block, data - block)
    tried = encoding.candidates if encoding.solid is None else (encoding.main,)
    run = max(candidate.memory(run_size, most) for candidate in tried)
    if encoding.refers and encoding.arrays is not None:  # which is tried while the run waits
        run += encoding.arrays.memory(run_size, block)
    if encoding.verifies and encoding.solid is not None:
        run *= 2  # one codes, another follows it
    # What finds packed streams works before a run starts, unless that goes on.
    finding = chain.find_memory(block, without=encoding.without)
    run = max(run, finding) if encoding.solid is None else run + finding
    # A block that is decoded again has its tail in memory, too.
    grown = max(0, _at_most(MOST, size_hint) - block) if encoding.verifies else 0
    # The plaintext and the engine input; room for the coded bytes; these, or the block decoded again.
    return run + 2 * block + 2 * data + grown


def threads_for(options: EncodeOptions | Encoding, size_hint: int | None = None) -> int:
    """How many blocks are coded at a time: as many as asked for and as fit the memory limit."""
    encoding = resolve_encoding(options)
    limit = encoding.memory_limit
    each, shared = block_memory(encoding, size_hint), _shared_memory(encoding, size_hint)
    if each + shared > limit:
        raise NzipMemoryError(each + shared, limit)
    if encoding.solid is not None:
        return 1  # each block of a run needs the tables that the one before it leaves
    wanted = encoding.options.threads or available_cores()
    if size_hint is not None:
        wanted = min(wanted, max(1, -(-size_hint // encoding.block_bytes)))
    if (threads := max(candidate.threads for candidate in encoding.candidates)) > 1:
        wanted = min(wanted, blocks_at_a_time(threads))
    return min(wanted, (limit - shared) // each)


def helpers_for(encoding: Encoding, blocks: int) -> int:
    """How many threads help each of ``blocks`` that are coded at a time, beside the one that it has."""
    if not any(candidate.takes_helpers for candidate in encoding.candidates):
        return 0
    return max(0, (encoding.options.threads or available_cores()) // blocks - 1)


def memory_needed(options: EncodeOptions | Encoding, size_hint: int | None = None) -> int:
    """The most that compressing takes with ``threads_for`` threads, interpreter aside."""
    encoding = resolve_encoding(options)
    threads = threads_for(encoding, size_hint)
    return threads * block_memory(encoding, size_hint) + _shared_memory(encoding, size_hint)


def _shared_memory(encoding: Encoding, size_hint: int | None) -> int:
    # While blocks are coded, the next one gathers.
    recovery = RECOVERY_MEMORY if encoding.options.recovery else 0
    shared = max(candidate.shared_memory for candidate in encoding.candidates)
    return _largest_block(encoding, size_hint) + shared + recovery


def _largest_block(encoding: Encoding, size_hint: int | None) -> int:
    return _at_most(encoding.block_bytes, size_hint)


def _at_most(size: int, size_hint: int | None) -> int:
    return size if size_hint is None else max(1, min(size, size_hint))


def buffer_memory(header: BlockHeader) -> int:
    """The most that a block takes while it is decoded, beside what its codec takes."""
    # The payload is copied once out of the input buffer.
    return 2 * header.coded_size + header.plain_size + chain.memory(header.steps)


def decode_memory(run: DecodingRun, header: BlockHeader, run_size: int) -> int:
    """The most that decoding a block takes, ``run_size`` being what is coded of its run up to its end."""
    return buffer_memory(header) + run.memory(header, run_size)
