"""`info` says what is in a file, in plain values."""

import json
from pathlib import Path

import numpy as np
import pytest

from sxtstudio.core.errors import SxtError
from sxtstudio.core.volume import Volume
from sxtstudio.io.volumes import write_volume
from sxtstudio.project.project import Project
from sxtstudio.workflow.describing import describe
from tests.workflow.cells import VOXEL_UM


def test_a_volume_is_described_with_units_range_and_classes(tmp_path: Path) -> None:
    values = np.arange(24, dtype=np.uint8).reshape(2, 3, 4)
    path = tmp_path / "v.am"
    write_volume(
        path,
        Volume(
            values_ZYX=values,
            voxel_size_um=VOXEL_UM,
            class_names={value: f"class {value}" for value in range(1, 24)},
        ),
    )
    facts = describe(path)
    assert facts["kind"] == "volume"
    assert facts["shape_zyx"] == [2, 3, 4]
    assert facts["type"] == "uint8"
    assert facts["voxel_size_nm"] == pytest.approx([60, 50, 40], rel=1e-4)
    assert (facts["minimum"], facts["maximum"], facts["not_finite"]) == (0, 23, 0)
    assert facts["classes"]["7"] == "class 7"  # type: ignore[index] - plain values
    json.dumps(facts)


def test_voxels_that_hold_no_number_are_counted_and_not_in_the_range(tmp_path: Path) -> None:
    values = np.array([[[1, np.nan], [2, 3]], [[np.inf, 0], [0, 0]]], np.float32)
    path = tmp_path / "v.h5"
    write_volume(path, Volume(values_ZYX=values, voxel_size_um=VOXEL_UM))
    facts = describe(path)
    assert (facts["minimum"], facts["maximum"], facts["not_finite"]) == (0.0, 3.0, 2)


def test_a_project_is_described_with_cells_labels_tasks_and_networks(
    segmented: Project, network: Path
) -> None:
    path = segmented.path
    segmented.close()
    facts = describe(path)
    cells = {cell["name"]: cell for cell in facts["cells"]}  # type: ignore[index,union-attr]
    assert list(cells) == ["ball-0", "ball-1", "ball-2", "new"]
    assert [labels["kind"] for labels in cells["new"]["labels"]] == ["predicted"]
    assert cells["ball-0"]["labels"][0]["complete"] == ["lipid", "nucleus"]
    assert facts["tasks"][0]["classes"] == {"1": "nucleus", "2": "lipid bodies"}  # type: ignore[index]
    assert facts["measurements"] == 0
    json.dumps(facts)


def test_a_network_is_described_with_task_classes_and_scores(network: Path) -> None:
    facts = describe(network)
    assert facts["kind"] == "network"
    assert facts["classes"] == {"1": "nucleus", "2": "lipid bodies"}
    assert facts["members"] == {"nucleus": ["nucleus"], "lipid bodies": ["lipid"]}
    assert facts["training_cells"] == ["ball-0", "ball-1", "ball-2"]
    assert facts["scores"]


@pytest.mark.parametrize("name", ["no.mrc", "no.sxt", "no.sxtnet"])
def test_a_missing_file_is_named(tmp_path: Path, name: str) -> None:
    with pytest.raises(SxtError, match=name):
        describe(tmp_path / name)
