"""Network packages: all weights of a cascade and its card in one safetensors file."""

from dataclasses import dataclass
from pathlib import Path

import msgspec
import numpy as np
import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save

from sxtstudio.core.errors import NetworkError
from sxtstudio.core.network_card import NetworkCard
from sxtstudio.core.plan import Plan
from sxtstudio.core.records import to_json
from sxtstudio.engine.familiarity import ClassFeatures, Familiarity
from sxtstudio.engine.unet import UNet
from sxtstudio.io.files import write_atomically
from sxtstudio.io.network_card import METADATA_KEY, read_network_card

_FAMILIARITY = ("familiarity/mean", "familiarity/whitening", "familiarity/ordinary")


@dataclass(frozen=True, kw_only=True, eq=False)
class Cascade:
    """The networks of all stages, coarsest first, ready to predict, and their card.

    ``folds`` are the cross-fitted networks of the first stage, in the order of the plan's folds;
    none where there was nothing to cross-fit, or an older program wrote the package.
    ``familiarity`` tells unlike places of a cell, None where no network looks at whole cells, none
    could be told honestly, or an older program wrote the package.
    """

    card: NetworkCard
    networks: tuple[UNet, ...]
    folds: tuple[UNet, ...] = ()
    familiarity: Familiarity | None = None


def make_network(plan: Plan, stage: int) -> UNet:
    """Return the untrained network of a stage (0 is the first)."""
    classes = len(plan.task.classes)
    spec = plan.stages[stage]
    inputs = 1 if stage == 0 else 1 + classes
    return UNet(inputs, classes + 1, spec.base_channels, spec.levels)


def save_package(path: Path, cascade: Cascade) -> None:
    """Write a cascade to one file, or leave what stood there."""
    named = {f"stage{n}": network for n, network in enumerate(cascade.networks, start=1)}
    named |= {f"stage1-fold{n}": network for n, network in enumerate(cascade.folds, start=1)}
    tensors = {
        f"{place}/{name}": value.detach().cpu().contiguous()
        for place, network in named.items()
        for name, value in network.state_dict().items()
    }
    if cascade.familiarity is not None:
        tensors |= _familiarity_tensors(cascade.familiarity)
    with write_atomically(path) as temporary:
        temporary.write_bytes(save(tensors, {METADATA_KEY: to_json(cascade.card)}))


def load_package(path: Path, device: torch.device) -> Cascade:
    """Return the cascade of a network package.

    Raises
    ------
    FileError
        If the file is missing, damaged, or no network.
    NetworkError
        If its weights do not fit its own plan.
    """
    card = read_network_card(path)
    try:
        with safe_open(str(path), framework="pt") as file:
            stages = range(len(card.plan.stages))
            networks = tuple(_read(file, f"stage{n + 1}", card.plan, n, device) for n in stages)
            folds = tuple(
                _read(file, f"stage1-fold{n + 1}", card.plan, 0, device)
                for n in range(len(card.fold_cells))
            )
            familiarity = _read_familiarity(file, _features(card.plan))
    except (SafetensorError, RuntimeError, OSError, msgspec.MsgspecError) as error:
        raise NetworkError(
            f"{path}: the weights in it are damaged or do not fit its plan; train it again or get "
            "another copy."
        ) from error
    return Cascade(card=card, networks=networks, folds=folds, familiarity=familiarity)


def _read(file: safe_open, place: str, plan: Plan, stage: int, device: torch.device) -> UNet:
    names: list[str] = list(file.keys())
    prefix = f"{place}/"
    weights = {
        name.removeprefix(prefix): file.get_tensor(name)
        for name in names
        if name.startswith(prefix)
    }
    network = make_network(plan, stage)
    network.load_state_dict(weights)
    return network.to(device).eval()


def _features(plan: Plan) -> int:
    """Return the number of features of a voxel: those of the last layer but one, and its LAC."""
    return plan.stages[0].base_channels + 1


def _familiarity_tensors(familiarity: Familiarity) -> dict[str, torch.Tensor]:
    arrays = (
        familiarity.classes.mean_KC,
        familiarity.classes.whitening_KCC,
        familiarity.ordinary,
    )
    return {
        name: torch.from_numpy(np.ascontiguousarray(values))
        for name, values in zip(_FAMILIARITY, arrays, strict=True)
    }


def _read_familiarity(file: safe_open, features: int) -> Familiarity | None:
    """Return what an older program did not write as None.

    Raises
    ------
    RuntimeError
        If the parts do not fit one another or the network.
    """
    if not set(_FAMILIARITY) <= set(file.keys()):
        return None
    mean, whitening, ordinary = (file.get_tensor(name).float().numpy() for name in _FAMILIARITY)
    classes = len(mean)
    fits = mean.shape == (classes, features) and whitening.shape == (classes, features, features)
    if not (fits and classes and ordinary.ndim == 1 and ordinary.size):
        raise RuntimeError("what tells unlike places does not fit the network")
    return Familiarity(
        classes=ClassFeatures(mean_KC=mean, whitening_KCC=whitening), ordinary=ordinary
    )
