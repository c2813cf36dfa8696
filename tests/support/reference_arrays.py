"""Engine 2 as docs/format/arrays.md says it, in plain Python: a second decoder."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

PIECE = 1 << 21
LANES = 32
FLOAT16 = (1, 2, True)
TYPES: dict[int, list[tuple[int, int, bool]]] = {  # count, bytes of a number, whether it is a float
    **{number: [(1, 1 << number, False)] for number in range(4)},
    **{4 + log2: [(1, 1 << log2, True)] for log2 in range(4)},
    34: [FLOAT16, (16, 1, False)],
    35: [FLOAT16, FLOAT16, (16, 1, False)],
    38: [FLOAT16, (4, 1, False), (16, 1, False)],
    39: [FLOAT16, FLOAT16, (4, 1, False), (16, 1, False)],
    40: [FLOAT16, (32, 1, False)],
    42: [(16, 1, False), (64, 1, False), FLOAT16, FLOAT16],
    43: [(32, 1, False), (64, 1, False), (12, 1, False), FLOAT16],
    44: [FLOAT16, FLOAT16, *[(4, 1, False)] * 3, (128, 1, False)],
    45: [FLOAT16, FLOAT16, *[(4, 1, False)] * 3, (32, 1, False), (128, 1, False)],
    46: [(128, 1, False), (64, 1, False), (16, 1, False), FLOAT16],
}


RECORD = 1 << 30
NUMBERS = [(1, False), (2, False), (4, False), (8, False), (2, True), (4, True), (8, True)]


def fields_of(parameter: int) -> list[tuple[int, int, bool]]:
    if parameter < RECORD:
        return TYPES[parameter & 255]
    fields, groups = [], parameter - RECORD
    while groups:
        fields += [(1, *NUMBERS[(groups & 7) - 1])] * ((groups >> 3 & 3) + 1)
        groups >>= 5
    return fields


class Source:
    def __init__(self, data: bytes) -> None:
        self.data, self.at = data, 0

    def take(self, size: int) -> bytes:
        self.at += size
        assert self.at <= len(self.data)
        return self.data[self.at - size : self.at]

    def byte(self) -> int:
        return self.take(1)[0]

    def varint(self) -> int:
        value, shift = 0, 0
        while (byte := self.byte()) >= 128:
            value, shift = value | (byte & 127) << shift, shift + 7
        return value | byte << shift

    def bits(self) -> Iterator[int]:
        """Whole bytes are taken: what is left of the last one is filling."""
        while True:
            byte = self.byte()
            yield from (byte >> i & 1 for i in range(8))


def decode(
    coded: bytes, segments: Sequence[tuple[int, int, int]], earlier: Sequence[bytes] | None = None
) -> bytes:
    source, plain = Source(coded), b""
    for (_, parameter, size), before in zip(segments, earlier or [b""] * len(segments), strict=True):
        fields = fields_of(parameter)
        order = "big" if parameter < RECORD and parameter & 256 else "little"
        element = sum(count * width for count, width, _ in fields)
        while size >= element:
            elements = min(PIECE // element, size // element)
            part, before = before[: elements * element], before[elements * element :]
            plain += piece(source, fields, elements, order, part)
            size -= elements * element
        plain += source.take(size)
    assert source.at == len(coded)
    return plain


def piece(
    source: Source, fields: list[tuple[int, int, bool]], elements: int, order: str, earlier: bytes
) -> bytes:
    columns, at = [], 0
    size = sum(count * width for count, width, _ in fields)
    for count, width, is_float in fields:
        places = [e * size + at + i * width for e in range(elements) for i in range(count)] if earlier else []
        before = [int.from_bytes(earlier[p : p + width], order) for p in places]  # type: ignore[arg-type]
        at += count * width
        numbers = field(source, elements * count, width, is_float, before)
        coded = [number.to_bytes(width, order) for number in numbers]  # type: ignore[arg-type]
        columns.append([b"".join(coded[at : at + count]) for at in range(0, len(coded), count)])
    return b"".join(b"".join(row) for row in zip(*columns, strict=True))


def field(source: Source, count: int, width: int, is_float: bool, earlier: list[int]) -> list[int]:
    distance = source.varint()
    bits = 8 * width
    mask, top = (1 << bits) - 1, 1 << bits - 1
    steps = count // LANES
    places = [i % steps * LANES + i // steps if i < steps * LANES else i for i in range(count)]

    def told(number: int, index: int) -> int:
        """By an earlier number of a byte of a plane."""
        rotated = (number << 1 | number >> bits - 1) & mask if is_float else number
        if not (distance and is_float):
            return rotated >> bits - 8 - 8 * index & 255
        return min(255, max(0, (number >> 52 & 2047) - 896)) if width == 8 else rotated >> bits - 8

    planes: list[bytes] = []
    for index in range(width):
        beside = bytearray(count)
        for number, place in zip(earlier, places, strict=bool(earlier)):
            beside[place] = told(number, index)
        planes.append(plane(source, count, planes[-1] if planes else None, beside if earlier else None))
    values = [int.from_bytes(bytes(each[place] for each in planes), "big") for place in places]
    numbers: list[int] = []

    def ordered(number: int) -> int:
        return number if not is_float else ~number & mask if number & top else number | top

    if not distance:
        return [(value >> 1 | value << bits - 1) & mask if is_float else value for value in values]
    for index, value in enumerate(values):
        difference = -(value + 1) // 2 if value & 1 else value // 2
        before = numbers[index - distance] if index >= distance else 0
        if earlier and index < distance:
            before = ordered(earlier[count + index - distance])
        numbers.append((difference + before) & mask)
    if is_float:
        return [number & ~top if number & top else ~number & mask for number in numbers]
    return numbers


def plane(source: Source, size: int, above: bytes | None, earlier: bytearray | None) -> bytes:
    mode = source.byte()
    if mode == 0:
        return source.take(size)
    if mode == 1:
        return source.take(1) * size
    distance = source.varint() if mode == 4 else 0
    bounds = source.take(source.byte()) if mode > 2 else b""
    bits = source.bits()
    tables = [table(bits) for _ in range(len(bounds) + 1)]
    coded = Source(source.take(source.varint()))
    states = [int.from_bytes(coded.take(4), "little") for _ in range(LANES)]
    out = bytearray()

    def own(place: int, times: int) -> int:
        back = place - LANES * distance * times
        return out[back] if back >= 0 else 0

    for place in range(size // LANES * LANES):
        context = 0
        if mode == 3:
            assert above is not None
            context = above[place]
        elif mode == 5:
            assert earlier is not None
            context = earlier[place]
        elif mode == 4:
            near, far = (
                (own(place, first) + own(place, second) + 1) // 2 for first, second in ((1, 2), (3, 4))
            )
            context = (near + far + 1) // 2
        frequencies = tables[sum(bound <= context for bound in bounds)]
        x, value, start = states[place % LANES], 0, 0
        while start + frequencies[value] <= x % 4096:
            start += frequencies[value]
            value += 1
        out.append(value)
        x = frequencies[value] * (x // 4096) + x % 4096 - start
        if x < 1 << 16:
            x = x << 16 | int.from_bytes(coded.take(2), "little")
        states[place % LANES] = x
    assert states == [1 << 16] * LANES
    assert coded.at == len(coded.data)
    return bytes(out) + source.take(size % LANES)


def table(bits: Iterator[int]) -> list[int]:
    def number(count: int) -> int:
        return sum(next(bits) << i for i in range(count))

    first, last = number(8), number(8)
    frequencies = [0] * 256
    for value in range(first, last):
        zeros = 0
        while not next(bits):
            zeros += 1
        change = 1 << zeros | number(zeros)
        before = frequencies[value - 1] if value > first else 0
        frequencies[value] = before + (change // 2 if change & 1 else -change // 2)
    frequencies[last] = 4096 - sum(frequencies)
    assert min(frequencies) >= 0
    assert frequencies[last] > 0
    return frequencies
