"""TIFF stacks, series of files, voxel sizes of ImageJ and OME, and TIFFs that are no volumes."""

import struct
from pathlib import Path

import numpy as np
import pytest
import tifffile

from sxtstudio.core.errors import FileError
from sxtstudio.core.volume import Volume
from sxtstudio.io.ome import parse_ome
from sxtstudio.io.tiff import read_tiff
from sxtstudio.io.volumes import read_volume, write_volume
from tests.io.conftest import ramp, read_whole

SHAPE = (5, 6, 7)


def images(folder: Path, pattern: str, numbers: range | list[int], dtype: str = "uint8") -> None:
    for number in numbers:
        image = np.full((6, 7), number, dtype)
        tifffile.imwrite(folder / pattern.format(number), image, metadata=None)


@pytest.mark.parametrize("order", ["<", ">"])
@pytest.mark.parametrize(
    "dtype", ["uint8", "int8", "uint16", "int16", "uint32", "float32", "float64"]
)
def test_stacks_of_either_byte_order_are_mapped_not_loaded(
    dtype: str, order: str, tmp_path: Path
) -> None:
    path = tmp_path / "a.tif"
    tifffile.imwrite(path, ramp(dtype, SHAPE), byteorder=order)
    volume, values_ZYX = read_whole(path)
    assert not isinstance(volume.values_ZYX, np.ndarray) or isinstance(volume.values_ZYX, np.memmap)
    assert values_ZYX.dtype == np.dtype(dtype)
    assert values_ZYX.dtype.isnative
    np.testing.assert_array_equal(values_ZYX, ramp(dtype, SHAPE))


@pytest.mark.parametrize("compression", ["zlib", "lzw", "packbits", "zstd", "lzma"])
def test_compressed_stacks_are_read(compression: str, tmp_path: Path) -> None:
    path = tmp_path / "a.tif"
    tifffile.imwrite(path, ramp("uint16", SHAPE), compression=compression, predictor=False)
    np.testing.assert_array_equal(read_whole(path)[1], ramp("uint16", SHAPE))


def test_tiles_bigtiff_and_pages_apart_are_read(tmp_path: Path) -> None:
    values_ZYX = ramp("uint16", (5, 40, 50))
    tifffile.imwrite(tmp_path / "tiles.tif", values_ZYX, tile=(16, 32), bigtiff=True)
    with tifffile.TiffWriter(tmp_path / "apart.tif") as tif:
        for image in values_ZYX:
            tif.write(image, contiguous=False, metadata=None)
    for name in ("tiles.tif", "apart.tif"):
        np.testing.assert_array_equal(read_whole(tmp_path / name)[1], values_ZYX)


def test_a_mask_of_single_bits_becomes_bytes(tmp_path: Path) -> None:
    mask_ZYX = ramp("uint8", SHAPE) % 2 == 1
    tifffile.imwrite(tmp_path / "a.tif", mask_ZYX)
    values_ZYX = read_whole(tmp_path / "a.tif")[1]
    assert values_ZYX.dtype == np.uint8
    np.testing.assert_array_equal(values_ZYX, mask_ZYX)


@pytest.mark.parametrize(
    ("unit", "spacing", "per_unit", "size_um"),
    [
        ("um", 0.03, 20.0, (0.03, 0.05, 0.05)),
        ("micron", 0.03, 20.0, (0.03, 0.05, 0.05)),
        ("\\u00B5m", 0.03, 20.0, (0.03, 0.05, 0.05)),
        ("nm", 30, 0.02, (0.03, 0.05, 0.05)),
        ("mm", 3e-5, 2e4, (3e-5 * 1000, 0.05, 0.05)),
        ("pixel", 1, 1.0, None),
        ("inch", 1, 72.0, None),
        ("um", 0, 20.0, None),
        ("um", -0.03, 20.0, None),
        ("um", "nan", 20.0, None),
        ("um", "thick", 20.0, None),
    ],
)
def test_imagej_voxel_sizes(unit: str, spacing, per_unit: float, size_um, tmp_path: Path) -> None:
    path = tmp_path / "a.tif"
    metadata = {"axes": "ZYX", "spacing": spacing, "unit": unit}
    tifffile.imwrite(
        path, ramp(shape=SHAPE), imagej=True, resolution=(per_unit,) * 2, metadata=metadata
    )
    found = read_volume(path).voxel_size_um
    assert found == (pytest.approx(size_um) if size_um else None)


def test_pixels_without_a_distance_of_slices_are_no_voxels(tmp_path: Path) -> None:
    path = tmp_path / "a.tif"
    metadata = {"axes": "ZYX", "unit": "um"}
    tifffile.imwrite(path, ramp(shape=SHAPE), imagej=True, resolution=(20, 20), metadata=metadata)
    volume = read_volume(path)
    assert volume.voxel_size_um is None
    assert "not the distance of the slices" in volume.notes[0]


def ome_tiff(path: Path, values_ZYX: np.ndarray, **sizes: object) -> None:
    tifffile.imwrite(path, values_ZYX, ome=True, metadata={"axes": "ZYX", **sizes})


@pytest.mark.parametrize(
    ("unit", "size_um"),
    [
        ("µm", (0.03, 0.04, 0.05)),
        ("nm", None),
        ("Å", None),
        ("pixel", None),
        ("mm", (30.0, 40.0, 50.0)),
    ],
)
def test_ome_voxel_sizes_carry_their_units(unit: str, size_um, tmp_path: Path) -> None:
    path = tmp_path / "a.ome.tif"
    sizes = {"PhysicalSizeZ": 0.03, "PhysicalSizeY": 0.04, "PhysicalSizeX": 0.05}
    units = {f"{name}Unit": unit for name in sizes}
    ome_tiff(path, ramp(shape=SHAPE), **sizes, **units)
    volume, values_ZYX = read_whole(path)
    assert volume.voxel_size_um == size_um
    np.testing.assert_array_equal(values_ZYX, ramp(shape=SHAPE))


def test_ome_in_nanometres_and_micrometres_mixed(tmp_path: Path) -> None:
    path = tmp_path / "a.ome.tif"
    sizes = {"PhysicalSizeZ": 30, "PhysicalSizeZUnit": "nm", "PhysicalSizeY": 0.04}
    ome_tiff(path, ramp(shape=SHAPE), **sizes, PhysicalSizeX=0.05)
    assert read_volume(path).voxel_size_um == pytest.approx((0.03, 0.04, 0.05))


def test_ome_with_one_edge_missing_is_noted(tmp_path: Path) -> None:
    path = tmp_path / "a.ome.tif"
    ome_tiff(path, ramp(shape=SHAPE), PhysicalSizeX=0.05)
    volume = read_volume(path)
    assert volume.voxel_size_um is None
    assert "all three edges" in volume.notes[0]


@pytest.mark.parametrize(
    "xml",
    [
        "<OME><Pixels SizeZ='5'",
        "<!DOCTYPE a [<!ENTITY x 'y'>]><OME><Pixels SizeZ='5'/></OME>",
        "<OME><Image/></OME>",
        "<OME>" + "x" * (16 * 2**20) + "<Pixels/></OME>",
        "<OME><Pixels SizeZ='\ud800'/></OME>",
    ],
    ids=["cut", "doctype", "no pixels", "huge", "surrogate"],
)
def test_damaged_or_hostile_ome_is_left_out(xml: str) -> None:
    assert parse_ome(xml) is None


def test_absurd_numbers_in_ome_count_for_nothing() -> None:
    pixels = parse_ome(
        "<o:OME xmlns:o='u'><o:Pixels SizeZ='20000000000' SizeC='-1' SizeT='x' "
        "PhysicalSizeX='1e999' PhysicalSizeY='abc'/></o:OME>"
    )
    assert pixels is not None
    assert (pixels.slices, pixels.channels, pixels.times) == (1, 1, 1)
    assert pixels.voxel_size_um is None


def test_ome_files_elsewhere_are_not_followed(tmp_path: Path) -> None:
    victim = tmp_path / "victim.tif"
    tifffile.imwrite(victim, np.full(SHAPE, 77, "uint8"))
    (tmp_path / "inner").mkdir()
    xml = (
        "<OME><Image><Pixels SizeX='7' SizeY='6' SizeZ='5' SizeC='1' SizeT='1' Type='uint8'>"
        "<TiffData FirstZ='0' IFD='0' PlaneCount='5'><UUID FileName='../victim.tif'>urn:uuid:1"
        "</UUID></TiffData></Pixels></Image></OME>"
    )
    path = tmp_path / "inner" / "a.ome.tif"
    tifffile.imwrite(path, ramp("uint8", SHAPE), description=xml, metadata=None)
    np.testing.assert_array_equal(read_whole(path)[1], ramp("uint8", SHAPE))
    tifffile.imwrite(path, ramp("uint8", SHAPE)[:2], description=xml, metadata=None)
    with pytest.raises(FileError, match="names 5 slices and 2 are there"):
        read_volume(path)


def test_an_ome_header_that_asks_for_too_much_is_refused(tmp_path: Path) -> None:
    xml = "<OME><Image><Pixels SizeZ='200000000' SizeC='1' SizeT='1'/></Image></OME>"
    path = tmp_path / "a.tif"
    tifffile.imwrite(path, ramp("uint8", SHAPE), description=xml, metadata=None)
    with pytest.raises(FileError, match="names 200000000 slices and 5 are there"):
        read_volume(path)


def test_a_single_image_is_not_a_stack(tmp_path: Path) -> None:
    tifffile.imwrite(tmp_path / "photo.tif", np.zeros((6, 7), "uint8"))
    with pytest.raises(FileError, match=r"photo\.tif: is a single image, not a stack"):
        read_volume(tmp_path / "photo.tif")


@pytest.mark.parametrize(
    ("shape", "options", "words"),
    [
        ((6, 7, 3), {"photometric": "rgb"}, "holds colours"),
        ((5, 6, 7, 3), {"photometric": "rgb"}, "holds colours"),
        ((5, 2, 6, 7), {"imagej": True, "metadata": {"axes": "ZCYX"}}, r"channels|axes"),
        ((3, 6, 7), {"imagej": True, "metadata": {"axes": "CYX"}}, "3 channels"),
        ((4, 5, 6, 7), {"imagej": True, "metadata": {"axes": "TZYX"}}, "has the axes"),
        ((2, 5, 6, 7), {"ome": True, "metadata": {"axes": "CZYX"}}, "2 channels"),
        ((2, 5, 6, 7), {"ome": True, "metadata": {"axes": "TZYX"}}, "2 time points"),
    ],
)
def test_colours_channels_and_films_are_refused(shape, options, words, tmp_path: Path) -> None:
    tifffile.imwrite(tmp_path / "a.tif", np.ones(shape, "uint8"), **options)
    with pytest.raises(FileError, match=words):
        read_volume(tmp_path / "a.tif")


def test_slices_that_are_called_time_points_are_taken_with_a_note(tmp_path: Path) -> None:
    path = tmp_path / "a.tif"
    tifffile.imwrite(path, ramp(shape=SHAPE), imagej=True, metadata={"axes": "TYX"})
    volume = read_volume(path)
    assert volume.shape == SHAPE
    assert "time points" in volume.notes[0]


def test_complex_values_are_refused(tmp_path: Path) -> None:
    tifffile.imwrite(tmp_path / "a.tif", np.ones(SHAPE, "complex64"))
    with pytest.raises(FileError, match="not real numbers"):
        read_volume(tmp_path / "a.tif")


def test_pages_of_different_sizes_are_refused(tmp_path: Path) -> None:
    with tifffile.TiffWriter(tmp_path / "a.tif") as tif:
        tif.write(np.zeros((6, 7), "uint8"))
        tif.write(np.zeros((8, 7), "uint8"))
    with pytest.raises(FileError, match="different sizes"):
        read_volume(tmp_path / "a.tif")


def test_a_stack_beside_a_preview_is_the_volume(tmp_path: Path) -> None:
    with tifffile.TiffWriter(tmp_path / "a.tif") as tif:
        tif.write(ramp("uint16", SHAPE))
        tif.write(np.zeros((3, 3), "uint8"))
    np.testing.assert_array_equal(read_whole(tmp_path / "a.tif")[1], ramp("uint16", SHAPE))


@pytest.mark.parametrize("compression", [None, "zlib"])
def test_a_truncated_stack_is_refused_or_whole(compression, tmp_path: Path) -> None:
    values_ZYX = ramp("uint16", (5, 30, 40))
    whole, cut = tmp_path / "a.tif", tmp_path / "cut.tif"
    with tifffile.TiffWriter(whole) as tif:
        for image in values_ZYX:
            tif.write(image, contiguous=False, compression=compression, metadata=None)
    content = whole.read_bytes()
    for size in range(0, len(content), 97):
        cut.write_bytes(content[:size])
        with pytest.raises(FileError):
            read_whole(cut)


def test_a_file_that_declares_far_more_than_it_stores_is_refused(tmp_path: Path) -> None:
    tags = [(256, 100_000), (257, 100_000), (258, 32), (259, 8), (262, 1), (273, 8), (277, 1)]
    tags += [(278, 100_000), (279, 100)]
    page = struct.pack("<H", len(tags)) + b"".join(
        struct.pack("<HHII", t, 4, 1, v) for t, v in tags
    )
    following = 8 + len(page) + 4
    content = b"II*\0" + struct.pack("<I", 8) + page + struct.pack("<I", following)
    content += page + struct.pack("<I", 0)
    (tmp_path / "a.tif").write_bytes(content)
    with pytest.raises(FileError, match=r"declares 74\.5 GiB of values but stores only"):
        read_volume(tmp_path / "a.tif")


def test_a_stack_larger_than_the_memory_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "a.tif"
    tifffile.imwrite(path, ramp("uint8", SHAPE), compression="zlib")
    monkeypatch.setattr("sxtstudio.io.memory.available_bytes", lambda: 100)
    with pytest.raises(FileError, match="only 100 bytes of memory are free"):
        read_volume(path)


def test_a_numbered_series_is_one_stack_by_any_of_its_files(tmp_path: Path) -> None:
    images(tmp_path, "cell_{:d}.tif", range(8, 13))
    images(tmp_path, "other_{:04d}.tif", range(3))
    (tmp_path / "cell_notes.txt").write_text("no image")
    for path in (tmp_path / "cell_8.tif", tmp_path / "cell_12.tif", tmp_path / "cell_*.tif"):
        volume, values_ZYX = read_whole(path)
        assert values_ZYX[:, 0, 0].tolist() == [8, 9, 10, 11, 12]
        assert volume.voxel_size_um is None
        assert volume.notes == ("5 files, cell_8.tif to cell_12.tif, were read as one stack.",)


def test_a_folder_of_images_is_one_stack(tmp_path: Path) -> None:
    images(tmp_path, "slice{:03d}.TIFF", [0, 2, 4, 6])
    (tmp_path / ".slice008.part.tiff").write_bytes(b"left over")
    values_ZYX = read_whole(tmp_path)[1]
    assert values_ZYX[:, 0, 0].tolist() == [0, 2, 4, 6]


def test_a_folder_with_one_stack_is_that_stack(tmp_path: Path) -> None:
    write_volume(tmp_path / "only.tif", Volume(values_ZYX=ramp()))
    np.testing.assert_array_equal(read_whole(tmp_path)[1], ramp())


def test_series_that_are_no_series_are_refused(tmp_path: Path) -> None:
    with pytest.raises(FileError, match="no TIFF images"):
        read_volume(tmp_path)
    images(tmp_path, "cell_{:d}.tif", [1, 2, 4])
    with pytest.raises(FileError, match="image number 3 of the series is missing"):
        read_volume(tmp_path / "cell_1.tif")
    images(tmp_path, "mask_{:d}.tif", [1, 2])
    with pytest.raises(FileError, match="not one numbered series"):
        read_volume(tmp_path)
    with pytest.raises(FileError, match="no TIFF images"):
        read_volume(tmp_path / "nothing_*.tif")


def test_images_of_a_series_must_be_alike(tmp_path: Path) -> None:
    images(tmp_path, "a_{:d}.tif", [1, 2])
    images(tmp_path, "a_{:d}.tif", [3], dtype="uint16")
    with pytest.raises(FileError, match=r"a_3\.tif: is of another size or type than a_1\.tif"):
        read_volume(tmp_path)
    write_volume(tmp_path / "a_3.tif", Volume(values_ZYX=ramp()))
    with pytest.raises(FileError, match=r"a_3\.tif: is a stack among single images"):
        read_volume(tmp_path / "a_1.tif")
    (tmp_path / "a_3.tif").write_bytes(b"II*\0")
    with pytest.raises(FileError, match=r"a_3\.tif: is a damaged"):
        read_volume(tmp_path)


def test_imagej_opens_what_we_write(tmp_path: Path) -> None:
    path = tmp_path / "a.tif"
    written = Volume(
        values_ZYX=ramp("uint8"),
        voxel_size_um=(0.03, 0.04, 0.05),
        lac_per_unit=1.0,
        class_names={1: "α = lipid\nbody 🦠"},
    )
    write_volume(path, written)
    with tifffile.TiffFile(path) as tif:
        assert tif.is_imagej
        assert tif.series[0].axes == "ZYX"
        assert tif.imagej_metadata["unit"] == "um"
        assert tif.imagej_metadata["spacing"] == 0.03
        assert tif.pages.first.resolution == pytest.approx((20, 25))
        assert tif.imagej_metadata["values"] == "LAC 1/um"
    assert read_volume(path).class_names == written.class_names


def test_damaged_class_names_are_left_out_with_a_note(tmp_path: Path) -> None:
    path = tmp_path / "a.tif"
    metadata = {"axes": "ZYX", "classes": '{"1": 5}', "colours": '{"1": "red", "2": "#00FF00"}'}
    tifffile.imwrite(path, ramp(shape=SHAPE), imagej=True, metadata=metadata)
    volume = read_volume(path)
    assert volume.class_names == {}
    assert volume.class_colours == {2: "#00ff00"}
    assert "class names in the file are damaged" in volume.notes[0]


def test_values_in_another_unit_are_not_lac(tmp_path: Path) -> None:
    path = tmp_path / "a.tif"
    metadata = {"axes": "ZYX", "values": "LAC 1/cm"}
    tifffile.imwrite(path, ramp(shape=SHAPE), imagej=True, metadata=metadata)
    assert read_tiff(path).lac_per_unit is None
