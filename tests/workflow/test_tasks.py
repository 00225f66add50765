"""Tasks are files too, have versions, and tell what a change of them costs."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from sxtstudio.core.errors import FileError, LabelError, ProjectError
from sxtstudio.core.network_card import NetworkCard
from sxtstudio.core.ontology import Extension, default_ontology, new_term
from sxtstudio.core.task import TaskClass
from sxtstudio.project.project import Project
from sxtstudio.workflow.tasks import (
    change_task,
    change_task_to_file,
    define_task,
    export_task,
    import_task,
    network_notice,
    networks_for,
    what_changes,
)
from tests.project.samples import sample_card, sample_network_file

GARDEN = new_term(default_ontology(), "Garden organelle", "cell", synonyms=("GO",))


@pytest.fixture
def project(tmp_path: Path):
    with Project.create(tmp_path / "study.sxt") as project:
        project.extend(Extension(terms=(GARDEN,)))
        define_task(project, "stores", ["LD", "garden=GO"])
        yield project


@pytest.fixture
def other(tmp_path: Path):
    with Project.create(tmp_path / "other.sxt") as project:
        yield project


def card_for(project: Project, name: str) -> NetworkCard:
    card = sample_card()
    return replace(card, plan=replace(card.plan, task=project.task(name)))


def test_a_task_goes_to_another_project_with_the_terms_it_needs(
    project: Project, other: Project, tmp_path: Path
) -> None:
    export_task(project, "stores", tmp_path / "stores.json")

    assert import_task(other, tmp_path / "stores.json") == project.task("stores")
    assert other.ontology().find("go") == GARDEN
    assert import_task(other, tmp_path / "stores.json") == project.task("stores")
    assert len(other.task_versions("stores")) == 1


def test_a_task_can_be_given_another_name(project: Project, other: Project, tmp_path: Path) -> None:
    change_task(project, "stores", project.task("stores").classes[:1])
    export_task(project, "stores", tmp_path / "stores.json")

    task = import_task(other, tmp_path / "stores.json", "mine")

    assert (task.name, task.version) == ("mine", 1)
    assert import_task(other, tmp_path / "stores.json").version == 2


def test_a_task_file_is_refused_where_the_name_stands_for_something_else(
    project: Project, other: Project, tmp_path: Path
) -> None:
    export_task(project, "stores", tmp_path / "stores.json")
    define_task(other, "stores", ["nucleus"])
    with pytest.raises(ProjectError, match="another task 'stores'"):
        import_task(other, tmp_path / "stores.json")
    assert not other.extension()

    changed = change_task_to_file(other, "stores", tmp_path / "stores.json")

    assert changed == replace(project.task("stores"), version=2)
    assert "garden-organelle" in other.ontology()


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("no json", "the task file in it cannot be read"),
        ('{"task": {"name": "t"}}', "classes"),
        ('{"task": {"name": "t", "classes": []}}', "names no class"),
        ('{"format_version": 99}', "newer SXT Studio"),
    ],
)
def test_a_file_that_is_no_task_is_refused_with_a_sentence(
    other: Project, tmp_path: Path, text: str, words: str
) -> None:
    path = tmp_path / "broken.json"
    path.write_text(text)

    with pytest.raises(FileError, match=words) as error:
        import_task(other, path)
    assert "broken.json" in str(error.value)


def test_a_task_file_without_its_terms_is_refused(
    project: Project, other: Project, tmp_path: Path
) -> None:
    path = tmp_path / "stores.json"
    export_task(project, "stores", path)
    fields = json.loads(path.read_text())
    path.write_text(json.dumps({"task": fields["task"]}))

    with pytest.raises(LabelError, match="'garden-organelle', which the vocabulary does not know"):
        import_task(other, path)
    with pytest.raises(FileError, match="no such file"):
        import_task(other, tmp_path / "missing.json")
    with pytest.raises(FileError, match="the folder"):
        export_task(project, "stores", tmp_path / "nowhere" / "x.json")


def test_a_changed_task_must_use_known_terms(project: Project) -> None:
    with pytest.raises(LabelError, match="'nobody'"):
        change_task(project, "stores", (TaskClass(name="x", members=("nobody",)),))
    with pytest.raises(ProjectError, match="no task 'x'"):
        change_task(project, "x", project.task("stores").classes)


def test_what_a_change_costs_is_told_for_every_network(project: Project, tmp_path: Path) -> None:
    ontology, old = project.ontology(), project.task("stores")
    assert what_changes(old, old, {"a.sxtnet": old}, ontology) == ()

    merged = replace(old, classes=(TaskClass(name="all", members=("lipid", GARDEN.id)),))
    assert what_changes(old, merged, {"a.sxtnet": old}, ontology)[-1] == (
        "Need not be trained again: a.sxtnet."
    )
    wider = replace(old, classes=(*old.classes, TaskClass(name="nucleus", members=("nucleus",))))
    networks = {"a.sxtnet": old, "b.sxtnet": wider}
    assert what_changes(old, wider, networks, ontology) == (
        "“nucleus” is new; it must be learned.",
        "Need not be trained again: b.sxtnet.",
        "Must be trained again for the changed task: a.sxtnet.",
    )
    assert what_changes(old, wider, {}, ontology)[-1].startswith("No network was trained")


def test_a_network_for_an_older_version_says_so(project: Project, tmp_path: Path) -> None:
    card = card_for(project, "stores")
    project.add_network(sample_network_file(tmp_path), card)
    assert networks_for(project, "stores") == {"net.sxtnet": project.task("stores")}
    assert network_notice(project, card) == ""

    changed = change_task(project, "stores", project.task("stores").classes[:1])

    notice = network_notice(project, card)
    assert "version 1 of the task 'stores', which is at version 2 now" in notice
    assert "“garden” will not be told apart any more." in notice
    assert network_notice(project, replace(card, plan=replace(card.plan, task=changed))) == ""
    unknown = replace(card, plan=replace(card.plan, task=replace(changed, name="elsewhere")))
    assert network_notice(project, unknown) == ""
