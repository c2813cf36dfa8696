"""nzip/_native.pyi names all that the native core has, with the same parameters, and nothing else.

Its types are finer than those that nanobind can tell, so it is written by hand and compared.
"""

from __future__ import annotations

import ast
import subprocess
import sys

from support import TESTS


def told(source: str) -> dict[str, str]:
    """By its dotted name, what a stub says of each thing but the types."""
    found: dict[str, str] = {}

    def look(body: list[ast.stmt], prefix: str) -> None:
        for node in body:
            if isinstance(node, ast.FunctionDef):
                found[prefix + node.name] = parameters(node)
            elif isinstance(node, ast.ClassDef):
                if any(isinstance(base, ast.Name) and base.id == "Protocol" for base in node.bases):
                    continue  # what is asked of Python's side
                found[prefix + node.name] = "class"
                look(node.body, f"{prefix}{node.name}.")
            elif isinstance(node, ast.AnnAssign):
                found[prefix + ast.unparse(node.target)] = "value"

    look(ast.parse(source).body, "")
    return found


def parameters(function: ast.FunctionDef) -> str:
    arguments = function.args
    for each in (*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs):
        each.annotation = None
    for each in arguments.posonlyargs:
        each.arg = "_"  # its name is nothing to rely on
    kind = "property" if any(ast.unparse(each) == "property" for each in function.decorator_list) else ""
    return f"{kind}({ast.unparse(arguments)})"


def test_the_stub_is_up_to_date(tmp_path):
    path = tmp_path / "generated.pyi"
    subprocess.run(
        [sys.executable, "-m", "nanobind.stubgen", "-q", "-m", "nzip._native", "-o", path],
        cwd=tmp_path,
        check=True,
    )
    generated = told(path.read_text(encoding="utf-8"))
    written = told((TESTS.parent / "nzip" / "_native.pyi").read_text(encoding="utf-8"))
    plain = {name: what for name, what in generated.items() if not name.endswith(".__init__")}
    assert {name: what for name, what in written.items() if not name.endswith(".__init__")} == plain
    for name in generated.keys() & written.keys():  # what Python cannot make need not say how
        assert written[name] == generated[name], name
