"""MRC files of other programs, old ones, damaged ones; mrcfile is the judge of what we write."""

import bz2
import gzip
import struct
from pathlib import Path

import mrcfile
import numpy as np
import pytest

from sxtstudio.core.errors import FileError
from sxtstudio.core.volume import Volume
from sxtstudio.io.volumes import read_volume, write_volume
from tests.io.conftest import ramp, read_whole


def mrc_bytes(
    values_ZYX: np.ndarray,
    *,
    mode: int = 2,
    order: str = "<",
    stamp: bytes = b"",
    words: dict[int, int | float] | None = None,
    extended: bytes = b"",
    map_stamp: bytes = b"MAP ",
) -> bytes:
    """Return an MRC file made word by word, as MRC2014 lists them (counted from 1)."""
    z, y, x = values_ZYX.shape
    fields: dict[int, int | float] = {1: x, 2: y, 3: z, 4: mode, 8: x, 9: y, 10: z}
    fields |= {11: 300.0 * x, 12: 200.0 * y, 13: 100.0 * z, 17: 1, 18: 2, 19: 3, 23: 1}
    fields |= {24: len(extended), **(words or {})}
    header = bytearray(1024)
    for word, value in fields.items():
        code = "f" if isinstance(value, float) else "i"
        struct.pack_into(f"{order}{code}", header, 4 * (word - 1), value)
    header[208:212] = map_stamp
    header[212:216] = stamp or (b"DD\0\0" if order == "<" else b"\x11\x11\0\0")
    data = values_ZYX.astype(values_ZYX.dtype.newbyteorder(order)).tobytes()
    return bytes(header) + extended + data


def written(path: Path, content: bytes) -> Path:
    path.write_bytes(content)
    return path


@pytest.mark.parametrize("order", ["<", ">"])
@pytest.mark.parametrize(
    ("mode", "dtype"), [(0, "i1"), (1, "i2"), (2, "f4"), (6, "u2"), (12, "f2")]
)
def test_every_mode_is_read_in_both_byte_orders(
    mode: int, dtype: str, order: str, tmp_path: Path
) -> None:
    path = written(tmp_path / "a.mrc", mrc_bytes(ramp(dtype), mode=mode, order=order))
    volume, values_ZYX = read_whole(path)
    assert values_ZYX.dtype == np.dtype(dtype)
    assert values_ZYX.dtype.isnative
    assert volume.voxel_size_um == (0.01, 0.02, 0.03)
    assert volume.notes == ()
    np.testing.assert_array_equal(values_ZYX, ramp(dtype))


def test_values_stay_in_the_file_until_they_are_taken(tmp_path: Path) -> None:
    path = written(tmp_path / "a.mrc", mrc_bytes(ramp()))
    assert isinstance(read_volume(path).values_ZYX, np.memmap)


def test_an_extended_header_is_stepped_over(tmp_path: Path) -> None:
    path = written(tmp_path / "a.mrc", mrc_bytes(ramp(), extended=b"FEI1" * 33))
    np.testing.assert_array_equal(read_whole(path)[1], ramp())


def test_an_extended_header_that_is_not_there_is_noted(tmp_path: Path) -> None:
    path = written(tmp_path / "a.mrc", mrc_bytes(ramp(), words={24: 2_000_000_000}))
    volume, values_ZYX = read_whole(path)
    assert volume.notes == ("The header declares an extended header that is not there.",)
    np.testing.assert_array_equal(values_ZYX, ramp())


@pytest.mark.parametrize(
    ("columns", "rows", "sections"), [(1, 2, 3), (3, 2, 1), (2, 1, 3), (2, 3, 1), (3, 1, 2)]
)
def test_the_order_of_axes_is_honoured(
    columns: int, rows: int, sections: int, tmp_path: Path
) -> None:
    stored = ramp(shape=(3, 4, 5))
    sizes = dict(zip((sections, rows, columns), stored.shape, strict=True))
    words = {17: columns, 18: rows, 19: sections}
    words |= {8: sizes[1], 9: sizes[2], 10: sizes[3]}
    words |= {11: 300.0 * sizes[1], 12: 200.0 * sizes[2], 13: 100.0 * sizes[3]}
    volume, values_ZYX = read_whole(written(tmp_path / "a.mrc", mrc_bytes(stored, words=words)))
    assert values_ZYX.shape == (sizes[3], sizes[2], sizes[1])
    assert volume.voxel_size_um == (0.01, 0.02, 0.03)
    index = dict(zip((sections, rows, columns), (1, 2, 3), strict=True))
    assert values_ZYX[index[3], index[2], index[1]] == stored[1, 2, 3]


def test_a_damaged_order_of_axes_is_noted(tmp_path: Path) -> None:
    volume, values_ZYX = read_whole(
        written(tmp_path / "a.mrc", mrc_bytes(ramp(), words={17: 0, 18: 7, 19: 3}))
    )
    assert "order of axes is damaged" in volume.notes[0]
    np.testing.assert_array_equal(values_ZYX, ramp())


def test_a_missing_map_stamp_and_a_garbage_machine_stamp_are_noted(tmp_path: Path) -> None:
    content = mrc_bytes(ramp(), order=">", stamp=b"\xde\xad\xbe\xef", map_stamp=b"\0\0\0\0")
    volume, values_ZYX = read_whole(written(tmp_path / "a.rec", content))
    assert len(volume.notes) == 2
    assert "MAP stamp" in volume.notes[0]
    assert "big-endian" in volume.notes[1]
    np.testing.assert_array_equal(values_ZYX, ramp())


@pytest.mark.parametrize("cell", [0.0, 1.0])
def test_a_voxel_size_of_nothing_or_one_angstrom_is_unknown(cell: float, tmp_path: Path) -> None:
    words = {11: cell * 5, 12: cell * 4, 13: cell * 3}
    volume = read_volume(written(tmp_path / "a.mrc", mrc_bytes(ramp(), words=words)))
    assert volume.voxel_size_um is None
    assert len(volume.notes) == (cell == 1.0)


@pytest.mark.parametrize("edge", [-300.0, float("nan"), float("inf"), 1e-30, 1e30])
def test_a_voxel_size_that_cannot_be_true_is_noted(edge: float, tmp_path: Path) -> None:
    volume = read_volume(written(tmp_path / "a.mrc", mrc_bytes(ramp(), words={11: edge})))
    assert volume.voxel_size_um is None
    assert "which is not used" in volume.notes[0]


def test_the_cell_is_divided_by_its_intervals_not_by_the_crop(tmp_path: Path) -> None:
    words = {8: 50, 9: 40, 10: 30, 11: 300.0 * 50, 12: 200.0 * 40, 13: 100.0 * 30}
    volume = read_volume(written(tmp_path / "a.mrc", mrc_bytes(ramp(), words=words)))
    assert volume.voxel_size_um == (0.01, 0.02, 0.03)


def test_bytes_are_signed_unless_the_file_shows_otherwise(tmp_path: Path) -> None:
    high = ramp("u1") + np.uint8(100)
    signed = read_whole(written(tmp_path / "a.mrc", mrc_bytes(high, mode=0)))[1]
    assert signed.dtype == np.int8
    by_maximum = read_whole(
        written(tmp_path / "b.mrc", mrc_bytes(high, mode=0, words={21: 159.0}))
    )[1]
    np.testing.assert_array_equal(by_maximum, high)
    by_stamp = read_whole(
        written(tmp_path / "c.mrc", mrc_bytes(high, mode=0, words={39: 1146047817, 40: 0}))
    )[1]
    np.testing.assert_array_equal(by_stamp, high)
    signed_by_flag = read_whole(
        written(tmp_path / "d.mrc", mrc_bytes(high, mode=0, words={39: 1146047817, 40: 1}))
    )[1]
    assert signed_by_flag.dtype == np.int8


@pytest.mark.parametrize("cut", [0, 1, 100, 1023, 1024, 1025, 1263])
def test_a_truncated_file_is_refused_with_a_sentence(cut: int, tmp_path: Path) -> None:
    content = mrc_bytes(ramp())[:cut]
    with pytest.raises(FileError, match=r"a\.mrc: is (empty|no MRC|cut off)"):
        read_volume(written(tmp_path / "a.mrc", content))


def test_bytes_after_the_last_voxel_are_noted(tmp_path: Path) -> None:
    volume = read_volume(written(tmp_path / "a.mrc", mrc_bytes(ramp()) + b"tail"))
    assert volume.notes == ("4 bytes after the last voxel were ignored.",)


@pytest.mark.parametrize(
    ("word", "value", "words"),
    [
        (1, 0, "cannot be"),
        (1, -5, "cannot be"),
        (2, 2**31 - 1, "cannot be"),
        (3, 65_535, "cut off or damaged"),
        (4, 99, "cannot be"),
        (4, 4, "complex numbers"),
        (4, 101, "4 bits"),
        (24, -1024, "cut off or damaged|extended header that is not there"),
    ],
)
def test_an_absurd_header_is_refused(word: int, value: int, words: str, tmp_path: Path) -> None:
    path = written(tmp_path / "a.mrc", mrc_bytes(ramp(), words={word: value}) + b"odd")
    with pytest.raises(FileError, match=words):
        read_volume(path)


def test_a_single_image_is_not_a_stack(tmp_path: Path) -> None:
    path = written(tmp_path / "a.mrc", mrc_bytes(ramp(shape=(1, 4, 5))))
    with pytest.raises(FileError, match="is a single image, not a stack"):
        read_volume(path)


def test_a_stack_of_volumes_is_refused(tmp_path: Path) -> None:
    content = mrc_bytes(ramp(shape=(6, 4, 5)), words={23: 401, 10: 3})
    with pytest.raises(FileError, match="a stack of 2 volumes"):
        read_volume(written(tmp_path / "a.mrc", content))


@pytest.mark.parametrize("pack", [gzip.compress, bz2.compress], ids=["gz", "bz2"])
def test_compressed_files_are_read_and_their_damage_is_found(pack, tmp_path: Path) -> None:
    packed = pack(mrc_bytes(ramp(), order=">", extended=bytes(5000)))
    volume, values_ZYX = read_whole(written(tmp_path / "a.map.gz", packed))
    assert volume.voxel_size_um == (0.01, 0.02, 0.03)
    np.testing.assert_array_equal(values_ZYX, ramp())
    for cut in range(4, len(packed), 7):
        with pytest.raises(FileError, match=r"damaged|cut off|no MRC"):
            read_volume(written(tmp_path / "cut.map.gz", packed[:cut]))
    flipped = bytearray(packed)
    flipped[-3] ^= 255
    with pytest.raises(FileError, match="damaged"):
        read_volume(written(tmp_path / "flipped.map.gz", bytes(flipped)))


def test_a_compressed_file_that_lacks_values_is_refused(tmp_path: Path) -> None:
    with pytest.raises(FileError, match="is cut off: 236 of 240 bytes"):
        read_volume(written(tmp_path / "a.gz", gzip.compress(mrc_bytes(ramp())[:-4])))


def test_a_bomb_is_refused_before_it_unfolds(tmp_path: Path) -> None:
    words = {1: 65_535, 2: 65_535, 3: 65_535}
    bomb = bz2.compress(mrc_bytes(ramp(), words=words) + bytes(10**6))
    with pytest.raises(FileError, match=r"declares 1\.02 PiB|declares 1\.02e\+03 TiB"):
        read_volume(written(tmp_path / "a.mrc.bz2", bomb))


def test_a_compressed_file_larger_than_the_memory_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sxtstudio.io.memory.available_bytes", lambda: 300)
    with pytest.raises(FileError, match="only 300 bytes of memory are free"):
        read_volume(written(tmp_path / "a.mrc.gz", gzip.compress(mrc_bytes(ramp()))))


@pytest.mark.parametrize("dtype", ["uint8", "int8", "int16", "uint16", "float32", "float16"])
def test_mrcfile_finds_our_files_valid_and_reads_the_same(dtype: str, tmp_path: Path) -> None:
    path = tmp_path / "a.mrc"
    written_volume = Volume(
        values_ZYX=ramp(dtype),
        voxel_size_um=(0.03, 0.04, 0.05),
        lac_per_unit=1.0,
        class_names={1: "nucleus"},
    )
    write_volume(path, written_volume)
    assert mrcfile.validate(path)
    with mrcfile.open(path) as mrc:
        np.testing.assert_array_equal(mrc.data, ramp(dtype))
        assert mrc.voxel_size.z == pytest.approx(300)
        assert mrc.voxel_size.x == pytest.approx(500)
        assert "SXT Studio: values are LAC in 1/um" in mrc.get_labels()


def test_what_mrcfile_writes_is_read(tmp_path: Path) -> None:
    path = tmp_path / "a.mrc"
    with mrcfile.new(path, ramp("int16")) as mrc:
        mrc.voxel_size = (500, 400, 300)
    volume, values_ZYX = read_whole(path)
    assert volume.voxel_size_um == (0.03, 0.04, 0.05)
    np.testing.assert_array_equal(values_ZYX, ramp("int16"))


def test_unsigned_bytes_above_127_become_16_bit(tmp_path: Path) -> None:
    path = tmp_path / "a.mrc"
    high = ramp("uint8") + np.uint8(150)
    write_volume(path, Volume(values_ZYX=high))
    values_ZYX = read_whole(path)[1]
    assert values_ZYX.dtype == np.uint16
    np.testing.assert_array_equal(values_ZYX, high)


def test_class_names_that_do_not_fit_are_said_aloud(tmp_path: Path) -> None:
    path = tmp_path / "a.mrc"
    names = {value: f"class {value:049d}" for value in range(1, 11)}
    colours = dict.fromkeys(names, "#ff0000")
    volume = Volume(values_ZYX=ramp("uint8"), class_names=names, class_colours=colours)
    notes = write_volume(path, volume)
    assert notes == (
        "The class colours do not fit into the labels of an MRC file; other formats keep them.",
    )
    assert read_volume(path).class_names == names
    long = Volume(values_ZYX=ramp("uint8"), class_names={1: "ü" * 40})
    assert "class names do not fit" in write_volume(path, long)[0]
    assert read_volume(path).class_names == {}


def test_class_labels_that_make_no_sense_are_left_out(tmp_path: Path) -> None:
    content = bytearray(mrc_bytes(ramp("u2"), mode=6))
    label = b"SXT Studio classes: 1=nucleus#12345;x=y;7;=;999999=far;2=\\d800\\;3=\\110000\\"
    content[224 : 224 + len(label)] = label
    volume = read_volume(written(tmp_path / "a.mrc", bytes(content)))
    assert volume.class_names == {1: "nucleus", 2: "\\d800\\", 3: "\\110000\\"}
    assert volume.class_colours == {}
