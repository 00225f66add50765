"""Facts a file states are used, facts it lacks are asked for, and labels get names."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sxtstudio.core.errors import FileError, LabelError, ProjectError, UnitError
from sxtstudio.core.ontology import Extension, default_ontology, new_term
from sxtstudio.core.volume import Tomogram, Volume
from sxtstudio.io.volumes import write_volume
from sxtstudio.project.project import Project
from sxtstudio.workflow.importing import (
    AddCell,
    add_cell_from_files,
    default_name,
    import_tomogram,
    missing_facts,
    parse_voxel_size_nm,
    read_cell_from_files,
    voxel_words,
)
from sxtstudio.workflow.label_import import import_labels
from tests.workflow.cells import VOXEL_UM, ball_cell, write_cell

LAC_ZYX = np.linspace(0, 1.2, 60, dtype=np.float32).reshape(3, 4, 5)
GREY_ZYX = np.arange(60, dtype=np.uint8).reshape(3, 4, 5)


def volume(values: np.ndarray = LAC_ZYX, **facts: object) -> Volume:
    return Volume(values_ZYX=values, **{"voxel_size_um": VOXEL_UM, "lac_per_unit": 1.0, **facts})


def test_what_the_file_states_is_used_and_needs_no_note() -> None:
    tomogram, notes = import_tomogram(volume(GREY_ZYX, lac_per_unit=0.01), "a.mrc")
    assert notes == ()
    assert tomogram.voxel_size_um == VOXEL_UM
    assert tomogram.lac_ZYX.dtype == np.float32
    np.testing.assert_allclose(tomogram.lac_ZYX, GREY_ZYX * 0.01, rtol=1e-6)


def test_an_asked_for_fact_overrides_the_file_and_a_note_tells_both() -> None:
    tomogram, notes = import_tomogram(
        volume(lac_per_unit=2.0), "a.mrc", voxel_size_um=(0.03, 0.03, 0.03), lac_per_unit=0.5
    )
    assert tomogram.voxel_size_um == (0.03, 0.03, 0.03)
    np.testing.assert_allclose(tomogram.lac_ZYX, LAC_ZYX * 0.5)
    assert len(notes) == 2
    assert "60 × 50 × 40 nm (z, y, x)" in notes[0]
    assert "30 nm" in notes[0]
    assert "2 µm⁻¹" in notes[1]
    assert "0.5" in notes[1]


def test_repeating_what_the_file_says_needs_no_note() -> None:
    _, notes = import_tomogram(volume(), "a.mrc", voxel_size_um=VOXEL_UM, lac_per_unit=1.0)
    assert notes == ()


def test_a_missing_voxel_size_is_asked_for() -> None:
    with pytest.raises(UnitError, match=r"a\.mrc.*--voxel-size-nm"):
        import_tomogram(volume(voxel_size_um=None), "a.mrc")


@pytest.mark.parametrize("edge_um", [0.0, -0.04, float("nan"), 1e6])
def test_a_voxel_size_that_cannot_be_true_is_refused(edge_um: float) -> None:
    with pytest.raises(UnitError, match="cannot be true"):
        import_tomogram(volume(voxel_size_um=(edge_um, 0.04, 0.04)), "a.mrc")
    with pytest.raises(UnitError, match="cannot be true"):
        import_tomogram(volume(), "a.mrc", voxel_size_um=(0.04, 0.04, edge_um))


def test_floating_point_values_in_the_range_of_lac_are_taken_as_lac_and_it_is_said() -> None:
    tomogram, notes = import_tomogram(volume(lac_per_unit=None), "a.mrc")
    np.testing.assert_array_equal(tomogram.lac_ZYX, LAC_ZYX)
    assert len(notes) == 1
    assert "taken as LAC" in notes[0]
    assert "1.2" in notes[0]


def test_values_as_dim_as_water_are_taken_with_a_doubt() -> None:
    dim_ZYX = np.linspace(0, 0.126, 4**3, dtype=np.float32).reshape(4, 4, 4)
    volume = Volume(values_ZYX=dim_ZYX, voxel_size_um=(0.15, 0.15, 0.15))

    _, notes = import_tomogram(volume, "dim.mrc")

    assert any("hardly more than water" in note for note in notes)


def test_values_below_those_of_water_are_no_lac_and_a_hint_says_what_they_may_be() -> None:
    dim = volume(LAC_ZYX * 0.02, lac_per_unit=None)
    assert "lac_scale" in missing_facts(dim)
    with pytest.raises(UnitError, match=r"as much as water .* 1 divided by the voxel size"):
        import_tomogram(dim, "a.mrc")


@pytest.mark.parametrize(
    "values", [GREY_ZYX, LAC_ZYX * 100, LAC_ZYX - 30, GREY_ZYX.astype(np.int16) - 20]
)
def test_values_whose_scale_cannot_be_known_are_asked_about(values: np.ndarray) -> None:
    with pytest.raises(UnitError, match="--lac-per-unit"):
        import_tomogram(volume(values, lac_per_unit=None), "a.mrc")


@pytest.mark.parametrize("scale", [0.0, -1.0, float("nan"), float("inf")])
def test_a_scale_that_cannot_be_true_is_refused(scale: float) -> None:
    with pytest.raises(UnitError, match="cannot be true"):
        import_tomogram(volume(), "a.mrc", lac_per_unit=scale)


def test_voxels_that_hold_no_number_are_counted() -> None:
    values = LAC_ZYX.copy()
    values[0, 0, :2] = np.nan, np.inf
    with pytest.raises(FileError, match="2 of 60 voxels hold no number"):
        import_tomogram(volume(values), "a.mrc")


@pytest.mark.parametrize("values", [LAC_ZYX[:1], LAC_ZYX.astype(np.complex64)])
def test_what_is_no_volume_of_numbers_is_refused(values: np.ndarray) -> None:
    with pytest.raises(FileError, match=r"a\.mrc"):
        import_tomogram(volume(values), "a.mrc")


def test_missing_facts_are_those_a_user_must_be_asked_for() -> None:
    assert missing_facts(volume()) == frozenset()
    assert missing_facts(volume(lac_per_unit=None)) == frozenset()
    nothing = Volume(values_ZYX=GREY_ZYX)
    assert missing_facts(nothing) == {"voxel_size", "lac_scale"}


@pytest.mark.parametrize("words", ["", "a", "40,40", "1,2,3,4", "40 40 40"])
def test_words_that_are_no_voxel_size_are_refused(words: str) -> None:
    with pytest.raises(UnitError, match="no voxel size"):
        parse_voxel_size_nm(words, "here")


@given(st.lists(st.integers(1, 5000), min_size=3, max_size=3))
def test_three_edges_in_nanometres_become_micrometres(edges_nm: list[int]) -> None:
    size_um = parse_voxel_size_nm(",".join(map(str, edges_nm)), "here")
    np.testing.assert_allclose(size_um, np.array(edges_nm) / 1000)


def test_one_edge_stands_for_all_three() -> None:
    assert parse_voxel_size_nm("40", "here") == (0.04, 0.04, 0.04)
    assert voxel_words((0.04, 0.04, 0.04)) == "40 nm"


def labels(values: list[int] | np.ndarray, **facts: object) -> tuple[Volume, Tomogram]:
    array = np.zeros((2, 2, 3), np.uint8) + 0
    array = array.astype(np.asarray(values).dtype)
    array.flat[: len(values)] = values
    tomogram = Tomogram(lac_ZYX=np.zeros((2, 2, 3), np.float32), voxel_size_um=VOXEL_UM)
    return Volume(values_ZYX=array, **facts), tomogram


def test_classes_that_are_given_name_the_values() -> None:
    annotation = import_labels(
        *labels([1, 2, 2]), "l.mrc", classes="1=nuclei,2=mito", complete="all"
    )
    assert annotation.label_map.names == {1: "nucleus", 2: "mitochondria"}
    assert annotation.complete == {"nucleus", "mitochondria"}
    assert annotation.label_map.labels_ZYX.dtype == np.uint8
    assert annotation.label_map.voxel_size_um == VOXEL_UM


def test_names_in_the_file_count_when_no_classes_are_given() -> None:
    source = labels([1, 2, 3], class_names={1: "Nucleus", 2: "void", 3: "ignore", 4: "Starch"})
    annotation = import_labels(*source, "l.am", classes=None, complete="starch")
    assert annotation.label_map.names == {1: "nucleus", 2: "exterior", 3: "ignore", 4: "starch"}
    assert annotation.complete == {"starch"}


def test_a_class_at_value_0_moves_to_the_first_free_value() -> None:
    annotation = import_labels(
        *labels([0, 1, 2]), "l.mrc", classes="0=exterior,1=cell,2=nucleus", complete="all"
    )
    assert annotation.label_map.names == {3: "exterior", 1: "cell", 2: "nucleus"}
    assert annotation.label_map.labels_ZYX.ravel().tolist() == [3, 1, 2] + [3] * 9


def test_a_named_value_0_in_the_file_is_a_class_too_but_not_amiras_exterior() -> None:
    drawn = import_labels(
        *labels([1], class_names={0: "void", 1: "cell"}), "l.am", classes=None, complete="none"
    )
    assert drawn.label_map.names == {2: "exterior", 1: "cell"}
    amira = import_labels(
        *labels([1], class_names={0: "Exterior", 1: "cell"}), "l.am", classes=None, complete="none"
    )
    assert amira.label_map.names == {1: "cell"}
    assert amira.label_map.labels_ZYX.ravel().tolist() == [1] + [0] * 11


def test_moving_value_0_widens_the_labels_when_all_of_a_byte_is_used() -> None:
    values = np.arange(256, dtype=np.uint8).reshape(4, 8, 8)
    tomogram = Tomogram(lac_ZYX=np.zeros((4, 8, 8), np.float32), voxel_size_um=VOXEL_UM)
    classes = "0=exterior," + ",".join(f"{value}=cell" for value in range(1, 256))
    annotation = import_labels(
        Volume(values_ZYX=values), tomogram, "l.mrc", classes=classes, complete="none"
    )
    assert annotation.label_map.labels_ZYX.dtype == np.uint16
    assert annotation.label_map.labels_ZYX[0, 0, 0] == 256


@pytest.mark.parametrize(
    ("values", "classes", "sentence"),
    [
        ([1, 7], "1=nucleus", "no class is known for the label value 7"),
        ([1, 7, 9], "1=nucleus", "label values 7, 9"),
        ([1], None, "--classes"),
        ([1], "1=nucleos", "nucleos"),
        ([1], "nucleus", "nucleus"),
        ([-1], "1=nucleus", "value -1"),
        ([70000], "1=nucleus", "value 70000"),
        ([0.5], "1=nucleus", "0.5, which is no label"),
    ],
)
def test_labels_that_cannot_be_understood_are_refused_with_the_reason(
    values: list[int], classes: str | None, sentence: str
) -> None:
    with pytest.raises(LabelError, match=sentence) as caught:
        import_labels(*labels(values), "l.mrc", classes=classes, complete="none")
    assert "l.mrc" in str(caught.value)


def test_a_name_the_ontology_does_not_know_points_to_classes() -> None:
    source = labels([1], class_names={1: "thingamajig"})
    with pytest.raises(LabelError, match=r"thingamajig.*--classes"):
        import_labels(*source, "l.am", classes=None, complete="none")


def test_whole_numbers_in_floating_point_are_labels() -> None:
    annotation = import_labels(
        *labels(np.array([1.0, 2.0], np.float32)), "l.mrc", classes="1=cell,2=er", complete="none"
    )
    assert annotation.label_map.labels_ZYX.dtype == np.uint8
    assert annotation.complete == frozenset()


def test_labels_on_another_grid_are_refused() -> None:
    source, _ = labels([1])
    tomogram = Tomogram(lac_ZYX=np.zeros((2, 3, 3), np.float32), voxel_size_um=VOXEL_UM)
    with pytest.raises(LabelError, match="2 × 2 × 3 voxels"):
        import_labels(source, tomogram, "l.mrc", classes="1=cell", complete="none")


@pytest.fixture
def files(tmp_path: Path) -> tuple[Path, Path]:
    return write_cell(ball_cell("b4"), tmp_path)


def test_a_cell_from_files_is_in_the_project_as_it_was_in_the_files(
    tmp_path: Path, files: tuple[Path, Path]
) -> None:
    cell = ball_cell("b4")
    with Project.create(tmp_path / "p.sxt") as project:
        request = AddCell(tomogram=files[0], labels=files[1], complete="all")
        record, notes = add_cell_from_files(project, request)
        assert record.name == "b4"
        assert record.link is None
        np.testing.assert_array_equal(project.tomogram(record.id).lac_ZYX, cell.tomogram.lac_ZYX)
        annotation = project.annotation(record.id)
    np.testing.assert_allclose(record.voxel_size_um, VOXEL_UM, rtol=1e-5)
    assert annotation.label_map.names == {1: "nucleus", 2: "lipid"}
    assert annotation.complete == {"nucleus", "lipid"}
    np.testing.assert_array_equal(
        annotation.label_map.labels_ZYX, cell.annotations[0].label_map.labels_ZYX
    )
    assert not any("drawn everywhere" in note for note in notes)


def test_a_linked_tomogram_stays_where_it_is(tmp_path: Path, files: tuple[Path, Path]) -> None:
    with Project.create(tmp_path / "p.sxt") as project:
        record, _ = add_cell_from_files(
            project, AddCell(tomogram=files[0], name="mine", link=True, lac_per_unit=2.0)
        )
        assert record.name == "mine"
        assert record.link is not None
        assert record.link.relative_path == "b4.mrc"
        np.testing.assert_allclose(
            project.tomogram(record.id).lac_ZYX, 2 * ball_cell("b4").tomogram.lac_ZYX, rtol=1e-6
        )
    assert (tmp_path / "p.sxt").stat().st_size < files[0].stat().st_size


def test_saying_nothing_about_completeness_is_told_to_the_user(
    tmp_path: Path, files: tuple[Path, Path]
) -> None:
    with Project.create(tmp_path / "p.sxt") as project:
        record, notes = add_cell_from_files(project, AddCell(tomogram=files[0], labels=files[1]))
    assert record.versions[0].complete == frozenset()
    assert any("--complete" in note for note in notes)


def test_labels_with_another_voxel_size_are_taken_with_a_note(
    tmp_path: Path, files: tuple[Path, Path]
) -> None:
    values = ball_cell("b4").annotations[0].label_map.labels_ZYX
    other = tmp_path / "other.mrc"
    write_volume(other, Volume(values_ZYX=values, voxel_size_um=(0.1, 0.1, 0.1)))
    with Project.create(tmp_path / "p.sxt") as project:
        request = AddCell(
            tomogram=files[0], labels=other, classes="1=nucleus,2=lipid", complete="none"
        )
        _, notes = add_cell_from_files(project, request)
    assert any("100 nm" in note and "tomogram's count" in note for note in notes)


def test_a_name_that_is_taken_changes_nothing(tmp_path: Path, files: tuple[Path, Path]) -> None:
    with Project.create(tmp_path / "p.sxt") as project:
        add_cell_from_files(project, AddCell(tomogram=files[0]))
        with pytest.raises(ProjectError, match="b4"):
            add_cell_from_files(project, AddCell(tomogram=files[0]))
        assert len(project.cells()) == 1


def test_classes_without_labels_are_refused(tmp_path: Path, files: tuple[Path, Path]) -> None:
    with (
        Project.create(tmp_path / "p.sxt") as project,
        pytest.raises(LabelError, match="--labels"),
    ):
        add_cell_from_files(project, AddCell(tomogram=files[0], classes="1=nucleus"))


def test_a_cell_is_called_after_its_file() -> None:
    assert default_name(Path("/data/b4.map.gz")) == "b4"
    assert default_name(Path(".hidden")) == ".hidden"


def test_labels_may_name_terms_of_the_project(tmp_path: Path) -> None:
    tomogram, labels = write_cell(ball_cell("ball", seed=0), tmp_path)
    term = new_term(default_ontology(), "Garden organelle", "cell", synonyms=("GO",))
    request = AddCell(
        tomogram=tomogram, labels=labels, classes="1=GO,2=ignore", complete="GO,vacuole"
    )
    with Project.create(tmp_path / "p.sxt") as project:
        with pytest.raises(LabelError, match="no class 'GO'"):
            add_cell_from_files(project, request)
        project.extend(Extension(terms=(term,)))
        record, notes = add_cell_from_files(project, request)

    assert record.versions[0].names == {1: term.id, 2: "ignore"}
    assert record.versions[0].complete == {term.id, "vacuole"}
    assert any("vacuole said to be drawn everywhere" in note for note in notes)


def only_planes(tmp_path: Path, planes: list[int]) -> Path:
    """Write a cell of which some planes along z are drawn; return its labels' file."""
    cell = ball_cell("sparse")
    write_cell(cell, tmp_path)
    labels_ZYX = cell.annotations[0].label_map.labels_ZYX.copy()
    kept_ZYX = np.zeros_like(labels_ZYX)
    kept_ZYX[planes] = labels_ZYX[planes]
    names = {1: "nucleus", 2: "lipid"}
    path = tmp_path / "sparse_labels.am"
    write_volume(path, Volume(values_ZYX=kept_ZYX, voxel_size_um=VOXEL_UM, class_names=names))
    return path


@pytest.mark.parametrize(("complete", "is_opened"), [("all", True), ("none", False)])
def test_planes_between_those_that_were_drawn_are_left_open_if_a_class_is_complete(
    tmp_path: Path, complete: str, is_opened: bool
) -> None:
    labels = only_planes(tmp_path, [7, 9, 16])
    request = AddCell(tomogram=tmp_path / "sparse.mrc", labels=labels, complete=complete)
    found = read_cell_from_files(request, tmp_path, default_ontology())
    label_map = found.cell.annotations[0].label_map
    value = {name: value for value, name in label_map.names.items()}.get("ignore")
    assert (value is not None) == is_opened
    said = [note for note in found.notes if "3 of 24 planes along z" in note]
    assert len(said) == is_opened
    if value is not None:
        open_ZYX = label_map.labels_ZYX == value
        assert open_ZYX[[0, 8, 10, 23]].all()
        assert not open_ZYX[[7, 9, 16]].any()


def test_planes_side_by_side_are_only_told_of(tmp_path: Path) -> None:
    z_ZYX, y_ZYX, x_ZYX = np.indices((24, 26, 28))
    block_ZYX = ((abs(z_ZYX - 12) < 4) & (abs(y_ZYX - 13) < 9) & (abs(x_ZYX - 14) < 9)) * 1
    volume = Volume(values_ZYX=block_ZYX.astype(np.uint8), voxel_size_um=VOXEL_UM)
    write_volume(tmp_path / "block.mrc", volume)
    write_cell(ball_cell(), tmp_path)
    request = AddCell(
        tomogram=tmp_path / "ball.mrc",
        labels=tmp_path / "block.mrc",
        classes="1=nucleus",
        complete="all",
    )
    found = read_cell_from_files(request, tmp_path, default_ontology())
    assert found.cell.annotations[0].label_map.names == {1: "nucleus"}
    assert any("ends there all at once" in note for note in found.notes)


@pytest.mark.parametrize("scale", [31.25, 1000.0])
def test_a_scale_that_makes_more_than_gold_of_a_cell_is_refused(scale: float) -> None:
    with pytest.raises(UnitError, match="nothing absorbs more than gold"):
        import_tomogram(volume(), "a.mrc", lac_per_unit=scale)
