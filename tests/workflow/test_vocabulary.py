"""Terms go where the labels go."""

from pathlib import Path

import pytest

from sxtstudio.core.ontology import IGNORE, Extension, default_ontology, new_term, terms_for
from sxtstudio.core.task import Task, TaskClass
from sxtstudio.project.project import Project
from sxtstudio.workflow.vocabulary import (
    carry_terms,
    classes_of,
    members_of,
    missing_terms,
    unknown_words,
)
from tests.workflow.cells import ball_cell

BASE = default_ontology()
GARDEN = new_term(BASE, "Garden organelle", "cell", synonyms=("GO",))
POND = new_term(BASE.extended(Extension(terms=(GARDEN,))), "Pond", GARDEN.id)
WIDER = BASE.extended(Extension(terms=(GARDEN, POND), synonyms={"lipid": ("fat drop",)}))


@pytest.fixture
def project(tmp_path: Path):
    with Project.create(tmp_path / "p.sxt") as project:
        yield project


def test_a_term_brings_all_that_it_lies_in(project: Project) -> None:
    added = carry_terms(["pond", IGNORE, "nobody"], WIDER, project)

    assert [term.id for term in added.terms] == ["garden-organelle", "pond"]
    assert project.ontology().find("GO").id == "garden-organelle"
    assert missing_terms(project.ontology(), ["pond", "nobody", IGNORE]) == ("nobody",)


def test_synonyms_come_with_the_class_they_belong_to(project: Project) -> None:
    assert not carry_terms(["nucleus"], WIDER, project)
    assert carry_terms(["lipid"], WIDER, project) == Extension(synonyms={"lipid": ("fat drop",)})


def test_both_ways_lead_to_the_same_vocabulary() -> None:
    everything = [term.id for term in WIDER.classes]

    assert BASE.extended(terms_for(iter(everything), WIDER, BASE)) == WIDER
    assert not terms_for(everything, WIDER, WIDER)


def test_the_classes_of_labels_and_tasks_are_told() -> None:
    task = Task(name="t", classes=(TaskClass(name="a", members=("nucleus", "lipid")),))

    assert members_of(task) == {"nucleus", "lipid"}
    assert classes_of(ball_cell("ball", seed=1).annotations) >= {"nucleus", "lipid"}


def test_unknown_classes_are_told_in_a_sentence() -> None:
    assert unknown_words(["nucleus", IGNORE], BASE, "old.sxt") == ""
    words = unknown_words(["pond", "nucleus"], BASE, "old.sxt")
    assert words.startswith("old.sxt: the vocabulary does not know 'pond';")
