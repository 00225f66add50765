"""Verdicts and sign-offs come back as they were, also after closing; the last word counts."""

import hashlib
from pathlib import Path

import h5py
import pytest

from sxtstudio.core.errors import ProjectError
from sxtstudio.core.provenance import made_by
from sxtstudio.core.region import Box
from sxtstudio.core.review import Place
from sxtstudio.project.project import Project
from sxtstudio.project.tree import group_at, groups_in
from tests.project.samples import sample_cell, sample_prediction


@pytest.fixture
def project(tmp_path: Path):
    with Project.create(tmp_path / "study.sxt") as project:
        cell = project.add_cell(sample_cell("one", 1))
        project.add_prediction(cell.id, sample_prediction(2))
        yield project


def place_in(project: Project, number: int = 0) -> Place:
    cell = project.cells()[0]
    return Place(
        cell=cell.id,
        version=cell.versions[-1].id,
        kind="object",
        label=1,
        name="nucleus",
        voxel=(number, 2, 3),
        box=Box(low=(0, 0, 0), high=(9, 9, 9)),
        voxels=20,
        volume_um3=0.1,
        doubt=0.4,
        lac_per_um=0.25,
    )


def test_a_project_without_reviews_has_none(project: Project) -> None:
    assert project.reviews.decisions() == {}
    assert project.reviews.sign_offs() == {}


def test_the_last_verdict_counts_and_survives_closing(project: Project) -> None:
    first, second = place_in(project, 1), place_in(project, 2)
    project.reviews.decide(first, "accepted", "Ada")
    project.reviews.decide(second, "flagged", " Ada ")
    last = project.reviews.decide(first, "rejected", "Bo", edited=True)
    project.close()
    with Project.open(project.path, read_only=True) as again:
        found = again.reviews.decisions()
        assert found[first.id] == last
        assert (found[first.id].verdict, found[first.id].edited) == ("rejected", True)
        assert (found[second.id].verdict, found[second.id].person) == ("flagged", "Ada")
        assert again.check() == ()
        assert [it.action for it in again.history()][-3:] == ["judge a place"] * 3


def test_a_sign_off_names_who_and_when_and_can_be_taken_back(project: Project) -> None:
    cell = project.cells()[0]
    which = (cell.id, cell.versions[-1].id, "nucleus")
    provenance = made_by("the test", {"accepted": 3})
    signed = project.reviews.sign_off(which, "Ada", provenance)
    assert project.reviews.sign_offs() == {which: signed}
    assert signed.made_by.parameters == {"accepted": 3}
    assert signed.time.startswith("20")
    project.reviews.sign_off(which, "Bo", provenance, withdrawn=True)
    assert project.reviews.sign_offs() == {}
    again = project.reviews.sign_off(which, "Bo", provenance)
    assert project.reviews.sign_offs()[which].person == again.person == "Bo"


def test_what_cannot_be_signed_off_is_refused_with_a_sentence(project: Project) -> None:
    cell = project.cells()[0]
    version = cell.versions[-1].id
    with pytest.raises(ProjectError, match="has no class 'starch'"):
        project.reviews.sign_off((cell.id, version, "starch"), "Ada", made_by("the test"))
    with pytest.raises(ProjectError, match="name of whoever signs"):
        project.reviews.sign_off((cell.id, version, "nucleus"), " ", made_by("the test"))
    with pytest.raises(ProjectError, match="no label version 'v000009'"):
        project.reviews.sign_off((cell.id, "v000009", "nucleus"), "Ada", made_by("the test"))
    with pytest.raises(ProjectError, match="name of whoever gives it"):
        project.reviews.decide(place_in(project), "accepted", "")


def test_a_project_that_can_only_be_read_takes_no_verdict(project: Project) -> None:
    place = place_in(project)
    project.close()
    with (
        Project.open(project.path, read_only=True) as again,
        pytest.raises(ProjectError, match="read-only"),
    ):
        again.reviews.decide(place, "accepted", "Ada")


def test_a_damaged_verdict_and_one_about_missing_labels_are_found_by_the_check(
    project: Project,
) -> None:
    place = place_in(project)
    project.reviews.decide(place, "accepted", "Ada")
    project.close()
    with h5py.File(project.path, "r+") as file:
        group = groups_in(group_at(file, "reviews", "decisions"))[0]
        text = str(group.attrs["record"]).replace("v000002", "v000009")
        group.attrs["record"] = text
        group.attrs["record_sha256"] = hashlib.sha256(text.encode()).hexdigest()
    with Project.open(project.path, read_only=True) as again:
        (problem,) = again.check()
        assert "the labels that it is about" in problem
        assert "v000009) are missing" in problem
    with h5py.File(project.path, "r+") as file:
        groups_in(group_at(file, "reviews", "decisions"))[0].attrs["record"] = "{}"
    with Project.open(project.path, read_only=True) as again:
        (problem,) = again.check()
        assert "its record is damaged" in problem
