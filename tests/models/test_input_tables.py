"""The input tables are those of docs/model.md."""

from nzip.models.inputs import input_tables


def shapes(architecture: str) -> list[tuple[int, int, int]]:
    return [(t.rows, t.width, t.offset) for t in input_tables(architecture, 288)]


def test_glr1():
    rows = [256, 256, 64, 256, 4096, 1024, 2048]
    assert shapes("glr1") == [(256, 864, 0)] * 4 + [(count, 288, 0) for count in rows]


def test_glr2():
    first = [128, *[288] * 6, 128, 288, 128]  # channels of order 1, ..., skip, above, field
    assert shapes("glr2") == [
        *[(256, 864, 0)] * 4,
        (1025, 864, 0),
        *((rows, 288, 0) for rows in (256, 256, 256, 64, 256, 256)),
        *[(1 << 15, 96, 0), (1 << 13, 64, 96), (1 << 16, 64, 96), (1 << 15, 32, 160)],
        *[(1 << 14, 64, 224), (1 << 15, 64, 0), (1 << 15, 48, 64), (1 << 15, 48, 112)],
        *((2305, channels, 0) for channels in first),
        *[(769, 128, 0)] * 10,
        *[(3073, 288, 0), (1025, 64, 128), (486, 288, 0), (2049, 288, 0)],
    ]
    of_bytes = {t.name for t in input_tables("glr2", 288) if not t.named}
    plain = {"last1", "last2", "above", "column", "layout", "field", "agreement"}
    assert of_bytes == {"gate0", "gate1", "gate2", "gate3"} | plain


def test_a_part_that_would_end_beyond_the_channels_begins_earlier():
    [table] = [t for t in input_tables("glr2", 96) if t.name == "ngram3"]
    assert (table.width, table.offset) == (64, 32)
