"""Segment a new tomogram with a cascade."""

import math
import shutil
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import torch

from sxtstudio.core.calibration import tempered
from sxtstudio.core.errors import ShortageError
from sxtstudio.core.events import Notice, Progress, Report
from sxtstudio.core.grid import Shape, average, coarse_shape, resampled_planes
from sxtstudio.core.novelty import Description, Novelty, assess, describe_tomogram
from sxtstudio.core.novelty_map import NoveltyMap
from sxtstudio.core.plan import Plan
from sxtstudio.core.planes import slabs_along_z
from sxtstudio.core.prediction import Prediction
from sxtstudio.core.provenance import made_by
from sxtstudio.core.slabs import suggest_slabs
from sxtstudio.core.volume import LabelMap, Tomogram
from sxtstudio.engine.device import available_cores, device_words, resolve_device
from sxtstudio.engine.features import describe_look, look
from sxtstudio.engine.inference import TileInput, predict_slabs, tile_of
from sxtstudio.engine.lanes import Lanes
from sxtstudio.engine.package import Cascade, load_package
from sxtstudio.engine.preparation import scale_lac, shape_on_grid
from sxtstudio.io.files import sha256_of_file
from sxtstudio.io.memory import available_bytes, forget_pages

COARSE_MAPS = 6
"""Float32 feature maps that a pass over a whole coarse cell holds at once, as measured: 370 bytes a
voxel for 16 channels at 128³ and 160³."""

_PLANES = 64
"""About so many planes of a tomogram are averaged at a time."""

_PLANES_AT_ONCE = 8
"""So many planes of a tomogram are scaled, and of probabilities written, at a time."""

Arrays = tuple[np.ndarray, np.ndarray, np.ndarray]
"""Labels uint8 (Z, Y, X), probabilities uint8 (K, Z, Y, X), uncertainty uint8 (Z, Y, X)."""


def predict_cascade(
    network: Path,
    tomogram: Tomogram,
    folder: Path,
    report: Report,
    *,
    device: str = "auto",
    threads: int | None = None,
) -> Prediction:
    """Return what a network package says about a tomogram, on the tomogram's own grid.

    A tomogram with another voxel size than the network's is resampled, and the labels back. The
    probabilities are memory maps in ``folder``.

    Raises
    ------
    FileError, NetworkError
        If the package cannot be read.
    ShortageError
        If there is too little memory, or room in ``folder``.
    """
    processor = resolve_device(device)
    count = threads or available_cores()
    cascade = load_package(network, processor)
    report(Notice(text=f"Segmenting on {device_words(processor, count)}."))
    plan = cascade.card.plan
    shape = shape_on_grid(tomogram, plan.voxel_size_um)
    folder.mkdir(parents=True, exist_ok=True)
    _check_room(folder, shape, tomogram.shape, len(plan.task.classes))
    _check_memory(plan, shape)
    scaled_ZYX = _scaled(tomogram, plan, shape, folder, report)
    bare = describe_tomogram("", tomogram)
    with closing(Lanes(processor, count)) as lanes:
        seen = _look(cascade, scaled_ZYX, bare, lanes, report)
        arrays = _predict(cascade, scaled_ZYX, seen.field_KZYX, folder, lanes, report)
    if shape != tomogram.shape:
        arrays = _back(arrays, tomogram.shape, folder)
    novelty_map = _novelty_map(seen.levels_ZYX, plan, shape, tomogram.shape)
    novelty = _novelty(seen.cell, cascade, arrays, novelty_map)
    return _prediction(cascade, network, tomogram, arrays, (novelty, novelty_map))


def _prediction(
    cascade: Cascade,
    network: Path,
    tomogram: Tomogram,
    arrays: Arrays,
    novelty: tuple[Novelty | None, NoveltyMap | None],
) -> Prediction:
    label_ZYX, probability_KZYX, uncertainty_ZYX = arrays
    task, sha256 = cascade.card.plan.task, sha256_of_file(network)
    return Prediction(
        label_map=LabelMap(
            labels_ZYX=label_ZYX, names=task.names, voxel_size_um=tomogram.voxel_size_um
        ),
        probability_KZYX=probability_KZYX,
        uncertainty_ZYX=uncertainty_ZYX,
        task=task.name,
        network_sha256=sha256,
        colours=cascade.card.colours,
        made_by=made_by("engine.predicting.predict_cascade", inputs=(sha256,)),
        novelty=novelty[0],
        novelty_map=novelty[1],
    )


def _check_room(folder: Path, shape: Shape, own: Shape, classes: int) -> None:
    """Raise `ShortageError` if what is kept in a folder meanwhile does not fit on its disk.

    Memory maps of files that do not fit would end the program without a word.
    """
    needed = math.prod(shape) * (np.dtype(np.float16).itemsize + classes + 2)
    needed += math.prod(own) * (classes + 2) if own != shape else 0
    free = shutil.disk_usage(folder).free
    if needed > free:
        raise ShortageError(
            f"{folder}: segmenting {' × '.join(map(str, own))} voxels keeps {needed / 2**30:.1f} "
            f"GiB on disk meanwhile, and {free / 2**30:.1f} GiB are free; free some, or name a "
            "folder on a larger disk in the environment variable TMPDIR."
        )


def _check_memory(plan: Plan, shape: Shape) -> None:
    """Raise `ShortageError` if what a cell takes at once would not fit into memory.

    That is the whole cell on the coarse grid, or the planes that tiles still add to.
    """
    first, last = plan.stages[0], plan.stages[-1]
    depth = tile_of(last.patch, shape)[0]
    fine = 4 * shape[1] * shape[2] * depth * (2 * len(plan.task.classes) + 3)
    coarse = 4 * math.prod(coarse_shape(shape, first.factor)) * first.base_channels * COARSE_MAPS
    needed = max(fine, coarse if first.whole else 0)
    free = available_bytes()
    if needed > free:
        words = ""
        if needed > fine:
            z, y, x = (n * f for n, f in zip(first.patch, first.factor, strict=True))
            words = f"; the network learned from cells of at most {z} × {y} × {x} of its voxels"
        raise ShortageError(
            f"Segmenting {' × '.join(map(str, shape))} voxels takes {needed / 2**30:.1f} GiB of "
            f"memory, and {free / 2**30:.1f} GiB are free{words}; close other programs, or crop "
            "or bin the tomogram."
        )


def _scaled(
    tomogram: Tomogram, plan: Plan, shape: Shape, folder: Path, report: Report
) -> np.ndarray:
    """Return what networks see of a tomogram, on their grid, as a memory map of float16."""
    path = folder / "scaled.npy"
    scaled_ZYX = np.lib.format.open_memmap(path, mode="w+", dtype=np.float16, shape=shape)
    slabs = slabs_along_z(tomogram.lac_ZYX)
    if shape != tomogram.shape:
        report(Notice(text=_resampling_words(tomogram, plan), level="warning"))
        slabs = (plane[None] for plane in resampled_planes(tomogram.lac_ZYX, shape))
    start = 0
    for slab_ZYX in slabs:
        for first in range(0, len(slab_ZYX), _PLANES_AT_ONCE):
            few_ZYX = slab_ZYX[first : first + _PLANES_AT_ONCE]
            scaled_ZYX[start : start + len(few_ZYX)] = scale_lac(few_ZYX, plan)
            start += len(few_ZYX)
        report(Progress(text="reading the tomogram", fraction=0.02 * start / shape[0]))
        forget_pages(scaled_ZYX)
    return scaled_ZYX


def _averaged(scaled_ZYX: np.ndarray, factor: Shape) -> np.ndarray:
    """Return the mean over blocks of ``factor`` voxels of a memory map, read some planes a time."""
    step = factor[0] * -(-_PLANES // factor[0])
    parts: list[np.ndarray] = []
    for start in range(0, len(scaled_ZYX), step):
        parts.append(average(scaled_ZYX[start : start + step], factor))
        forget_pages(scaled_ZYX)
    return np.concatenate(parts)


def _novelty(
    cell: Description,
    cascade: Cascade,
    arrays: Arrays,
    novelty_map: NoveltyMap | None,
) -> Novelty | None:
    """Return how a cell compares with those of the network, and what to draw if it differs."""
    novelty = assess(cell, cascade.card.references)
    if novelty is None or not novelty.alarm:
        return novelty
    return replace(novelty, slabs=suggest_slabs(arrays[2], arrays[0], novelty_map))


def _novelty_map(
    levels_ZYX: np.ndarray | None, plan: Plan, shape: Shape, own: Shape
) -> NoveltyMap | None:
    """Return a map of the tomogram's ``own`` grid from levels on that of the coarse network."""
    if levels_ZYX is None:
        return None
    factors = zip(plan.stages[0].factor, own, shape, strict=True)
    z, y, x = (factor * here / there for factor, here, there in factors)
    return NoveltyMap(levels_ZYX=levels_ZYX, step=(z, y, x))


@dataclass(frozen=True, kw_only=True, eq=False)
class _Seen:
    """What the coarse network makes of the cell; only the description where there is none.

    ``levels_ZYX`` are those of a novelty map, None where the package cannot tell them.
    """

    cell: Description
    field_KZYX: np.ndarray | None = None
    levels_ZYX: np.ndarray | None = None


def _look(
    cascade: Cascade, scaled_ZYX: np.ndarray, bare: Description, lanes: Lanes, report: Report
) -> _Seen:
    """Return what the coarse network sees of the cell, in one pass."""
    plan, familiarity = cascade.card.plan, cascade.familiarity
    if len(plan.stages) == 1:
        return _Seen(cell=bare)
    report(Progress(text="segmenting, stage 1", fraction=0.02))
    coarse_ZYX = _averaged(scaled_ZYX, plan.stages[0].factor)
    seen = look(cascade.networks[0], coarse_ZYX, lanes.device)
    return _Seen(
        cell=describe_look(bare, seen, coarse_ZYX, plan),
        field_KZYX=seen.field_KZYX,
        levels_ZYX=familiarity.levels(seen.voxels_CZYX) if familiarity else None,
    )


def _predict(
    cascade: Cascade,
    scaled_ZYX: np.ndarray,
    field_KZYX: np.ndarray | None,
    folder: Path,
    lanes: Lanes,
    report: Report,
) -> Arrays:
    plan = cascade.card.plan
    classes = len(plan.task.classes)
    arrays = _new_arrays(folder, "", classes, scaled_ZYX.shape)
    field = None if field_KZYX is None else torch.from_numpy(field_KZYX).to(lanes.device)
    factor: Shape = plan.stages[0].factor
    source = TileInput(scaled_ZYX=scaled_ZYX, field_KZYX=field, factor=factor)
    text = f"segmenting, stage {len(plan.stages)}"
    slabs = predict_slabs(
        cascade.networks[-1],
        source,
        plan.stages[-1],
        lanes,
        lambda done: report(Progress(text=text, fraction=0.02 + 0.98 * done)),
    )
    calibration = cascade.card.calibration
    temperature = calibration.temperature if calibration else 1.0
    for slab in slabs:
        for first in range(0, slab.p_KZYX.shape[1], _PLANES_AT_ONCE):
            few = slice(first, first + _PLANES_AT_ONCE)
            _write(arrays, slab.start + first, tempered(slab.p_KZYX[:, few], temperature))
        for it in (scaled_ZYX, *arrays):
            forget_pages(it)
        del slab  # or it would be held while the next one is made
    return arrays


def _write(arrays: Arrays, start: int, p_KZYX: np.ndarray) -> None:
    """Write what follows from the probabilities (none first) of some planes."""
    planes = slice(start, start + p_KZYX.shape[1])
    arrays[0][planes] = p_KZYX.argmax(0)
    arrays[1][:, planes] = np.rint(p_KZYX[1:] * 255)
    arrays[2][planes] = np.rint((1 - p_KZYX.max(0)).clip(0, 1) * 255)


def _new_arrays(folder: Path, prefix: str, classes: int, shape: tuple[int, ...]) -> Arrays:
    def new(name: str, wanted: tuple[int, ...]) -> np.ndarray:
        path = folder / f"{prefix}{name}.npy"
        return np.lib.format.open_memmap(path, mode="w+", dtype=np.uint8, shape=wanted)

    return new("labels", shape), new("probability", (classes, *shape)), new("uncertainty", shape)


def _back(arrays: Arrays, shape: Shape, folder: Path) -> Arrays:
    """Return the arrays on the tomogram's own grid; labels are the likeliest there."""
    fields_KZYX = arrays[1]
    result = _new_arrays(folder, "own_grid_", len(fields_KZYX), shape)
    planes = zip(*(resampled_planes(field, shape) for field in fields_KZYX), strict=True)
    for z, plane in enumerate(planes):
        p_KYX = np.stack(plane) / np.float32(255)
        none_YX = (1 - p_KYX.sum(0)).clip(0)
        _write(result, z, np.stack([none_YX, *p_KYX])[:, None])
        for it in (fields_KZYX, *result):
            forget_pages(it)
    return result


def _resampling_words(tomogram: Tomogram, plan: Plan) -> str:
    here, there = (
        " × ".join(f"{edge * 1000:.4g}" for edge in size)
        for size in (tomogram.voxel_size_um, plan.voxel_size_um)
    )
    return (
        f"The tomogram's voxels are {here} nm, those the network learned from {there} nm; it is "
        "resampled, and small structures may suffer."
    )
