"""HDF5 volumes: which dataset is meant, how large a voxel is, and files that reach outside."""

from collections.abc import Callable
from pathlib import Path

import h5py
import hdf5plugin
import numpy as np
import pytest

from sxtstudio.core.errors import FileError
from sxtstudio.core.volume import Volume
from sxtstudio.io.volumes import read_volume, write_volume
from tests.io.conftest import ramp, read_whole

Fill = Callable[[h5py.File], object]


def made(path: Path, fill: Fill) -> Path:
    with h5py.File(path, "w") as file:
        fill(file)
    return path


def test_the_only_3d_dataset_is_the_volume_wherever_it_lies(tmp_path: Path) -> None:
    def fill(file: h5py.File) -> None:
        file["deep/down/here"] = ramp("uint16")
        file["again"] = file["deep/down/here"]
        file["flat"] = np.zeros((3, 4))
        file["text"] = "words"

    volume, values_ZYX = read_whole(made(tmp_path / "a.h5", fill))
    assert volume.voxel_size_um is None
    np.testing.assert_array_equal(values_ZYX, ramp("uint16"))


def test_several_datasets_are_listed_with_their_shapes(tmp_path: Path) -> None:
    def fill(file: h5py.File) -> None:
        file["raw"] = ramp()
        file["g/labels"] = ramp("uint8")

    path = made(tmp_path / "a.h5", fill)
    with pytest.raises(FileError, match=r"/raw \(3 × 4 × 5\), /g/labels \(3 × 4 × 5\)"):
        read_volume(path)
    assert read_volume(path, dataset="g/labels").values_ZYX.dtype == np.uint8
    assert read_volume(path, dataset="/g/./labels").values_ZYX.dtype == np.uint8


@pytest.mark.parametrize(
    ("dataset", "words"),
    [
        ("nothing", "there is nothing at 'nothing'; name one of its 3D datasets: /raw"),
        ("g", "there is a group"),
        ("raw/deeper", "there is nothing"),
        ("flat", "3 × 4 values; a volume has three axes"),
        ("text", "no real numbers"),
        ("complex", "no real numbers"),
        ("empty", "0 × 4 × 5 values"),
        ("null", "no real numbers|no values"),
    ],
)
def test_what_is_no_volume_is_refused_by_name(dataset: str, words: str, tmp_path: Path) -> None:
    def fill(file: h5py.File) -> None:
        file["raw"] = ramp()
        file["raw2"] = ramp()
        file["flat"] = np.zeros((3, 4))
        file["text"] = "words"
        file["complex"] = ramp("complex64")
        file["empty"] = np.zeros((0, 4, 5))
        file["null"] = h5py.Empty("f4")
        file.create_group("g")

    path = made(tmp_path / "a.h5", fill)
    with pytest.raises(FileError, match=words):
        read_volume(path, dataset=dataset)


def test_a_file_without_volumes_says_so(tmp_path: Path) -> None:
    path = made(tmp_path / "a.h5", lambda file: file.create_dataset("flat", (3, 4), "f4"))
    with pytest.raises(FileError, match="holds no 3D dataset"):
        read_volume(path)


def test_axes_of_length_one_are_left_out(tmp_path: Path) -> None:
    path = made(
        tmp_path / "a.h5", lambda file: file.create_dataset("d", data=ramp()[None, ..., None])
    )
    volume, values_ZYX = read_whole(path)
    assert volume.notes == ("Axes of length 1 were left out.",)
    np.testing.assert_array_equal(values_ZYX, ramp())
    np.testing.assert_array_equal(volume.values_ZYX[1, 2:, ::2], ramp()[1, 2:, ::2])


def test_nexus_defaults_lead_to_the_signal(tmp_path: Path) -> None:
    def fill(file: h5py.File) -> None:
        file["other"] = ramp("uint8")
        file["entry/detector/counts"] = ramp("float32")
        file["entry/volume/signal"] = h5py.SoftLink("../../entry/detector/counts")
        file["entry/volume/real"] = h5py.SoftLink("/entry/detector/counts")
        file.attrs["default"] = "entry"
        file["entry"].attrs["default"] = "volume"
        group = file["entry/volume"]
        group.attrs["NX_class"] = "NXdata"
        group.attrs["signal"] = "real"

    volume, values_ZYX = read_whole(made(tmp_path / "a.nxs", fill))
    assert volume.values_ZYX.dtype == np.float32
    np.testing.assert_array_equal(values_ZYX, ramp())


def test_nexus_axes_give_the_voxel_size(tmp_path: Path) -> None:
    def fill(file: h5py.File) -> None:
        group = file.create_group("entry")
        group.attrs.update({"NX_class": "NXdata", "signal": "data", "axes": ["z", "y", "x"]})
        group["data"] = ramp()
        file.attrs["default"] = "entry"
        steps = (("z", 3, "nm", 30), ("y", 4, "um", 0.04), ("x", 5, "mm", 5e-5))
        for axis, n, unit, step in steps:
            group[axis] = 7 + np.arange(n) * step
            group[axis].attrs["units"] = unit

    path = made(tmp_path / "a.h5", fill)
    assert read_volume(path).voxel_size_um == pytest.approx((0.03, 0.04, 0.05))
    with h5py.File(path, "r+") as file:
        file["entry/y"][1] += 0.01
    assert read_volume(path).voxel_size_um is None


@pytest.mark.parametrize("spoil", ["units", "length", "link", "kind", "path"])
def test_nexus_axes_that_say_nothing_are_left_alone(spoil: str, tmp_path: Path) -> None:
    def fill(file: h5py.File) -> None:
        file["data"] = ramp()
        names = ["z", "y", "../x" if spoil == "path" else "x"]
        file.attrs["axes"] = names
        for axis, n in (("z", 3), ("y", 4), ("x", 5)):
            file[axis] = np.arange(n + (spoil == "length")) * 0.03
            if spoil != "units":
                file[axis].attrs["units"] = "um"
        if spoil in ("link", "kind"):
            del file["x"]
            file["x"] = h5py.ExternalLink("b.h5", "/x") if spoil == "link" else "words"

    assert read_volume(made(tmp_path / "a.h5", fill), dataset="data").voxel_size_um is None


@pytest.mark.parametrize(
    ("attributes", "size_um"),
    [
        ({"element_size_um": [0.03, 0.04, 0.05]}, (0.03, 0.04, 0.05)),
        ({"voxel_size": [30, 40, 50], "voxel_units": "nm"}, (0.03, 0.04, 0.05)),
        ({"voxel_size": [0.03, 0.04, 0.05], "voxel_size_unit": "µm"}, (0.03, 0.04, 0.05)),
        ({"voxel_size": [0.03, 0.04, 0.05], "voxel_size_units": b"um"}, (0.03, 0.04, 0.05)),
        ({"voxel_size": [0.03, 0.04, 0.05]}, None),
        ({"voxel_size": [0.03, 0.04], "voxel_units": "um"}, None),
        ({"voxel_size": "large", "voxel_units": "um"}, None),
        ({"element_size_um": [0.0, 0.04, 0.05]}, None),
        ({"element_size_um": [np.nan, 0.04, 0.05]}, None),
    ],
)
@pytest.mark.parametrize("holder", ["g/data", "g"])
def test_voxel_size_attributes(attributes, size_um, holder: str, tmp_path: Path) -> None:
    def fill(file: h5py.File) -> None:
        file["g/data"] = ramp()
        file[holder].attrs.update(attributes)

    found = read_volume(made(tmp_path / "a.h5", fill)).voxel_size_um
    assert found == (pytest.approx(size_um) if size_um else None)


def test_a_voxel_size_of_zero_is_noted(tmp_path: Path) -> None:
    def fill(file: h5py.File) -> None:
        file["data"] = ramp()
        file["data"].attrs["element_size_um"] = [0.0, 0.04, 0.05]

    volume = read_volume(made(tmp_path / "a.h5", fill))
    assert volume.notes == (
        "The file gives a voxel size of 0 × 40 × 50 nm (z, y, x), which is not used.",
    )


def test_values_are_lac_only_where_the_unit_says_so(tmp_path: Path) -> None:
    for unit, expected in (("1/um", 1.0), ("µm^-1", 1.0), ("um⁻¹", 1.0), ("1/cm", None)):

        def fill(file: h5py.File, unit: str = unit) -> None:
            file["data"] = ramp()
            file["data"].attrs["units"] = unit

        assert read_volume(made(tmp_path / "a.h5", fill)).lac_per_unit == expected


def test_projections_of_data_exchange_are_refused(tmp_path: Path) -> None:
    def fill(file: h5py.File) -> None:
        file["exchange/data"] = ramp()
        file["exchange/theta"] = np.arange(3.0)
        file["exchange/data_white"] = ramp()
        file["exchange/data_white"].attrs["axes"] = "theta_white:y:x"

    path = made(tmp_path / "a.h5", fill)
    for dataset in (None, "exchange/data", "exchange/data_white"):
        with pytest.raises(FileError, match=r"holds projections .* reconstruct it first"):
            read_volume(path, dataset=dataset)


def test_a_project_is_not_a_volume(tmp_path: Path) -> None:
    path = made(tmp_path / "a.sxt", lambda file: file.attrs.update({"format": "sxtstudio-project"}))
    with pytest.raises(FileError, match="a file of SXT Studio"):
        read_volume(path)


def test_chunks_of_plugin_filters_are_read(tmp_path: Path) -> None:
    def fill(file: h5py.File) -> None:
        file.create_dataset("d", data=ramp(), chunks=True, **hdf5plugin.Blosc())

    np.testing.assert_array_equal(read_whole(made(tmp_path / "a.h5", fill))[1], ramp())


def test_a_filter_that_nobody_has_is_named(tmp_path: Path) -> None:
    def fill(file: h5py.File) -> None:
        plist = h5py.h5p.create(h5py.h5p.DATASET_CREATE)
        plist.set_chunk((3, 4, 5))
        plist.set_filter(511, h5py.h5z.FLAG_OPTIONAL, ())
        space = h5py.h5s.create_simple((3, 4, 5))
        h5py.h5d.create(file.id, b"d", h5py.h5t.NATIVE_FLOAT, space, plist)

    with pytest.raises(FileError, match=r"filter \(number 511\)"):
        read_volume(made(tmp_path / "a.h5", fill))


def test_a_file_with_a_block_of_the_users_before_it_is_read(tmp_path: Path) -> None:
    path = tmp_path / "a.dat"
    with h5py.File(path, "w", userblock_size=512) as file:
        file["d"] = ramp()
    np.testing.assert_array_equal(read_whole(path)[1], ramp())


def test_a_volume_is_read_in_pieces_and_no_handle_stays_open(tmp_path: Path) -> None:
    path = made(tmp_path / "a.h5", lambda file: file.create_dataset("d", data=ramp()))
    volume = read_volume(path)
    np.testing.assert_array_equal(volume.values_ZYX[1:2, ::2, 3], ramp()[1:2, ::2, 3])
    with h5py.File(path, "r+", locking=True) as file:
        file["d"][0] = -1
    assert volume.values_ZYX[0, 0, 0] == -1
    path.unlink()
    with pytest.raises(FileError, match="no such file"):
        volume.values_ZYX[0]


@pytest.fixture
def secret(tmp_path: Path) -> Path:
    path = tmp_path / "secret.h5"
    return made(path, lambda file: file.create_dataset("d", data=ramp() + 1000))


def test_links_out_of_the_file_are_refused(secret: Path, tmp_path: Path) -> None:
    def fill(file: h5py.File) -> None:
        file["out"] = h5py.ExternalLink(str(secret), "/d")
        file["hidden"] = h5py.SoftLink("/out")
        file["group"] = h5py.ExternalLink(str(secret), "/")

    path = made(tmp_path / "a.h5", fill)
    for dataset in ("out", "hidden", "group/d"):
        with pytest.raises(FileError, match="a link to another file"):
            read_volume(path, dataset=dataset)
    with pytest.raises(FileError, match="holds no 3D dataset"):
        read_volume(path)


def test_a_default_that_leads_out_of_the_file_is_refused(secret: Path, tmp_path: Path) -> None:
    def fill(file: h5py.File) -> None:
        file["entry"] = h5py.ExternalLink(str(secret), "/")
        file.attrs["default"] = "entry"

    with pytest.raises(FileError, match="a link to another file"):
        read_volume(made(tmp_path / "a.h5", fill))


def test_links_in_a_circle_are_refused(tmp_path: Path) -> None:
    def fill(file: h5py.File) -> None:
        file["a"] = h5py.SoftLink("/b")
        file["b"] = h5py.SoftLink("/a")
        file["dangling"] = h5py.SoftLink("/nowhere")

    path = made(tmp_path / "a.h5", fill)
    with pytest.raises(FileError, match="round in a circle"):
        read_volume(path, dataset="a")
    with pytest.raises(FileError, match="there is nothing"):
        read_volume(path, dataset="dangling")


def test_groups_that_contain_themselves_are_walked_once(tmp_path: Path) -> None:
    def fill(file: h5py.File) -> None:
        file["g/d"] = ramp()
        file["g/g"] = file["g"]
        file["g/root"] = file["/"]

    np.testing.assert_array_equal(read_whole(made(tmp_path / "a.h5", fill))[1], ramp())


def test_storage_in_other_files_is_refused(tmp_path: Path) -> None:
    raw = tmp_path / "raw.bin"
    raw.write_bytes(b"password" * 60)

    def fill(file: h5py.File) -> None:
        file.create_dataset("d", (3, 4, 5), "f4", external=[(str(raw), 0, 240)])

    with pytest.raises(FileError, match="lie in another file"):
        read_volume(made(tmp_path / "a.h5", fill))


def test_virtual_datasets_are_read_within_a_file_and_refused_beyond(
    secret: Path, tmp_path: Path
) -> None:
    def fill(file: h5py.File) -> None:
        file["real"] = ramp()
        for name, source in (("inside", "."), ("outside", str(secret))):
            layout = h5py.VirtualLayout((3, 4, 5), "f4")
            layout[...] = h5py.VirtualSource(source, "real" if name == "inside" else "d", (3, 4, 5))
            file.create_virtual_dataset(name, layout)

    path = made(tmp_path / "a.h5", fill)
    np.testing.assert_array_equal(read_whole(path, "inside")[1], ramp())
    with pytest.raises(FileError, match="gathers values of other files"):
        read_volume(path, dataset="outside")


def test_a_dataset_that_declares_far_more_than_it_stores_is_refused(tmp_path: Path) -> None:
    def fill(file: h5py.File) -> None:
        file.create_dataset("d", (10_000, 10_000, 10_000), "f4", chunks=(1, 100, 100))

    with pytest.raises(FileError, match=r"declares 3\.64 TiB of values but stores only"):
        read_volume(made(tmp_path / "a.h5", fill))


def test_a_giant_chunk_is_refused(tmp_path: Path) -> None:
    def fill(file: h5py.File) -> None:
        file.create_dataset("d", (300, 300, 300), "f4", chunks=(300, 300, 300), fillvalue=1)

    with pytest.raises(FileError, match="chunks of more than 64 MiB"):
        read_volume(made(tmp_path / "a.h5", fill))


def test_a_giant_or_damaged_attribute_is_not_read(tmp_path: Path) -> None:
    def fill(file: h5py.File) -> None:
        data = file.create_dataset("d", data=ramp())
        data.attrs["units"] = 7
        data.attrs["class_names"] = "{damaged"
        file.attrs["default"] = np.zeros(3)

    with h5py.File(tmp_path / "a.h5", "w", libver="latest") as file:
        fill(file)
        file["d"].attrs["class_colours"] = np.bytes_(b"x" * 2**21)
    volume = read_volume(tmp_path / "a.h5")
    assert volume.notes == ("The class names in the file are damaged and were left out.",)
    assert volume.class_colours == {}
    assert volume.lac_per_unit is None


def test_a_damaged_chunk_is_found_when_its_values_are_taken(tmp_path: Path) -> None:
    path = tmp_path / "a.h5"
    write_volume(path, Volume(values_ZYX=ramp("uint8", (20, 20, 20)), class_names={1: "a"}))
    content = bytearray(path.read_bytes())
    with h5py.File(path) as file:
        chunk = file["data"].id.get_chunk_info(0)
    content[chunk.byte_offset : chunk.byte_offset + 16] = bytes(16)
    path.write_bytes(content)
    volume = read_volume(path)
    with pytest.raises(FileError, match="damaged or incomplete HDF5"):
        volume.values_ZYX[0]


@pytest.mark.parametrize("dataset", [None, "labels", "/deep/labels"])
def test_what_we_write_is_found_by_nexus_readers(dataset: str | None, tmp_path: Path) -> None:
    path = tmp_path / "a.h5"
    volume = Volume(
        values_ZYX=ramp("uint8", (70, 4, 5)), voxel_size_um=(0.03, 0.04, 0.05), lac_per_unit=1.0
    )
    write_volume(path, volume, dataset=dataset)
    with h5py.File(path) as file:
        entry = file[file.attrs["default"].decode()]
        group = entry[entry.attrs["default"].decode()]
        assert group.attrs["NX_class"] == b"NXdata"
        data = group[group.attrs["signal"].decode()]
        assert data == file[dataset or "data"]
        assert data.chunks == (64, 4, 5)
        assert data.compression == "gzip"
        assert data.attrs["element_size_um"].tolist() == [0.03, 0.04, 0.05]
        for axis, edge_um in zip(group.attrs["axes"], (0.03, 0.04, 0.05), strict=True):
            assert np.diff(group[axis.decode()][...]) == pytest.approx(edge_um)
            assert group[axis.decode()].attrs["units"] == b"um"
    assert read_volume(path, dataset=dataset).voxel_size_um == (0.03, 0.04, 0.05)
    assert read_volume(path).lac_per_unit == 1.0


def test_values_are_not_compressed(tmp_path: Path) -> None:
    write_volume(tmp_path / "a.h5", Volume(values_ZYX=ramp()))
    with h5py.File(tmp_path / "a.h5") as file:
        assert file["data"].compression is None


@pytest.mark.parametrize("dataset", ["", "/", "nexus", "nexus/volume", "../up", "a/./b"])
def test_a_dataset_needs_a_proper_path(dataset: str, tmp_path: Path) -> None:
    path = tmp_path / "a.h5"
    if dataset == "":
        write_volume(path, Volume(values_ZYX=ramp()), dataset=dataset)
        assert read_volume(path, dataset="/data").shape == (3, 4, 5)
    else:
        with pytest.raises(FileError, match="no path for a dataset"):
            write_volume(path, Volume(values_ZYX=ramp()), dataset=dataset)
        assert not path.exists()
