"""Look for the doubtful places in what networks predicted, and sign off what was looked at."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from sxtstudio.analysis.objects import Objects, find_objects
from sxtstudio.core.coat import Coat, PackedCoat, pack_all
from sxtstudio.core.events import Progress, Report, ignore
from sxtstudio.core.ontology import Ontology
from sxtstudio.core.provenance import made_by
from sxtstudio.core.region import Box, Region
from sxtstudio.core.review import (
    FEWEST_VOXELS,
    ClassProgress,
    Doubt,
    Place,
    PlaceKind,
    inner_voxel,
    rank_places,
    without_rims,
)
from sxtstudio.core.task import Task
from sxtstudio.core.volume import ArrayLike, LacArray, VoxelSize
from sxtstudio.project.project import Project
from sxtstudio.project.records import CellRecord, LabelVersion
from sxtstudio.project.reviews import SignOff

REGION_DOUBT = 0.35
"""From this doubt (1 − greatest probability) on an unlabelled voxel may belong to a region."""

_PLANES, _OBJECTS = 16, 64


@dataclass(frozen=True, kw_only=True, eq=False)
class ReviewSource:
    """A predicted label version to be looked through; its arrays stay in their file."""

    cell: CellRecord
    version: LabelVersion
    labels_ZYX: ArrayLike
    uncertainty_ZYX: ArrayLike
    lac_ZYX: LacArray
    voxel_size_um: VoxelSize

    @property
    def id(self) -> tuple[str, str]:
        """Cell and version."""
        return (self.cell.id, self.version.id)


def looking_words(cell: CellRecord) -> str:
    """Return what is being done while a cell is looked through."""
    return f"Looking for doubtful places in {cell.name}"


def predicted_version(cell: CellRecord) -> LabelVersion | None:
    """Return the newest labels of a cell that a network predicted."""
    found = [version for version in cell.versions if version.has_probabilities]
    return found[-1] if found else None


def review_source(project: Project, cell: CellRecord, version: LabelVersion) -> ReviewSource:
    """Open what is needed to look through a prediction.

    Raises
    ------
    ProjectError
        If the tomogram is in a file that is gone.
    """
    tomogram = project.looking.tomogram(cell)
    return ReviewSource(
        cell=cell,
        version=version,
        labels_ZYX=project.looking.labels(cell, version.id),
        uncertainty_ZYX=project.looking.uncertainty(cell, version.id),
        lac_ZYX=tomogram.lac_ZYX,
        voxel_size_um=tomogram.voxel_size_um,
    )


def find_places(source: ReviewSource, report: Report = ignore) -> tuple[Place, ...]:
    """Return every object of a prediction, and the doubtful regions that no object covers."""
    report(Progress(text=looking_words(source.cell)))
    labels_ZYX = np.asarray(source.labels_ZYX)
    objects = find_objects(labels_ZYX, sorted(source.version.names))
    places = _places(source, objects, "object", report)
    report(Progress(text=looking_words(source.cell)))
    regions = find_objects(_doubted(labels_ZYX, source.uncertainty_ZYX), [1])
    return (*places, *_places(source, regions, "region", report))


def _doubted(labels_ZYX: np.ndarray, uncertainty_ZYX: ArrayLike) -> np.ndarray:
    """Return 1 where there is doubt and no label; rims of objects, thin as they are, are left."""
    doubted_ZYX = np.empty(labels_ZYX.shape, np.uint8)
    for planes in _slabs(len(labels_ZYX)):
        unsure = np.asarray(uncertainty_ZYX[planes]) >= REGION_DOUBT * 255
        doubted_ZYX[planes] = unsure & (labels_ZYX[planes] == 0)
    return without_rims(doubted_ZYX)


def _places(
    source: ReviewSource, objects: Objects, kind: PlaceKind, report: Report
) -> tuple[Place, ...]:
    doubts, lacs = _means(source, objects, report)
    voxel_um3 = math.prod(source.voxel_size_um)
    places: list[Place] = []
    for number, index in enumerate(np.flatnonzero(objects.voxels >= FEWEST_VOXELS)):
        if number % _OBJECTS == 0:
            report(Progress(text=looking_words(source.cell)))
        box = _box(objects, int(index))
        label = int(objects.label[index]) if kind == "object" else 0
        places.append(
            Place(
                cell=source.cell.id,
                version=source.version.id,
                kind=kind,
                label=label,
                name=source.version.names[label] if label else "",
                voxel=inner_voxel(objects.mask_ZYX(int(index)), box.low),
                box=box,
                voxels=int(objects.voxels[index]),
                volume_um3=float(objects.voxels[index]) * voxel_um3,
                doubt=float(doubts[index]),
                lac_per_um=float(lacs[index]),
            )
        )
    return tuple(places)


def _means(source: ReviewSource, objects: Objects, report: Report) -> tuple[np.ndarray, np.ndarray]:
    """Return the mean doubt (0–1) and LAC of every object, read slab by slab."""
    count = len(objects.label) + 1
    doubts, lacs = np.zeros(count), np.zeros(count)
    for planes in _slabs(len(objects.ids_ZYX)):
        report(Progress(text=looking_words(source.cell)))
        ids = objects.ids_ZYX[planes]
        inside = ids > 0
        which = ids[inside]
        doubts += np.bincount(which, np.asarray(source.uncertainty_ZYX[planes])[inside], count)
        lacs += np.bincount(which, np.asarray(source.lac_ZYX[planes])[inside], count)
    return doubts[1:] / objects.voxels / 255, lacs[1:] / objects.voxels


def _slabs(count: int) -> list[slice]:
    return [slice(start, min(start + _PLANES, count)) for start in range(0, count, _PLANES)]


def _box(objects: Objects, index: int) -> Box:
    z, y, x = objects.boxes[index]
    return Box(low=(z.start, y.start, x.start), high=(z.stop, y.stop, x.stop))


def lac_ranges(
    version: LabelVersion, task: Task | None, ontology: Ontology
) -> dict[str, tuple[float, float]]:
    """Return the LAC that the vocabulary gives the classes of a prediction, by class name.

    Of a class that gathers several terms, the range that holds them all; none if one has none.
    """
    members = {item.name: item.members for item in task.classes} if task else {}
    ranges: dict[str, tuple[float, float]] = {}
    for name in version.names.values():
        gathered = members.get(name) or tuple(filter(None, (ontology.id_of(name),)))
        known = [ontology[it].lac_range_per_um for it in gathered if it in ontology]
        found = [it for it in known if it is not None]
        if found and len(found) == len(gathered):
            ranges[name] = (min(low for low, _ in found), max(high for _, high in found))
    return ranges


def ranges_of(project: Project, version: LabelVersion) -> dict[str, tuple[float, float]]:
    """Return the LAC that the vocabulary of a project gives the classes of a prediction."""
    tasks = project.task_versions(version.task) if version.task else ()
    return lac_ranges(version, tasks[-1] if tasks else None, project.ontology())


def review_queue(
    project: Project, cells: Sequence[CellRecord], report: Report = ignore
) -> tuple[Doubt, ...]:
    """Return the doubtful places of cells, the most doubtful first."""
    places: list[Place] = []
    ranges: dict[str, tuple[float, float]] = {}
    for cell in cells:
        version = predicted_version(cell)
        if version is not None:
            places += find_places(review_source(project, cell, version), report)
            ranges |= ranges_of(project, version)
    return rank_places(places, ranges)


def object_coats(
    found_ZYX: ArrayLike, places: Sequence[Place], now_ZYX: np.ndarray, report: Report = ignore
) -> tuple[PackedCoat, ...]:
    """Return what takes objects out of labels as they are now, where they are still labelled so.

    ``found_ZYX`` are the labels that they were found in.
    """
    coats: list[Coat] = []
    for place in places:
        report(Progress(text="Looking for the object"))
        cut_ZYX = np.asarray(found_ZYX[place.box.slices])
        objects = find_objects(cut_ZYX, [place.label])
        z, y, x = (i - low for i, low in zip(place.voxel, place.box.low, strict=True))
        number = int(objects.ids_ZYX[z, y, x])
        if number:
            still_ZYX = now_ZYX[place.box.slices] == place.label
            region = Region(box=place.box, mask_ZYX=(objects.ids_ZYX == number) & still_ZYX)
            coats.append(Coat(region=region, value=0))
    return pack_all(coats)


def sign_off(
    project: Project,
    version: tuple[CellRecord, LabelVersion],
    name: str,
    person: str,
    progress: ClassProgress | None = None,
) -> SignOff:
    """Sign off a class of a label version, with how its doubtful places were judged.

    Raises
    ------
    ProjectError
        If the class is none of the version, nobody is named, or the project is read-only.
    """
    cell, labels = version
    facts = progress or ClassProgress(name=name, total=0)
    provenance = made_by(
        "sxtstudio.workflow.reviewing.sign_off",
        {
            "doubtful": facts.total,
            "accepted": facts.accepted,
            "rejected": facts.rejected,
            "flagged": facts.flagged,
        },
        (cell.lac_sha256, labels.id),
    )
    return project.reviews.sign_off((cell.id, labels.id, name), person, provenance)


def signed_off(project: Project) -> dict[str, dict[str, SignOff]]:
    """Return who signed off which classes of the newest labels: cell id → class name → sign-off.

    Every cell of the project is in it.
    """
    signs = project.reviews.sign_offs().items()
    found: dict[str, dict[str, SignOff]] = {cell.id: {} for cell in project.cells()}
    newest = {(cell.id, cell.versions[-1].id) for cell in project.cells() if cell.versions}
    for (cell_id, version_id, name), it in signs:
        if (cell_id, version_id) in newest:
            found[cell_id][name] = it
    return found
