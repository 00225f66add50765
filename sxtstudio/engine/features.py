"""What a coarse network makes of a whole cell, in a few numbers: to tell unlike cells by."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import torch
from torch import nn
from torch.nn import functional

from sxtstudio.core.ndimage import label
from sxtstudio.core.novelty import Description, Structure, feature_distance
from sxtstudio.core.plan import Plan
from sxtstudio.engine.familiarity import (
    ClassFeatures,
    Moments,
    class_features,
    distances,
    moments,
    pooled,
)
from sxtstudio.engine.unet import UNet

_ENOUGH_VOXELS = 3.0
"""Coarse voxels of a class below which its mean LAC means nothing."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Look:
    """One pass of a coarse network: probabilities (none first) float32 and pooled features.

    ``voxels_CZYX`` are the features of every voxel, see `sxtstudio.engine.familiarity`.
    """

    p_KZYX: np.ndarray
    features: tuple[float, ...]
    voxels_CZYX: torch.Tensor

    @property
    def field_KZYX(self) -> np.ndarray:
        """What the next stage sees: the probabilities of the classes, float16."""
        return self.p_KZYX[1:].astype(np.float16)


@dataclass(frozen=True, kw_only=True, eq=False)
class Sighting:
    """What networks of the coarse stage say of one reference cell.

    ``features`` are those to the kept network; ``structures``, ``doubt`` and ``strangeness`` come
    from a network that was not trained on the cell.
    """

    features: tuple[float, ...]
    structures: Mapping[str, Structure]
    doubt: float | None
    strangeness: float | None


@dataclass(frozen=True, kw_only=True, eq=False)
class Sight:
    """What one network of the coarse stage sees in cells, by name.

    ``fields`` are as in `Look.field_KZYX`; ``distances`` of the cells that it was not trained on
    are from the features of ``classes``, those of the cells that it was trained on.
    """

    sightings: Mapping[str, Sighting]
    fields: Mapping[str, np.ndarray]
    distances: Mapping[str, np.ndarray]
    classes: ClassFeatures


@torch.inference_mode()
def look(network: UNet, scaled_ZYX: np.ndarray, device: torch.device) -> Look:
    """Return probabilities and features of a whole coarse cell in one pass.

    Features are the means of every bottleneck channel inside and outside the cell, weighted by the
    probability of any class and of none: instance norm fixes their mean over the whole field.
    """
    batch = torch.from_numpy(np.ascontiguousarray(scaled_ZYX, np.float32))[None, None].to(device)
    seen: list[torch.Tensor] = []

    def keep(_module: nn.Module, inputs: tuple[torch.Tensor, ...], output: torch.Tensor) -> None:
        seen.extend((inputs[0][0].float(), output[0].float()))

    hooks = [it.register_forward_hook(keep) for it in (network.down[-1], network.head)]
    try:
        p_KZYX = torch.softmax(network(batch).float(), 1)[0]
    finally:
        for hook in hooks:
            hook.remove()
    _, bottleneck_CZYX, last_CZYX, _ = seen
    z, y, x = scaled_ZYX.shape
    inside = functional.interpolate(
        (1 - p_KZYX[:1])[None], size=tuple(bottleneck_CZYX.shape[1:]), mode="area"
    )[0]
    pooled = [
        (bottleneck_CZYX * weight).sum((1, 2, 3)) / weight.sum().clamp(min=1e-3)
        for weight in (inside, 1 - inside)
    ]
    features = tuple(round(float(value), 4) for value in torch.cat(pooled))
    voxels_CZYX = torch.cat([last_CZYX[:, :z, :y, :x], batch[0]])  # the network pads far faces
    return Look(p_KZYX=p_KZYX.cpu().numpy(), features=features, voxels_CZYX=voxels_CZYX)


def describe_look(bare: Description, seen: Look, scaled_ZYX: np.ndarray, plan: Plan) -> Description:
    """Return a description with what a coarse network sees in the cell."""
    return replace(
        bare,
        features=seen.features,
        structures=structures_of(seen.p_KZYX, scaled_ZYX, plan),
        doubt=doubt_of(seen.p_KZYX),
    )


def structures_of(p_KZYX: np.ndarray, scaled_ZYX: np.ndarray, plan: Plan) -> dict[str, Structure]:
    """Return volume, LAC and number of every class of the task, by its name."""
    lac_ZYX = scaled_ZYX * plan.lac_scale_per_um + plan.lac_centre_per_um
    voxel_um3 = math.prod(plan.voxel_size_um) * math.prod(plan.stages[0].factor)
    labels_ZYX = p_KZYX.argmax(0)
    inside = max(float(1 - p_KZYX[0].mean()) * p_KZYX[0].size, 1e-6)
    return {
        item.name: _structure(p_ZYX, lac_ZYX, labels_ZYX == value, inside, voxel_um3)
        for value, (item, p_ZYX) in enumerate(
            zip(plan.task.classes, p_KZYX[1:], strict=True), start=1
        )
    }


def _structure(
    p_ZYX: np.ndarray, lac_ZYX: np.ndarray, mask_ZYX: np.ndarray, inside: float, voxel_um3: float
) -> Structure:
    voxels = float(p_ZYX.sum())
    # Faint probabilities everywhere would pull the mean towards all else: only where it is sure.
    lac = lac_ZYX[mask_ZYX]
    return Structure(
        share=round(voxels / inside, 5),
        volume_um3=round(voxels * voxel_um3, 5),
        lac_per_um=round(float(lac.mean()), 4) if lac.size >= _ENOUGH_VOXELS else None,
        objects=label(mask_ZYX)[1],
    )


def doubt_of(p_KZYX: np.ndarray) -> float:
    """Return the mean doubt (1 − greatest probability) within the cell."""
    weight = 1 - p_KZYX[0]
    return round(float(((1 - p_KZYX.max(0)) * weight).sum() / max(float(weight.sum()), 1e-6)), 4)


def sight(
    network: UNet,
    cells: Mapping[str, np.ndarray],
    split: tuple[Sequence[str], Sequence[str]],
    plan: Plan,
    device: torch.device,
) -> Sight:
    """Return what a network sees in the cells of a fold: (trained on, held out), by name.

    ``cells`` are scaled and coarse; each is looked at once. Only the held-out ones get structures,
    doubt, strangeness and distances.
    """
    training, held_out = split
    known: dict[str, tuple[float, ...]] = {}
    fields: dict[str, np.ndarray] = {}
    parts: list[Moments] = []
    for name in training:
        seen = look(network, cells[name], device)
        known[name], fields[name] = seen.features, seen.field_KZYX
        labels_ZYX = torch.from_numpy(seen.p_KZYX.argmax(0)).to(device)
        parts.append(moments(seen.voxels_CZYX, labels_ZYX, len(seen.p_KZYX)))
    classes = class_features(pooled(parts))
    sightings = {
        name: Sighting(features=features, structures={}, doubt=None, strangeness=None)
        for name, features in known.items()
    }
    far: dict[str, np.ndarray] = {}
    for name in held_out:
        seen = look(network, cells[name], device)
        fields[name], far[name] = seen.field_KZYX, distances(classes, seen.voxels_CZYX)
        sightings[name] = Sighting(
            features=seen.features,
            structures=structures_of(seen.p_KZYX, cells[name], plan),
            doubt=doubt_of(seen.p_KZYX),
            strangeness=feature_distance(seen.features, list(known.values())),
        )
    return Sight(sightings=sightings, fields=fields, distances=far, classes=classes)


def describe_reference(
    bare: Description, kept: Sighting | None = None, honest: Sighting | None = None
) -> Description:
    """Return the description of a reference cell.

    Where no network was kept from it (``honest``), what networks say of it is left out. ``kept`` is
    None where no coarse network looks at whole cells.
    """
    if kept is None:
        return bare
    if honest is None:
        return replace(bare, features=kept.features)
    return replace(
        bare,
        features=kept.features,
        structures=honest.structures,
        doubt=honest.doubt,
        strangeness=honest.strangeness,
    )
