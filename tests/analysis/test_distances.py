"""How far objects are from a class."""

import numpy as np
import pytest

from sxtstudio.analysis.distances import (
    distance_column,
    distances_um,
    target_of,
    with_distances,
)
from sxtstudio.analysis.morphometry import measure
from sxtstudio.analysis.objects import find_objects
from sxtstudio.core.volume import LabelMap, Tomogram

SIZE_UM = (0.1, 0.2, 0.5)
NAMES = {1: "nucleus", 2: "lipid bodies", 3: "vacuole"}


def label_map():
    """Return a nucleus, a lipid body 3 voxels above, another 4 rows and 3 columns away."""
    labels_ZYX = np.zeros((20, 20, 20), np.uint8)
    labels_ZYX[10:14, 4:8, 4:8] = 1
    labels_ZYX[4:8, 5:7, 5:7] = 2
    labels_ZYX[11, 11, 10] = 2
    return LabelMap(labels_ZYX=labels_ZYX, voxel_size_um=SIZE_UM, names=NAMES)


def test_the_distance_is_that_of_the_nearest_voxels():
    labels = label_map()
    objects = find_objects(labels.labels_ZYX, [1, 2])
    found = distances_um(labels, objects, 1)
    assert found.tolist() == pytest.approx([0.0, 0.3, np.hypot(4 * 0.2, 3 * 0.5)])
    assert np.isinf(distances_um(labels, objects, 3)).all()


def test_a_table_gets_a_column_for_all_but_the_class_itself():
    labels = label_map()
    lac_ZYX = np.full(labels.shape, 0.3, np.float32)
    table = measure(Tomogram(lac_ZYX=lac_ZYX, voxel_size_um=SIZE_UM), labels, "cell")
    column = distance_column("nucleus")
    assert column == "distance_to_nucleus_um"
    more = with_distances(table, labels, column)
    assert more.columns[-1].name == column
    of = {(row[1], row[2]): row[-1] for row in more.rows}
    assert of["nucleus", 1] is None
    assert of["lipid bodies", 0] is None
    assert of["lipid bodies", 1] == pytest.approx(0.3)
    assert with_distances(more, labels, column) is more
    assert with_distances(table, labels, "volume_um3") is table
    assert target_of("distance_to_moon_um", NAMES) is None


def test_nothing_is_far_from_a_class_that_is_not_there():
    labels = label_map()
    lac_ZYX = np.full(labels.shape, 0.3, np.float32)
    table = measure(Tomogram(lac_ZYX=lac_ZYX, voxel_size_um=SIZE_UM), labels, "cell")
    more = with_distances(table, labels, distance_column("vacuole"))
    assert {row[-1] for row in more.rows} == {None}
