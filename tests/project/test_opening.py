"""What is not a sound project of ours is refused with a sentence, and not a byte of it changes."""

import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import h5py
import numpy as np
import pytest

from sxtstudio.core.errors import ProjectError
from sxtstudio.project.project import Project
from sxtstudio.project.structure import structure_problems
from tests.project.samples import TASK, sample_annotation, sample_cell, sample_prediction


@pytest.fixture(scope="module")
def sound(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("sound") / "sound.sxt"
    with Project.create(path) as project:
        project.add_cell(sample_cell("a", 1))
        project.add_task(TASK)
    return path


@pytest.fixture
def path(sound: Path, tmp_path: Path) -> Path:
    return Path(shutil.copy(sound, tmp_path / "study.sxt"))


def _refused(path: Path, sentence: str) -> None:
    before = path.read_bytes() if path.is_file() else None
    for read_only in (False, True):
        with pytest.raises(ProjectError, match=sentence):
            Project.open(path, read_only=read_only)
    assert before == (path.read_bytes() if path.is_file() else None)
    assert not path.with_name(path.name + ".lock").exists()


def test_a_missing_file_is_refused(tmp_path: Path) -> None:
    _refused(tmp_path / "none.sxt", "there is no such project file")
    _refused(tmp_path, "there is no such project file")


@pytest.mark.parametrize("content", [b"", b"hello", b"\x89HDF\r\n\x1a\n", bytes(10_000)])
def test_a_file_of_another_kind_is_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "study.sxt"
    path.write_bytes(content)
    _refused(path, "is not a project of SXT Studio|is damaged")


def test_an_hdf5_file_of_someone_else_is_refused_and_not_touched(tmp_path: Path) -> None:
    path = tmp_path / "study.sxt"
    with h5py.File(path, "w") as root:
        root["data"] = np.arange(10)
    with path.open("ab") as file:
        file.write(b"bytes behind the end")
    _refused(path, "is an HDF5 file, but not a project of SXT Studio")


@pytest.mark.parametrize("left", [0.999, 0.7, 0.3, 0.02])
def test_a_truncated_file_is_refused_with_a_sentence(path: Path, left: float) -> None:
    content = path.read_bytes()
    path.write_bytes(content[: int(len(content) * left)])
    _refused(path, "is truncated, its end is missing|is damaged and cannot be opened")


def test_a_project_that_only_a_newer_program_reads_is_refused(path: Path) -> None:
    with h5py.File(path, "r+") as root:
        root.attrs["schema"] = 7
        root.attrs["schema_min_reader"] = 7
        root.attrs["app_version"] = "9.1"
    _refused(path, r"written by a newer SXT Studio \(9.1, schema 7; this program reads schema 1\)")


def test_a_newer_project_that_can_be_read_opens_read_only(path: Path) -> None:
    with h5py.File(path, "r+") as root:
        root.attrs["schema"] = 2
    with pytest.raises(ProjectError, match="open it read-only, or update the program"):
        Project.open(path)
    with Project.open(path, read_only=True) as project:
        assert project.cell("a").name == "a"


def test_a_project_without_its_schema_is_refused(path: Path) -> None:
    with h5py.File(path, "r+") as root:
        del root.attrs["schema"]
    _refused(path, "is damaged .it does not say its schema")


# --- files that reach outside themselves ---------------------------------------------------------


def _external_link(root: h5py.File, other: Path) -> None:
    root["cells/x"] = h5py.ExternalLink(str(other), "/secret")


def _soft_link(root: h5py.File, other: Path) -> None:
    root["cells/x"] = h5py.SoftLink("/tasks")


def _second_name(root: h5py.File, other: Path) -> None:
    root["cells/x"] = root["tasks"]


def _external_storage(root: h5py.File, other: Path) -> None:
    root.create_dataset("cells/x", (4,), "u1", external=[(str(other), 0, 4)])


def _virtual(root: h5py.File, other: Path) -> None:
    layout = h5py.VirtualLayout((4,), "u1")
    layout[:] = h5py.VirtualSource(str(other), "secret", (4,))
    root.create_virtual_dataset("cells/x", layout)


def _reference(root: h5py.File, other: Path) -> None:
    root.create_dataset("cells/x", data=np.array([root["tasks"].ref], h5py.ref_dtype))


def _named_type(root: h5py.File, other: Path) -> None:
    root["cells/x"] = np.dtype("u1")


def _filter(root: h5py.File, other: Path) -> None:
    root.create_dataset("cells/x", (4,), "u1", chunks=(4,), compression="lzf")


def _huge(root: h5py.File, other: Path) -> None:
    root.create_dataset("cells/x", (2**41,), "u1", chunks=(64,))


def _huge_chunk(root: h5py.File, other: Path) -> None:
    root.create_dataset("cells/x", (2**30,), "u1", chunks=(2**28,))


def _deep(root: h5py.File, other: Path) -> None:
    root.create_group("cells/a1/b/c/d/e/f/g/h")


def _part_missing(root: h5py.File, other: Path) -> None:
    del root["networks"]


@pytest.mark.parametrize(
    ("damage", "sentence"),
    [
        (_external_link, "/cells/x is a link to another place"),
        (_soft_link, "/cells/x is a link to another place"),
        (_second_name, "is a second name of another object"),
        (_external_storage, "keeps its values in another file"),
        (_virtual, "keeps its values in another file"),
        (_reference, "holds references"),
        (_named_type, "is a named type"),
        (_filter, "compressed with a filter that projects do not use"),
        (_huge, "claims to have 2199023255552 bytes"),
        (_huge_chunk, "has chunks that are too large"),
        (_deep, "is nested too deeply"),
        (_part_missing, "the part /networks is missing"),
    ],
)
def test_a_file_that_reaches_outside_itself_is_refused(
    path: Path, tmp_path: Path, damage: Callable[[h5py.File, Path], None], sentence: str
) -> None:
    other = tmp_path / "other.h5"
    with h5py.File(other, "w") as root:
        root["secret"] = np.arange(4, dtype="u1")
    with h5py.File(path, "r+") as root:
        damage(root, other)
    _refused(path, sentence)
    with h5py.File(path, "r") as root:
        problems = list(structure_problems(root))
    assert any(sentence in problem for problem in problems)


# --- read-only -----------------------------------------------------------------------------------


def test_reading_everything_read_only_changes_no_byte_and_leaves_no_lock(path: Path) -> None:
    before, time = path.read_bytes(), path.stat().st_mtime_ns
    with Project.open(path, read_only=True) as project:
        assert project.read_only
        project.tomogram("a")
        project.annotation("a")
        project.label_map("a")
        assert project.check() == ()
        assert not path.with_name("study.sxt.lock").exists()
    assert path.read_bytes() == before
    assert path.stat().st_mtime_ns == time
    assert sorted(item.name for item in path.parent.iterdir()) == ["study.sxt"]


def test_a_read_only_project_refuses_every_change(path: Path, tmp_path: Path) -> None:
    before = path.read_bytes()
    with Project.open(path, read_only=True) as project:
        for change in (
            lambda: project.add_cell(sample_cell("b", 2)),
            lambda: project.rename_cell("a", "b"),
            lambda: project.add_annotation("a", sample_annotation(2), kind="corrected"),
            lambda: project.add_prediction("a", sample_prediction(2)),
        ):
            with pytest.raises(ProjectError, match="is open read-only"):
                change()
    assert path.read_bytes() == before


def test_a_read_only_project_sees_what_the_writer_commits(path: Path) -> None:
    with Project.open(path) as writer, Project.open(path, read_only=True) as reader:
        for seed in range(2, 8):
            writer.add_cell(sample_cell(f"cell {seed}", seed))
            assert reader.cells() == writer.cells()
            assert reader.check() == ()


_READER = """
import sys
from pathlib import Path
from sxtstudio.project.project import Project
with Project.open(Path(sys.argv[1]), read_only=True) as project:
    print("open", flush=True)
    seen = 0
    while seen < 20:
        seen = len(project.cells())
        for cell in project.cells()[-2:]:
            assert project.label_map(cell.id).shape == cell.shape
    assert project.check() == ()
"""


@pytest.mark.slow
def test_another_process_reads_while_this_one_writes(path: Path) -> None:
    with (
        Project.open(path) as writer,
        subprocess.Popen(
            [sys.executable, "-c", _READER, str(path)], stdout=subprocess.PIPE, text=True
        ) as reader,
    ):
        assert reader.stdout is not None
        assert reader.stdout.readline() == "open\n"
        for seed in range(2, 21):
            writer.add_cell(sample_cell(f"cell {seed}", seed))
        assert reader.wait(60) == 0


# --- creating ------------------------------------------------------------------------------------


def test_creating_over_an_existing_file_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "study.sxt"
    path.write_text("my notes")
    with pytest.raises(ProjectError, match="there is already a file of this name"):
        Project.create(path)
    assert path.read_text() == "my notes"
    assert [item.name for item in tmp_path.iterdir()] == ["study.sxt"]


def test_creating_in_a_missing_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ProjectError, match="there is no folder"):
        Project.create(tmp_path / "none" / "study.sxt")


def test_creating_leaves_only_the_project_and_its_lock(tmp_path: Path) -> None:
    with Project.create(tmp_path / "study.sxt"):
        names = sorted(item.name for item in tmp_path.iterdir())
        assert names == ["study.sxt", "study.sxt.lock"]
    assert [item.name for item in tmp_path.iterdir()] == ["study.sxt"]
