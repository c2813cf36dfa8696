"""Base 64 is opened where it begins as packed files do, and restored."""

from __future__ import annotations

import base64
import json

import pytest
from support.pictures import jpeg, picture
from support.samples import PORTRAIT, words
from support.unpacked import formats, opened

from nzip.format.registry import PackedFormatId
from nzip.transforms.unpack.formats import format_of

PHOTO = jpeg(picture(90, 70))


def in_lines(data: bytes, size: int, end: bytes) -> bytes:
    digits = base64.b64encode(data)
    return end.join(digits[at : at + size] for at in range(0, len(digits), size))


@pytest.mark.parametrize("left_out", range(3))
def test_mail_web_pages_and_notebooks(left_out):
    photo = PHOTO + b"\0" * (3 - left_out)
    mail = (
        b"Content-Transfer-Encoding: base64\r\n\r\n"
        + in_lines(photo, 76, b"\r\n")
        + b"\r\n--bound\r\n"
        + words(90)
    )
    pem = words(90) + in_lines(photo, 64, b"\n") + b"\n" + words(90)
    page = b'<img src="data:image/jpeg;base64,' + base64.b64encode(photo) + b'">' + words(90)
    notebook = json.dumps({"image/jpeg": in_lines(photo, 76, b"\n").decode() + "\n"}).encode()
    for data in mail, pem, page, notebook:
        assert formats(opened(data)) == [PackedFormatId.BASE64, PackedFormatId.JPEG]


def test_what_is_cut_or_damaged_is_restored():
    digits = in_lines(PORTRAIT + PHOTO, 76, b"\n")
    for at in 1, 60, 64, 65, 75, 76, 77, 200, len(digits) - 1, len(digits) - 77:
        opened(digits[:at])
        opened(digits[:at] + b"-" + digits[at:])
        opened(digits[:at] + b"=" + digits[at:])
        opened(digits[:at] + b"\n" + digits[at:])


def test_what_is_no_base_64_is_refused():
    close = format_of(PackedFormatId.BASE64).close
    assert close([b"abc"], b"\0\0", None) == b"YWJj"
    for residue in (b"", b"\0", b"\x4c\0", b"\x3c\1", b"\x4a\1", b"\x4c\4", b"\x4c\1\0", b"\x80\0\1"):
        with pytest.raises(ValueError, match="base 64"):
            close([b"abc"], residue, None)
