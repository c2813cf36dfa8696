"""What the headers of a file say, as objects and as JSON."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import Any

from nzip.format.block import BlockHeader
from nzip.format.header import StreamHeader
from nzip.format.metadata import Metadata
from nzip.format.registry import component_name


@dataclass(frozen=True)
class BlockInfo:
    """One block."""

    offset: int  # in the file
    size: int  # header included
    header: BlockHeader

    def to_dict(self) -> dict[str, Any]:
        header = self.header
        fields: dict[str, Any] = {
            "offset": self.offset,
            "size": self.size,
            "plain_size": header.plain_size,
            "coded_size": header.coded_size,
            "checksum": f"{header.checksum:016x}",
            "stored": header.coding is None,
        }
        if header.coding is not None:
            fields |= asdict(header.coding)
            fields["profile"] = component_name(header.coding.profile)
            fields["prime"] = component_name(header.coding.prime)
            fields["experts"] = [
                {"kind": kind, "model": component_name(model), "parameters": parameters.hex()}
                for kind, model, parameters in header.coding.experts
            ]
            fields["transforms"] = [transform._asdict() for transform in header.coding.transforms]
            fields["segments"] = [segment._asdict() for segment in header.coding.segments]
        return fields


@dataclass
class StreamInfo:
    """One stream."""

    offset: int  # in the file
    total_coded: int = 0  # bytes of the whole stream
    header: StreamHeader = field(default_factory=StreamHeader)
    metadata: Metadata = field(default_factory=Metadata)
    blocks: list[BlockInfo] = field(default_factory=list)
    has_index: bool = False
    recovery: float | None = None  # percent that may be lost in one place; None: no recovery records

    @property
    def total_plain(self) -> int:
        return sum(block.header.plain_size for block in self.blocks)

    def to_dict(self) -> dict[str, Any]:
        return {
            "offset": self.offset,
            "version": self.header.version,
            "features": self.header.features,
            "metadata": _metadata_dict(self.metadata),
            "total_plain": self.total_plain,
            "total_coded": self.total_coded,
            "has_index": self.has_index,
            "recovery": self.recovery,
            "blocks": [block.to_dict() for block in self.blocks],
        }


@dataclass(frozen=True)
class Info:
    """All streams of a file."""

    streams: list[StreamInfo]

    @property
    def total_plain(self) -> int:
        return sum(stream.total_plain for stream in self.streams)

    @property
    def total_coded(self) -> int:
        return sum(stream.total_coded for stream in self.streams)

    def to_dict(self) -> dict[str, Any]:
        """Of numbers, strings, lists and such dicts only: ready for JSON."""
        return {
            "total_plain": self.total_plain,
            "total_coded": self.total_coded,
            "streams": [stream.to_dict() for stream in self.streams],
        }


def _metadata_dict(metadata: Metadata) -> dict[str, Any]:
    return {
        "name": None if metadata.name is None else _text(metadata.name),
        "mode": metadata.mode,
        "mtime_ns": metadata.mtime_ns,
        "holes": [list(hole) for hole in metadata.holes],
        "user": [[_text(key), _text(value)] for key, value in metadata.user],
    }


def _text(data: bytes) -> str:
    return data.decode("utf-8", "backslashreplace")
