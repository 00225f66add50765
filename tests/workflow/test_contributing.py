"""What people drew goes from a project into a library: once, later labels too, guesses never."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from sxtstudio.core.cell import Annotation
from sxtstudio.core.errors import LibraryError, ProjectError
from sxtstudio.core.events import Cancelled, Event, Progress
from sxtstudio.core.ontology import Extension, default_ontology, new_term
from sxtstudio.core.prediction import Prediction
from sxtstudio.core.provenance import made_by
from sxtstudio.core.volume import LabelMap
from sxtstudio.library.library import Library
from sxtstudio.library.records import CellQuery
from sxtstudio.project.project import Project
from sxtstudio.workflow.contributing import contribute, drawn_cell, give
from tests.workflow.cells import VOXEL_UM, ball_cell


@pytest.fixture
def library(tmp_path: Path) -> Iterator[Library]:
    with Library.create(tmp_path / "lib", cache=tmp_path / "cache") as made:
        yield made


@pytest.fixture
def project(tmp_path: Path) -> Iterator[Project]:
    """A cell with labels and a cell without."""
    with Project.create(tmp_path / "p.sxt") as made:
        made.add_cell(replace(ball_cell("drawn", seed=1), species="yeast", condition="starved"))
        made.add_cell(ball_cell("bare", seed=2, labelled=False))
        yield made


def slab(name: str, value: int = 1) -> Annotation:
    """Return an annotation of a few planes."""
    labels_ZYX = np.zeros(ball_cell().tomogram.shape, np.uint8)
    labels_ZYX[:4] = value
    label_map = LabelMap(labels_ZYX=labels_ZYX, names={value: name}, voxel_size_um=VOXEL_UM)
    return Annotation(label_map=label_map, complete=frozenset(), author="Bea")


def drawn_words(library: Library, name: str) -> list[set[str]]:
    """Return what each annotation of the cell in use names."""
    cell = library.read_cell(library.cell(name).id)
    return [set(it.label_map.names.values()) for it in cell.annotations]


def test_what_is_drawn_goes_into_the_library_with_its_source(
    project: Project, library: Library
) -> None:
    done = contribute(project, library, author="Ada")
    (there,) = library.cells()
    assert done.added == {"drawn": there.id}
    assert done.left_out == {"bare": "nobody has drawn or corrected labels in it"}
    assert (there.source, there.author) == ("p.sxt, cell drawn", "Ada")
    assert (there.species, there.condition) == ("yeast", "starved")
    whole = library.read_cell(there.id)
    original = ball_cell("drawn", seed=1)
    np.testing.assert_array_equal(whole.tomogram.lac_ZYX, original.tomogram.lac_ZYX)
    assert whole.annotations[0].complete == {"nucleus", "lipid"}
    assert whole.annotations[0].author == "the test"


def test_the_same_again_adds_nothing(project: Project, library: Library) -> None:
    contribute(project, library)
    (there,) = library.cells()
    assert contribute(project, library, ["drawn"]).unchanged == {"drawn": there.id}
    assert len(library.cells(CellQuery(with_unused=True))) == 1


def test_labels_that_came_later_become_a_new_version(project: Project, library: Library) -> None:
    first = contribute(project, library).added["drawn"]
    project.add_annotation("drawn", slab("mitochondria"), kind="imported")
    second = contribute(project, library).updated["drawn"]
    assert library.cell(first).superseded_by == second
    assert [cell.id for cell in library.cells()] == [second]
    assert drawn_words(library, "drawn") == [{"nucleus", "lipid"}, {"mitochondria"}]


def test_a_correction_replaces_what_this_project_gave_and_nothing_else(
    project: Project, library: Library
) -> None:
    first = contribute(project, library).added["drawn"]
    library.add_annotation(first, slab("vacuole"), "Cleo")
    project.add_annotation("drawn", slab("nucleus", 2), kind="corrected")
    contribute(project, library)
    assert drawn_words(library, "drawn") == [{"vacuole"}, {"nucleus"}]


def test_what_a_note_says_of_completeness_is_no_reason_for_a_new_version(
    project: Project, library: Library
) -> None:
    there = contribute(project, library).added["drawn"]
    library.set_complete(there, 0, frozenset({"lipid"}))
    assert contribute(project, library).unchanged == {"drawn": there}


def test_a_tomogram_that_others_added_is_not_added_twice(
    project: Project, library: Library
) -> None:
    theirs = replace(ball_cell("drawn", seed=1), name="B7", annotations=(slab("vacuole"),))
    library.add_cell(theirs, author="Cleo")
    done = contribute(project, library)
    (there,) = library.cells()
    assert done.updated == {"drawn": there.id}
    assert there.name == "B7"
    assert drawn_words(library, "B7") == [{"vacuole"}, {"nucleus", "lipid"}]


def test_a_prediction_is_never_given(project: Project, library: Library) -> None:
    cell = project.cell("bare")
    prediction = Prediction(
        label_map=LabelMap(
            labels_ZYX=np.ones(cell.shape, np.uint8), names={1: "fat"}, voxel_size_um=VOXEL_UM
        ),
        probability_KZYX=np.full((1, *cell.shape), 255, np.uint8),
        uncertainty_ZYX=np.zeros(cell.shape, np.uint8),
        task="t",
        network_sha256="0" * 64,
        colours={1: "#ff0000"},
        made_by=made_by("test"),
    )
    project.add_prediction(cell.id, prediction)
    assert contribute(project, library, ["bare"]).left_out.keys() == {"bare"}
    assert library.cells() == ()


def test_terms_of_the_project_come_along(project: Project, library: Library) -> None:
    project.extend(Extension(terms=(new_term(default_ontology(), "Carboxysome", "cell"),)))
    project.add_annotation("bare", slab("carboxysome"), kind="imported")
    contribute(project, library, ["bare"])
    assert library.ontology()["carboxysome"].parent == "cell"


def test_stopped_in_between_what_was_added_stays(project: Project, library: Library) -> None:
    project.add_annotation("bare", slab("nucleus"), kind="imported")

    def stop_at_the_second(event: Event) -> None:
        if isinstance(event, Progress) and "2 of 2" in event.text:
            raise Cancelled

    with pytest.raises(Cancelled):
        contribute(project, library, report=stop_at_the_second)
    assert [cell.name for cell in library.cells()] == ["drawn"]
    assert contribute(project, library).added.keys() == {"bare"}


def test_a_cell_that_is_not_there_is_named(project: Project, library: Library) -> None:
    with pytest.raises(ProjectError, match="nobody"):
        contribute(project, library, ["nobody"])


def test_a_library_that_is_gone_is_told(project: Project, library: Library, tmp_path: Path) -> None:
    library.folder.rename(tmp_path / "away")
    with pytest.raises(LibraryError, match="cannot be reached"):
        contribute(project, library)


def test_a_cell_is_read_and_given_in_a_thread_as_it_is_by_the_project(
    project: Project, library: Library
) -> None:
    record = project.cell("drawn")
    offer = drawn_cell(project, record)
    assert offer is not None

    with ThreadPoolExecutor(1) as pool:
        outcome, cell_id = pool.submit(give, offer, library, "ada").result(30)

    assert outcome == "added"
    there = library.read_cell(cell_id)
    np.testing.assert_array_equal(there.tomogram.lac_ZYX, project.tomogram(record.id).lac_ZYX)
    mine = project.annotation(record.id)
    np.testing.assert_array_equal(
        there.annotations[0].label_map.labels_ZYX, mine.label_map.labels_ZYX
    )
    assert there.annotations[0].complete == mine.complete
