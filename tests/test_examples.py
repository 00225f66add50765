"""The example scripts do what they say."""

import importlib.util
from pathlib import Path
from types import ModuleType

import pytest

EXAMPLES = Path(__file__).parents[1] / "examples"


def example(name: str) -> ModuleType:
    spec = importlib.util.spec_from_file_location(name, EXAMPLES / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_there_are_six_short_scripts() -> None:
    scripts = sorted(EXAMPLES.glob("*.py"))
    assert len(scripts) == 6
    assert max(len(script.read_text().splitlines()) for script in scripts) < 50


def test_a_simulated_cell_is_written_and_read(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    example("simulate_a_cell").main(tmp_path, size=32)
    assert "nucleus" in capsys.readouterr().out
    example("read_a_volume").main(tmp_path / "yeast.mrc")
    assert "32 × 32 × 32 voxels" in capsys.readouterr().out


@pytest.mark.slow
def test_a_project_is_built_measured_and_drawn(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "p.sxt"
    example("build_a_project").main(path, cells=2, size=32)
    assert "2 cells" in capsys.readouterr().out
    example("measure_and_draw").main(path)
    assert "yeast-2  nucleus" in capsys.readouterr().out
    assert {item.name for item in tmp_path.iterdir()} >= {"p.csv", "yeast-1.png", "yeast-2.png"}


@pytest.mark.slow
def test_a_network_is_trained_and_used(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "p.sxt"
    example("build_a_project").main(path, cells=2, size=36)
    example("simulate_a_cell").main(tmp_path, size=36)
    example("train_and_segment").main(path, tmp_path / "yeast.mrc", steps=6, threads=1)
    assert "Wrote yeast_segmented.am" in capsys.readouterr().out
    assert (tmp_path / "yeast_segmented.am").exists()
    assert (tmp_path / "p.sxtnet").exists()


@pytest.mark.slow
def test_a_library_teaches_what_no_single_cell_shows(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    example("learn_from_a_library").main(tmp_path / "x", size=36, steps=6, threads=1)
    words = capsys.readouterr().out
    assert "4 cells added" in words
    assert "alga-1 {'nucleus': 'complete', 'mitochondria': 'not'}" in words
    assert "Trained n.sxtnet" in words
