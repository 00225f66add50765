"""Every real file in ../shared/data/real reads, or is refused with a sentence."""

from pathlib import Path

import numpy as np
import pytest

from sxtstudio.core.errors import FileError, SxtError
from sxtstudio.io.volumes import read_volume, write_volume
from tests.io.conftest import read_whole

CAPILLARY = "amira_projects/capillary_cell/sample_12-files"


@pytest.mark.parametrize(
    ("name", "dataset", "shape", "dtype", "size_um"),
    [
        (f"{CAPILLARY}/sample_12.rec", None, (58, 61, 58), "float32", None),
        (f"{CAPILLARY}/sample_12.labels", None, (58, 61, 58), "uint8", None),
        ("amira_projects/amira_6_3/template-files/blob.tiff", None, (33, 32, 31), "float32", None),
        ("amira_projects/amira_6_3/template-files/blob.labels", None, (33, 32, 31), "uint8", None),
        ("amira_projects/amira_2019/template-files/blob.tiff", None, (33, 32, 31), "float32", None),
        ("amira_projects/amira_2019/template-files/blob.labels", None, (33, 32, 31), "uint8", None),
        ("cryo_sxt_slab/raw.tif", None, (6, 473, 473), "uint8", (0.01, 0.02, 0.02)),
        ("cryo_sxt_slab/mitochondria.tif", None, (6, 473, 473), "uint8", None),
        ("known_quantities/known_volumes.tif", None, (10, 500, 500), "uint8", None),
        ("known_quantities/known_widths.tif", None, (10, 500, 500), "uint8", None),
        ("formats/blob.mrc", None, (33, 32, 31), "float32", None),
        ("formats/blob.labels.mrc", None, (33, 32, 31), "int8", None),
        ("formats/EMD-3197.map", None, (20, 20, 20), "float32", (0.00114,) * 3),
        ("formats/emd_3197.map.gz", None, (20, 20, 20), "float32", (0.00114,) * 3),
        ("formats/merged_mask.mrc", None, (10, 10, 10), "int16", None),
        ("formats/test_unfixable_mask.map", None, (46, 46, 46), "float32", (0.00046,) * 3),
        ("formats/tomo22_z50_ves_4_seg.mrc", None, (50, 166, 166), "int8", None),
        ("formats/testscalar.am", None, (8, 6, 4), "float32", (1 / 7, 1 / 5, 1 / 3)),
        ("formats/nuclei_1135_mini.h5", "raw", (100,) * 3, "uint8", (0.283718, 0.126786, 0.126786)),
        (
            "formats/nuclei_1135_mini.h5",
            "/label",
            (100,) * 3,
            "uint8",
            (0.283718,) + (0.126786,) * 2,
        ),
    ],
)
def test_real_volumes_are_read(real: Path, name, dataset, shape, dtype, size_um) -> None:
    volume, values_ZYX = read_whole(real / name, dataset)
    assert values_ZYX.shape == shape
    assert values_ZYX.dtype == dtype
    assert np.isfinite(values_ZYX).all()
    assert volume.lac_per_unit is None
    if size_um is None:
        assert volume.voxel_size_um is None
    else:
        assert volume.voxel_size_um == pytest.approx(size_um, rel=1e-5)


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("amira_projects/amira_6_3/template-files/labels.am", "colour map"),
        ("amira_projects/amira_6_3/template-files/physics.icol.am", "colour map"),
        ("amira_projects/amira_2019/template.hx", "project of Amira"),
        ("formats/BinaryHxSpreadSheet62x200.am", "table"),
        ("formats/testvector3c.am", "vectors"),
        ("formats/test12.am", "is cut off"),
        ("formats/test_data_corrupt_header.map", "is cut off or damaged"),
        ("formats/data_exchange_tooth.h5", "projections"),
        ("formats/nuclei_1135_mini.h5", r"/label \(100 × 100 × 100\), /raw"),
        ("known_quantities/known_widths.csv", "no volume in a known format"),
        ("README.md", "no volume in a known format"),
        ("formats", "no TIFF images"),
        ("cryo_sxt_slab", "not one numbered series"),
        ("known_quantities", "not one numbered series"),
    ],
)
def test_real_files_that_are_no_volumes_say_why(real: Path, name: str, words: str) -> None:
    with pytest.raises(FileError, match=words):
        read_volume(real / name)


def sentence_or_none(path: Path) -> str | None:
    try:
        read_whole(path)
    except SxtError as error:
        return str(error)
    return None


def test_no_real_file_breaks_the_reader(real: Path) -> None:
    answers = {path: sentence_or_none(path) for path in real.rglob("*") if path.is_file()}
    assert list(answers.values()).count(None) >= 18
    for path, sentence in answers.items():
        assert sentence is None or (sentence.startswith(f"{path}: ") and sentence.endswith("."))


def test_real_materials_have_names_and_colours(real: Path) -> None:
    capillary = read_volume(real / CAPILLARY / "sample_12.labels")
    assert capillary.class_names == {0: "void", 1: "cell", 2: "ignore"}
    assert capillary.class_colours[2] == "#ff0000"
    for folder in ("amira_6_3", "amira_2019"):
        blob = read_volume(real / "amira_projects" / folder / "template-files" / "blob.labels")
        assert blob.class_names == {1: "Inside"}
        assert blob.class_colours == {1: "#40e0d0"}


def test_the_same_blob_in_three_files_is_the_same(real: Path) -> None:
    folder = real / "amira_projects"
    tomograms = [
        read_whole(folder / "amira_6_3" / "template-files" / "blob.tiff")[1],
        read_whole(folder / "amira_2019" / "template-files" / "blob.tiff")[1],
        read_whole(real / "formats" / "blob.mrc")[1],
    ]
    labels = [
        read_whole(folder / "amira_6_3" / "template-files" / "blob.labels")[1],
        read_whole(folder / "amira_2019" / "template-files" / "blob.labels")[1],
        read_whole(real / "formats" / "blob.labels.mrc")[1],
    ]
    for others in (tomograms, labels):
        np.testing.assert_array_equal(others[1], others[0])
        np.testing.assert_array_equal(others[2], others[0])


def test_packed_and_plain_maps_are_the_same(real: Path) -> None:
    plain = read_whole(real / "formats" / "EMD-3197.map")[1]
    np.testing.assert_array_equal(read_whole(real / "formats" / "emd_3197.map.gz")[1], plain)


def test_known_volumes_have_the_published_number_of_voxels(real: Path) -> None:
    values_ZYX = read_whole(real / "known_quantities" / "known_volumes.tif")[1]
    assert np.count_nonzero(values_ZYX) == 1 + 810 + 9800 + 24332 + 96819 + 429660


def test_the_published_mitochondria_are_darker_than_the_rest(real: Path) -> None:
    raw_ZYX = read_whole(real / "cryo_sxt_slab" / "raw.tif")[1]
    drawn_ZYX = read_whole(real / "cryo_sxt_slab" / "mitochondria.tif")[1] == 1
    assert raw_ZYX[drawn_ZYX].mean() < raw_ZYX[~drawn_ZYX].mean() - 20


@pytest.mark.parametrize("suffix", [".mrc", ".tif", ".h5", ".am"])
def test_a_real_cell_and_its_labels_survive_conversion(
    real: Path, suffix: str, tmp_path: Path
) -> None:
    for name in ("sample_12.rec", "sample_12.labels"):
        volume, values_ZYX = read_whole(real / CAPILLARY / name)
        path = tmp_path / f"copy{suffix}"
        write_volume(path, volume)
        copy, copied_ZYX = read_whole(path)
        np.testing.assert_array_equal(copied_ZYX, values_ZYX)
        assert copied_ZYX.dtype == values_ZYX.dtype
        assert copy.class_names == volume.class_names
        assert copy.class_colours == volume.class_colours
