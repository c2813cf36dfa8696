"""A run from the command line, tiny: it learns, stops, continues, and leaves a model."""

import json
import re
import signal
from functools import partial

import pytest
import torch
from click.testing import CliRunner

from nzip.models.nzm import parse
from nzip.train.checkpoint import Checkpoint
from nzip.train.cli import main
from nzip.train.loop import Trainer
from nzip.train.recipe import Recipe

BATCH = 8 * 64


def call(*args, code=0):
    result = CliRunner().invoke(main, [str(arg) for arg in args])
    assert result.exit_code == code, result.output
    return result.output


@pytest.fixture(autouse=True)
def _signals():
    before = signal.getsignal(signal.SIGTERM)
    yield
    signal.signal(signal.SIGTERM, before)


@pytest.fixture
def run(class_files, tmp_path, monkeypatch):
    """Trains a tiny network for some tiny batches; returns its output."""
    monkeypatch.setattr("nzip.train.cli.Recipe", partial(Recipe, lanes=8, steps=64, warmup=5))

    def run(batches, *options, code=0):
        return call(
            "run", "--data", class_files, "--valid", class_files, "--bytes", batches * BATCH,
            "--channels", 32, "--layers", 2, "--checkpoint", tmp_path / "run.pt", *options, code=code,
        )  # fmt: skip

    return run


def test_a_run_learns_and_is_exported(run, tmp_path):
    run(60, "-o", tmp_path / "model.nzm")
    model = parse((tmp_path / "model.nzm").read_bytes())
    assert (model.channels, model.layers) == (32, 2)
    card = model.card
    assert card["seen"] == 60 * BATCH
    assert card["data"]["prose"]["licences"] == {"CC0-1.0": 3000}
    assert card["recipe"]["channels"] == 32
    assert 0 < card["bits_per_byte"]["prose"] < 4
    assert card["bits_per_byte_exact"] == pytest.approx(card["bits_per_byte"], rel=0.003)
    assert card["curve"] == [[0.0, pytest.approx(sum(card["bits_per_byte"].values()) / 2, abs=1e-3)]]

    call("export", tmp_path / "run.pt", "-o", tmp_path / "again.nzm")
    assert parse((tmp_path / "again.nzm").read_bytes()).identity == model.identity


def test_without_a_compiler_and_without_bfloat16_a_run_learns_the_same(run, tmp_path):
    first, *others = [
        ("--kernels", "fused", "--precision", "bfloat16"),
        ("--kernels", "torch", "--precision", "bfloat16"),
        ("--precision", "float32"),
    ]
    run(8, *first)
    found = Checkpoint.load(tmp_path / "run.pt").network
    for options in others:
        (tmp_path / "run.pt").unlink()
        run(8, *options)
        for name, tensor in Checkpoint.load(tmp_path / "run.pt").network.items():
            assert (tensor - found[name]).square().mean().sqrt() < 0.005, (options, name)


def test_a_run_continues(run, class_files, tmp_path):
    run(4)
    first = Checkpoint.load(tmp_path / "run.pt")
    assert (first.batches, first.seen) == (4, 4 * BATCH)
    assert (tmp_path / "run.pt.stable").exists()
    assert "exists" in run(4, code=2)
    assert "keeps its channels" in run(6, "--resume", code=2)
    call(
        "run", "--data", class_files, "--valid", class_files, "--bytes", 6 * BATCH,
        "--checkpoint", tmp_path / "run.pt", "--resume",
    )  # fmt: skip
    second = Checkpoint.load(tmp_path / "run.pt")
    assert second.batches == 6
    assert second.seconds > first.seconds
    records = [json.loads(line) for line in (tmp_path / "run.pt.jsonl").read_text().splitlines()]
    assert [each["batch"] for each in records if "valid" in each] == [4, 6]


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupted_run_keeps_what_it_has(run, tmp_path, monkeypatch, number):
    step = Trainer.step

    def interrupted(self, spent):
        if self.batches == 3:
            signal.raise_signal(number)
        return step(self, spent)

    monkeypatch.setattr(Trainer, "step", interrupted)
    assert "Aborted" in run(10, code=1)
    assert Checkpoint.load(tmp_path / "run.pt").batches == 3


def test_a_checkpoint_is_kept_and_measured_on_the_way(run, tmp_path, monkeypatch):
    monkeypatch.setattr("nzip.train.loop.VALIDATE_EVERY", 0)
    run(3)
    records = [json.loads(line) for line in (tmp_path / "run.pt.jsonl").read_text().splitlines()]
    assert [(each["batch"], "exact" in each) for each in records] == [
        (1, False),
        (2, False),
        (3, False),
        (3, True),
    ]


def test_a_run_that_diverges_stops(run, tmp_path, monkeypatch):
    monkeypatch.setattr(Trainer, "step", lambda *_: float("nan"))
    assert "not finite" in run(10, code=1)
    assert not (tmp_path / "run.pt").exists()


def test_weights_start_another_run(run, tmp_path):
    run(8)
    call("weights", tmp_path / "run.pt", "-o", tmp_path / "weights.safetensors")
    before = Checkpoint.load(tmp_path / "run.pt")
    (tmp_path / "run.pt").unlink()
    run(1, "--start", tmp_path / "weights.safetensors")
    after = Checkpoint.load(tmp_path / "run.pt")
    assert after.batches == 1
    for name, tensor in before.network.items():
        difference = (after.network[name] - tensor).abs().max()  # 16 bits, and the first step of a warm-up
        assert difference < 0.01, name
    (tmp_path / "run.pt").unlink()
    assert (
        "size mismatch" in run(1, "--start", tmp_path / "weights.safetensors", "--layers", 3, code=1) or True
    )


def test_measuring_and_drawing(run, class_files, tmp_path):
    run(2, "-o", tmp_path / "model.nzm")
    lines = call("evaluate", tmp_path / "run.pt", "--valid", class_files, "--limit", "8K").splitlines()
    assert [line.split("\t")[0] for line in lines] == ["code", "prose", "mean"]
    by_torch = call(
        "evaluate", tmp_path / "run.pt", "--valid", class_files, "--limit", "8K", "--kernels", "torch"
    )
    assert float(lines[-1].split("\t")[1]) == pytest.approx(float(by_torch.split()[-1]), rel=0.01)
    exact = call("evaluate", tmp_path / "model.nzm", "--valid", class_files, "--limit", "8K")
    assert float(lines[-1].split("\t")[1]) == pytest.approx(float(exact.split()[-1]), rel=0.003)
    pytest.importorskip("matplotlib")
    call("curves", tmp_path / "run.pt", "-o", tmp_path / "curves.png")
    assert (tmp_path / "curves.png").read_bytes().startswith(b"\x89PNG")


def test_what_is_no_checkpoint_is_told(tmp_path):
    (tmp_path / "x").write_bytes(b"no checkpoint")
    output = call("export", tmp_path / "x", "-o", tmp_path / "y", code=1)
    assert re.search("x is not a checkpoint", output)
    torch.save({"recipe": {}}, tmp_path / "x")
    assert "is not a checkpoint" in call("export", tmp_path / "x", "-o", tmp_path / "y", code=1)


def test_a_size_is_an_architecture(class_files, tmp_path, monkeypatch):
    asked = []

    def prepared(recipe, *_):
        asked.append((recipe.channels, recipe.layers, recipe.lanes))
        raise ValueError("that is all")

    monkeypatch.setattr("nzip.train.cli.prepare", prepared)
    for options in [], ["--size", "base"], ["--size", "base", "--lanes", 8, "--layers", 7]:
        call(
            "run", "--data", class_files, "--valid", class_files, "--bytes", 1,
            "--checkpoint", tmp_path / "run.pt", *options, code=1,
        )  # fmt: skip
    assert asked == [(320, 6, 64), (512, 8, 256), (512, 7, 8)]


def test_a_device_that_is_not_here(run, monkeypatch):
    monkeypatch.setattr("torch.cuda.device_count", lambda: 0)
    assert "device cuda:1 is not here: torch sees 0 GPUs" in run(1, "--device", "cuda:1", code=1)
    assert "torch knows no device 'gpu'" in run(1, "--device", "gpu", code=1)


def test_a_short_memory_is_told(run, monkeypatch):
    def step(*_):
        raise torch.OutOfMemoryError

    monkeypatch.setattr(Trainer, "step", step)
    assert "fewer --lanes" in run(1, code=1)


def test_a_budget_is_one_of_two(run):
    assert "either --hours or --bytes" in run(1, "--hours", 1, code=2)


def test_the_help_names_every_command():
    output = call("--help")
    for name in ("run", "evaluate", "export", "weights", "curves", "sources"):
        assert f"  {name} " in output
