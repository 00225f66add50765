"""A cell drawn as a task would see it: its labels turned into the classes of the task."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np

from sxtstudio.analysis.styles import HULL_OPACITY, ClassStyle, default_styles
from sxtstudio.core.ontology import Ontology
from sxtstudio.core.task import Task, class_colour, task_label_of
from sxtstudio.core.volume import LabelMap
from sxtstudio.simulation.specimen import make_specimen

EDGE_VOXELS = 72
REST_COLOUR = "#c9d1d9"
_SEED = 3
_CELL = "cell"
_SURROUNDINGS_OPACITY = 0.15


@dataclass(frozen=True, kw_only=True, eq=False)
class Example:
    """A cell to show a task on; ``names`` of its labels are words that the ontology may know."""

    name: str
    label_map: LabelMap


def simulated_example(kind: str) -> Example:
    """Return a simulated cell of a kind, always the same one."""
    specimen = make_specimen(kind, EDGE_VOXELS, np.random.default_rng(_SEED), mount="grid")
    return Example(
        name=f"simulated {kind}",
        label_map=LabelMap(
            labels_ZYX=specimen.labels_ZYX,
            names=specimen.names,
            voxel_size_um=specimen.voxel_size_um,
        ),
    )


def as_task_sees_it(example: Example, task: Task, ontology: Ontology) -> LabelMap:
    """Return the labels of the task in an example, and what else is of the cell as one more."""
    value_of = _values(example.label_map.names, task, ontology)
    labels_ZYX = example.label_map.labels_ZYX
    table = np.zeros(int(labels_ZYX.max(initial=0)) + 1, np.uint8)
    for label, value in value_of.items():
        if label < table.size:
            table[label] = value
    return LabelMap(
        labels_ZYX=table[labels_ZYX],
        names={**task.names, len(task.classes) + 1: "the rest of the cell"},
        voxel_size_um=example.label_map.voxel_size_um,
    )


def _values(names: Mapping[int, str], task: Task, ontology: Ontology) -> dict[int, int]:
    label_of = task_label_of(task, ontology)
    rest = len(task.classes) + 1
    values: dict[int, int] = {}
    for label, name in names.items():
        term = name if name in ontology else ontology.id_of(name)
        if term is None:
            continue
        inside = _CELL in ontology and _CELL in ontology.ancestors(term)
        values[label] = label_of[term] or (rest if inside else 0)
    return values


def has_class(example: Example, task: Task, ontology: Ontology) -> bool:
    """Tell whether some label of an example stands for a class of a task."""
    rest = len(task.classes) + 1
    return any(
        0 < value < rest for value in _values(example.label_map.names, task, ontology).values()
    )


def task_styles(task: Task, ontology: Ontology) -> tuple[ClassStyle, ...]:
    """Return how the classes of a task are drawn, and the faint rest of the cell."""
    members = {value: item.members[0] for value, item in enumerate(task.classes, start=1)}
    colours = {
        value: class_colour(item, ontology) for value, item in enumerate(task.classes, start=1)
    }
    styles = [
        replace(
            style,
            name=task.names[style.label],
            opacity=style.opacity if style.visible else _SURROUNDINGS_OPACITY,
            visible=True,
        )
        for style in default_styles(members, colours, ontology)
    ]
    rest = ClassStyle(
        label=len(task.classes) + 1, name="", colour=REST_COLOUR, opacity=HULL_OPACITY
    )
    return (*styles, rest)


def shown_words(label_map: LabelMap, task: Task) -> str:
    """Return which classes of the task the example does not have, empty if it has all."""
    present = set(np.unique(label_map.labels_ZYX).tolist())
    missing = [name for value, name in task.names.items() if value not in present]
    return f"Not in this cell: {', '.join(missing)}" if missing else ""
