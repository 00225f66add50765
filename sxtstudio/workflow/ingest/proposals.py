"""What a folder of old work seems to hold, for a user to correct before anything is taken in."""

import math
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from sxtstudio.core.errors import UnitError
from sxtstudio.core.ontology import IGNORE
from sxtstudio.core.volume import VoxelSize, parse_voxel_size_um
from sxtstudio.workflow.values import LAC_RANGE_PER_UM

Confidence = Literal["stated", "exact", "synonym", "fuzzy", "value", "unknown"]
"""How a label value came to its term: said by the user; name or id; synonym; a similar word; the
number alone, after a known convention; not at all."""

Shape = tuple[int, int, int]
_LISTED = 8


@dataclass(frozen=True, kw_only=True)
class Drawn:
    """A sparse annotation: only some planes were drawn.

    ``planes`` holds, for the axes z, y, x, the indices of the planes that were drawn as such,
    empty for an axis along which planes were not singled out. ``words`` tell the user.
    """

    planes: tuple[tuple[int, ...], tuple[int, ...], tuple[int, ...]]
    words: str


@dataclass(frozen=True, kw_only=True)
class LabelProposal:
    """What one label value of a cell may stand for.

    ``name`` is the material as the file calls it, "" if it does not. ``term`` is a class id, or
    ``ignore``, or None while it must be decided. ``complete``: drawn everywhere, save in regions
    that are left out; ``complete_reason`` says why it looks so or not. ``path`` and ``dataset``
    are set where the value lies in another file than the cell's ``labels``.
    """

    value: int
    name: str
    term: str | None = None
    confidence: Confidence = "unknown"
    reason: str = ""
    voxels: int = 0
    complete: bool = False
    complete_reason: str = ""
    path: Path | None = None
    dataset: str | None = None


@dataclass(frozen=True, kw_only=True)
class CellProposal:
    """One tomogram that was found, its labels, and what they may mean.

    ``project`` is the Amira project that named the files. ``voxel_size_um`` and ``lac_per_unit``
    are None while a user must give them. ``wanted`` is the user's wish to take the cell;
    `take` is whether that can be. ``faults`` are reasons against it that only another file can
    mend, ``warnings`` what should be known. ``fingerprint`` is the same for the same voxels.
    ``brightest`` is the stored value that hardly a voxel exceeds, None where nobody looked.
    """

    name: str
    tomogram: Path
    tomogram_dataset: str | None = None
    labels: Path | None = None
    labels_dataset: str | None = None
    project: Path | None = None
    shape: Shape
    voxel_size_um: VoxelSize | None = None
    voxel_reason: str = ""
    lac_per_unit: float | None = None
    lac_reason: str = ""
    values: tuple[LabelProposal, ...] = ()
    drawn: Drawn | None = None
    species: str = ""
    strain: str = ""
    condition: str = ""
    instrument: str = ""
    wanted: bool = True
    faults: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()
    fingerprint: str = ""
    brightest: float | None = field(default=None, compare=False)

    @property
    def voxel_problem(self) -> str:
        """Why its voxel size cannot be true, "" if it can be or must be given anyway."""
        try:
            if self.voxel_size_um is not None:
                parse_voxel_size_um(self.voxel_size_um, self.tomogram.name)
        except UnitError as error:
            return str(error)
        return ""

    @property
    def scale_problem(self) -> str:
        """Why its LAC scale cannot be true, "" if it can be or must be given anyway."""
        scale = self.lac_per_unit
        if scale is None:
            return ""
        if not (math.isfinite(scale) and scale > 0):
            return f"A LAC of {scale:g} µm⁻¹ for one stored unit cannot be true; give another."
        if self.brightest is None or self.brightest * scale <= LAC_RANGE_PER_UM[1]:
            return ""
        return (
            f"With {scale:.4g} µm⁻¹ for one stored unit its LAC would reach "
            f"{self.brightest * scale:.3g} µm⁻¹, and nothing absorbs more than gold (23.5 µm⁻¹); "
            "give a smaller scale."
        )

    @property
    def problems(self) -> tuple[str, ...]:
        """What keeps this cell from being taken in, as sentences."""
        found = list(self.faults)
        if self.voxel_size_um is None:
            found.append(f"Its voxel size must be given. {self.voxel_reason}".strip())
        if self.lac_per_unit is None:
            found.append(f"Its LAC scale must be given. {self.lac_reason}".strip())
        found += filter(None, (self.voxel_problem, self.scale_problem))
        if self.labels is not None and not self.values:
            found.append("None of its label values is named; name them, or leave the cell out.")
        return (*found, *_undecided(self.values))

    @property
    def remarks(self) -> tuple[str, ...]:
        """What should be known: ``warnings``, then what is doubtful of the meanings as they are."""
        return (*self.warnings, *_doubts(self.values))

    @property
    def take(self) -> bool:
        """Whether the cell will be taken in: wanted and without problems."""
        return self.wanted and not self.problems

    @property
    def label_files(self) -> tuple[tuple[Path, str | None], ...]:
        """The files (and datasets within) that hold its labels, ``labels`` first."""
        if self.labels is None:
            return ()
        others = ((label.path, label.dataset) for label in self.values if label.path)
        return tuple(dict.fromkeys(((self.labels, self.labels_dataset), *others)))

    def values_in(self, path: Path, dataset: str | None) -> tuple[LabelProposal, ...]:
        """Return the label values that lie in one of `label_files`."""
        return tuple(
            label
            for label in self.values
            if (label.path, label.dataset) == (path, dataset)
            or (label.path is None and (self.labels, self.labels_dataset) == (path, dataset))
        )


def natural_order(row: CellProposal) -> tuple[list[tuple[bool, int, str]], str]:
    """Return by what rows are sorted: their names, "cell 2" before "cell 10"."""
    parts = re.split(r"(\d+)", row.name.casefold())
    return [(it.isdecimal(), int(it) if it.isdecimal() else 0, it) for it in parts], row.name


def _doubts(values: Sequence[LabelProposal]) -> list[str]:
    """Return sentences about meanings that were guessed, and about terms that occur twice."""
    doubts = [
        f"{label.name!r} was taken for the class {label.term!r}: it {label.reason}."
        for label in values
        if label.confidence == "fuzzy"
    ]
    if any(label.confidence == "value" for label in values):
        doubts.append(
            "Its label values have no names; they were taken as in the published cells whose files "
            "are called …_scaled and …_labels."
        )
    names: dict[tuple[Path | None, str], list[str]] = {}
    for label in values:
        if label.term not in (None, IGNORE):
            called = repr(label.name) if label.name else f"value {label.value}"
            names.setdefault((label.path, label.term), []).append(called)
    doubts += [
        f"{' and '.join(twice)} {'both' if len(twice) == 2 else 'all'} mean {term!r}; "
        "their voxels will be one class."
        for (_, term), twice in names.items()
        if len(twice) > 1
    ]
    return doubts


def _undecided(values: Sequence[LabelProposal]) -> Iterator[str]:
    """Yield a sentence for each material, and one for all values without a name."""
    nameless = [str(label.value) for label in values if label.term is None and not label.name]
    if nameless:
        numbers = ", ".join(nameless[:_LISTED]) + (", …" if len(nameless) > _LISTED else "")
        yield (
            f"The file does not name its label value{'s' * (len(nameless) > 1)} {numbers}; say "
            f"what {'they stand' if len(nameless) > 1 else 'it stands'} for."
        )
    for label in values:
        if label.term is None and label.name:
            where = f" of {label.path.name}" if label.path else ""
            yield f"{label.name!r} (label value {label.value}{where}): {label.reason}"


@dataclass(frozen=True, kw_only=True)
class Review:
    """What a folder holds: one row a tomogram, and a sentence for every file that is none.

    The names of the rows are unique.
    """

    folder: Path
    rows: tuple[CellProposal, ...] = ()
    problems: tuple[str, ...] = ()

    def row(self, name: str) -> CellProposal:
        """Return the row of a name; `KeyError` if there is none."""
        return next((row for row in self.rows if row.name == name), None) or _no_row(name)

    @property
    def undecided(self) -> dict[str, int]:
        """Names of materials that have no meaning yet → in how many label values they occur."""
        names = (label.name for row in self.rows for label in row.values if label.term is None)
        return dict(Counter(names).most_common())


def _no_row(name: str) -> CellProposal:
    raise KeyError(name)
