"""A review survives the way through a spreadsheet; mistakes are named by file, line and column."""

import csv
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sxtstudio.core.errors import FileError
from sxtstudio.workflow.ingest.proposals import (
    CellProposal,
    Drawn,
    LabelProposal,
    Review,
)
from sxtstudio.workflow.ingest.review_table import labels_table, read_review, write_review
from tests.workflow.ingest.files import ONTOLOGY, only_row, scanned, write_pair

HERE = Path("/old work")
characters = st.characters(codec="utf-8", exclude_categories=("Cc", "Cs", "Zs", "Zl", "Zp"))
words = st.lists(st.text(characters, min_size=1, max_size=8), min_size=1, max_size=3).map(" ".join)
maybe_words = st.just("") | words
sentences = st.lists(words.filter(lambda text: "|" not in text), max_size=2).map(tuple)
paths = st.lists(
    st.text(characters, min_size=1, max_size=8).filter(
        lambda it: it not in (".", "..") and "/" not in it
    ),
    min_size=1,
    max_size=3,
).map(lambda parts: HERE.joinpath(*parts)) | st.just(Path("/elsewhere/a  b.mrc"))
datasets = st.none() | st.just("/entry/=data")
edges = st.floats(0.001, 50)
planes = st.lists(st.integers(0, 999), max_size=4, unique=True).map(lambda it: tuple(sorted(it)))
drawings = st.none() | st.builds(
    Drawn,
    planes=st.tuples(planes, planes, planes).filter(any),
    words=words,
)


@st.composite
def rows(draw: st.DrawFn, name: str) -> CellProposal:
    def label(value: int) -> LabelProposal:
        term = draw(st.sampled_from([None, "ignore", "nucleus", "lipid"]))
        path = draw(st.none() | paths)
        return LabelProposal(
            value=value,
            name=draw(maybe_words),
            term=term,
            confidence=draw(st.sampled_from(["stated", "exact", "fuzzy"])) if term else "unknown",
            reason=draw(maybe_words),
            voxels=draw(st.integers(0, 10**9)),
            complete=draw(st.booleans()),
            complete_reason=draw(maybe_words),
            path=path,
            dataset=draw(datasets) if path else None,
        )

    return CellProposal(
        name=name,
        tomogram=draw(paths),
        tomogram_dataset=draw(datasets),
        labels=draw(st.none() | paths),
        labels_dataset=draw(datasets),
        project=draw(st.none() | paths),
        shape=draw(st.tuples(*[st.integers(2, 2000)] * 3)),
        voxel_size_um=draw(st.none() | st.tuples(edges, edges, edges)),
        voxel_reason=draw(maybe_words),
        lac_per_unit=draw(st.none() | st.floats(1e-9, 1e9)),
        lac_reason=draw(maybe_words),
        values=tuple(label(value) for value in draw(st.sets(st.integers(0, 65535), max_size=3))),
        drawn=draw(drawings),
        species=draw(maybe_words),
        strain=draw(maybe_words),
        condition=draw(maybe_words),
        instrument=draw(maybe_words),
        wanted=draw(st.booleans()),
        faults=draw(sentences),
        warnings=draw(sentences),
        fingerprint=draw(st.sampled_from(["", "s0123"])),
    )


@st.composite
def reviews(draw: st.DrawFn) -> Review:
    names = draw(st.lists(words, max_size=3, unique=True))
    return Review(
        folder=HERE, rows=tuple(draw(rows(name)) for name in names), problems=draw(sentences)
    )


@settings(max_examples=40, deadline=None)
@given(review=reviews(), decimal_comma=st.booleans())
def test_a_review_survives_the_way_through_a_table(
    tmp_path_factory: pytest.TempPathFactory, review: Review, decimal_comma: bool
) -> None:
    path = tmp_path_factory.getbasetemp() / "review.csv"
    write_review(path, review, decimal_comma=decimal_comma)
    assert read_review(path, ONTOLOGY) == review


def test_a_scale_that_cannot_be_true_is_still_told_after_the_way_through_a_table(
    tmp_path: Path,
) -> None:
    write_pair(tmp_path / "old", "a", seed=1)
    path = tmp_path / "review.csv"
    review = scanned(tmp_path / "old")
    write_review(path, review)
    (row,) = read_review(path, ONTOLOGY).rows
    assert row.brightest == pytest.approx(review.rows[0].brightest)
    assert "nothing absorbs more than gold" in replace(row, lac_per_unit=1000.0).scale_problem
    path.write_text(path.read_text(encoding="utf-8-sig").replace("brightest", "older"), "utf-8")
    assert read_review(path, ONTOLOGY).rows[0].brightest is None


@pytest.fixture
def table(tmp_path: Path) -> Path:
    """The table of a real scan: cells a and b, each with a nucleus and lipid bodies."""
    for number, name in enumerate("ab"):
        write_pair(tmp_path / "old", name, seed=number)
    path = tmp_path / "review.csv"
    write_review(path, scanned(tmp_path / "old"))
    return path


def edit(path: Path, change: Callable[[list[dict[str, str]]], object]) -> None:
    with path.open(encoding="utf-8-sig", newline="") as file:
        reader = csv.DictReader(file)
        lines, names = list(reader), list(reader.fieldnames or ())
    change(lines)
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.DictWriter(file, names)
        writer.writeheader()
        writer.writerows(lines)


def test_a_real_scan_is_the_same_after_the_table(table: Path) -> None:
    assert read_review(table, ONTOLOGY) == scanned(table.parent / "old")


def test_the_table_is_made_for_people(table: Path) -> None:
    raw = table.read_bytes()
    assert raw.startswith(b"\xef\xbb\xbftake,cell,voxel_z_nm,")
    line = raw.decode("utf-8-sig").splitlines()[1]
    assert line.startswith("yes,a,60,50,40,stated in the tomogram's file.,1,stated in the file,")
    assert "a.mrc" in line
    labels = labels_table(table).read_text("utf-8-sig").splitlines()
    assert labels[1].startswith("a,1,nucleus,nucleus,yes,")


def test_corrections_in_the_tables_arrive(table: Path) -> None:
    def correct(lines: list[dict[str, str]]) -> None:
        lines[0] |= {"take": "No", "species": "S. cerevisiae", "voxel_z_nm": "32,5"}
        lines[1] |= {"voxel_y_nm": "", "voxel_x_nm": "", "lac_per_unit": "0.25"}

    edit(table, correct)
    edit(labels_table(table), lambda lines: lines[0].update(term="mito", complete="ja"))
    first, second = read_review(table, ONTOLOGY).rows
    assert not first.wanted
    assert first.species == "S. cerevisiae"
    assert first.voxel_size_um == (0.0325, 0.05, 0.04)
    assert first.values[0].term == "mitochondria"
    assert second.voxel_size_um == (0.06, 0.06, 0.06)
    assert second.lac_per_unit == 0.25
    assert second.values[0].term == "nucleus"


def test_what_was_missing_and_is_given_comes_from_the_user(tmp_path: Path) -> None:
    row = CellProposal(name="a", tomogram=tmp_path / "a.mrc", shape=(2, 3, 4), lac_reason="Ask!")
    label = LabelProposal(value=1, name="Kern", reason="?")
    review = Review(folder=tmp_path, rows=(replace(row, values=(label,)),))
    path = tmp_path / "r.csv"
    write_review(path, review)
    assert read_review(path, ONTOLOGY) == review
    edit(path, lambda lines: lines[0].update(lac_per_unit="0.01", voxel_z_nm="40"))
    edit(labels_table(path), lambda lines: lines[0].update(term="LD"))
    (given_row,) = read_review(path, ONTOLOGY).rows
    assert given_row.lac_reason == given_row.voxel_reason == "as given by the user"
    assert given_row.values[0].confidence == "stated"
    assert given_row.problems == ()


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_what_spreadsheets_make_of_a_table_is_read(
    table: Path, encoding: str, delimiter: str
) -> None:
    review = read_review(table, ONTOLOGY)
    for path in (table, labels_table(table)):
        with path.open(encoding="utf-8-sig", newline="") as file:
            lines = list(csv.reader(file))
        with path.open("w", encoding=encoding, errors="replace", newline="") as file:
            if encoding == "utf-8":
                file.write(f"sep={delimiter}\r\n")
            csv.writer(file, delimiter=delimiter).writerows([*lines, [], [""] * len(lines[0])])
    again = read_review(table, ONTOLOGY)
    assert [row.voxel_size_um for row in again.rows] == [row.voxel_size_um for row in review.rows]
    assert [row.values for row in again.rows] == [row.values for row in review.rows]


def test_a_cell_renamed_in_one_table_only_is_refused_not_taken_in_without_labels(
    table: Path,
) -> None:
    def rename(lines: list[dict[str, str]]) -> None:
        for line in lines:
            line["cell"] = line["cell"].replace("a", "Alga 1")

    edit(table, rename)
    with pytest.raises(FileError, match=r"'Alga 1' has no line in review_labels.csv, but a has"):
        read_review(table, ONTOLOGY)
    edit(labels_table(table), rename)
    assert [len(row.values) for row in read_review(table, ONTOLOGY).rows] == [2, 2]


def test_lines_may_be_sorted_and_removed_and_columns_added(table: Path) -> None:
    def rearrange(lines: list[dict[str, str]]) -> None:
        lines.reverse()
        lines.pop()

    edit(table, rearrange)
    assert [row.name for row in read_review(table, ONTOLOGY).rows] == ["b"]
    text = table.read_text("utf-8-sig").splitlines()
    table.write_text("\n".join([f"mine,{text[0]}", *(f"hm,{line}" for line in text[1:])]))
    assert [row.name for row in read_review(table, ONTOLOGY).rows] == ["b"]


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"take": "perhaps"}, r"line 3, column take: 'perhaps' is neither yes nor no"),
        ({"voxel_z_nm": "40 nm"}, r"line 3, column voxel_z_nm: '40 nm' is no number"),
        ({"voxel_z_nm": "1.234,5"}, r"line 3, column voxel_z_nm: '1.234,5' is no number"),
        ({"voxel_y_nm": ""}, r"line 3, column voxel_y_nm: '' is empty; give all three edges"),
        ({"voxel_z_nm": "-4"}, r"line 3, column voxel_z_nm: '-4' nm cannot be the edge"),
        ({"lac_per_unit": "0"}, r"line 3, column lac_per_unit: '0' cannot be true"),
        ({"lac_per_unit": "inf"}, r"line 3, column lac_per_unit: 'inf' is no number"),
        ({"cell": "a"}, r"line 3, column cell: 'a' is the name of two cells"),
        ({"cell": ""}, r"line 3, column cell: '' is empty"),
        ({"tomogram": ""}, r"line 3, column tomogram: '' is empty"),
        ({"shape_zyx": "large"}, r"line 3, column shape_zyx: 'large' is no shape"),
        ({"drawn_planes": "z 1 b"}, r"line 3, column drawn_planes: 'z 1 b' is no list of planes"),
        ({"drawn_planes": "z; y 1"}, r"column drawn_planes: 'z; y 1' is no list of planes"),
        ({"drawn_planes": ";"}, r"column drawn_planes: ';' is no list of planes"),
    ],
)
def test_a_mistake_in_the_table_of_cells_is_named(
    table: Path, fields: dict[str, str], sentence: str
) -> None:
    edit(table, lambda lines: lines[1].update(fields))
    with pytest.raises(FileError, match=sentence) as error:
        read_review(table, ONTOLOGY)
    assert str(error.value).startswith(f"{table}, ")


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"term": "nuclues"}, r"line 2, column term: .* knows no class 'nuclues'; did you mean"),
        ({"value": "two"}, r"line 2, column value: 'two' is no number"),
        ({"value": "1.5"}, r"line 2, column value: '1.5' is no whole number"),
        ({"value": "-1"}, r"line 2, column value: '-1' is no whole number"),
        ({"value": ""}, r"line 2, column value: '' is no whole number"),
        ({"value": "2"}, r"line 3, column value: '2' is there twice"),
        ({"complete": "maybe"}, r"line 2, column complete: 'maybe' is neither"),
        ({"confidence": "great"}, r"line 2, column confidence: 'great' is no word"),
    ],
)
def test_a_mistake_in_the_table_of_labels_is_named(
    table: Path, fields: dict[str, str], sentence: str
) -> None:
    edit(labels_table(table), lambda lines: lines[0].update(fields))
    with pytest.raises(FileError, match=sentence) as error:
        read_review(table, ONTOLOGY)
    assert str(error.value).startswith(f"{labels_table(table)}, ")


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "has no column 'take'"),
        ("take,cell\nyes,a\n", "has no column 'voxel_z_nm'"),
        ('take,cell,"a\nb', "is no table that can be read"),
    ],
)
def test_what_is_no_table_of_cells_is_refused(table: Path, text: str, sentence: str) -> None:
    table.write_text(text)
    with pytest.raises(FileError, match=sentence):
        read_review(table, ONTOLOGY)


def test_tables_that_miss_something_are_refused(table: Path) -> None:
    labels_table(table).unlink()
    with pytest.raises(FileError, match=r"review_labels\.csv: cannot be read"):
        read_review(table, ONTOLOGY)
    edit(table, lambda lines: [line.update(folder="") for line in lines])
    with pytest.raises(FileError, match="which folder was looked at"):
        read_review(table, ONTOLOGY)


def test_text_that_looks_like_a_formula_is_kept_from_being_one(tmp_path: Path) -> None:
    write_pair(tmp_path / "old", "=cmd")
    path = tmp_path / "r.csv"
    review = scanned(tmp_path / "old")
    write_review(path, review)
    assert "yes,'=cmd," in path.read_text("utf-8-sig")
    assert read_review(path, ONTOLOGY) == review
    assert only_row(tmp_path / "old").name == "=cmd"
