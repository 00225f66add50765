"""Which cells of a library are chosen, and the sentences that say why."""

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sxtstudio.core.errors import CoverageError
from sxtstudio.core.ontology import default_ontology
from sxtstudio.core.task import parse_task
from sxtstudio.library.coverage import library_coverage
from sxtstudio.library.selection import profile_of_cell, select
from tests.library.shelves import shelf_cell

ONTOLOGY = default_ontology()
TASK = parse_task("t", ["nucleus", "lipid", "starch"], ONTOLOGY)
BOTH = ("nucleus", "lipid")


def choose(cells, **options):
    return select(cells, TASK, ONTOLOGY, **options)


def id_of(number: int) -> str:
    return shelf_cell(number).id


def names(selection) -> list[str]:
    return [cell.name for cell in selection.cells]


def test_the_coverage_of_a_library_tells_what_each_cell_knows():
    cells = [shelf_cell(1, complete=BOTH, nucleus=9, lipid=4), shelf_cell(2, starch=5)]

    coverage = library_coverage(cells, TASK, ONTOLOGY)

    assert [(row.name, row.origin, row.kind) for row in coverage.rows] == [
        ("yeast1", "library", "yeast"),
        ("yeast2", "library", "yeast"),
    ]
    assert coverage.totals["nucleus"].complete == 1
    assert coverage.totals["starch"].partly == 1


def test_cells_that_know_little_known_classes_come_first_and_none_is_forgotten():
    common = [shelf_cell(i, complete=BOTH, nucleus=9, lipid=4) for i in range(20)]
    rare = [shelf_cell(i, starch=5) for i in (31, 32)]

    chosen = choose([*common, *rare], most=6)

    assert names(chosen)[0] == "yeast31"
    assert {"yeast31", "yeast32"} <= set(names(chosen))
    assert len(chosen.cells) == 6
    assert chosen.left_out[id_of(19)] == (
        "It knows nucleus and lipid everywhere, but the 6 cells chosen add more."
    )
    assert chosen.reasons[id_of(31)] == "It knows starch partly. Only 2 cells know starch."


def test_complete_cells_come_before_partly_drawn_ones():
    partly = [shelf_cell(i, nucleus=900, lipid=40, starch=7) for i in range(4)]
    whole = [
        shelf_cell(i, complete=(*BOTH, "starch"), nucleus=9, lipid=4, starch=2) for i in (7, 8)
    ]

    assert names(choose([*partly, *whole], most=2)) == ["yeast7", "yeast8"]


def test_among_equals_those_like_the_target_are_chosen():
    full = {"nucleus": 9, "lipid": 4, "starch": 2}
    cells = [shelf_cell(i, complete=(*BOTH, "starch"), **full) for i in range(6)]
    far = [replace(cell, species="alga", voxel_size_um=(0.1,) * 3) for cell in cells[:3]]

    chosen = choose([*far, *cells[3:]], like=profile_of_cell(cells[5]), most=3)

    assert set(names(chosen)) == {"yeast3", "yeast4", "yeast5"}
    assert chosen.reasons[cells[5].id].endswith(
        "Beside your cell it has the same kind (yeast), the same LAC, voxels of the same size and "
        "the same extent."
    )
    assert chosen.left_out[far[0].id].endswith(
        "but the 3 cells chosen add more or are more like yours."
    )


def test_a_word_of_the_user_wins_and_stands_in_the_reason():
    cells = [
        shelf_cell(i, complete=(*BOTH, "starch"), nucleus=9, lipid=4, starch=2) for i in range(6)
    ]
    cells[4] = replace(cells[4], withdrawn="blurred")
    cells[5] = replace(cells[5], superseded_by="f" * 64)
    include, exclude = frozenset(c.id for c in cells[4:]), frozenset({cells[0].id})

    chosen = choose(cells, include=include, exclude=exclude, most=3)
    unasked = choose(cells, exclude=exclude)

    assert names(chosen)[:2] == ["yeast4", "yeast5"]
    assert len(chosen.cells) == 3
    assert chosen.left_out[cells[0].id] == "You left it out."
    assert chosen.reasons[cells[4].id].startswith(
        "You asked for it. It was withdrawn, though: blurred. It knows nucleus, lipid and starch "
        "everywhere."
    )
    assert "a newer version of it, though" in chosen.reasons[cells[5].id]
    assert unasked.left_out[cells[4].id] == "It was withdrawn: blurred."
    assert unasked.left_out[cells[5].id] == "The library has a newer version of it."


def test_more_cells_may_be_asked_for_than_would_be_chosen():
    cells = [shelf_cell(i, nucleus=9, lipid=4, starch=2) for i in range(6)]

    chosen = choose(cells, include=frozenset(cell.id for cell in cells[:4]), most=2)

    assert names(chosen) == ["yeast0", "yeast1", "yeast2", "yeast3"]


def test_a_cell_that_says_nothing_is_left_out_even_if_asked_for():
    cells = [shelf_cell(1, nucleus=9, lipid=4, starch=2), shelf_cell(2, vacuole=3), shelf_cell(3)]

    chosen = choose(cells, include=frozenset({cells[1].id}))

    assert names(chosen) == ["yeast1"]
    assert chosen.left_out == {
        cells[1].id: "You asked for it, but nothing drawn in it says anything about the classes "
        "of this task.",
        cells[2].id: "Nothing drawn in it says anything about the classes of this task.",
    }
    assert chosen.folds == ()


def test_a_tomogram_that_is_there_twice_counts_once():
    first = shelf_cell(1, nucleus=9, lipid=4)
    second = replace(shelf_cell(2, nucleus=9, lipid=4, starch=3), lac_sha256=first.lac_sha256)

    chosen = choose([first, second])
    asked = choose([first, second, shelf_cell(3, starch=2)], include=frozenset({first.id}))

    assert names(chosen) == ["yeast2"]
    assert chosen.left_out[first.id] == "It is the same tomogram as yeast2, which is used instead."
    assert names(asked) == ["yeast1", "yeast3"]


def test_a_class_that_no_cell_shows_is_refused_with_a_sentence():
    cells = [shelf_cell(1, nucleus=9, lipid=4), shelf_cell(2, starch=3)]

    with pytest.raises(CoverageError, match="shows where starch is, so the task 't' cannot be"):
        choose(cells[:1])
    with pytest.raises(
        CoverageError, match="No cell but 1 that you left out shows where starch is, so"
    ):
        choose(cells, exclude=frozenset({cells[1].id}))
    with pytest.raises(CoverageError, match="shows where nucleus is"):
        choose([])
    absent = shelf_cell(3, complete=("starch", "chloroplast"), nucleus=9, lipid=4)
    with pytest.raises(CoverageError, match="shows where starch is"):
        choose([absent])


def test_what_the_chosen_cells_will_be_bad_at_is_told():
    cells = [shelf_cell(i, complete=BOTH, nucleus=900, lipid=900) for i in range(4)]

    chosen = choose([*cells, shelf_cell(9, starch=2000)])

    assert chosen.warnings == (
        "Only 1 cell knows starch; expect a weak class, or draw it in 3 more cells.",
    )
    assert "It is the only cell that knows starch." in chosen.reasons[id_of(9)]


cells_of_any_kind = st.lists(
    st.builds(
        lambda drawn, complete, species: (drawn, complete, species),
        st.dictionaries(
            st.sampled_from(["nucleus", "lipid", "starch", "vacuole"]), st.integers(1, 99)
        ),
        st.frozensets(st.sampled_from(["nucleus", "lipid", "starch"])),
        st.sampled_from(["yeast", "alga"]),
    ),
    max_size=14,
)


@settings(max_examples=60)
@given(cells_of_any_kind, st.integers(3, 8), st.booleans())
def test_every_cell_gets_one_sentence_and_every_class_is_shown(told, most, compared):
    full = shelf_cell(99, complete=(*BOTH, "starch"), nucleus=1, lipid=1, starch=1)
    cells = [full] + [
        replace(shelf_cell(i, complete=tuple(complete), **drawn), species=species)
        for i, (drawn, complete, species) in enumerate(told)
    ]

    chosen = choose(cells, like=profile_of_cell(full) if compared else None, most=most)

    taken = {cell.id for cell in chosen.cells}
    assert set(chosen.reasons) == taken
    assert set(chosen.left_out) == {cell.id for cell in cells} - taken
    assert all(words.endswith(".") for words in (chosen.reasons | chosen.left_out).values())
    assert len(taken) <= most
    totals = library_coverage(chosen.cells, TASK, ONTOLOGY).totals
    assert all(total.voxels for total in totals.values())
    held_out = [cell_id for fold in chosen.folds for cell_id in fold.held_out]
    assert sorted(held_out) == (sorted(taken) if len(taken) > 1 else [])
    again = choose(reversed(cells), like=profile_of_cell(full) if compared else None, most=most)
    assert again == chosen
