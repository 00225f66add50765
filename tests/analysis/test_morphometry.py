"""Measurements of shapes, absorption and published ground truth."""

import csv
import io
from pathlib import Path

import numpy as np
import pytest
import tifffile
from hypothesis import given, settings
from hypothesis import strategies as st

from sxtstudio.analysis.morphometry import measure
from sxtstudio.core.errors import LabelError, UnitError
from sxtstudio.core.volume import LabelMap, Tomogram
from tests.analysis.shapes import ball_labels

KNOWN = Path(__file__).parents[3] / "shared" / "data" / "real" / "known_quantities"
known = pytest.mark.skipif(not KNOWN.is_dir(), reason="the folder of real files is not here")


def cell(labels_ZYX, names=None, size_um=(0.05, 0.04, 0.03), lac_ZYX=None):
    if lac_ZYX is None:
        lac_ZYX = np.random.default_rng(0).normal(0.3, 0.1, labels_ZYX.shape)
    names = names or {int(v): f"class {v}" for v in np.unique(labels_ZYX) if v}
    return (
        Tomogram(lac_ZYX=lac_ZYX.astype(np.float32), voxel_size_um=size_um),
        LabelMap(labels_ZYX=labels_ZYX, names=names, voxel_size_um=size_um),
    )


def rows_of(table):
    names = [column.name for column in table.columns]
    return [dict(zip(names, row, strict=True)) for row in table.rows]


def two_balls():
    size = (40, 50, 60)
    labels_ZYX = np.zeros(size, np.uint8)
    labels_ZYX[ball_labels(size, (1.0, 0.8, 0.6), 0.35, (0.05, 0.04, 0.03))] = 4
    labels_ZYX[ball_labels(size, (1.0, 1.4, 1.4), 0.2, (0.05, 0.04, 0.03))] = 4
    return labels_ZYX


def test_sizes_and_places_of_two_balls_are_those_of_the_closed_form():
    whole, large, small = rows_of(measure(*cell(two_balls(), {4: "lipid"}), "a"))
    assert (whole["object"], large["object"], small["object"]) == (0, 1, 2)
    assert whole["count"] == 2
    assert large["volume_um3"] == pytest.approx(4 / 3 * np.pi * 0.35**3, rel=0.01)
    assert large["surface_um2"] == pytest.approx(4 * np.pi * 0.35**2, rel=0.01)
    assert large["equivalent_diameter_um"] == pytest.approx(0.7, rel=0.005)
    assert large["longest_width_um"] == pytest.approx(0.7, abs=0.03)
    centre = [large[f"centroid_{axis}_um"] for axis in "zyx"]
    assert centre == pytest.approx([1.0, 0.8, 0.6], abs=0.002)
    assert small["surface_um2"] == pytest.approx(4 * np.pi * 0.2**2, rel=0.02)


def test_a_class_is_the_sum_of_its_objects():
    whole, *objects = rows_of(measure(*cell(two_balls()), "a"))
    for name in ("voxels", "volume_um3", "surface_um2", "touching_border"):
        assert whole[name] == pytest.approx(sum(row[name] for row in objects))
    middle = sum(row["voxels"] * row["centroid_x_um"] for row in objects) / whole["voxels"]
    assert whole["centroid_x_um"] == pytest.approx(middle)


def test_absorption_is_that_of_numpy_over_the_same_voxels():
    labels_ZYX = two_balls()
    tomogram, label_map = cell(labels_ZYX)
    whole = rows_of(measure(tomogram, label_map, "a"))[0]
    values = tomogram.lac_ZYX[labels_ZYX == 4].astype(np.float64)
    assert whole["lac_mean_per_um"] == pytest.approx(values.mean())
    assert whole["lac_sd_per_um"] == pytest.approx(values.std())
    assert whole["lac_median_per_um"] == pytest.approx(np.median(values))


def test_a_class_without_voxels_has_a_row_with_zeros():
    row = rows_of(measure(*cell(np.zeros((4, 4, 4), np.uint8), {3: "nucleus"}), "a"))[0]
    assert (row["class"], row["count"], row["voxels"], row["volume_um3"]) == ("nucleus", 0, 0, 0)
    assert row["surface_um2"] == 0
    assert row["lac_mean_per_um"] is None
    assert row["centroid_z_um"] is None


def test_one_voxel_in_the_corner_is_measured_and_said_to_touch_the_border():
    labels_ZYX = np.zeros((3, 4, 5), np.uint16)
    labels_ZYX[2, 3, 4] = 60000
    whole, voxel = rows_of(measure(*cell(labels_ZYX, size_um=(1.0, 2.0, 3.0)), "a"))
    assert voxel["volume_um3"] == 6
    assert voxel["surface_um2"] == pytest.approx(22)
    assert voxel["longest_width_um"] == 0
    assert voxel["lac_sd_per_um"] == 0
    assert [voxel[f"centroid_{axis}_um"] for axis in "zyx"] == [2, 6, 12]
    assert (voxel["touching_border"], whole["touching_border"]) == (1, 1)


def test_ignored_regions_are_not_measured_and_nameless_labels_are():
    labels_ZYX = np.array([[[1, 2, 3]]], np.uint8)
    table = measure(*cell(labels_ZYX, {1: "nucleus", 2: "ignore"}), "a")
    assert [row["class"] for row in rows_of(table)[::2]] == ["nucleus", "label 3"]


def test_the_csv_header_carries_units():
    header = next(csv.reader(io.StringIO(measure(*cell(two_balls()), "a").to_csv())))
    assert header[:7] == ["cell", "class", "object", "count", "voxels", "volume_um3", "surface_um2"]
    assert {"lac_mean_per_um", "lac_sd_per_um", "lac_median_per_um"} <= set(header)
    assert {"centroid_z_um", "equivalent_diameter_um", "longest_width_um"} <= set(header)


def test_the_table_says_how_it_was_made():
    made_by = measure(*cell(two_balls()), "a").made_by
    assert made_by is not None
    assert made_by.function == "sxtstudio.analysis.morphometry.measure"
    assert made_by.parameters["connectivity"] == 26


def test_labels_of_another_shape_or_voxel_size_are_refused():
    tomogram, label_map = cell(two_balls())
    other = cell(two_balls()[1:])[1]
    with pytest.raises(LabelError, match="39 × 50 × 60"):
        measure(tomogram, other, "a")
    wrong = LabelMap(labels_ZYX=label_map.labels_ZYX, names={}, voxel_size_um=(0.1, 0.1, 0.1))
    with pytest.raises(UnitError, match=r"100 × 100 × 100 nm.*50 × 40 × 30 nm"):
        measure(tomogram, wrong, "a")


@settings(max_examples=15, deadline=None)
@given(order=st.permutations(range(3)), shift=st.tuples(*[st.integers(0, 4)] * 3))
def test_measures_do_not_depend_on_place_or_order_of_axes(order, shift):
    size_um = (0.05, 0.04, 0.03)
    labels_ZYX = two_balls()[8:32, 8:46, 6:60]
    lac_ZYX = np.random.default_rng(1).normal(0.3, 0.1, labels_ZYX.shape)
    pad = [(n, 0) for n in shift]
    moved = [np.pad(np.transpose(array, order), pad) for array in (labels_ZYX, lac_ZYX)]
    moved_um = tuple(size_um[axis] for axis in order)
    first = rows_of(measure(*cell(labels_ZYX, None, size_um, lac_ZYX), "a"))
    second = rows_of(measure(*cell(moved[0], None, moved_um, moved[1]), "a"))
    for before, after in zip(first, second, strict=True):
        for name in ("voxels", "volume_um3", "surface_um2", "lac_mean_per_um", "lac_median_per_um"):
            assert after[name] == pytest.approx(before[name], rel=1e-5)
        where = [before[f"centroid_{axis}_um"] for axis in "zyx"]
        where = [where[axis] + n * size_um[axis] for axis, n in zip(order, shift, strict=True)]
        assert [after[f"centroid_{axis}_um"] for axis in "zyx"] == pytest.approx(where, abs=1e-4)


def known_objects(name):
    values_ZYX = tifffile.imread(KNOWN / f"{name}.tif")
    labels_ZYX = (values_ZYX > 0).astype(np.uint8)
    table = measure(*cell(labels_ZYX, {1: "known"}, (1.0, 1.0, 1.0)), name)
    return rows_of(table)[1:]


def known_rows(name):
    with (KNOWN / f"{name}.csv").open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


@known
def test_published_volumes_are_found_exactly():
    totals = {k: int(v) for k, v in known_rows("known_volumes")[-1].items() if k != "Slice"}
    found = sorted(row["volume_um3"] for row in known_objects("known_volumes"))
    assert found == sorted(totals.values())


@known
def test_published_longest_widths_are_found():
    widths = sorted(float(row["modulus"]) for row in known_rows("known_widths"))
    found = sorted(row["longest_width_um"] for row in known_objects("known_widths"))
    assert found == pytest.approx(widths, rel=1e-8)
