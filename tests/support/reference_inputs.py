"""The inputs of the network glr2 as docs/model.md specifies them: to be read, and compared with."""

from __future__ import annotations

MIX, MIX_MATCH = 0x9E3779B97F4A7C15, 0xD6E8FEB86659FD93
CONTEXTS = ("order1", "order2", "order3", "order4", "order5", "order6", "word", "skip", "above", "field")
SLOTS_LOG2 = (10, 15, 16, 16, 16, 16, 16, 15, 16, 15)
HASHED_LOG2 = (15, 13, 16, 15, 14, 15, 15, 15)
MATCH_BOUNDS = (8, 10, 12, 14, 16, 20, 24, 32, 64, 128, 400)
FIELD_ENDS = b',\t;|:"=<'


class Follower:
    """What is known of a context."""

    def __init__(self) -> None:
        self.first = self.second = self.count = self.second_count = 0

    def take(self, byte: int) -> None:
        if self.count and byte == self.first:
            self.count = min(self.count + 1, 15)
        elif self.second_count and byte == self.second:
            self.second_count = min(self.second_count + 1, 15)
            self.count -= self.count // 4
            if self.second_count >= self.count:
                self.first, self.second = self.second, self.first
                self.count, self.second_count = self.second_count, self.count
        elif self.count < 2:
            self.first, self.second, self.count, self.second_count = byte, self.first, 1, self.count
        else:
            self.second, self.second_count = byte, 1
            self.count -= self.count // 4


class Followers:
    """A table of them: buckets of up to four, the last used first."""

    def __init__(self, log2: int) -> None:
        self.shift = 64 - (log2 - 2)
        self.buckets: dict[int, list[tuple[int, Follower]]] = {}

    def find(self, key: int) -> Follower:
        for check, follower in self.buckets.get(key >> self.shift, []):
            if check == key >> 24 & 255:
                return follower
        return Follower()

    def take(self, key: int, byte: int) -> None:
        bucket = self.buckets.setdefault(key >> self.shift, [])
        check, follower = key >> 24 & 255, self.find(key)
        bucket[:] = [entry for entry in bucket if entry[0] != check][: 3 + (follower.count > 0)]
        bucket.insert(0, (check, follower))
        follower.take(byte)


class Block:
    """What lanes share: their bytes, which lie behind one another, and what these have taught."""

    def __init__(self, *lengths: int) -> None:
        self.begins = [sum(lengths[:lane]) for lane in range(len(lengths))]
        self.size = sum(lengths)
        self.bytes: dict[int, int] = {}
        self.followers = [Followers(log2) for log2 in SLOTS_LOG2]
        self.where: dict[int, int] = {}

    def begin(self, at: int) -> int:
        """Of the lane that holds the position."""
        return max(begin for begin in self.begins if begin <= at)

    def known(self, at: int, round_: int) -> bool:
        """Whether the byte was coded before the round."""
        return at < self.size and at - self.begin(at) < round_


class Inputs:
    """A lane of a block; without one, it is a block of its own."""

    def __init__(self, block: Block | None = None, lane: int = 0) -> None:
        self.block = block or Block(1 << 30)
        self.begin = self.block.begins[lane]
        self.past = b""
        self.line, self.line_above = b"", b""
        self.word = self.last_word = self.last_word_but_one = self.length = 0
        self.match = self.match_length = 0

    def last(self, count: int) -> int:
        return int.from_bytes((b"\n" * 8 + self.past)[-count:], "big")

    def above(self, ahead: int) -> int:
        column = len(self.line) + ahead
        return self.line_above[column] if column < len(self.line_above) else 10

    def field(self) -> tuple[int, int]:
        """How many fields of the line have ended, and the bytes since."""
        ends = [i for i, byte in enumerate(self.line) if byte in FIELD_ENDS]
        return len(ends), len(self.line) - (ends[-1] + 1 if ends else 0)

    def keys(self) -> list[int]:
        field, length = self.field()
        contents = [
            *(self.last(order) for order in range(1, 7)),
            self.word << 32 | self.last_word,
            self.last(4) & 0xFFFFFF00,
            self.above(0) << 24 | self.above(1) << 16 | self.last(2),
            min(field, 255) << 24 | min(length, 255) << 16 | self.last(1),
        ]
        return [(c ^ c >> 29) * MIX % 2**64 ^ k << 24 for k, c in enumerate(contents)]

    def push(self, byte: int) -> None:
        for table, key in zip(self.block.followers, self.keys(), strict=True):
            table.take(key, byte)
        self.block.bytes[self.begin + len(self.past)] = byte
        follows = self.expected() == byte
        self.past += bytes([byte])
        if byte == 10:
            self.line, self.line_above = b"", self.line
        else:
            self.line += bytes([byte])
        lower = byte + 32 if 65 <= byte <= 90 else byte
        if 97 <= lower <= 122 or lower >= 128:
            self.word = (self.word + lower + 1) * 0x2F0B4C47 % 2**32
            self.length += 1
        elif self.length:
            self.last_word_but_one, self.last_word = self.last_word, self.word
            self.word = self.length = 0
        self.push_match(follows)

    def expected(self, ahead: int = 0) -> int:
        """The byte at the match, or behind it; -1 where none is known."""
        at = self.match + ahead
        return self.block.bytes[at] if self.match and self.block.known(at, len(self.past)) else -1

    def push_match(self, follows: bool) -> None:
        here, known = self.begin + len(self.past), self.block.bytes
        if follows:
            self.match += 1
            self.match_length = min(self.match_length + 1, 65535)
        else:
            self.match = self.match_length = 0
        if len(self.past) < 6:
            return
        key = self.last(6) * MIX_MATCH % 2**64 >> 48
        there = self.block.where.get(key, 0)
        if self.match_length < 16 and there and there != self.match:
            length = 0
            most = min(32, there - self.block.begin(there - 1), here - self.begin)
            while length < most and known[there - 1 - length] == known[here - 1 - length]:
                length += 1
            if length >= 6 and length > self.match_length:
                self.match, self.match_length = there, length
        self.block.where[key] = here

    def rows(self) -> list[int]:
        found = [table.find(key) for table, key in zip(self.block.followers, self.keys(), strict=True)]
        matched = self.expected()
        expected = matched
        for k in (5, 4, 3, 6, 2, 1, 0):
            if expected < 0 and found[k].count:
                expected = found[k].first
        agree = [k < 7 and f.count > 0 and f.first == expected for k, f in enumerate(found)]
        strength = sum(agree) - (matched < 0)
        third = [0 if not f.count else 2 if f.first == expected else 1 for f in found]
        sure = sum(self.match_length >= bound for bound in MATCH_BOUNDS)
        column, length = len(self.line), self.length
        indent = column - len(self.line.lstrip(b" \t"))
        field, field_length = self.field()
        gate_strength = 0 if strength < 2 else 1 if strength < 4 else 2 if strength < 6 else 3
        words = self.word << 32 | self.last_word
        hashed = [
            self.word,
            (self.last_word + 1) % 2**32,
            words,
            words * MIX + self.last_word_but_one,
            *(self.last(order) for order in range(3, 7)),
        ]
        ahead = self.expected(1) if matched >= 0 else -1
        agreement = matched >= 0
        for k in (5, 3, 2, 6):
            agreement = 3 * agreement + third[k]
        return [
            *(self.last(k + 1) >> 8 * k for k in range(4)),
            1024 if expected < 0 else 256 * gate_strength + expected,
            self.last(1),
            self.last(2) >> 8,
            self.above(0),
            column if column < 40 else 40 + (column - 40) // 4 if column < 136 else 63,
            16 * min(length, 15) + min(indent, 15),
            16 * min(field, 15) + min(field_length, 15),
            *((h + k) * MIX % 2**64 >> 64 - HASHED_LOG2[k] for k, h in enumerate(hashed)),
            *map(first_row, found),
            *map(second_row, found),
            0 if matched < 0 else 1 + 256 * sure + matched,
            0 if ahead < 0 else 1 + 256 * min(sure // 3, 3) + ahead,
            2 * agreement + (third[1] == 2),
            0 if expected < 0 else 1 + 256 * strength + expected,
        ]  # fmt: skip


def first_row(f: Follower) -> int:
    if not f.count:
        return 0
    if not f.second_count:
        sure = (0, 1, 2, 2, 3, 3, 3, 3, 4, 4, 4, 4, 4, 4, 4)[f.count - 1]
    else:
        sure = 5 if f.count < 3 else 6 if f.count < 2 * f.second_count else 7 if f.count < 8 else 8
    return 1 + 256 * sure + f.first


def second_row(f: Follower) -> int:
    if not f.second_count:
        return 0
    sure = 2 if 2 * f.second_count >= f.count else 1 if f.second_count > 1 else 0
    return 1 + 256 * sure + f.second
