"""A library keeps what it is given, and nothing of it is changed or lost."""

from dataclasses import replace
from pathlib import Path

import h5py
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from sxtstudio.core.cell import Annotation, Cell
from sxtstudio.core.coverage import annotation_facts
from sxtstudio.core.errors import FileError, LabelError, LibraryError
from sxtstudio.core.events import Cancelled, Event, Progress
from sxtstudio.core.ontology import IGNORE, Extension, SemanticClass
from sxtstudio.core.similarity import lac_histogram
from sxtstudio.core.volume import LabelMap, Tomogram
from sxtstudio.io.volumes import read_volume
from sxtstudio.library.library import Library
from sxtstudio.library.records import CellQuery, LibraryCell
from tests.library.samples import VOXEL_UM, same_cell, sample_annotation, sample_cell

ALL = CellQuery(with_unused=True)
WORDS = st.text(st.characters(categories=("L", "N", "P", "S"), include_characters=" "), max_size=20)


def file_of(library: Library, cell: LibraryCell) -> Path:
    return library.folder / "cells" / cell.id[:2] / f"{cell.id}.sxtcell"


def fresh(library: Library) -> Library:
    """Open the same library as another workstation does."""
    return Library.open(library.folder, cache=library.folder.parent / "other")


@st.composite
def cells(draw: st.DrawFn) -> Cell:
    shape = draw(st.tuples(*[st.integers(1, 6)] * 3))
    lac = st.floats(-1, 2, width=32)
    voxel_um = draw(st.tuples(*[st.floats(1e-3, 1)] * 3))
    names = draw(st.dictionaries(st.integers(1, 255), st.sampled_from(["nucleus", "er", IGNORE])))
    known = st.sampled_from([0, *names])
    annotations = tuple(
        Annotation(
            label_map=LabelMap(
                labels_ZYX=draw(arrays.arrays(dtype, shape, elements=known)),
                names=names,
                voxel_size_um=voxel_um,
            ),
            complete=draw(st.frozensets(st.sampled_from(["nucleus", "lipid", "er"]))),
            author=draw(WORDS),
        )
        for dtype in draw(st.lists(st.sampled_from([np.uint8, np.uint16]), max_size=2))
    )
    return Cell(
        name=draw(WORDS.filter(str.strip)).strip(),
        tomogram=Tomogram(
            lac_ZYX=draw(arrays.arrays(np.float32, shape, elements=lac)), voxel_size_um=voxel_um
        ),
        annotations=annotations,
        species=draw(WORDS),
        condition=draw(WORDS),
    )


@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
@given(cell=cells())
def test_any_cell_comes_back_as_it_was(library: Library, cell: Cell) -> None:
    added = library.add_cell(cell)
    read = library.read_cell(added.id)
    assert same_cell(read, cell)
    assert read.library_ids == (added.id,)
    assert [item.facts for item in added.annotations] == [
        annotation_facts(annotation) for annotation in cell.annotations
    ]
    assert added.histogram == lac_histogram(cell.tomogram.lac_ZYX)


def test_what_is_said_of_a_cell_is_found_by_everybody(library: Library) -> None:
    cell = sample_cell("a", 1, annotations=2)
    added = library.add_cell(cell, source="old/a.rec", author="Ada")
    assert (added.source, added.author, added.kind) == (
        "old/a.rec",
        "Ada",
        "Chlamydomonas reinhardtii, cw15",
    )
    with fresh(library) as other:
        assert (other.name, other.uuid) == ("Alga", library.uuid)
        assert other.cells() == library.cells() == (added,)
        assert same_cell(other.read_cell(added.id), cell)
        assert other.check() == other.problems == ()


def test_the_same_content_is_the_same_file_whoever_adds_it(library: Library) -> None:
    with fresh(library) as other:
        first = library.add_cell(sample_cell("a", 1), author="Ada", source="here")
        assert library.add_cell(sample_cell("a", 1), author="Ben", source="there") == first
        assert other.add_cell(sample_cell("a", 1), author="Ben") == first
    assert [path.stem for path in library.folder.rglob("*.sxtcell")] == [first.id]


@pytest.mark.parametrize(
    "other",
    [
        replace(sample_cell("a", 1), name="b"),
        replace(sample_cell("a", 1), strain="CC-124"),
        replace(sample_cell("a", 1), annotations=()),
        replace(sample_cell("a", 1), annotations=(sample_annotation(8),)),
        replace(
            sample_cell("a", 1), annotations=(replace(sample_annotation(1), complete=frozenset()),)
        ),
    ],
)
def test_other_content_is_another_file(library: Library, other: Cell) -> None:
    first, second = library.add_cell(sample_cell("a", 1)), library.add_cell(other)
    assert first.id != second.id
    assert same_cell(library.read_cell(second.id), other)
    assert len(library.cells()) == 2


def test_plain_hdf5_programs_read_a_cell(library: Library) -> None:
    cell = sample_cell("Zelle Ä", 1)
    path = file_of(library, library.add_cell(cell))
    with h5py.File(path, "r") as file:
        assert file.attrs["format"] == b"sxtstudio-cell"
        assert file.attrs["name"].decode() == "Zelle Ä"
        assert file["tomogram"].chunks == (7, 35, 9)
        assert file["tomogram"].compression is None
        assert np.array_equal(file["tomogram"][()], cell.tomogram.lac_ZYX)
        labels = file["annotations/0/labels"]
        assert (labels.compression, labels.compression_opts) == ("gzip", 1)
        assert np.array_equal(labels[()], cell.annotations[0].label_map.labels_ZYX)
        assert labels.attrs["class_names"] == b"1=nucleus, 2=mitochondria"
        assert labels.attrs["complete"] == b"nucleus, vacuole"


def test_a_small_cell_takes_no_more_room_than_its_voxels(library: Library) -> None:
    cell = sample_cell("a", 1, shape=(65, 70, 65))
    added = library.add_cell(cell)
    assert file_of(library, added).stat().st_size < 1.3 * 5 * 65 * 70 * 65
    assert same_cell(library.read_cell(added.id), cell)


def test_a_cell_is_not_taken_for_a_volume(library: Library) -> None:
    path = file_of(library, library.add_cell(sample_cell("a", 1)))
    with pytest.raises(FileError, match=r"is a file of SXT Studio \(sxtstudio-cell\)"):
        read_volume(path)


def test_a_new_annotation_makes_a_version_without_copying_the_tomogram(library: Library) -> None:
    shape = (40, 40, 40)
    cell = sample_cell("a", 1, shape=shape)
    old = library.add_cell(cell)
    new = library.add_annotation(old.id, sample_annotation(9, shape), "Ben")
    assert library.cell(old.id).superseded_by == new.id
    assert [cell.id for cell in library.cells()] == [new.id]
    assert len(library.cells(ALL)) == 2
    both = replace(cell, annotations=(*cell.annotations, sample_annotation(9, shape)))
    read = library.read_cell(new.id)
    assert np.array_equal(read.tomogram.lac_ZYX, both.tomogram.lac_ZYX)
    assert len(read.annotations) == 2
    saved = file_of(library, old).stat().st_size - file_of(library, new).stat().st_size
    assert saved > 4 * 40**3 - 60_000
    assert library.check() == ()


def test_a_new_annotation_may_take_the_place_of_another(library: Library) -> None:
    old = library.add_cell(sample_cell("a", 1, annotations=2))
    better = replace(sample_annotation(30), author="Ben")
    new = library.add_annotation(old.id, better, "Ben", replaces=0)
    assert [item.author for item in new.annotations] == ["Ada", "Ben"]
    with pytest.raises(LibraryError, match="has 2 annotations; there is no 2"):
        library.add_annotation(new.id, better, replaces=2)


def test_an_annotation_is_not_added_to_a_version_that_is_superseded(library: Library) -> None:
    old = library.add_cell(sample_cell("a", 1))
    new = library.add_annotation(old.id, sample_annotation(9))
    with pytest.raises(LibraryError, match=f"superseded by {new.id[:12]}; add the labels to that"):
        library.add_annotation(old.id, sample_annotation(10))


def test_adding_an_annotation_twice_adds_it_once(library: Library) -> None:
    old = library.add_cell(sample_cell("a", 1))
    new = library.add_annotation(old.id, sample_annotation(9))
    library.restore(old.id)  # as if a kill had come between the file and the note
    assert library.add_annotation(old.id, sample_annotation(9)) == new
    assert [cell.id for cell in library.cells()] == [new.id]


def test_a_tomogram_lost_by_hand_is_taken_from_another_file_with_it(library: Library) -> None:
    cell = sample_cell("a", 1)
    first = library.add_cell(cell)
    second = library.add_cell(replace(cell, name="b"))
    with fresh(library) as other:
        file_of(library, first).rename(library.folder.parent / "taken away")
        other.refresh()
        with pytest.raises(LibraryError, match="which is not in the library any more; put it back"):
            other.read_cell(second.id)
        third = other.add_cell(replace(cell, name="c"))
        assert same_cell(other.read_cell(second.id), replace(cell, name="b"))
        assert same_cell(other.read_cell(third.id), replace(cell, name="c"))


def test_a_cell_is_found_by_id_prefix_or_name(library: Library) -> None:
    one, two = library.add_cell(sample_cell("a", 1)), library.add_cell(sample_cell("b", 2))
    assert library.cell(one.id) == library.cell(one.id[:8]) == library.cell("a") == one
    with pytest.raises(LibraryError, match=r"has no cell 'nothing'"):
        library.cell("nothing")
    twin = library.add_cell(sample_cell("b", 3))
    with pytest.raises(LibraryError, match=r"'b' is 2 cells .*; give the id of one"):
        library.cell("b")
    library.withdraw(two.id, "blurred")
    assert library.cell("b") == twin


@pytest.mark.parametrize(
    ("query", "names"),
    [
        (CellQuery(), "ab"),
        (CellQuery(with_unused=True), "abc"),
        (CellQuery(text="CHLAMY xm-2"), "ab"),
        (CellQuery(text="chlamy nowhere"), ""),
        (CellQuery(text="mitoch"), "ab"),
        (CellQuery(text="b.rec"), "b"),
        (CellQuery(text="mito1 CHLAMY"), "ab"),
        (CellQuery(text="chondriosomes"), ""),
        (CellQuery(text="lipid droplets"), ""),
        (CellQuery(kind="Chlamydomonas reinhardtii, cw15"), "ab"),
        (CellQuery(kind="cw15"), ""),
        (CellQuery(condition="day 3"), "b"),
        (CellQuery(instrument="XM-2"), "ab"),
        (CellQuery(instrument="XM-1"), ""),
        (CellQuery(voxel_nm=(37, 38)), "ab"),
        (CellQuery(voxel_nm=(30, 37)), ""),
        (CellQuery(drawn=frozenset({"nucleus"})), "ab"),
        (CellQuery(drawn=frozenset({"nucleus", "lipid"})), ""),
        (CellQuery(drawn=frozenset({"cell"})), "ab"),
        (CellQuery(drawn=frozenset({"never heard of"})), ""),
    ],
)
def test_cells_are_found_by_what_is_known_of_them(
    library: Library, query: CellQuery, names: str
) -> None:
    library.add_cell(sample_cell("a", 1))
    library.add_cell(replace(sample_cell("b", 2), condition="day 3"), source="x/b.rec")
    library.withdraw(library.add_cell(sample_cell("c", 3)).id, "blurred")
    assert "".join(cell.name for cell in library.cells(query)) == names


def test_a_synonym_finds_what_is_drawn_and_no_folder_that_holds_its_letters(
    library: Library,
) -> None:
    nucleus = sample_cell("nucleus", 1)
    annotation = nucleus.annotations[0]
    lipid_map = replace(annotation.label_map, names={1: "lipid", 2: "starch"})
    lipid = replace(annotation, label_map=lipid_map, complete=frozenset({"lipid"}))
    library.add_cell(nucleus, source="old work/a.rec")
    library.add_cell(replace(sample_cell("drops", 2), annotations=(lipid,)), source="old work/b")
    library.add_cell(sample_cell("LD 7", 3), source="old work/c")

    def found(text: str) -> list[str]:
        return [cell.name for cell in library.cells(CellQuery(text=text))]

    assert found("LD") == ["drops", "LD 7"]
    assert found("lipid droplets") == ["drops"]
    assert found("LD old") == ["drops", "LD 7"]
    assert found("old") == ["drops", "LD 7", "nucleus"]


def test_the_same_values_in_another_shape_are_another_tomogram(library: Library) -> None:
    flat = sample_cell("flat", 1, annotations=0, shape=(2, 6, 4))
    lac_ZYX = flat.tomogram.lac_ZYX.reshape(4, 6, 2)
    tall = replace(flat, tomogram=Tomogram(lac_ZYX=lac_ZYX, voxel_size_um=VOXEL_UM))
    ids = [library.add_cell(cell).id for cell in (flat, tall)]
    assert same_cell(library.read_cell(ids[0]), flat)
    assert same_cell(library.read_cell(ids[1]), tall)


def bad_cells() -> list[tuple[Cell, str]]:
    cell, annotation = sample_cell("a", 1), sample_annotation(1)
    labels_ZYX, names = annotation.label_map.labels_ZYX, annotation.label_map.names
    lac_ZYX = cell.tomogram.lac_ZYX

    def with_lac(lac_ZYX: np.ndarray) -> Cell:
        tomogram = Tomogram(lac_ZYX=lac_ZYX, voxel_size_um=VOXEL_UM)
        return replace(cell, tomogram=tomogram, annotations=())

    def with_labels(labels_ZYX: np.ndarray, names: dict[int, str], edge_um: float = 0.0361) -> Cell:
        size = (0.036, edge_um, 0.04)
        label_map = LabelMap(labels_ZYX=labels_ZYX, names=names, voxel_size_um=size)
        return replace(cell, annotations=(replace(annotation, label_map=label_map),))

    holed_ZYX = lac_ZYX.copy()
    holed_ZYX[3, 2, 1] = np.nan
    return [
        (replace(cell, name=" "), "A cell needs a name"),
        (replace(cell, name="a\nb"), r"'a\\nb' cannot be the name of a cell"),
        (replace(cell, strain="x" * 201), "cannot be the strain of a cell; use up to 200"),
        (with_lac(lac_ZYX.astype(np.float64)), "must be float32 .* not float64"),
        (with_lac(lac_ZYX[:0]), "at least one voxel along each axis"),
        (with_lac(holed_ZYX), "has values that are no numbers"),
        (with_labels(labels_ZYX.astype(np.int32), dict(names)), "uint8 or uint16, not int32"),
        (with_labels(labels_ZYX, {1: "nucleus"}), "label value 2 is used but stands for no class"),
        (with_labels(labels_ZYX, {1: "nucleus", 2: "warp drive"}), "does not know the class 'warp"),
        (with_labels(labels_ZYX, dict(names), 0.1), "give both the same voxel size"),
        (
            replace(cell, annotations=(replace(annotation, complete=frozenset({"no"})),)),
            "does not know the class 'no'",
        ),
    ]


@pytest.mark.parametrize(("cell", "words"), bad_cells())
def test_an_unsound_cell_is_refused_with_a_sentence(
    library: Library, cell: Cell, words: str
) -> None:
    with pytest.raises((LibraryError, LabelError), match=words):
        library.add_cell(cell)
    assert list((library.folder / "cells").rglob("*")) == []


TERM = SemanticClass(id="stigma", name="stigma", parent="chloroplast", colour="#ff8800")


def test_the_laboratorys_words_are_kept_once_and_shared(library: Library) -> None:
    labels_ZYX = np.ones((4, 4, 4), np.uint8)
    label_map = LabelMap(labels_ZYX=labels_ZYX, names={1: "stigma"}, voxel_size_um=VOXEL_UM)
    cell = Cell(
        name="eye",
        tomogram=Tomogram(lac_ZYX=np.zeros((4, 4, 4), np.float32), voxel_size_um=VOXEL_UM),
        annotations=(Annotation(label_map=label_map, complete=frozenset()),),
    )
    with pytest.raises(LabelError, match="does not know the class 'stigma'; add it to"):
        library.add_cell(cell)
    library.extend(Extension(terms=(TERM,), synonyms={"stigma": ("eyespot",)}), "Ada")
    library.extend(Extension(terms=(TERM,)), "Ben")
    assert len(list((library.folder / "vocabulary").iterdir())) == 1
    added = library.add_cell(cell)
    with fresh(library) as other:
        assert other.ontology().find("eyespot").id == "stigma"
        assert other.cells(CellQuery(drawn=frozenset({"chloroplast"}))) == (added,)


def test_of_two_definitions_of_a_term_the_first_wins(library: Library) -> None:
    with fresh(library) as other:
        library.extend(Extension(terms=(TERM,)))
        other.extend(Extension(terms=(replace(TERM, colour="#000000", synonyms=("spot",)),)))
        other.refresh()
        library.refresh()
        assert other.ontology() == library.ontology()
        assert library.ontology()["stigma"].colour == "#ff8800"
        assert library.ontology().find("spot").id == "stigma"


def test_a_cell_whose_words_are_gone_is_left_out_until_they_are_back(library: Library) -> None:
    library.extend(Extension(terms=(TERM,)))
    cell = sample_cell("a", 1)
    complete = frozenset({"stigma"})
    library.add_cell(replace(cell, annotations=(replace(cell.annotations[0], complete=complete),)))
    (words,) = (library.folder / "vocabulary").iterdir()
    content = words.read_bytes()
    words.write_bytes(content[:40])
    library.refresh()
    assert library.cells() == ()
    assert "cannot be read" in library.problems[0]
    assert "the cell 'a'" in library.problems[1]
    assert "does not know; it is left out until somebody adds that class" in library.problems[1]
    words.write_bytes(content)
    library.refresh()
    assert len(library.cells()) == 1
    assert library.problems == ()


def test_reading_tells_how_far_it_is_and_can_be_stopped(library: Library) -> None:
    added = library.add_cell(sample_cell("a", 1, shape=(130, 8, 8)))
    events: list[Event] = []
    library.read_cell(added.id, events.append)
    fractions = [event.fraction for event in events if isinstance(event, Progress)]
    assert fractions == sorted(fractions)
    assert max(fractions) > 0.5

    def stop(event: Event) -> None:
        raise Cancelled

    with pytest.raises(Cancelled):
        library.read_cell(added.id, stop)
