"""Network packages: all weights of a cascade and its card in one safetensors file."""

from dataclasses import dataclass
from pathlib import Path

import msgspec
import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save

from sxtstudio.core.errors import NetworkError
from sxtstudio.core.network_card import NetworkCard
from sxtstudio.core.plan import Plan
from sxtstudio.core.records import to_json
from sxtstudio.engine.unet import UNet
from sxtstudio.io.files import write_atomically
from sxtstudio.io.network_card import METADATA_KEY, read_network_card


@dataclass(frozen=True, kw_only=True, eq=False)
class Cascade:
    """The networks of all stages, coarsest first, ready to predict, and their card.

    ``folds`` are the cross-fitted networks of the first stage, in the order of the plan's folds;
    none where there was nothing to cross-fit, or an older program wrote the package.
    """

    card: NetworkCard
    networks: tuple[UNet, ...]
    folds: tuple[UNet, ...] = ()


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
    except (SafetensorError, RuntimeError, OSError, msgspec.MsgspecError) as error:
        raise NetworkError(
            f"{path}: the weights in it are damaged or do not fit its plan; train it again or get "
            "another copy."
        ) from error
    return Cascade(card=card, networks=networks, folds=folds)


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
