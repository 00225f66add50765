"""improve, first and train --begin-from on the command line."""

import json
from pathlib import Path

import pytest

from sxtstudio.cli.main import main
from sxtstudio.io.network_card import read_network_card
from sxtstudio.project.project import Project
from tests.workflow.cells import ball_cell, write_cell

QUICK = ("--steps", "4", "--device", "cpu", "--threads", "1")


def run(capsys: pytest.CaptureFixture[str], *words: object) -> dict[str, object]:
    code = main([*map(str, words), "--json"])
    output, errors = capsys.readouterr()
    assert code == 0, errors
    return json.loads(output)


def refuse(capsys: pytest.CaptureFixture[str], *words: object) -> str:
    code = main([*map(str, words), "--json"])
    output, _ = capsys.readouterr()
    assert code == 3
    return str(json.loads(output)["error"])


@pytest.fixture
def project(tmp_path: Path) -> Path:
    path = tmp_path / "p.sxt"
    assert main(["new", str(path)]) == 0
    for number in range(2):
        tomogram, labels = write_cell(ball_cell(f"ball-{number}", seed=number), tmp_path)
        words = ["add", str(path), str(tomogram), "--labels", str(labels), "--complete", "all"]
        assert main(words) == 0
    assert main(["task", str(path), "t", "--class", "nucleus", "--class", "fat=lipid"]) == 0
    return path


def test_what_is_no_network_or_no_cell_is_refused_with_a_sentence(
    project: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    capsys.readouterr()
    missing = tmp_path / "none.sxtnet"
    assert "no such file" in refuse(capsys, "improve", project, missing)
    (tmp_path / "bad.sxtnet").write_bytes(b"nothing")
    assert "is not a network" in refuse(capsys, "improve", project, tmp_path / "bad.sxtnet")
    assert "holds no job" in refuse(capsys, "improve", project, missing, "--resume")
    assert "no cell" in refuse(capsys, "first", project, "nobody")
    assert not list(tmp_path.glob("*.job"))


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_corrections_improve_a_network_into_a_file_of_its_own(
    project: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    network = tmp_path / "n.sxtnet"
    run(capsys, "train", project, "t", "--network", network, *QUICK)
    old = network.read_bytes()
    assert "no cell was drawn or corrected since" in refuse(
        capsys, "improve", project, network, *QUICK
    )
    for number in (5, 6):
        tomogram, labels = write_cell(ball_cell(f"late-{number}", seed=number), tmp_path)
        run(capsys, "add", project, tomogram, "--labels", labels, "--complete", "all")

    told = run(capsys, "improve", project, network, *QUICK)

    assert told["kept"] is True
    assert told["network"] == str(tmp_path / "n-2.sxtnet")
    assert network.read_bytes() == old
    rows = told["dice"]
    assert isinstance(rows, list)
    assert {row["cells"] for row in rows} == {"corrected", "earlier"}
    notices = told["notices"]
    assert isinstance(notices, list)
    assert any("is not learned from" in str(notice) for notice in notices)
    card = read_network_card(tmp_path / "n-2.sxtnet")
    assert card.parent is not None
    assert card.parent.file == "n.sxtnet"
    with Project.open(project, read_only=True) as opened:
        assert len(opened.networks()) == 2


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_a_first_network_labels_the_cell_it_learned_from(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    told = run(capsys, "first", project, "ball-1", *QUICK)

    assert told["cell"] == "ball-1"
    assert told["classes"] == ["lipid bodies", "nucleus"]
    with Project.open(project, read_only=True) as opened:
        kinds = [version.kind for version in opened.cell("ball-1").versions]
        assert kinds == ["imported", "predicted"]
        assert opened.networks() == ()


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_a_training_can_begin_from_another_network(
    project: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    network, other = tmp_path / "n.sxtnet", tmp_path / "nuclei.sxtnet"
    run(capsys, "train", project, "t", "--network", network, *QUICK)
    run(capsys, "task", project, "nuclei", "--class", "nucleus")

    words = ("train", project, "nuclei", "--network", other, "--begin-from", network)
    run(capsys, *words, *QUICK)

    card = read_network_card(other)
    assert card.parent is not None
    assert card.parent.file == "n.sxtnet"
