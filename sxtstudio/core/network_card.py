"""What stands on a network package beside its weights."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from sxtstudio.core.calibration import Calibration
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


Which = Literal["corrected", "earlier"]


@dataclass(frozen=True, kw_only=True)
class Compared:
    """Dice of one cell by class name, with the network that was begun from and with the new one.

    ``which`` tells whether the cell is one of the corrections or known from earlier. Neither
    network learned from an ``honest`` one; other scores flatter one of the two at least.
    """

    cell: str
    which: Which
    honest: bool
    before: Mapping[str, float]
    after: Mapping[str, float]


@dataclass(frozen=True, kw_only=True)
class Parent:
    """The network that one began from, see `sxtstudio.core.plan.Beginning`.

    ``cells`` are those that it and its own ancestors learned from.
    """

    sha256: str
    file: str
    cells: tuple[TrainingCell, ...]
    compared: tuple[Compared, ...] = ()


@dataclass(frozen=True, kw_only=True)
class NetworkCard:
    """Plan (with its task), colours by label value, training cells and scores of a network.

    ``references`` are what new cells are compared with: training and validation cells. ``spared``
    are the cells of the plan's validation. ``fold_cells`` are the sha256 of the cells that each
    cross-fitted network in the package learned from, its ancestors included. ``calibration`` is
    None where no cell could be spared: probabilities are then those that the network says.
    """

    plan: Plan
    colours: Mapping[int, str]
    cells: tuple[TrainingCell, ...]
    scores: tuple[StageScore, ...]
    steps_done: int
    training_s: float
    made_by: Provenance
    references: tuple[Description, ...] = ()
    spared: tuple[TrainingCell, ...] = ()
    fold_cells: tuple[tuple[str, ...], ...] = ()
    parent: Parent | None = None
    calibration: Calibration | None = None

    @property
    def learned(self) -> dict[str, TrainingCell]:
        """The cells that the network and its ancestors learned from, by their sha256."""
        before = self.parent.cells if self.parent else ()
        return {cell.sha256: cell for cell in (*before, *self.cells)}
