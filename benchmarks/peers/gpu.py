"""What a GPU makes of SXT Studio: step time, share of convolutions, a 512³ cell.

    python gpu.py FOLDER

Prints one JSON line; prints ``{"skipped": …}`` where there is no GPU.
"""

import json
import sys
import time
from pathlib import Path

import numpy as np

TRAINING_CELLS, SIZE, LARGE, STEPS = 4, 192, 512, 120
SIMULATED = 256
"""Edge of the cell that is enlarged to the large one; simulating 512³ itself takes minutes."""

CONVOLUTIONS = ("conv", "xmma", "implicit_gemm", "dgrad", "wgrad", "cutlass", "cudnn")
"""Parts of the names of kernels that convolve."""


def main() -> None:
    """Measure."""
    import torch

    if not torch.cuda.is_available():
        print(json.dumps({"skipped": "no CUDA device"}))
        return
    folder = Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    print(json.dumps({"gpu": torch.cuda.get_device_name(), **_measure(folder)}))


def _measure(folder: Path) -> dict[str, float]:
    import torch
    from torch.profiler import ProfilerActivity, profile

    from sxtstudio.core.events import Event, Metrics
    from sxtstudio.core.ontology import default_ontology
    from sxtstudio.core.task import parse_task
    from sxtstudio.engine.cascade import train_cascade
    from sxtstudio.engine.planning import PlanRequest, make_plan
    from sxtstudio.engine.timing import measure_steps
    from sxtstudio.simulation.cells import simulate_cell

    ontology = default_ontology()
    task = parse_task("gpu", ("nucleus", "mitochondria", "chloroplast"), ontology)
    cells = [
        simulate_cell("alga", SIZE, np.random.default_rng([512, n]), name=f"alga{n}")
        for n in range(TRAINING_CELLS)
    ]
    plan = make_plan(task, cells, ontology, PlanRequest(device="cuda", steps=STEPS))
    steps_s = measure_steps(plan, cells, ontology)
    moments: list[float] = []

    def note(event: Event) -> None:
        if isinstance(event, Metrics):
            moments.append(time.monotonic())

    with profile(activities=[ProfilerActivity.CUDA]) as watched:
        network = train_cascade(plan, cells, ontology, folder / "network", note)
        torch.cuda.synchronize()
    total_us = convolving_us = 0.0
    for kernel in watched.key_averages():
        total_us += kernel.self_device_time_total
        if any(word in kernel.key.lower() for word in CONVOLUTIONS):
            convolving_us += kernel.self_device_time_total
    span_s = moments[-1] - moments[0] if len(moments) > 1 else float("nan")
    return {
        **{f"stage{n}_step_ms": round(1000 * s, 2) for n, s in enumerate(steps_s, 1)},
        "convolution_share_of_kernels": round(convolving_us / max(total_us, 1), 3),
        "convolution_share_of_wall": round(convolving_us / 1e6 / span_s, 3),
        **_large(network, folder),
    }


def _large(network: Path, folder: Path) -> dict[str, float]:
    """Return the seconds to segment a large cell, the first time and once all is warm."""
    import torch

    from sxtstudio.core.grid import resample
    from sxtstudio.core.volume import Tomogram
    from sxtstudio.engine.package import load_package
    from sxtstudio.engine.predicting import predict_cascade
    from sxtstudio.simulation.cells import simulate_cell

    voxel_size_um = load_package(network, torch.device("cpu")).card.plan.voxel_size_um
    cell = simulate_cell("alga", SIMULATED, np.random.default_rng(1024))
    lac_ZYX = resample(np.asarray(cell.tomogram.lac_ZYX), (LARGE,) * 3, order=1)
    tomogram = Tomogram(lac_ZYX=lac_ZYX, voxel_size_um=voxel_size_um)
    torch.cuda.reset_peak_memory_stats()
    found: dict[str, float] = {}
    for turn in ("first", "warm"):
        start = time.monotonic()
        predict_cascade(network, tomogram, folder / turn, lambda _: None, device="cuda")
        found[f"predict_512_{turn}_s"] = round(time.monotonic() - start, 2)
    return found | {"peak_gpu_gb": round(torch.cuda.max_memory_allocated() / 2**30, 2)}


if __name__ == "__main__":
    main()
