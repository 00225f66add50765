"""Trainings that begin from a network instead of chance, and never from one that knows too much.

What a cross-fitted network says of the cells it holds out must be honest, and so must the scores of
spared cells. So each network begins from one of the earlier package (the kept one, or one of its
cross-fitted ones) that, with all its ancestors, learned from none of the cells in question; where
there is none, it begins from chance.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import torch

from sxtstudio.core.errors import NetworkError, PlanError
from sxtstudio.core.network_card import Parent
from sxtstudio.core.plan import Plan, Stage
from sxtstudio.core.task import Task
from sxtstudio.engine.package import Cascade, load_package
from sxtstudio.engine.unet import UNet
from sxtstudio.io.files import sha256_of_file

_HEAD = ("head.weight", "head.bias")
_FIRST = "down.0.0.weight"


@dataclass(frozen=True, kw_only=True, eq=False)
class Forerunner:
    """The cascade that a training begins from.

    ``labels`` maps labels of the new task to those of the old one that mean the same.
    """

    sha256: str
    file: str
    cascade: Cascade
    labels: Mapping[int, int]

    def parent(self) -> Parent:
        """Return what the card of a new network says of it."""
        return Parent(
            sha256=self.sha256, file=self.file, cells=tuple(self.cascade.card.learned.values())
        )


def read_forerunner(path: Path, plan: Plan, device: torch.device) -> Forerunner:
    """Return the network package that a plan begins from.

    Raises
    ------
    FileError, NetworkError
        If it cannot be read, or is not the one that was planned with.
    PlanError
        If its stages have other shapes than those of the plan.
    """
    assert plan.beginning is not None
    if not path.is_file() or sha256_of_file(path) != plan.beginning.network:
        raise NetworkError(f"{path}: is not the network any more that this training begins from.")
    cascade = load_package(path, device)
    old = cascade.card.plan
    if not same_shapes(plan.stages, old.stages):
        raise PlanError(
            f"{plan.beginning.file}: its stages have other shapes than those of the plan, so the "
            "training cannot begin from it; train from the beginning."
        )
    return Forerunner(
        sha256=plan.beginning.network,
        file=plan.beginning.file,
        cascade=cascade,
        labels=shared_labels(plan.task, old.task),
    )


def same_shapes(stages: Sequence[Stage], others: Sequence[Stage]) -> bool:
    """Tell whether the networks of two plans have the same layers, but for inputs and outputs."""

    def shapes(stages: Sequence[Stage]) -> list[tuple[bool, int, int]]:
        return [(stage.whole, stage.base_channels, stage.levels) for stage in stages]

    return shapes(stages) == shapes(others)


def shared_labels(task: Task, other: Task) -> dict[int, int]:
    """Return label → label in another task, of none of the classes and of those that are alike."""
    gathered = {frozenset(item.members): label for label, item in enumerate(other.classes, start=1)}
    pairs = {
        label: gathered.get(frozenset(item.members))
        for label, item in enumerate(task.classes, start=1)
    }
    return {0: 0} | {label: old for label, old in pairs.items() if old is not None}


def begin(
    network: UNet, stage: int, forerunner: Forerunner, unseen: Collection[str]
) -> frozenset[str] | None:
    """Let a new network of a stage (0 is the first) begin from an earlier one, if one may be taken.

    ``unseen`` are the sha256 of cells that it must not have learned from. Returns those of the
    cells that the earlier one learned from, None where the network begins from chance.
    """
    card = forerunner.cascade.card
    candidates = [(forerunner.cascade.networks[stage], frozenset(card.learned))]
    if stage == 0:
        known = (frozenset(cells) for cells in card.fold_cells)
        candidates += zip(forerunner.cascade.folds, known, strict=True)
    for earlier, seen in candidates:
        if seen.isdisjoint(unseen):
            copy_weights(network, earlier, forerunner.labels)
            return seen
    return None


@torch.no_grad()
def copy_weights(network: UNet, earlier: UNet, labels: Mapping[int, int]) -> None:
    """Copy all weights of an earlier network of the same shape.

    Outputs, and the inputs that carry their fields, are copied for the ``labels`` of the new
    network that are some of the earlier one's; the rest stays as it is.
    """
    old = {name: value.cpu() for name, value in earlier.state_dict().items()}
    new = network.state_dict()
    for name, value in new.items():
        if name in _HEAD:
            for label, other in labels.items():
                value[label] = old[name][other]
        elif name == _FIRST:
            # Input 0 is LAC, input k the field of label k; a first stage sees LAC alone.
            for label, other in labels.items():
                if label < value.shape[1] and other < old[name].shape[1]:
                    value[:, label] = old[name][:, other]
        else:
            value.copy_(old[name])
