from pathlib import Path

import numpy as np
import pytest

from sxtstudio.core.errors import FileError, LabelError
from sxtstudio.core.ontology import default_ontology
from sxtstudio.core.volume import Volume
from sxtstudio.gui.import_preview import grey_bytes, read_label_preview, read_tomogram_preview
from sxtstudio.io.volumes import write_volume
from tests.gui.projects import five_balls_cell, write_mrc

REAL = Path(__file__).parents[3] / "shared" / "data" / "real"


def test_a_preview_tells_what_is_missing_and_shows_the_middle(tmp_path):
    lac_ZYX = five_balls_cell("x").tomogram.lac_ZYX

    preview = read_tomogram_preview(write_mrc(tmp_path / "a.mrc", lac_ZYX, voxel_nm=None))

    assert preview.missing == {"voxel_size"}
    np.testing.assert_allclose(preview.slice_YX, lac_ZYX[12], rtol=1e-6)
    assert preview.low < 0.1 < preview.high


def test_a_picture_is_no_tomogram(tmp_path):
    path = write_mrc(tmp_path / "flat.mrc", np.ones((1, 8, 9), np.float32), voxel_nm=50)

    with pytest.raises(FileError, match=r"flat\.mrc"):
        read_tomogram_preview(path)


def test_holes_in_the_values_do_not_spoil_the_preview(tmp_path):
    lac_ZYX = five_balls_cell("x").tomogram.lac_ZYX.copy()
    lac_ZYX[12, 0, 0] = np.nan

    with pytest.warns(RuntimeWarning, match="NaN"):
        path = write_mrc(tmp_path / "a.mrc", lac_ZYX, voxel_nm=50)

    preview = read_tomogram_preview(path)

    assert np.isfinite(preview.slice_YX).all()
    assert preview.high == pytest.approx(np.nanpercentile(lac_ZYX[12], 99.9), rel=1e-5)


def test_label_values_are_counted_and_their_names_looked_up(tmp_path):
    labels_ZYX = np.zeros((4, 5, 6), np.uint8)
    labels_ZYX[0], labels_ZYX[1, 0] = 2, 7
    names = {2: "Nucleus1", 7: "no such thing", 9: "lipid"}
    volume = Volume(values_ZYX=labels_ZYX, voxel_size_um=(0.05,) * 3, class_names=names)
    write_volume(tmp_path / "labels.h5", volume)

    preview = read_label_preview(tmp_path / "labels.h5", default_ontology())

    assert preview.shape == (4, 5, 6)
    rows = {row.value: (row.voxels, row.class_id) for row in preview.rows}
    assert rows == {2: (30, "nucleus"), 7: (6, None), 9: (0, "lipid")}


def test_too_many_values_are_no_labels(tmp_path):
    values_ZYX = np.arange(4 * 20 * 20, dtype=np.uint16).reshape(4, 20, 20)
    write_volume(tmp_path / "v.tif", Volume(values_ZYX=values_ZYX, voxel_size_um=(0.05,) * 3))

    with pytest.raises(LabelError, match="1600 different values"):
        read_label_preview(tmp_path / "v.tif", default_ontology())


def test_grey_runs_from_low_to_high():
    grey = grey_bytes(np.array([[-1.0, 0.0, 0.5, 1.0, 2.0]]), 0.0, 1.0)

    assert grey.tolist() == [[0, 0, 127, 255, 255]]
    assert grey_bytes(np.zeros((1, 1)), 0.0, 0.0).tolist() == [[0]]


@pytest.mark.skipif(not REAL.is_dir(), reason="the real files are not here")
def test_a_real_sparse_label_file_fills_in_its_own_names():
    folder = REAL / "amira_projects" / "capillary_cell"
    labels = sorted(path for path in folder.rglob("*") if "label" in path.name.lower())
    if not labels:
        pytest.skip("the real labels are not here")

    preview = read_label_preview(labels[0], default_ontology())

    assert all(row.class_id is not None for row in preview.rows if row.name)
