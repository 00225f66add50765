"""What several tests of projects begin with."""

from pathlib import Path

import pytest

from sxtstudio.project.project import Project
from tests.project.samples import sample_cell


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Return a project that holds one cell."""
    path = tmp_path / "study.sxt"
    with Project.create(path) as project:
        project.add_cell(sample_cell("a", 1))
    return path
