"""Segment one tomogram file without a project."""

import tempfile
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from sxtstudio.core.errors import FileError
from sxtstudio.core.events import Notice, Report, ignore
from sxtstudio.core.prediction import Prediction
from sxtstudio.core.volume import LabelMap, VoxelSize
from sxtstudio.io.network_card import read_network_card
from sxtstudio.io.volumes import read_volume
from sxtstudio.workflow.exporting import (
    HDF5_SUFFIXES,
    check_target,
    label_volume,
    write_probabilities,
    write_with_notes,
)
from sxtstudio.workflow.importing import import_tomogram
from sxtstudio.workflow.novelty import novelty_notice
from sxtstudio.workflow.shortage import SMALLER_TOMOGRAM, shortage_told


@dataclass(frozen=True, kw_only=True)
class FileSegmentation:
    """Segment ``tomogram`` with ``network`` into the label file ``out``.

    ``probabilities`` is an HDF5 file for the probability of every class. ``voxel_size_um`` and
    ``lac_per_unit`` override what the tomogram's file says.
    """

    tomogram: Path
    network: Path
    out: Path
    probabilities: Path | None = None
    voxel_size_um: VoxelSize | None = None
    lac_per_unit: float | None = None
    device: str = "auto"
    threads: int | None = None


def segment_file(request: FileSegmentation, report: Report = ignore) -> LabelMap:
    """Segment a tomogram file, write the labels and return them.

    Label k is the task's k-th class.

    Raises
    ------
    FileError
        If something cannot be read, or not be written where it is asked for.
    UnitError
        If voxel size or LAC scale are not known.
    NetworkError
        If the network cannot be used on this tomogram.
    """
    check_target(request.out)
    if request.probabilities is not None:
        check_target(request.probabilities, HDF5_SUFFIXES)
    for out in (request.out, request.probabilities):
        if out is not None and out.resolve() == request.tomogram.resolve():
            raise FileError(f"{out}: is the tomogram itself; give the result another name.")
    read_network_card(request.network)
    tomogram, notes = import_tomogram(
        read_volume(request.tomogram),
        request.tomogram.name,
        voxel_size_um=request.voxel_size_um,
        lac_per_unit=request.lac_per_unit,
        in_file=True,
    )
    for note in notes:
        report(Notice(text=note))
    from sxtstudio.engine.predicting import predict_cascade  # torch: only once it is needed

    with (
        tempfile.TemporaryDirectory(prefix="sxtstudio-", ignore_cleanup_errors=True) as folder,
        shortage_told(f"Segmenting {request.tomogram.name}", SMALLER_TOMOGRAM),
    ):
        prediction = predict_cascade(
            request.network,
            tomogram,
            Path(folder),
            report,
            device=request.device,
            threads=request.threads,
        )
        warning = novelty_notice(request.tomogram.name, prediction.novelty)
        if warning is not None:
            report(warning)
        return _write(request, prediction, report)


def _write(request: FileSegmentation, prediction: Prediction, report: Report) -> LabelMap:
    """Write labels and probabilities where they are asked for; return labels that stay."""
    label_map = prediction.label_map
    if request.probabilities is not None:
        write_probabilities(
            request.probabilities,
            list(prediction.probability_KZYX),
            label_map.names,
            label_map.voxel_size_um,
            prediction.made_by,
        )
    write_with_notes(request.out, label_volume(label_map, prediction.colours), report)
    return replace(label_map, labels_ZYX=np.array(label_map.labels_ZYX))
