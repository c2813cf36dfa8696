"""Machine code: a lane's state, contexts, and what chooses weights (docs/format/engine1/code.md)."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from numba import njit

from nzip.reference.engine1 import code_wasm as wasm
from nzip.reference.engine1 import code_words as words
from nzip.reference.engine1 import code_x86 as x86
from nzip.reference.engine1.hashes import mix
from nzip.reference.engine1.lane import CLASSES, PARAMETER, byte, last

X86, X86_64, ARM64, SPARC, WEBASSEMBLY = range(1, 6)

# Which of a lane's states is whose.
_X86, _WORDS, _WASM = range(3)
_NUMBERS = max(x86.NUMBERS, words.NUMBERS, wasm.NUMBERS)
_LOW32 = 0xFFFFFFFF


def fresh_code(lanes: int) -> npt.NDArray[np.int64]:
    return np.zeros((lanes, 3, _NUMBERS), np.int64)


@njit(cache=True)
def enter_code(states, parameter, offset):
    """Begins anew where a lane enters a segment, at an offset in the block."""
    states[:] = 0
    states[_X86, x86.WIDE] = 1 if parameter == X86_64 else 0
    states[_WORDS, words.AT] = offset & 3
    states[_WASM, wasm.LEFT] = 1


@njit(cache=True)
def take_code(states, parameter, c):
    if parameter <= X86_64:
        x86.take_x86(states[_X86], c)
    elif parameter <= SPARC:
        words.take_words(states[_WORDS], c)
    else:
        wasm.take_wasm(states[_WASM], c)


@njit(cache=True)
def code_choices(states, x):
    """Code field, code place, code before and code opcode."""
    if x[PARAMETER] <= X86_64:
        s = states[_X86]
        slot = x86.slot_x86(s)
        return slot, 8 * slot + (s[x86.MODRM] >> 6), s[x86.OPCODES] & 255, x86.opcode_x86(s)
    if x[PARAMETER] <= SPARC:
        s = states[_WORDS]
        at, word, before = s[words.AT], s[words.WORDS], s[words.WORDS + 1]
        f = s[words.PART] >> 8 * (at - 1) if at else word >> 24
        return at, 64 * at + (word >> 26), 64 * at + (before >> 26), 256 * at + f
    s = states[_WASM]
    field = s[wasm.FIELD]
    return field, 8 * field + min(s[wasm.AT], 7), s[wasm.OPCODES] & 255, wasm.opcode_wasm(s)


@njit(cache=True)
def code_contexts(states, x, contexts):
    """The contexts of sets 2 to 4, general ones not included."""
    c = np.zeros(28, np.int64)
    if x[PARAMETER] <= X86_64:
        _x86_contexts(states[_X86], x, c)
    elif x[PARAMETER] <= SPARC:
        _word_contexts(states[_WORDS], x, c)
    else:
        _wasm_contexts(states[_WASM], x, c)
    n = min(28, len(contexts))
    contexts[:n] = c[:n]


@njit(cache=True)
def _x86_contexts(s, x, c):
    slot, opcodes, modrm = x86.slot_x86(s), s[x86.OPCODES], s[x86.MODRM]
    opcode, displacement = s[x86.OPCODE], s[x86.DISPLACEMENT]
    start0, start1, start2, start3 = s[x86.STARTS], s[x86.STARTS + 1], s[x86.STARTS + 2], s[x86.STARTS + 3]
    here, so_far = mix(s[x86.WHOLE], slot), mix(slot, s[x86.OPERAND])
    c[0] = mix(200, so_far)
    c[1] = mix(201, mix(here, opcodes))
    c[2] = mix(202, mix(slot, modrm))
    c[3] = mix(203, last(x, 2))
    c[4] = mix(204, mix(slot, mix(opcode, opcodes & 0xFFFFFF)))
    c[5] = mix(205, mix(here, opcodes & 0xFF))
    c[6] = mix(206, mix(slot, byte(x, 1)))
    c[7] = mix(207, mix(here, start0))
    c[8] = mix(208, mix(here, opcodes & 0xFFFF))
    c[9] = mix(209, mix(so_far, opcode << 8 | (modrm & 0xC7)))
    c[10] = mix(210, last(x, 4) & 0xFFFF0000)
    c[11] = mix(211, mix(here, mix(start0, start1)))
    c[12] = mix(212, last(x, 3) & 0xFFFF00)
    c[13] = mix(213, mix(here, opcodes & _LOW32))
    c[14] = mix(214, mix(here, start1))
    c[15] = mix(215, mix(here, s[x86.BEFORE_LAST]))
    c[16] = mix(216, mix(here, start2))
    c[17] = mix(217, mix(here, s[x86.IMMEDIATE]))
    c[18] = mix(218, mix(so_far, displacement))
    c[19] = mix(219, mix(so_far, opcode << 8 | (modrm & 0x38)))
    c[20] = mix(220, here)
    c[21] = mix(221, mix(here, mix(mix(start0, start1), mix(start2, start3))))
    c[22] = mix(222, mix(here, mix(displacement, opcodes & 0xFF)))
    c[23] = mix(223, mix(so_far, mix(modrm & 0xC7, opcodes & 0xFF)))
    c[24] = mix(224, last(x, 3))
    c[25] = mix(225, last(x, 6) & 0xFF0000FF0000)
    c[26] = mix(226, last(x, 4) & 0xF8F8F8F8)
    c[27] = mix(227, x[CLASSES] & _LOW32)


@njit(cache=True)
def _word_contexts(s, x, c):
    sparc = x[PARAMETER] == SPARC
    mask = 0xC1F80000 if sparc else 0xFFC00000
    at, part, w = s[words.AT], s[words.PART], s[words.WORDS :]
    last_here, here = mix(at, byte(x, 1)), mix(at, part)
    first = part >> 8 * (at - 1) if at else 0
    target0 = w[0] >> 25 & 31 if sparc else w[0] & 31
    target1 = w[1] >> 25 & 31 if sparc else w[1] & 31
    above0, above1, above2 = (
        w[0] >> (24 - 8 * at) & 255,
        w[1] >> (24 - 8 * at) & 255,
        w[2] >> (24 - 8 * at) & 255,
    )
    op2 = mix(w[0] & mask, w[1] & mask)
    op3 = mix(op2, w[2] & mask)
    op4 = mix(op3, w[3] & mask)
    c[0] = mix(240, here)
    c[1] = last_here
    c[2] = mix(242, last(x, 3) & 0xFFFF00)
    c[3] = mix(243, last(x, 2))
    c[4] = mix(244, mix(here, w[0] & mask))
    c[5] = mix(245, mix(here, mix(w[0] & mask, target0)))
    c[6] = mix(246, mix(here, w[1]))
    c[7] = mix(247, mix(last_here, w[0] & mask))
    c[8] = mix(248, mix(here, op4))
    c[9] = mix(249, last(x, 4) & 0xFFFF0000)
    c[10] = mix(250, mix(here, above1))
    c[11] = mix(251, mix(at, above0 << 8 | above1))
    c[12] = mix(252, mix(at, w[0] >> 24 << 16 | w[1] >> 24 << 8 | w[2] >> 24))
    c[13] = mix(253, mix(here, w[1] & mask))
    c[14] = mix(254, mix(first, above0 << 2 | at))
    c[15] = mix(255, mix(here, mix(mix(op4, w[4] & mask), w[5] & mask)))
    c[16] = mix(256, mix(here, target0))
    c[17] = mix(257, mix(here, w[2]))
    c[18] = mix(258, mix(here, op2))
    c[19] = mix(259, mix(here, above0))
    c[20] = mix(260, mix(here, op3))
    c[21] = mix(261, mix(here, w[0]))
    c[22] = mix(262, mix(here, w[3]))
    c[23] = mix(263, mix(here, mix(w[0], mix(w[1], w[2]))))
    c[24] = mix(264, mix(here, above2))
    c[25] = mix(265, mix(last_here, op2))
    c[26] = mix(266, mix(last_here, target0 << 5 | target1))
    c[27] = mix(267, last(x, 3))


@njit(cache=True)
def _ops(opcodes, n):
    return opcodes & ((1 << 8 * n) - 1)


@njit(cache=True)
def _wasm_contexts(s, x, c):
    field, opcodes, operands, locals_ = s[wasm.FIELD], s[wasm.OPCODES], s[wasm.OPERANDS], s[wasm.LOCALS]
    here = mix(s[wasm.WHOLE], field)
    operand = mix(field << 8 | s[wasm.AT], s[wasm.VALUE])
    local, value_before = locals_ & 0xFFFF, s[wasm.BEFORE + field]
    c[0] = mix(400, mix(here, _ops(opcodes, 4)))
    c[1] = mix(401, mix(operand, _ops(opcodes, 1)))
    c[2] = mix(402, mix(here, opcodes))
    c[3] = mix(403, x[CLASSES] & _LOW32)
    c[4] = mix(404, last(x, 2))
    c[5] = mix(405, mix(here, operands & 0xFFFF))
    c[6] = mix(406, last(x, 3) & 0xFFFF00)
    c[7] = mix(407, mix(here, value_before))
    c[8] = mix(408, last(x, 4))
    c[9] = mix(409, operand)
    c[10] = mix(410, x[CLASSES] & 0xFFFF)
    c[11] = mix(411, last(x, 4) & 0xF0F0F0F0)
    c[12] = mix(412, mix(here, s[wasm.BLOCKS] & 0xFFFF))
    c[13] = mix(413, mix(here, _ops(opcodes, 6)))
    c[14] = mix(414, mix(here, mix(s[wasm.LAST_INSTRUCTION], operands & 0xFFFFFF)))
    c[15] = mix(415, mix(here, mix(local, _ops(opcodes, 2))))
    c[16] = mix(416, mix(here, locals_ & 0xFFFFFFFFFFFF))
    c[17] = mix(417, mix(here, locals_ >> 16 & 0xFFFF))
    c[18] = mix(418, mix(operand, local))
    c[19] = mix(419, here)
    c[20] = mix(420, mix(here, min(s[wasm.DEPTH], 255)))
    c[21] = mix(421, mix(here, s[wasm.BEFORE + 4]))
    c[22] = mix(422, last(x, 6) & 0xF8F8F8F8F8F8)
    c[23] = mix(423, mix(here, s[wasm.BEFORE + 3]))
    c[24] = mix(424, mix(operand, value_before))
    c[25] = mix(425, mix(here, mix(s[wasm.LAST_INSTRUCTION + 1], _ops(opcodes, 1))))
    c[26] = mix(426, mix(here, mix(_ops(opcodes, 1), local)))
    c[27] = mix(427, mix(here, _ops(opcodes, 3)))


@njit(cache=True)
def _turn(data, at):
    """The number of four bytes, most significant first."""
    return (
        np.int64(data[at]) << 24
        | np.int64(data[at + 1]) << 16
        | np.int64(data[at + 2]) << 8
        | np.int64(data[at + 3])
    )


@njit(cache=True)
def _put(data, at, value):
    """Writes four bytes, least significant first."""
    for k in range(4):
        data[at + k] = value >> 8 * k & 255


@njit(cache=True)
def _revert_x86(data, begin, end, wide):
    s = np.zeros(_NUMBERS, np.int64)
    s[x86.WIDE] = wide
    at = begin
    while at < end:
        if not x86.stands_before_distance(s) or end - at < 4:
            x86.take_x86(s, np.int64(data[at]))
            at += 1
            continue
        value = _turn(data, at)
        if data[at] in (0, 255):
            low = (value - (at + 4 + x86.bytes_behind(s))) & 0x1FFFFFF
            value = low | (0xFE000000 if low >> 24 else 0)
        _put(data, at, value)
        for _ in range(4):
            x86.take_x86(s, 0)
        at += 4


@njit(cache=True)
def _revert_words(data, begin, end, sparc):
    at = -(-begin // 4) * 4
    while at + 4 <= end:
        word = _turn(data, at)
        if sparc:
            if word >> 30 == 1:
                word = 1 << 30 | ((word - at // 4) & 0x3FFFFFFF)
            for k in range(4):
                data[at + k] = word >> (24 - 8 * k) & 255
        else:
            if word >> 26 == 0x25:
                word = 0x25 << 26 | ((word - at // 4) & 0x3FFFFFF)
            elif word & 0x9F000000 == 0x90000000:
                number = (word >> 5 & 0x7FFFF) << 2 | (word >> 29 & 3)
                number = (number - at // 4096) & 0x1FFFFF
                word = (word & 0x9F00001F) | (number & 3) << 29 | (number >> 2) << 5
            _put(data, at, word)
        at += 4


def revert_code(data: npt.NDArray[np.uint8], begin: int, end: int, parameter: int) -> None:
    """Gives a segment of a block's machine code its operands back."""
    if parameter <= X86_64:
        _revert_x86(data, begin, end, int(parameter == X86_64))
    elif parameter <= SPARC:
        _revert_words(data, begin, end, parameter == SPARC)
