"""The small picture of a cell shows its middle planes, true to scale."""

import numpy as np
import pytest

from sxtstudio.core.cell import Cell
from sxtstudio.core.volume import Tomogram, VoxelSize
from sxtstudio.library.library import Library
from sxtstudio.library.preview import make_preview


def box_of(picture: np.ndarray) -> tuple[int, int]:
    """Return the extents of what is not black."""
    rows, columns = np.nonzero(picture)
    return int(np.ptp(rows)) + 1, int(np.ptp(columns)) + 1


@pytest.mark.parametrize(
    ("shape", "voxel_um", "boxes"),
    [
        ((96, 96, 96), (1, 1, 1), ((96, 96), (96, 96), (96, 96))),
        ((48, 96, 24), (1, 1, 1), ((96, 24), (48, 24), (48, 96))),
        ((48, 96, 96), (2, 1, 1), ((96, 96), (96, 96), (96, 96))),
        ((300, 400, 200), (0.04, 0.04, 0.04), ((96, 48), (72, 48), (72, 96))),
        ((1, 1, 1), (0.1, 0.1, 0.1), ((96, 96), (96, 96), (96, 96))),
        ((1, 500, 2), (0.1, 0.1, 0.1), ((96, 1), (1, 1), (1, 96))),
    ],
)
def test_planes_keep_their_aspect(
    shape: tuple[int, int, int], voxel_um: VoxelSize, boxes: tuple[tuple[int, int], ...]
) -> None:
    lac_ZYX = np.full(shape, 0.4, np.float32)
    preview = make_preview(Tomogram(lac_ZYX=lac_ZYX, voxel_size_um=voxel_um))
    assert (preview.shape, preview.dtype) == ((3, 96, 96), np.uint8)
    assert tuple(box_of(plane) for plane in preview) == boxes
    assert set(np.unique(preview)) <= {0, 128}


def test_planes_are_those_of_the_middle_and_grey_is_lac() -> None:
    lac_ZYX = np.zeros((96, 96, 96), np.float32)
    lac_ZYX[48, 10, 20] = 0.2
    lac_ZYX[30, 48, 40] = 0.8
    lac_ZYX[50, 60, 48] = 7.0
    lac_ZYX[48, 0, 0] = -3.0
    preview = make_preview(Tomogram(lac_ZYX=lac_ZYX, voxel_size_um=(0.04, 0.04, 0.04)))
    expected = np.zeros((3, 96, 96), np.uint8)
    expected[0, 10, 20] = 64
    expected[1, 30, 40] = 255
    expected[2, 50, 60] = 255
    assert np.array_equal(preview, expected)


def test_a_library_keeps_the_picture_of_each_cell(library: Library) -> None:
    rng = np.random.default_rng(0)
    lac_ZYX = rng.normal(0.4, 0.2, (50, 130, 210)).astype(np.float32)
    tomogram = Tomogram(lac_ZYX=lac_ZYX, voxel_size_um=(0.05, 0.03, 0.03))
    added = library.add_cell(Cell(name="a", tomogram=tomogram))
    assert np.array_equal(library.preview(added.id), make_preview(tomogram))
