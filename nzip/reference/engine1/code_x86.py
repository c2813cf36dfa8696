"""Instructions of x86 and x86-64 (docs/format/engine1/code.md, x86)."""

from __future__ import annotations

import numpy as np
from numba import njit

from nzip.reference.engine1.hashes import mix

_OPCODE, _SECOND, _THIRD, _VEX, _MODRM, _SIB, _DISPLACEMENT, _IMMEDIATE = range(8)

# The numbers of a state.
(
    WIDE,
    FIELD,
    AT,
    LENGTH,
    SHORT,
    LONG,
    RELATIVE,
    MAP,
    MOVED,
    IMMEDIATES,
    GROUP,
    START,
    WHOLE,
    LAST_WHOLE,
    BEFORE_LAST,
    OPCODES,
    OPCODE,
    MODRM,
    OPERAND,
    DISPLACEMENT,
    IMMEDIATE,
) = range(21)
STARTS = 21
NUMBERS = 25

_LOW32 = 0xFFFFFFFF

# Entries: what the immediate is, 16 where there is a ModRM.
(_NONE, _BYTE, _WORD, _FULL, _QUAD, _ADDRESS, _ENTER, _FAR, _GROUP_BYTE, _GROUP_FULL, _RELATIVE) = range(11)
_HAS_MODRM = 16


def opcodes_of(text: str) -> list[int]:
    found: list[int] = []
    words = text.split()
    for i, word in enumerate(words):
        if word == "to":
            found += range(int(words[i - 1], 16), int(words[i + 1], 16) + 1)
        else:
            found.append(int(word, 16))
    return found


def _first_table() -> np.ndarray:
    table = np.full(256, _NONE, np.int64)
    for c in range(0x40):
        table[c] = _HAS_MODRM if c & 7 < 4 else _BYTE if c & 7 == 4 else _FULL if c & 7 == 5 else _NONE
    rows = [
        ("62 63 84 to 8F C4 C5 D0 to D3 D8 to DF FE FF", _HAS_MODRM),
        ("6B 80 82 83 C0 C1 C6", _HAS_MODRM | _BYTE),
        ("69 81 C7", _HAS_MODRM | _FULL),
        ("6A 70 to 7F A8 B0 to B7 CD D4 D5 E0 to E7 EB", _BYTE),
        ("68 A9", _FULL),
        ("B8 to BF", _QUAD),
        ("A0 to A3", _ADDRESS),
        ("C2 CA", _WORD),
        ("C8", _ENTER),
        ("9A EA", _FAR),
        ("E8 E9", _RELATIVE),
        ("F6", _HAS_MODRM | _GROUP_BYTE),
        ("F7", _HAS_MODRM | _GROUP_FULL),
    ]
    for opcodes, entry in rows:
        table[opcodes_of(opcodes)] = entry
    return table


def _second_table() -> np.ndarray:
    table = np.full(256, _HAS_MODRM, np.int64)
    table[opcodes_of("05 to 09 0B 0E 30 to 37 77 A0 to A2 A8 to AA C8 to CF")] = _NONE
    table[opcodes_of("80 to 8F")] = _RELATIVE
    table[opcodes_of("70 to 73 A4 AC BA C2 C4 to C6")] = _HAS_MODRM | _BYTE
    return table


_FIRST_ENTRIES = _first_table()
_SECOND_ENTRIES = _second_table()


@njit(cache=True)
def _is_prefix(s, c):
    if c in (0x26, 0x2E, 0x36, 0x3E, 0xF0, 0xF2, 0xF3) or 0x64 <= c <= 0x67:
        return True
    return s[WIDE] != 0 and 0x40 <= c <= 0x4F


@njit(cache=True)
def _end(s):
    s[OPCODES] = s[OPCODES] << 8 | s[OPCODE]
    for i in range(3, 0, -1):
        s[STARTS + i] = s[STARTS + i - 1]
    s[STARTS] = s[START]
    s[BEFORE_LAST], s[LAST_WHOLE] = s[LAST_WHOLE], s[WHOLE]
    s[START] = s[WHOLE] = 0
    s[FIELD] = _OPCODE
    s[AT] = s[LENGTH] = s[OPERAND] = s[SHORT] = s[LONG] = s[MAP] = 0


@njit(cache=True)
def _operand(s, field, n):
    if n == 0:
        _end(s)
    else:
        s[FIELD], s[LENGTH] = field, n
        s[AT] = s[OPERAND] = 0


@njit(cache=True)
def _address_ends(s):
    if s[MOVED] != 0:
        _operand(s, _DISPLACEMENT, s[MOVED])
    else:
        _operand(s, _IMMEDIATE, s[IMMEDIATES])


@njit(cache=True)
def _begin(s, c, entry):
    s[OPCODE] = c
    s[START] = mix(s[START], c)
    s[MODRM] = s[MOVED] = s[GROUP] = 0
    kind = entry & 15
    full = 2 if s[SHORT] else 4
    immediates = 0
    if kind == _BYTE:
        immediates = 1
    elif kind == _WORD:
        immediates = 2
    elif kind == _FULL:
        immediates = full
    elif kind == _QUAD:
        immediates = 8 if s[LONG] else full
    elif kind == _ADDRESS:
        immediates = 8 if s[WIDE] else 4
    elif kind == _ENTER:
        immediates = 3
    elif kind == _FAR:
        immediates = 6
    elif kind == _RELATIVE:
        immediates = 4
    elif kind == _GROUP_BYTE:
        s[GROUP] = 1
    elif kind == _GROUP_FULL:
        s[GROUP] = full
    s[IMMEDIATES] = immediates
    s[RELATIVE] = 1 if kind == _RELATIVE else 0
    if entry & _HAS_MODRM:
        s[FIELD] = _MODRM
    else:
        _operand(s, _IMMEDIATE, immediates)


@njit(cache=True)
def take_x86(s, c):
    s[WHOLE] = mix(s[WHOLE], c)
    field = s[FIELD]
    if field == _OPCODE:
        _take_opcode(s, c)
    elif field == _SECOND:
        if c in (0x38, 0x3A):
            s[MAP] = 2 if c == 0x38 else 3
            s[START] = mix(s[START], c)
            s[FIELD] = _THIRD
        else:
            _begin(s, c, _SECOND_ENTRIES[c])
    elif field == _THIRD:
        entry = _SECOND_ENTRIES[c] if s[MAP] == 1 else _HAS_MODRM | (_BYTE if s[MAP] == 3 else _NONE)
        _begin(s, c, entry)
    elif field == _VEX:
        if s[AT] == 0 and s[LENGTH] > 1:
            s[MAP] = c & 3
        s[START] = mix(s[START], c)
        s[AT] += 1
        if s[AT] == s[LENGTH]:
            s[FIELD] = _THIRD
    elif field == _MODRM:
        _take_modrm(s, c)
    elif field == _SIB:
        s[START] = mix(s[START], c)
        if c & 7 == 5 and s[MODRM] < 0x40:
            s[MOVED] = 4
        _address_ends(s)
    else:
        _take_operand(s, c)


@njit(cache=True)
def _take_opcode(s, c):
    if _is_prefix(s, c):
        if s[AT] == 4:
            _end(s)
            return
        if c == 0x66:
            s[SHORT] = 1
        s[LONG] = 1 if s[WIDE] and 0x48 <= c <= 0x4F else 0
        s[START] = mix(s[START], c)
        s[AT] += 1
    elif c == 0x0F:
        s[START] = mix(s[START], c)
        s[MAP], s[FIELD] = 1, _SECOND
    elif s[WIDE] and c in (0xC4, 0xC5, 0x62):
        s[START] = mix(s[START], c)
        s[MAP], s[FIELD], s[AT] = 1, _VEX, 0
        s[LENGTH] = 2 if c == 0xC4 else 1 if c == 0xC5 else 3
    else:
        _begin(s, c, _FIRST_ENTRIES[c])


@njit(cache=True)
def _take_modrm(s, c):
    s[MODRM] = c
    s[START] = mix(s[START], c)
    if c & 0x30 == 0:
        s[IMMEDIATES] += s[GROUP]
    if c >= 0xC0:
        _operand(s, _IMMEDIATE, s[IMMEDIATES])
        return
    s[MOVED] = 4 if c >= 0x80 else 1 if c >= 0x40 else 4 if c & 7 == 5 else 0
    if c & 7 == 4:
        s[FIELD] = _SIB
    else:
        _address_ends(s)


@njit(cache=True)
def _take_operand(s, c):
    s[OPERAND] = (s[OPERAND] << 8 | c) & _LOW32
    s[AT] += 1
    if s[AT] < s[LENGTH]:
        return
    if s[FIELD] == _DISPLACEMENT:
        s[DISPLACEMENT] = s[OPERAND]
        _operand(s, _IMMEDIATE, s[IMMEDIATES])
    else:
        if not s[RELATIVE]:
            s[IMMEDIATE] = s[OPERAND]
        _end(s)


@njit(cache=True)
def stands_before_distance(s):
    """Whether the next four bytes are an operand that is coded as what it leads to."""
    if s[AT] != 0:
        return False
    if s[FIELD] == _IMMEDIATE:
        return s[RELATIVE] != 0
    return s[FIELD] == _DISPLACEMENT and s[WIDE] != 0 and s[MODRM] & 0xC7 == 0x05


@njit(cache=True)
def bytes_behind(s):
    """Bytes of the instruction behind the operand that it stands before."""
    return s[IMMEDIATES] if s[FIELD] == _DISPLACEMENT else 0


@njit(cache=True)
def slot_x86(s):
    field, at = s[FIELD], s[AT]
    if field == _OPCODE:
        return 0 if at == 0 else 1
    if field <= _SIB:
        return 1 + field
    if field == _DISPLACEMENT:
        return 8 if s[LENGTH] == 1 else 9 + at
    if s[RELATIVE]:
        return 13 + at if s[MAP] != 0 else 17 + at
    if s[LENGTH] == 1:
        return 21 if 0x70 <= s[OPCODE] <= 0x7F or s[OPCODE] == 0xEB else 22
    return 23 + at if s[LENGTH] == 4 else 27 + min(at, 4)


@njit(cache=True)
def opcode_x86(s):
    """What chooses weights by the opcode."""
    o = s[OPCODES] & 255 if s[FIELD] == _OPCODE else s[OPCODE]
    return 32 * slot_x86(s) + (o >> 3)
