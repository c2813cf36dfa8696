"""What a block header says of a language model."""

import io
from dataclasses import replace

import pytest
from support.made_up_model import TEXT, compress

import nzip
from nzip.errors import NzipFormatError, NzipVersionError
from nzip.format.block import Expert
from nzip.format.language import ExactLanguage, Language, language_of
from nzip.format.versions import LANGUAGE_MODEL
from nzip.models import exact_language, gguf, language

# The header's field.

KNOWN = Language(b"m" * 16, LANGUAGE_MODEL.newest, 512, 384, 32, 1, 0, 0x12345678, "a library")


def _coding(file, *, experts):
    coded = compress(TEXT, file)
    [stream] = nzip.info(io.BytesIO(coded)).streams
    return replace(stream.blocks[0].header.coding, experts=tuple(experts))


def test_parameters_are_read_as_written(file):
    assert language_of(_coding(file, experts=[KNOWN.expert()])) == KNOWN


@pytest.mark.parametrize(
    ("expert", "message"),
    [
        (KNOWN._replace(context=384).expert(), "range"),
        (KNOWN._replace(keeps=1).expert(), "range"),
        (KNOWN._replace(context=1 << 40).expert(), "range"),
        (KNOWN._replace(threads=0).expert(), "range"),
        (KNOWN._replace(environment="x" * 2000).expert(), "environment of 2000"),
        (KNOWN.expert()._replace(parameters=KNOWN.expert().parameters[:-1]), "end inside"),
        (KNOWN.expert()._replace(parameters=KNOWN.expert().parameters + b"x"), "one valid form"),
        (KNOWN.expert()._replace(parameters=KNOWN.expert().parameters[:-1] + b"\xff"), "ASCII"),
        (KNOWN.expert()._replace(model=1), "number"),
    ],
)
def test_wrong_parameters(expert: Expert, message, file):
    with pytest.raises(NzipFormatError, match=message):
        language_of(_coding(file, experts=[expert]))


EXACT = ExactLanguage(b"m" * 16, 1, 1, 512, 384, 32)


def test_parameters_of_exact_ones_are_read_as_written(file):
    assert language_of(_coding(file, experts=[EXACT.expert()])) == EXACT


@pytest.mark.parametrize(
    ("expert", "message"),
    [
        (EXACT._replace(context=384).expert(), "range"),
        (EXACT._replace(keeps=1).expert(), "range"),
        (EXACT._replace(context=1 << 40).expert(), "range"),
        (EXACT.expert()._replace(parameters=EXACT.expert().parameters[:-1]), "end inside"),
        (EXACT.expert()._replace(parameters=EXACT.expert().parameters + b"x"), "one valid form"),
        (EXACT.expert()._replace(model=1), "number"),
    ],
)
def test_wrong_parameters_of_exact_ones(expert: Expert, message, file):
    with pytest.raises(NzipFormatError, match=message):
        language_of(_coding(file, experts=[expert]))


def test_exact_ones_that_are_not_known(file):
    with pytest.raises(NzipFormatError, match="more than one"):
        language_of(_coding(file, experts=[KNOWN.expert(), EXACT.expert()]))
    for changes, message in (
        ({"scheme": 2}, "scheme 2"),
        ({"revision": 99}, "revision 99"),
        ({"context": 1 << 16}, "windows of 65536"),
    ):
        with pytest.raises(NzipVersionError, match=message):
            exact_language.find(EXACT._replace(**changes), gguf.named)


def test_two_models_and_other_revisions(file):
    with pytest.raises(NzipFormatError, match="more than one"):
        language_of(_coding(file, experts=[KNOWN.expert()] * 2))
    with pytest.raises(NzipVersionError, match="revision 99"):
        language.find(KNOWN._replace(revision=99), 1, gguf.named, any_environment=False)
