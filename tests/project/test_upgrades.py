"""What older programs left out of a project."""

from dataclasses import replace
from pathlib import Path

from sxtstudio.project.cells import VERSIONS
from sxtstudio.project.entries import write_record
from sxtstudio.project.project import Project
from sxtstudio.project.project_file import open_project_file
from sxtstudio.project.tree import group_at
from tests.project.samples import sample_cell


def forget_counts(path: Path) -> None:
    """Leave a project as a program did that counted nothing."""
    with Project.open(path) as project:
        (cell,) = project.cells()
    file = open_project_file(path)
    with file.transaction("test") as root:
        for version in cell.versions:
            group = group_at(root, "cells", cell.id, VERSIONS, version.id)
            write_record(group, replace(version, voxels={}, objects={}))
    file.close()


def test_labels_of_an_older_program_are_counted_once(tmp_path: Path) -> None:
    path = tmp_path / "old.sxt"
    with Project.create(path) as project:
        project.add_cell(sample_cell("alga", seed=1))
        (version,) = project.cells()[0].versions
    assert version.voxels
    forget_counts(path)
    before = path.read_bytes()
    with Project.open(path, read_only=True) as project:
        assert project.cells()[0].versions[0].voxels == {}
    assert path.read_bytes() == before
    with Project.open(path) as project:
        assert project.cells()[0].versions == (version,)
        assert project.check() == ()
    counted = path.read_bytes()
    with Project.open(path) as project:
        assert project.cells()[0].versions == (version,)
    assert path.read_bytes() == counted
