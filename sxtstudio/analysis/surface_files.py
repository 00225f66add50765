"""Surfaces in the files of other programs: STL, OBJ with materials, PLY with colours."""

from collections.abc import Mapping
from pathlib import Path

import numpy as np
from vtkmodules.util.numpy_support import vtk_to_numpy
from vtkmodules.vtkCommonDataModel import vtkPolyData

from sxtstudio.analysis.gltf import encode_glb, encode_gltf
from sxtstudio.core.errors import FileError
from sxtstudio.io.files import write_atomically

WRITE_SUFFIXES = (".stl", ".obj", ".ply", ".glb", ".gltf")

_GREY = "#9e9e9e"


def write_surfaces(
    path: Path,
    surfaces: Mapping[int, vtkPolyData],
    names: Mapping[int, str],
    colours: Mapping[int, str],
    opacities: Mapping[int, float] | None = None,
) -> None:
    """Write surfaces to one file, in µm; the suffix decides the format.

    OBJ keeps classes apart as named groups and puts colours into an ``.mtl`` beside it. PLY
    (binary) carries colours on its points. STL (binary) holds all triangles and no names. GLB
    (binary) and glTF (text, in one file as well) carry names, colours and ``opacities``.

    Raises
    ------
    FileError
        If the suffix is unknown, there is nothing to write, or the system refuses.
    """
    suffix = path.suffix.lower()
    if suffix not in WRITE_SUFFIXES:
        raise FileError(
            f"{path}: surfaces cannot be written as {suffix or 'a file without suffix'}; "
            "give the file a name that ends in .stl, .obj, .ply, .glb or .gltf."
        )
    if not surfaces:
        raise FileError(f"{path}: there is no surface to write; none of the classes is drawn.")
    shown = {label: colours.get(label, _GREY) for label in surfaces}
    if suffix == ".obj":
        materials = path.with_suffix(".mtl")
        words = {label: _one_word(names.get(label, f"label {label}")) for label in surfaces}
        with write_atomically(materials) as part:
            part.write_text(_materials(words, shown), encoding="utf-8")
        with write_atomically(path) as part:
            part.write_text(_obj(surfaces, words, materials.name), encoding="utf-8")
        return
    if suffix in (".glb", ".gltf"):
        values = {label: rgb(colour) for label, colour in shown.items()}
        encode = encode_glb if suffix == ".glb" else encode_gltf
        content = encode(surfaces, names, values, opacities or {})
    else:
        content = _stl(surfaces) if suffix == ".stl" else _ply(surfaces, shown)
    with write_atomically(path) as part:
        part.write_bytes(content)


def mesh_arrays(surface: vtkPolyData) -> tuple[np.ndarray, np.ndarray]:
    """Return the points (N, 3: x, y, z in µm) and the triangles (M, 3) of a surface."""
    points = vtk_to_numpy(surface.GetPoints().GetData())
    return points, vtk_to_numpy(surface.GetPolys().GetConnectivityArray()).reshape(-1, 3)


def rgb(colour: str) -> tuple[int, int, int]:
    """Return the red, green and blue (0–255) of ``#rrggbb``."""
    return int(colour[1:3], 16), int(colour[3:5], 16), int(colour[5:7], 16)


def _stl(surfaces: Mapping[int, vtkPolyData]) -> bytes:
    layout = np.dtype([("normal", "<f4", 3), ("corners", "<f4", (3, 3)), ("spare", "<u2")])
    corners = np.concatenate([p[t] for p, t in map(mesh_arrays, surfaces.values())])
    facets = np.zeros(len(corners), layout)
    normals = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
    length = np.linalg.norm(normals, axis=1, keepdims=True)
    facets["normal"] = np.divide(normals, length, out=normals, where=length > 0)
    facets["corners"] = corners
    header = b"surfaces of classes, lengths in micrometres".ljust(80)
    return header + np.uint32(len(facets)).tobytes() + facets.tobytes()


def _ply(surfaces: Mapping[int, vtkPolyData], colours: Mapping[int, str]) -> bytes:
    vertex = np.dtype([("at", "<f4", 3), ("colour", "u1", 3)])
    face = np.dtype([("count", "u1"), ("corners", "<i4", 3)])
    vertices, faces, first = [], [], 0
    for label, surface in surfaces.items():
        points, triangles = mesh_arrays(surface)
        vertices.append(np.zeros(len(points), vertex))
        vertices[-1]["at"], vertices[-1]["colour"] = points, rgb(colours[label])
        faces.append(np.zeros(len(triangles), face))
        faces[-1]["count"], faces[-1]["corners"] = 3, triangles + first
        first += len(points)
    properties = [f"property float {axis}" for axis in "xyz"]
    properties += [f"property uchar {name}" for name in ("red", "green", "blue")]
    header = [
        "ply",
        "format binary_little_endian 1.0",
        "comment lengths in micrometres",
        f"element vertex {first}",
        *properties,
        f"element face {sum(map(len, faces))}",
        "property list uchar int vertex_indices",
        "end_header\n",
    ]
    body = b"".join(part.tobytes() for part in (*vertices, *faces))
    return "\n".join(header).encode("ascii") + body


def _obj(surfaces: Mapping[int, vtkPolyData], words: Mapping[int, str], materials: str) -> str:
    lines, first = ["# lengths in micrometres", f"mtllib {materials}"], 1
    for label, surface in surfaces.items():
        points, triangles = mesh_arrays(surface)
        lines += [f"o {words[label]}", f"usemtl {words[label]}"]
        lines += [f"v {x:.6g} {y:.6g} {z:.6g}" for x, y, z in points.tolist()]
        lines += [f"f {a} {b} {c}" for a, b, c in (triangles + first).tolist()]
        first += len(points)
    return "\n".join(lines) + "\n"


def _materials(words: Mapping[int, str], colours: Mapping[int, str]) -> str:
    lines: list[str] = []
    for label, word in words.items():
        red, green, blue = (part / 255 for part in rgb(colours[label]))
        lines += [f"newmtl {word}", f"Kd {red:.4f} {green:.4f} {blue:.4f}", "Ks 0.2 0.2 0.2", ""]
    return "\n".join(lines)


def _one_word(name: str) -> str:
    return "_".join(name.split()) or "unnamed"
