"""The codec "nzip" of Zarr's format 3."""

from __future__ import annotations

import asyncio
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

from zarr.abc.codec import BytesBytesCodec

from nzip.levels import DEFAULT_LEVEL
from nzip.oneshot import compress, decompress

if TYPE_CHECKING:
    from typing import Any

    from typing_extensions import Self
    from zarr.core.array_spec import ArraySpec
    from zarr.core.buffer import Buffer


@dataclass(frozen=True)
class Nzip(BytesBytesCodec):
    """Compresses each chunk by itself, with the level, network and prime of ``nzip.compress``."""

    is_fixed_size = False

    level: int = DEFAULT_LEVEL
    model: str | None = None
    prime: str | None = None

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> Self:
        return cls(**data.get("configuration", {}))

    def to_dict(self) -> dict[str, Any]:
        return {"name": "nzip", "configuration": asdict(self)}

    async def _encode_single(self, chunk_bytes: Buffer, chunk_spec: ArraySpec) -> Buffer:
        plain = chunk_bytes.to_bytes()
        coded = await asyncio.to_thread(compress, plain, self.level, model=self.model, prime=self.prime)
        return chunk_spec.prototype.buffer.from_bytes(coded)

    async def _decode_single(self, chunk_bytes: Buffer, chunk_spec: ArraySpec) -> Buffer:
        plain = await asyncio.to_thread(decompress, chunk_bytes.to_bytes())
        return chunk_spec.prototype.buffer.from_bytes(plain)

    def compute_encoded_size(self, input_byte_length: int, chunk_spec: ArraySpec) -> int:
        raise NotImplementedError  # as nothing bounds it from below
