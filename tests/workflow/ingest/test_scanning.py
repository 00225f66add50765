"""A folder of old work becomes rows with proposals; every file ends in a row or in a sentence."""

import os
import shutil
from dataclasses import replace
from pathlib import Path

import h5py
import numpy as np
import pytest
import tifffile
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sxtstudio.core.errors import FileError
from sxtstudio.core.events import Cancelled, Event, Progress
from sxtstudio.core.ontology import Extension, new_term
from sxtstudio.workflow.ingest.corrections import set_term
from sxtstudio.workflow.ingest.proposals import Review
from sxtstudio.workflow.ingest.scanning import scan
from sxtstudio.workflow.simulating import Simulation, simulate_files
from tests.workflow.cells import VOXEL_UM
from tests.workflow.ingest.files import (
    NAMES,
    ONTOLOGY,
    SHAPE,
    labels,
    lac,
    only_row,
    scanned,
    terms,
    write,
    write_hdf5,
    write_pair,
    write_project,
)


@pytest.mark.parametrize(
    ("tomogram", "drawn"),
    [
        ("cell7.mrc", "cell7_labels.am"),
        ("X_scaled.mrc", "X_labels.mrc"),
        ("cell7.rec", "cell7.labels"),
        ("cell-7.tif", "cell_7_seg.tif"),
        ("raw/cell7.mrc", "labels/cell7.am"),
        ("cell7/tomo.h5", "cell7/segmentation.h5"),
        ("Zelle ä 7.mrc", "Zelle ä 7 mask.am"),
        ("细胞7.mrc", "细胞7_labels.tif"),
        ("cell7_bin2.mrc", "cell7_bin2_final_labels.am"),
        ("a/recon.mrc", "a/anna 2019.am"),
    ],
)
def test_a_tomogram_and_its_labels_are_paired_by_name(
    tmp_path: Path, tomogram: str, drawn: str
) -> None:
    write(tmp_path / tomogram, lac(), lac_per_unit=1.0)
    write(tmp_path / "other" / "cell9.mrc", lac(9), lac_per_unit=1.0)
    write(tmp_path / drawn, labels(), names=NAMES)
    review = scanned(tmp_path)
    row = only_row(tmp_path)
    assert row.tomogram == tmp_path / tomogram
    assert row.labels == tmp_path / drawn
    assert row.shape == SHAPE
    assert row.voxel_size_um == pytest.approx(VOXEL_UM, rel=1e-5)
    assert terms(row) == {1: "nucleus", 2: "lipid"}
    assert row.take
    assert row.problems == ()
    alone = review.row("cell9")
    assert alone.labels is None
    assert not alone.take
    assert review.problems == ()


def test_a_pair_that_only_looks_alike_is_said_to_be_assumed(tmp_path: Path) -> None:
    write(tmp_path / "cell7.mrc", lac(), lac_per_unit=1.0)
    write(tmp_path / "drawn by anna.am", labels(), names=NAMES)
    assert any("no other tomogram beside them" in word for word in only_row(tmp_path).warnings)
    (tmp_path / "drawn by anna.am").rename(tmp_path / "cell7 by anna.am")
    assert any("names begin alike" in word for word in only_row(tmp_path).warnings)


def test_masks_named_like_classes_belong_to_the_tomogram_beside_them(tmp_path: Path) -> None:
    write(tmp_path / "cell7" / "raw.tif", lac())
    write(tmp_path / "cell7" / "nucleus.tif", (labels() == 1).astype(np.uint8) * 255)
    write(tmp_path / "cell7" / "lipid_droplets.tif", (labels() == 2).astype(np.uint8))
    write(tmp_path / "cell7" / "nuclues.tif", (labels() == 1).astype(np.uint8))
    row = only_row(tmp_path)
    assert row.name == "cell7"
    assert [(it.value, it.name, it.term) for it in row.values] == [
        (1, "lipid droplets", "lipid"),
        (255, "nucleus", "nucleus"),
        (1, "", None),
    ]
    assert len(row.label_files) == 3
    assert [label.value for label in row.values_in(*row.label_files[1])] == [255]
    assert "nuclues.tif" in row.warnings[-1] or any("nuclues.tif" in it for it in row.warnings)
    assert not row.take


def test_masks_named_after_tomogram_and_class(tmp_path: Path) -> None:
    for name in ("cell7", "cell8"):
        write(tmp_path / f"{name}.mrc", lac(len(name)), lac_per_unit=1.0)
        write(tmp_path / f"{name}_mito.mrc", (labels() == 1).astype(np.uint8))
        write(tmp_path / f"LD {name}.mrc", (labels() == 2).astype(np.uint8))
    review = scanned(tmp_path)
    for name in ("cell7", "cell8"):
        row = review.row(name)
        assert {label.term for label in row.values} == {"mitochondria", "lipid"}
        assert {path.name for path, _ in row.label_files} == {f"{name}_mito.mrc", f"LD {name}.mrc"}


def test_an_hdf5_file_with_both_as_datasets_is_one_row(tmp_path: Path) -> None:
    write_hdf5(tmp_path / "both.h5", {"raw": lac(), "label": (labels() == 1).astype(np.uint8)})
    row = only_row(tmp_path)
    assert (row.name, row.tomogram_dataset, row.labels_dataset) == ("both", "/raw", "/label")
    assert row.tomogram == row.labels == tmp_path / "both.h5"
    assert row.voxel_size_um == pytest.approx(VOXEL_UM)


def test_an_hdf5_file_with_masks_alone_belongs_to_the_tomogram_beside_it(tmp_path: Path) -> None:
    write(tmp_path / "cell7.mrc", lac(), lac_per_unit=1.0)
    masks = {"nucleus": (labels() == 1).astype(np.uint8), "ld": (labels() == 2).astype(np.uint8)}
    write_hdf5(tmp_path / "cell7.h5", masks)
    row = only_row(tmp_path)
    assert {(label.term, label.dataset or row.labels_dataset) for label in row.values} == {
        ("nucleus", "/nucleus"),
        ("lipid", "/ld"),
    }


def test_what_our_own_simulation_writes_is_ingested_with_its_completeness(tmp_path: Path) -> None:
    simulate_files(
        Simulation(folder=tmp_path / "s", kind="yeast", cells=2, size=32, seed=3, labels=True)
    )
    review = scanned(tmp_path / "s")
    assert [row.name for row in review.rows] == ["yeast-1", "yeast-2"]
    for row in review.rows:
        assert row.take
        assert row.lac_per_unit == 1.0
        assert {label.confidence for label in row.values} == {"exact"}
        assert all(label.complete for label in row.values if label.term != "ignore")
        assert row.values[0].complete_reason == "stated in the table of the cells"
    assert len(review.problems) == 1
    assert "cells.csv" in review.problems[0]


def test_the_published_numbers_are_a_proposal_that_says_so(tmp_path: Path) -> None:
    values_ZYX = labels() * 0 + 1
    values_ZYX[labels() == 1] = 2
    values_ZYX[labels() == 2] = 5
    values_ZYX[:3] = 0
    write(tmp_path / "784_5_scaled.mrc", lac())
    write(tmp_path / "784_5_labels.mrc", values_ZYX)
    row = only_row(tmp_path)
    assert terms(row) == {0: "exterior", 1: "cytoplasm", 2: "nucleus", 5: "mitochondria"}
    assert {label.confidence for label in row.values} == {"value"}
    assert any("published cells" in warning for warning in row.remarks)
    assert all(label.complete for label in row.values)


def test_values_without_names_must_be_decided(tmp_path: Path) -> None:
    write(tmp_path / "a.mrc", lac(), lac_per_unit=1.0)
    write(tmp_path / "a_labels.tif", labels())
    row = only_row(tmp_path)
    assert terms(row) == {1: None, 2: None}
    assert row.problems == (
        "The file does not name its label values 1, 2; say what they stand for.",
    )
    assert not row.take


def test_numbered_objects_are_no_classes(tmp_path: Path) -> None:
    objects_ZYX = np.zeros(SHAPE, np.uint8)
    for number in range(70):
        objects_ZYX[:, number // 10 * 3 : number // 10 * 3 + 2, number % 10 * 2] = number + 1
    write(tmp_path / "a.mrc", lac(), lac_per_unit=1.0)
    write(tmp_path / "a_labels.tif", objects_ZYX)
    assert "one number for each object" in only_row(tmp_path).faults[0]


def test_unknown_fuzzy_and_double_materials_are_said(tmp_path: Path) -> None:
    values_ZYX = labels()
    values_ZYX[0, :4], values_ZYX[0, 4:8], values_ZYX[0, 8:12] = 3, 4, 5
    names = {1: "Nucleus", 2: "lipid bodis", 3: "strange thing", 4: "nucleus2", 5: "Material6"}
    write(tmp_path / "a.mrc", lac(), lac_per_unit=1.0)
    write(tmp_path / "a_labels.am", values_ZYX, names=names)
    row = only_row(tmp_path)
    assert [(it.name, it.term, it.confidence) for it in row.values] == [
        ("Nucleus", "nucleus", "exact"),
        ("lipid bodis", "lipid", "fuzzy"),
        ("strange thing", None, "unknown"),
        ("nucleus2", "nucleus", "synonym"),
        ("Material6", None, "unknown"),
    ]
    assert any("'Nucleus' and 'nucleus2' both mean 'nucleus'" in word for word in row.remarks)
    assert any("'lipid bodis' was taken for the class 'lipid'" in word for word in row.remarks)
    review = Review(folder=tmp_path, rows=(row,))
    apart = set_term(review, "nucleus2", "starch", ONTOLOGY).rows[0].remarks
    assert not any("both mean" in word for word in apart)
    again = set_term(review, "strange thing", "lipid", ONTOLOGY).rows[0].remarks
    assert any("'lipid bodis' and 'strange thing' both mean 'lipid'" in word for word in again)
    assert len(row.problems) == 2
    assert "'strange thing' (label value 3)" in row.problems[0]
    assert scanned(tmp_path).undecided == {"strange thing": 1, "Material6": 1}


def test_terms_of_the_laboratory_are_known(tmp_path: Path) -> None:
    write(tmp_path / "a.mrc", lac(), lac_per_unit=1.0)
    write(tmp_path / "a_labels.am", labels(), names={1: "crystalloid", 2: "LD"})
    term = new_term(ONTOLOGY, "Crystalloid", "cell")
    review = scan(tmp_path, ONTOLOGY.extended(Extension(terms=(term,))))
    assert terms(review.rows[0]) == {1: "crystalloid", 2: "lipid"}


def test_void_without_a_cell_class_is_what_nobody_labelled(tmp_path: Path) -> None:
    write(tmp_path / "a.mrc", lac(), lac_per_unit=1.0)
    write(tmp_path / "a_labels.am", labels(), names={0: "void", **NAMES})
    row = only_row(tmp_path)
    assert terms(row) == {1: "nucleus", 2: "lipid"}
    assert any("'void'" in warning for warning in row.warnings)


def test_void_beside_a_cell_class_is_outside(tmp_path: Path) -> None:
    write(tmp_path / "a.mrc", lac(), lac_per_unit=1.0)
    write(tmp_path / "a_labels.am", labels(), names={0: "void", 1: "cell", 2: "interpolate"})
    row = only_row(tmp_path)
    assert terms(row) == {0: "exterior", 1: "cell", 2: "ignore"}
    assert [label.complete for label in row.values] == [True, True, False]


@pytest.mark.parametrize(
    ("values", "words"),
    [
        (np.zeros(SHAPE, np.uint8), "no voxel is labelled"),
        (labels() * 0 + 3, "says “ignore” everywhere"),
    ],
)
def test_labels_that_say_nothing_are_a_fault(
    tmp_path: Path, values: np.ndarray, words: str
) -> None:
    write(tmp_path / "a.mrc", lac(), lac_per_unit=1.0)
    write(tmp_path / "a_labels.am", values, names={3: "unlabeled"})
    row = only_row(tmp_path)
    assert words in row.problems[0]
    assert not row.take


def test_labels_without_tomogram_and_on_another_grid_are_problems(tmp_path: Path) -> None:
    write(tmp_path / "x" / "alone_labels.am", labels(), names=NAMES)
    write(tmp_path / "y" / "cell.mrc", lac(), lac_per_unit=1.0)
    write(tmp_path / "y" / "cell_labels.am", labels((10, 12, 14)), names=NAMES)
    review = scanned(tmp_path)
    assert [(row.name, row.labels, row.take) for row in review.rows] == [("cell", None, False)]
    assert "no tomogram with a name like it" in review.problems[0]
    assert "10 × 12 × 14" in review.problems[1]
    assert "20 × 24 × 28" in review.problems[1]
    assert "in another order" not in review.problems[1]
    assert review.problems[1] in review.rows[0].warnings


def test_labels_whose_axes_are_in_another_order_are_told_so(tmp_path: Path) -> None:
    write(tmp_path / "cell.mrc", lac(), lac_per_unit=1.0)
    write(tmp_path / "cell_labels.am", labels().transpose(2, 1, 0), names=NAMES)
    (problem,) = scanned(tmp_path).problems
    assert problem.endswith("own grid. Their axes seem to be in another order.")


def test_a_cell_of_few_grey_values_is_still_the_tomogram_of_its_labels(tmp_path: Path) -> None:
    write(tmp_path / "a.tif", (lac() > 0.2).astype(np.uint8) * 90)
    write(tmp_path / "a_labels.tif", (labels() == 1).astype(np.uint8))
    assert only_row(tmp_path).tomogram == tmp_path / "a.tif"


def test_grey_values_named_like_labels_are_refused(tmp_path: Path) -> None:
    write(tmp_path / "a.mrc", lac(), lac_per_unit=1.0)
    write(tmp_path / "a_mask.mrc", lac(1))
    assert "its values are no labels" in scanned(tmp_path).problems[0]


def test_a_series_of_single_images_is_one_tomogram(tmp_path: Path) -> None:
    for z, image in enumerate(lac()):
        for folder, pixels in (("raw", image), ("labels", labels()[z])):
            (tmp_path / "cell7" / folder).mkdir(parents=True, exist_ok=True)
            tifffile.imwrite(tmp_path / "cell7" / folder / f"s{z:04}.tif", pixels)
    review = scanned(tmp_path)
    assert len(review.rows) == 1
    row = review.rows[0]
    assert row.shape == SHAPE
    assert row.labels == tmp_path / "cell7" / "labels" / "s0000.tif"
    assert review.problems == ()


def test_unreadable_truncated_and_foreign_files_have_a_sentence_each(tmp_path: Path) -> None:
    whole = write(tmp_path / "cut.mrc", lac())
    whole.write_bytes(whole.read_bytes()[:5000])
    (tmp_path / "empty.am").write_bytes(b"")
    (tmp_path / "broken.hx").write_text("# Amira\n[ load {a\n")
    (tmp_path / "tilts.st").write_bytes(b"x" * 2000)
    (tmp_path / "notes.txt").write_text("x")
    (tmp_path / "gone.mrc").symlink_to(tmp_path / "nothing.mrc")
    with h5py.File(tmp_path / "angles.h5", "w") as file:
        file["exchange/data"] = np.zeros((5, 6, 7), np.float32)
        file["exchange/theta"] = np.zeros(5)
    os.mkfifo(tmp_path / "pipe.mrc")
    review = scanned(tmp_path)
    assert review.rows == ()
    for words in (
        "cut.mrc: is cut off",
        "empty.am: is empty",
        "broken.hx: a brace in line 2",
        "tilts.st: is called like projections",
        "notes.txt: is no volume",
        "gone.mrc: cannot be read: there is no such file",
        "angles.h5: /exchange/data holds projections",
        "pipe.mrc: is no volume",
        "no tomogram was found",
    ):
        assert [words in problem for problem in review.problems].count(True) == 1, words
    assert len(review.problems) == 9


def test_a_tomogram_with_nan_cannot_be_taken(tmp_path: Path) -> None:
    values_ZYX = lac()
    values_ZYX[3, 4, 5] = np.nan
    write(tmp_path / "a.mrc", values_ZYX, lac_per_unit=1.0)
    write(tmp_path / "a_labels.am", labels(), names=NAMES)
    row = only_row(tmp_path)
    assert "hold no number" in row.problems[0]
    assert not row.take


def test_labels_that_are_damaged_are_a_fault_of_their_row(tmp_path: Path) -> None:
    write(tmp_path / "a.mrc", lac(), lac_per_unit=1.0)
    bad = labels().astype(np.int32)
    bad[0, 0, 0] = 100_000
    write_hdf5(tmp_path / "a_labels.h5", {"label": bad})
    with h5py.File(tmp_path / "a_labels.h5", "a") as file:
        file["label"].attrs["class_names"] = np.bytes_('{"1": "nucleus", "2": "lipid"}')
    review = scanned(tmp_path)
    assert "labels run from 0 to 65535" in review.rows[0].faults[0]
    assert not review.rows[0].take


def test_an_empty_folder_says_so_and_a_missing_one_is_refused(tmp_path: Path) -> None:
    review = scanned(tmp_path)
    assert review.rows == ()
    assert review.problems == (f"{tmp_path}: no tomogram was found in this folder or below.",)
    with pytest.raises(FileError, match="is no folder"):
        scanned(tmp_path / "nothing")


def test_a_thousand_small_files_are_told_in_one_sentence(tmp_path: Path) -> None:
    for number in range(1000):
        (tmp_path / f"log{number}.txt").write_bytes(b"x")
    write_pair(tmp_path)
    review = scanned(tmp_path)
    assert len(review.rows) == 1
    assert len(review.problems) == 1
    assert review.problems[0].startswith("1000 files called .txt are no volumes")


def test_hidden_files_and_loops_of_links_are_left_out(tmp_path: Path) -> None:
    write_pair(tmp_path)
    (tmp_path / ".cell7.mrc").write_bytes(b"x")
    (tmp_path / ".trash").mkdir()
    (tmp_path / "loop").symlink_to(tmp_path, target_is_directory=True)
    review = scanned(tmp_path)
    assert len(review.rows) == 1
    assert review.problems == ()


def test_a_name_in_a_lost_alphabet_is_a_problem(tmp_path: Path) -> None:
    write_pair(tmp_path)
    Path(os.fsdecode(os.fsencode(tmp_path) + b"/Z\xe4hler.mrc")).write_bytes(b"x")
    assert "the name of 'Z?hler.mrc' is damaged" in scanned(tmp_path).problems[0]


def test_a_volume_without_suffix_is_known_by_its_content(tmp_path: Path) -> None:
    _, drawn = write_pair(tmp_path)
    drawn.rename(tmp_path / "cell7_labels.backup")
    assert only_row(tmp_path).labels == tmp_path / "cell7_labels.backup"


def test_the_same_tomogram_twice_is_noticed(tmp_path: Path) -> None:
    write_pair(tmp_path / "a")
    write_pair(tmp_path / "b")
    write(tmp_path / "c" / "cell7.tif", lac(), lac_per_unit=1.0)
    write(tmp_path / "c" / "cell7_labels.am", labels(), names={1: "vacuole", 2: "LD"})
    write(tmp_path / "d" / "cell7.mrc", lac())
    review = scanned(tmp_path)
    assert [row.name for row in review.rows] == [f"{it} cell7" for it in "abcd"]
    assert [row.take for row in review.rows] == [True, False, True, False]
    assert "The same tomogram as 'a cell7'" in review.rows[1].warnings[-1]
    assert "its labels are added to that cell" in review.rows[2].warnings[-1]
    assert "left out" in review.rows[3].warnings[-1]


def test_names_are_unique_even_if_folders_are_alike(tmp_path: Path) -> None:
    for number, folder in enumerate(("x/run", "y/run", "z")):
        write_pair(tmp_path / folder, seed=number)
    assert [row.name for row in scanned(tmp_path).rows] == [
        "run cell7",
        "run cell7 (2)",
        "z cell7",
    ]


def test_labels_that_fit_two_tomograms_say_which_was_chosen(tmp_path: Path) -> None:
    write(tmp_path / "cell7.mrc", lac(1), lac_per_unit=1.0)
    write(tmp_path / "cell7.tif", lac(2), lac_per_unit=1.0)
    write(tmp_path / "cell7_labels.am", labels(), names=NAMES)
    row = only_row(tmp_path)
    assert row.tomogram.name == "cell7.mrc"
    assert any("may as well belong to cell7.tif" in warning for warning in row.warnings)


def test_the_voxel_size_may_come_from_the_labels_and_differences_are_said(tmp_path: Path) -> None:
    write(tmp_path / "a.mrc", lac(1), size=None, lac_per_unit=1.0)
    write(tmp_path / "a_labels.am", labels(), names=NAMES, size=(0.03, 0.03, 0.03))
    write(tmp_path / "b.mrc", lac(2), size=(0.04, 0.04, 0.04), lac_per_unit=1.0)
    write(tmp_path / "b_labels.am", labels(), names=NAMES, size=(0.03, 0.03, 0.03))
    first, second = scanned(tmp_path).rows
    assert first.voxel_size_um == pytest.approx((0.03,) * 3)
    assert "a_labels.am" in first.voxel_reason
    assert second.voxel_size_um == pytest.approx((0.04,) * 3)
    assert any("30 nm" in warning and "40 nm" in warning for warning in second.warnings)


def test_a_damaged_table_of_cells_is_a_fault(tmp_path: Path) -> None:
    write_pair(tmp_path)
    (tmp_path / "cells.csv").write_text(
        "tomogram,labels,complete\ncell7.mrc,cell7_labels.am,no such class\n"
    )
    assert "no such class" in scanned(tmp_path).rows[0].faults[0]
    (tmp_path / "cells.csv").write_text("other,columns\n1,2\n")
    assert scanned(tmp_path).rows[0].faults == ()


def test_scanning_tells_how_far_it_is_and_can_be_stopped(tmp_path: Path) -> None:
    for name in ("a", "b", "c"):
        write_pair(tmp_path, name, seed=ord(name))
    write_project(tmp_path / "p.hx", "a.mrc", "a_labels.am")
    events: list[Event] = []
    scan(tmp_path, ONTOLOGY, events.append)
    fractions = [
        event.fraction
        for event in events
        if isinstance(event, Progress) and event.fraction is not None
    ]
    assert fractions == sorted(fractions)
    assert fractions[-1] == 1.0

    def stop(event: Event) -> None:
        if isinstance(event, Progress) and "labels of" in event.text:
            raise Cancelled

    with pytest.raises(Cancelled):
        scan(tmp_path, ONTOLOGY, stop)


def test_a_project_keeps_its_files_and_names_its_row(tmp_path: Path) -> None:
    write_pair(tmp_path / "old-files")
    write_project(
        tmp_path / "old.hx",
        "old-files/cell7.mrc",
        "old-files/cell7_labels.am",
        connect={"cell7_labels.am": "cell7.mrc"},
    )
    review = scanned(tmp_path)
    (row,) = review.rows
    assert (row.name, row.project) == ("old", tmp_path / "old.hx")
    assert row.take
    assert row.warnings == ()
    assert review.problems == ()


def test_a_project_of_several_cells_and_other_things(tmp_path: Path) -> None:
    files: list[str] = []
    for name in ("a", "b"):
        write_pair(tmp_path / "p-files", name, seed=ord(name))
        files += [f"p-files/{name}.mrc", f"p-files/{name}_labels.am"]
    write(tmp_path / "p-files" / "small.am", labels((6, 7, 8)), names=NAMES)
    (tmp_path / "p-files" / "cell.surf").write_text("# HyperSurface")
    (tmp_path / "p-files" / "map.am").write_text(
        '# AmiraMesh ASCII 1.0\ndefine Lattice 2\nParameters { ContentType "Colormap" }\n'
        "Lattice { float[4] Data } = @1\n@1\n0 0 0 0\n1 1 1 1\n"
    )
    files += ["p-files/small.am", "p-files/cell.surf", "p-files/map.am", "p-files/gone.rec"]
    script = write_project(
        tmp_path / "p.hx",
        *files,
        connect={"a_labels.am": "a.mrc", "b_labels.am": "b.mrc", "small.am": "a.mrc"},
    )
    script.write_text(script.read_text() + "[ load -raw ${SCRIPTDIR}/p-files/a.mrc 9 ]\n")
    review = scanned(tmp_path)
    assert [(row.name, row.labels and row.labels.name) for row in review.rows] == [
        ("a", "a_labels.am"),
        ("b", "b_labels.am"),
    ]
    assert len(review.problems) == 3
    assert "gone.rec" in review.problems[0]
    assert "raw values" in review.problems[1]
    assert "6 × 7 × 8" in review.problems[2]


def test_labels_that_a_project_connects_to_nothing(tmp_path: Path) -> None:
    write_pair(tmp_path)
    write_project(tmp_path / "p.hx", "cell7.mrc", "cell7_labels.am")
    row = only_row(tmp_path)
    assert any("no image is connected" in warning for warning in row.warnings)
    write(tmp_path / "second.mrc", lac(5), lac_per_unit=1.0)
    write_project(tmp_path / "p.hx", "cell7.mrc", "second.mrc", "cell7_labels.am")
    assert "does not connect these labels" in scanned(tmp_path).problems[0]


def test_a_project_without_volumes_and_one_with_damaged_ones(tmp_path: Path) -> None:
    (tmp_path / "a.surf").write_text("x")
    (tmp_path / "b.am").write_text("x")
    write_project(tmp_path / "p.hx", "a.surf", "b.am")
    problems = scanned(tmp_path).problems
    assert "b.am: is called .am but its content is something else" in problems[0]
    assert "none of the files it loads is a volume" in problems[1]


def test_what_labels_are_connected_to_is_the_tomogram_whatever_it_looks_like(
    tmp_path: Path,
) -> None:
    write(tmp_path / "one.am", (lac() > 0.2).astype(np.uint8))
    write(tmp_path / "two.am", labels(), names=NAMES)
    write_project(tmp_path / "p.hx", "one.am", "two.am", connect={"two.am": "one.am"})
    row = only_row(tmp_path)
    assert row.tomogram == tmp_path / "one.am"
    assert row.labels == tmp_path / "two.am"


def test_two_label_fields_of_one_image_stay_together(tmp_path: Path) -> None:
    write_pair(tmp_path)
    write(tmp_path / "second.am", (labels() == 1).astype(np.uint8), names={1: "vacuole"})
    write_project(
        tmp_path / "p.hx",
        *("cell7.mrc", "cell7_labels.am", "second.am"),
        connect={"cell7_labels.am": "cell7.mrc", "second.am": "cell7.mrc"},
    )
    row = only_row(tmp_path)
    assert [(label.term, label.path) for label in row.values] == [
        ("nucleus", None),
        ("lipid", None),
        ("vacuole", tmp_path / "second.am"),
    ]


def test_files_of_our_own_are_told_apart(tmp_path: Path) -> None:
    (tmp_path / "mine.sxt").write_bytes(b"x")
    assert "of SXT Studio itself" in scanned(tmp_path).problems[0]


def test_a_lone_tomogram_in_a_row_can_be_wanted_all_the_same(tmp_path: Path) -> None:
    write(tmp_path / "a.mrc", lac(), lac_per_unit=1.0)
    (row,) = scanned(tmp_path).rows
    assert not row.take
    assert replace(row, wanted=True).take


def test_a_folder_or_file_that_cannot_be_read_is_a_problem(tmp_path: Path) -> None:
    write_pair(tmp_path)
    (tmp_path / "locked").mkdir(mode=0)
    if os.access(tmp_path / "locked", os.R_OK):
        pytest.skip("this user may read everything")
    assert "locked: this folder cannot be read" in scanned(tmp_path).problems[0]


@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    suffix=st.sampled_from([".mrc", ".tif", ".h5", ".am"]),
    at=st.integers(0, 3000),
    byte=st.integers(0, 255),
    length=st.none() | st.integers(0, 60_000),
)
def test_a_damaged_file_ends_in_a_row_or_in_a_sentence(
    tmp_path: Path, suffix: str, at: int, byte: int, length: int | None
) -> None:
    folder = tmp_path / "damaged"
    shutil.rmtree(folder, ignore_errors=True)
    path = write(folder / f"cell7{suffix}", lac(), lac_per_unit=1.0)
    write(folder / "cell7_labels.am", labels(), names=NAMES)
    damaged = bytearray(path.read_bytes()[:length])
    damaged[at : at + 1] = bytes([byte]) if at < len(damaged) else b""
    path.write_bytes(damaged)
    review = scanned(folder)
    assert any(row.tomogram == path for row in review.rows) or str(path) in review.problems[0]


def test_rows_are_sorted_as_people_count(tmp_path: Path) -> None:
    for number in (10, 2, 1):
        write_pair(tmp_path, f"cell{number}", seed=number)

    assert [row.name for row in scanned(tmp_path).rows] == ["cell1", "cell2", "cell10"]


def test_a_voxel_size_is_not_longer_than_anybody_wants_to_read(tmp_path: Path) -> None:
    size_um = 0.08342770000000001  # as computed from the extent of a volume
    write(tmp_path / "a.am", lac(), size=(size_um,) * 3)

    (row,) = scanned(tmp_path).rows

    assert row.voxel_size_um == (0.0834277,) * 3


def test_a_scale_that_makes_the_cell_denser_than_gold_is_a_problem(tmp_path: Path) -> None:
    write(tmp_path / "a.h5", (100 * lac()).astype(np.float32), lac_per_unit=1.0)

    (row,) = scanned(tmp_path).rows

    assert row.brightest is not None
    assert 30 <= row.brightest <= 40, "the cytoplasm: a lipid body is too small to count"
    assert any("nothing absorbs more than gold" in problem for problem in row.problems)
    assert not row.take
