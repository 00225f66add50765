"""Hundreds of damaged files of every format: a sentence or a volume, never another error."""

import gzip
import logging
import random
import struct
import subprocess
import sys
from pathlib import Path

import h5py
import numpy as np
import pytest
import tifffile
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sxtstudio.core.errors import FileError, SxtError
from sxtstudio.core.volume import Volume
from sxtstudio.io.hdf5_sink import HDF5Sink
from sxtstudio.io.volumes import READ_SUFFIXES, write_volume
from tests.io.conftest import ramp, read_whole

LIMITS = (
    0,
    1,
    7,
    127,
    128,
    255,
    256,
    32_767,
    65_535,
    2**31 - 1,
    2**31,
    2**32 - 1,
    2**63,
    2**64 - 1,
)
MUTANTS = 250


def damage(content: bytes, random_: random.Random) -> bytes:
    """Return a file with flipped bits, numbers at their limits, or blocks cut, moved or lost."""
    broken = bytearray(content)
    for _ in range(random_.choice((1, 1, 1, 2, 5))):
        at = random_.randrange(len(broken) or 1)
        kind = random_.choice(("flip", "number", "number", "cut", "insert", "zero", "header"))
        if kind == "flip" and broken:
            broken[at] ^= 1 << random_.randrange(8)
        elif kind in ("number", "header"):
            at = random_.randrange(0, 256, 2) if kind == "header" else at
            width = random_.choice((1, 2, 4, 8))
            number = random_.choice(LIMITS) % 256**width
            order = random_.choice(("little", "big"))
            broken[at : at + width] = number.to_bytes(width, order)
        elif kind == "cut":
            del broken[at:]
        elif kind == "insert":
            broken[at:at] = broken[: random_.randrange(64)]
        else:
            size = random_.choice((4, 16, 64, 512))
            broken[at : at + size] = bytes(len(broken[at : at + size]))
    return bytes(broken)


def labelled() -> Volume:
    return Volume(
        values_ZYX=ramp("uint8", (6, 20, 22)) % 9,
        voxel_size_um=(0.03, 0.04, 0.05),
        lac_per_unit=1.0,
        class_names={1: "nucleus", 2: "lipid"},
        class_colours={1: "#ff0000"},
    )


def sound_files(suffix: str, folder: Path) -> list[bytes]:
    path = folder / f"sound{suffix}"
    write_volume(path, labelled())
    files = [path.read_bytes()]
    values_ZYX = np.asarray(labelled().values_ZYX)
    if suffix == ".mrc":
        files.append(gzip.compress(files[0], mtime=0))
    if suffix == ".tif":
        for options in (
            {"compression": "zlib"},
            {"tile": (16, 16), "byteorder": ">"},
            {"ome": True},
        ):
            tifffile.imwrite(path, values_ZYX, **options)
            files.append(path.read_bytes())
    if suffix == ".am":
        text = files[0].replace(b"BINARY-LITTLE-ENDIAN", b"ASCII")
        numbers = " ".join(map(str, values_ZYX.ravel())).encode()
        files.append(text[: text.index(b"\n@1\n") + 4] + numbers)
        coded = b"".join(bytes([1, value]) for value in values_ZYX.tobytes())
        runs = files[0].replace(b"} @1", f"}} @1(HxByteRLE,{len(coded)})".encode())
        files.append(runs[: runs.index(b"\n@1\n") + 4] + coded)
    return files


def read_mutants(suffix: str, folder: Path, seed: int, count: int) -> tuple[int, int]:
    """Return how many of ``count`` damaged files were read and how many were refused."""
    logging.getLogger("tifffile").setLevel(logging.CRITICAL)
    random_, read = random.Random(seed), 0
    files = sound_files(suffix, folder)
    sentences: list[str] = []
    path = folder / f"broken{suffix}"
    for _ in range(count):
        path.write_bytes(damage(random_.choice(files), random_))
        try:
            read_whole(path)
            read += 1
        except SxtError as error:
            sentences.append(str(error))
    assert all(sentence.startswith(f"{path}: ") for sentence in sentences)
    return read, len(sentences)


@pytest.mark.parametrize("suffix", [".mrc", ".tif", ".am"])
def test_damaged_files_are_read_or_refused_with_a_sentence(suffix: str, tmp_path: Path) -> None:
    read, refused = read_mutants(suffix, tmp_path, seed=5, count=MUTANTS)
    assert read > MUTANTS // 20
    assert refused > MUTANTS // 5


def test_damaged_hdf5_files_are_read_or_refused_with_a_sentence(tmp_path: Path) -> None:
    # In a process of its own: HDF5 itself has died of damaged files, and would take pytest along.
    code = (
        "from pathlib import Path; from tests.io.test_damage import read_mutants; "
        f"print(*read_mutants('.h5', Path({str(tmp_path)!r}), seed=5, count={MUTANTS}))"
    )
    root = Path(__file__).parents[2]
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", code],
        cwd=root,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    read, refused = map(int, done.stdout.split())
    assert read > MUTANTS // 20
    assert refused > MUTANTS // 5


@pytest.mark.parametrize("suffix", [".mrc", ".tif", ".h5", ".am"])
def test_a_file_cut_anywhere_is_refused_or_whole(suffix: str, tmp_path: Path) -> None:
    logging.getLogger("tifffile").setLevel(logging.CRITICAL)
    path = tmp_path / f"a{suffix}"
    write_volume(path, labelled())
    content = path.read_bytes()
    refused = 0
    for size in range(0, len(content), max(1, len(content) // 150)):
        path.write_bytes(content[:size])
        try:
            np.testing.assert_array_equal(read_whole(path)[1], labelled().values_ZYX)
        except FileError:
            refused += 1
    assert refused > 100


@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(content=st.binary(max_size=3000), suffix=st.sampled_from([*READ_SUFFIXES, ".sxt", ""]))
def test_random_bytes_under_any_name_are_refused(
    content: bytes, suffix: str, tmp_path: Path
) -> None:
    path = tmp_path / f"noise{suffix}"
    path.write_bytes(content)
    with pytest.raises(FileError):
        read_whole(path)


@pytest.mark.parametrize("suffix", [".mrc", ".tif", ".h5", ".am", ".map.gz"])
def test_an_empty_file_says_so(suffix: str, tmp_path: Path) -> None:
    path = tmp_path / f"a{suffix}"
    path.touch()
    with pytest.raises(FileError, match="is empty"):
        read_whole(path)


@pytest.mark.parametrize("suffix", [".tif", ".h5", ".am", ".labels"])
def test_the_wrong_content_under_a_known_name_says_so(suffix: str, tmp_path: Path) -> None:
    path = tmp_path / f"a{suffix}"
    path.write_bytes(b"%PDF-1.7 and so on" * 100)
    with pytest.raises(FileError, match=f"is called {suffix} but its content is something else"):
        read_whole(path)


def test_a_tiff_whose_pages_go_round_in_a_circle_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.tif"
    tags = [(256, 4), (257, 4), (258, 8), (259, 1), (262, 1), (273, 8), (277, 1), (279, 16)]
    page = struct.pack("<H", len(tags)) + b"".join(
        struct.pack("<HHII", t, 4, 1, v) for t, v in tags
    )
    path.write_bytes(b"II*\0" + struct.pack("<I", 8) + page + struct.pack("<I", 8))
    with pytest.raises(FileError):
        read_whole(path)


class FullDisk:
    """A file on a disk with room for so many bytes."""

    def __init__(self, room: int) -> None:
        self.content, self.room, self.at = bytearray(), room, 0

    def seek(self, at: int) -> int:
        self.at = at
        return at

    def write(self, data: bytes) -> int:
        taken = data[: max(self.room - self.at, 0)]
        if data and not taken:
            raise OSError(28, "No space left on device")
        self.content[self.at : self.at + len(taken)] = taken
        self.at += len(taken)
        return len(taken)

    def read(self, count: int) -> bytes:
        return bytes(self.content[self.at : self.at + count])

    def truncate(self, size: int) -> int:
        if size > self.room:
            raise OSError(28, "No space left on device")
        del self.content[size:]
        return size


@pytest.mark.parametrize("room", [0, 100, 3_000, 20_000, 100_000])
def test_hdf5_gets_back_what_it_wrote_to_a_full_disk(room: int) -> None:
    sink = HDF5Sink(FullDisk(room))
    values_ZYX = np.random.default_rng(0).random((30, 40, 50))
    with h5py.File(sink, "w") as file:
        file["d"] = values_ZYX
        file.flush()
        np.testing.assert_array_equal(file["d"][...], values_ZYX)
    assert sink.error is not None
    assert sink.error.errno == 28
    assert sink.tell() >= 0
