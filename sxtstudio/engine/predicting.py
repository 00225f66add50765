"""Segment a new tomogram with a cascade."""

from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import torch

from sxtstudio.core.calibration import tempered
from sxtstudio.core.events import Notice, Progress, Report
from sxtstudio.core.grid import Shape, average, resample
from sxtstudio.core.novelty import Description, Novelty, assess, describe_tomogram
from sxtstudio.core.novelty_map import NoveltyMap
from sxtstudio.core.plan import Plan
from sxtstudio.core.prediction import Prediction
from sxtstudio.core.provenance import made_by
from sxtstudio.core.slabs import suggest_slabs
from sxtstudio.core.volume import LabelMap, Tomogram
from sxtstudio.engine.device import available_cores, device_words, resolve_device
from sxtstudio.engine.features import describe_look, look
from sxtstudio.engine.inference import TileInput, predict_slabs
from sxtstudio.engine.lanes import Lanes
from sxtstudio.engine.package import Cascade, load_package
from sxtstudio.engine.preparation import scale_lac, shape_on_grid
from sxtstudio.io.files import sha256_of_file


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
    """
    processor = resolve_device(device)
    count = threads or available_cores()
    cascade = load_package(network, processor)
    report(Notice(text=f"Segmenting on {device_words(processor, count)}."))
    plan = cascade.card.plan
    shape = shape_on_grid(tomogram, plan.voxel_size_um)
    scaled_ZYX = _scaled(tomogram, plan, shape, report)
    bare = describe_tomogram("", tomogram)
    with closing(Lanes(processor, count)) as lanes:
        seen = _look(cascade, scaled_ZYX, bare, lanes, report)
        arrays = _predict(cascade, scaled_ZYX, seen.field_KZYX, folder, lanes, report)
    if shape != tomogram.shape:
        arrays = _back(arrays, tomogram.shape, folder)
    label_ZYX, probability_KZYX, uncertainty_ZYX = arrays
    novelty_map = _novelty_map(seen.levels_ZYX, plan, shape, tomogram.shape)
    sha256 = sha256_of_file(network)
    return Prediction(
        label_map=LabelMap(
            labels_ZYX=label_ZYX, names=plan.task.names, voxel_size_um=tomogram.voxel_size_um
        ),
        probability_KZYX=probability_KZYX,
        uncertainty_ZYX=uncertainty_ZYX,
        task=plan.task.name,
        network_sha256=sha256,
        colours=cascade.card.colours,
        made_by=made_by("engine.predicting.predict_cascade", inputs=(sha256,)),
        novelty=_novelty(seen.cell, cascade, uncertainty_ZYX, label_ZYX, novelty_map),
        novelty_map=novelty_map,
    )


def _scaled(tomogram: Tomogram, plan: Plan, shape: Shape, report: Report) -> np.ndarray:
    """Return what networks see of a tomogram, on their grid, float16."""
    lac_ZYX = np.asarray(tomogram.lac_ZYX)
    if shape != tomogram.shape:
        report(Notice(text=_resampling_words(tomogram, plan), level="warning"))
        lac_ZYX = resample(lac_ZYX, shape, order=1)
    return scale_lac(lac_ZYX, plan).astype(np.float16)


def _novelty(
    cell: Description,
    cascade: Cascade,
    uncertainty_ZYX: np.ndarray,
    label_ZYX: np.ndarray,
    novelty_map: NoveltyMap | None,
) -> Novelty | None:
    """Return how a cell compares with those of the network, and what to draw if it differs."""
    novelty = assess(cell, cascade.card.references)
    if novelty is None or not novelty.alarm:
        return novelty
    return replace(novelty, slabs=suggest_slabs(uncertainty_ZYX, label_ZYX, novelty_map))


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
    report(Progress(text="segmenting, stage 1", fraction=0.0))
    coarse_ZYX = average(scaled_ZYX, plan.stages[0].factor)
    seen = look(cascade.networks[0], coarse_ZYX, lanes.device)
    return _Seen(
        cell=describe_look(bare, seen, coarse_ZYX, plan),
        field_KZYX=seen.field_KZYX,
        levels_ZYX=familiarity.levels(seen.voxels_CZYX) if familiarity else None,
    )


Arrays = tuple[np.ndarray, np.ndarray, np.ndarray]
"""Labels uint8 (Z, Y, X), probabilities uint8 (K, Z, Y, X), uncertainty uint8 (Z, Y, X)."""


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
    folder.mkdir(parents=True, exist_ok=True)
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
        planes = slice(slab.start, slab.start + slab.p_KZYX.shape[1])
        p_KZYX = tempered(slab.p_KZYX, temperature)
        arrays[0][planes] = p_KZYX.argmax(0)
        arrays[1][:, planes] = np.rint(p_KZYX[1:] * 255)
        arrays[2][planes] = np.rint((1 - p_KZYX.max(0)).clip(0, 1) * 255)
    return arrays


def _new_arrays(folder: Path, prefix: str, classes: int, shape: tuple[int, ...]) -> Arrays:
    def new(name: str, wanted: tuple[int, ...]) -> np.ndarray:
        path = folder / f"{prefix}{name}.npy"
        return np.lib.format.open_memmap(path, mode="w+", dtype=np.uint8, shape=wanted)

    return new("labels", shape), new("probability", (classes, *shape)), new("uncertainty", shape)


def _back(arrays: Arrays, shape: Shape, folder: Path) -> Arrays:
    """Return the arrays on the tomogram's own grid: nearest for labels, linear for the others."""
    labels, probability, uncertainty = arrays
    result = _new_arrays(folder, "own_grid_", len(probability), shape)
    result[0][:] = resample(labels, shape, order=0)
    for index, values in enumerate(probability):
        result[1][index] = resample(values, shape, order=1)
    result[2][:] = resample(uncertainty, shape, order=1)
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
