"""Stopped trainings are found beside their project, and can be ended and kept."""

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from sxtstudio.core.errors import PlanError
from sxtstudio.core.events import Cancelled, Event, Metrics
from sxtstudio.io.network_card import read_network_card
from sxtstudio.project.project import Project
from sxtstudio.workflow.bringing import finish_job
from sxtstudio.workflow.jobs import (
    TrainingRequest,
    export_training_job,
    job_folder_of,
    run_job,
)
from sxtstudio.workflow.preparing import prepare_training
from sxtstudio.workflow.stopped import require_keepable, stopped_trainings
from tests.workflow.conftest import TASK, fill


def stopping(condition: Callable[[Metrics], bool]) -> Callable[[Event], None]:
    def report(event: Event) -> None:
        if isinstance(event, Metrics) and condition(event):
            raise Cancelled

    return report


def stopped(project: Project, network: Path, condition: Callable[[Metrics], bool]) -> Path:
    """Return the folder of a training of 60 steps that was stopped at a point."""
    request = TrainingRequest(task=TASK, network=network, steps=60, device="cpu", threads=1)
    folder = job_folder_of(network)
    export_training_job(project, request, folder)
    with pytest.raises(Cancelled):
        run_job(folder, stopping(condition))
    return folder


@pytest.mark.slow
def test_a_training_that_began_is_found_until_it_is_brought_in(
    project: Project, tmp_path: Path
) -> None:
    assert stopped_trainings(project) == ()
    folder = stopped(project, tmp_path / "n.sxtnet", lambda it: bool(it.dice))

    ((found, job),) = stopped_trainings(project)
    assert (found, job.task.name) == (folder, TASK)

    run_job(folder)
    assert [it for it, _ in stopped_trainings(project)] == [folder]
    finish_job(project, folder)
    assert stopped_trainings(project) == ()


@pytest.mark.slow
def test_a_training_elsewhere_is_found_where_one_is_told_to_look(
    project: Project, tmp_path: Path
) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    folder = stopped(project, elsewhere / "n.sxtnet", lambda it: bool(it.dice))

    assert stopped_trainings(project) == ()
    assert [it for it, _ in stopped_trainings(project, [folder, tmp_path / "gone"])] == [folder]
    with Project.create(tmp_path / "other.sxt") as other:
        fill(other)
        assert stopped_trainings(other, [folder]) == ()


def test_what_was_only_prepared_or_is_damaged_is_no_stopped_training(
    project: Project, tmp_path: Path
) -> None:
    request = TrainingRequest(task=TASK, network=tmp_path / "n.sxtnet", steps=8, device="cpu")
    export_training_job(project, request, tmp_path / "n.sxtnet.job")
    prepare_training(tmp_path / "n.sxtnet.job", threads=1)
    damaged = tmp_path / "d.sxtnet.job"
    (damaged / "work").mkdir(parents=True)
    (damaged / "work" / "stage1-fold1.safetensors").touch()
    (damaged / "job.json").write_text("{")

    assert stopped_trainings(project) == ()


@pytest.mark.slow
def test_only_what_was_validated_in_the_last_stage_can_be_kept(
    project: Project, tmp_path: Path
) -> None:
    folder = stopped(project, tmp_path / "n.sxtnet", lambda it: bool(it.dice))
    require_keepable(folder)
    checkpoint = next((folder / "work").glob("stage*.safetensors"))
    validated = checkpoint.read_bytes()
    checkpoint.unlink()
    with pytest.raises(PlanError, match="was not validated before it stopped"):
        require_keepable(folder)
    checkpoint.write_bytes(validated)

    run_job(folder, finish=lambda: True)
    require_keepable(folder)
    assert read_network_card(folder / "network.sxtnet").steps_done < 40


def test_a_folder_without_a_plan_has_nothing_to_keep(tmp_path: Path) -> None:
    with pytest.raises(PlanError, match="no network to keep yet"):
        require_keepable(tmp_path)


@pytest.mark.slow
def test_the_command_line_keeps_what_a_stopped_training_has(tmp_path: Path) -> None:
    network = tmp_path / "n.sxtnet"
    with Project.create(tmp_path / "p.sxt") as project:
        fill(project)
        stopped(project, network, lambda it: bool(it.dice))

    def train(*more: str) -> subprocess.CompletedProcess[str]:
        command = ["train", str(tmp_path / "p.sxt"), TASK, "--network", str(network)]
        return subprocess.run(
            [sys.executable, "-m", "sxtstudio", *command, "--device", "cpu", *more],
            capture_output=True,
            text=True,
            check=False,
        )

    refused = train("--finish")
    assert (refused.returncode, "add --resume" in refused.stderr) == (3, True)

    kept = train("--resume", "--finish", "--json")

    assert kept.returncode == 0, kept.stderr
    assert "Ended early" in kept.stderr
    assert json.loads(kept.stdout)["network"] == str(network)
    assert read_network_card(network).steps_done < 40
    assert not job_folder_of(network).exists()


@pytest.mark.slow
def test_a_training_that_is_remembered_by_another_spelling_of_its_folder_is_found_once(
    project: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = stopped(project, tmp_path / "n.sxtnet", lambda it: bool(it.dice))
    monkeypatch.chdir(tmp_path)

    others = [folder, Path(folder.name), tmp_path / "x" / ".." / folder.name]

    assert len(stopped_trainings(project, others)) == 1
