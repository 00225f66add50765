from sxtstudio.core.ontology import default_ontology
from sxtstudio.core.task import parse_task
from sxtstudio.gui.coverage import coverage
from sxtstudio.project.project import Project
from tests.gui.projects import five_balls_cell, write_project


def test_a_cell_knows_what_is_complete_what_is_partly_drawn_and_what_is_not(tmp_path):
    ontology = default_ontology()
    cell = five_balls_cell("a", complete=frozenset({"nucleus", "nucleolus"}))
    path = write_project(tmp_path / "a.sxt", cell)
    task = parse_task("t", ["nucleus", "mitochondria", "golgi"], ontology)

    with Project.open(path) as project:
        (known,) = coverage(project.cells(), task, ontology)

    assert known.known == {"nucleus": "complete", "mitochondria": "partly", "golgi": "not"}
    assert known.useful


def test_a_bare_cell_is_of_no_use(tmp_path):
    ontology = default_ontology()
    path = write_project(tmp_path / "a.sxt", five_balls_cell("bare", labelled=False))
    task = parse_task("t", ["nucleus"], ontology)

    with Project.open(path) as project:
        (known,) = coverage(project.cells(), task, ontology)

    assert known.known == {"nucleus": "not"}
    assert not known.useful


def test_a_prediction_counts_for_nothing(tmp_path):
    ontology = default_ontology()
    path = write_project(tmp_path / "a.sxt", five_balls_cell("a"))
    task = parse_task("t", ["nucleus"], ontology)

    with Project.open(path) as project:
        (cell,) = project.cells()
        from dataclasses import replace

        predicted = replace(cell.versions[0], kind="predicted")
        (known,) = coverage([replace(cell, versions=(predicted,))], task, ontology)

    assert not known.useful
