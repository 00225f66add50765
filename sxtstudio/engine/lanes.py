"""Several threads, each with a part of a batch of its own.

Convolutions of small patches hardly gain from threads that share one patch: two threads took as
long as one, for twice the core-seconds. Two threads with a patch each take half the time.
"""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

import torch
from torch import nn

from sxtstudio.engine.heap import give_memory_back, keep_freed_memory

ItemT = TypeVar("ItemT")
ResultT = TypeVar("ResultT")


class Lanes:
    """As many threads as the CPU part of a job may use; a GPU needs one."""

    def __init__(self, device: torch.device, threads: int) -> None:
        self.device = device
        self.count = threads if device.type == "cpu" else 1
        if device.type == "cpu":
            torch.set_num_threads(1)
            keep_freed_memory()
        self._pool = ThreadPoolExecutor(
            self.count, initializer=torch.set_num_threads, initargs=(1,)
        )

    def map(self, function: Callable[[ItemT], ResultT], items: Sequence[ItemT]) -> list[ResultT]:
        """Return what a function makes of each item, in their order."""
        if self.count == 1 or len(items) == 1:
            return [function(item) for item in items]
        return list(self._pool.map(function, items))

    def split(self, batch: torch.Tensor) -> list[torch.Tensor]:
        """Return a batch in as many parts as there are lanes, or elements if those are fewer."""
        return list(batch.to(self.device).tensor_split(min(self.count, len(batch))))

    def close(self) -> None:
        """End the threads."""
        self._pool.shutdown()
        give_memory_back()


def logits_of(
    network: nn.Module, batch_NCZYX: torch.Tensor, lanes: Lanes, *, bfloat16: bool = False
) -> torch.Tensor:
    """Return the logits of a batch without gradients, float32, each lane with its part.

    ``bfloat16`` computes the convolutions with less precision, where that is quicker.
    """

    def forward(part: torch.Tensor) -> torch.Tensor:
        autocast = torch.autocast(lanes.device.type, torch.bfloat16, enabled=bfloat16)
        with torch.inference_mode(), autocast:
            return network(part).float()

    return torch.cat(lanes.map(forward, lanes.split(batch_NCZYX)))


def backpropagate(
    network: nn.Module,
    batch_NCZYX: torch.Tensor,
    loss_of: Callable[[torch.Tensor], torch.Tensor],
    lanes: Lanes,
    *,
    bfloat16: bool,
) -> float:
    """Set the gradients of a network's parameters, and return the loss of the whole batch.

    Every lane computes its part of the logits and their gradients; the loss is that of all logits
    together, and gradients are added in a fixed order, so that results do not depend on timing.
    """
    parameters = list(network.parameters())

    def forward(part: torch.Tensor) -> torch.Tensor:
        with torch.autocast(lanes.device.type, torch.bfloat16, enabled=bfloat16):
            return network(part).float()

    outputs = lanes.map(forward, lanes.split(batch_NCZYX))
    logits = torch.cat([output.detach() for output in outputs]).requires_grad_()
    loss = loss_of(logits)
    (slope,) = torch.autograd.grad(loss, logits)
    slopes = slope.split([len(output) for output in outputs])

    def backward(lane: int) -> tuple[torch.Tensor, ...]:
        return torch.autograd.grad(outputs[lane], parameters, slopes[lane])

    gradients = lanes.map(backward, range(len(outputs)))
    for parameter, *parts in zip(parameters, *gradients, strict=True):
        parameter.grad = torch.stack(parts).sum(0) if len(parts) > 1 else parts[0]
    return float(loss.detach())
