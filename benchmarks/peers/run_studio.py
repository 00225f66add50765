"""SXT Studio's side of the comparison: ``python run_studio.py FOLDER`` does the job in a folder.

Everything that Train brings about is charged to the budget: plan, preparation, folds, validation,
previews, scoring. The peers are charged for their training steps only.
"""

import sys
from pathlib import Path

import numpy as np
from job import (
    Item,
    Job,
    Report,
    core_seconds,
    keep_prediction,
    labels_of,
    lac_of,
    read_job,
    timed,
    wall_clock_of_core_seconds,
    write_report,
)

SCORING_SHARE = 0.04
SCORING_CORE_S = 4.0
"""What plan, preparation and scoring take of the budget, roughly; the rest is for training."""


def main() -> None:
    """Do the job."""
    folder = Path(sys.argv[1])
    job = read_job(folder)
    wall_clock_of_core_seconds(job.threads)
    import sxtstudio
    from sxtstudio.engine import cascade, planning, predicting  # noqa: F401 - timed start-up

    report = Report(version=sxtstudio.__version__, start_up_core_s=core_seconds())
    with timed(report, "training_core_s"):
        network = _train(folder, job, report)
    for item in job.unseen:
        _predict(folder, job, item, network, report)
    write_report(folder, report)
    for item in job.unseen:
        _predict_coarse(folder, item, network)


def _train(folder: Path, job: Job, report: Report) -> Path:
    from sxtstudio.core.events import Event, Metrics, Preview
    from sxtstudio.core.ontology import default_ontology
    from sxtstudio.core.task import parse_task
    from sxtstudio.engine.cascade import train_cascade
    from sxtstudio.engine.planning import PlanRequest, make_plan

    ontology = default_ontology()
    task = parse_task("benchmark", job.classes, ontology)
    cells = [_cell(folder, job, item) for item in job.training]
    spare = job.budget_core_s * (1 - SCORING_SHARE) - SCORING_CORE_S
    minutes = max(job.budget_core_s / 2, spare) / job.threads / 60
    request = PlanRequest(device="cpu", minutes=minutes, seed=job.seed, threads=job.threads)
    start = core_seconds()
    plan = make_plan(task, cells, ontology, request)
    done: dict[tuple[int, int], int] = {}
    paces_s: list[float] = []

    def note(event: Event) -> None:
        if isinstance(event, Metrics):
            done[event.stage, event.fold] = event.step
            if event.stage == len(plan.stages):
                paces_s.append(event.step_s)
        elif isinstance(event, Preview) and report.first_map_core_s is None:
            report.first_map_core_s = core_seconds() - start

    network = train_cascade(plan, cells, ontology, folder / "network", note)
    report.steps = sum(done.values())
    report.step_core_s = float(np.median(paces_s)) * job.threads
    words = ", ".join(f"stage {s} fold {f}: {n}" for (s, f), n in sorted(done.items()))
    report.notes.append(f"steps: {words}; {plan.precision}")
    return network


def _cell(folder: Path, job: Job, item: Item):  # noqa: ANN202 - a Cell; imported late on purpose
    from sxtstudio.core.cell import Annotation, Cell
    from sxtstudio.core.volume import LabelMap, Tomogram

    label_map = LabelMap(
        labels_ZYX=labels_of(folder, item),
        names=dict(enumerate(job.classes, start=1)),
        voxel_size_um=item.voxel_size_um,
    )
    return Cell(
        name=item.name,
        tomogram=Tomogram(lac_ZYX=lac_of(folder, item), voxel_size_um=item.voxel_size_um),
        annotations=(Annotation(label_map=label_map, complete=frozenset(job.classes)),),
    )


def _predict(folder: Path, job: Job, item: Item, network: Path, report: Report) -> None:
    from sxtstudio.core.volume import Tomogram
    from sxtstudio.engine.predicting import predict_cascade

    tomogram = Tomogram(lac_ZYX=lac_of(folder, item), voxel_size_um=item.voxel_size_um)
    with timed(report, "predicting_core_s"):
        prediction = predict_cascade(
            network,
            tomogram,
            folder / f"{item.name}-prediction",
            lambda _: None,
            device="cpu",
            threads=job.threads,
        )
    report.predicted_voxels += tomogram.lac_ZYX.size
    keep_prediction(folder, item, prediction.label_map.labels_ZYX)


def _predict_coarse(folder: Path, item: Item, network: Path) -> None:
    """Keep what stage 1 alone says, on the cell's own grid."""
    import torch

    from sxtstudio.core.grid import average, resample
    from sxtstudio.core.volume import Tomogram
    from sxtstudio.engine.inference import predict_whole
    from sxtstudio.engine.package import load_package
    from sxtstudio.engine.preparation import scale_lac, shape_on_grid
    from sxtstudio.engine.sampling import upsample

    device = torch.device("cpu")
    loaded = load_package(network, device)
    plan = loaded.card.plan
    if len(plan.stages) < 2:
        return
    lac_ZYX = lac_of(folder, item)
    tomogram = Tomogram(lac_ZYX=lac_ZYX, voxel_size_um=item.voxel_size_um)
    shape = shape_on_grid(tomogram, plan.voxel_size_um)
    factor = plan.stages[0].factor
    coarse_ZYX = average(scale_lac(resample(lac_ZYX, shape, order=1), plan), factor)
    field_KZYX = torch.from_numpy(predict_whole(loaded.networks[0], coarse_ZYX, device))
    labels_ZYX = upsample(field_KZYX, factor, (0, 0, 0), shape).numpy().argmax(0)
    labels_ZYX = resample(labels_ZYX.astype(np.uint8), lac_ZYX.shape, order=0)
    keep_prediction(folder, item, labels_ZYX, "_stage1")


if __name__ == "__main__":
    main()
