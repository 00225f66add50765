"""The network of every stage: a small 3D U-Net with instance norm."""

from itertools import pairwise

import torch
from torch import nn
from torch.nn import functional

NONE_AT_FIRST = 2.0
"""Logit by which a new network takes every voxel for the first label, none of the classes: most
are, and where no annotation says so it must not have to find out."""


class Block(nn.Sequential):
    """3×3×3 convolutions from each width to the next, each with instance norm and leaky ReLU.

    The first of them takes every ``stride``-th voxel only.
    """

    def __init__(self, *widths: int, stride: int = 1) -> None:
        layers: list[nn.Module] = []
        for index, (inputs, outputs) in enumerate(pairwise(widths)):
            step = 1 if index else stride
            layers += [
                nn.Conv3d(inputs, outputs, 3, stride=step, padding=1, bias=False),
                nn.InstanceNorm3d(outputs, affine=True),
                nn.LeakyReLU(0.01, inplace=True),
            ]
        super().__init__(*layers)


class UNet(nn.Module):
    """A U-Net of ``levels`` resolutions with ``base_channels`` · 2^level channels.

    Takes (N, ``inputs``, Z, Y, X) and returns logits (N, ``outputs``, Z, Y, X) for any size: the
    far faces are padded to what the pooling needs, and cropped again.

    Full resolution costs most and is touched twice only: by one convolution of the input, and by
    one where what coarser levels found is added to that. The coarser levels begin with a strided
    convolution of the input itself. Coarse features are narrowed before they are enlarged.
    """

    def __init__(self, inputs: int, outputs: int, base_channels: int, levels: int) -> None:
        super().__init__()
        widths = [base_channels * 2**level for level in range(levels)]
        self.multiple = 2 ** (levels - 1)
        self.down = nn.ModuleList([Block(inputs, widths[0])])
        if levels > 1:
            self.down.append(Block(inputs, widths[1], widths[1], stride=2))
        self.down.extend(Block(a, b, b) for a, b in pairwise(widths[1:]))
        self.narrow = nn.ModuleList(nn.Conv3d(b, a, 1, bias=False) for a, b in pairwise(widths))
        self.up = nn.ModuleList([Block(widths[0], widths[0])] if levels > 1 else [])
        self.up.extend(Block(a, a, a) for a in widths[1:-1])
        self.head = nn.Conv3d(base_channels, outputs, 1)
        if self.head.bias is not None:
            self.head.bias.data[0] += NONE_AT_FIRST

    def forward(self, batch_NCZYX: torch.Tensor) -> torch.Tensor:
        """Return the logits of a batch."""
        shape = batch_NCZYX.shape[2:]
        padding = [pad for n in reversed(shape) for pad in (0, -n % self.multiple)]
        if max(shape) <= self.multiple:
            padding[1] += self.multiple  # instance norm needs more than one voxel at the bottom
        batch = functional.pad(batch_NCZYX, padding, mode="replicate")
        skips = [block(batch) for block in self.down[:2]]
        for block in self.down[2:]:
            skips.append(block(functional.max_pool3d(skips[-1], 2)))
        features = skips.pop()
        for level in range(len(skips) - 1, -1, -1):
            coarse = self.narrow[level](features)
            coarse = functional.interpolate(coarse, scale_factor=2.0, mode="nearest")
            features = self.up[level](coarse + skips[level])
        return self.head(features)[:, :, : shape[0], : shape[1], : shape[2]]
