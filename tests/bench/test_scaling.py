"""Scaling: what is measured, and the simulation where its outcome is known."""

import csv
import io

import pytest
from click.testing import CliRunner
from support.samples import words

from nzip.bench.costs import Costs, CostsError, mixing_cost, read_costs, step_costs
from nzip.bench.scaling import main
from nzip.bench.simulate import WIRE_BYTES, Load, Plant, simulate

LANES = 64


def affine(positions):
    """A device: 800 microseconds to start, and 100 nanoseconds a position."""
    return 800e-6 + 100e-9 * positions


@pytest.fixture(autouse=True)
def _quick(monkeypatch):
    monkeypatch.setattr("nzip.bench.costs._LEAST_SECONDS", 1e-4)
    monkeypatch.setattr("nzip.bench.scaling.POSITIONS", (1, 4))


def call(*args, code=0):
    result = CliRunner().invoke(main, [str(arg) for arg in args])
    assert result.exit_code == code, result.output
    return result.output


# The simulation


def test_one_block_is_never_done_by_two_at_once():
    plant = Plant(1, 4, affine, mixing=5e-6, dispatch=1e-6, link=1e9)
    each = affine(LANES) / LANES + WIRE_BYTES / 1e9 + 1e-6 + 5e-6
    assert simulate(plant, Load(1, LANES)).speed == pytest.approx(1 / each, rel=1e-6)


@pytest.mark.parametrize("devices", [1, 2, 8])
def test_devices_limit(devices):
    plant = Plant(devices, 1000, affine, mixing=1e-12)
    outcome = simulate(plant, Load(32, LANES))
    blocks = 32 // devices
    assert outcome.speed == pytest.approx(devices * blocks * LANES / affine(blocks * LANES), rel=0.01)
    assert outcome.busiest == "device"
    assert outcome.busy["device"] == pytest.approx(1, abs=0.01)


def test_cores_limit():
    outcome = simulate(Plant(8, 16, lambda _: 1e-9, mixing=5e-6), Load(32, LANES))
    assert outcome.speed == pytest.approx(16 / 5e-6, rel=0.01)
    assert outcome.busiest == "cores"


@pytest.mark.parametrize("processes", [1, 4])
def test_interpreters_limit(processes):
    plant = Plant(4, 1000, lambda _: 1e-9, mixing=1e-12, dispatch=3e-7, processes=processes)
    outcome = simulate(plant, Load(32, LANES))
    assert outcome.speed == pytest.approx(processes / 3e-7, rel=0.01)
    assert outcome.busiest == "interpreter"


def test_links_limit():
    outcome = simulate(Plant(2, 1000, lambda _: 1e-9, mixing=1e-12, link=1e9), Load(32, LANES))
    assert outcome.speed == pytest.approx(2 * 1e9 / WIRE_BYTES, rel=0.01)
    assert outcome.busiest == "link"


def test_cores_work_while_the_device_does():
    """With two halves in flight neither waits: the sum of both times, as with one block, would be half."""
    mixing = affine(16 * LANES) / (16 * LANES)  # of one core
    outcome = simulate(Plant(1, 1, affine, mixing), Load(32, LANES))
    assert outcome.speed > 0.9 / mixing


# What is measured


def test_steps_are_interpolated():
    costs = Costs({1: 10.0, 3: 14.0, 10: 70.0}, {})
    assert [costs.step(at) for at in (1, 2, 3, 10, 20)] == [10, 12, 14, 70, 150]
    assert costs.step(0) == 8


def test_a_step_is_timed_as_it_is_called():
    asked = set()
    assert all(seconds >= 0 for seconds in step_costs(asked.add, [1, 4]).values())
    assert asked == {1, 4}


def test_mixing_takes_time_and_a_sample_that_can_be_compressed():
    assert 0 < mixing_cost(1, words(20_000), 4, 2) < 1e-3
    with pytest.raises(CostsError, match="not compressible"):
        mixing_cost(1, b"\x9e", 1, 1)


def test_later_files_replace_what_they_have(tmp_path):
    first, second, third = (tmp_path / name for name in ("1", "2", "3"))
    head = "part,level,lanes,seconds\n"
    first.write_text(head + "step,,1,1\nstep,,2,2\nmix,6,64,0.5\n")
    second.write_text(head + "step,,8,3\nstep,,9,4\n")
    assert read_costs([first, second]) == Costs({8: 3.0, 9: 4.0}, {6: 0.5})
    with pytest.raises(CostsError, match="at least two steps"):
        read_costs([second])
    for bad in (
        "step,,1,1\n",
        head + "walk,,1,1\n",
        head + "step,,x,1\n",
        head + "mix,6\n",
        head + "step,,1,nan\n",
        head + "step,,1,0\n",
        "\0",
    ):
        third.write_text(bad)
        with pytest.raises(CostsError):
            read_costs([third])


def test_the_command(tmp_path):
    (tmp_path / "sample").write_bytes(words(20_000))
    measured = call("measure", tmp_path / "sample", "--levels", "1-2", "--lanes", 2)
    mixed = [row["level"] for row in csv.DictReader(io.StringIO(measured)) if row["part"] == "mix"]
    assert mixed == ["1", "2"]
    (tmp_path / "cpu.csv").write_text(measured)
    rows = list(
        csv.DictReader(io.StringIO(call("simulate", tmp_path / "cpu.csv", "--devices", "1,4", "--csv")))
    )
    assert [(row["level"], row["gpus"]) for row in rows] == [("1", "1"), ("1", "4"), ("2", "1"), ("2", "4")]
    assert float(rows[1]["mb_s"]) > 3 * float(rows[0]["mb_s"])
    lines = call("simulate", tmp_path / "cpu.csv", "--devices", "1").splitlines()
    assert [line.split()[:2] for line in lines] == [["level", "gpus"], ["-1", "1"], ["-2", "1"]]


def test_a_torch_device_is_measured(tmp_path, monkeypatch):
    pytest.importorskip("torch")
    monkeypatch.setattr("nzip.bench.scaling.DEVICE_POSITIONS", (1, 8))
    (tmp_path / "sample").write_bytes(words(5000))
    measured = call("measure", tmp_path / "sample", "--levels", 1, "--device", "torch:cpu")
    steps = [row["lanes"] for row in csv.DictReader(io.StringIO(measured)) if row["part"] == "step"]
    assert steps == ["1", "8"]


def test_what_is_wrong_is_told(tmp_path):
    (tmp_path / "sample").write_bytes(bytes(10))
    assert "less than 4096 bytes" in call("measure", tmp_path / "sample", code=1)
    (tmp_path / "sample").write_bytes(words(5000))
    assert "level 12" in call("measure", tmp_path / "sample", "--levels", 12, code=1)
    assert "'x' is not one of" in call("measure", tmp_path / "sample", "--device", "x", code=1)
    assert "'nothing' is not known" in call("measure", tmp_path / "sample", "--model", "nothing", code=1)
    assert "not a table" in call("simulate", tmp_path / "sample", code=1)
    assert "is not a list" in call("simulate", tmp_path / "sample", "--devices", "8-1", code=2)
