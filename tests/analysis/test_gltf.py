"""GLB and glTF, read back by VTK's own reader."""

import base64
import json
import struct

import numpy as np
import pytest
from vtkmodules.util.numpy_support import numpy_to_vtk
from vtkmodules.vtkIOGeometry import vtkGLTFReader

from sxtstudio.analysis.surface import make_surfaces, write_surfaces
from sxtstudio.analysis.surface_files import mesh_arrays
from tests.analysis.shapes import ball_labels

SIZE_UM = (0.1, 0.1, 0.1)
NAMES = {1: "nucleus", 2: "cytoplasm"}
COLOURS = {1: "#ff0000", 2: "#808080"}


def surfaces():
    labels_ZYX = np.zeros((20, 22, 24), np.uint8)
    labels_ZYX[ball_labels((20, 22, 24), (1.0, 1.0, 1.2), 0.9, SIZE_UM)] = 2
    labels_ZYX[ball_labels((20, 22, 24), (1.0, 1.0, 1.2), 0.4, SIZE_UM)] = 1
    return make_surfaces(labels_ZYX, SIZE_UM, [1, 2])


def document(path):
    content = path.read_bytes()
    if path.suffix == ".gltf":
        return json.loads(content)
    magic, version, length = struct.unpack("<4sII", content[:12])
    assert (magic, version, length) == (b"glTF", 2, len(content))
    return json.loads(content[20 : 20 + struct.unpack("<I", content[12:16])[0]])


def numbers(path):
    """Return the buffer of a file."""
    facts = document(path)
    if path.suffix == ".gltf":
        (buffer,) = facts["buffers"]
        kind, _, inline = buffer["uri"].partition(",")
        assert kind == "data:application/octet-stream;base64"
        values = base64.b64decode(inline, validate=True)
        assert len(values) == buffer["byteLength"]
        return values
    content = path.read_bytes()
    return content[28 + struct.unpack("<I", content[12:16])[0] :]


BOTH = pytest.mark.parametrize("suffix", [".glb", ".gltf"])


@BOTH
def test_another_reader_finds_every_triangle_in_um(tmp_path, suffix):
    path, made = tmp_path / f"cell{suffix}", surfaces()
    write_surfaces(path, made, NAMES, COLOURS, {2: 0.25})
    reader = vtkGLTFReader()
    reader.SetFileName(str(path))
    reader.Update()
    found = reader.GetOutput()
    triangles = sum(surface.GetNumberOfPolys() for surface in made.values())
    assert found.GetNumberOfCells() == triangles
    bounds = [0.0] * 6
    found.GetBounds(bounds)
    assert bounds == pytest.approx(made[2].GetBounds(), abs=1e-5)


@BOTH
def test_names_colours_and_glass_are_in_it(tmp_path, suffix):
    path = tmp_path / f"cell{suffix}"
    write_surfaces(path, surfaces(), NAMES, COLOURS, {2: 0.25})
    facts = document(path)
    assert [node["name"] for node in facts["nodes"]] == ["nucleus", "cytoplasm"]
    red, grey = (it["pbrMetallicRoughness"]["baseColorFactor"] for it in facts["materials"])
    assert red == [1, 0, 0, 1]
    assert grey == pytest.approx([0.2159, 0.2159, 0.2159, 0.25], abs=1e-3)
    assert [it.get("alphaMode") for it in facts["materials"]] == [None, "BLEND"]
    assert facts["asset"]["extras"] == {"unit": "micrometre"}


@BOTH
def test_objects_keep_the_colours_they_have(tmp_path, suffix):
    path, made = tmp_path / f"cell{suffix}", surfaces()
    count = made[1].GetNumberOfPolys()
    colours = np.tile(np.array([[0, 255, 0]], np.uint8), (count, 1))
    made[1].GetCellData().SetScalars(numpy_to_vtk(colours, deep=True))
    write_surfaces(path, made, NAMES, COLOURS)
    facts = document(path)
    painted = facts["meshes"][0]["primitives"][0]["attributes"]["COLOR_0"]
    accessor = facts["accessors"][painted]
    assert (accessor["type"], accessor["componentType"], accessor["normalized"]) == (
        "VEC4", 5121, True,
    )  # fmt: skip
    assert accessor["count"] == len(mesh_arrays(made[1])[0])
    start = facts["bufferViews"][accessor["bufferView"]]["byteOffset"]
    values = np.frombuffer(numbers(path), np.uint8, 4 * accessor["count"], start).reshape(-1, 4)
    assert (values == [0, 255, 0, 255]).all()
    assert facts["materials"][0]["pbrMetallicRoughness"]["baseColorFactor"][:3] == [1, 1, 1]


def test_one_gltf_is_one_file_and_holds_the_numbers_of_the_glb(tmp_path):
    made = surfaces()
    for suffix in (".glb", ".gltf"):
        write_surfaces(tmp_path / f"cell{suffix}", made, NAMES, COLOURS)
    assert sorted(it.name for it in tmp_path.iterdir()) == ["cell.glb", "cell.gltf"]
    binary, text = (numbers(tmp_path / f"cell{suffix}") for suffix in (".glb", ".gltf"))
    assert binary == text + b"\0" * (-len(text) % 4)
