"""A small project: three labelled cells, one to segment, one task."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from sxtstudio.project.project import Project
from sxtstudio.workflow.bringing import finish_job
from sxtstudio.workflow.jobs import (
    SegmentationRequest,
    TrainingRequest,
    export_segmentation_job,
    export_training_job,
    job_folder_of,
    run_job,
)
from sxtstudio.workflow.tasks import define_task
from tests.workflow.cells import ball_cell

TASK = "organelles"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Call everything slow that needs a trained network."""
    here = Path(__file__).parent
    for item in items:
        if here in item.path.parents and "network" in getattr(item, "fixturenames", ()):
            item.add_marker(pytest.mark.slow)


def fill(project: Project) -> None:
    for number in range(3):
        project.add_cell(ball_cell(f"ball-{number}", seed=number))
    project.add_cell(ball_cell("new", seed=9, labelled=False))
    define_task(project, TASK, ["nucleus", "lipid bodies"])


@pytest.fixture
def project(tmp_path: Path) -> Iterator[Project]:
    with Project.create(tmp_path / "p.sxt") as made:
        fill(made)
        yield made


@pytest.fixture(scope="session")
def network(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A network that has seen a handful of steps."""
    folder = tmp_path_factory.mktemp("network")
    path = folder / "quick.sxtnet"
    with Project.create(folder / "p.sxt") as made:
        fill(made)
        request = TrainingRequest(task=TASK, network=path, steps=4, device="cpu", threads=1)
        export_training_job(made, request, job_folder_of(path))
        run_job(job_folder_of(path))
        finish_job(made, job_folder_of(path))
    return path


@pytest.fixture
def segmented(project: Project, network: Path, tmp_path: Path) -> Project:
    """The project with a prediction of its unlabelled cell."""
    request = SegmentationRequest(network=network, cells=("new",), device="cpu", threads=1)
    export_segmentation_job(project, request, tmp_path / "s.job")
    run_job(tmp_path / "s.job")
    finish_job(project, tmp_path / "s.job")
    return project
