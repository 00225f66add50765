"""Surface files, read back by VTK."""

import numpy as np
import pytest
from vtkmodules.util.numpy_support import vtk_to_numpy
from vtkmodules.vtkIOGeometry import vtkOBJReader, vtkSTLReader
from vtkmodules.vtkIOPLY import vtkPLYReader

from sxtstudio.analysis.surface import make_surfaces, write_surfaces
from sxtstudio.core.errors import FileError

NAMES = {1: "nucleus", 2: "lipid bodies"}
COLOURS = {1: "#e53935", 2: "#d500f9"}


@pytest.fixture(scope="module")
def surfaces():
    labels_ZYX = np.zeros((12, 14, 16), np.uint8)
    labels_ZYX[2:9, 3:9, 1:6] = 1
    labels_ZYX[4:8, 4:8, 9:15] = 2
    return make_surfaces(labels_ZYX, (0.05, 0.04, 0.03), [1, 2])


def read_back(reader, path):
    reader.SetFileName(str(path))
    reader.Update()
    return reader.GetOutput()


def triangles(surfaces):
    return sum(surface.GetNumberOfPolys() for surface in surfaces.values())


@pytest.mark.parametrize(
    ("suffix", "reader"), [(".stl", vtkSTLReader), (".obj", vtkOBJReader), (".ply", vtkPLYReader)]
)
def test_another_program_reads_the_same_triangles_in_um(tmp_path, surfaces, suffix, reader):
    path = tmp_path / f"cell{suffix}"
    write_surfaces(path, surfaces, NAMES, COLOURS)
    found = read_back(reader(), path)
    assert found.GetNumberOfPolys() == triangles(surfaces)
    whole = np.array([surface.GetBounds() for surface in surfaces.values()])
    expected = [f(whole[:, i]) for i, f in enumerate((min, max, min, max, min, max))]
    assert found.GetBounds() == pytest.approx(expected, abs=1e-5)


def test_ply_carries_the_colours(tmp_path, surfaces):
    path = tmp_path / "cell.ply"
    write_surfaces(path, surfaces, NAMES, COLOURS)
    colours = vtk_to_numpy(read_back(vtkPLYReader(), path).GetPointData().GetArray("RGB"))
    assert {tuple(c) for c in colours.tolist()} == {(0xE5, 0x39, 0x35), (0xD5, 0x00, 0xF9)}


def test_obj_keeps_classes_apart_with_names_and_colours(tmp_path, surfaces):
    path = tmp_path / "cell.obj"
    write_surfaces(path, surfaces, NAMES, COLOURS)
    lines = path.read_text().splitlines()
    assert [line for line in lines if line[0] in "om"] == [
        "mtllib cell.mtl",
        "o nucleus",
        "o lipid_bodies",
    ]
    materials = (tmp_path / "cell.mtl").read_text()
    assert "newmtl nucleus\nKd 0.8980 0.2235 0.2078" in materials
    assert "newmtl lipid_bodies" in materials


def test_an_unknown_suffix_is_refused_with_a_sentence(tmp_path, surfaces):
    with pytest.raises(FileError, match=r"\.ply, \.glb or \.gltf"):
        write_surfaces(tmp_path / "cell.vrml", surfaces, NAMES, COLOURS)
    assert list(tmp_path.iterdir()) == []


def test_nothing_to_write_is_refused_with_a_sentence(tmp_path):
    with pytest.raises(FileError, match="no surface to write"):
        write_surfaces(tmp_path / "cell.stl", {}, NAMES, COLOURS)


def test_a_missing_folder_is_refused_with_a_sentence(tmp_path, surfaces):
    with pytest.raises(FileError, match="cannot be written"):
        write_surfaces(tmp_path / "none" / "cell.ply", surfaces, NAMES, COLOURS)
