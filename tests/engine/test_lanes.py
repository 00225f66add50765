"""Threads with a part of the batch each compute what one thread computes."""

import pytest
import torch
from torch.nn import functional

from sxtstudio.engine.lanes import Lanes, backpropagate, logits_of
from sxtstudio.engine.unet import UNet

CPU = torch.device("cpu")


def loss_of(logits: torch.Tensor) -> torch.Tensor:
    return functional.cross_entropy(logits, torch.zeros(logits[:, 0].shape, dtype=torch.long))


@pytest.mark.parametrize("lanes_count", [1, 2, 3])
def test_gradients_are_those_of_one_ordinary_backward_pass(lanes_count):
    torch.manual_seed(0)
    network, batch = UNet(2, 3, 4, 2), torch.randn(3, 2, 8, 8, 8)
    expected = loss_of(network(batch))
    expected.backward()
    gradients = [p.grad.clone() for p in network.parameters() if p.grad is not None]
    lanes = Lanes(CPU, lanes_count)

    loss = backpropagate(network, batch, loss_of, lanes, bfloat16=False)
    lanes.close()

    assert loss == pytest.approx(expected.item(), rel=1e-5)
    for parameter, gradient in zip(network.parameters(), gradients, strict=True):
        assert parameter.grad is not None
        assert torch.allclose(parameter.grad, gradient, atol=1e-5)


def test_logits_do_not_depend_on_the_number_of_lanes():
    torch.manual_seed(0)
    network, batch = UNet(1, 3, 4, 2).eval(), torch.randn(5, 1, 8, 8, 8)
    one, four = Lanes(CPU, 1), Lanes(CPU, 4)

    assert torch.allclose(
        logits_of(network, batch, one), logits_of(network, batch, four), atol=1e-5
    )
    four.close()


def test_bfloat16_gradients_are_close_to_those_of_float32():
    torch.manual_seed(0)
    network, batch = UNet(1, 2, 4, 2), torch.randn(2, 1, 8, 8, 8)
    lanes = Lanes(CPU, 2)

    exact = backpropagate(network, batch, loss_of, lanes, bfloat16=False)
    rough = backpropagate(network, batch, loss_of, lanes, bfloat16=True)
    lanes.close()

    assert rough == pytest.approx(exact, rel=0.05)
