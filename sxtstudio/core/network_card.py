"""What stands on a network package beside its weights."""

from collections.abc import Mapping
from dataclasses import dataclass

from sxtstudio.core.novelty import Description
from sxtstudio.core.plan import Plan
from sxtstudio.core.provenance import Provenance


@dataclass(frozen=True, kw_only=True)
class StageScore:
    """Dice of one stage on cells it was not trained on, per class name; ``cells`` names them.

    ``honest`` is False where no cell could be spared and training cells had to be scored.
    """

    stage: int
    dice: Mapping[str, float]
    cells: tuple[str, ...]
    honest: bool = True


@dataclass(frozen=True, kw_only=True)
class TrainingCell:
    """A cell that a network learned from: its name and the sha256 of its LAC values.

    ``library_ids`` are those of the cells in a library that it came from.
    """

    name: str
    sha256: str
    library_ids: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class NetworkCard:
    """Plan (with its task), colours by label value, training cells and scores of a network.

    ``references`` are what new cells are compared with: training and validation cells.
    """

    plan: Plan
    colours: Mapping[int, str]
    cells: tuple[TrainingCell, ...]
    scores: tuple[StageScore, ...]
    steps_done: int
    training_s: float
    made_by: Provenance
    references: tuple[Description, ...] = ()
