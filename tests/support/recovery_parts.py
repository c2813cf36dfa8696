"""The recovery records of a file."""

from __future__ import annotations

import io

from nzip.format.damaged import walk_damaged
from nzip.format.record import Record
from nzip.format.recovery import RecoveryPart, parse_recovery
from nzip.format.registry import RecordType


def parts_of(data: bytes) -> list[RecoveryPart]:
    records = [found.structure for found in walk_damaged(io.BytesIO(data), 1 << 24)]
    return [
        parse_recovery(record.body)
        for record in records
        if isinstance(record, Record) and record.type == RecordType.RECOVERY
    ]
