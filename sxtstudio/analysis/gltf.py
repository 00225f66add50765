"""Surfaces as glTF 2.0, with colours: what web pages, slides and 3D programs show.

GLB is binary; glTF is JSON that holds the same numbers as base64, so that one file stays one.
Format: Khronos, glTF 2.0 specification, 2021. Lengths are µm, as in the other files of surfaces,
which the file says in ``asset.extras`` (glTF itself would mean metres).
"""

import base64
import json
import struct
from collections.abc import Mapping, Sequence

import numpy as np
from vtkmodules.util.numpy_support import vtk_to_numpy
from vtkmodules.vtkCommonDataModel import vtkPolyData

_FLOAT, _UINT, _BYTE = 5126, 5125, 5121
_ARRAY, _INDICES = 34962, 34963
_GLTF, _JSON, _BIN = 0x46546C67, 0x4E4F534A, 0x004E4942

_INLINE = "data:application/octet-stream;base64,"

ColouredMesh = tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray | None]


def encode_glb(
    surfaces: Mapping[int, vtkPolyData],
    names: Mapping[int, str],
    colours: Mapping[int, tuple[int, int, int]],
    opacities: Mapping[int, float],
) -> bytes:
    """Return surfaces as GLB; a surface whose triangles have colours keeps them."""
    document, numbers = _document(surfaces, names, colours, opacities)
    document["buffers"] = [{"byteLength": len(numbers)}]
    return _container(json.dumps(document).encode(), numbers)


def encode_gltf(
    surfaces: Mapping[int, vtkPolyData],
    names: Mapping[int, str],
    colours: Mapping[int, tuple[int, int, int]],
    opacities: Mapping[int, float],
) -> bytes:
    """Return surfaces as glTF, a third larger than GLB but text."""
    document, numbers = _document(surfaces, names, colours, opacities)
    inline = _INLINE + base64.b64encode(numbers).decode("ascii")
    document["buffers"] = [{"byteLength": len(numbers), "uri": inline}]
    return json.dumps(document).encode()


def _document(
    surfaces: Mapping[int, vtkPolyData],
    names: Mapping[int, str],
    colours: Mapping[int, tuple[int, int, int]],
    opacities: Mapping[int, float],
) -> tuple[dict[str, object], bytes]:
    """Return what a file says of its surfaces, but for where its numbers are, and those."""
    buffer = _Buffer()
    meshes: list[dict[str, object]] = []
    for label, surface in surfaces.items():
        points, normals, triangles, painted = _arrays(surface)
        attributes = {
            "POSITION": buffer.add(points, "VEC3", _FLOAT, _ARRAY),
            "NORMAL": buffer.add(normals, "VEC3", _FLOAT, _ARRAY),
        }
        if painted is not None:
            attributes["COLOR_0"] = buffer.add(painted, "VEC4", _BYTE, _ARRAY)
        indices = buffer.add(triangles, "SCALAR", _UINT, _INDICES)
        part = {"attributes": attributes, "indices": indices, "material": len(meshes)}
        meshes.append({"name": names.get(label, f"label {label}"), "primitives": [part]})
    materials = [
        _material(
            names.get(label, f"label {label}"),
            (255, 255, 255) if "COLOR_0" in str(mesh) else colours[label],
            opacities.get(label, 1.0),
        )
        for label, mesh in zip(surfaces, meshes, strict=True)
    ]
    document: dict[str, object] = {
        "asset": {"version": "2.0", "generator": "SXT Studio", "extras": {"unit": "micrometre"}},
        "scene": 0,
        "scenes": [{"nodes": list(range(len(meshes)))}],
        "nodes": [{"name": mesh["name"], "mesh": i} for i, mesh in enumerate(meshes)],
        "meshes": meshes,
        "materials": materials,
        "accessors": buffer.accessors,
        "bufferViews": buffer.views,
    }
    return document, bytes(buffer.content)


class _Buffer:
    """The numbers of a file in one piece, and where each array stands in it."""

    def __init__(self) -> None:
        self.content = bytearray()
        self.views: list[dict[str, object]] = []
        self.accessors: list[dict[str, object]] = []

    def add(self, values: np.ndarray, kind: str, component: int, target: int) -> int:
        """Append an array and return its number."""
        place = {"byteOffset": len(self.content), "byteLength": values.nbytes, "target": target}
        self.views.append({"buffer": 0, **place})
        accessor: dict[str, object] = {
            "bufferView": len(self.views) - 1,
            "componentType": component,
            "count": values.size if kind == "SCALAR" else len(values),
            "type": kind,
        }
        if component == _FLOAT:
            accessor |= {"min": values.min(axis=0).tolist(), "max": values.max(axis=0).tolist()}
        if component == _BYTE:
            accessor["normalized"] = True
        self.accessors.append(accessor)
        self.content.extend(values.tobytes())
        return len(self.accessors) - 1


def _arrays(surface: vtkPolyData) -> ColouredMesh:
    points = vtk_to_numpy(surface.GetPoints().GetData()).astype("<f4")
    normals = vtk_to_numpy(surface.GetPointData().GetNormals()).astype("<f4")
    cells = vtk_to_numpy(surface.GetPolys().GetConnectivityArray()).reshape(-1, 3)
    scalars = surface.GetCellData().GetScalars()
    if scalars is None:
        return points, normals, cells.astype("<u4"), None
    # glTF has colours at points only, so each point takes that of one of its triangles.
    painted = np.full((len(points), 4), 255, np.uint8)
    painted[cells.ravel(), :3] = np.repeat(_linear(vtk_to_numpy(scalars)), 3, axis=0)
    return points, normals, cells.astype("<u4"), painted


def _linear(colours: np.ndarray) -> np.ndarray:
    """Return light instead of screen values: glTF's colours are linear."""
    return np.round(255 * _linear_share(colours / 255)).astype(np.uint8)


def _linear_share(share: np.ndarray) -> np.ndarray:
    return np.where(share <= 0.04045, share / 12.92, ((share + 0.055) / 1.055) ** 2.4)


def _material(name: str, colour: Sequence[int], opacity: float) -> dict[str, object]:
    light = [round(float(part), 5) for part in _linear_share(np.array(colour) / 255)]
    material: dict[str, object] = {
        "name": name,
        "pbrMetallicRoughness": {
            "baseColorFactor": [*light, round(opacity, 4)],
            "metallicFactor": 0.0,
            "roughnessFactor": 0.55,
        },
    }
    if opacity < 1:
        material |= {"alphaMode": "BLEND"}
    return material


def _container(document: bytes, binary: bytes) -> bytes:
    text = document + b" " * (-len(document) % 4)
    data = binary + b"\0" * (-len(binary) % 4)
    chunks = (
        struct.pack("<II", len(text), _JSON) + text + struct.pack("<II", len(data), _BIN) + data
    )
    return struct.pack("<III", _GLTF, 2, 12 + len(chunks)) + chunks
