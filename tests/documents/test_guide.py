"""Every example of docs/guide.md runs, one after another, in one folder."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

from support import TESTS
from support.samples import words

GUIDE = (TESTS.parent / "docs" / "guide.md").read_text(encoding="utf-8")
# What a comment above says is not run has its language in another line.
EXAMPLES = re.findall(r"(?<!-->\n)^```(sh|python)\n(.*?)^```$", GUIDE, re.DOTALL | re.MULTILINE)


def test_the_guide(tmp_path):
    papers = tmp_path / "papers"
    papers.mkdir()
    for name in "abcdef":
        (papers / f"{name}.txt").write_bytes(words(400) + name.encode() * 9 + b"\n" + words(100))
    (tmp_path / "sales.csv").write_text("".join(f"2026-01-{day:02},{day},9.90\n" for day in range(1, 31)))
    environment = os.environ | {"PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}"}
    assert len(EXAMPLES) >= 8
    for language, code in EXAMPLES:
        command = ["bash", "-euc", code] if language == "sh" else [sys.executable, "-c", code]
        done = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True)
        assert done.returncode == 0, code + done.stdout + done.stderr
