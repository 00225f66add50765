"""Every verb, as a script would use it: words in, one JSON object and an exit code out."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from sxtstudio.cli.main import command_line, main
from sxtstudio.core.volume import Volume
from sxtstudio.io.volumes import read_volume, write_volume
from sxtstudio.project.project import Project
from tests.workflow.cells import ball_cell, write_cell

VERBS = (
    *(
        "demo",
        "simulate",
        "info",
        "convert",
        "new",
        "add",
        "add-labels",
        "task",
        "plan",
        "train",
        "segment",
    ),
    *("segment-file", "score", "measure", "export", "snapshot", "movie", "scenes", "check"),
    *("worker", "library", "novelty", "improve", "first", "review"),
)


def run(capsys: pytest.CaptureFixture[str], *words: object) -> dict[str, object]:
    """Run a verb that must succeed, and return its JSON."""
    code = main([*map(str, words), "--json"])
    output, errors = capsys.readouterr()
    assert code == 0, errors
    return json.loads(output)


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A project with two labelled cells, an unlabelled one and a task, made by the verbs."""
    path = tmp_path / "p.sxt"
    assert main(["new", str(path)]) == 0
    for number in range(3):
        tomogram, labels = write_cell(ball_cell(f"ball-{number}", seed=number), tmp_path)
        words = ["add", str(path), str(tomogram)]
        if number < 2:
            words += ["--labels", str(labels), "--complete", "all"]
        assert main(words) == 0
    assert main(["task", str(path), "t", "--class", "nucleus", "--class", "fat=lipid"]) == 0
    return path


def test_the_verbs_are_those_that_scripts_use() -> None:
    _, verbs = command_line()
    assert verbs.names == set(VERBS)


@pytest.mark.parametrize("verb", VERBS)
def test_every_verb_has_help_and_json(verb: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as caught:
        main([verb, "--help"])
    assert caught.value.code == 0
    words = capsys.readouterr().out
    assert "--json" in words
    assert f"usage: sxtstudio {verb}" in words


def test_units_stand_in_the_help(capsys: pytest.CaptureFixture[str]) -> None:
    for verb, unit in [
        ("add", "nanometres"),
        ("add", "µm⁻¹"),
        ("score", "µm"),
        ("train", "minutes"),
    ]:
        with pytest.raises(SystemExit):
            main([verb, "--help"])
        assert unit in capsys.readouterr().out


def test_words_that_are_no_command_end_with_code_2(capsys: pytest.CaptureFixture[str]) -> None:
    for words in (["segmentate"], ["train", "p.sxt"], ["simulate", "x", "--kind", "elephant"]):
        with pytest.raises(SystemExit) as caught:
            main(words)
        assert caught.value.code == 2
    capsys.readouterr()


def test_from_files_to_a_project(
    project: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    capsys.readouterr()
    facts = run(capsys, "info", project)
    assert [cell["name"] for cell in facts["cells"]] == ["ball-0", "ball-1", "ball-2"]
    assert facts["tasks"][0]["classes"] == {"1": "nucleus", "2": "fat"}
    added = run(
        capsys, "add", project, tmp_path / "ball-0.mrc", "--name", "again", "--link",
        "--voxel-size-nm", "80,70,60", "--lac-per-unit", "0.5",
    )  # fmt: skip
    assert added["voxel_size_nm"] == [80, 70, 60]
    assert added["linked"] is True
    assert len(added["notices"]) == 2
    assert run(capsys, "check", project)["sound"] is True


def test_labels_of_plain_values_are_named_on_the_command_line(
    project: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    capsys.readouterr()
    labels = tmp_path / "plain.mrc"
    values = ball_cell().annotations[0].label_map.labels_ZYX
    write_volume(labels, Volume(values_ZYX=values, voxel_size_um=(0.06, 0.05, 0.04)))
    added = run(
        capsys, "add", project, tmp_path / "ball-0.mrc", "--name", "plain", "--labels", labels,
        "--classes", "0=exterior,1=nucleus,2=mitochondria", "--complete", "nucleus,mitochondria",
    )  # fmt: skip
    (version,) = added["labels"]
    assert version["classes"] == {"1": "nucleus", "2": "mitochondria", "3": "exterior"}
    assert version["complete"] == ["mitochondria", "nucleus"]


def test_labels_made_elsewhere_become_the_next_version_of_a_cell(
    project: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    capsys.readouterr()
    labels = tmp_path / "mended.tif"
    values = ball_cell("ball-1", seed=1).annotations[0].label_map.labels_ZYX
    write_volume(labels, Volume(values_ZYX=values, voxel_size_um=(0.05, 0.05, 0.04)))
    added = run(
        capsys, "add-labels", project, "ball-1", labels,
        "--classes", "1=nucleus,2=0", "--complete", "nucleus", "--comment", "mended by hand",
    )  # fmt: skip
    first, second = added["labels"]
    assert first["classes"] == {"1": "nucleus", "2": "lipid"}
    assert second["classes"] == {"1": "nucleus"}
    assert second["complete"] == ["nucleus"]
    assert any("the tomogram's count" in note for note in added["notices"])
    with Project.open(project) as opened:
        assert opened.cell("ball-1").versions[-1].comment == "mended by hand"


def test_labels_of_another_shape_are_refused_on_the_command_line(
    project: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    labels = tmp_path / "turned.mrc"
    values = ball_cell().annotations[0].label_map.labels_ZYX.transpose(2, 1, 0)
    write_volume(labels, Volume(values_ZYX=values, voxel_size_um=(0.04, 0.05, 0.06)))
    capsys.readouterr()
    code = main(["add-labels", str(project), "ball-1", str(labels), "--classes", "1=nucleus,2=er"])
    assert code == 3
    said = capsys.readouterr().err
    assert "28 × 26 × 24" in said
    assert "24 × 26 × 28" in said
    assert "x, y, z" in said


def test_measure_export_snapshot_and_convert_write_what_they_say(
    project: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    capsys.readouterr()
    facts = run(capsys, "measure", project, "--cell", "ball-0", "--csv", tmp_path / "m.csv")
    assert {row["cell"] for row in facts["rows"]} == {"ball-0"}
    run(capsys, "export", project, "ball-1", "--what", "labels", "--out", tmp_path / "l.am")
    run(capsys, "convert", tmp_path / "l.am", tmp_path / "l.tif")
    assert run(capsys, "info", tmp_path / "l.tif")["classes"] == {
        "1": "nucleus",
        "2": "lipid bodies",
    }
    run(capsys, "snapshot", project, "ball-0", "--out", tmp_path / "s.png")
    for name in ("m.csv", "l.am", "l.tif", "s.png"):
        assert (tmp_path / name).stat().st_size > 0
    score = run(capsys, "score", tmp_path / "l.tif", tmp_path / "ball-1_labels.am")
    assert score["matched_by"] == "name"
    assert score["mean_dice"] == 1.0
    assert score["classes"]["nucleus"]["surface_max_um"] == 0.0


def test_a_verb_without_json_speaks_to_people(
    project: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    capsys.readouterr()
    assert main(["info", str(project)]) == 0
    words = capsys.readouterr().out
    assert "classes: 1 nucleus, 2 fat" in words
    assert "complete: lipid, nucleus" in words
    labels = str(tmp_path / "ball-0_labels.am")
    assert main(["score", labels, labels]) == 0
    assert "nucleus  1.000  1.000  0.000" in capsys.readouterr().out


def test_simulated_cells_go_straight_into_a_project(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    facts = run(
        capsys, "simulate", tmp_path / "s", "--kind", "yeast", "--cells", 1, "--size", 32,
        "--seed", 1, "--tilt", 60, "--labels",
    )  # fmt: skip
    assert len(facts["tomograms"]) == 1
    project, folder = tmp_path / "p.sxt", tmp_path / "s"
    run(capsys, "new", project)
    added = run(
        capsys, "add", project, folder / "yeast-1.mrc", "--labels", folder / "yeast-1_labels.am",
        "--complete", "all",
    )  # fmt: skip
    assert "nucleus" in added["labels"][0]["complete"]
    assert added["notices"] == []


def test_a_damaged_project_fails_the_check_with_sentences(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    lac = ball_cell("ball-1", seed=1).tomogram.lac_ZYX
    content = bytearray(project.read_bytes())
    with Project.open(project, read_only=True) as opened:
        stored = opened.tomogram(opened.cell("ball-1").id).lac_ZYX
    np.testing.assert_array_equal(stored, lac)
    row = lac[12, 13].tobytes()
    at = bytes(content).find(row)
    assert at > 0
    content[at] ^= 0xFF
    project.write_bytes(content)
    capsys.readouterr()
    assert main(["check", str(project), "--json"]) == 3
    facts = json.loads(capsys.readouterr().out)
    assert facts["sound"] is False
    assert any("ball-1" in problem for problem in facts["problems"])


@pytest.mark.parametrize(
    ("words", "clue"), [(["--steps", "1"], "1 steps"), (["--minutes", "0"], "0 minutes")]
)
def test_a_training_that_cannot_begin_leaves_nothing_behind(
    project: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], words: list[str], clue: str
) -> None:
    before = {path.name for path in tmp_path.iterdir()}
    network = str(tmp_path / "n.sxtnet")
    assert main(["train", str(project), "t", "--network", network, *words]) == 3
    assert clue in capsys.readouterr().err
    assert {path.name for path in tmp_path.iterdir()} == before


@pytest.mark.slow
def test_train_and_segment_from_the_command_line(
    project: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    capsys.readouterr()
    network = tmp_path / "n.sxtnet"
    facts = run(capsys, "train", project, "t", "--network", network, "--steps", 4, "--threads", 1)
    assert facts["classes"] == {"1": "nucleus", "2": "fat"}
    assert not (tmp_path / "n.sxtnet.job").exists()
    assert run(capsys, "segment", project, "--network", network, "--cell", "ball-2")["cells"] == [
        "ball-2"
    ]
    out, probabilities = tmp_path / "out.am", tmp_path / "out.h5"
    run(
        capsys, "segment-file", tmp_path / "ball-2.mrc", "--network", network, "--out", out,
        "--probabilities", probabilities,
    )  # fmt: skip
    assert run(capsys, "info", out)["classes"] == {"1": "nucleus", "2": "fat"}
    run(capsys, "export", project, "ball-2", "--what", "labels", "--out", tmp_path / "in.am")
    np.testing.assert_array_equal(
        read_volume(out).values_ZYX[...], read_volume(tmp_path / "in.am").values_ZYX[...]
    )
    assert read_volume(probabilities, dataset="/probability/2").shape == (24, 26, 28)


@pytest.mark.slow
@pytest.mark.skipif(os.name != "posix", reason="signals are sent as POSIX does")
def test_ctrl_c_stops_a_training_that_resume_then_ends(project: Path, tmp_path: Path) -> None:
    network = tmp_path / "n.sxtnet"
    command = [
        sys.executable, "-m", "sxtstudio", "train", str(project), "t", "--network", str(network),
        "--device", "cpu", "--threads", "1", "--steps", "40",
    ]  # fmt: skip
    process = subprocess.Popen(command, stderr=subprocess.PIPE, text=True)
    assert process.stderr is not None
    for line in process.stderr:
        if line.startswith("training stage"):
            process.send_signal(signal.SIGINT)
            break
    rest = process.stderr.read()
    process.stderr.close()
    assert process.wait(120) == 4, rest
    assert "Traceback" not in rest
    assert rest.rstrip().endswith("Stopped.")
    assert not network.exists()
    assert (tmp_path / "n.sxtnet.job" / "plan.json").exists()
    again = subprocess.run(command, capture_output=True, text=True, check=False)
    assert again.returncode == 3
    assert "--resume" in again.stderr
    with Project.open(project) as opened:
        assert opened.networks() == ()
    resumed = subprocess.run([*command, "--resume"], capture_output=True, text=True, check=False)
    assert resumed.returncode == 0, resumed.stderr
    assert network.exists()
    assert not (tmp_path / "n.sxtnet.job").exists()
    with Project.open(project) as opened:
        assert len(opened.networks()) == 1


def test_a_project_that_is_in_use_when_a_training_ends_loses_nothing(
    project: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    others: list[Project] = []

    def meanwhile(folder: Path, _: object, **options: object) -> str:
        (folder / "plan.json").touch()
        others.append(Project.open(project))
        return ""

    monkeypatch.setattr("sxtstudio.workflow.jobs.run_job", meanwhile)
    words = ["train", str(project), "t", "--network", str(tmp_path / "n.sxtnet"), "--steps", "4"]
    assert main(words) == 3
    others[0].close()
    assert "run the same command with --resume" in capsys.readouterr().err
    assert (tmp_path / "n.sxtnet.job" / "plan.json").exists()


def test_help_needs_neither_torch_nor_qt_nor_vtk() -> None:
    words = (
        "import sys, sxtstudio.cli.main as m; m.command_line(); "
        "bad = {'torch', 'PySide6', 'vtkmodules', 'h5py', 'scipy'} & set(sys.modules); "
        "print(sorted(bad))"
    )
    done = subprocess.run([sys.executable, "-c", words], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_a_reader_that_has_seen_enough_is_no_error(project: Path) -> None:
    command = f"{sys.executable} -m sxtstudio info {project} --json | head -c 1"
    done = subprocess.run(command, shell=True, capture_output=True, text=True, check=True)
    assert done.stdout == "{"
    assert done.stderr == ""


def test_a_bug_is_logged_and_told_kindly(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    monkeypatch.setattr("sxtstudio.workflow.describing.describe", lambda *_: 1 / 0)
    assert main(["info", "x.mrc", "--json"]) == 1
    output, errors = capsys.readouterr()
    (log,) = (tmp_path / "state").rglob("crash-*.log")
    assert "ZeroDivisionError" in log.read_text()
    assert str(log) in errors
    assert "Traceback" not in errors
    assert json.loads(output) == {"error": errors.strip(), "exit_code": 1}
