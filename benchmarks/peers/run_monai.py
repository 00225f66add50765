"""MONAI's side of the comparison: ``python run_monai.py FOLDER`` does the job in a folder.

The recipe of its tutorials, for cells: intensities scaled alike in all of them, cells kept in
memory, patches half of which show a class at their centre, flips, quarter turns, small rotations,
noise and shifts of intensity, Dice and cross-entropy, AdamW with a cosine over the budget, windows
that overlap by a quarter with Gaussian weights. Three networks: ``monai`` is DynUNet,
``monai-unet`` the UNet with a strided stem and two residual units, ``monai-bf16`` DynUNet in
bfloat16.
"""

import math
import sys
from pathlib import Path

import numpy as np
import torch
from job import (
    Clock,
    Job,
    Report,
    core_seconds,
    keep_prediction,
    labels_of,
    lac_of,
    read_job,
    timed,
    write_report,
)
from monai import __version__
from monai.data import CacheDataset, DataLoader
from monai.inferers import sliding_window_inference
from monai.losses import DiceCELoss
from monai.networks.nets import DynUNet, UNet
from monai.transforms import (
    Compose,
    EnsureChannelFirstd,
    NormalizeIntensityd,
    RandCropByPosNegLabeld,
    RandFlipd,
    RandGaussianNoised,
    RandRotate90d,
    RandRotated,
    RandScaleIntensityd,
    RandShiftIntensityd,
    SpatialPadd,
)
from monai.utils import set_determinism

PATCH = 48
CHANNELS = (16, 32, 64, 128)
CROPS = 2
LEARNING_RATE = 2e-3
WEIGHT_DECAY = 1e-5
WARM_UP = 0.04
LARGEST_GRADIENT = 12.0
OVERLAP = 0.25
PLANES = ((0, 1), (0, 2), (1, 2))

Shape = tuple[int, int, int]


def main() -> None:
    """Do the job."""
    folder = Path(sys.argv[1])
    job = read_job(folder)
    report = Report(version=__version__, start_up_core_s=core_seconds())
    torch.set_num_threads(job.threads)
    set_determinism(job.seed)
    patch = _patch(min((lac_of(folder, item).shape for item in job.training), key=min))
    network = _network(job, patch)
    with timed(report, "preparing_core_s"):
        shift, scale = _intensities(folder, job)
        loader = _loader(folder, job, patch, shift, scale)
    _train(network, loader, job, report)
    network.eval()
    for item in job.unseen:
        values_ZYX = (lac_of(folder, item) - shift) / scale
        with timed(report, "predicting_core_s"):
            keep_prediction(folder, item, _predict(network, values_ZYX, patch, job))
        report.predicted_voxels += values_ZYX.size
    parameters = sum(p.numel() for p in network.parameters())
    report.notes.append(f"patch {'×'.join(map(str, patch))}, {parameters / 1e6:.1f} M parameters")
    write_report(folder, report)


def _patch(shape: tuple[int, ...]) -> Shape:
    """Return a patch that the cells hold, its edges multiples of 8 where they are long enough."""
    z, y, x = (min(PATCH, max(8, edge // 8 * 8)) for edge in shape)
    return (z, y, x)


def _network(job: Job, patch: Shape) -> torch.nn.Module:
    outputs = len(job.classes) + 1
    if job.tool == "monai-unet":
        return UNet(3, 1, outputs, CHANNELS, _strides(patch)[1:], num_res_units=2)
    kernels = [[3, 3, 3]] * len(CHANNELS)
    strides = [list(stride) for stride in _strides(patch)]
    return DynUNet(3, 1, outputs, kernels, strides, strides[1:], filters=CHANNELS)


def _strides(patch: Shape) -> list[Shape]:
    """Return the stride of each level; an axis is halved as long as four voxels are left."""
    strides: list[Shape] = [(1, 1, 1)]
    left = list(patch)
    for _ in CHANNELS[1:]:
        z, y, x = (2 if edge >= 8 else 1 for edge in left)
        strides.append((z, y, x))
        left = [edge // step for edge, step in zip(left, (z, y, x), strict=True)]
    return strides


def _intensities(folder: Path, job: Job) -> tuple[float, float]:
    """Return mean and standard deviation of all cells to train on together."""
    values = np.concatenate([lac_of(folder, item).reshape(-1)[::7] for item in job.training])
    return float(values.mean()), float(values.std())


def _loader(folder: Path, job: Job, patch: Shape, shift: float, scale: float) -> DataLoader:
    both = ["image", "label"]
    turned = [pair for pair in PLANES if patch[pair[0]] == patch[pair[1]]]
    steps = [
        EnsureChannelFirstd(both, channel_dim="no_channel"),
        NormalizeIntensityd("image", subtrahend=shift, divisor=scale),
        SpatialPadd(both, patch),
        RandCropByPosNegLabeld(both, "label", patch, pos=1, neg=1, num_samples=CROPS),
        *(RandFlipd(both, prob=0.5, spatial_axis=axis) for axis in range(3)),
        *(RandRotate90d(both, prob=0.5, spatial_axes=pair) for pair in turned),
        RandRotated(
            both, range_x=0.5, range_y=0.5, range_z=0.5, prob=0.2, mode=["bilinear", "nearest"]
        ),
        RandScaleIntensityd("image", factors=0.1, prob=0.5),
        RandShiftIntensityd("image", offsets=0.1, prob=0.5),
        RandGaussianNoised("image", prob=0.2, std=0.1),
    ]
    data = [
        {"image": lac_of(folder, item), "label": labels_of(folder, item)} for item in job.training
    ]
    cells = CacheDataset(data, Compose(steps), num_workers=1, progress=False)
    return DataLoader(cells, batch_size=1, shuffle=True, num_workers=0)


def _train(network: torch.nn.Module, loader: DataLoader, job: Job, report: Report) -> None:
    optimiser = torch.optim.AdamW(network.parameters(), LEARNING_RATE, weight_decay=WEIGHT_DECAY)
    loss_of = DiceCELoss(to_onehot_y=True, softmax=True)
    batches = iter(loader)
    clock = Clock(job.budget_core_s)
    network.train()
    for step in clock.steps():
        for group in optimiser.param_groups:
            group["lr"] = LEARNING_RATE * _rate(clock.used)
        batch = next(batches, None)
        if batch is None:
            batches = iter(loader)
            batch = next(batches)
        with torch.autocast("cpu", torch.bfloat16, enabled=job.tool == "monai-bf16"):
            logits = network(batch["image"].as_tensor())
        loss = loss_of(logits.float(), batch["label"].as_tensor())
        optimiser.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(network.parameters(), LARGEST_GRADIENT)
        optimiser.step()
        report.steps = step
    report.training_core_s = clock.spent
    report.step_core_s = clock.spent / report.steps


def _rate(used: float) -> float:
    if used < WARM_UP:
        return max(0.02, used / WARM_UP)
    return 0.5 * (1 + math.cos(math.pi * (used - WARM_UP) / (1 - WARM_UP)))


@torch.inference_mode()
def _predict(
    network: torch.nn.Module, values_ZYX: np.ndarray, patch: Shape, job: Job
) -> np.ndarray:
    batch = torch.from_numpy(values_ZYX[None, None].astype(np.float32))
    with torch.autocast("cpu", torch.bfloat16, enabled=job.tool == "monai-bf16"):
        logits = sliding_window_inference(
            batch, patch, sw_batch_size=2, predictor=network, overlap=OVERLAP, mode="gaussian"
        )
    return logits[0].argmax(0).numpy()


if __name__ == "__main__":
    main()
