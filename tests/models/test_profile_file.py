"""Profile files: what is written is read, what is broken is refused in one way, whoever made it."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nzip.errors import NzipModelError
from nzip.models import frame, nzp

MAGIC = nzp.MAGIC
FIELDS = {"card": {}, "component_set": 1, "engine_revision": 1, "network": "none"}
ID = "0123456789abcdef" * 4

json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=10,
)
profiles = st.builds(
    nzp.Profile,
    st.sampled_from([1, 2, 3, 4]),
    st.integers(0, 2**63 - 1),
    st.sampled_from(["any", "none", ID]),
    st.binary(min_size=1, max_size=100),
    st.dictionaries(st.text(), json_values, max_size=3),
)


@given(profiles)
def test_round_trip(profile):
    data = profile.serialize()
    assert nzp.parse(data) == profile
    assert nzp.parse(data).serialize() == data


@given(profiles, st.data())
def test_every_cut_into_the_header_is_refused(profile, data):
    coded = profile.serialize()
    with pytest.raises(NzipModelError):
        nzp.parse(coded[: data.draw(st.integers(0, len(coded) - len(profile.start)))])


@given(st.binary(max_size=60), st.booleans())
def test_any_bytes_are_parsed_or_refused(data, framed):
    if framed:
        data = MAGIC + len(data).to_bytes(4, "little") + data + b"state"
    with pytest.raises(NzipModelError):
        nzp.parse(data)


@given(profiles, st.data())
def test_a_damaged_profile_is_another_one_or_refused(profile, data):
    coded = bytearray(profile.serialize())
    coded[data.draw(st.integers(0, len(coded) - 1))] ^= 1 << data.draw(st.integers(0, 7))
    try:
        parsed = nzp.parse(bytes(coded))
    except NzipModelError:
        return
    assert parsed.serialize() == coded


def framed(header, state=b"state", magic=MAGIC):
    return magic + len(header).to_bytes(4, "little") + header + state


def canonical(**changes):
    fields = {name: value for name, value in (FIELDS | changes).items() if value is not ...}
    return framed(json.dumps(fields, sort_keys=True, separators=(",", ":")).encode())


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", "not a profile"),
        (b"NZM\x01", "not a profile"),
        (b"NZP", "ends early"),
        (b"NZP\x02", "version 2 of a profile"),
        (b"NZP\x01\x00\x00", "ends early"),
        (MAGIC + (65537).to_bytes(4, "little") + bytes(65537), "header of 65537 bytes; 65536 are allowed"),
        (MAGIC + b"\xff" * 4, "header of 4294967295 bytes"),
        (framed(b""), "valid form"),
        (framed(b"[]"), "valid form"),
        (framed(b"[" * 65536), "valid form"),
        (framed(b'{"card":' * 8000), "valid form"),
        (framed(b"9" * 65536), "valid form"),
        (framed(json.dumps(FIELDS).encode()), "valid form"),
        (
            framed(b'{"card":{},"card":{},"component_set":1,"engine_revision":1,"network":"none"}'),
            "valid form",
        ),
        (framed(b'{"card":{"a":NaN},"component_set":1,"engine_revision":1,"network":"none"}'), "valid form"),
        (
            framed(b'{"card":{"a":1e999},"component_set":1,"engine_revision":1,"network":"none"}'),
            "valid form",
        ),
        (framed('{"card":{"a":"ä"}}'.encode()), "valid form"),
        (canonical(card=...), "fields"),
        (canonical(more=1), "fields"),
        (canonical(state=1), "fields"),
        (canonical(card=[]), "card"),
        (canonical(component_set=0), "component set"),
        (canonical(component_set=256), "component set"),
        (canonical(component_set=True), "component set"),
        (canonical(component_set=1.0), "component set"),
        (canonical(component_set=[]), "component set"),
        (canonical(engine_revision=-1), "revision"),
        (canonical(engine_revision=2**63), "revision"),
        (canonical(engine_revision="1"), "revision"),
        (canonical(network=""), "network"),
        (canonical(network=ID[:-1]), "network"),
        (canonical(network=ID.upper()), "network"),
        (canonical(network=None), "network"),
        (canonical(network={}), "network"),
        (canonical()[:-5], "has 0 bytes; 1 to"),
        (canonical() + bytes(16 << 20), "bytes; 1 to 16777216"),
    ],
    ids=range(36),
)
def test_what_is_broken_is_named(data, message):
    with pytest.raises(NzipModelError, match=message) as caught:
        nzp.parse(data)
    assert len(str(caught.value)) < 100


def test_an_allowed_profile_of_the_largest_size():
    card = {"a": "x" * (frame.MAX_HEADER - len(frame.join(b"", FIELDS | {"card": {"a": ""}}, b"")) + 4)}
    profile = nzp.Profile(1, 1, "none", bytes(16 << 20), card)
    assert nzp.parse(profile.serialize()) == profile
    card["a"] += "x"
    with pytest.raises(ValueError, match="header of 65537 bytes"):
        profile.serialize()


def test_which_network_a_profile_fits():
    fits = {name: nzp.Profile(1, 1, name, b"s").fits for name in ("any", "none", ID)}
    other = ID[::-1]
    assert [fits[name](None) for name in fits] == [False, True, False]
    assert [fits[name](ID) for name in fits] == [True, False, True]
    assert [fits[name](other) for name in fits] == [True, False, False]
