"""The window knows the words of the program, the library and the project."""

import os
from dataclasses import replace
from pathlib import Path

import pytest

from sxtstudio.core.errors import ProjectError
from sxtstudio.core.ontology import Extension, default_ontology, new_synonym, new_term
from sxtstudio.core.task import Task, TaskClass
from sxtstudio.gui.session import Session
from sxtstudio.library.library import Library
from sxtstudio.project.project import Project
from sxtstudio.project.vocabulary import VOCABULARY
from tests.gui.projects import two_cell_project

BASE = default_ontology()
GARDEN = new_term(BASE, "Garden organelle", "cell", synonyms=("GO",))
POND = new_term(BASE, "Pond", "cell")


@pytest.fixture
def session(qtbot, tmp_path):
    session = Session()
    yield session
    session.close()


def open_library(qtbot, session, folder: Path) -> None:
    with qtbot.waitSignal(session.library.changed, timeout=5000):
        session.library.open(folder)


@pytest.fixture
def library(tmp_path) -> Path:
    folder = tmp_path / "library"
    with Library.create(folder) as library:
        library.extend(Extension(terms=(GARDEN,)))
    return folder


def test_the_vocabulary_is_that_of_what_is_open(qtbot, session, library, tmp_path):
    assert session.ontology == BASE
    open_library(qtbot, session, library)
    assert session.ontology.find("GO") == GARDEN
    session.open(two_cell_project(tmp_path / "p.sxt"))
    session.vocabulary.extend(Extension(terms=(POND,)), in_library=False)

    origins = [session.vocabulary.origin(it) for it in ("lipid", GARDEN.id, POND.id)]
    assert origins == ["program", "library", "project"]
    session.close_project()
    assert POND.id not in session.ontology
    session.library.close()
    assert session.ontology == BASE


def test_a_term_goes_into_project_and_library(qtbot, session, library, tmp_path):
    open_library(qtbot, session, library)
    session.open(two_cell_project(tmp_path / "p.sxt"))
    told = []
    session.noted.connect(told.append)

    with qtbot.waitSignal(session.library.changed, timeout=5000):
        session.vocabulary.extend(Extension(terms=(POND,)), in_library=True)

    assert POND.id in session.project.ontology()
    qtbot.waitUntil(lambda: len(told) == 2)
    assert told[0] == "The project knows “Pond” now."
    assert told[1].endswith("knows “Pond” now.")
    with Library.open(library) as again:
        assert POND.id in again.ontology()


def test_a_task_brings_the_librarys_terms_into_the_project(qtbot, session, library, tmp_path):
    open_library(qtbot, session, library)
    session.open(two_cell_project(tmp_path / "p.sxt"))

    session.add_task(Task(name="t", classes=(TaskClass(name="go", members=(GARDEN.id,)),)))

    assert session.project.ontology()[GARDEN.id] == GARDEN


def test_a_synonym_is_told_by_its_word(qtbot, session, tmp_path):
    session.open(two_cell_project(tmp_path / "p.sxt"))
    with qtbot.waitSignal(session.noted) as noted:
        session.vocabulary.extend(new_synonym(BASE, "lipid", "fat drop"), in_library=False)

    assert noted.args == ["The project knows “fat drop” now."]
    assert session.ontology.find("fat drop").id == "lipid"


def test_without_project_and_library_there_is_nothing_to_extend(session):
    with pytest.raises(ProjectError, match="Open a project or a library first"):
        session.vocabulary.extend(Extension(terms=(POND,)), in_library=True)
    assert session.vocabulary.library_problem() == "No library is open."


@pytest.mark.skipif(os.name != "posix" or os.geteuid() == 0, reason="root may write everywhere")
def test_a_library_that_can_only_be_read_says_so(qtbot, session, library):
    for folder in (library, *library.iterdir()):
        folder.chmod(0o555)
    open_library(qtbot, session, library)

    assert "can only be read here" in session.vocabulary.library_problem()


def test_a_damaged_vocabulary_is_told_and_left_out(qtbot, session, tmp_path):
    path = two_cell_project(tmp_path / "p.sxt")
    with Project.open(path) as project:
        project.extend(Extension(terms=(POND,)))
        with project._file.transaction("damage") as root:
            next(iter(root[VOCABULARY].values())).attrs["record"] = "{}"
    with qtbot.waitSignal(session.failed) as failed:
        session.open(path)

    assert "damaged" in failed.args[0]
    assert session.ontology == BASE


def test_a_class_nobody_knows_is_shown_by_its_id(qtbot, session, tmp_path):
    path = tmp_path / "p.sxt"
    two_cell_project(path)
    with Project.open(path) as project:
        cell = project.cells()[0]
        annotation = project.annotation(cell.id)
        names = dict(annotation.label_map.names) | {1: "nobody"}
        drawn = replace(annotation, label_map=replace(annotation.label_map, names=names))
        project.add_annotation(cell.id, drawn, kind="imported")
    session.open(path)

    assert next(it.name for it in session.view.classes) == "nobody"
