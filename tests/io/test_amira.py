"""AmiraMesh files of many dialects, made here by hand, and run lengths at the size of a cell."""

import zlib
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sxtstudio.core.errors import FileError
from sxtstudio.core.volume import Volume
from sxtstudio.io.amira import read_amira
from sxtstudio.io.amira_header import parse_header
from sxtstudio.io.volumes import read_volume, write_volume
from tests.io.conftest import ramp, read_whole

BOX = "BoundingBox 0 0.2 0 0.12 0 0.06,"


def amira(
    tmp_path: Path,
    data: bytes,
    *,
    kind: str = "BINARY-LITTLE-ENDIAN 2.1",
    lattice: str = "5 4 3",
    parameters: str = BOX,
    array: str = "Lattice { float Data } @1",
    first: str = "AmiraMesh",
) -> Path:
    header = (
        f"# {first} {kind}\n\ndefine Lattice {lattice}\n\nParameters {{\n    {parameters}\n"
        f'    CoordType "uniform"\n}}\n\n{array}\n\n# Data section follows\n@1\n'
    )
    path = tmp_path / "a.am"
    path.write_bytes(header.encode() + data + b"\n")
    return path


def encode_runs(values: np.ndarray) -> bytes:
    """Return bytes in HxByteRLE the slow and obvious way, run by run."""
    raw, coded, at = values.tobytes(), bytearray(), 0
    while at < len(raw):
        run = 1
        while run < 127 and at + run < len(raw) and raw[at + run] == raw[at]:
            run += 1
        if run > 2:
            coded += bytes([run, raw[at]])
        else:
            run = min(5, len(raw) - at)
            coded += bytes([128 + run]) + raw[at : at + run]
        at += run
    return bytes(coded)


@pytest.mark.parametrize("order", ["<", ">"])
@pytest.mark.parametrize(
    ("name", "dtype"),
    [
        ("byte", "u1"),
        ("short", "i2"),
        ("ushort", "u2"),
        ("int", "i4"),
        ("float", "f4"),
        ("double", "f8"),
    ],
)
def test_every_type_is_read_in_both_byte_orders(
    name: str, dtype: str, order: str, tmp_path: Path
) -> None:
    kind = "BINARY-LITTLE-ENDIAN 2.1" if order == "<" else "3D BINARY 2.0"
    data = ramp(dtype).astype(order + dtype).tobytes()
    volume, values_ZYX = read_whole(
        amira(tmp_path, data, kind=kind, array=f"Lattice {{ {name} Data }} @1")
    )
    assert values_ZYX.dtype == np.dtype(dtype)
    assert values_ZYX.dtype.isnative
    assert volume.voxel_size_um == pytest.approx((0.03, 0.04, 0.05))
    np.testing.assert_array_equal(values_ZYX, ramp(dtype))


@pytest.mark.parametrize(("name", "dtype"), [("byte", "u1"), ("short", "i2"), ("float", "f4")])
def test_text_is_read(name: str, dtype: str, tmp_path: Path) -> None:
    data = "\n".join(f"{value:.15e} " for value in ramp(dtype).ravel()).encode()
    path = amira(tmp_path, data, kind="3D ASCII 2.0", array=f"Lattice {{ {name} Data }} = @1")
    values_ZYX = read_whole(path)[1]
    assert values_ZYX.dtype == np.dtype(dtype)
    np.testing.assert_array_equal(values_ZYX, ramp(dtype))


@pytest.mark.parametrize("data", [b"1 2 3", b"1 2 x", b"300 " * 60, b"\xff\xfe", b"nan " * 60])
def test_damaged_text_is_refused(data: bytes, tmp_path: Path) -> None:
    path = amira(tmp_path, data, kind="ASCII 2.0", array="Lattice { byte Data } @1")
    with pytest.raises(FileError, match=r"damaged|do not fit"):
        read_volume(path)


@settings(max_examples=60, deadline=None)
@given(runs=st.lists(st.tuples(st.integers(0, 255), st.integers(1, 300)), min_size=2, max_size=20))
def test_run_lengths_are_decoded(tmp_path_factory, runs: list[tuple[int, int]]) -> None:
    flat = np.concatenate([np.full(count, value, np.uint8) for value, count in runs])
    flat = flat[: flat.size // 2 * 2]
    coded = encode_runs(flat)
    path = amira(
        tmp_path_factory.mktemp("rle"),
        coded,
        lattice=f"{flat.size // 2} 1 2",
        array=f"Lattice {{ byte Labels }} @1(HxByteRLE,{len(coded)})",
    )
    np.testing.assert_array_equal(read_whole(path)[1].ravel(), flat)


@pytest.mark.slow
def test_run_lengths_of_a_whole_cell_are_decoded_in_one_go(tmp_path: Path) -> None:
    z, y, x = np.ogrid[:256, :256, :256]
    radius = (z - 128.0) ** 2 + (y - 120.0) ** 2 + (x - 110.0) ** 2
    labels_ZYX = np.digitize(radius, [20**2, 60**2, 90**2]).astype(np.uint8)
    coded = encode_runs(labels_ZYX)
    path = amira(
        tmp_path,
        coded,
        lattice="256 256 256",
        array=f"Lattice {{ byte Labels }} @1(HxByteRLE,{len(coded)})",
    )
    np.testing.assert_array_equal(read_whole(path)[1], labels_ZYX)


@pytest.mark.parametrize("dtype", ["u1", "<u2"])
def test_zipped_values_are_read(dtype: str, tmp_path: Path) -> None:
    packed = zlib.compress(ramp(dtype).tobytes())
    name = "byte" if dtype == "u1" else "ushort"
    path = amira(tmp_path, packed, array=f"Lattice {{ {name} Labels }} @1(HxZip,{len(packed)})")
    np.testing.assert_array_equal(read_whole(path)[1], ramp(dtype))


@pytest.mark.parametrize(
    ("coding", "data", "declared"),
    [
        ("HxByteRLE", bytes([59, 0]), 2),
        ("HxByteRLE", bytes([61, 0]), 2),
        ("HxByteRLE", bytes([60]), 1),
        ("HxByteRLE", bytes([255, 1, 2]), 3),
        ("HxByteRLE", b"", 0),
        ("HxByteRLE", bytes([60, 0]), 200),
        ("HxZip", zlib.compress(bytes(59)), 11),
        ("HxZip", b"no zip stream", 13),
        ("HxZip", zlib.compress(bytes(60)), 5),
        ("HxDiff", b"12345", 5),
    ],
)
def test_codes_of_the_wrong_size_or_kind_are_refused(
    coding: str, data: bytes, declared: int, tmp_path: Path
) -> None:
    array = f"Lattice {{ byte Labels }} @1({coding},{declared})"
    with pytest.raises(FileError, match=r"cut off|damaged|cannot be read"):
        read_volume(amira(tmp_path, data, array=array))


def test_a_zip_bomb_unfolds_no_further_than_the_lattice(tmp_path: Path) -> None:
    packed = zlib.compress(bytes(10**7))
    array = f"Lattice {{ byte Labels }} @1(HxZip,{len(packed)})"
    values_ZYX = read_whole(amira(tmp_path, packed, array=array))[1]
    assert values_ZYX.size == 60


def test_a_lattice_that_cannot_be_there_is_refused(tmp_path: Path) -> None:
    array = "Lattice { byte Labels } @1(HxByteRLE,2)"
    path = amira(tmp_path, b"\x7f\0", lattice="999999 999999 999999", array=array)
    with pytest.raises(FileError, match=r"declares .* but stores only"):
        read_volume(path)
    with pytest.raises(FileError, match="is cut off"):
        read_volume(amira(tmp_path, b"12", lattice="99999999999999999999 9 9"))


def test_materials_of_nested_dialects(tmp_path: Path) -> None:
    parameters = """Materials {
        Exterior { Color 0.7 0.8 0.8 }
        material { Name "Lipid body, \\"big\\"",
            Color 1 0 1, &Color "AAAA{}",
            Display3D "true" }
        nucleus { Id 7 }
        nucleus {
        }
        Label5
        {
            Color 2 -1 0.5,
        },
        material { Name "mito" Color 0 1 0 }
    }
    Seeds { Slice0016 { S0018x0015 2 -95 112 13 } }"""
    array = "Lattice { byte Labels } @1"
    volume = read_volume(amira(tmp_path, bytes(60), parameters=parameters, array=array))
    assert volume.class_names[1] == 'Lipid body, "big"'
    assert volume.class_names[2] == volume.class_names[3] == "nucleus"
    assert volume.class_names[4] == "Label5"
    assert 0 not in volume.class_names
    assert volume.class_colours == {1: "#ff00ff", 4: "#ff0080"}


def test_the_first_material_is_named_unless_it_is_exterior(tmp_path: Path) -> None:
    parameters = "Materials { void { Color 0 0 0 }, cell { Color 1 1 1 } }"
    array = "Lattice { byte Labels } @1"
    volume = read_volume(amira(tmp_path, bytes(60), parameters=parameters, array=array))
    assert volume.class_names == {0: "void", 1: "cell"}
    assert volume.class_colours == {0: "#000000", 1: "#ffffff"}


def test_materials_of_a_field_of_values_are_no_classes(tmp_path: Path) -> None:
    path = amira(tmp_path, bytes(240), parameters="Materials { void { } cell { } }")
    assert read_volume(path).class_names == {}


@pytest.mark.parametrize(
    ("parameters", "size_um", "words"),
    [
        (BOX, (0.03, 0.04, 0.05), "taken to be in µm"),
        (BOX + '\nUnits { Coordinates "nm" }', None, "cannot|not used"),
        ('BoundingBox 0 200 0 120 0 60\nUnits { Coordinates "nm" }', (0.03, 0.04, 0.05), ""),
        ('BoundingBox 0 4 0 3 0 2\nUnits { Coordinates "µm" }', (1.0, 1.0, 1.0), ""),
        ('BoundingBox 0 4 0 3 0 2\nUnits { Coordinates "parsec" }', None, "not calibrated"),
        ('BoundingBox 0 8 0 3 0 2\nUnits { Coordinates "parsec" }', None, "parsec"),
        ("BoundingBox 0 4 0 3 0 2", None, "not calibrated"),
        ("BoundingBox 0 400 0 300 0 200", None, "not used"),
        ("BoundingBox 0 0 0 0 0 0", None, "not used"),
        ("BoundingBox 5 4 3 2 1 0", None, "not used"),
        ("BoundingBox 0 nan 0 3 0 2", None, "not used"),
        ("BoundingBox 0 4 0 3", None, ""),
        ("BoundingBox a b c d e f", None, ""),
        ("", None, ""),
        (BOX + '\nCoordType "rectilinear"', None, "not evenly spaced"),
    ],
)
def test_voxel_sizes(parameters: str, size_um, words: str, tmp_path: Path) -> None:
    volume = read_volume(amira(tmp_path, bytes(240), parameters=parameters))
    assert volume.voxel_size_um == (pytest.approx(size_um) if size_um else None)
    assert bool(volume.notes) == bool(words)
    if words:
        assert any(word in volume.notes[0] for word in words.split("|"))


def test_a_micro_sign_in_an_8_bit_alphabet_is_understood(tmp_path: Path) -> None:
    path = amira(tmp_path, bytes(240), parameters=BOX + '\nUnits { Coordinates "µm" }')
    path.write_bytes(path.read_bytes().replace("µ".encode(), b"\xb5"))
    volume = read_volume(path)
    assert volume.voxel_size_um == pytest.approx((0.03, 0.04, 0.05))
    assert volume.notes == ()


def test_windows_line_ends_and_avizo_are_understood(tmp_path: Path) -> None:
    path = amira(
        tmp_path,
        b"",
        first="Avizo",
        parameters="Materials { void { } cell { } }",
        array="Lattice { byte Labels } @1",
    )
    path.write_bytes(path.read_bytes()[:-1].replace(b"\n", b"\r\n") + ramp("u1").tobytes())
    volume, values_ZYX = read_whole(path)
    assert volume.class_names == {0: "void", 1: "cell"}
    np.testing.assert_array_equal(values_ZYX, ramp("u1"))


@pytest.mark.parametrize(
    ("array", "lattice", "parameters", "words"),
    [
        ("Lattice { float[3] Data } @1", "5 4 3", BOX, r"field of vectors \(3 values"),
        ("Lattice { complex Data } @1", "5 4 3", BOX, "type 'complex'"),
        ("Lattice { float[4] Data } @1", "256", 'ContentType "Colormap",', "colour map"),
        ("Lattice { float Data } @1", "9", 'ContentType "HxSpreadSheet",', "table"),
        ("Lattice { float Data } @1", "5 4", BOX, "5 × 4 points"),
        ("Lattice { float Data } @1", "5 4 0", BOX, "5 × 4 × 0 points"),
        ("Vertices { float[3] Data } @1", "5 4 3", BOX, "names no array of voxels"),
        ("Lattice { float Data } @2", "5 4 3", BOX, "section @2 cannot be found"),
        ("", "5 4 3", BOX, "names no array of voxels"),
    ],
)
def test_what_is_no_volume_is_refused(
    array: str, lattice: str, parameters: str, words: str, tmp_path: Path
) -> None:
    path = amira(tmp_path, bytes(240), array=array, lattice=lattice, parameters=parameters)
    with pytest.raises(FileError, match=words):
        read_volume(path)


def test_surfaces_tables_and_headers_alone_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.am"
    path.write_text("# AmiraMesh BINARY 3.0\ndefine Nodes 5\nNodes { float[3] Xyz } @1\n@1\n")
    with pytest.raises(FileError, match="defines Nodes, but no lattice"):
        read_volume(path)
    path.write_text("# AmiraMesh BINARY 3.0\ndefine __Column0000 5\n@1\n")
    with pytest.raises(FileError, match="is a table"):
        read_volume(path)
    path.write_text("# AmiraMesh BINARY 3.0\ndefine Lattice 5 4 3\nLattice { byte Labels } @1\n")
    with pytest.raises(FileError, match="a header but no data"):
        read_volume(path)
    path.write_text("something else")
    with pytest.raises(FileError, match="no AmiraMesh"):
        read_amira(path)
    path.write_text("# Amira Project 630\n# Amira\nviewer 0 show\n")
    with pytest.raises(FileError, match="a project of Amira"):
        read_volume(path)


@pytest.mark.parametrize("kind", ["BINARY-LITTLE-ENDIAN 2.1", "3D ASCII 2.0"])
def test_one_of_several_arrays_is_chosen_by_name(kind: str, tmp_path: Path) -> None:
    labels_ZYX, chances_ZYX = ramp("u1"), ramp("<f4") / 60
    arrays = (
        "Vertices { float Weights } @1\nLattice { byte Labels } @2\n"
        "Lattice { float Chance } @3\nLattice { float[3] Flow } @4"
    )
    if "BINARY" in kind:
        parts = [bytes(28), labels_ZYX.tobytes(), chances_ZYX.tobytes(), bytes(720)]
    else:
        text = [np.zeros(7), labels_ZYX.ravel(), chances_ZYX.ravel(), np.zeros(180)]
        parts = [" ".join(map(str, part.tolist())).encode() for part in text]
    data = b"".join(
        (f"\n@{number}\n".encode() if number > 1 else b"") + part
        for number, part in enumerate(parts, start=1)
    )
    path = amira(tmp_path, data, kind=kind, array=arrays)
    path.write_bytes(path.read_bytes().replace(b"define Lat", b"define Vertices 7\ndefine Lat"))
    volume, values_ZYX = read_whole(path)
    np.testing.assert_array_equal(values_ZYX, labels_ZYX)
    assert volume.notes[0] == "Of its arrays (Labels, Chance, Flow), Labels was read."
    np.testing.assert_allclose(read_whole(path, "Chance")[1], chances_ZYX)
    with pytest.raises(FileError, match="field of vectors"):
        read_volume(path, dataset="Flow")
    with pytest.raises(FileError, match="no array 'Other'; it has: Labels, Chance, Flow"):
        read_volume(path, dataset="Other")


def test_a_coded_section_is_stepped_over(tmp_path: Path) -> None:
    array = "Lattice { byte Labels } @1(HxByteRLE,2)\nLattice { byte Other } @2"
    path = amira(tmp_path, bytes([60, 5]) + b"\n@2\n" + ramp("u1").tobytes(), array=array)
    np.testing.assert_array_equal(read_whole(path, "Other")[1], ramp("u1"))


@pytest.mark.parametrize(
    "text", ["{" * 10_000, "Parameters " + "{ a " * 10_000, "}" * 100, '"' * 99]
)
def test_headers_of_nothing_but_braces_are_harmless(text: str) -> None:
    header = parse_header(b"# AmiraMesh BINARY 2.0\n" + text.encode())
    assert header is not None
    assert header.data_start is None


def test_our_labels_have_a_material_for_every_value(tmp_path: Path) -> None:
    path = tmp_path / "a.am"
    names = {2: "nucleus", 4: "lipid body", 5: "nucleus", 9: "9 lives"}
    labels_ZYX = ramp("uint8") % 7
    volume = Volume(values_ZYX=labels_ZYX, class_names=names, class_colours={4: "#ff00ff"})
    write_volume(path, volume)
    header = parse_header(path.read_bytes())
    assert header is not None
    materials = header.parameters.find("Materials")
    assert materials is not None
    keys = [material.name for material in materials.entries]
    assert keys[:5] == ["Exterior", "Label1", "nucleus", "Label3", "lipid_body"]
    assert len(set(keys)) == len(keys) == 10
    read = read_volume(path)
    assert read.class_names == names
    assert read.class_colours == {4: "#ff00ff"}


def test_the_name_of_value_0_survives(tmp_path: Path) -> None:
    path = tmp_path / "a.am"
    write_volume(path, Volume(values_ZYX=ramp("uint8"), class_names={0: "void", 1: "cell"}))
    assert read_volume(path).class_names == {0: "void", 1: "cell"}


def test_amira_labels_may_have_any_name(tmp_path: Path) -> None:
    path = amira(tmp_path, bytes(60), array="Lattice { byte Labels } @1")
    for name in ("sample.rec", "blob.tiff", "cell.labels", "cell"):
        assert read_volume(path.rename(tmp_path / name)).shape == (3, 4, 5)
        path = tmp_path / name
