"""A plan that somebody edited or brought from elsewhere meets this machine and the cells."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import torch

from sxtstudio.core.cell import Cell
from sxtstudio.core.errors import CoverageError, PlanError
from sxtstudio.core.ontology import Ontology
from sxtstudio.core.plan import Plan
from sxtstudio.core.plan_check import check_plan, check_whole
from sxtstudio.core.task import Task
from sxtstudio.core.wording import listed
from sxtstudio.engine.device import has_flat_features, resolve_device, training_precision
from sxtstudio.engine.memory_plan import check_memory, free_bytes, memory_need, need_words
from sxtstudio.engine.preparation import possible_labels, shape_on_grid

GIVEN = (
    "Given: this plan was read from a file, and its figures may have been edited since its reasons "
    "were written."
)
SLOW = (
    "This processor has no instructions for bfloat16, so that steps take several times longer; "
    "give float32 as the plan's precision."
)
_MEMORY = "Memory: "


def accepted(plan: Plan, task: Task, cells: Sequence[Cell], ontology: Ontology) -> Plan:
    """Return a given plan as it is trained here; its reasons then tell that it was given.

    Raises
    ------
    PlanError
        If it cannot be carried out; one sentence says what would do.
    CoverageError
        If its training cells do not show some class.
    """
    check_plan(plan, task, [cell.name for cell in cells if cell.annotations])
    _check_device(plan)
    named = {*plan.training, *plan.validation}
    cells = [cell for cell in cells if cell.name in named]
    shapes = {cell.name: shape_on_grid(cell.tomogram, plan.voxel_size_um) for cell in cells}
    check_whole(plan, shapes)
    check_memory(plan, list(shapes.values()))
    _check_shown(plan, cells, ontology)
    need = memory_need(plan, list(shapes.values()))
    kept = [text for text in plan.reasons if text != GIVEN and not text.startswith(_MEMORY)]
    words = need_words(need.peak, free_bytes(plan.device))
    slow = plan.precision == "bfloat16" and _is_emulated(plan)
    risks = [text for text in plan.risks if text != SLOW]
    return replace(plan, reasons=(GIVEN, *kept, words), risks=(*risks, *((SLOW,) if slow else ())))


def _is_emulated(plan: Plan) -> bool:
    return training_precision(resolve_device(plan.device), plan.stages) == "float32"


def _check_device(plan: Plan) -> None:
    if plan.device == "cuda" and not torch.cuda.is_available():
        raise PlanError(
            "The plan's device is 'cuda'; no NVIDIA GPU can be used here (none found, or its "
            "driver is too old for this program), so give cpu, or --device cpu."
        )
    wrong = plan.precision == "bfloat16" and has_flat_features(plan.stages)
    if plan.device == "cpu" and wrong:
        raise PlanError(
            "The plan's precision is 'bfloat16'; a processor computes that wrongly for patches "
            "that get less than 3 planes deep in the network, so give float32."
        )


def _check_shown(plan: Plan, cells: Sequence[Cell], ontology: Ontology) -> None:
    """Raise `CoverageError` if a class is nowhere certain in the training cells."""
    wanted = {1 << label: name for label, name in plan.task.names.items()}
    for cell in cells:
        if cell.name in plan.training and wanted:
            found = np.unique(possible_labels(cell, plan.task, ontology))
            wanted = {mask: name for mask, name in wanted.items() if mask not in found}
    if wanted:
        raise CoverageError(
            f"The plan's training cells {listed(plan.training)} do not show where "
            f"{' or '.join(wanted.values())} is; add a cell in which it is drawn."
        )
