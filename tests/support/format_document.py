"""The pages of docs/format, one behind the other."""

from support import TESTS

FOLDER = TESTS.parent / "docs" / "format"
DOCUMENT = "\n".join(page.read_text(encoding="utf-8") for page in sorted(FOLDER.glob("*.md")))
