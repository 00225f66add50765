"""What partly labelled cells know about the classes of a task."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Literal

from sxtstudio.core.cell import Annotation
from sxtstudio.core.label_counts import count_labels
from sxtstudio.core.ontology import Ontology
from sxtstudio.core.task import Task, target_bits
from sxtstudio.core.volume import VoxelSize
from sxtstudio.core.wording import counted

Knowledge = Literal["complete", "partly", "not"]
"""Drawn everywhere in a cell; drawn somewhere, or everywhere but in regions left out; unknown."""


@dataclass(frozen=True, kw_only=True)
class AnnotationFacts:
    """What an annotation says without its voxels.

    ``names`` and ``complete`` are those of the `Annotation`. ``voxels`` counts the voxels of each
    label value that is used, ``objects`` its connected objects (faces touching). Where only some
    planes are drawn, an object counts once in each of them.
    """

    names: Mapping[int, str]
    complete: frozenset[str]
    voxels: Mapping[int, int]
    objects: Mapping[int, int] = field(default_factory=dict[int, int])


def annotation_facts(annotation: Annotation) -> AnnotationFacts:
    """Return what an annotation says without its voxels."""
    counts = count_labels(annotation.label_map.labels_ZYX)
    return AnnotationFacts(
        names=dict(annotation.label_map.names),
        complete=annotation.complete,
        voxels=counts.voxels,
        objects=counts.objects,
    )


@dataclass(frozen=True, kw_only=True)
class ClassKnowledge:
    """What one cell knows about one class of a task; voxels and objects that surely are it.

    ``bounded`` tells that it is also known where the class is not, at least where somebody looked.
    """

    knowledge: Knowledge
    voxels: int = 0
    objects: int = 0
    bounded: bool = False


_FROM_WORST: tuple[Knowledge, ...] = ("not", "partly", "complete")
NOTHING = ClassKnowledge(knowledge="not")

ENOUGH_CELLS = 4
"""With fewer cells that know a class, a network mistakes what they share for the class."""

ENOUGH_VOXELS = 1000
"""Fewer voxels of a class, over all cells, are a few specks."""

Grouping = Literal["kind", "condition", "instrument", "voxel size"]
NOT_STATED = "not stated"


def knowledge_of(
    annotations: Iterable[AnnotationFacts], task: Task, ontology: Ontology
) -> dict[str, ClassKnowledge]:
    """Return what the annotations of one cell know together, by class name of the task."""
    return knower(task, ontology)(annotations)


def knower(
    task: Task, ontology: Ontology
) -> Callable[[Iterable[AnnotationFacts]], dict[str, ClassKnowledge]]:
    """Return `knowledge_of` for many cells: what is drawn alike is looked up once."""
    names = task.names
    seen: dict[tuple[frozenset[tuple[int, str]], frozenset[str]], dict[int, int]] = {}

    def known(annotations: Iterable[AnnotationFacts]) -> dict[str, ClassKnowledge]:
        together = dict.fromkeys(names.values(), NOTHING)
        for facts in annotations:
            key = (frozenset(facts.names.items()), facts.complete)
            if key not in seen:
                seen[key] = target_bits(facts.names, facts.complete, task, ontology)
            for name, one in _one_knows(facts, seen[key], names, ontology).items():
                together[name] = _better(together[name], one)
        return together

    return known


def _better(one: ClassKnowledge, other: ClassKnowledge) -> ClassKnowledge:
    """Return the better knowledge; two annotations of one cell may show the same voxels."""
    return ClassKnowledge(
        knowledge=max((one.knowledge, other.knowledge), key=_FROM_WORST.index),
        voxels=max(one.voxels, other.voxels),
        objects=max(one.objects, other.objects),
        bounded=one.bounded or other.bounded,
    )


def _one_knows(
    facts: AnnotationFacts, bits: Mapping[int, int], names: Mapping[int, str], ontology: Ontology
) -> dict[str, ClassKnowledge]:
    used = [value for value, count in facts.voxels.items() if count and value in facts.names]
    left_out = {value for value in used if facts.names[value] not in ontology}
    doubtful = 0
    for mask in (bits[0], *(bits[value] for value in used if value not in left_out)):
        doubtful |= mask if mask.bit_count() > 1 else 0
    known: dict[str, ClassKnowledge] = {}
    for label, name in names.items():
        bit = 1 << label
        sure = [value for value in used if bits[value] == bit]
        bounded = not (doubtful | bits[0]) & bit
        knowledge: Knowledge = "partly" if sure or bounded else "not"
        if bounded and not left_out:
            knowledge = "complete"
        known[name] = ClassKnowledge(
            knowledge=knowledge,
            voxels=sum(facts.voxels[value] for value in sure),
            objects=sum(facts.objects.get(value, 0) for value in sure),
            bounded=bounded,
        )
    return known


@dataclass(frozen=True, kw_only=True)
class CoverageRow:
    """What one cell of a project or a library knows; ``known`` is by class name of the task."""

    id: str
    name: str
    origin: Literal["project", "library"]
    kind: str
    condition: str
    instrument: str
    voxel_size_um: VoxelSize
    known: Mapping[str, ClassKnowledge]

    @property
    def useful(self) -> bool:
        """Whether a network can learn at least one class from this cell."""
        return any(one.knowledge != "not" for one in self.known.values())

    def group(self, by: Grouping) -> str:
        """Return in words what the cell is as to its kind, condition, instrument or voxel size."""
        if by == "voxel size":
            edges = [f"{edge * 1000:.3g}" for edge in self.voxel_size_um]
            return f"{edges[0] if len(set(edges)) == 1 else ' × '.join(edges)} nm"
        words = {"kind": self.kind, "condition": self.condition, "instrument": self.instrument}
        return words[by] or NOT_STATED


@dataclass(frozen=True, kw_only=True)
class ClassTotal:
    """What all cells know about one class: cells by their knowledge, voxels and objects."""

    complete: int = 0
    partly: int = 0
    voxels: int = 0
    objects: int = 0

    @property
    def cells(self) -> int:
        """Number of cells that know the class, everywhere or partly."""
        return self.complete + self.partly


@dataclass(frozen=True, kw_only=True)
class Coverage:
    """Which cells know which classes of a task."""

    task: Task
    rows: tuple[CoverageRow, ...]

    @cached_property
    def useful_rows(self) -> tuple[CoverageRow, ...]:
        """The cells that know at least one class."""
        return tuple(row for row in self.rows if row.useful)

    @cached_property
    def totals(self) -> dict[str, ClassTotal]:
        """What all cells know together, by class name of the task."""
        return {name: self._total(name) for name in self.task.names.values()}

    def _total(self, name: str) -> ClassTotal:
        known = [row.known[name] for row in self.rows]
        words = [one.knowledge for one in known]
        return ClassTotal(
            complete=words.count("complete"),
            partly=words.count("partly"),
            voxels=sum(one.voxels for one in known),
            objects=sum(one.objects for one in known),
        )

    def grouped(self, by: Grouping) -> dict[str, "Coverage"]:
        """Return the coverage of every group of cells, the largest group first."""
        groups: dict[str, list[CoverageRow]] = {}
        for row in self.rows:
            groups.setdefault(row.group(by), []).append(row)
        ordered = sorted(groups.items(), key=lambda item: (-len(item[1]), item[0]))
        return {word: Coverage(task=self.task, rows=tuple(rows)) for word, rows in ordered}

    def warnings(self) -> tuple[str, ...]:
        """Return in words what these cells will make a network bad at, and what helps."""
        if not self.rows:
            return ("There is no cell to learn from; add cells with labels first.",)
        said = (self._warning(name, total) for name, total in self.totals.items())
        return tuple(filter(None, said))

    def _warning(self, name: str, total: ClassTotal) -> str:
        """Return the gravest thing there is to say about a class; nothing if all is well."""
        cells, enough = counted(total.cells, "cell"), counted(ENOUGH_CELLS, "cell")
        if not total.cells:
            return f"No cell knows {name}; draw it in {enough}, or leave it out of the task."
        if not total.voxels:
            verb = "is" if total.cells == 1 else "are"
            return (
                f"{cells} {verb} known to have no {name}, but no cell shows any; draw it in "
                f"{enough}."
            )
        if total.cells < ENOUGH_CELLS:
            missing = counted(ENOUGH_CELLS - total.cells, "more cell")
            return (
                f"Only {cells} know{'s' * (total.cells == 1)} {name}; expect a weak class, or draw "
                f"it in {missing}."
            )
        if not any(row.known[name].bounded for row in self.rows):
            return (
                f"{name}: {cells} show it, but none is said to have it drawn everywhere, so a "
                "network hardly learns where it ends; complete it in one cell."
            )
        if total.voxels < ENOUGH_VOXELS:
            return (
                f"{name}: all cells together show only {counted(total.voxels, 'voxel')}; expect a "
                "weak class, or draw more of it."
            )
        return self._kind_warning(name)

    def _kind_warning(self, name: str) -> str:
        knowing = [row for row in self.useful_rows if row.known[name].knowledge != "not"]
        others = {row.kind for row in self.useful_rows} - {row.kind for row in knowing}
        if not others:
            return ""
        kinds = " or ".join(sorted(others)[:3]) + (" or others" if len(others) > 3 else "")
        return (
            f"{name}: no cell of the kind {kinds} says anything about it, so a network may find it "
            "there by mistake."
        )
