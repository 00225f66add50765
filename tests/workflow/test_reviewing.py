"""The doubtful places of predictions are found where they are, and can be taken out of labels."""

from pathlib import Path

import msgspec
import numpy as np
import pytest

from sxtstudio.cli.main import main
from sxtstudio.core.cell import Cell
from sxtstudio.core.editing import LabelEditor
from sxtstudio.core.ontology import default_ontology
from sxtstudio.core.prediction import Prediction
from sxtstudio.core.provenance import made_by
from sxtstudio.core.review import Place, progress_of
from sxtstudio.core.task import parse_task
from sxtstudio.core.volume import LabelMap, Tomogram
from sxtstudio.project.project import Project
from sxtstudio.workflow.reviewing import (
    find_places,
    object_coats,
    predicted_version,
    ranges_of,
    review_queue,
    review_source,
    sign_off,
    signed_off,
)
from tests.workflow.cells import ball

SHAPE = (40, 40, 40)
VOXEL_UM = (0.1, 0.1, 0.2)
SURE_BALL, UNSURE_BALL, EMPTY_BALL = (10, 10, 10), (28, 28, 12), (12, 28, 30)


def balls_prediction() -> tuple[Tomogram, Prediction]:
    """A sure nucleus, an unsure dark lipid body, and an unsure place without any label."""
    labels_ZYX = np.zeros(SHAPE, np.uint8)
    uncertainty_ZYX = np.zeros(SHAPE, np.uint8)
    lac_ZYX = np.full(SHAPE, 0.2, np.float32)
    labels_ZYX[ball(SHAPE, SURE_BALL, 6)] = 1
    labels_ZYX[ball(SHAPE, UNSURE_BALL, 5)] = 2
    labels_ZYX[39, 39, 39] = 2  # a speck that nobody looks at
    uncertainty_ZYX[ball(SHAPE, UNSURE_BALL, 5)] = 102
    lac_ZYX[ball(SHAPE, UNSURE_BALL, 5)] = 0.3
    uncertainty_ZYX[ball(SHAPE, EMPTY_BALL, 5)] = 153
    prediction = Prediction(
        label_map=LabelMap(
            labels_ZYX=labels_ZYX,
            names={1: "nucleus", 2: "lipid bodies"},
            voxel_size_um=VOXEL_UM,
        ),
        probability_KZYX=np.zeros((2, *SHAPE), np.uint8),
        uncertainty_ZYX=uncertainty_ZYX,
        task="organelles",
        network_sha256="ab",
        colours={},
        made_by=made_by("the test"),
    )
    return Tomogram(lac_ZYX=lac_ZYX, voxel_size_um=VOXEL_UM), prediction


@pytest.fixture
def project(tmp_path: Path):
    tomogram, prediction = balls_prediction()
    with Project.create(tmp_path / "p.sxt") as project:
        project.add_task(parse_task("organelles", ["nucleus", "lipid bodies"], default_ontology()))
        cell = project.add_cell(Cell(name="one", tomogram=tomogram))
        project.add_cell(Cell(name="bare", tomogram=tomogram))
        project.add_prediction(cell.id, prediction)
        yield project


def places_of(project: Project) -> tuple[Place, ...]:
    cell = project.cells()[0]
    version = predicted_version(cell)
    assert version is not None
    return find_places(review_source(project, cell, version))


def test_objects_and_regions_are_found_where_they_lie(project: Project) -> None:
    sure, unsure, region = places_of(project)
    assert (sure.kind, sure.name, sure.voxel) == ("object", "nucleus", SURE_BALL)
    assert (unsure.kind, unsure.name, unsure.voxel) == ("object", "lipid bodies", UNSURE_BALL)
    assert (region.kind, region.name, region.voxel) == ("region", "", EMPTY_BALL)
    assert [it.doubt for it in (sure, unsure, region)] == pytest.approx([0, 0.4, 0.6], abs=1e-6)
    voxels = np.count_nonzero(ball(SHAPE, UNSURE_BALL, 5))
    assert unsure.voxels == voxels
    assert unsure.volume_um3 == pytest.approx(voxels * 0.002)
    assert unsure.lac_per_um == pytest.approx(0.3)


def test_the_queue_is_of_predicted_cells_the_most_doubtful_first(project: Project) -> None:
    queue = review_queue(project, project.cells())
    assert [it.place.voxel for it in queue] == [UNSURE_BALL, EMPTY_BALL]
    (reason,) = queue[0].reasons
    assert reason.startswith("Unusually dark for lipid bodies (LAC 0.30 µm⁻¹; ")


def test_the_vocabulary_says_what_lac_the_classes_of_a_task_have(project: Project) -> None:
    version = predicted_version(project.cells()[0])
    assert version is not None
    words = default_ontology()
    ranges = ranges_of(project, version)
    assert ranges["nucleus"] == words[words.id_of("nucleus") or ""].lac_range_per_um


def test_a_rejected_object_is_taken_out_as_one_edit_that_can_be_undone(project: Project) -> None:
    cell = project.cells()[0]
    label_map = project.label_map(cell.id)
    before = label_map.labels_ZYX.copy()
    editor = LabelEditor(label_map)
    stored = project.looking.labels(cell, cell.versions[-1].id)
    unsure = next(it for it in places_of(project) if it.name == "lipid bodies")
    assert editor.coat("Reject", object_coats(stored, [unsure], before)) is not None
    expected = np.where(ball(SHAPE, UNSURE_BALL, 5), 0, before)
    assert np.array_equal(editor.labels_ZYX, expected)
    editor.undo()
    assert np.array_equal(editor.labels_ZYX, before)


def test_a_sign_off_holds_how_its_places_were_judged_and_ends_with_new_labels(
    project: Project,
) -> None:
    cell = project.cells()[0]
    version = cell.versions[-1]
    queue = review_queue(project, [cell])
    project.reviews.decide(queue[0].place, "rejected", "Ada")
    verdicts = dict(project.reviews.verdicts())
    facts = next(it for it in progress_of(queue, verdicts) if it.name == "lipid bodies")
    sign_off(project, (cell, version), "lipid bodies", "Ada", facts)
    signed = signed_off(project)[cell.id]
    assert list(signed) == ["lipid bodies"]
    assert signed["lipid bodies"].person == "Ada"
    assert signed["lipid bodies"].made_by.parameters == {
        "doubtful": 1, "accepted": 0, "rejected": 1, "flagged": 0,
    }  # fmt: skip
    project.add_prediction(cell.id, balls_prediction()[1])
    assert signed_off(project) == {cell.id: {}, project.cell("bare").id: {}}


def test_the_command_line_lists_the_queue_with_verdicts_and_sign_offs(
    project: Project, capsys: pytest.CaptureFixture[str]
) -> None:
    cell = project.cells()[0]
    queue = review_queue(project, [cell])
    project.reviews.decide(queue[0].place, "flagged", "Ada")
    sign_off(project, (cell, cell.versions[-1]), "nucleus", "Bo")
    path = project.path
    project.close()
    assert main(["review", str(path)]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].split() == ["cell", "place", "z,", "y,", "x", "doubt", "µm³", "LAC",
                                "verdict", "why"]  # fmt: skip
    assert lines[1].startswith("one   lipid bodies  28, 28, 12  40%")
    assert "flagged  Unusually dark for lipid bodies" in lines[1]
    assert lines[2].startswith("one   no object     12, 28, 30  60%")
    assert "lipid bodies: 1 of 1 judged" in lines
    assert any(line.startswith("one: nucleus signed off by Bo, 20") for line in lines)
    assert main(["review", str(path), "--left", "--most", "1", "--json"]) == 0
    told = msgspec.json.decode(capsys.readouterr().out)
    assert [it["kind"] for it in told["places"]] == ["region"]
    assert told["signed_off"]["one"]["nucleus"]["person"] == "Bo"
    assert main(["review", str(path), "--cell", "bare"]) == 0
    assert capsys.readouterr().out.startswith("There is no doubtful place")
