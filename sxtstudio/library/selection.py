"""Which cells of a library to train on for a task, and why each other one is left out."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from sxtstudio.core.coverage import ENOUGH_CELLS, ClassKnowledge, Coverage, CoverageRow
from sxtstudio.core.errors import CoverageError
from sxtstudio.core.folds import stratified_folds
from sxtstudio.core.ontology import Ontology
from sxtstudio.core.plan import Fold
from sxtstudio.core.similarity import CellProfile, distance, reasons
from sxtstudio.core.task import Task
from sxtstudio.core.wording import counted, listed
from sxtstudio.library.coverage import library_coverage
from sxtstudio.library.records import LibraryCell

_WORTH_PARTLY = 0.5
"""A class drawn partly teaches less than one drawn everywhere (1)."""

_WORTH_ABSENT = 0.2
"""A cell that is known to have none of a class still teaches what is not that class."""


@dataclass(frozen=True, kw_only=True)
class Selection:
    """Cells to train on, the most telling first, and their folds (by cell id).

    ``reasons`` has a sentence for every chosen cell, ``left_out`` one for every other (by id);
    ``warnings`` say what the chosen cells will make a network bad at.
    """

    cells: tuple[LibraryCell, ...]
    folds: tuple[Fold, ...]
    left_out: Mapping[str, str]
    reasons: Mapping[str, str]
    warnings: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class _Choice:
    """What the user asked for."""

    like: CellProfile | None
    include: frozenset[str]
    exclude: frozenset[str]
    most: int


def select(  # noqa: PLR0913 - what a user may wish for, each with a default
    cells: Iterable[LibraryCell],
    task: Task,
    ontology: Ontology,
    *,
    like: CellProfile | None = None,
    include: frozenset[str] = frozenset(),
    exclude: frozenset[str] = frozenset(),
    most: int = 24,
    folds: int = 2,
    seed: int = 0,
) -> Selection:
    """Return the cells that together know most about a task.

    ``include`` and ``exclude`` are ids and always win. Otherwise the next cell is always the one
    that adds most: a class that few of the chosen cells know counts most, complete knowledge more
    than partial, and a cell unlike ``like`` less. A tomogram that is there twice counts once.

    Raises
    ------
    CoverageError
        If no cell that may be used shows some class of the task.
    """
    choice = _Choice(like=like, include=include, exclude=exclude, most=most)
    # Among cells that add equally much the order decides: it must not be that of a folder.
    cells = sorted(cells, key=lambda cell: (cell.name, cell.id))
    rows = {row.id: row for row in library_coverage(cells, task, ontology).rows}
    left_out = _unfit(cells, rows, choice)
    fit = [cell for cell in cells if cell.id not in left_out]
    _check_all_shown(task, rows, fit, choice)
    chosen = _choose(fit, rows, choice)
    taken = Coverage(task=task, rows=tuple(rows[cell.id] for cell in chosen))
    why_not = {cell.id: _not_needed(rows[cell.id], len(chosen), like) for cell in fit}
    knowing = {name: sum(rows[c.id].known[name].voxels > 0 for c in fit) for name in taken.totals}
    why = {cell.id: _why(cell, rows[cell.id], knowing, choice) for cell in chosen}
    return Selection(
        cells=chosen,
        folds=stratified_folds({row.id: _strata(row) for row in taken.rows}, folds, seed),
        left_out=left_out | {i: words for i, words in why_not.items() if i not in why},
        reasons=why,
        warnings=taken.warnings(),
    )


def profile_of_cell(cell: LibraryCell) -> CellProfile:
    """Return what is compared of a cell of the library."""
    return CellProfile(
        histogram=cell.histogram,
        voxel_size_um=cell.voxel_size_um,
        shape=cell.shape,
        kind=cell.kind,
    )


def _unfit(
    cells: Sequence[LibraryCell],
    rows: Mapping[str, CoverageRow],
    choice: _Choice,
) -> dict[str, str]:
    """Return id → why a cell cannot be chosen."""
    unfit: dict[str, str] = {}
    for cell in cells:
        asked = cell.id in choice.include
        if cell.id in choice.exclude:
            unfit[cell.id] = "You left it out."
        elif not rows[cell.id].useful:
            said = "You asked for it, but nothing" if asked else "Nothing"
            unfit[cell.id] = f"{said} drawn in it says anything about the classes of this task."
        elif not asked and cell.withdrawn:
            unfit[cell.id] = f"It was withdrawn: {cell.withdrawn.rstrip('.')}."
        elif not asked and cell.superseded_by:
            unfit[cell.id] = "The library has a newer version of it."
    return unfit | _twins([cell for cell in cells if cell.id not in unfit], rows, choice)


def _twins(
    cells: Sequence[LibraryCell], rows: Mapping[str, CoverageRow], choice: _Choice
) -> dict[str, str]:
    """Return id → why, for all cells of one tomogram but the one that knows most."""
    groups: dict[str, list[LibraryCell]] = {}
    for cell in cells:
        groups.setdefault(cell.lac_sha256, []).append(cell)
    twins: dict[str, str] = {}
    for group in groups.values():
        best = max(
            group, key=lambda it: (it.id in choice.include, _worth_of_row(rows[it.id]), it.added)
        )
        for cell in group:
            if cell is not best:
                twins[cell.id] = f"It is the same tomogram as {best.name}, which is used instead."
    return twins


def _check_all_shown(
    task: Task,
    rows: Mapping[str, CoverageRow],
    fit: Sequence[LibraryCell],
    choice: _Choice,
) -> None:
    for name in task.names.values():
        if any(rows[cell.id].known[name].voxels for cell in fit):
            continue
        left = sum(rows[i].known[name].voxels > 0 for i in choice.exclude if i in rows)
        yours = f" but {left:,} that you left out" if left else ""
        raise CoverageError(
            f"No cell{yours} shows where {name} is, so the task {task.name!r} cannot be learnt; "
            "add a cell in which it is drawn, or leave it out of the task."
        )


def _worth(known: ClassKnowledge) -> float:
    if known.knowledge == "not":
        return 0.0
    if not known.voxels:
        return _WORTH_ABSENT
    return 1.0 if known.knowledge == "complete" else _WORTH_PARTLY


def _worth_of_row(row: CoverageRow) -> float:
    return sum(_worth(known) for known in row.known.values())


def _choose(
    cells: Sequence[LibraryCell], rows: Mapping[str, CoverageRow], choice: _Choice
) -> tuple[LibraryCell, ...]:
    """Return the chosen cells: those asked for, then always the one that adds most."""
    worth = np.array([[_worth(it) for it in rows[cell.id].known.values()] for cell in cells])
    nearness = np.array([_nearness(cell, choice.like) for cell in cells])
    rarity = 1 / (worth > _WORTH_ABSENT).sum(0)
    chosen = [place for place, cell in enumerate(cells) if cell.id in choice.include]
    free = np.ones(len(cells), bool)
    free[chosen] = False
    gathered = worth[chosen].sum(0)
    unseen = (worth[chosen] > _WORTH_ABSENT).sum(0) == 0
    while free.any() and len(chosen) < choice.most:
        # Rarity decides among classes that are known equally well so far; the square lets a
        # second cell for one class outweigh a fifth one for several others.
        gain = (worth * ((1 + rarity) / (1 + gathered) ** 2)).sum(1) * nearness
        wanted = _show_rarest(worth, rarity, unseen, free)
        place = int(np.argmax(np.where(wanted, gain, -1.0)))
        chosen.append(place)
        free[place] = False
        gathered += worth[place]
        unseen &= worth[place] <= _WORTH_ABSENT
    return tuple(cells[place] for place in chosen)


def _nearness(cell: LibraryCell, like: CellProfile | None) -> float:
    return 1.0 if like is None else 1 / (1 + distance(profile_of_cell(cell), like))


def _show_rarest(
    worth: np.ndarray, rarity: np.ndarray, unseen: np.ndarray, free: np.ndarray
) -> np.ndarray:
    """Return the free cells that show the rarest class not shown yet, or else all free cells."""
    shows = (worth > _WORTH_ABSENT) & free[:, None]
    waiting = np.flatnonzero(unseen & shows.any(0))
    return shows[:, waiting[np.argmax(rarity[waiting])]] if waiting.size else free


def _strata(row: CoverageRow) -> frozenset[str]:
    shown = {name for name, known in row.known.items() if known.voxels}
    complete = {name for name in shown if row.known[name].knowledge == "complete"}
    return frozenset({f"kind {row.kind}", *shown, *(f"all {name}" for name in complete)})


def _why(cell: LibraryCell, row: CoverageRow, knowing: Mapping[str, int], choice: _Choice) -> str:
    """Return why a cell was chosen."""
    words = ["You asked for it."] if cell.id in choice.include else []
    if cell.withdrawn:
        words.append(f"It was withdrawn, though: {cell.withdrawn.rstrip('.')}.")
    elif cell.superseded_by:
        words.append("The library has a newer version of it, though.")
    words.append(f"It knows {_known_words(row)}.")
    words += _rare_words(row, knowing)
    if choice.like is not None:
        words.append(_like_words(cell, choice.like))
    return " ".join(words)


def _rare_words(row: CoverageRow, knowing: Mapping[str, int]) -> list[str]:
    rare = [
        name for name, known in row.known.items() if known.voxels and knowing[name] < ENOUGH_CELLS
    ]
    return [
        f"It is the only cell that knows {name}."
        if knowing[name] == 1
        else f"Only {counted(knowing[name], 'cell')} know {name}."
        for name in rare
    ]


def _known_words(row: CoverageRow) -> str:
    groups = {
        "everywhere": [n for n, it in row.known.items() if it.knowledge == "complete"],
        "partly": [n for n, it in row.known.items() if it.knowledge == "partly"],
    }
    return "; ".join(f"{listed(names)} {how}" for how, names in groups.items() if names)


def _like_words(cell: LibraryCell, like: CellProfile) -> str:
    profile = profile_of_cell(cell)
    return f"Beside your cell it has {listed(reasons(profile, like))}."


def _not_needed(row: CoverageRow, chosen: int, like: CellProfile | None) -> str:
    """Return why a cell is left out that could have been chosen."""
    verb = "adds" if chosen == 1 else "add"
    alike = " or is more like yours" if chosen == 1 else " or are more like yours"
    others = f"the {counted(chosen, 'cell')} chosen {verb} more{alike * (like is not None)}"
    return f"It knows {_known_words(row)}, but {others}."
