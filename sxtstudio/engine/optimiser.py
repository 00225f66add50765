"""How weights are changed: Muon for the kernels of convolutions, Adam for all else.

Muon (Jordan et al. 2024, https://kellerjordan.github.io/posts/muon/) takes the momentum of a kernel
as a matrix (outputs × all else) and steps along the nearest matrix whose directions are all as
strong, so that rare structures, whose gradients are weak, are learned as fast as frequent ones.
Steps are as large as those of Adam (Liu et al. 2025, arXiv:2502.16982), one learning rate for all.
"""

import math
from collections.abc import Callable, Iterable
from typing import overload

import torch

MOMENTUM = 0.95
STEP_RMS = 0.2
"""Root mean square of a step at learning rate 1; that of Adam's steps lies there in practice."""

ITERATIONS = 5
COEFFICIENTS = (3.4445, -4.7750, 2.0315)
"""Of Jordan's quintic iteration: singular values of 0.01 to 1 come between 0.7 and 1.2."""

ADAM_MEANS = (0.9, 0.999)
SMALLEST = 1e-8


class Muon(torch.optim.Optimizer):
    """Muon for the kernels of convolutions wider than a voxel, AdamW for all other parameters."""

    def __init__(
        self, parameters: Iterable[torch.nn.Parameter], learning_rate: float, weight_decay: float
    ) -> None:
        super().__init__(parameters, {"lr": learning_rate, "weight_decay": weight_decay})

    @overload
    def step(self, closure: None = None) -> None: ...

    @overload
    def step(self, closure: Callable[[], float]) -> float: ...

    @torch.no_grad()
    def step(self, closure: Callable[[], float] | None = None) -> float | None:
        """Change every parameter that has a gradient."""
        loss = None if closure is None else closure()
        for group in self.param_groups:
            for parameter in group["params"]:
                gradient = parameter.grad
                if gradient is None:
                    continue
                turn = self._muon if _is_kernel(parameter) else self._adam
                parameter.mul_(1 - group["lr"] * group["weight_decay"])
                parameter.sub_(group["lr"] * turn(parameter, gradient))
        return loss

    def _muon(self, parameter: torch.nn.Parameter, gradient: torch.Tensor) -> torch.Tensor:
        momentum = self._moment(parameter, "momentum")
        momentum.lerp_(gradient, 1 - MOMENTUM)
        ahead = torch.lerp(gradient, momentum, MOMENTUM).flatten(1)
        size = STEP_RMS * math.sqrt(max(ahead.shape))
        return size * orthogonal(ahead).view_as(parameter)

    def _adam(self, parameter: torch.nn.Parameter, gradient: torch.Tensor) -> torch.Tensor:
        mean, square = self._moment(parameter, "mean"), self._moment(parameter, "square")
        steps = self.state[parameter].setdefault("steps", torch.zeros(()))
        steps += 1
        for moment, value, decay in zip(
            (mean, square), (gradient, gradient**2), ADAM_MEANS, strict=True
        ):
            moment.lerp_(value, 1 - decay)
        corrections = [1 - decay ** float(steps) for decay in ADAM_MEANS]
        return mean / corrections[0] / ((square / corrections[1]).sqrt() + SMALLEST)

    def _moment(self, parameter: torch.nn.Parameter, name: str) -> torch.Tensor:
        return self.state[parameter].setdefault(name, torch.zeros_like(parameter))


def _is_kernel(parameter: torch.nn.Parameter) -> bool:
    return parameter.ndim > 2 and parameter[0, 0].numel() > 1


def orthogonal(matrix: torch.Tensor) -> torch.Tensor:
    """Return nearly U Vᵀ of a matrix U Σ Vᵀ: the same directions, each about as strong.

    Each iteration multiplies by a polynomial of X Xᵀ, so that it is enough to iterate on that
    small square matrix; the wide one is multiplied once, at the end.
    """
    wide = matrix if matrix.shape[0] <= matrix.shape[1] else matrix.T
    wide = wide / (wide.norm() + SMALLEST)
    gram = wide @ wide.T
    product = torch.eye(len(gram), dtype=gram.dtype, device=gram.device)
    a, b, c = COEFFICIENTS
    for _ in range(ITERATIONS):
        factor = a * torch.eye(len(gram), dtype=gram.dtype, device=gram.device)
        factor = factor + b * gram + c * gram @ gram
        product = factor @ product
        gram = factor @ gram @ factor
    wide = product @ wide
    return wide if matrix.shape[0] <= matrix.shape[1] else wide.T
