"""Atomic writing, hashes, units, memory, and a system that says no."""

import errno
import hashlib
import os
import resource
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sxtstudio.core.errors import FileError
from sxtstudio.core.volume import Volume
from sxtstudio.io.classes import parse_names, to_text
from sxtstudio.io.files import sha256_of_file, system_errors, write_atomically
from sxtstudio.io.memory import available_bytes, check_can_hold, check_ratio
from sxtstudio.io.units import believable_voxel_size, is_per_um, um_per_unit
from sxtstudio.io.volumes import read_volume, write_volume
from tests.io.conftest import ramp, read_whole

FORMATS = (".mrc", ".tif", ".h5", ".am")


def test_a_file_appears_only_when_it_is_whole(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    with write_atomically(path) as part:
        part.write_text("new")
        assert not path.exists()
        assert part.parent == path.parent
        assert part.suffix == ".txt"
    assert path.read_text() == "new"
    assert list(tmp_path.iterdir()) == [path]


def test_an_error_on_the_way_leaves_the_old_file(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_text("old")

    def write_half() -> None:
        with write_atomically(path) as part:
            part.write_text("half")
            raise RuntimeError("stop")

    with pytest.raises(RuntimeError, match="stop"):
        write_half()
    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]


def test_a_link_stays_a_link(tmp_path: Path) -> None:
    target, link = tmp_path / "real.txt", tmp_path / "link.txt"
    target.write_text("old")
    link.symlink_to(target)
    with write_atomically(link) as part:
        part.write_text("new")
    assert link.is_symlink()
    assert target.read_text() == "new"


@pytest.mark.parametrize("suffix", FORMATS)
def test_a_full_disk_leaves_the_old_file(suffix: str, tmp_path: Path) -> None:
    path = tmp_path / f"a{suffix}"
    write_volume(path, Volume(values_ZYX=ramp("uint16")))
    before = path.read_bytes()
    large = Volume(values_ZYX=ramp("float32", (40, 50, 60)), voxel_size_um=(0.03, 0.03, 0.03))
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    for size in (0, 500, 50_000, 400_000):
        resource.setrlimit(resource.RLIMIT_FSIZE, (size, limits[1]))
        try:
            with pytest.raises(
                FileError, match=r"cannot be written: the (disk is full|file would be)"
            ):
                write_volume(path, large)
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, limits)
        assert path.read_bytes() == before
        assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize("suffix", FORMATS)
def test_missing_files_and_folders_are_named(suffix: str, tmp_path: Path) -> None:
    with pytest.raises(FileError, match=rf"nothing{suffix}: cannot be read: there is no such file"):
        read_volume(tmp_path / f"nothing{suffix}")
    with pytest.raises(FileError, match=r"the folder .*nowhere is missing"):
        write_volume(tmp_path / "nowhere" / f"a{suffix}", Volume(values_ZYX=ramp()))
    (tmp_path / f"folder{suffix}").mkdir()
    with pytest.raises(FileError, match="it is a folder, not a file"):
        write_volume(tmp_path / f"folder{suffix}", Volume(values_ZYX=ramp()))
    with pytest.raises(FileError, match="no TIFF images"):
        read_volume(tmp_path / f"folder{suffix}")
    (tmp_path / "file").write_text("x")
    with pytest.raises(FileError, match="not a folder"):
        read_volume(tmp_path / "file" / f"a{suffix}")
    with pytest.raises(FileError, match="the name is too long"):
        read_volume(tmp_path / ("a" * 300 + suffix))


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read and write everything")
def test_files_without_permission_are_named(tmp_path: Path) -> None:
    path = tmp_path / "a.mrc"
    write_volume(path, Volume(values_ZYX=ramp()))
    path.chmod(0)
    with pytest.raises(FileError, match="you have no permission"):
        read_volume(path)


@pytest.mark.parametrize(
    ("code", "words"),
    [
        (errno.EACCES, "you have no permission"),
        (errno.ENOSPC, "the disk is full"),
        (errno.EIO, os.strerror(errno.EIO)),
    ],
)
def test_the_reasons_of_the_system_become_words(code: int, words: str) -> None:
    path, sentence = Path("a.txt"), f"a.txt: cannot be written: {words}"
    with pytest.raises(FileError, match=sentence), system_errors(path, "written"):
        raise OSError(code, os.strerror(code))


def test_a_reason_without_a_number_is_passed_on() -> None:
    with pytest.raises(FileError, match="broken wire"), system_errors(Path("a.txt"), "read"):
        raise OSError("broken wire")


def test_sha256_is_that_of_the_bytes(tmp_path: Path) -> None:
    path = tmp_path / "a.bin"
    path.write_bytes(bytes(range(256)) * 1000)
    assert sha256_of_file(path) == hashlib.sha256(path.read_bytes()).hexdigest()
    with pytest.raises(FileError, match="no such file"):
        sha256_of_file(tmp_path / "b.bin")


@pytest.mark.parametrize(
    ("unit", "factor"),
    [
        ("um", 1),
        ("µm", 1),
        ("μm", 1),
        ("\\u00B5m", 1),
        (" Microns ", 1),
        ("Micrometres\0", 1),
        ("nm", 1e-3),
        ("Nanometer", 1e-3),
        ("Å", 1e-4),
        ("\u212b", 1e-4),
        ("A", 1e-4),
        ("angstroms", 1e-4),
        ("pm", 1e-6),
        ("mm", 1e3),
        ("cm", 1e4),
        ("inch", 25_400),
        ("m", 1e6),
        ("metres", 1e6),
        ("", None),
        ("pixel", None),
        ("s", None),
        ("px", None),
        ("1/um", None),
    ],
)
def test_units_of_length(unit: str, factor: float | None) -> None:
    assert um_per_unit(unit) == factor


@pytest.mark.parametrize("unit", ["1/um", "1 / µm", "um^-1", "µm⁻¹", "um-1", "1/(μm)", "per um"])
def test_spellings_of_the_unit_of_lac(unit: str) -> None:
    assert is_per_um(unit)


@pytest.mark.parametrize("unit", ["um", "1/nm", "", "counts", "1/cm"])
def test_other_units_are_not_that_of_lac(unit: str) -> None:
    assert not is_per_um(unit)


@given(st.tuples(*[st.floats(allow_nan=True, allow_infinity=True)] * 3))
def test_a_voxel_size_is_believable_or_noted(size_um: tuple[float, float, float]) -> None:
    believed, notes = believable_voxel_size(size_um, "The header")
    assert (believed == size_um) if believed else notes[0].startswith("The header gives")


@given(st.dictionaries(st.integers(0, 65_535), st.text(st.characters(codec="utf-8"), min_size=1)))
def test_class_names_survive_as_ascii(names: dict[int, str]) -> None:
    notes: list[str] = []
    text = to_text(names)
    assert text.isascii()
    assert "\n" not in text
    assert parse_names(text, notes) == names
    assert notes == []


@pytest.mark.parametrize(
    "text", ["", "[]", "{1: 2}", '{"a": "b"}', '{"1": null}', '{"1": "\\ud800"}']
)
def test_damaged_class_names_are_noted(text: str) -> None:
    notes: list[str] = []
    assert parse_names(text, notes) == {}
    assert len(notes) == 1


def test_values_out_of_range_have_no_class() -> None:
    assert parse_names('{"-1": "a", "70000": "b", "3": "", "4": "c"}', []) == {4: "c"}


def test_memory_is_asked_of_the_system() -> None:
    available = available_bytes()
    assert 2**26 < available < 2**50
    check_can_hold(2**20, Path("a"))
    with pytest.raises(FileError, match="of memory are free"):
        check_can_hold(available * 2, Path("a"))


def test_small_files_may_compress_as_they_like() -> None:
    check_ratio(2**26, 1, Path("a"))
    check_ratio(2**40, 2**30, Path("a"))
    with pytest.raises(FileError, match="declares 1 TiB of values but stores only 1 MiB"):
        check_ratio(2**40, 2**20, Path("a"))
    with pytest.raises(FileError, match="stores only 0 bytes"):
        check_ratio(2**30, 0, Path("a"))


@pytest.mark.parametrize("suffix", FORMATS)
def test_reading_leaves_the_file_alone(suffix: str, tmp_path: Path) -> None:
    path = tmp_path / f"a{suffix}"
    write_volume(path, Volume(values_ZYX=ramp()))
    before = sha256_of_file(path)
    read_whole(path)
    assert sha256_of_file(path) == before
    assert list(tmp_path.iterdir()) == [path]
