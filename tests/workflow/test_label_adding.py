"""Labels that were made elsewhere become the next version of a cell, or say why not."""

import hashlib
from pathlib import Path

import numpy as np
import pytest
import tifffile
from hypothesis import given
from hypothesis import strategies as st

from sxtstudio.core.errors import LabelError, ProjectError
from sxtstudio.core.events import Cancelled, Event, Progress
from sxtstudio.core.ontology import default_ontology
from sxtstudio.core.volume import Volume
from sxtstudio.io.volumes import write_volume
from sxtstudio.project.project import Project
from sxtstudio.project.records import LabelVersion
from sxtstudio.workflow.correcting import restore_version
from sxtstudio.workflow.label_adding import (
    Meaning,
    _binned,
    add_labels,
    like_version,
    misfit_words,
    read_label_file,
)
from sxtstudio.workflow.label_import import label_values
from tests.workflow.cells import VOXEL_UM, ball_cell

WORDS = default_ontology()
LABELS_ZYX = ball_cell("ball-0", seed=0).annotations[0].label_map.labels_ZYX
MENDED_ZYX = np.where(LABELS_ZYX == 2, 0, LABELS_ZYX)


def write(path: Path, labels_ZYX: np.ndarray, **facts: object) -> Path:
    write_volume(path, Volume(values_ZYX=labels_ZYX, **{"voxel_size_um": VOXEL_UM, **facts}))
    return path


def add(
    project: Project, cell: str, path: Path, classes: str | None = None, complete: str = "none"
) -> tuple[LabelVersion, tuple[str, ...]]:
    meaning = Meaning(classes=classes, complete=complete)
    return add_labels(project, project.cell(cell), read_label_file(path), meaning, WORDS)


@pytest.mark.parametrize("suffix", [".mrc", ".tif", ".am", ".h5"])
def test_labels_from_any_format_become_the_newest_version(
    project: Project, tmp_path: Path, suffix: str
) -> None:
    path = write(tmp_path / f"l{suffix}", MENDED_ZYX, class_names={1: "nuclei"})
    version, notes = add(project, "ball-0", path, classes="1=nucleus", complete="nucleus")
    first, newest = project.cell("ball-0").versions
    assert newest == version
    assert (first.kind, newest.kind) == ("imported", "imported")
    assert newest.names == {1: "nucleus"}
    assert newest.complete == {"nucleus"}
    assert not any("voxels are" in note for note in notes)
    stored = project.label_map("ball-0")
    np.testing.assert_array_equal(stored.labels_ZYX, MENDED_ZYX)
    np.testing.assert_array_equal(project.label_map("ball-0", first.id).labels_ZYX, LABELS_ZYX)
    assert project.check() == ()


def test_where_they_came_from_is_written_down(project: Project, tmp_path: Path) -> None:
    path = write(tmp_path / "mended.am", MENDED_ZYX, class_names={1: "nucleus"})
    version, _ = add(project, "ball-0", path)
    assert version.comment == "from mended.am"
    assert version.made_by is not None
    sha256 = hashlib.sha256(path.read_bytes()).hexdigest()
    assert version.made_by.parameters["file"] == "mended.am"
    assert version.made_by.parameters["file_sha256"] == sha256
    assert version.made_by.inputs == (project.cell("ball-0").lac_sha256, sha256)
    assert project.history()[-1].action == "add imported labels"


def test_the_earlier_version_stays_and_can_be_restored(project: Project, tmp_path: Path) -> None:
    path = write(tmp_path / "mended.mrc", MENDED_ZYX)
    add(project, "ball-0", path, classes="1=nucleus")
    cell = project.cell("ball-0")
    restored = restore_version(project, cell, cell.versions[0], WORDS)
    newest = project.cell("ball-0").versions[-1]
    assert newest.id == restored.id
    assert newest.names == cell.versions[0].names
    assert newest.complete == cell.versions[0].complete
    np.testing.assert_array_equal(project.label_map("ball-0").labels_ZYX, LABELS_ZYX)
    again = restore_version(project, project.cell("ball-0"), cell.versions[1], WORDS)
    np.testing.assert_array_equal(project.label_map("ball-0", again.id).labels_ZYX, MENDED_ZYX)


def test_a_cell_without_labels_gets_its_first(project: Project, tmp_path: Path) -> None:
    path = write(tmp_path / "l.mrc", LABELS_ZYX)
    version, _ = add(project, "new", path, classes="1=nucleus,2=lipid", complete="all")
    assert project.cell("new").versions == (version,)
    assert version.complete == {"nucleus", "lipid"}


def test_a_value_called_0_is_left_unlabelled(project: Project, tmp_path: Path) -> None:
    path = write(tmp_path / "l.mrc", LABELS_ZYX)
    version, _ = add(project, "ball-0", path, classes="1=nucleus, 2 = 0")
    assert version.names == {1: "nucleus"}
    np.testing.assert_array_equal(project.label_map("ball-0").labels_ZYX, MENDED_ZYX)


def test_a_region_to_ignore_stays_one(project: Project, tmp_path: Path) -> None:
    path = write(tmp_path / "l.mrc", LABELS_ZYX)
    version, _ = add(project, "ball-0", path, classes="1=nucleus,2=ignore")
    assert version.names == {1: "nucleus", 2: "ignore"}


@pytest.mark.parametrize(
    ("classes", "sentence"),
    [
        (None, "no class is known for the label values 1, 2"),
        ("1=nucleus", "no class is known for the label value 2"),
        ("1=nucleus,2=nucleos", "nucleos"),
        ("1=0,2=0", "no voxel is labelled as a structure"),
        ("1=ignore,2=ignore", "no voxel is labelled as a structure"),
    ],
)
def test_values_without_a_meaning_are_refused_and_nothing_is_added(
    project: Project, tmp_path: Path, classes: str | None, sentence: str
) -> None:
    path = write(tmp_path / "l.mrc", LABELS_ZYX)
    with pytest.raises(LabelError, match=sentence):
        add(project, "ball-0", path, classes=classes)
    assert len(project.cell("ball-0").versions) == 1


def test_labels_of_another_shape_are_refused_with_both_shapes(
    project: Project, tmp_path: Path
) -> None:
    path = write(tmp_path / "l.mrc", LABELS_ZYX[:-3])
    with pytest.raises(LabelError, match=r"21 × 26 × 28 .* ball-0 has 24 × 26 × 28; choose"):
        add(project, "ball-0", path, classes="1=nucleus,2=lipid")
    assert len(project.cell("ball-0").versions) == 1


@pytest.mark.parametrize(
    ("order", "words"),
    [
        ((2, 1, 0), "x, y, z"),
        ((0, 2, 1), "z, x, y"),
        ((1, 0, 2), "y, z, x"),
        ((2, 0, 1), "x, z, y"),
        ((1, 2, 0), "y, x, z"),
    ],
)
def test_turned_axes_are_called_by_their_names(order: tuple[int, int, int], words: str) -> None:
    turned = LABELS_ZYX.transpose(order).shape
    said = misfit_words(turned, LABELS_ZYX.shape, "ball-0", "l.mrc")
    assert f"its axes look like {words};" in said


@given(shape=st.tuples(*[st.integers(16, 90)] * 3), factor=st.integers(2, 5))
def test_a_binned_copy_is_recognised(shape: tuple[int, int, int], factor: int) -> None:
    down, up = tuple(n // factor for n in shape), tuple(-(-n // factor) for n in shape)
    if round(shape[0] / down[0]) == factor:
        assert _binned(shape, down) == factor
    if round(shape[0] / up[0]) == factor:
        assert _binned(shape, up) == factor
    assert _binned(shape, shape) == 0


def test_labels_of_a_binned_copy_are_told_what_to_do() -> None:
    said = misfit_words((12, 13, 14), (24, 26, 28), "ball-0", "l.mrc")
    assert "binned by 2; enlarge it 2-fold" in said
    assert misfit_words((24, 26, 28), (24, 26, 28), "ball-0", "l.mrc") == ""


def test_another_voxel_size_is_told_and_the_cells_counts(project: Project, tmp_path: Path) -> None:
    path = write(tmp_path / "l.mrc", LABELS_ZYX, voxel_size_um=(0.03, 0.03, 0.03))
    _, notes = add(project, "ball-0", path, classes="1=nucleus,2=lipid")
    assert any("30 nm, the tomogram's 60 × 50 × 40 nm" in note for note in notes)
    assert project.label_map("ball-0").voxel_size_um == VOXEL_UM


def test_a_project_that_can_only_be_read_says_so(tmp_path: Path) -> None:
    with Project.create(tmp_path / "p.sxt") as made:
        made.add_cell(ball_cell("a"))
    path = write(tmp_path / "l.mrc", LABELS_ZYX)
    with (
        Project.open(tmp_path / "p.sxt", read_only=True) as project,
        pytest.raises(ProjectError, match=r"p\.sxt is open read-only.*save a copy"),
    ):
        add(project, "a", path, classes="1=nucleus,2=lipid")


def test_numbers_of_an_earlier_version_are_recognised(project: Project, tmp_path: Path) -> None:
    cell = project.cell("ball-0")
    plain = read_label_file(write(tmp_path / "plain.mrc", MENDED_ZYX))
    assert like_version(plain, cell) == cell.versions[0]
    named = read_label_file(write(tmp_path / "l.am", MENDED_ZYX, class_names={1: "x"}))
    assert like_version(named, cell) is None
    more_ZYX = LABELS_ZYX.copy()
    more_ZYX[0, 0, 0] = 9
    more = read_label_file(write(tmp_path / "more.mrc", more_ZYX))
    assert like_version(more, cell) == cell.versions[0]
    empty = read_label_file(write(tmp_path / "empty.mrc", LABELS_ZYX * 0))
    assert like_version(empty, cell) is None
    other = read_label_file(write(tmp_path / "other.mrc", LABELS_ZYX * 3))
    assert like_version(other, cell) is None
    assert like_version(plain, project.cell("new")) is None


def test_a_file_is_read_with_its_counts_and_progress(tmp_path: Path) -> None:
    path = write(tmp_path / "l.mrc", LABELS_ZYX)
    events: list[Event] = []
    file = read_label_file(path, events.append)
    assert file.voxels == {v: int((v == LABELS_ZYX).sum()) for v in (0, 1, 2)}
    assert file.values == (0, 1, 2)
    fractions = [it.fraction for it in events if isinstance(it, Progress)]
    assert fractions == sorted(fractions)
    assert len(fractions) >= 3


def test_a_folder_of_images_has_a_sum_of_its_values(tmp_path: Path) -> None:
    folder = tmp_path / "series"
    folder.mkdir()
    for number, plane in enumerate(LABELS_ZYX):
        tifffile.imwrite(folder / f"l_{number:03}.tif", plane, photometric="minisblack")
    file = read_label_file(folder)
    assert file.sha256 == hashlib.sha256(LABELS_ZYX.tobytes()).hexdigest()


def test_reading_can_be_called_off(tmp_path: Path) -> None:
    path = write(tmp_path / "l.mrc", LABELS_ZYX)

    def stop(event: Event) -> None:
        raise Cancelled

    with pytest.raises(Cancelled):
        read_label_file(path, stop)


def test_storing_can_be_called_off_and_leaves_the_project_as_it_was(
    project: Project, tmp_path: Path
) -> None:
    file = read_label_file(write(tmp_path / "l.mrc", LABELS_ZYX))

    def stop(event: Event) -> None:
        if isinstance(event, Progress) and event.text.startswith("Storing"):
            raise Cancelled

    meaning = Meaning(classes="1=nucleus,2=lipid", complete="none")
    with pytest.raises(Cancelled):
        add_labels(project, project.cell("ball-0"), file, meaning, WORDS, stop)
    assert len(project.cell("ball-0").versions) == 1
    assert project.check() == ()


def test_one_number_for_each_object_is_refused(tmp_path: Path) -> None:
    values = np.arange(600, dtype=np.uint16).reshape(6, 10, 10)
    with pytest.raises(LabelError, match="600 different values"):
        read_label_file(write(tmp_path / "l.mrc", values))


def test_a_high_value_in_a_later_slab_widens_the_labels(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sxtstudio.io.arrays.SLAB_BYTES", 200)
    values = np.zeros((6, 10, 10), np.int32)
    values[1, 2, 3], values[5, 5, 5] = 7, 300
    labels_ZYX = label_values(Volume(values_ZYX=values), "l.mrc")
    assert labels_ZYX.dtype == np.uint16
    np.testing.assert_array_equal(labels_ZYX, values)
    values[5, 5, 5] = 200
    assert label_values(Volume(values_ZYX=values), "l.mrc").dtype == np.uint8
