"""Real Amira projects and files: shapes, orientation, voxel sizes and class names."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from sxtstudio.io.volumes import read_volume
from sxtstudio.library.library import Library
from sxtstudio.workflow.ingest.corrections import (
    set_lac_per_unit,
    set_reconstructed_voxel,
    set_take,
    set_voxel_size,
)
from sxtstudio.workflow.ingest.importing import ingest
from sxtstudio.workflow.ingest.proposals import Review
from sxtstudio.workflow.ingest.review_table import read_review, write_review
from tests.workflow.ingest.files import ONTOLOGY, REAL, scanned, terms


@pytest.fixture(scope="module")
def review() -> Review:
    if not REAL.is_dir():
        pytest.skip("the folder with real files (../shared/data/real) is absent")
    return scanned(REAL)


@pytest.fixture
def library(tmp_path: Path) -> Iterator[Library]:
    with Library.create(tmp_path / "library", cache=tmp_path / "cache") as made:
        yield made


def test_the_three_projects_are_rows_of_their_own(review: Review) -> None:
    rows = {row.name: row for row in review.rows if row.project}
    assert {name: row.shape for name, row in rows.items()} == {
        "amira_2019 template": (33, 32, 31),
        "amira_6_3 template": (33, 32, 31),
        "sample_12": (58, 61, 58),
    }
    assert {row.voxel_size_um for row in rows.values()} == {None}
    assert all("1 × 1 × 1" in row.voxel_reason for row in rows.values())
    assert terms(rows["sample_12"]) == {0: "exterior", 1: "cell", 2: "ignore"}
    assert [label.name for label in rows["sample_12"].values] == ["void", "cell", "ignore"]
    assert terms(rows["amira_6_3 template"]) == {1: "cell"}
    assert rows["amira_2019 template"].wanted
    assert not rows["amira_6_3 template"].wanted
    assert "The same tomogram as" in rows["amira_6_3 template"].warnings[-1]


def test_the_planes_of_the_capillary_cell_are_found(review: Review) -> None:
    row = review.row("sample_12")
    assert row.drawn is not None
    assert row.drawn.planes == (
        (0, 11, 22, 34, 45, 57),
        (0, 12, 24, 36, 48, 60),
        (0, 11, 22, 34, 45, 57),
    )
    assert "6 of 58 planes along z are drawn, about every 11th" in row.drawn.words
    assert [label.complete for label in row.values] == [True, True, False]
    assert "LAC × voxel size" in row.lac_reason
    assert len(row.problems) == 2


def test_the_published_mitochondria_belong_to_the_slab_beside_them(review: Review) -> None:
    row = review.row("cryo_sxt_slab")
    assert row.labels is not None
    assert (row.tomogram.name, row.labels.name) == ("raw.tif", "mitochondria.tif")
    assert row.voxel_size_um == pytest.approx((0.01, 0.02, 0.02))
    assert terms(row) == {1: "mitochondria"}
    assert row.values[0].complete
    assert len(row.problems) == 1
    assert "8-bit" in row.problems[0]


def test_every_real_file_is_in_a_row_or_in_a_sentence(review: Review) -> None:
    rows = [row for row in review.rows if row.project is None]
    said = " ".join(review.problems)
    named = {row.tomogram for row in rows} | {path for row in rows for path, _ in row.label_files}
    for path in (REAL / "formats").iterdir():
        assert (path in named) != (str(path) in said), path
    assert all(problem.endswith((".", ")")) for problem in review.problems)


def test_the_review_of_real_work_survives_its_table(review: Review, tmp_path: Path) -> None:
    write_review(tmp_path / "r.csv", review)
    assert read_review(tmp_path / "r.csv", ONTOLOGY) == review


def test_the_capillary_cell_comes_into_the_library_as_io_reads_it(
    review: Review, library: Library
) -> None:
    edge_um = 0.256
    mended = set_voxel_size(review, (edge_um,) * 3, names=["sample_12"])
    mended = set_reconstructed_voxel(mended, 0.032, names=["sample_12"])
    others = [row.name for row in review.rows if row.name != "sample_12"]
    result = ingest(set_take(mended, False, names=others), library)
    assert result.added == ("sample_12",)
    cell = library.read_cell(library.cell("sample_12").id)
    folder = REAL / "amira_projects" / "capillary_cell" / "sample_12-files"
    stored_ZYX = np.asarray(read_volume(folder / "sample_12.rec").values_ZYX[...])
    drawn_ZYX = np.asarray(read_volume(folder / "sample_12.labels").values_ZYX[...])
    np.testing.assert_allclose(cell.tomogram.lac_ZYX, stored_ZYX * 31.25, rtol=1e-6)
    assert cell.tomogram.voxel_size_um == (edge_um,) * 3
    (annotation,) = cell.annotations
    by_name = {name: value for value, name in annotation.label_map.names.items()}
    for name, value in (("exterior", 0), ("cell", 1), ("ignore", 2)):
        np.testing.assert_array_equal(
            annotation.label_map.labels_ZYX == by_name[name], drawn_ZYX == value
        )
    assert annotation.complete == {"exterior", "cell"}
    assert 0.28 < cell.tomogram.lac_ZYX[drawn_ZYX == 1].mean() < 0.36
    assert (
        "LAC × voxel size, reconstructed with voxels of 32 nm" in library.cell("sample_12").source
    )


@pytest.mark.parametrize("name", ["amira_2019 template", "amira_6_3 template"])
def test_the_blobs_come_into_the_library_as_io_reads_them(
    review: Review, library: Library, name: str
) -> None:
    row = review.row(name)
    mended = Review(folder=review.folder, rows=(row,))
    mended = set_take(set_voxel_size(mended, (0.04, 0.04, 0.04)), True)
    result = ingest(set_lac_per_unit(mended, 0.001), library)
    assert result.added == (name,)
    cell = library.read_cell(library.cell(name).id)
    assert row.labels is not None
    stored_ZYX = np.asarray(read_volume(row.tomogram).values_ZYX[...])
    drawn_ZYX = np.asarray(read_volume(row.labels).values_ZYX[...])
    np.testing.assert_allclose(cell.tomogram.lac_ZYX, stored_ZYX * np.float32(0.001), rtol=1e-6)
    label_map = cell.annotations[0].label_map
    np.testing.assert_array_equal(label_map.labels_ZYX, drawn_ZYX)
    assert label_map.names == {1: "cell"}
    # The blob is bright where it is drawn, which no flipped or turned axis would leave so.
    assert cell.tomogram.lac_ZYX[drawn_ZYX == 1].mean() > 1.5 * cell.tomogram.lac_ZYX.mean()
