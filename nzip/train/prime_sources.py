"""Where the text of the shipped prime may come from, and what permits its use."""

from __future__ import annotations

import lzma
import os
import re
import sysconfig
import tarfile
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

Test = Callable[[bytes], object]


@dataclass(frozen=True)
class Source:
    """Where text comes from, what permits its use, and how its documents are recognized in the corpus."""

    kind: str  # the class
    name: str
    licence: str
    recognize: Test


def _matches(pattern: bytes) -> Test:
    return re.compile(pattern).match


CORPUS_SOURCES = [
    Source("docs", "tldr-pages", "CC-BY-4.0", _matches(rb"# [^\n]+\n\n> ")),
    Source("docs", "Python Enhancement Proposals", "public domain / CC0-1.0", _matches(rb"PEP: \d+\nTitle:")),
    Source(
        "docs",
        "swift-evolution, Apple Inc. and the Swift project authors",
        "Apache-2.0",
        lambda d: d.startswith(b"# ") and b"swift-evolution" in d and b"* Proposal:" in d,
    ),
    Source(
        "docs",
        "PHP manual, the PHP Documentation Group",
        "CC-BY-3.0",
        lambda d: d.startswith(b'<?xml version="1.0"') and b"$Revision" in d[:400] and b"docbook" in d[:3000],
    ),
    Source(
        "docs",
        "The Rust Programming Language, its authors",
        "MIT / Apache-2.0",
        lambda d: d.startswith(b"## ") and (b"```rust" in d or b"Rust" in d),
    ),
    Source("docs", "setuptools, the PyPA", "MIT", lambda d: b"setuptools" in d),
    Source(
        "docs",
        "Everything curl, Daniel Stenberg",
        "CC-BY-4.0",
        lambda d: d.startswith(b"# ") and b"curl" in d,
    ),
    Source(
        "prose",
        "OpenStax textbooks, Rice University (openstax.org)",
        "CC-BY-4.0",
        lambda d: b"Learning Objectives\n" in d[:400],
    ),
    Source(
        "prose",
        "digital.gov, US General Services Administration",
        "public domain / CC0-1.0",
        lambda d: (
            d.startswith((b"---\nslug:", b"---\n# View this page at https://digital"))
            or (d.startswith(b"---\n") and b"digital.gov" in d[:3000])
        ),
    ),
    Source("prose", "Ethereum Improvement Proposals", "CC0-1.0", _matches(rb"---\neip: ")),
    Source(
        "prose", "Code of the District of Columbia", "public domain / CC0-1.0", _matches(rb"\d+[A-Z]?-\d+")
    ),
    Source("prose", "classic books (Project Gutenberg)", "public domain", _matches(rb"# Title: ")),
    Source(
        "prose",
        "Rust RFCs, their authors",
        "MIT / Apache-2.0",
        lambda d: b"Feature Name" in d[:200] or b"- Start Date" in d[:300],
    ),
    Source(
        "prose",
        "English novels of 1750 to 1925 (Project Gutenberg)",
        "public domain",
        lambda d: (
            len(d) > 50_000 and b"\r\n" in d[:500] and not d.startswith(b"\n\n") and b"\\label" not in d
        ),
    ),
    Source(
        "prose",
        "ELTeC, English collection",
        "texts public domain, edition CC-BY-4.0",
        lambda d: len(d) > 50_000 and d[:1] == b"\n" and d[1:2].isalpha() and b"\\label" not in d,
    ),
    Source("markup", "Simple Icons", "CC0-1.0", _matches(rb'<svg role="img" viewBox="0 0 24 24"')),
    Source(
        "markup",
        "XMPP Extension Protocols, XMPP Standards Foundation",
        "XSF (MIT-like)",
        lambda d: b"<!DOCTYPE xep" in d[:600],
    ),
    Source(
        "markup",
        "PHP manual, the PHP Documentation Group",
        "CC-BY-3.0",
        lambda d: d.startswith(b'<?xml version="1.0"') and b"$Revision" in d[:400] and b"docbook" in d[:5000],
    ),
    Source(
        "markup",
        "Code of the District of Columbia",
        "public domain / CC0-1.0",
        lambda d: b"https://code.dccouncil" in d[:2000],
    ),
    Source(
        "markup",
        "OpenStax textbooks, Rice University (openstax.org)",
        "CC-BY-4.0",
        lambda d: b"cnxml" in d[:1000],
    ),
    Source(
        "markup",
        "ELTeC, English collection",
        "texts public domain, edition CC-BY-4.0",
        lambda d: b"ELTeC" in d[:5000],
    ),
    Source("tables", "Scoop's main bucket", "Unlicense", _matches(rb'\{\n    "version": ')),
    Source(
        "tables", "Simple Icons", "CC0-1.0", lambda d: b"simpleicons" in d[:1000] or b'"hex":' in d[:1000]
    ),
    Source(
        "tables",
        "PokeAPI, Paul Hallett and contributors",
        "BSD-3-Clause",
        lambda d: re.match(rb"[a-z_]+(,[a-z_]+)+\r?\n\d", d) and b"_id," in d[:200],
    ),
    Source("logs", "Chinook database, Luis Rocha", "MIT", lambda d: b"Chinook" in d[:3000]),
    Source(
        "logs",
        "Elastic examples, Elasticsearch BV",
        "Apache-2.0",
        lambda d: (
            len(d) > 10_000
            and (re.match(rb"\[201\d-[^]]+\] [A-Z]+ ", d) or b'"GET /' in d[:300])
            and not d.startswith(b"#")
        ),
    ),
    Source("logs", "The Rust Programming Language, its authors", "MIT / Apache-2.0", _matches(rb"\$ cargo ")),
    Source(
        "multilingual",
        "translations of the Python documentation, the Python Software Foundation",
        "PSF-2.0 / CC0-1.0",
        lambda d: b"# Copyright (C)" in d[:300] and b"Python" in d[:600],
    ),
    Source("multilingual", "tldr-pages", "CC-BY-4.0", _matches(rb"# [^\n]+\n\n> ")),
    Source("multilingual", "German federal law", "public domain / Unlicense", _matches(rb"---\nTitle:")),
    Source(
        "multilingual",
        "ELTeC, other collections",
        "texts public domain, edition CC-BY-4.0",
        lambda d: 50_000 < len(d) < 60_500 and d[:1] == b"\n" and b"msgid" not in d,
    ),
]

PACKAGES = {
    "expat": ("Expat, Thai Open Source Software Center Ltd and the Expat maintainers", "MIT"),
    "jq": ("jq, Stephen Dolan", "MIT"),
    "jquery": ("jQuery, JS Foundation and other contributors", "MIT"),
    "libpng1.6": ("libpng, the PNG Reference Library Authors", "libpng-2.0"),
    "lua5.4": ("Lua, Lua.org, PUC-Rio", "MIT"),
    "musl": ("musl, Rich Felker, et al.", "MIT"),
    "nginx": ("nginx, Igor Sysoev and Nginx, Inc.", "BSD-2-Clause"),
    "redis": ("Redis 7.0, Salvatore Sanfilippo and contributors", "BSD-3-Clause"),
    "sqlite3": ("SQLite and its documentation", "public domain"),
    "zlib": ("zlib, Jean-loup Gailly and Mark Adler", "Zlib"),
}
_CODE = {
    *(".c", ".h", ".js", ".css", ".sh", ".lua", ".cmake", ".y"),
    *(".l", ".sql", ".ac", ".am", ".in", ".py", ".1", ".3"),
}
_HTML = {".html", ".htm", ".xml"}
_FOREIGN = re.compile(r"/deps/|/test|/vendor/")  # what may be under another licence
_PYTHON = ("the Python standard library, the Python Software Foundation", "PSF-2.0")


@dataclass(frozen=True)
class Document:
    kind: str
    source: str
    licence: str
    text: bytes


def corpus_documents(folder: Path, kinds: Iterable[str]) -> Iterator[Document]:
    """Those of the classes ``kinds`` that are known to be free."""
    for kind in kinds:
        path = folder / f"{kind}.bin.xz"
        if not path.exists():
            continue
        for text in lzma.decompress(path.read_bytes()).split(b"\0")[1:]:
            for source in CORPUS_SOURCES:
                if source.kind == kind and source.recognize(text):
                    yield Document(kind, source.name, source.licence, text)
                    break


def python_documents() -> Iterator[Document]:
    for folder, folders, files in os.walk(sysconfig.get_path("stdlib")):
        folders[:] = sorted(
            set(folders) - {"__pycache__", "idle_test", "lib2to3", "site-packages", "test", "tests"}
        )
        for name in sorted(files):
            text = Path(folder, name).read_bytes() if name.endswith(".py") else b""
            if 500 < len(text) < 200_000 and b"\0" not in text:
                yield Document("code", *_PYTHON, text)


def package_documents(folder: Path) -> Iterator[Document]:
    for path in sorted(folder.glob("*.orig*.tar.*")):
        package = PACKAGES.get(path.name.partition("_")[0])
        if package is None or path.suffix == ".asc":
            continue
        with tarfile.open(path) as archive:
            for member in sorted(archive.getmembers(), key=lambda member: member.name):
                suffix = os.path.splitext(member.name)[1]
                if not member.isfile() or not 300 < member.size < 300_000 or _FOREIGN.search(member.name):
                    continue
                if suffix in _CODE or suffix in _HTML:
                    file = archive.extractfile(member)
                    text = b"" if file is None else file.read()
                    if text and b"\0" not in text:
                        yield Document("html" if suffix in _HTML else "code", *package, text)
