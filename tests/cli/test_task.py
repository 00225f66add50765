"""The verb "task": define, change, export, import."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from sxtstudio.cli.main import main
from sxtstudio.project.project import Project
from tests.project.samples import sample_card, sample_network_file


@pytest.fixture
def project(tmp_path: Path) -> Path:
    path = tmp_path / "p.sxt"
    assert main(["new", str(path)]) == 0
    assert main(["task", str(path), "t", "--class", "nucleus", "--class", "fat=lipid"]) == 0
    return path


def _facts(capsys: pytest.CaptureFixture[str], *words: object) -> dict[str, object]:
    capsys.readouterr()
    assert main([*map(str, words), "--json"]) == 0
    return json.loads(capsys.readouterr().out)


def test_a_task_goes_through_a_file_into_another_project(
    project: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    other, file = tmp_path / "other.sxt", tmp_path / "t.json"
    main(["new", str(other)])

    assert _facts(capsys, "task", project, "t", "--export", file)["version"] == 1
    facts = _facts(capsys, "task", other, "mine", "--from", file)

    assert facts["classes"] == {"1": "nucleus", "2": "fat"}
    with Project.open(other, read_only=True) as opened:
        assert opened.task("mine").classes[1].members == ("lipid",)


def test_a_change_says_what_must_be_trained_again(
    project: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    card = sample_card()
    with Project.open(project) as opened:
        plan = replace(card.plan, task=opened.task("t"))
        opened.add_network(sample_network_file(tmp_path), replace(card, plan=plan))
    capsys.readouterr()

    words = ["task", str(project), "t", "--change", "--class", "nucleus", "--class", "fat=lipid"]
    assert main([*words, "--class", "mito"]) == 0

    printed = capsys.readouterr()
    assert "Changed the task t (version 2): nucleus, fat, mito." in printed.out
    assert "“mito” is new; it must be learned." in printed.err
    assert "Must be trained again for the changed task: net.sxtnet." in printed.err


def test_a_changed_task_may_come_from_a_file(
    project: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "t.json"
    main(["task", str(project), "t", "--export", str(file)])
    main(["task", str(project), "u", "--class", "vacuole"])

    facts = _facts(capsys, "task", project, "u", "--change", "--from", file)

    assert (facts["version"], facts["classes"]) == (2, {"1": "nucleus", "2": "fat"})


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["t", "--change", "--export", "x.json"], "--change needs the new classes"),
        (["x", "--change", "--class", "nucleus"], "has no task 'x'"),
        (["x", "--from", "missing.json"], "no such file"),
        (["x", "--class", "nucleuss"], "did you mean 'nucleus'"),
    ],
)
def test_what_cannot_be_done_is_said_in_a_sentence(
    project: Path, capsys: pytest.CaptureFixture[str], words: list[str], sentence: str
) -> None:
    capsys.readouterr()
    assert main(["task", str(project), *words]) == 3
    assert sentence in capsys.readouterr().err
