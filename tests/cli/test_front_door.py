"""What opens the window, what runs a command, and how the demonstration is shown."""

import subprocess
import sys
from pathlib import Path
from typing import get_args

import pytest

from sxtstudio.__main__ import opens_window
from sxtstudio.cli import files, main, projects
from sxtstudio.cli.reporting import Outcome, Showing
from sxtstudio.core.errors import FileError
from sxtstudio.simulation.cells import KINDS
from sxtstudio.workflow.exporting import What


def test_the_window_opens_without_words_or_with_one_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    for name in ("cell.mrc", "info"):
        (tmp_path / name).touch()
    (tmp_path / "demo").mkdir()
    assert opens_window([])
    assert opens_window(["cell.mrc"])
    assert opens_window(["not there.sxt"])
    assert opens_window(["PROJECT.SXT"])
    for words in (["info"], ["demo"], ["info", "cell.mrc"], ["--help"], ["nonsense"]):
        assert not opens_window(words)


def test_choices_on_the_command_line_are_those_of_the_packages() -> None:
    assert files.KINDS == KINDS
    assert get_args(What) == projects.KINDS


def test_the_program_says_its_version() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "sxtstudio", "--version"], capture_output=True, text=True, check=True
    )
    assert done.stdout.startswith("SXT Studio ")


@pytest.fixture
def instant_demo(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Let `demo` end at once: what it does is tested by the walkthrough."""

    def end(folder: Path, *_: object) -> Path:
        return folder / "project.sxt"

    monkeypatch.setattr("sxtstudio.workflow.demo.run_demo", end)
    monkeypatch.chdir(tmp_path)


@pytest.mark.usefixtures("instant_demo")
@pytest.mark.parametrize(("words", "window"), [([], True), (["--no-window"], False)])
def test_a_demonstration_is_shown_in_the_end(
    words: list[str], window: bool, capsys: pytest.CaptureFixture[str]
) -> None:
    shown: list[Showing] = []

    def show(showing: Showing) -> str:
        shown.append(showing)
        return "Seen."

    assert main.main(["demo", *words], show=show) == 0
    project = Path("demo") / "project.sxt"
    assert shown == [Showing(project=project, cell="alga-7", window=window)]
    assert capsys.readouterr().err.splitlines()[-1] == "Seen."


@pytest.mark.usefixtures("instant_demo")
def test_a_second_demonstration_goes_into_a_folder_of_its_own(tmp_path: Path) -> None:
    folders: list[Path] = []

    def show(showing: Showing) -> str:
        folders.append(showing.project.parent)
        return ""

    for _ in range(3):
        assert main.main(["demo"], show=show) == 0
        folders[-1].mkdir()
        (folders[-1] / "project.sxt").touch()
    assert [folder.name for folder in folders] == ["demo", "demo-2", "demo-3"]
    assert tmp_path.joinpath("demo-3").is_dir()


@pytest.mark.usefixtures("instant_demo")
def test_a_window_that_cannot_be_shown_is_a_sentence(capsys: pytest.CaptureFixture[str]) -> None:
    def fail(showing: Showing) -> str:
        raise FileError(f"{showing.project}: cannot be drawn.")

    assert main.main(["demo"], show=fail) == 3
    assert "cannot be drawn" in capsys.readouterr().err


def test_an_interrupt_between_events_is_a_stop_too(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def interrupted(*_: object) -> Outcome:
        raise KeyboardInterrupt

    monkeypatch.setattr("sxtstudio.workflow.describing.describe", interrupted)
    assert main.main(["info", "x.mrc"]) == 4
    assert capsys.readouterr().err == "Stopped.\n"
