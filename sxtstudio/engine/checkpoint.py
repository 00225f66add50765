"""A training's whole state in one file: tensors and JSON (safetensors), replaced atomically."""

from dataclasses import dataclass
from pathlib import Path

import msgspec
import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save

from sxtstudio.core.errors import FileError
from sxtstudio.io.files import write_atomically


@dataclass(frozen=True, kw_only=True)
class TrainingState:
    """Where a training stands: ``identity`` names plan, data, stage and fold it belongs to."""

    identity: str
    step: int
    elapsed_s: float
    done: bool


def save_checkpoint(
    path: Path,
    state: TrainingState,
    network: torch.nn.Module,
    average: dict[str, torch.Tensor],
    optimiser: torch.optim.Optimizer,
) -> None:
    """Write weights, their running average and the optimiser's moments, or leave the old file."""
    tensors = {f"network/{name}": value for name, value in network.state_dict().items()}
    tensors |= {f"average/{name}": value for name, value in average.items()}
    for index, moments in optimiser.state_dict()["state"].items():
        tensors |= {f"optimiser/{index}/{name}": value for name, value in moments.items()}
    plain = {name: value.detach().cpu().contiguous() for name, value in tensors.items()}
    content = save(plain, {"state": msgspec.json.encode(state).decode()})
    with write_atomically(path) as temporary:
        temporary.write_bytes(content)


def read_state(path: Path) -> TrainingState | None:
    """Return what a checkpoint says of itself, or None where there is none.

    Raises
    ------
    FileError
        If the file is damaged.
    """
    if not path.exists():
        return None
    with _opened(path) as file:
        return msgspec.json.decode(file.metadata()["state"], type=TrainingState)


def load_checkpoint(
    path: Path,
    network: torch.nn.Module,
    average: dict[str, torch.Tensor],
    optimiser: torch.optim.Optimizer,
) -> None:
    """Put a checkpoint's tensors back into a network, its average and its optimiser.

    Raises
    ------
    FileError
        If the file is damaged.
    """
    with _opened(path) as file:
        tensors: dict[str, torch.Tensor] = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118 - no mapping
    network.load_state_dict(_below(tensors, "network/"))
    average |= {
        name: value.to(average[name].device) for name, value in _below(tensors, "average/").items()
    }
    packed = optimiser.state_dict()
    moments: dict[int, dict[str, torch.Tensor]] = {}
    for name, value in _below(tensors, "optimiser/").items():
        index, _, moment = name.partition("/")
        moments.setdefault(int(index), {})[moment] = value
    optimiser.load_state_dict({"state": moments, "param_groups": packed["param_groups"]})


def _opened(path: Path) -> safe_open:
    try:
        return safe_open(str(path), framework="pt")
    except (SafetensorError, OSError) as error:
        raise FileError(
            f"{path}: this checkpoint is damaged ({error}); start again without --resume."
        ) from error


def _below(tensors: dict[str, torch.Tensor], prefix: str) -> dict[str, torch.Tensor]:
    return {n.removeprefix(prefix): value for n, value in tensors.items() if n.startswith(prefix)}
