"""The verb library, as a laboratory would use it: words in, one JSON object and a code out."""

import csv
import json
import shutil
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from sxtstudio.cli.main import main
from sxtstudio.core.cell import Cell
from sxtstudio.core.volume import LabelMap, Volume
from sxtstudio.io.network_card import read_network_card
from sxtstudio.io.volumes import write_volume
from sxtstudio.library.library import Library
from tests.cli.test_bad_input import contents
from tests.workflow.cells import VOXEL_UM, ball_cell, write_cell

INNER = (
    *("new", "add", "ingest", "list", "search", "show", "coverage", "check", "terms"),
    *("withdraw", "restore", "supersede", "complete", "describe"),
)


@pytest.fixture(autouse=True)
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))


def run(capsys: pytest.CaptureFixture[str], words: str, *more: str, code: int = 0) -> dict:
    """Run a verb and return its JSON."""
    capsys.readouterr()
    got = main([*words.split(), *more, "--json"])
    output, errors = capsys.readouterr()
    assert got == code, errors
    return json.loads(output)


def says(capsys: pytest.CaptureFixture[str], words: str, *more: str) -> str:
    """Run a verb and return what it says to people."""
    capsys.readouterr()
    assert main([*words.split(), *more]) == 0
    return capsys.readouterr().out


def partly(name: str, seed: int, *drawn: str) -> Cell:
    """Return a ball cell in which only some of its structures are drawn."""
    cell = ball_cell(name, seed=seed)
    (annotation,) = cell.annotations
    old = annotation.label_map
    names = {value: word for value, word in old.names.items() if word in drawn}
    labels_ZYX = np.where(np.isin(old.labels_ZYX, list(names)), old.labels_ZYX, 0)
    label_map = LabelMap(
        labels_ZYX=labels_ZYX.astype(np.uint8), names=names, voxel_size_um=VOXEL_UM
    )
    drawn_only = replace(annotation, label_map=label_map, complete=frozenset(drawn))
    return replace(cell, annotations=(drawn_only,))


def lab(words: str = "") -> Library:
    """Make a library with four cells, by the program's own functions."""
    with Library.create(Path("lib")) as library:
        for number, word in enumerate(("nucleus", "lipid", "nucleus", "lipid")):
            species, condition = ("yeast", "starved") if number < 2 else ("alga", "fed")
            cell = replace(partly(f"c-{number}", number, word), species=species)
            library.add_cell(replace(cell, condition=condition), source="the archive")
    return library


@pytest.mark.parametrize("verb", INNER)
def test_every_verb_within_has_help_and_json(verb: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as caught:
        main(["library", "lib", verb, "--help"])
    assert caught.value.code == 0
    words = capsys.readouterr().out
    assert "--json" in words
    assert f"usage: sxtstudio library LIB {verb}" in words


def test_the_help_lists_the_verbs_within(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["library", "--help"])
    words = capsys.readouterr().out
    assert all(f"    {verb}" in words for verb in INNER)
    for missing in (["library"], ["library", "lib"]):
        with pytest.raises(SystemExit) as caught:
            main(missing)
        assert caught.value.code == 2
    capsys.readouterr()


def test_json_may_be_asked_for_before_the_verb_within(capsys: pytest.CaptureFixture[str]) -> None:
    lab()
    capsys.readouterr()
    assert main(["library", "lib", "--json", "list"]) == 0
    assert len(json.loads(capsys.readouterr().out)["cells"]) == 4


def test_a_library_begins_empty(capsys: pytest.CaptureFixture[str]) -> None:
    made = run(capsys, "library lib new --name", "The laboratory")
    assert made["name"] == "The laboratory"
    assert run(capsys, "library lib list")["cells"] == []
    assert run(capsys, "library lib check") == {
        "sound": True,
        "problems": [],
        "cells": 0,
        "notices": [],
    }
    coverage = run(capsys, "library lib coverage nucleus")
    assert coverage["cells"] == 0
    assert "no cell to learn from" in coverage["notices"][0]
    assert "No cell" in says(capsys, "library lib list")


def test_a_tomogram_with_labels_is_added_once(capsys: pytest.CaptureFixture[str]) -> None:
    write_cell(ball_cell("ball"), Path())
    run(capsys, "library lib new")
    words = "library lib add ball.mrc --labels ball_labels.am --complete all --species yeast"
    added = run(capsys, words, "--author", "Ada")
    assert added["is_new"] is True
    assert added["annotations"][0]["complete"] == ["lipid", "nucleus"]
    assert (added["species"], added["author"]) == ("yeast", "Ada")
    assert added["source"].endswith("ball.mrc")
    assert run(capsys, words, "--author", "Bea")["is_new"] is False
    linked = run(capsys, "library lib add ball.mrc --name other --link")
    assert linked["is_new"] is True
    assert len(run(capsys, "library lib list")["cells"]) == 2


def test_cells_of_a_project_are_added_and_later_labels_make_a_new_version(
    capsys: pytest.CaptureFixture[str],
) -> None:
    for name, seed in (("a", 1), ("b", 2)):
        write_cell(ball_cell(name, seed=seed), Path())
    run(capsys, "library lib new")
    run(capsys, "new p.sxt")
    run(capsys, "add p.sxt a.mrc --labels a_labels.am --complete all")
    run(capsys, "add p.sxt b.mrc")
    added = run(capsys, "library lib add p.sxt")
    assert list(added["added"]) == ["a"]
    assert list(added["left_out"]) == ["b"]
    assert "b is left out" in added["notices"][0]
    assert list(run(capsys, "library lib add p.sxt --cell a")["unchanged"]) == ["a"]


def test_lists_are_aligned_and_filtered(capsys: pytest.CaptureFixture[str]) -> None:
    lab()
    lines = says(capsys, "library lib list").splitlines()
    assert lines[0].split() == ["cell", "id", "kind", "condition", "voxel", "nm", "drawn"]
    place = lines[0].index("drawn")
    assert [line[place:] for line in lines[1:5]] == [
        "nucleus*", "lipid bodies*", "nucleus*", "lipid bodies*",
    ]  # fmt: skip
    assert lines[5] == "4 cells."

    def found(words: str) -> list[str]:
        return [cell["name"] for cell in run(capsys, f"library lib {words}")["cells"]]

    assert found("list --species YEAST") == ["c-0", "c-1"]
    assert found("list --condition fed --drawn lipid") == ["c-3"]
    assert found("list --instrument none") == []
    assert found("list --voxel-nm 45-55") == ["c-0", "c-1", "c-2", "c-3"]
    assert found("list --voxel-nm 30") == []
    assert found("search archive nucleus") == ["c-0", "c-2"]
    assert found("search c-1") == ["c-1"]


def test_coverage_tells_who_knows_what(capsys: pytest.CaptureFixture[str]) -> None:
    lab()
    facts = run(capsys, "library lib coverage nucleus fat=lipid --csv c.csv --by condition")
    assert facts["classes"] == ["nucleus", "fat"]
    assert facts["totals"]["nucleus"]["complete"] == 2
    assert facts["groups"]["starved"]["cells"] == 2
    assert {row["name"]: row["known"]["fat"]["knowledge"] for row in facts["rows"]} == {
        "c-0": "not", "c-1": "complete", "c-2": "not", "c-3": "complete",
    }  # fmt: skip
    assert "Only 2 cells know nucleus" in facts["notices"][0]
    rows = list(csv.DictReader(Path("c.csv").read_text().splitlines()))
    assert [row["nucleus"] for row in rows] == ["complete", "not", "complete", "not"]
    assert int(rows[0]["nucleus voxels"]) == facts["rows"][0]["known"]["nucleus"]["voxels"] > 0
    words = says(capsys, "library lib coverage nucleus lipid --species alga")
    assert "everywhere 1" in words
    assert "c-0" not in words
    assert words.splitlines()[1].split() == ["nucleus", "1", "0", rows[2]["nucleus voxels"], "1"]


def test_the_cells_that_know_most_are_shown_and_the_others_counted(
    capsys: pytest.CaptureFixture[str],
) -> None:
    with lab() as library:
        tiny = ball_cell(edge=8)
        for number in range(30):
            lac_ZYX = tiny.tomogram.lac_ZYX + np.float32(number)
            tomogram = replace(tiny.tomogram, lac_ZYX=lac_ZYX)
            library.add_cell(replace(tiny, name=f"t-{number}", tomogram=tomogram))
    words = says(capsys, "library lib coverage nucleus")
    assert "… and 2 more cells" in words
    every = says(capsys, "library lib coverage nucleus --every-cell")
    assert "… and" not in every
    assert sum(line.startswith(("t-", "c-")) for line in every.splitlines()) == 32


def test_a_task_file_asks_for_coverage(capsys: pytest.CaptureFixture[str]) -> None:
    lab()
    run(capsys, "new p.sxt")
    run(capsys, "task p.sxt t --class fat=lipid")
    run(capsys, "task p.sxt t --export t.json")
    assert run(capsys, "library lib coverage --task t.json")["classes"] == ["fat"]


def test_notes_change_what_counts_and_are_shown(capsys: pytest.CaptureFixture[str]) -> None:
    lab()
    run(capsys, "library lib withdraw c-0 --author Ada --reason", "burnt by the beam")
    run(capsys, "library lib supersede c-1 --by c-3")
    assert [cell["name"] for cell in run(capsys, "library lib list")["cells"]] == ["c-2", "c-3"]
    words = says(capsys, "library lib list --all")
    assert "withdrawn: burnt by the beam" in words
    assert "superseded by" in words
    assert "in use" in words
    shown = run(capsys, "library lib show c-0")
    (note,) = shown["notes"]
    assert (note["kind"], note["author"], note["reason"]) == (
        "withdrawn", "Ada", "burnt by the beam",
    )  # fmt: skip
    run(capsys, "library lib restore c-0")
    completed = run(capsys, "library lib complete c-0 --classes", "nucleus,mitochondria")
    assert completed["annotations"][0]["complete"] == ["mitochondria", "nucleus"]
    described = run(capsys, "library lib describe c-0 --strain", "BY4741")
    assert (described["species"], described["strain"]) == ("yeast", "BY4741")
    assert "BY4741" in says(capsys, "library lib show c-0")


def test_what_complete_changes_unasked_is_said(capsys: pytest.CaptureFixture[str]) -> None:
    lab()
    run(capsys, "library lib complete c-0 --classes nucleus")
    capsys.readouterr()
    assert main(["library", "lib", "complete", "c-0", "--classes", "starch"]) == 0
    said = capsys.readouterr().err
    assert "Nothing of starch granules is drawn in it" in said
    assert "No longer said to be drawn everywhere: nucleus." in said


def test_a_withdrawn_cell_takes_the_place_of_none(capsys: pytest.CaptureFixture[str]) -> None:
    lab()
    run(capsys, "library lib withdraw c-1 --reason", "burnt")
    refused = run(capsys, "library lib supersede c-0 --by c-1", code=3)
    assert "is withdrawn" in refused["error"]
    run(capsys, "library lib supersede c-2 --by c-3")
    refused = run(capsys, "library lib supersede c-3 --by c-2", code=3)
    assert "'c-2' is superseded by it" in refused["error"]
    assert "c-0" in [cell["name"] for cell in run(capsys, "library lib list")["cells"]]


def test_what_is_known_on_some_planes_only_has_no_asterisk(
    capsys: pytest.CaptureFixture[str],
) -> None:
    Path("old").mkdir()
    cell = ball_cell("sparse")
    _, path = write_cell(cell, Path("old"))
    labels_ZYX = cell.annotations[0].label_map.labels_ZYX.copy()
    labels_ZYX[[z for z in range(24) if z not in (7, 9, 16)]] = 0
    names = {1: "nucleus", 2: "lipid"}
    write_volume(path, Volume(values_ZYX=labels_ZYX, voxel_size_um=VOXEL_UM, class_names=names))
    run(capsys, "library lib new")
    words = says(capsys, "library lib ingest old --review r.csv")
    assert "sparse: 3 of 24 planes along z are drawn" in words
    assert says(capsys, "library lib ingest old --accept")
    assert "nucleus*" not in says(capsys, "library lib list")
    assert "nucleus" in says(capsys, "library lib list")


def test_a_review_that_cannot_be_written_is_refused_before_the_work(
    capsys: pytest.CaptureFixture[str],
) -> None:
    run(capsys, "library lib new")
    Path("old").mkdir()
    assert main(["library", "lib", "ingest", "old", "--review", "no/r.csv"]) == 3
    said = capsys.readouterr().err
    assert "no/r.csv: cannot be written" in said
    assert "Looking" not in said


def test_of_several_annotations_one_must_be_named(capsys: pytest.CaptureFixture[str]) -> None:
    with lab() as library:
        library.add_annotation(library.cell("c-0").id, partly("c-0", 0, "lipid").annotations[0])
    words = ["--classes", "none"]
    refused = run(capsys, "library lib complete c-0", *words, code=3)
    assert "--annotation (0, 1)" in refused["error"]
    done = run(capsys, "library lib complete c-0 --annotation 1", *words)
    assert [item["complete"] for item in done["annotations"]] == [["nucleus"], []]


def test_the_laboratory_adds_words(capsys: pytest.CaptureFixture[str]) -> None:
    run(capsys, "library lib new")
    assert "no words" in says(capsys, "library lib terms")
    run(capsys, "library lib terms Carboxysome --inside cell --synonym", "CB body")
    run(capsys, "library lib terms", "lipid bodies", "--synonym", "oleosome")
    listed = run(capsys, "library lib terms")["terms"]
    assert {term["id"]: term["synonyms added"] for term in listed} == {
        "carboxysome": "CB body",
        "lipid": "oleosome",
    }
    write_cell(ball_cell("ball"), Path())
    words = "library lib add ball.mrc --labels ball_labels.am --classes"
    added = run(capsys, words, "1=cb body,2=oleosome")
    assert set(added["annotations"][0]["voxels"]) == {"carboxysome", "lipid"}
    run(capsys, "new p.sxt")
    assert "Carboxysome" in run(capsys, "task p.sxt t --class Carboxysome", code=3)["error"]
    task = run(capsys, "task p.sxt t --class", "fat=oleosome", "--class=CB body", "--library=lib")
    assert task["classes"] == {"1": "fat", "2": "CB body"}
    assert run(capsys, "info p.sxt")["tasks"][0]["members"]["CB body"] == ["carboxysome"]


def old_work(folder: Path) -> None:
    """Write three cells of old work: one plain, one with an odd name, one without a scale."""
    folder.mkdir()
    write_cell(ball_cell("good", seed=1), folder)
    write_cell(ball_cell("odd", seed=2), folder)
    values = ball_cell("odd", seed=2).annotations[0].label_map.labels_ZYX
    names = {1: "nucleus", 2: "wobbly bits"}
    volume = Volume(values_ZYX=values, voxel_size_um=VOXEL_UM, class_names=names)
    write_volume(folder / "odd_labels.am", volume)


def test_old_work_is_reviewed_corrected_and_taken_in(capsys: pytest.CaptureFixture[str]) -> None:
    old_work(Path("old"))
    run(capsys, "library lib new")
    facts = run(capsys, "library lib ingest old --review r.csv")
    assert (facts["found"], facts["without_problems"]) == (2, 1)
    assert facts["undecided"] == {"wobbly bits": 1}
    assert run(capsys, "library lib list")["cells"] == []
    words = says(capsys, "library lib ingest old --review r2.csv")
    assert "2 tomograms found, 1 without problems." in words
    assert "Materials without a meaning: wobbly bits (1)." in words
    assert "--import" in words.splitlines()[-1]
    cell = ball_cell("many", seed=3)
    Path("crowd").mkdir()
    write_cell(cell, Path("crowd"))
    many_ZYX = np.zeros(cell.tomogram.shape, np.uint8)
    many_ZYX[5:15, 5:15, 2:13] = np.arange(1, 12)
    write_volume(Path("crowd/many_labels.am"), Volume(values_ZYX=many_ZYX, voxel_size_um=VOXEL_UM))
    crowded = says(capsys, "library lib ingest crowd --review r3.csv")
    assert "5?, 6?, 7?, 8?, and 3 more" in crowded
    before = Path("r.csv").read_bytes()
    refused = run(capsys, "library lib ingest old --review r.csv", code=3)
    assert "is there already" in refused["error"]
    assert Path("r.csv").read_bytes() == before
    labels = Path("r_labels.csv")
    rows = list(csv.DictReader(labels.read_text(encoding="utf-8-sig").splitlines()))
    for row in rows:
        row["term"] = "mitochondria" if row["material"] == "wobbly bits" else row["term"]
    with labels.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, fieldnames=list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    done = run(capsys, "library lib ingest old --review r.csv --import --author Ada")
    assert sorted(done["added"]) == ["good", "odd"]
    again = run(capsys, "library lib ingest old --review r.csv --import")
    assert sorted(again["skipped"]) == ["good", "odd"]
    cells = {cell["name"]: cell for cell in run(capsys, "library lib list")["cells"]}
    assert set(cells["odd"]["annotations"][0]["voxels"]) == {"nucleus", "mitochondria"}


def test_what_has_no_problem_is_accepted_and_what_was_assumed_is_said(
    capsys: pytest.CaptureFixture[str],
) -> None:
    old_work(Path("old"))
    run(capsys, "library lib new")
    done = run(capsys, "library lib ingest old --accept --review r.csv")
    assert done["added"] == ["good"]
    assert list(done["left_out"]) == ["odd"]
    assert any("good: voxel size" in notice for notice in done["notices"])
    assert any("odd is left out" in notice for notice in done["notices"])
    assert Path("r.csv").exists()
    Path("old/good.mrc").unlink()
    Path("old/good_labels.am").unlink()
    nothing = run(capsys, "library lib ingest old --accept", code=3)
    assert nothing["added"] == []


def test_what_no_file_says_can_be_given_for_all(capsys: pytest.CaptureFixture[str]) -> None:
    Path("old").mkdir()
    cell = ball_cell("grey", seed=1)
    counts = np.rint(cell.tomogram.lac_ZYX * 500).astype(np.int16)
    write_volume(Path("old/grey.tif"), Volume(values_ZYX=counts))
    label_map = cell.annotations[0].label_map
    named = Volume(values_ZYX=label_map.labels_ZYX, class_names=label_map.names)
    write_volume(Path("old/grey_labels.tif"), named)
    run(capsys, "library lib new")
    words = "library lib ingest old --review"
    (row,) = run(capsys, f"{words} a.csv")["cells"]
    assert (row["voxel_size_nm"], row["lac_per_unit"], row["take"]) == (None, None, False)
    assert row["terms"] == {"nucleus": "nucleus", "lipid": "lipid"}
    facts = run(capsys, f"{words} b.csv --voxel-size-nm 60,50,40 --lac-per-unit 0.002")
    (row,) = facts["cells"]
    assert (row["voxel_size_nm"], row["lac_per_unit"]) == ([60, 50, 40], 0.002)
    assert (row["shape_zyx"], row["take"]) == ([24, 26, 28], True)
    assert run(capsys, f"{words} b.csv --import")["added"] == ["grey"]
    with Library.open(Path("lib")) as library:
        lac_ZYX = library.read_cell(library.cell("grey").id).tomogram.lac_ZYX
    np.testing.assert_allclose(lac_ZYX, cell.tomogram.lac_ZYX, atol=0.0011)


def test_half_copied_and_damaged_cells_are_told_and_skipped(
    capsys: pytest.CaptureFixture[str],
) -> None:
    lab()
    first, second = sorted(Path("lib/cells").rglob("*.sxtcell"))[:2]
    first.chmod(0o644)
    first.write_bytes(first.read_bytes()[:-1000])
    facts = run(capsys, "library lib list")
    assert len(facts["cells"]) == 3
    assert first.name[:12] in facts["notices"][0]
    second.chmod(0o644)
    content = bytearray(second.read_bytes())
    content[len(content) // 2] ^= 1
    second.write_bytes(content)
    checked = run(capsys, "library lib check", code=3)
    assert checked["sound"] is False
    assert len(checked["problems"]) == 2
    assert first.exists()


BAD = [
    ("no library", "library no list", "no"),
    ("a folder that is none", "library old list", "library.json"),
    ("a library that is there", "library lib new", "library already"),
    ("a folder in use", "library old new", "not empty"),
    ("no tomogram", "library lib add no.mrc", "no.mrc"),
    ("no project", "library lib add no.sxt", "no.sxt"),
    ("no such cell in the project", "library lib add p.sxt --cell nobody", "nobody"),
    ("a cell of a tomogram", "library lib add ball.mrc --cell ball", "--name"),
    ("another shape", "library lib add ball.mrc --labels small.mrc --classes 1=nucleus", "24"),
    ("an unknown material", "library lib add ball.mrc --labels odd.am", "wobbly"),
    ("complete what nobody knows",
     "library lib add ball.mrc --labels ball_labels.am --complete wings", "wings"),
    ("no folder", "library lib ingest no --review r.csv", "no"),
    ("no review wanted", "library lib ingest old", "--review"),
    ("no review there", "library lib ingest old --review r.csv --import", "r.csv"),
    ("a review that is none", "library lib ingest old --review diary.csv --import", "diary.csv"),
    ("labels without tomogram", "library lib ingest old --accept", "nothing that could be taken"),
    ("coverage of nothing", "library lib coverage", "classes"),
    ("coverage of a unicorn", "library lib coverage unicorn", "unicorn"),
    ("a task that is none", "library lib coverage --task diary.csv", "diary.csv"),
    ("no range", "library lib list --voxel-nm much", "much"),
    ("a range turned round", "library lib list --voxel-nm 60-30", "60-30"),
    ("drawn unicorns", "library lib list --drawn unicorn", "unicorn"),
    ("show nobody", "library lib show nobody", "nobody"),
    ("no reason", "library lib withdraw c-0 --reason \t", "why"),
    ("itself", "library lib supersede c-0 --by c-0", "itself"),
    ("complete unicorns", "library lib complete c-0 --classes unicorn", "unicorn"),
    ("no such annotation", "library lib complete c-0 --annotation 7 --classes none", "7"),
    ("nothing said", "library lib describe c-0", "--species"),
    ("a term that is there", "library lib terms nucleus --inside cell", "nucleus"),
    ("a term in nothing", "library lib terms Carboxysome --inside nowhere", "nowhere"),
    ("a synonym of another", "library lib terms nucleus --synonym lipid", "lipid"),
    ("a term without news", "library lib terms nucleus", "--synonym"),
    ("a synonym of nothing", "library lib terms --synonym oleosome", "which term"),
    ("train from no library", "train p.sxt t --network n.sxtnet --library no", "no"),
    ("train from nobody",
     "train p.sxt t --network n.sxtnet --library lib --library-cell nobody", "nobody"),
    ("cells of no library", "train p.sxt t --network n.sxtnet --library-cell c-0", "--library"),
    ("like nobody", "train p.sxt t --network n.sxtnet --library lib --like nobody", "nobody"),
    ("what nobody drew", "train p.sxt rare --network n.sxtnet --library lib", "mitochondria"),
    ("too few steps", "train p.sxt t --network n.sxtnet --library lib --steps 1", "1 steps"),
    ("no time", "train p.sxt t --network n.sxtnet --library lib --minutes -1", "-1 minutes"),
    ("nobody at all",
     "train p.sxt t --network n.sxtnet --without-project-cells", "--without-project-cells"),
    ("classes and a task", "library lib coverage nucleus --task diary.csv", "not both"),
]  # fmt: skip


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A library, a project, and files with which nothing can be done."""
    folder = tmp_path_factory.mktemp("bad")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        patch.setenv("XDG_CACHE_HOME", str(folder / "cache"))
        lab()
        write_cell(ball_cell("ball"), Path())
        small = Volume(values_ZYX=np.ones((4, 4, 4), np.uint8), voxel_size_um=VOXEL_UM)
        write_volume(Path("small.mrc"), small)
        Path("old").mkdir()
        labels_ZYX = ball_cell().annotations[0].label_map.labels_ZYX
        names = {1: "nucleus", 2: "wobbly bits"}
        odd = Volume(values_ZYX=labels_ZYX, voxel_size_um=VOXEL_UM, class_names=names)
        write_volume(Path("odd.am"), odd)
        shutil.copy("ball_labels.am", "old/ball_labels.am")
        Path("diary.csv").write_text("Dear diary, nothing today.\n")
        for words in (
            "new p.sxt",
            "add p.sxt ball.mrc --name bare",
            "task p.sxt t --class nucleus --class lipid",
            "task p.sxt rare --class nucleus --class mitochondria",
        ):
            assert main(words.split()) == 0
    return folder


@pytest.mark.parametrize(
    ("words", "clue"), [pytest.param(*case[1:], id=case[0].replace(" ", "-")) for case in BAD]
)
def test_bad_input_is_refused_with_a_sentence_and_nothing_changes(
    template: Path, capsys: pytest.CaptureFixture[str], words: str, clue: str
) -> None:
    shutil.copytree(template, Path(), dirs_exist_ok=True)
    before = contents(Path())
    capsys.readouterr()
    assert main([*words.split(" "), "--json"]) == 3
    output, errors = capsys.readouterr()
    sentence = json.loads(output)["error"]
    assert clue in sentence
    assert sentence.endswith((".", "?"))
    assert sentence.count("\n") == 0
    assert errors.strip().splitlines()[-1] == sentence
    assert "Traceback" not in errors
    assert contents(Path()) == before


@pytest.mark.slow
def test_two_who_add_at_the_same_time_lose_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    run(capsys, "library lib new")
    for number in range(6):
        write_cell(ball_cell(f"b-{number}", seed=number), Path())
    same = "b-0"  # both add this one
    shares = ((same, "b-1", "b-2"), (same, "b-3", "b-4", "b-5"))
    scripts = [
        "; ".join(f"assert main(['library', 'lib', 'add', '{name}.mrc']) == 0" for name in share)
        for share in shares
    ]
    started = [
        subprocess.Popen([sys.executable, "-c", f"from sxtstudio.cli.main import main; {script}"])
        for script in scripts
    ]
    assert [process.wait(120) for process in started] == [0, 0]
    names = [cell["name"] for cell in run(capsys, "library lib list")["cells"]]
    assert names == [f"b-{number}" for number in range(6)]
    assert run(capsys, "library lib check")["sound"] is True


@pytest.mark.slow
def test_a_network_is_trained_from_the_library_alone(capsys: pytest.CaptureFixture[str]) -> None:
    lab()
    write_cell(ball_cell("mine", seed=9), Path())
    run(capsys, "new p.sxt")
    run(capsys, "add p.sxt mine.mrc --labels mine_labels.am --complete all")
    run(capsys, "task p.sxt t --class nucleus --class lipid")
    facts = run(
        capsys,
        "train p.sxt t --network n.sxtnet --steps 4 --device cpu --threads 1 --library lib "
        "--without-project-cells --library-cell c-0 c-1 --like mine",
    )
    assert facts["training_cells"] == ["c-0", "c-1"]
    assert any("c-1: " in notice for notice in facts["notices"])
    cells = {cell["name"]: cell["id"] for cell in run(capsys, "library lib list")["cells"]}
    card = read_network_card(Path("n.sxtnet"))
    assert {cell.name: cell.library_ids for cell in card.cells} == {
        name: (cells[name],) for name in ("c-0", "c-1")
    }
    assert not Path("n.sxtnet.job").exists()
