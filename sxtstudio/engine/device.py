"""Which processor trains and predicts, and how many threads it may use."""

import os
from collections.abc import Sequence
from typing import Literal

import torch

from sxtstudio.core.errors import PlanError
from sxtstudio.core.plan import Stage

SAFE_DEPTH = 3


def resolve_device(word: str) -> torch.device:
    """Return the device that ``auto``, ``cpu`` or ``cuda`` means on this machine.

    Raises
    ------
    PlanError
        If CUDA is asked for and cannot be used, or the word is another one.
    """
    if word not in ("auto", "cpu", "cuda"):
        raise PlanError(f"There is no device {word!r}; choose auto, cpu or cuda.")
    if word == "cuda" and not torch.cuda.is_available():
        raise PlanError(
            "No NVIDIA GPU can be used here (none found, or its driver is too old for this "
            "program); choose --device cpu or auto."
        )
    return torch.device("cuda" if word != "cpu" and torch.cuda.is_available() else "cpu")


def available_cores() -> int:
    """Return how many cores this process may run on."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def training_precision(
    device: torch.device, stages: Sequence[Stage]
) -> Literal["float32", "bfloat16"]:
    """Return bfloat16 where the processor computes it in hardware and rightly, else float32.

    Without such instructions a CPU emulates bfloat16 several times slower than float32; with them
    a training step takes about half the time. For features that are two planes deep torch 2.13's
    weight gradients hold memory that was never written (found by comparing them with float32), so
    flat patches are trained in float32.
    """
    if device.type == "cpu" and has_flat_features(stages):
        return "float32"
    if device.type == "cuda":
        return "bfloat16" if torch.cuda.is_bf16_supported() else "float32"
    able = torch.cpu.get_capabilities()
    return "bfloat16" if able.get("avx512_bf16") or able.get("amx_bf16") else "float32"


def has_flat_features(stages: Sequence[Stage]) -> bool:
    """Return whether some stage's features get less than `SAFE_DEPTH` planes deep."""
    return any(min(s.patch) // 2 ** (s.levels - 1) < SAFE_DEPTH for s in stages)


def device_words(device: torch.device, threads: int) -> str:
    """Return the device in words for the user."""
    if device.type == "cuda":
        return f"the GPU {torch.cuda.get_device_name(device)}"
    return f"{threads} CPU core{'s' if threads > 1 else ''}"
