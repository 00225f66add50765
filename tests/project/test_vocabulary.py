"""A project keeps the terms and synonyms it needs beyond the program's own."""

from pathlib import Path

import pytest

from sxtstudio.core.errors import ProjectError
from sxtstudio.core.ontology import Extension, SemanticClass, default_ontology, new_term
from sxtstudio.project.project import Project
from sxtstudio.project.vocabulary import VOCABULARY
from tests.project.samples import sample_cell

CARBOXYSOME = new_term(
    default_ontology(), "Carboxysome", "symbiont", colour="#123456", synonyms=("CBX",)
)


@pytest.fixture
def project(tmp_path: Path):
    with Project.create(tmp_path / "study.sxt") as project:
        yield project


def test_a_new_project_has_the_programs_vocabulary(project: Project) -> None:
    assert project.ontology() == default_ontology()
    assert not project.extension()


def test_terms_and_synonyms_stay_with_the_project(project: Project) -> None:
    extension = Extension(terms=(CARBOXYSOME,), synonyms={"lipid": ("fat drop",)})
    assert project.extend(extension) == extension
    project.close()

    with Project.open(project.path, read_only=True) as again:
        assert again.ontology().find("cbx") == CARBOXYSOME
        assert again.ontology().find("Fat drop").id == "lipid"
        assert again.check() == ()


def test_what_is_known_already_is_not_written_again(project: Project) -> None:
    project.extend(Extension(terms=(CARBOXYSOME,)))
    changes = len(project.history())

    assert not project.extend(Extension(terms=(CARBOXYSOME,), synonyms={"vacuole": ("LD",)}))
    assert len(project.history()) == changes


def test_later_synonyms_add_up_and_the_first_definition_counts(project: Project) -> None:
    other = SemanticClass(id=CARBOXYSOME.id, name="Carboxysome", parent="cell", synonyms=("csome",))
    project.extend(Extension(terms=(CARBOXYSOME,)))

    assert project.extend(Extension(terms=(other,))) == Extension(
        synonyms={CARBOXYSOME.id: ("csome",)}
    )
    assert project.ontology()[CARBOXYSOME.id].parent == "symbiont"
    assert project.ontology()[CARBOXYSOME.id].synonyms == ("CBX", "csome")
    assert [entry.action for entry in project.history()][-2:] == ["extend vocabulary"] * 2


def test_labels_drawn_with_a_term_of_the_project_have_its_colour(project: Project) -> None:
    project.extend(
        Extension(terms=(SemanticClass(id="mitochondrion", name="x", colour="#abcdef"),))
    )
    cell = project.add_cell(sample_cell("cell", 1))

    assert cell.versions[0].colours[2] == "#abcdef"


def test_a_damaged_vocabulary_is_told_by_a_check(project: Project) -> None:
    project.extend(Extension(terms=(CARBOXYSOME,)))
    with project._file.transaction("damage") as root:
        group = next(iter(root[VOCABULARY].values()))
        group.attrs["record"] = "{}"

    assert any("damaged" in problem for problem in project.check())
    with pytest.raises(ProjectError, match="damaged"):
        project.ontology()
