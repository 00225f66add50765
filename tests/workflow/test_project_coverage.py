"""What the cells of a project know about a task, from the counts stored with their labels."""

from dataclasses import replace

import numpy as np
import pytest

from sxtstudio.core.cell import Annotation
from sxtstudio.core.coverage import annotation_facts
from sxtstudio.core.ontology import default_ontology
from sxtstudio.core.task import parse_task
from sxtstudio.project.project import Project
from sxtstudio.workflow.project_coverage import project_coverage
from tests.gui.projects import five_balls_cell, write_project

ONTOLOGY = default_ontology()
TASK = parse_task("t", ["nucleus", "mitochondria", "golgi"], ONTOLOGY)
COMPLETE = frozenset({"nucleus", "nucleolus"})


@pytest.fixture
def project(tmp_path):
    cells = [five_balls_cell("ball 1", complete=COMPLETE), five_balls_cell("bare", labelled=False)]
    with Project.open(write_project(tmp_path / "a.sxt", *cells)) as project:
        yield project


def test_a_version_keeps_how_many_voxels_and_objects_its_labels_have(project):
    (version,) = project.cells()[0].versions
    annotation = project.annotation(project.cells()[0].id)
    labels_ZYX = annotation.label_map.labels_ZYX

    assert version.facts == annotation_facts(annotation)
    assert version.voxels == {
        int(value): int((labels_ZYX == value).sum()) for value in np.unique(labels_ZYX) if value
    }


def test_a_cell_knows_what_is_complete_what_is_partly_drawn_and_what_is_not(project):
    drawn, bare = project_coverage(project.cells(), TASK, ONTOLOGY).rows

    words = {name: known.knowledge for name, known in drawn.known.items()}
    assert words == {"nucleus": "complete", "mitochondria": "partly", "golgi": "not"}
    assert drawn.known["nucleus"].voxels > 0
    assert (drawn.name, drawn.origin, drawn.kind) == ("ball 1", "project", "ball")
    assert not bare.useful


def test_a_correction_replaces_what_was_drawn_before(project):
    cell = project.cells()[0]
    annotation = project.annotation(cell.id)
    only_nucleus = replace(annotation.label_map, labels_ZYX=_only(annotation, "nucleus"))
    corrected = Annotation(label_map=only_nucleus, complete=frozenset())

    project.add_annotation(cell.id, corrected, kind="corrected")

    known = project_coverage(project.cells(), TASK, ONTOLOGY).rows[0].known
    assert known["mitochondria"].knowledge == "not"


def _only(annotation: Annotation, name: str) -> np.ndarray:
    labels_ZYX = annotation.label_map.labels_ZYX
    kept = [value for value, word in annotation.label_map.names.items() if word == name]
    return np.where(np.isin(labels_ZYX, kept), labels_ZYX, 0).astype(labels_ZYX.dtype)


def test_a_prediction_counts_for_nothing(project):
    cell = project.cells()[0]
    predicted = replace(cell.versions[0], kind="predicted")

    (row,) = project_coverage([replace(cell, versions=(predicted,))], TASK, ONTOLOGY).rows

    assert not row.useful
