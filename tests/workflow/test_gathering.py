"""Cells of a project and of a library are told alike, chosen together, and used once each."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from sxtstudio.core.cell import Annotation, Cell
from sxtstudio.core.errors import CoverageError, LibraryError, PlanError, ProjectError
from sxtstudio.core.events import Cancelled, Event, Progress
from sxtstudio.core.ontology import Extension, default_ontology, new_term
from sxtstudio.core.volume import LabelMap
from sxtstudio.io.network_card import read_network_card
from sxtstudio.library.library import Library
from sxtstudio.library.records import CellQuery
from sxtstudio.project.project import Project
from sxtstudio.workflow.bringing import finish_job
from sxtstudio.workflow.fetching import fetch_cells, is_partly_fetched
from sxtstudio.workflow.gathering import (
    coverage_of,
    gather,
    gather_cells,
    known_together,
    project_cells,
)
from sxtstudio.workflow.job_folder import Choice, TrainingJob, read_job, read_job_cell
from sxtstudio.workflow.jobs import (
    TrainingRequest,
    export_training_job,
    forget_unstarted,
    run_job,
)
from sxtstudio.workflow.tasks import define_task
from tests.workflow.cells import ball_cell

TASK = "organelles"


def partly(name: str, seed: int, *drawn: str) -> Cell:
    """Return a ball cell in which only some of its structures are drawn."""
    cell = ball_cell(name, seed=seed)
    (annotation,) = cell.annotations
    label_map = annotation.label_map
    kept = {value: word for value, word in label_map.names.items() if word in drawn}
    labels_ZYX = np.where(np.isin(label_map.labels_ZYX, list(kept)), label_map.labels_ZYX, 0)
    less = LabelMap(
        labels_ZYX=labels_ZYX.astype(np.uint8),
        names=kept,
        voxel_size_um=label_map.voxel_size_um,
    )
    return replace(
        cell,
        annotations=(replace(annotation, label_map=less, complete=frozenset(drawn)),),
        species=f"species of {name[0]}",
    )


@pytest.fixture(autouse=True)
def _own_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))


@pytest.fixture
def library(tmp_path: Path) -> Iterator[Library]:
    """Four cells, each with one structure drawn."""
    with Library.create(tmp_path / "lib") as made:
        for number, word in enumerate(("nucleus", "lipid", "nucleus", "lipid")):
            made.add_cell(partly(f"a-{number}", number, word), author="Ada")
        yield made


@pytest.fixture
def project(tmp_path: Path) -> Iterator[Project]:
    """One cell with a nucleus, one without labels, one task."""
    with Project.create(tmp_path / "p.sxt") as made:
        made.add_cell(partly("mine", 7, "nucleus"))
        made.add_cell(ball_cell("new", seed=8, labelled=False))
        define_task(made, TASK, ["nucleus", "lipid bodies"])
        yield made


def choice(library: Library, **changes: object) -> Choice:
    return Choice(library=str(library.folder), **changes)  # type: ignore[arg-type]


def training(tmp_path: Path, library: Library, **changes: object) -> TrainingRequest:
    facts = {"task": TASK, "network": tmp_path / "n.sxtnet", "steps": 4, "device": "cpu"}
    facts |= {"threads": 1, "library": library.folder}
    return TrainingRequest(**{**facts, **changes})  # type: ignore[arg-type]


def ids(library: Library) -> dict[str, str]:
    return {cell.name: cell.id for cell in library.cells(CellQuery(with_unused=True))}


def test_a_cell_of_the_project_is_told_as_a_library_tells_it(
    project: Project, library: Library
) -> None:
    (told,) = project_cells(project)
    there = library.add_cell(partly("mine", 7, "nucleus"))
    assert told.lac_sha256 == there.lac_sha256
    assert told.annotations[0].facts == there.annotations[0].facts
    assert told.kind == there.kind == "species of m"


def test_coverage_counts_the_cells_of_both(project: Project, library: Library) -> None:
    task = project.task(TASK)
    coverage = coverage_of(project, library, task)
    assert [(row.name, row.origin) for row in coverage.rows] == [
        ("mine", "project"),
        *((f"a-{number}", "library") for number in range(4)),
    ]
    assert coverage.totals["nucleus"].complete == 3
    assert coverage.totals["lipid bodies"].complete == 2
    assert len(coverage_of(project, None, task).rows) == 1
    assert len(coverage_of(None, library, task).rows) == 4
    assert len(coverage_of(None, library, task, query=CellQuery(text="a-2")).rows) == 1


def test_one_tomogram_in_both_counts_once_with_all_that_is_drawn_in_it(
    project: Project, library: Library
) -> None:
    library.add_cell(partly("theirs", 7, "lipid"))
    task = project.task(TASK)
    (row,) = (row for row in coverage_of(project, library, task).rows if row.origin == "project")
    assert {name: one.knowledge for name, one in row.known.items()} == {
        "nucleus": "complete",
        "lipid bodies": "complete",
    }
    gathered = gather_cells(project, task, choice(library))
    (both,) = (cell for cell in gathered.cells if cell.project)
    assert both.name == "mine"
    assert both.library == (ids(library)["theirs"],)
    assert len(gathered.cells) == 5
    assert any("in the project and in the library" in notice.text for notice in gathered.notices)


def test_cells_of_the_library_with_one_tomogram_are_taken_together(library: Library) -> None:
    library.add_cell(partly("again", 0, "lipid"))
    known = known_together((), library.cells())
    assert len(known) == 4
    (pair,) = (it for it in known if len(it.library) == 2)
    assert {name for it in pair.cell.annotations for name in it.facts.names.values()} == {
        "nucleus",
        "lipid",
    }
    assert pair.cell.id == pair.library[0]


def test_folds_name_every_cell_once_and_names_are_unique(
    project: Project, library: Library
) -> None:
    library.add_cell(partly("mine", 20, "lipid"))
    library.add_cell(partly("mine", 21, "lipid"))
    gathered = gather_cells(project, project.task(TASK), choice(library))
    names = [cell.name for cell in gathered.cells]
    assert len(set(names)) == 7
    assert {"mine", "mine (library)", "mine (library 2)"} <= set(names)
    assert gathered.folds is not None
    assert sorted(name for fold in gathered.folds for name in fold.held_out) == sorted(names)


def test_cells_can_be_chosen_by_id_beginning_of_it_or_name(
    project: Project, library: Library
) -> None:
    known, task = ids(library), project.task(TASK)
    words = ("a-1", known["a-3"], known["a-2"][:10])
    selection = gather(project, library, task, choice(library, library_cells=words))
    assert sorted(cell.name for cell in selection.cells) == ["a-1", "a-2", "a-3", "mine"]
    selection = gather(
        project, library, task, choice(library, project_cells=(), library_cells=("a-0", "a-1"))
    )
    assert sorted(cell.name for cell in selection.cells) == ["a-0", "a-1"]


def test_the_best_cells_are_taken_and_the_others_left_out_with_a_reason(
    project: Project, library: Library
) -> None:
    selection = gather(project, library, project.task(TASK), choice(library, most=2))
    assert selection.cells[0].name == "mine"
    assert len(selection.cells) == 2
    assert selection.cells[1].name in ("a-1", "a-3")
    assert len(selection.left_out) == 3
    assert all(reason.endswith(".") for reason in selection.left_out.values())


def test_cells_like_mine_come_first(project: Project, library: Library) -> None:
    stranger = partly("s-0", 30, "lipid")
    dark = replace(stranger.tomogram, lac_ZYX=stranger.tomogram.lac_ZYX + np.float32(0.3))
    library.add_cell(replace(stranger, tomogram=dark))
    selection = gather(project, library, project.task(TASK), choice(library, like="new", most=4))
    assert "s-0" not in {cell.name for cell in selection.cells}
    with pytest.raises(ProjectError, match="nobody"):
        gather(project, library, project.task(TASK), choice(library, like="nobody"))


def test_a_cell_that_is_out_of_use_is_refused_by_name(project: Project, library: Library) -> None:
    known, task = ids(library), project.task(TASK)
    library.withdraw(known["a-0"], "the wrong strain.")
    library.supersede(known["a-1"], known["a-3"])
    for word, clue in (("a-0", r"withdrawn \(the wrong strain\)"), ("a-1", "newer version")):
        with pytest.raises(LibraryError, match=clue):
            gather(project, library, task, choice(library, library_cells=(known[word],)))
    with pytest.raises(LibraryError, match="unicorn"):
        gather(project, library, task, choice(library, library_cells=("unicorn",)))


def test_what_nobody_drew_cannot_be_learnt(project: Project, library: Library) -> None:
    define_task(project, "more", ["nucleus", "mitochondria"])
    with pytest.raises(CoverageError, match="mitochondria"):
        gather_cells(project, project.task("more"), choice(library))


def test_cells_of_a_library_need_a_library(project: Project) -> None:
    with pytest.raises(PlanError, match="--library"):
        gather_cells(project, project.task(TASK), Choice(library_cells=("a-0",)))
    with pytest.raises(PlanError, match="--library"):
        gather_cells(project, project.task(TASK), Choice(like="new"))


def test_chosen_cells_of_the_project_alone(project: Project) -> None:
    project.add_cell(ball_cell("other", seed=3))
    gathered = gather_cells(project, project.task(TASK), Choice(project_cells=("other",)))
    assert [cell.name for cell in gathered.cells] == ["other"]
    assert gathered.folds is None
    with pytest.raises(CoverageError, match="no cell has labels"):
        gather_cells(project, project.task(TASK), Choice(project_cells=("new",)))


def test_labels_that_nobody_knows_are_told_and_may_be_anything(
    project: Project, library: Library
) -> None:
    cell = partly("odd", 4, "nucleus")
    (annotation,) = cell.annotations
    labels_ZYX = annotation.label_map.labels_ZYX.copy()
    labels_ZYX[0, 0, 0] = 9
    names = {**annotation.label_map.names, 9: "nobody"}
    label_map = replace(annotation.label_map, labels_ZYX=labels_ZYX, names=names)
    odd = replace(annotation, label_map=label_map)
    project.add_cell(replace(cell, annotations=(odd,)))
    task = project.task(TASK)

    for chosen in (Choice(), choice(library, project_cells=("odd",), most=4)):
        notices = gather_cells(project, task, chosen).notices
        assert any(
            it.text.startswith("odd: the vocabulary does not know 'nobody'") for it in notices
        )


def exported(project: Project, library: Library, tmp_path: Path, **changes: object) -> Path:
    folder = tmp_path / "n.job"
    export_training_job(project, training(tmp_path, library, **changes), folder)
    return folder


def test_the_worker_fetches_the_cells_of_the_library(
    project: Project, library: Library, tmp_path: Path
) -> None:
    library.add_cell(partly("theirs", 7, "lipid"))
    folder = exported(project, library, tmp_path)
    job = read_job(folder)
    assert isinstance(job, TrainingJob)
    assert [(cell.name, bool(cell.file), cell.fetched) for cell in job.cells[:2]] == [
        ("mine", True, False),
        ("a-0", False, False),
    ]
    events: list[Event] = []
    job = fetch_cells(folder, events.append)
    assert job == read_job(folder)
    assert all(cell.fetched for cell in job.cells)
    texts = [event.text for event in events if isinstance(event, Progress)]
    assert "Fetching a-0 from the library (2 of 5)" in texts
    cells = {entry.name: read_job_cell(folder, entry) for entry in job.cells}
    original = partly("a-1", 1, "lipid")
    np.testing.assert_array_equal(cells["a-1"].tomogram.lac_ZYX, original.tomogram.lac_ZYX)
    np.testing.assert_array_equal(
        cells["a-1"].annotations[0].label_map.labels_ZYX,
        original.annotations[0].label_map.labels_ZYX,
    )
    assert cells["a-1"].annotations[0].complete == {"lipid"}
    assert cells["a-1"].annotations[0].author == "the test"
    assert cells["a-1"].library_ids == (ids(library)["a-1"],)
    assert cells["a-1"].kind == "species of a"
    assert [set(it.label_map.names.values()) for it in cells["mine"].annotations] == [
        {"nucleus"},
        {"lipid"},
    ]
    assert cells["mine"].library_ids == (ids(library)["theirs"],)


def test_fetching_goes_on_where_it_was_stopped(
    project: Project, library: Library, tmp_path: Path
) -> None:
    folder = exported(project, library, tmp_path)

    def stop_at_the_third(event: Event) -> None:
        if isinstance(event, Progress) and "3 of 4" in event.text:
            raise Cancelled

    with pytest.raises(Cancelled):
        fetch_cells(folder, stop_at_the_third)
    assert is_partly_fetched(folder)
    forget_unstarted(folder)
    assert folder.exists()
    export_training_job(project, training(tmp_path, library, resume=True), folder)
    first = (folder / "inputs" / "1.lac.npy").stat().st_mtime_ns
    events: list[Event] = []
    fetch_cells(folder, events.append)
    texts = [event.text for event in events if isinstance(event, Progress)]
    assert texts[0] == "Fetching a-2 from the library (1 of 2)"
    assert (folder / "inputs" / "1.lac.npy").stat().st_mtime_ns == first
    assert not is_partly_fetched(folder)


def test_a_library_that_vanished_is_told_in_a_sentence_and_nothing_is_lost(
    project: Project, library: Library, tmp_path: Path
) -> None:
    folder = exported(project, library, tmp_path)
    library.folder.rename(tmp_path / "away")
    with pytest.raises(LibraryError, match=r"a-0 cannot be fetched .*lib.*--resume") as caught:
        run_job(folder)
    assert str(caught.value).count("\n") == 0
    (tmp_path / "away").rename(library.folder)
    assert all(cell.fetched for cell in fetch_cells(folder).cells)


def test_a_share_that_answers_with_an_error_is_told_in_a_sentence_too(
    project: Project, library: Library, tmp_path: Path
) -> None:
    """The system refuses such a long name as it refuses what lies on a broken connection."""
    folder = exported(project, library, tmp_path)
    broken = f"{library.folder}/{'x' * 300}"
    text = (folder / "job.json").read_text().replace(str(library.folder), broken)
    (folder / "job.json").write_text(text)
    with pytest.raises(LibraryError, match=r"a-0 cannot be fetched .*once the library is there"):
        fetch_cells(folder)


def test_a_cell_that_is_damaged_in_the_library_is_not_trained_on(
    project: Project, library: Library, tmp_path: Path
) -> None:
    folder = exported(project, library, tmp_path)
    damaged = ids(library)["a-0"]
    path = library.folder / "cells" / damaged[:2] / f"{damaged}.sxtcell"
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.chmod(0o644)
    path.write_bytes(content)
    with pytest.raises(LibraryError, match="a-0 cannot be fetched"):
        fetch_cells(folder)


def test_only_a_training_needs_cells_of_a_library(tmp_path: Path) -> None:
    (tmp_path / "job.json").write_text(
        '{"kind": "segmentation", "segmentation": {"cells": [], "network": "n", '
        '"network_sha256": "0", "device": "cpu", "threads": 1}}'
    )
    with pytest.raises(PlanError, match="no training"):
        fetch_cells(tmp_path)


def test_another_choice_of_cells_cannot_go_on_from_a_stopped_training(
    project: Project, library: Library, tmp_path: Path
) -> None:
    folder = exported(project, library, tmp_path)
    library.add_cell(partly("late", 40, "lipid"))  # others may add to the library meanwhile
    again = training(tmp_path, library, resume=True)
    export_training_job(project, again, folder)
    export_training_job(project, replace(again, library=None), folder)
    with pytest.raises(PlanError, match="the choice of cells changed"):
        export_training_job(project, replace(again, most=3), folder)
    project.add_annotation("mine", partly("mine", 7, "lipid").annotations[0], kind="imported")
    with pytest.raises(PlanError, match="labelled cells changed"):
        export_training_job(project, again, folder)


def test_a_term_of_the_laboratory_travels_with_the_job(
    project: Project, library: Library, tmp_path: Path
) -> None:
    extension = Extension(terms=(new_term(default_ontology(), "Carboxysome", "cell"),))
    project.extend(extension)
    library.extend(extension)
    cell = partly("c-0", 50, "nucleus")
    (annotation,) = cell.annotations
    label_map = replace(annotation.label_map, names={1: "carboxysome"})
    library.add_cell(
        replace(
            cell,
            annotations=(Annotation(label_map=label_map, complete=frozenset({"carboxysome"})),),
        )
    )
    define_task(project, "own", ["carboxysome"])
    folder = exported(project, library, tmp_path, task="own")
    job = read_job(folder)
    assert isinstance(job, TrainingJob)
    assert [cell.name for cell in job.cells] == ["c-0"]
    assert job.ontology["carboxysome"].name == "Carboxysome"


@pytest.mark.slow
def test_a_network_learns_what_no_single_cell_shows_and_names_its_cells(
    project: Project, library: Library, tmp_path: Path
) -> None:
    folder = exported(project, library, tmp_path)
    run_job(folder)
    finish_job(project, folder)
    card = read_network_card(tmp_path / "n.sxtnet")
    known = ids(library)
    named = {cell.name: cell.library_ids for cell in card.cells}
    assert set(named) <= {"mine", *known}
    assert all(named[name] == (known[name],) for name in named if name != "mine")
