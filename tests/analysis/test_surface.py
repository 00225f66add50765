"""Meshes against closed forms."""

import numpy as np
import pytest
from vtkmodules.util.numpy_support import vtk_to_numpy

from sxtstudio.analysis.surface import NEIGHBOUR, make_surfaces
from sxtstudio.analysis.surface_files import mesh_arrays
from sxtstudio.core.events import Progress
from tests.analysis.shapes import ball, ball_labels, draw

SIZE_UM = (0.05, 0.04, 0.03)
CENTRE_UM = (1.2, 0.7, 0.5)


def volume_and_centre(surface):
    """Return the signed volume within a mesh and the centre of mass (x, y, z)."""
    points, triangles = mesh_arrays(surface)
    a, b, c = (points.astype(float)[triangles[:, i]] for i in range(3))
    parts = np.einsum("ij,ij->i", a, np.cross(b, c)) / 6
    return parts.sum(), (parts[:, None] * (a + b + c) / 4).sum(axis=0) / parts.sum()


def open_edges(surface):
    """Return how many edges do not join two triangles that run through it in opposite ways."""
    triangles = mesh_arrays(surface)[1]
    edges = np.concatenate([triangles[:, [0, 1]], triangles[:, [1, 2]], triangles[:, [2, 0]]])
    there, back = ({tuple(e) for e in array.tolist()} for array in (edges, edges[:, ::-1]))
    return len(there - back)


def cell_labels():
    """Return a large ball (300) with a small one (7) inside, at an asymmetric place."""
    size = (40, 45, 50)
    labels_ZYX = np.zeros(size, np.uint16)
    labels_ZYX[ball_labels(size, CENTRE_UM, 0.45, SIZE_UM)] = 300
    labels_ZYX[ball_labels(size, (1.3, 0.7, 0.5), 0.15, SIZE_UM)] = 7
    return labels_ZYX


def test_a_ball_lies_where_its_voxels_lie_and_has_their_volume():
    labels_ZYX = (cell_labels() > 0).astype(np.uint8)
    surface = make_surfaces(labels_ZYX, SIZE_UM, [1])[1]
    volume_um3, centre_um = volume_and_centre(surface)
    assert volume_um3 == pytest.approx(4 / 3 * np.pi * 0.45**3, rel=0.01)
    assert volume_um3 == pytest.approx(labels_ZYX.sum() * np.prod(SIZE_UM), rel=1e-4)
    assert centre_um == pytest.approx(CENTRE_UM[::-1], abs=0.003)


def test_a_ball_is_smooth():
    surface = make_surfaces(cell_labels(), SIZE_UM, [300, 7])[300]
    points = mesh_arrays(surface)[0] - CENTRE_UM[::-1]
    distance_um = np.linalg.norm(points, axis=1)
    outer = distance_um > 0.35
    assert distance_um[outer].std() < 0.1 * min(SIZE_UM)
    normals = vtk_to_numpy(surface.GetPointData().GetNormals())[outer]
    cosine = (normals * points[outer]).sum(axis=1) / distance_um[outer]
    assert np.degrees(np.arccos(np.clip(cosine, -1, 1))).max() < 12


def test_nested_labels_are_closed_and_know_their_neighbours():
    surfaces = make_surfaces(cell_labels(), SIZE_UM, [7, 300])
    outer, inner = surfaces[300], surfaces[7]
    assert open_edges(outer) == open_edges(inner) == 0
    sides = [
        set(vtk_to_numpy(s.GetCellData().GetArray(NEIGHBOUR)).tolist()) for s in (outer, inner)
    ]
    assert sides == [{0, 7}, {300}]
    hull_um3 = 4 / 3 * np.pi * 0.45**3
    assert volume_and_centre(outer)[0] == pytest.approx(
        hull_um3 * (1 - (0.15 / 0.45) ** 3), rel=0.02
    )


def test_a_label_that_touches_the_border_is_closed_there():
    labels_ZYX = np.full((6, 7, 8), 2, np.uint8)
    surface = make_surfaces(labels_ZYX, (1.0, 1.0, 1.0), [2])[2]
    assert open_edges(surface) == 0
    assert volume_and_centre(surface)[0] == pytest.approx(labels_ZYX.size, rel=1e-3)
    assert volume_and_centre(surface)[1] == pytest.approx([3.5, 3, 2.5], abs=1e-4)


@pytest.mark.parametrize("radius", [1.0, 1.5, 2.0, 3.0, 5.0])
def test_small_balls_keep_their_volume(radius):
    labels_ZYX = draw(ball(radius), (1.0, 1.0, 1.0), np.random.default_rng(4)).astype(np.uint8)
    surface = make_surfaces(labels_ZYX, (1.0, 1.0, 1.0), [1])[1]
    assert volume_and_centre(surface)[0] == pytest.approx(labels_ZYX.sum(), rel=0.005)


def test_one_voxel_is_a_box_of_its_size():
    labels_ZYX = np.zeros((3, 3, 3), np.uint8)
    labels_ZYX[1, 1, 2] = 1
    surface = make_surfaces(labels_ZYX, SIZE_UM, [1])[1]
    assert volume_and_centre(surface)[0] == pytest.approx(np.prod(SIZE_UM), rel=1e-3)
    assert volume_and_centre(surface)[1] == pytest.approx([0.06, 0.04, 0.05], abs=1e-4)


def test_too_many_triangles_are_thinned_where_there_are_most():
    full = make_surfaces(cell_labels(), SIZE_UM, [300, 7], triangles=10**9)
    budget = sum(surface.GetNumberOfPolys() for surface in full.values()) // 3
    thin = make_surfaces(cell_labels(), SIZE_UM, [300, 7], triangles=budget)
    assert sum(surface.GetNumberOfPolys() for surface in thin.values()) <= 1.1 * budget
    assert thin[7].GetNumberOfPolys() == full[7].GetNumberOfPolys()
    hull_um3 = 4 / 3 * np.pi * (0.45**3 - 0.15**3)
    assert volume_and_centre(thin[300])[0] == pytest.approx(hull_um3, rel=0.05)
    assert volume_and_centre(thin[300])[1] == pytest.approx(
        volume_and_centre(full[300])[1], abs=0.01
    )


def test_values_that_do_not_occur_have_no_surface():
    assert make_surfaces(np.zeros((4, 4, 4), np.uint8), SIZE_UM, [0, 1, 2]) == {}
    assert set(make_surfaces(cell_labels(), SIZE_UM, [0, 7, 9])) == {7}


def test_progress_runs_to_the_end():
    events = []
    make_surfaces(cell_labels(), SIZE_UM, [7, 300], events.append)
    assert all(isinstance(event, Progress) for event in events)
    assert [event.fraction for event in events] == [0, 0.5, 1]
