"""Partly drawn cells of three kinds in two formats teach a task that none of them covers."""

import json
from pathlib import Path

import pytest

from sxtstudio.cli.main import main

DRAWN = {
    "alga": ("nucleus,chloroplast", "mitochondria,lipid"),
    "yeast": ("nucleus,lipid", "mitochondria,vacuole"),
    "lymphocyte": ("nucleus", "mitochondria,lipid"),
}
CLASSES = ("nucleus", "mitochondria", "lipid bodies")
SIZE = "36"


def run(capsys: pytest.CaptureFixture[str], *words: object) -> dict:
    """Run a verb that must succeed, and return its JSON."""
    capsys.readouterr()
    code = main([*map(str, words), "--json"])
    output, errors = capsys.readouterr()
    assert code == 0, errors
    return json.loads(output)


def old_work(capsys: pytest.CaptureFixture[str], folder: Path) -> None:
    """Write two cells of each kind; algae as AmiraMesh, yeast as TIFF, lymphocytes as MRC."""
    for kind, drawn in DRAWN.items():
        only = [word for words in drawn for word in ("--only", words)]
        run(capsys, "simulate", folder / kind, "--kind", kind, "--cells", 2, "--size", SIZE,
            "--labels", *only)  # fmt: skip
        (folder / kind / "cells.csv").unlink()  # nobody left a note of what is complete
    for kind, suffix in (("alga", ".am"), ("yeast", ".tif")):
        for path in (folder / kind).glob("*.mrc"):
            run(capsys, "convert", path, path.with_suffix(suffix))
            path.unlink()
    for path in (folder / "yeast").glob("*_labels.am"):
        run(capsys, "convert", path, path.with_suffix(".tif"))
        path.unlink()


@pytest.mark.slow
def test_old_work_teaches_what_no_single_cell_shows(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    old_work(capsys, Path("old"))
    run(capsys, "library", "lib", "new")
    review = run(capsys, "library", "lib", "ingest", "old", "--review", "r.csv")
    assert (review["found"], review["without_problems"], review["undecided"]) == (6, 6, {})
    taken = run(capsys, "library", "lib", "ingest", "old", "--review", "r.csv", "--import")
    assert len(taken["added"]) == 6

    coverage = run(capsys, "library", "lib", "coverage", *CLASSES)
    assert set(coverage["groups"]) == set(DRAWN)
    known = [
        {name for name, one in row["known"].items() if one["knowledge"] != "not"}
        for row in coverage["rows"]
    ]
    assert all(0 < len(names) < len(CLASSES) for names in known)
    assert set().union(*known) == set(CLASSES)

    run(capsys, "new", "p.sxt")
    run(capsys, "task", "p.sxt", "t", *(word for name in CLASSES for word in ("--class", name)))
    run(capsys, "simulate", "new", "--kind", "alga", "--size", SIZE, "--seed", 9, "--labels")
    run(capsys, "add", "p.sxt", "new/alga-1.mrc", "--name", "mine", "--species", "alga")
    network = run(
        capsys, "train", "p.sxt", "t", "--library", "lib", "--like", "mine", "--network",
        "n.sxtnet", "--steps", 8, "--threads", 1, "--device", "cpu",
    )  # fmt: skip
    assert set(network["training_cells"]) <= set(taken["added"])
    assert set(network["classes"].values()) == set(CLASSES)
    run(capsys, "segment", "p.sxt", "--network", "n.sxtnet", "--cell", "mine", "--threads", 1)
    run(capsys, "export", "p.sxt", "mine", "--what", "labels", "--out", "mine.am")
    score = run(capsys, "score", "mine.am", "new/alga-1_labels.am")
    assert set(score["classes"]) == set(CLASSES)
    assert 0 <= score["mean_dice"] <= 1
    assert run(capsys, "library", "lib", "check")["sound"] is True
