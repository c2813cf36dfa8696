"""How much memory the work takes, and how many threads fit the limit."""

from __future__ import annotations

from nzip.codecs.components import decoder_components
from nzip.errors import NzipMemoryError
from nzip.format.block import BlockHeader
from nzip.machine import available_cores, blocks_at_a_time
from nzip.options import EncodeOptions
from nzip.pipeline.recovery import RECOVERY_MEMORY
from nzip.resources.devices import Devices
from nzip.resources.primes import Prime
from nzip.transforms import chain
from nzip.transforms.repeats import MOST


def block_memory(options: EncodeOptions, size_hint: int | None = None) -> int:
    """The most that one block in flight takes while it is coded."""
    block = _largest_block(options, size_hint)
    text = chain.max_size(block)
    run = text if options.solid is None else max(text, _at_most(options.solid, size_hint))
    log2 = options.run_table_log2(block)
    engine = options.components.memory(log2, run, options.lanes, options.devices)
    if options.verifies and options.solid is not None:
        engine *= 2  # one engine codes the run, another follows it
    # A block that is decoded again has its tail in memory, too.
    grown = max(0, _at_most(MOST, size_hint) - block) if options.verifies else 0
    # The plaintext and what the engine codes; room for the coded bytes; these, or the block decoded again.
    return engine + 2 * block + 2 * text + grown


def threads_for(options: EncodeOptions, size_hint: int | None = None) -> int:
    """How many blocks are coded at a time: as many as asked for and as fit the memory limit."""
    limit = options.memory_bytes
    each, shared = block_memory(options, size_hint), _shared_memory(options, size_hint)
    if each + shared > limit:
        raise NzipMemoryError(each + shared, limit)
    if options.solid is not None:
        return 1  # each block of a run needs the tables that the one before it leaves
    wanted = options.threads or available_cores()
    if size_hint is not None:
        wanted = min(wanted, max(1, -(-size_hint // options.block_bytes)))
    if (language := options.components.language) is not None and language.language.threads > 1:
        wanted = min(wanted, blocks_at_a_time(language.language.threads))
    return min(wanted, (limit - shared) // each)


def helpers_for(options: EncodeOptions, blocks: int) -> int:
    """How many threads help each of so many blocks that are coded at a time, beside the one that it has."""
    if options.components.language is not None:
        return 0  # which has threads of its own
    return max(0, (options.threads or available_cores()) // blocks - 1)


def memory_needed(options: EncodeOptions, size_hint: int | None = None) -> int:
    """The most that compressing takes with ``threads_for`` threads, interpreter aside."""
    threads = threads_for(options, size_hint)
    return threads * block_memory(options, size_hint) + _shared_memory(options, size_hint)


def _shared_memory(options: EncodeOptions, size_hint: int | None) -> int:
    # While blocks are coded, the next one gathers.
    recovery = RECOVERY_MEMORY if options.recovery else 0
    return _largest_block(options, size_hint) + options.components.shared_memory + recovery


def _largest_block(options: EncodeOptions, size_hint: int | None) -> int:
    return _at_most(options.block_bytes, size_hint)


def _at_most(size: int, size_hint: int | None) -> int:
    return size if size_hint is None else max(1, min(size, size_hint))


def decode_memory(
    header: BlockHeader, run_size: int, devices: Devices = (), own_prime: Prime | None = None
) -> int:
    """The most that decoding a block takes, ``run_size`` being what engines code of its run up to its end."""
    buffers = 2 * header.coded_size + header.plain_size  # the payload is copied once out of the input buffer
    coding = header.coding
    if coding is None:
        return buffers
    buffers += chain.memory(coding.transforms)
    components = decoder_components(coding, own_prime)
    engine = components.memory(coding.table_log2, run_size, coding.lanes, devices)
    return buffers + engine + components.shared_memory
