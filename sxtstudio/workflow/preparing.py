"""What a training will be, before it begins: its plan, and what this machine makes of its minutes.

A worker does it, because cells are read and steps are measured. The plan stays in the job folder,
so that the training in the same folder goes on from it.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from sxtstudio.core.cell import Cell
from sxtstudio.core.errors import PlanError
from sxtstudio.core.events import Notice, Progress, Report, ignore, part
from sxtstudio.core.plan import Plan, check_budget, runs_of
from sxtstudio.core.records import from_json
from sxtstudio.io.network_card import read_network_card
from sxtstudio.workflow.fetching import fetch_cells
from sxtstudio.workflow.job_folder import (
    PLAN_FILE,
    TrainingJob,
    read_job,
    read_job_cell,
    write_job,
    write_record,
)

if TYPE_CHECKING:
    from sxtstudio.engine.planning import PlanRequest

PREPARATION_FILE = "preparation.json"


@dataclass(frozen=True, kw_only=True)
class Preparation:
    """A plan and what it means on this machine.

    ``step_s`` are the measured seconds of a step, ``steps`` the expected number of steps of the
    kept network, one for each stage; ``minutes`` is how long the whole training will take.
    ``memory_gb`` is the most that it takes at a time, 0 where that was not estimated.
    """

    plan: Plan
    step_s: tuple[float, ...]
    steps: tuple[int, ...]
    minutes: float
    memory_gb: float = 0.0


def prepare_training(
    folder: Path, report: Report = ignore, threads: int | None = None
) -> Preparation:
    """Fetch the cells of a training job, make and keep its plan, and measure a step of each stage.

    Raises
    ------
    PlanError
        If the folder holds another sort of job.
    CoverageError, FileError, LibraryError
        If the cells cannot teach the task, or cannot be read.
    """
    job, cells = read_training(folder, part(report, 0.0, 0.5), threads)
    report(Progress(text="Looking at the cells", fraction=0.5))
    plan = plan_training(folder, job, cells, report)
    report(Progress(text="Measuring how long a step takes", fraction=0.7))
    from sxtstudio.engine.memory_plan import memory_gb  # torch: only once it is needed
    from sxtstudio.engine.timing import measure_steps

    preparation = expect(plan, measure_steps(plan, cells, job.ontology))
    preparation = replace(preparation, memory_gb=memory_gb(plan, cells))
    write_record(folder / PREPARATION_FILE, preparation)
    report(Progress(text="Prepared", fraction=1.0))
    return preparation


def read_training(
    folder: Path, report: Report, threads: int | None
) -> tuple[TrainingJob, tuple[Cell, ...]]:
    """Return the training job of a folder and its cells; ``threads`` counts where it has none."""
    job = fetch_cells(folder, report)
    report(Progress(text="Reading the cells", fraction=1.0))
    cells = tuple(read_job_cell(folder, entry) for entry in job.cells)
    return replace(job, threads=job.threads or threads), cells


def plan_training(folder: Path, job: TrainingJob, cells: Sequence[Cell], report: Report) -> Plan:
    """Return the plan of a training: the one it began with, so that it goes on bit for bit."""
    from sxtstudio.engine.planning import PlanRequest, make_plan

    path = folder / PLAN_FILE
    if path.exists():
        return from_json(Plan, path.read_bytes(), str(path))
    request = PlanRequest(
        device=job.device,
        minutes=job.minutes,
        steps=job.steps,
        seed=job.seed,
        threads=job.threads,
        folds=job.folds,
    )
    if job.improves:
        plan = _improvement(folder, job, cells, request)
    elif job.given is not None:
        plan = _given(folder, job, job.given, cells)
    else:
        plan = _beginning_from(folder, job, make_plan(job.task, cells, job.ontology, request))
    write_record(path, plan)
    for reason in plan.reasons:
        report(Notice(text=reason))
    for risk in plan.risks:
        report(Notice(text=risk, level="warning"))
    return plan


def _improvement(
    folder: Path, job: TrainingJob, cells: Sequence[Cell], request: "PlanRequest"
) -> Plan:
    from sxtstudio.engine.improvement_plan import Learners, plan_improvement

    assert job.beginning is not None
    learners = Learners(
        earlier=frozenset(job.beginning.plan.earlier),
        spared=frozenset(job.beginning.spared),
    )
    card = read_network_card(folder / job.beginning.file)
    return plan_improvement(card, job.beginning.plan, cells, learners, request)


def _given(folder: Path, job: TrainingJob, plan: Plan, cells: Sequence[Cell]) -> Plan:
    """Return a plan that was given as it is trained here, from the network that the job names."""
    from sxtstudio.engine.given_plan import accepted

    plan = accepted(plan, job.task, cells, job.ontology)
    if plan.beginning is None:
        return _beginning_from(folder, job, plan)
    if plan.beginning.improves:
        raise PlanError(
            "The plan's beginning.improves is true; improvements are planned by sxtstudio improve, "
            "so give false."
        )
    if job.beginning is None or job.beginning.plan.network != plan.beginning.network:
        raise PlanError(
            f"The plan's beginning is {plan.beginning.file!r}; name that very network with "
            "--begin-from, or give null to begin from chance."
        )
    return plan


def _beginning_from(folder: Path, job: TrainingJob, plan: Plan) -> Plan:
    """Let a plan begin from the network that the job names, if their stages have equal shapes."""
    if job.beginning is None:
        return plan
    from sxtstudio.engine.beginning import same_shapes, shared_labels

    card = read_network_card(folder / job.beginning.file)
    name = job.beginning.plan.file
    if not same_shapes(plan.stages, card.plan.stages):
        words = f"Cannot begin from {name}, whose stages have other shapes; begins from chance."
        return replace(plan, risks=(*plan.risks, words))
    shared = len(shared_labels(plan.task, card.plan.task)) - 1
    classes = f"{shared} class{'es' * (shared != 1)}"
    words = f"Begins from {name}, which shares {classes}; what is new begins from chance."
    return replace(plan, beginning=job.beginning.plan, reasons=(*plan.reasons, words))


def expect(plan: Plan, step_s: Sequence[float]) -> Preparation:
    """Return what a plan means where a step of each stage takes ``step_s``."""
    # Rounded first, so that what is kept of a preparation means the same later.
    step_s = tuple(max(1e-4, round(one, 4)) for one in step_s)
    runs = runs_of(plan)
    kept = [run.share for run in runs if not run.fold]
    if plan.steps is not None:
        steps = [round(plan.steps * share) for share in kept]
        seconds = sum(plan.steps * run.share * step_s[run.stage - 1] for run in runs)
        minutes = seconds / 60
    else:
        minutes = plan.minutes or 0.0
        steps = [round(minutes * 60 * share / one) for share, one in zip(kept, step_s, strict=True)]
    return Preparation(
        plan=plan,
        step_s=step_s,
        steps=tuple(max(1, count) for count in steps),
        minutes=round(minutes, 2),
    )


def read_preparation(folder: Path) -> Preparation:
    """Return what was prepared in a job folder.

    Raises
    ------
    PlanError
        If nothing was prepared there.
    """
    path = folder / PREPARATION_FILE
    if not path.exists():
        raise PlanError(f"{folder}: this training has not been prepared yet.")
    return from_json(Preparation, path.read_bytes(), str(path))


def change_minutes(folder: Path, minutes: float) -> Preparation:
    """Give a prepared training another time, and return what it means now.

    Raises
    ------
    PlanError
        If nothing was prepared there, the training has begun, or the time makes no sense.
    """
    preparation, job = read_preparation(folder), read_job(folder)
    if has_begun(folder) or not isinstance(job, TrainingJob):
        raise PlanError(f"{folder}: this training has begun; its time cannot be changed any more.")
    check_budget(minutes, None)
    plan = replace(preparation.plan, minutes=minutes, steps=None)
    changed = replace(expect(plan, preparation.step_s), memory_gb=preparation.memory_gb)
    write_job(folder, replace(job, minutes=minutes, steps=None))
    write_record(folder / PLAN_FILE, plan)
    write_record(folder / PREPARATION_FILE, changed)
    return changed


def has_begun(folder: Path) -> bool:
    """Tell whether the training in a folder has learned something that can be gone on from."""
    return any((folder / "work").glob("stage*.safetensors"))


def preparation_words(preparation: Preparation) -> str:
    """Return in a sentence what a prepared training will be."""
    cells = len(preparation.plan.training)
    parts = [
        f"stage {number}: about {steps} steps of {one:.2g} s"
        for number, (steps, one) in enumerate(
            zip(preparation.steps, preparation.step_s, strict=True), start=1
        )
    ]
    return (
        f"Ready to learn from {cells} cell{'s' * (cells != 1)} for {preparation.minutes:.3g} min "
        f"({'; '.join(parts)})."
    )
