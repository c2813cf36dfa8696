"""The network as a whole: both implementations, its exported integers, and that it learns."""

import math

import numpy as np
import pytest
import torch

from nzip import _native
from nzip.models.network import load
from nzip.models.nzm import parse
from nzip.train import fused, quantize, reference
from nzip.train.batches import Batch, input_rows
from nzip.train.export import export
from nzip.train.narrow import narrow
from nzip.train.network import ByteNetwork, operations_for
from nzip.train.recipe import SIZES
from nzip.train.restore import restore

TEXT = b"".join(
    b"Item %d: the %dth of %d items,\n\tand so on. \xc3\x84\n" % (i, i % 7, i * i) for i in range(60)
)
CARD = {"name": "test"}


def network(layers=3, operations=fused):
    """With larger tables than at the start, so that all parts speak."""
    torch.manual_seed(4)
    made = ByteNetwork(64, layers, operations)
    with torch.no_grad():
        made.residual += torch.randn_like(made.residual) * 0.3
        made.wo *= 5
        made.bo += torch.randn(256)
    return made


def batch(data=TEXT):
    array = np.frombuffer(data, np.uint8)
    start = torch.zeros(1, len(data), dtype=torch.uint8)
    start[0, 0] = 1
    return torch.from_numpy(input_rows(array).copy()), torch.from_numpy(array.copy()), start


def test_both_implementations_agree():
    results = []
    for operations in (fused, reference):
        made = network(operations=operations)
        loss, state = made(*batch(), made.fresh_state(1))
        loss.backward()
        results.append((loss.item(), state, {name: each.grad for name, each in made.named_parameters()}))
    (loss, state, ours), (loss_torch, state_torch, theirs) = results
    assert loss == pytest.approx(loss_torch, rel=1e-3)
    for a, b in zip(state, state_torch, strict=True):
        assert (a - b).abs().mean() < 0.01
    for name, gradient in ours.items():
        assert gradient is not None, name
        cosine = torch.cosine_similarity(gradient.flatten(), theirs[name].flatten(), 0)
        assert cosine > 0.98, name  # a level more or less here moves everything behind it


@pytest.mark.parametrize("layers", [1, 3])
def test_the_exported_integers_predict_as_the_network(layers):
    made = network(layers)
    with torch.no_grad():
        loss, _ = made(*batch(), made.fresh_state(1))
    model = parse(export(made, CARD))
    assert model.card == CARD
    native = _native.Network(model.tensor_bytes, model.architecture, model.channels, model.layers)
    weights = np.frombuffer(_native.network_weights(native, TEXT, 64), np.uint32).reshape(-1, 256)
    chosen = weights[np.arange(len(TEXT)), np.frombuffer(TEXT, np.uint8)] / weights.sum(1, dtype=np.int64)
    assert -np.log(chosen).mean() == pytest.approx(loss.item(), rel=0.003)


def test_a_model_is_restored_for_training():
    made, again = network(), ByteNetwork(64, 3, fused)
    model = parse(export(made, CARD))
    restore(model, again)
    for matrix, restored in zip(made.w1, again.w1, strict=True):
        torch.testing.assert_close(restored, quantize.weights(matrix).float(), rtol=0.01, atol=0)
    torch.testing.assert_close(again.b[0], made.b[0], rtol=0, atol=1 / 2048)
    with torch.no_grad():
        losses = [each(*batch(), each.fresh_state(1))[0].item() for each in (made, again)]
    assert losses[1] == pytest.approx(losses[0], rel=0.05)
    with pytest.raises(ValueError, match="3 layers of 64 channels"):
        restore(model, ByteNetwork(32, 3, fused))


def test_weights_beyond_the_integers_are_not_exported():
    made = network(1)
    with torch.no_grad():
        made.wo[3, 3] = 1e9
    with pytest.raises(ValueError, match="too large"):
        export(made, CARD)
    made = network(1)
    with torch.no_grad():
        made.bo[0] = 30.0
    with pytest.raises(ValueError, match="bo has values outside"):
        export(made, CARD)


def test_parameters_are_those_of_the_specification():
    made = ByteNetwork(320, 6)
    assert made.gate.shape == (1024, 960)
    assert made.residual.shape == (8000, 320)
    assert made.products() == 5 * 3 * 320**2 + 6 * 320**2 + 256 * 320
    loss, _ = made(*batch(b"abc"), made.fresh_state(1))
    assert loss.item() == pytest.approx(math.log(256), rel=0.1)


def test_who_computes(monkeypatch):
    assert operations_for(torch.device("cpu")) is fused
    assert operations_for(torch.device("mps")) is reference
    assert operations_for(torch.device("cpu"), kernels="torch") is reference
    assert operations_for(torch.device("cuda"), kernels="torch") is reference
    monkeypatch.setattr("nzip.train.network.find_spec", lambda _: None)  # no Triton
    assert operations_for(torch.device("cuda")) is reference
    with pytest.raises(ValueError, match="Triton"):
        operations_for(torch.device("cuda"), kernels="fused")


def test_nothing_of_a_step_is_on_another_device():
    """Tensors of the device `meta` have no values, and go with no others."""
    made = network(operations=reference).to("meta")
    loss, state = made(*Batch(*batch()).to(torch.device("meta")), made.fresh_state(1))
    loss.backward()
    assert {each.grad.device.type for each in made.parameters()} == {"meta"}
    assert {each.device.type for each in state} == {"meta"}


def test_the_base_network_is_one_of_the_format():
    size = SIZES["base"]
    made = ByteNetwork(size["channels"], size["layers"])
    assert 8_000_000 < made.products() + made.gate.numel() + made.residual.numel() < 14_000_000
    assert made.products() == 7_733_248
    data = export(made, CARD)
    assert len(data) < 10_000_000
    assert load(data).model.layers == size["layers"]


def test_what_a_narrower_network_leaves_out_is_what_contributes_least():
    made = network()
    with torch.no_grad():
        for table in (made.residual, *made.w2):  # the stream has 32 channels only
            (table if table is made.residual else table.T)[:, 1::2] = 0
        for matrix in made.w2:  # and cells that are read
            matrix[:, ::2] = 0
        narrower = narrow(made, 32, [Batch(*batch())])
        losses = [each(*batch(), each.fresh_state(1))[0].item() for each in (made, narrower)]
    assert narrower.channels == 32
    assert losses[1] == pytest.approx(losses[0], rel=0.05)
    assert made.operations is fused  # as before
    with pytest.raises(ValueError, match="64 channels"):
        narrow(made, 64, [])
