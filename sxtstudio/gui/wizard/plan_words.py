"""A plan in the words of somebody who wants a network, not a lecture on networks."""

import re
from dataclasses import dataclass

import numpy as np

from sxtstudio.core.plan import Plan, Stage
from sxtstudio.core.wording import counted
from sxtstudio.gui.jobs_panel import duration_words
from sxtstudio.workflow.plan_files import plan_figures
from sxtstudio.workflow.preparing import Preparation

MINUTES = (1, 2, 3, 5, 10, 15, 20, 30, 45, 60, 90, 120, 180, 240, 360, 480, 720, 1440)
"""The stops of the slider."""

FEW_STEPS = 300
"""With fewer steps, the last stage has hardly begun to tell the classes apart (own trainings)."""

_ONE_SHOWS = re.compile(r"Only .+ shows (.+): expect a weak class")


@dataclass(frozen=True, kw_only=True)
class StageWords:
    """One stage for a reader: a title, what it sees, and what it costs."""

    title: str
    sees: str
    costs: str


def minutes_words(minutes: float) -> str:
    """Return a training time as "45 min" or "2 h"."""
    if minutes < 1:
        return duration_words(60 * minutes)
    return duration_words(60 * minutes).removesuffix(" 0 min")


def time_advice(minutes: float) -> str:
    """Return what a training of that length is good for."""
    if minutes < 5:
        return "A first look: enough to see whether the cells teach the task at all."
    if minutes < 30:
        return "Useful on small cells and a few classes; fine structures need longer."
    if minutes <= 180:
        return "A good network for most questions."
    return "As good as these cells allow; let it run overnight."


def stage_words(preparation: Preparation) -> tuple[StageWords, ...]:
    """Return each stage of a prepared training in words."""
    plan = preparation.plan
    return tuple(
        StageWords(
            title=f"Stage {number}: {_title(stage)}",
            sees=_sees(plan, stage),
            costs=f"About {counted(steps, 'step')} of {_step_words(step_s)}.",
        )
        for number, (stage, steps, step_s) in enumerate(
            zip(plan.stages, preparation.steps, preparation.step_s, strict=True), start=1
        )
    )


def _title(stage: Stage) -> str:
    return "where everything lies" if stage.whole else "the details"


def _sees(plan: Plan, stage: Stage) -> str:
    size_um = np.array(plan.voxel_size_um) * stage.factor
    extent_um = size_um * stage.patch
    voxels = _nm_words(size_um)
    if stage.whole:
        return f"It sees the whole cell at once, coarsely: voxels of {voxels}."
    return (
        f"It looks at pieces of {_um_words(extent_um)} closely: voxels of {voxels}, "
        f"{' × '.join(map(str, stage.patch))} of them."
    )


def _nm_words(size_um: np.ndarray) -> str:
    edges = [f"{1000 * edge:.3g}" for edge in size_um]
    return f"{edges[0] if len(set(edges)) == 1 else ' × '.join(edges)} nm"


def _um_words(extent_um: np.ndarray) -> str:
    edges = [f"{edge:.2g}" for edge in extent_um]
    return f"{edges[0] if len(set(edges)) == 1 else ' × '.join(edges)} µm"


def _step_words(step_s: float) -> str:
    return f"{1000 * step_s:.0f} ms" if step_s < 1 else f"{step_s:.2g} s"


def expectations(warnings: tuple[str, ...], preparation: Preparation | None) -> tuple[str, ...]:
    """Return what may go wrong, in words: what the cells lack, then the risks of the plan."""
    if preparation is None:
        return warnings
    new = (risk for risk in preparation.plan.risks if not _is_told(risk, warnings))
    risks = tuple(dict.fromkeys((*warnings, *new)))
    steps = preparation.steps[-1]
    if steps >= FEW_STEPS:
        return risks
    few = (
        f"There is time for only about {counted(steps, 'step')} on the details; give it more for a "
        "network that can be relied on."
    )
    return (*risks, few)


def _is_told(risk: str, warnings: tuple[str, ...]) -> bool:
    """Tell whether a class that one cell shows is called weak already, for few cells know it."""
    found = _ONE_SHOWS.match(risk)
    return found is not None and any(
        f"{verb} {found[1]}; expect a weak class" in warning
        for warning in warnings
        for verb in ("know", "knows")
    )


def numbers(preparation: Preparation) -> tuple[str, ...]:
    """Return the plan's figures and reasons, for those who want them."""
    return (*plan_figures(preparation), *preparation.plan.reasons)
