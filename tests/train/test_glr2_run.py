"""Runs of glr2: what is drawn, what is kept, and that a network learns."""

import csv

import numpy as np
import pytest
import torch

from nzip.models.inputs import InputTable
from nzip.train.corpus import read_classes
from nzip.train.glr2 import batches, data, weights
from nzip.train.glr2.batches import Batches, Segments, input_rows
from nzip.train.glr2.checkpoint import Recipe, Run
from nzip.train.glr2.evaluate import bits_per_byte
from nzip.train.glr2.loop import Loop, Trainer
from nzip.train.glr2.network import Network

SMALL = Recipe(channels=64, layers=2, lanes=4, part=2, warmup=5)


@pytest.fixture
def classes(class_files):
    return {name: [file] for name, file in read_classes([class_files]).items()}


def test_a_segment_follows_what_is_before_it(classes):
    plain = classes["prose"][0]
    plain = plain[plain != 0].tobytes()
    segments = Segments({"prose": classes["prose"]}, {"prose": 1}, np.random.default_rng(3))
    drawn = [segments.draw() for _ in range(200)]
    assert all(len(whole) - before >= batches.LEAST for whole, before in drawn)
    as_it_is = [w.tobytes() for w, _ in drawn if b"\r" not in w.tobytes() and b"n" in w.tobytes()]
    assert len(as_it_is) > 100
    assert all(whole in plain for whole in as_it_is)
    fresh = [whole.tobytes() for whole, before in drawn if before == 0]
    assert 15 < len(fresh) < 100
    assert max(whole.count(b"Chapter") for whole in fresh) <= 3  # of one document, which says it three times


def test_crlf_is_counted_before_the_segment():
    segments = Segments({"a": [np.zeros(1, np.uint8)]}, {"a": 1}, np.random.default_rng(1))
    whole = np.frombuffer(b"a\nbc\nd\nef", np.uint8)
    found = {
        (w.tobytes().lower(), before) for w, before in (segments._augmented(whole, 5) for _ in range(200))
    }
    assert found == {(b"a\nbc\nd\nef", 5), (b"a\r\nbc\r\nd\r\nef", 7)}


def test_batches_hold_segments_one_after_another():
    class Two:
        def __init__(self):
            self.count = 0

        def draw(self):
            self.count += 1
            return np.frombuffer(b"ab" * 20 + bytes([97 + self.count % 5]) * 24, np.uint8), 40

    batch = Batches(Two(), lanes=2, steps=64).next()
    target = batch.target.reshape(2, 64).numpy()
    assert batch.start.tolist() == [[int(t % 24 == 0) for t in range(64)]] * 2
    assert all(len(set(target[lane, t : t + 24])) == 1 for lane in (0, 1) for t in (0, 24))
    whole = np.frombuffer(b"ab" * 20 + target[0, :24].tobytes(), np.uint8)
    assert np.array_equal(batch.rows[:24].numpy(), input_rows(whole, 40))


def test_classes_are_joined_and_one_is_held_out(class_files, monkeypatch):
    monkeypatch.setattr(data, "HELD_OUT", 2000)
    monkeypatch.setattr(data, "LEFT_OUT", b"of 9 stars")
    classes, held_out = data.training_classes([class_files, class_files], hold_out="code")
    assert [len(files) for files in classes.values()] == [2, 2]
    whole = classes["code"][0]
    assert np.array_equal(np.concatenate([classes["code"][1], held_out]), whole)
    assert held_out[0] == 0
    assert 2000 <= len(held_out) < 2100
    assert b"of 9 stars" not in classes["prose"][0].tobytes()
    assert b"of 16 stars" in classes["prose"][0].tobytes()


def test_a_run_learns_and_goes_on(classes, tmp_path):
    valid = {name: files[0] for name, files in classes.items()}
    path, curves = tmp_path / "run.pt", tmp_path / "curves.csv"
    run = Run(SMALL)
    Loop(Trainer(run, classes), valid, path, curves, 50_000).until(70_000)
    with curves.open(newline="") as file:
        rows = list(csv.reader(file))
    kinds = {(kind, name) for _, _, _, kind, name, _ in rows}
    assert {("loss", "train"), ("fresh", "prose"), ("long", "code")} <= kinds
    losses = [float(value) for *_, name, value in rows if name == "train"]
    assert losses[-1] < 6
    again = Run.load(path)
    assert (again.seen, again.batches, again.recipe) == (run.seen, run.batches, SMALL)
    assert torch.equal(again.network.tables.level, run.network.tables.level)
    assert bits_per_byte(again.network, valid, 2, 512) == bits_per_byte(run.network, valid, 2, 512)
    Loop(Trainer(again, classes), valid, path, curves, 1e9).until(80_000)
    assert 80_000 <= Run.load(path).seen < 85_000


def test_learning_rates_fall_at_the_end(classes, tmp_path, monkeypatch):
    rates, run = [], Run(SMALL)
    trainer = Trainer(run, classes)

    def step(rate):
        rates.append(rate)
        run.batches += 1
        run.seen += 1024
        return 1.0

    monkeypatch.setattr(trainer, "step", step)
    Loop(trainer, {}, tmp_path / "run.pt", tmp_path / "curves.csv", 1e9).until(8 * 1024, fall=4 * 1024)
    assert rates == [1, 1, 1, 1, 1, 0.75, 0.5, 0.25]


def test_what_is_no_checkpoint_is_refused(tmp_path):
    (tmp_path / "run.pt").write_bytes(b"no")
    with pytest.raises(ValueError, match="not a checkpoint"):
        Run.load(tmp_path / "run.pt")


def test_weights_keep_what_the_integers_are(tmp_path):
    layout = [InputTable("whole", 50, 32, 0, False, False), InputTable("named", 90, 16, 8, True, False)]
    network, other = (Network(32, 2, seed, layout) for seed in (1, 2))
    tables = network.tables
    tables.values.normal_(0, 0.3)
    tables.round()
    tables.visits.copy_(torch.arange(140).to(torch.uint16))
    weights.save(tmp_path / "w.npz.xz", network, 12345)
    assert weights.load(tmp_path / "w.npz.xz", other) == 12345
    assert torch.equal(other.tables.level, tables.level)
    assert torch.equal(other.w1, network.w1.half().float())
    ratio = (other.tables.visits.float() + 1) / (tables.visits.float() + 1)
    assert ratio.min() > 0.5
    assert ratio.max() <= 1
    with pytest.raises(ValueError, match=r"w\.npz"):
        weights.load(tmp_path / "w.npz.xz", Network(64, 2, 1, layout))
