import torch

from nzip.train import quantize


def test_weights_have_sixteen_levels_and_pass_the_whole_gradient():
    torch.manual_seed(1)
    matrix = torch.randn(40, 64).requires_grad_()
    rounded = quantize.weights(matrix)
    assert rounded.dtype == torch.bfloat16
    levels = quantize.weight_levels(matrix.detach(), quantize.row_steps(matrix.detach()))
    assert sorted(set(levels.flatten().tolist())) == list(range(-8, 8))
    gradient = torch.randn(40, 64).bfloat16()
    rounded.backward(gradient)
    assert torch.equal(matrix.grad, gradient.float())


def test_a_row_of_zeros_stays_one():
    assert torch.equal(quantize.weights(torch.zeros(2, 4)), torch.zeros(2, 4, dtype=torch.bfloat16))


def test_a_normalized_value_beyond_the_bound_passes_no_gradient():
    x = torch.tensor([-9.0, -7.96, 0.03, 7.99, 8.5]).requires_grad_()
    rounded = quantize.normalized_values(x)
    assert rounded.tolist() == [-7.9375, -7.9375, 0.0, 7.9375, 7.9375]
    rounded.sum().backward()
    assert x.grad.tolist() == [0, 1, 1, 1, 0]
