"""Simulated cells arrive as files that the rest of the program takes in."""

import csv
from pathlib import Path

import numpy as np
import pytest

from sxtstudio.core.errors import FileError, LabelError, SxtError
from sxtstudio.core.events import Cancelled, Event
from sxtstudio.core.volume import Volume
from sxtstudio.io.volumes import read_volume
from sxtstudio.workflow.simulating import Simulation, simulate_files


def read_table(folder: Path) -> list[dict[str, str]]:
    return list(csv.DictReader((folder / "cells.csv").read_text().splitlines()))


def test_files_hold_lac_voxel_size_and_the_names_of_the_classes(tmp_path: Path) -> None:
    request = Simulation(folder=tmp_path / "s", kind="yeast", cells=2, size=32, seed=7, labels=True)
    tomograms = simulate_files(request)
    assert [path.name for path in tomograms] == ["yeast-1.mrc", "yeast-2.mrc"]
    tomogram, labels = read_volume(tomograms[0]), read_volume(tmp_path / "s" / "yeast-1_labels.am")
    assert tomogram.lac_per_unit == 1.0
    assert tomogram.shape == labels.shape == (32, 32, 32)
    np.testing.assert_allclose(tomogram.voxel_size_um, labels.voxel_size_um, rtol=1e-5)
    used = set(np.unique(labels.values_ZYX[...]).tolist()) - {0}
    assert used <= set(labels.class_names)
    assert "nucleus" in labels.class_names.values()
    rows = read_table(tmp_path / "s")
    assert [row["name"] for row in rows] == ["yeast-1", "yeast-2"]
    assert "nucleus" in rows[0]["complete"].split(",")
    assert float(rows[0]["voxel_size_z_nm"]) == pytest.approx(
        tomogram.voxel_size_um[0] * 1000, rel=1e-4
    )


def test_a_cell_depends_on_the_seed_and_its_number_alone(tmp_path: Path) -> None:
    def values(folder: str, seed: int, cells: int) -> list[np.ndarray]:
        request = Simulation(
            folder=tmp_path / folder, kind="yeast", cells=cells, size=32, seed=seed
        )
        return [np.asarray(read_volume(p).values_ZYX[...]) for p in simulate_files(request)]

    one, two, other = values("one", 1, 1), values("two", 1, 2), values("other", 2, 1)
    np.testing.assert_array_equal(one[0], two[0])
    assert not np.array_equal(two[0], two[1])
    assert not np.array_equal(one[0], other[0])


def test_a_tilt_range_is_passed_on(tmp_path: Path) -> None:
    request = Simulation(folder=tmp_path, kind="yeast", cells=1, size=32, tilt_deg=60)
    simulate_files(request)
    assert [row["tilt_deg"] for row in read_table(tmp_path)] == ["60"]


def test_files_that_are_there_are_not_written_over(tmp_path: Path) -> None:
    (tmp_path / "yeast-1_labels.am").write_text("mine")
    with pytest.raises(FileError, match="there already"):
        simulate_files(Simulation(folder=tmp_path, kind="yeast", size=32))
    assert [path.name for path in tmp_path.iterdir()] == ["yeast-1_labels.am"]


def test_a_stopped_simulation_leaves_nothing(tmp_path: Path) -> None:
    seen: list[Event] = []

    def report(event: Event) -> None:
        seen.append(event)
        if len(seen) == 2:
            raise Cancelled

    request = Simulation(folder=tmp_path, kind="yeast", cells=2, size=32, labels=True)
    with pytest.raises(Cancelled):
        simulate_files(request, report)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "changes", [{"size": 5000}, {"cells": 0}, {"seed": -1}, {"kind": "elephant"}, {"size": 3}]
)
def test_what_cannot_be_simulated_is_refused(tmp_path: Path, changes: dict[str, object]) -> None:
    facts = {"folder": tmp_path / "s", "kind": "yeast", "size": 32, **changes}
    with pytest.raises(SxtError):
        simulate_files(Simulation(**facts))  # type: ignore[arg-type] - parametrised
    assert list(tmp_path.iterdir()) == []


def test_cells_take_turns_in_what_is_drawn_and_the_rest_is_unlabelled(tmp_path: Path) -> None:
    def labels(folder: str, only: tuple[str, ...]) -> list[Volume]:
        request = Simulation(
            folder=tmp_path / folder, kind="lymphocyte", cells=2, size=32, labels=True, only=only
        )
        paths = simulate_files(request)
        return [read_volume(path.with_name(f"{path.stem}_labels.am")) for path in paths]

    whole, part = labels("whole", ()), labels("part", ("nucleus,lipid", "mitochondria"))
    assert part[0].class_names == {1: "nucleus", 2: "lipid bodies"}
    assert part[1].class_names == {1: "mitochondria"}
    value_of = {name: value for value, name in whole[0].class_names.items()}
    inside = [value_of[name] for name in ("nucleolus", "heterochromatin", "euchromatin")]
    whole_ZYX, part_ZYX = (np.asarray(v[0].values_ZYX[...]) for v in (whole, part))
    np.testing.assert_array_equal(part_ZYX == 1, np.isin(whole_ZYX, inside))
    np.testing.assert_array_equal(part_ZYX == 2, whole_ZYX == value_of["lipid bodies"])
    assert [row["complete"] for row in read_table(tmp_path / "part")] == [
        "lipid,nucleus",
        "mitochondria",
    ]


def test_a_structure_that_nobody_knows_cannot_be_drawn(tmp_path: Path) -> None:
    request = Simulation(folder=tmp_path / "s", kind="yeast", labels=True, only=("unicorn",))
    with pytest.raises(LabelError, match="unicorn"):
        simulate_files(request)
    assert not (tmp_path / "s").exists()
