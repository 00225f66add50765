"""Plans that people read, edit and use again: in words, and as files."""

from dataclasses import dataclass
from pathlib import Path

from sxtstudio.core.errors import FileError
from sxtstudio.core.plan import Plan
from sxtstudio.core.plan_file import plan_from_text, plan_to_text
from sxtstudio.core.wording import counted, listed
from sxtstudio.io.files import system_errors, write_atomically
from sxtstudio.workflow.preparing import Preparation

PLAN_SUFFIX = ".json"


@dataclass(frozen=True, kw_only=True)
class Measured:
    """What a plan means on the machine that wrote its file; see `Preparation`."""

    step_s: tuple[float, ...]
    steps: tuple[int, ...]
    minutes: float
    memory_gb: float


def read_plan(path: Path) -> Plan:
    """Return the plan that a file holds, perhaps edited.

    Raises
    ------
    FileError
        If it cannot be read, or is no JSON.
    PlanError
        If a key is missing or unknown, or its value of another type.
    """
    with system_errors(path, "read"):
        text = path.read_bytes()
    return plan_from_text(text, str(path))


def write_plan(path: Path, preparation: Preparation) -> None:
    """Write a prepared plan as JSON to read and edit, with what was measured.

    Raises
    ------
    FileError
        If the name does not end in .json, or the file cannot be written.
    """
    check_plan_target(path)
    measured = Measured(
        step_s=preparation.step_s,
        steps=preparation.steps,
        minutes=preparation.minutes,
        memory_gb=preparation.memory_gb,
    )
    with write_atomically(path) as temporary:
        temporary.write_text(plan_to_text(preparation.plan, measured), encoding="utf-8")


def check_plan_target(path: Path) -> None:
    """Raise `FileError` if a plan cannot be written there."""
    if path.suffix.lower() != PLAN_SUFFIX:
        raise FileError(f"{path}: the name of a plan ends in {PLAN_SUFFIX}.")
    if path.is_dir() or not path.parent.is_dir():
        raise FileError(f"{path}: cannot be written; name a file in a folder that exists.")


def plan_figures(preparation: Preparation) -> tuple[str, ...]:
    """Return the figures of a prepared plan, a line for each stage and one for all else."""
    plan = preparation.plan
    lines = [
        f"Stage {number}: factor {_triple(stage.factor)}, patch {_triple(stage.patch)}, "
        f"batch {stage.batch_size}, {stage.base_channels} channels, {stage.levels} levels, "
        f"learning rate {stage.learning_rate:g}, {100 * stage.share:.0f} % of the time, "
        f"{1000 * step_s:.0f} ms a step"
        for number, (stage, step_s) in enumerate(
            zip(plan.stages, preparation.step_s, strict=True), start=1
        )
    ]
    validation = ", ".join(plan.validation) or "none"
    return (
        *lines,
        f"Trained on {counted(len(plan.training), 'cell')}; validation: {validation}; "
        f"{counted(len(plan.folds), 'fold')}; seed {plan.seed}; {plan.device}, "
        f"{counted(plan.threads, 'thread')}, {plan.precision}",
    )


def plan_text(preparation: Preparation) -> str:
    """Return a prepared plan as a page of text: what is trained, figures, reasons, risks."""
    plan = preparation.plan
    steps = " and ".join(f"{count:,}" for count in preparation.steps)
    lines = [
        f"A plan for {plan.task.name}: {listed(list(plan.task.names.values()))}.",
        f"About {preparation.minutes:.3g} min here, {steps} steps by stage, and "
        f"{preparation.memory_gb:.1f} GB of memory; learns from {listed(plan.training)}.",
        "",
        *plan_figures(preparation),
        "",
        "Why:",
        *(f"- {reason}" for reason in plan.reasons),
    ]
    if plan.risks:
        lines += ["", "What may go wrong:", *(f"- {risk}" for risk in plan.risks)]
    return "\n".join(lines)


def _triple(values: tuple[int, int, int]) -> str:
    return " × ".join(map(str, values))
