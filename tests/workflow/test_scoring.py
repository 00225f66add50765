"""Two label files are compared by name where both know names, else by value."""

from pathlib import Path

import numpy as np
import pytest

from sxtstudio.core.errors import LabelError
from sxtstudio.core.volume import Volume
from sxtstudio.io.volumes import write_volume
from sxtstudio.workflow.scoring import score_files

SIZE_UM = (0.1, 0.1, 0.1)


def blocks(values: tuple[int, ...]) -> np.ndarray:
    """Return one block of 4 × 4 × 4 voxels a value, side by side along x, in a frame of 0."""
    labels_ZYX = np.zeros((6, 6, 4 * len(values) + 2), np.uint8)
    for index, value in enumerate(values):
        labels_ZYX[1:5, 1:5, 1 + 4 * index : 5 + 4 * index] = value
    return labels_ZYX


def write(path: Path, labels_ZYX: np.ndarray, names: dict[int, str] | None = None) -> Path:
    write_volume(
        path, Volume(values_ZYX=labels_ZYX, voxel_size_um=SIZE_UM, class_names=names or {})
    )
    return path


def dice(labels: Path, reference: Path) -> dict[str, float | None]:
    return {item.name: item.dice for item in score_files(labels, reference).scores}


def test_names_match_whatever_their_values_and_spelling(tmp_path: Path) -> None:
    mine = write(tmp_path / "a.am", blocks((1, 2)), {1: "lipid bodies", 2: "nucleus"})
    other = write(tmp_path / "b.am", blocks((9, 4)), {4: "Nuclei", 9: "lipid"})
    comparison = score_files(mine, other)
    assert comparison.matched_by == "name"
    assert comparison.notes == ()
    assert dice(mine, other) == {"lipid bodies": 1.0, "nucleus": 1.0}
    assert {item.surface_max_um for item in comparison.scores} == {0.0}


def test_a_term_brings_what_lies_inside_it_unless_it_is_named_separately(tmp_path: Path) -> None:
    fine = write(tmp_path / "fine.am", blocks((1, 2)), {1: "nucleus", 2: "nucleolus"})
    whole = write(tmp_path / "whole.am", blocks((1, 1)), {1: "nucleus"})
    parted = write(tmp_path / "parted.am", blocks((1, 2)), {1: "nucleus", 2: "nucleolus"})
    assert dice(whole, fine) == {"nucleus": 1.0}
    assert dice(parted, fine) == {"nucleus": 1.0, "nucleolus": 1.0}


def test_several_values_of_one_class_are_taken_together(tmp_path: Path) -> None:
    mine = write(tmp_path / "a.am", blocks((1, 2)), {1: "lipid", 2: "lipid bodies"})
    other = write(tmp_path / "b.am", blocks((3, 3)), {3: "lipid"})
    assert dice(mine, other) == {"lipid": 1.0}
    assert list(dice(other, mine).values()) == [1.0]


def test_names_the_ontology_does_not_know_match_literally(tmp_path: Path) -> None:
    mine = write(tmp_path / "a.am", blocks((1, 2)), {1: "Dense stuff", 2: "er"})
    other = write(tmp_path / "b.am", blocks((2, 1)), {2: "dense stuff", 1: "golgi"})
    comparison = score_files(mine, other)
    assert dice(mine, other) == {"Dense stuff": 1.0}
    assert "er" in comparison.notes[0]
    assert "golgi" in comparison.notes[0].lower()


def test_what_the_reference_ignores_is_not_compared(tmp_path: Path) -> None:
    mine = write(tmp_path / "a.am", blocks((1, 1)), {1: "nucleus"})
    other = write(tmp_path / "b.am", blocks((1, 2)), {1: "nucleus", 2: "ignore"})
    assert dice(mine, other) == {"nucleus": 1.0}


def test_without_names_on_both_sides_values_are_matched_and_it_is_said(tmp_path: Path) -> None:
    mine = write(tmp_path / "a.am", blocks((1, 2, 2)), {1: "nucleus", 2: "lipid"})
    other = write(tmp_path / "b.mrc", blocks((1, 2, 3)))
    comparison = score_files(mine, other)
    assert comparison.matched_by == "value"
    assert "equal values" in comparison.notes[0]
    assert dice(mine, other) == {"nucleus": 1.0, "lipid": pytest.approx(2 / 3), "label 3": 0.0}
    shifted = {item.name: item.surface_max_um for item in comparison.scores}
    assert shifted["lipid"] == pytest.approx(0.4)


def test_without_any_voxel_size_there_are_no_distances(tmp_path: Path) -> None:
    for name in ("a.tif", "b.tif"):
        write_volume(tmp_path / name, Volume(values_ZYX=blocks((1,))))
    comparison = score_files(tmp_path / "a.tif", tmp_path / "b.tif")
    assert comparison.scores[0].dice == 1.0
    assert comparison.scores[0].surface_max_um is None
    assert "voxel size" in comparison.notes[-1]


def test_files_that_cannot_be_compared_are_refused(tmp_path: Path) -> None:
    mine = write(tmp_path / "a.am", blocks((1,)), {1: "nucleus"})
    with pytest.raises(LabelError, match="own grid"):
        score_files(mine, write(tmp_path / "b.am", blocks((1, 1)), {1: "nucleus"}))
    with pytest.raises(LabelError, match="no class in common"):
        score_files(mine, write(tmp_path / "c.am", blocks((1,)), {1: "lipid"}))
    tomogram = tmp_path / "t.mrc"
    write_volume(tomogram, Volume(values_ZYX=blocks((1,)) * np.float32(0.3), voxel_size_um=SIZE_UM))
    with pytest.raises(LabelError, match="no label"):
        score_files(mine, tomogram)
