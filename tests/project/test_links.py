"""A linked tomogram stays in its own file, and every change of that file is noticed."""

import hashlib
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from sxtstudio.core.cell import Cell
from sxtstudio.core.errors import ProjectError
from sxtstudio.core.volume import Volume
from sxtstudio.io.volumes import write_volume
from sxtstudio.project.links import relative_path
from sxtstudio.project.project import Project
from sxtstudio.project.records import TomogramLink
from tests.project.samples import VOXEL_UM, sample_cell, sample_tomogram

LAC_PER_UNIT = 0.125


@pytest.fixture
def study(tmp_path: Path) -> Path:
    (tmp_path / "study" / "scans").mkdir(parents=True)
    return tmp_path / "study"


@pytest.fixture
def project(study: Path):
    with Project.create(study / "study.sxt") as project:
        yield project


def _scan(path: Path, seed: int = 1) -> Path:
    stored = sample_tomogram(seed).lac_ZYX / np.float32(LAC_PER_UNIT)
    write_volume(path, Volume(values_ZYX=stored, voxel_size_um=VOXEL_UM))
    return path


def _link(path: Path, project: Project) -> TomogramLink:
    return TomogramLink(
        relative_path=relative_path(path, project.path),
        absolute_path=str(path),
        sha256=hashlib.sha256(path.read_bytes()).hexdigest(),
        dataset=None,
        lac_per_unit=LAC_PER_UNIT,
        voxel_size_um=VOXEL_UM,
    )


def _add(project: Project, study: Path) -> Path:
    path = _scan(study / "scans" / "scan.mrc")
    record = project.add_cell(sample_cell("a", 1), link=_link(path, project))
    assert record.link is not None
    assert record.link.relative_path == "scans/scan.mrc"
    return path


def test_a_linked_tomogram_is_read_from_its_file(project: Project, study: Path) -> None:
    _add(project, study)
    assert project.path.stat().st_size < sample_tomogram(1).lac_ZYX.nbytes
    tomogram = project.tomogram("a")
    assert np.array_equal(tomogram.lac_ZYX, sample_tomogram(1).lac_ZYX)
    assert tomogram.lac_ZYX.dtype == np.float32
    assert tomogram.voxel_size_um == VOXEL_UM
    assert project.annotation("a").label_map.shape == tomogram.shape
    assert project.check() == ()


def test_a_project_and_its_scans_can_move_together(
    project: Project, study: Path, tmp_path: Path
) -> None:
    _add(project, study)
    project.close()
    study.rename(tmp_path / "moved")
    with Project.open(tmp_path / "moved" / "study.sxt") as moved:
        assert np.array_equal(moved.tomogram("a").lac_ZYX, sample_tomogram(1).lac_ZYX)
        assert moved.check() == ()


def test_a_project_can_move_away_from_its_scans(
    project: Project, study: Path, tmp_path: Path
) -> None:
    _add(project, study)
    project.close()
    (tmp_path / "other").mkdir()
    project.path.rename(tmp_path / "other" / "study.sxt")
    with Project.open(tmp_path / "other" / "study.sxt") as moved:
        assert np.array_equal(moved.tomogram("a").lac_ZYX, sample_tomogram(1).lac_ZYX)


def test_a_missing_scan_is_named_with_what_to_do(project: Project, study: Path) -> None:
    path = _add(project, study)
    path.unlink()
    sentence = "scan.mrc is missing; put it back there, or beside the project as scans/scan.mrc"
    with pytest.raises(ProjectError, match=sentence):
        project.tomogram("a")
    (problem,) = project.check()
    assert sentence in problem
    assert project.label_map("a").shape == project.cell("a").shape


def test_a_changed_scan_is_noticed(project: Project, study: Path) -> None:
    path = _add(project, study)
    _scan(path, seed=2)
    with pytest.raises(ProjectError, match=r"scan.mrc, has changed since it was added; put the"):
        project.tomogram("a")
    (problem,) = project.check()
    assert "has changed since it was added" in problem


def test_a_scan_that_is_no_volume_any_more_is_noticed(project: Project, study: Path) -> None:
    path = _add(project, study)
    path.write_bytes(b"something else")
    with pytest.raises(ProjectError, match=r"the linked tomogram of 'a': .*scan.mrc"):
        project.tomogram("a")


def test_a_link_to_another_tomogram_is_refused(project: Project, study: Path) -> None:
    path = _scan(study / "scans" / "scan.mrc", seed=2)
    with pytest.raises(ProjectError, match="does not hold this tomogram"):
        project.add_cell(sample_cell("a", 1), link=_link(path, project))
    assert project.cells() == ()


def test_a_link_works_without_a_relative_path(project: Project, study: Path) -> None:
    path = _scan(study / "scans" / "scan.mrc")
    cell: Cell = sample_cell("a", 1)
    project.add_cell(cell, link=replace(_link(path, project), relative_path=""))
    assert np.array_equal(project.tomogram("a").lac_ZYX, cell.tomogram.lac_ZYX)
    path.unlink()
    with pytest.raises(ProjectError, match=r"or beside the project as scan\.mrc"):
        project.tomogram("a")
