"""--json: one object for each file, its fields as documented."""

from __future__ import annotations

import json


def objects(out: bytes) -> list[dict]:
    return [json.loads(line) for line in out.splitlines()]


def test_c_d_and_t(cli, text):
    cli.write("a", text)
    cli.write("b", text)
    for arguments, outputs in [
        (("c", "a", "b"), {"output": ["a.nz", "b.nz"]}),
        (("d", "-f", "a.nz", "b.nz"), {"output": ["a", "b"]}),
        (("t", "a.nz", "b.nz"), {}),
    ]:
        found = objects(cli.ok(*arguments, "--json").out)
        for i, values in enumerate(found):
            expected = {
                "file": [name for name in arguments if len(name) < 5 and name[0] in "ab"][i],
                **{key: names[i] for key, names in outputs.items()},
                "plain_bytes": len(text),
                "coded_bytes": len(cli.read("a.nz")),
                "blocks": 1,
            }
            assert values.pop("seconds") >= 0
            assert values == expected
        assert len(found) == 2


def test_errors_are_objects_too(cli, text):
    cli.write("a", text)
    cli.ok("c", "a")
    cli.write("cut.nz", cli.read("a.nz")[:-1])
    result = cli("t", "--json", "cut.nz", "a.nz")
    assert result.code == 3
    bad, good = objects(result.out)
    assert bad == {"file": "cut.nz", "error": "the data end before the stream does", "exit_code": 3}
    assert good["file"] == "a.nz"


def test_l(cli, text):
    path = cli.write("a", text)
    cli.ok("c", "--block-size", "2K", "a")
    (found,) = objects(cli.ok("l", "--json", "a.nz").out)
    assert found["file"] == "a.nz"
    assert found["total_plain"] == len(text)
    (stream,) = found["streams"]
    assert stream["metadata"]["name"] == "a"
    assert stream["metadata"]["mtime_ns"] == path.stat().st_mtime_ns
    assert [block["plain_size"] for block in stream["blocks"]] == [2048, 2048, len(text) - 4096]


def test_names_that_are_not_text_survive(cli, text):
    name = b"\xff".decode("utf-8", "surrogateescape")
    (cli.folder / name).write_bytes(text)
    (found,) = objects(cli.ok("c", "--json", name).out)
    assert found["file"] == name
