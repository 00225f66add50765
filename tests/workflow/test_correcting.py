"""Drafts from versions, predictions and nothing; what is saved of them."""

from pathlib import Path

import numpy as np
import pytest

from sxtstudio.core.editing import LabelEditor
from sxtstudio.core.errors import LabelError, ProjectError
from sxtstudio.core.ontology import IGNORE, default_ontology
from sxtstudio.core.prediction import Prediction
from sxtstudio.core.provenance import made_by
from sxtstudio.core.region import Region, whole
from sxtstudio.core.scope import Slices
from sxtstudio.core.task import parse_task
from sxtstudio.core.volume import LabelMap
from sxtstudio.io.journal_writer import JournalWriter
from sxtstudio.project.project import Project
from sxtstudio.project.records import LabelVersion
from sxtstudio.workflow import correcting
from sxtstudio.workflow.gathering import GatheredCell
from sxtstudio.workflow.jobs import _training_source
from tests.gui.projects import VOXEL_UM, five_balls_cell, write_project

WORDS = default_ontology()


@pytest.fixture
def path(tmp_path) -> Path:
    return write_project(tmp_path / "p.sxt", five_balls_cell("drawn", 16), task=False)


def add_prediction(project: Project) -> LabelVersion:
    """Add what a network for nucleus, and for lipid and starch as one class, says of a cell."""
    task = parse_task("two", ["nucleus", "storage=lipid+starch"], WORDS)
    project.add_task(task)
    record = project.cells()[0]
    labels_ZYX = np.zeros(record.shape, np.uint8)
    labels_ZYX[2:5], labels_ZYX[8:9] = 1, 2
    prediction = Prediction(
        label_map=LabelMap(labels_ZYX=labels_ZYX, names=task.names, voxel_size_um=VOXEL_UM),
        probability_KZYX=np.zeros((2, *record.shape), np.uint8),
        uncertainty_ZYX=np.zeros(record.shape, np.uint8),
        colours={1: "#ff0000", 2: "#00ff00"},
        task=task.name,
        network_sha256="0" * 64,
        made_by=made_by("test"),
    )
    return project.add_prediction(record.id, prediction)


def draft(project: Project, version_id: str | None = None) -> correcting.Draft:
    record = project.cells()[0]
    version = next(it for it in record.versions if version_id in (None, it.id))
    label_map = project.label_map(record.id, version.id)
    return correcting.draft_of(project, record, version, label_map, WORDS)


def all_of(shape) -> Region:
    return Region(box=whole(shape), mask_ZYX=np.ones(shape, bool))


def test_classes_of_a_prediction_become_the_terms_they_gather(path):
    with Project.open(path) as project:
        version = add_prediction(project)
        found = draft(project, version.id)
        assert found.label_map.names == {1: "nucleus", 2: WORDS.term(found.label_map.names[2]).id}
        storage = found.label_map.names[2]
        assert all(storage in WORDS.ancestors(it) for it in ("lipid", "starch"))
        assert storage != WORDS.root.id
        assert found.notes == (f"“storage” is now “{WORDS.term(storage).name}”.",)
        assert found.complete == frozenset()


def test_a_prediction_whose_task_is_gone_keeps_its_words(path):
    with Project.open(path) as project:
        version = add_prediction(project)
        project.change_task("two", parse_task("two", ["vacuole"], WORDS).classes)
        assert draft(project, version.id).label_map.names[1] == "nucleus"
    names, notes = correcting._terms_of(version, None, WORDS)
    assert names == {1: "nucleus", 2: "storage"}
    assert notes == []
    assert correcting._term_called("unlabeled", WORDS) == IGNORE
    assert correcting._common_term(("mine", "theirs"), WORDS) == "mine"


def test_a_correction_is_saved_with_what_it_came_from(path):
    with Project.open(path) as project:
        start = draft(project)
        editor = LabelEditor(start.label_map)
        editor.apply("all", [all_of(start.label_map.shape)], editor.add_class("cell"))
        complete = frozenset({"cell", "lipid"})
        version = correcting.save_correction(
            project, start, editor.label_map, complete, "one cell", WORDS
        )
        assert (version.kind, version.comment, version.complete) == (
            "corrected",
            "one cell",
            complete,
        )
        assert set(version.names.values()) == {"cell", "lipid"}, "only what is drawn or absent"
        assert version.made_by is not None
        assert version.made_by.parameters == {"base": "v000001", "scope": ""}
        assert np.array_equal(
            project.label_map(start.cell.id).labels_ZYX, editor.label_map.labels_ZYX
        )


def test_of_a_prediction_corrected_in_a_slab_networks_learn_only_the_slab(path):
    with Project.open(path) as project:
        predicted = add_prediction(project)
        start, scope = draft(project, predicted.id), Slices(axis=0, indices=(3, 4))
        before = start.label_map.labels_ZYX.copy()
        version = correcting.save_correction(
            project, start, start.label_map, frozenset({"nucleus"}), "", WORDS, scope
        )
        cell = project.cells()[0]
        stored = project.annotation(cell.id, version.id)
        assert (stored.label_map.labels_ZYX[8] == before[8]).all(), "it is still there to see"
        taught = correcting.taught(stored, version, cell).label_map
        assert (taught.labels_ZYX[3:5] == before[3:5]).all()
        outside = np.delete(taught.labels_ZYX, (3, 4), axis=0)
        assert {taught.names[value] for value in np.unique(outside).tolist()} == {IGNORE}
        job_cell = _training_source(
            project,
            GatheredCell(
                name=cell.name,
                voxel_size_um=cell.voxel_size_um,
                project=cell.id,
                versions=(version.id,),
            ),
        ).cell
        assert (job_cell.annotations[0].label_map.labels_ZYX == taught.labels_ZYX).all()


def test_a_project_that_can_only_be_read_takes_no_correction(path):
    with Project.open(path, read_only=True) as project:
        start = draft(project)
        with pytest.raises(ProjectError, match="read-only"):
            correcting.save_correction(project, start, start.label_map, frozenset(), "", WORDS)


def test_empty_labels_hold_as_many_classes_as_are_asked_for(path):
    with Project.open(path) as project:
        record = project.cells()[0]
        few = correcting.empty_draft(record, ["lipid", "nucleus"])
        assert few.label_map.names == {1: "lipid", 2: "nucleus"}
        assert few.label_map.labels_ZYX.dtype == np.uint8
        assert not few.label_map.labels_ZYX.any()
        many = correcting.empty_draft(record, [f"c{it}" for it in range(300)])
        assert many.label_map.labels_ZYX.dtype == np.uint16


@pytest.mark.parametrize("from_nothing", [True, False])
def test_a_journal_brings_a_draft_back(path, from_nothing):
    with Project.open(path) as project:
        record = project.cells()[0]
        start = correcting.empty_draft(record, ["lipid"]) if from_nothing else draft(project)
        place = correcting.journal_path(project, record)
        assert place.parent == path.parent
        assert correcting.left_journal(project, record) is None
        header = correcting.journal_header(start)
        writer = JournalWriter(place, header)
        editor = LabelEditor(start.label_map, tell=writer.tell)
        editor.apply("all", [all_of(record.shape)], 1)
        assert writer.close(keep=True)
        assert correcting.left_journal(project, record) == place
        again = correcting.draft_of_journal(project, header)
        assert (again.base is None) == from_nothing
        assert again.complete == start.complete
        other = LabelEditor(again.label_map)
        correcting.replay_journal(other, place)
        assert np.array_equal(other.labels_ZYX, editor.labels_ZYX)
        aside = correcting.set_aside(place)
        assert correcting.left_journal(project, record) is None
        place.write_bytes(b"")
        assert correcting.set_aside(place) != aside


def test_a_journal_of_another_copy_of_the_project_is_a_sentence(path):
    from dataclasses import replace

    with Project.open(path) as project:
        header = correcting.journal_header(draft(project))
        with pytest.raises(ProjectError, match=r"v000007, which p\.sxt does not have"):
            correcting.draft_of_journal(project, replace(header, base="v000007"))
        with pytest.raises(LabelError, match="another shape or type"):
            correcting.draft_of_journal(project, replace(header, dtype="uint16"))
