"""The network of every stage: a small 3D U-Net with instance norm."""

from itertools import pairwise

import torch
from torch import nn
from torch.nn import functional

NONE_AT_FIRST = 2.0
"""Logit by which a new network takes every voxel for the first label, none of the classes: most
are, and where no annotation says so it must not have to find out."""


class Block(nn.Sequential):
    """3×3×3 convolutions from each width to the next, each with instance norm and leaky ReLU."""

    def __init__(self, *widths: int) -> None:
        layers: list[nn.Module] = []
        for inputs, outputs in pairwise(widths):
            layers += [
                nn.Conv3d(inputs, outputs, 3, padding=1, bias=False),
                nn.InstanceNorm3d(outputs, affine=True),
                nn.LeakyReLU(0.01, inplace=True),
            ]
        super().__init__(*layers)


class UNet(nn.Module):
    """A U-Net of ``levels`` resolutions with ``base_channels`` · 2^level channels.

    Takes (N, ``inputs``, Z, Y, X) and returns logits (N, ``outputs``, Z, Y, X) for any size: the
    far faces are padded to what the pooling needs, and cropped again. Two convolutions a level on
    the way down, one on the way up, where coarse features are narrowed before they are enlarged and
    added to the finer ones: a step takes little more than half the time of the textbook's network
    with as many channels, and at equal core-seconds what is learned is better (`benchmarks`).
    """

    def __init__(self, inputs: int, outputs: int, base_channels: int, levels: int) -> None:
        super().__init__()
        widths = [base_channels * 2**level for level in range(levels)]
        self.multiple = 2 ** (levels - 1)
        self.down = nn.ModuleList(Block(a, b, b) for a, b in pairwise([inputs, *widths]))
        self.narrow = nn.ModuleList(nn.Conv3d(b, a, 1, bias=False) for a, b in pairwise(widths))
        self.up = nn.ModuleList(Block(a, a) for a in widths[:-1])
        self.head = nn.Conv3d(base_channels, outputs, 1)
        if self.head.bias is not None:
            self.head.bias.data[0] += NONE_AT_FIRST

    def forward(self, batch_NCZYX: torch.Tensor) -> torch.Tensor:
        """Return the logits of a batch."""
        shape = batch_NCZYX.shape[2:]
        padding = [pad for n in reversed(shape) for pad in (0, -n % self.multiple)]
        if max(shape) <= self.multiple:
            padding[1] += self.multiple  # instance norm needs more than one voxel at the bottom
        features = functional.pad(batch_NCZYX, padding, mode="replicate")
        skips: list[torch.Tensor] = []
        for level, block in enumerate(self.down):
            features = block(functional.max_pool3d(features, 2) if level else features)
            skips.append(features)
        for level in range(len(self.up) - 1, -1, -1):
            coarse = self.narrow[level](features)
            coarse = functional.interpolate(coarse, scale_factor=2.0, mode="nearest")
            features = self.up[level](coarse + skips[level])
        return self.head(features)[:, :, : shape[0], : shape[1], : shape[2]]
