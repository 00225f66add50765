"""Real files of the laboratory world go through the same commands."""

import json
from pathlib import Path

import numpy as np
import pytest

from sxtstudio.cli.main import main
from sxtstudio.project.project import Project

REAL = Path(__file__).parents[2].parent / "shared" / "data" / "real"
CAPILLARY = REAL / "amira_projects" / "capillary_cell" / "sample_12-files"
SLAB = REAL / "cryo_sxt_slab"

pytestmark = pytest.mark.skipif(
    not REAL.is_dir(), reason="the real files (../shared/data/real) are not here"
)


def add(capsys: pytest.CaptureFixture[str], *words: object) -> dict[str, object]:
    assert main(["add", *map(str, words), "--json"]) == 0
    return json.loads(capsys.readouterr().out)


def test_a_cell_in_a_capillary_with_sparse_labels(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "p.sxt"
    assert main(["new", str(path)]) == 0
    capsys.readouterr()
    facts = add(
        capsys, path, CAPILLARY / "sample_12.rec", "--labels", CAPILLARY / "sample_12.labels",
        "--voxel-size-nm", 300, "--lac-per-unit", 25,
    )  # fmt: skip
    (version,) = facts["labels"]
    assert sorted(version["classes"].values()) == ["cell", "exterior", "ignore"]
    assert version["complete"] == []
    with Project.open(path, read_only=True) as project:
        lac_ZYX = project.tomogram(project.cells()[0].id).lac_ZYX
        label_map = project.annotation(project.cells()[0].id).label_map
        value_of = {name: value for value, name in label_map.names.items()}
        inside, outside = (
            float(np.median(lac_ZYX[label_map.labels_ZYX == value_of[name]]))
            for name in ("cell", "exterior")
        )
    assert lac_ZYX.shape == (58, 61, 58)
    assert not np.any(label_map.labels_ZYX == 0)
    assert 0.2 < inside < 0.4
    assert outside < inside


def test_a_tomogram_scaled_by_its_voxel_size_is_noticed(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "p.sxt"
    assert main(["new", str(path)]) == 0
    capsys.readouterr()
    words = ["add", str(path), str(CAPILLARY / "sample_12.rec"), "--voxel-size-nm", "300"]
    assert main(words) == 3
    assert "as much as water" in capsys.readouterr().err
    add(capsys, *words[1:], "--lac-per-unit", 27)


def test_a_slab_that_is_not_calibrated_asks_for_the_scale(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "p.sxt"
    assert main(["new", str(path)]) == 0
    capsys.readouterr()
    (tomogram,) = [file for file in SLAB.glob("*.tif*") if "mito" not in file.name]
    words = ["add", str(path), str(tomogram), "--voxel-size-nm", "10,20,20"]
    assert main(words) == 3
    assert "--lac-per-unit" in capsys.readouterr().err
    facts = add(
        capsys, *words[1:], "--lac-per-unit", 0.004, "--labels", SLAB / "mitochondria.tif",
        "--classes", "1=mitochondria", "--complete", "all",
    )  # fmt: skip
    assert facts["shape_zyx"] == [6, 473, 473]
    assert facts["labels"][0]["complete"] == ["mitochondria"]
