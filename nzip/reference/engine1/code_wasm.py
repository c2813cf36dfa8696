"""Instructions of WebAssembly (docs/format/engine1/code.md, WebAssembly)."""

from __future__ import annotations

import numpy as np
from numba import njit

from nzip.reference.engine1.code_x86 import opcodes_of
from nzip.reference.engine1.hashes import mix, shifted

(
    _OPCODE,
    _SUB_OPCODE,
    _BLOCK_TYPE,
    _LABEL,
    _FUNCTION,
    _TYPE,
    _INDEX,
    _LOCAL,
    _GLOBAL,
    _ALIGN,
    _OFFSET,
    _CONSTANT,
    _FLOAT,
    _VECTOR,
    _LANE,
    _COUNT,
    _CLAUSE,
    _VALUE_TYPE,
    _BODY_SIZE,
    _GROUPS,
    _GROUP_SIZE,
    _GROUP_TYPE,
) = range(22)
_NO_FIELD = -1

# The numbers of a state.
FIELD, LEFT, AT, VALUE, OPCODE, SUB, WITH_LANE, GROUPS, WHOLE, OPCODES, OPERANDS, BLOCKS, DEPTH, LOCALS = (
    range(14)
)
LAST_INSTRUCTION = 14
BEFORE = 16
NUMBERS = 16 + 22

_LOW32 = 0xFFFFFFFF


def _first_fields() -> np.ndarray:
    fields = np.full(256, _NO_FIELD, np.int64)
    rows = [
        ("02 03 04 06 1F", _BLOCK_TYPE),
        ("09 0C 0D 18", _LABEL),
        ("07 08 25 26 3F 40 D0", _INDEX),
        ("0E 1C", _COUNT),
        ("10 12 D2", _FUNCTION),
        ("11 13", _TYPE),
        ("20 21 22", _LOCAL),
        ("23 24", _GLOBAL),
        ("28 to 3E", _ALIGN),
        ("41 42", _CONSTANT),
        ("43 44", _FLOAT),
        ("FC FD FE", _SUB_OPCODE),
    ]
    for opcodes, field in rows:
        fields[opcodes_of(opcodes)] = field
    return fields


_ALL = 8


def _effects() -> np.ndarray:
    """(takes, leaves) of each opcode."""
    table = np.zeros((256, 2), np.int64)
    rows = [
        ("46 to A6", 2, 1),  # of which others follow
        ("04 0D 0E 1A 21 24", 1, 0),
        ("10 to 13 FC FD FE", _ALL, 1),
        ("1B 1C", 3, 1),
        ("20 23 3F 41 42 43 44", 0, 1),
        ("22 40 28 to 35", 1, 1),
        ("36 to 3E", 2, 0),
        ("45 50 67 to 69 79 to 7B 8B to 91 99 to 9F A7 to C4", 1, 1),
    ]
    for opcodes, takes, leaves in rows:
        table[opcodes_of(opcodes)] = takes, leaves
    return table


_FIRST_FIELDS = _first_fields()
_EFFECTS = _effects()


@njit(cache=True)
def _begin(s, field, n):
    s[FIELD], s[LEFT] = field, n
    s[AT] = s[VALUE] = 0


@njit(cache=True)
def _remember(s):
    s[LAST_INSTRUCTION + 1], s[LAST_INSTRUCTION] = s[LAST_INSTRUCTION], s[WHOLE]
    s[WHOLE] = 0


@njit(cache=True)
def _end(s):
    opcode = s[OPCODE]
    s[OPCODES] = s[OPCODES] << 8 | ((opcode + 8 * s[SUB]) & 255)
    _remember(s)
    takes, leaves = _EFFECTS[opcode, 0], _EFFECTS[opcode, 1]
    if takes == _ALL:
        s[OPERANDS] = 0
    elif takes > 0:
        s[OPERANDS] = shifted(s[OPERANDS], 8 * takes)
    if leaves:
        s[OPERANDS] = s[OPERANDS] << 8 | opcode
    if opcode in (0x02, 0x03, 0x04, 0x06, 0x1F):
        s[DEPTH] += 1
        s[BLOCKS] = s[BLOCKS] << 2 | (opcode & 3)
    if opcode in (0x0B, 0x18):
        if s[DEPTH] == 0:
            _begin(s, _BODY_SIZE, 1)
            return
        s[DEPTH] -= 1
        s[BLOCKS] = shifted(s[BLOCKS], 2)
    _begin(s, _OPCODE, 1)


@njit(cache=True)
def _begin_or_end(s, field):
    if field == _NO_FIELD:
        _end(s)
    else:
        _begin(s, field, 1)


@njit(cache=True)
def _header_ends(s):
    _remember(s)
    s[OPERANDS] = s[BLOCKS] = 0
    _begin(s, _OPCODE, 1)


@njit(cache=True)
def _sub_opcode(s, v):
    n = v & _LOW32
    s[SUB] = n & 255
    if s[OPCODE] == 0xFC:
        if n in (8, 10, 12, 14):
            _begin(s, _INDEX, 2)
        else:
            _begin_or_end(s, _INDEX if 8 <= n < 18 else _NO_FIELD)
    elif s[OPCODE] == 0xFD:
        s[WITH_LANE] = 1 if 84 <= n < 92 else 0
        if n < 12 or s[WITH_LANE] or n in (92, 93):
            _begin(s, _ALIGN, 1)
        elif n in (12, 13):
            _begin(s, _VECTOR, 1)
        else:
            _begin_or_end(s, _LANE if 21 <= n < 35 else _NO_FIELD)
    else:
        _begin(s, _LANE if n == 3 else _ALIGN, 1)


@njit(cache=True)
def _at_most(v, most):
    """min(v, most), v being a number of 64 bits without a sign."""
    return v if 0 <= v < most else most


@njit(cache=True)
def _count(s, v):
    s[GROUPS] = _at_most(v, 65536)
    if s[OPCODE] == 0x0E:
        _begin(s, _LABEL, s[GROUPS] + 1)
    elif s[GROUPS] == 0:
        _end(s)
    elif s[OPCODE] == 0x1F:
        _begin(s, _CLAUSE, 1)
    else:
        _begin(s, _VALUE_TYPE, s[GROUPS])


@njit(cache=True)
def _field_ends(s, f, v):
    s[BEFORE + f] = v & _LOW32
    tries = s[OPCODE] == 0x1F
    if s[LEFT] > 1:
        _begin(s, f, s[LEFT] - 1)
    elif f == _OPCODE:
        s[OPCODE] = v
        s[SUB] = s[WITH_LANE] = 0
        _begin_or_end(s, _FIRST_FIELDS[v])
    elif f == _SUB_OPCODE:
        _sub_opcode(s, v)
    elif f == _BLOCK_TYPE:
        _begin_or_end(s, _COUNT if tries else _NO_FIELD)
    elif f == _TYPE:
        _begin(s, _INDEX, 1)
    elif f == _ALIGN:
        _begin(s, _OFFSET, 1)
    elif f == _OFFSET:
        _begin_or_end(s, _LANE if s[WITH_LANE] else _NO_FIELD)
    elif f == _COUNT:
        _count(s, v)
    elif f == _CLAUSE:
        _begin(s, _INDEX if v < 2 else _LABEL, 1)
    elif f == _INDEX:
        _begin_or_end(s, _LABEL if tries else _NO_FIELD)
    elif f == _LABEL and tries:
        s[GROUPS] -= 1
        _begin_or_end(s, _CLAUSE if s[GROUPS] != 0 else _NO_FIELD)
    elif f == _LOCAL:
        s[LOCALS] = s[LOCALS] << 16 | (v & 0xFFFF)
        _end(s)
    else:
        _header(s, f, v)


@njit(cache=True)
def _header(s, f, v):
    """Fields before a function's first instruction; all others end the instruction."""
    if f == _BODY_SIZE:
        _begin(s, _GROUPS, 1)
    elif f == _GROUPS:
        s[GROUPS] = _at_most(v, 65536)
        if s[GROUPS] != 0:
            _begin(s, _GROUP_SIZE, 1)
        else:
            _header_ends(s)
    elif f == _GROUP_SIZE:
        _begin(s, _GROUP_TYPE, 1)
    elif f == _GROUP_TYPE:
        s[GROUPS] -= 1
        if s[GROUPS] != 0 and 0x60 <= v < 0x80:
            _begin(s, _GROUP_SIZE, 1)
        else:
            _header_ends(s)
    else:
        _end(s)


@njit(cache=True)
def _fixed_length(s):
    f = s[FIELD]
    if f == _VECTOR:
        return 16
    if f == _FLOAT:
        return 4 if s[OPCODE] == 0x43 else 8
    return 1 if f in (_OPCODE, _LANE, _CLAUSE, _VALUE_TYPE, _GROUP_TYPE) else 0


@njit(cache=True)
def take_wasm(s, c):
    s[WHOLE] = mix(s[WHOLE], c)
    length = _fixed_length(s)
    if length:
        s[VALUE] = s[VALUE] << 8 | c
    else:
        s[VALUE] |= (c & 127) << 7 * s[AT]
    s[AT] += 1
    if s[AT] == length or (length == 0 and (c < 0x80 or s[AT] == 10)):
        _field_ends(s, s[FIELD], s[VALUE])


@njit(cache=True)
def opcode_wasm(s):
    """What chooses weights by the opcode."""
    if s[FIELD] == _OPCODE:
        return s[OPCODES] >> 8 & 255
    return 256 + 32 * s[FIELD] + (s[OPCODE] >> 3)
