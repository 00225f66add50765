"""What is written in any format is read back: values, voxel size, class names, the LAC scale."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sxtstudio.core.errors import FileError, UnitError
from sxtstudio.core.volume import Volume
from sxtstudio.io.arrays import LazyArray
from sxtstudio.io.volumes import READ_SUFFIXES, WRITE_SUFFIXES, read_volume, write_volume
from tests.io.conftest import arrays, class_names, ramp, read_whole, voxel_sizes

FORMATS = (".mrc", ".tif", ".h5", ".am")
KEPT = {
    ".mrc": ("uint16", "int8", "int16", "float16", "float32"),
    ".tif": ("uint8", "uint16", "int16", "float32"),
    ".h5": ("uint8", "uint16", "int8", "int64", "float16", "float32", "float64"),
    ".am": ("uint8", "uint16", "int16", "int32", "float32", "float64"),
}
many = settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


@pytest.mark.parametrize("suffix", FORMATS)
def test_values_and_their_type_survive(suffix: str, tmp_path: Path) -> None:
    @many
    @given(values_ZYX=arrays(*KEPT[suffix]))
    def holds(values_ZYX: np.ndarray) -> None:
        path = tmp_path / f"cell{suffix}"
        notes = write_volume(path, Volume(values_ZYX=values_ZYX))
        volume, read_ZYX = read_whole(path)
        assert notes == ()
        assert volume.voxel_size_um is None
        assert read_ZYX.dtype == values_ZYX.dtype
        np.testing.assert_array_equal(read_ZYX, values_ZYX)

    holds()


@pytest.mark.parametrize("suffix", FORMATS)
def test_voxel_size_class_names_and_lac_scale_survive(suffix: str, tmp_path: Path) -> None:
    @many
    @given(size_um=voxel_sizes, names=class_names, says_lac=st.booleans())
    def holds(
        size_um: tuple[float, float, float] | None, names: dict[int, str], says_lac: bool
    ) -> None:
        path = tmp_path / f"cell{suffix}"
        colours = {value: f"#{value:02x}80ff" for value in names}
        written = Volume(
            values_ZYX=ramp("uint8"),
            voxel_size_um=size_um,
            lac_per_unit=1.0 if says_lac else None,
            class_names=names,
            class_colours=colours,
        )
        notes = write_volume(path, written)
        volume = read_volume(path)
        assert volume.lac_per_unit == written.lac_per_unit
        assert volume.class_names == names or any("class names" in note for note in notes)
        assert volume.class_colours == colours or any("class" in note for note in notes)
        assert (volume.voxel_size_um is None) == (size_um is None)
        if size_um is not None:
            assert volume.voxel_size_um == pytest.approx(size_um, rel=2e-6)

    holds()


@pytest.mark.parametrize("suffix", FORMATS)
@pytest.mark.parametrize("dtype", ["uint8", "uint16"])
def test_labels_keep_their_number_type(suffix: str, dtype: str, tmp_path: Path) -> None:
    path = tmp_path / f"labels{suffix}"
    labels_ZYX = (ramp(dtype) % 7).astype(dtype)
    write_volume(path, Volume(values_ZYX=labels_ZYX, class_names={1: "nucleus"}))
    _, read_ZYX = read_whole(path)
    assert read_ZYX.dtype == dtype
    np.testing.assert_array_equal(read_ZYX, labels_ZYX)


@pytest.mark.parametrize("suffix", FORMATS)
@pytest.mark.parametrize("dtype", ["bool", "uint32", "int64"])
def test_whole_numbers_of_other_types_keep_their_values(
    suffix: str, dtype: str, tmp_path: Path
) -> None:
    values_ZYX = (ramp("int64") * 900 % 2).astype(dtype) if dtype == "bool" else ramp(dtype) * 900
    path = tmp_path / f"cell{suffix}"
    assert write_volume(path, Volume(values_ZYX=values_ZYX)) == ()
    np.testing.assert_array_equal(read_whole(path)[1], values_ZYX)


@pytest.mark.parametrize("suffix", [".mrc", ".tif"])
def test_rounding_float64_is_said_aloud(suffix: str, tmp_path: Path) -> None:
    path = tmp_path / f"cell{suffix}"
    notes = write_volume(path, Volume(values_ZYX=ramp("float64") / 3))
    assert notes == ("The values are rounded to 32-bit floating point.",)
    np.testing.assert_allclose(read_whole(path)[1], ramp("float64") / 3, rtol=1e-7)


@pytest.mark.parametrize("suffix", [".mrc", ".tif", ".am"])
def test_whole_numbers_too_large_for_a_format_are_refused(suffix: str, tmp_path: Path) -> None:
    path = tmp_path / f"cell{suffix}"
    with pytest.raises(FileError, match=r"no number type for whole numbers.*HDF5"):
        write_volume(path, Volume(values_ZYX=ramp("int64") * 10**10))
    assert list(tmp_path.iterdir()) == []


def test_complex_numbers_are_refused(tmp_path: Path) -> None:
    with pytest.raises(FileError, match="not real numbers"):
        write_volume(tmp_path / "a.h5", Volume(values_ZYX=ramp("complex64")))


@pytest.mark.parametrize("suffix", FORMATS)
def test_a_lazy_volume_is_converted_slab_by_slab(
    suffix: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sxtstudio.io.arrays.SLAB_BYTES", 100)
    values_ZYX = ramp("uint16", (7, 4, 5))
    asked: list[object] = []

    def read(index: tuple[object, ...]) -> np.ndarray:
        asked.append(index[0])
        return values_ZYX[index]

    lazy = LazyArray((7, 4, 5), np.dtype("uint16"), read)
    path = tmp_path / f"cell{suffix}"
    write_volume(path, Volume(values_ZYX=lazy))
    assert slice(0, 2) in asked
    assert slice(None) not in asked
    np.testing.assert_array_equal(read_whole(path)[1], values_ZYX)


def test_one_format_becomes_another_without_loss(tmp_path: Path) -> None:
    first = Volume(
        values_ZYX=ramp("uint16"),
        voxel_size_um=(0.03, 0.04, 0.05),
        class_names={1: "nucleus", 2: "lipid bodies"},
    )
    source = tmp_path / "a.mrc"
    write_volume(source, first)
    for suffix in (".tif", ".h5", ".am", ".rec"):
        target = tmp_path / f"b{suffix}"
        write_volume(target, read_volume(source))
        volume, values_ZYX = read_whole(target)
        assert volume.voxel_size_um == pytest.approx((0.03, 0.04, 0.05))
        assert volume.class_names == first.class_names
        np.testing.assert_array_equal(values_ZYX, first.values_ZYX)
        source = target


def test_a_volume_can_replace_the_file_it_is_read_from(tmp_path: Path) -> None:
    for suffix in FORMATS:
        path = tmp_path / f"cell{suffix}"
        write_volume(path, Volume(values_ZYX=ramp()))
        write_volume(path, read_volume(path))
        np.testing.assert_array_equal(read_whole(path)[1], ramp())


def test_an_unknown_suffix_names_the_ones_that_work(tmp_path: Path) -> None:
    with pytest.raises(FileError, match=r"\.nii; use one of \.mrc, .*\.tif.*\.h5.*\.am"):
        write_volume(tmp_path / "cell.nii", Volume(values_ZYX=ramp()))
    with pytest.raises(FileError, match="without a suffix"):
        write_volume(tmp_path / "cell", Volume(values_ZYX=ramp()))


@pytest.mark.parametrize("suffix", WRITE_SUFFIXES)
def test_every_suffix_that_is_offered_can_be_written_and_read(suffix: str, tmp_path: Path) -> None:
    path = tmp_path / f"cell{suffix.upper()}"
    write_volume(path, Volume(values_ZYX=ramp()))
    assert suffix in READ_SUFFIXES
    np.testing.assert_array_equal(read_whole(path)[1], ramp())


@pytest.mark.parametrize("suffix", FORMATS)
def test_the_content_decides_not_the_name(suffix: str, tmp_path: Path) -> None:
    path = tmp_path / f"cell{suffix}"
    write_volume(path, Volume(values_ZYX=ramp()))
    for other in (*FORMATS, ".dat"):
        renamed = path.rename(tmp_path / f"renamed{other}")
        np.testing.assert_array_equal(read_whole(renamed)[1], ramp())
        renamed.rename(path)


def test_a_single_slice_is_no_volume(tmp_path: Path) -> None:
    with pytest.raises(FileError, match="at least two slices"):
        write_volume(tmp_path / "a.mrc", Volume(values_ZYX=ramp(shape=(1, 4, 5))))


@pytest.mark.parametrize("suffix", FORMATS)
def test_a_voxel_size_of_zero_is_not_written(suffix: str, tmp_path: Path) -> None:
    volume = Volume(values_ZYX=ramp(), voxel_size_um=(0.0, 0.03, 0.03))
    with pytest.raises(UnitError, match="cannot be true"):
        write_volume(tmp_path / f"a{suffix}", volume)


def test_a_dataset_is_asked_for_only_where_there_are_datasets(tmp_path: Path) -> None:
    path = tmp_path / "a.mrc"
    write_volume(path, Volume(values_ZYX=ramp()))
    with pytest.raises(FileError, match="no datasets"):
        read_volume(path, dataset="/data")


@pytest.mark.parametrize(
    "index",
    [
        0,
        -1,
        ...,
        slice(1, 3),
        (0, 1, 2),
        (..., 1),
        (0, ...),
        (slice(None), 2),
        (slice(None, None, 2), slice(1, 3), 4),
        slice(None, None, -1),
        (None, 0),
        [0, 2],
        (0, 1, 2, ...),
    ],
    ids=str,
)
def test_a_lazy_array_is_indexed_like_numpy(index: object) -> None:
    values_ZYX = ramp(">i2")
    lazy = LazyArray(values_ZYX.shape, values_ZYX.dtype, values_ZYX.__getitem__)
    np.testing.assert_array_equal(lazy[index], values_ZYX[index])
    assert lazy[index].dtype == np.dtype("int16")
    assert lazy.dtype.isnative


def test_a_lazy_array_becomes_a_numpy_array() -> None:
    values_ZYX = ramp("uint8")
    lazy = LazyArray(values_ZYX.shape, values_ZYX.dtype, values_ZYX.__getitem__)
    assert np.asarray(lazy, np.float32).dtype == np.float32
    np.testing.assert_array_equal(np.asarray(lazy), values_ZYX)
    with pytest.raises(ValueError, match="copy"):
        np.asarray(lazy, copy=False)
