"""What partly labelled cells know about the classes of a task, and the words for it."""

import numpy as np

from sxtstudio.core.cell import Annotation
from sxtstudio.core.coverage import (
    AnnotationFacts,
    ClassKnowledge,
    ClassTotal,
    Coverage,
    CoverageRow,
    annotation_facts,
    knower,
    knowledge_of,
)
from sxtstudio.core.ontology import default_ontology
from sxtstudio.core.task import parse_task
from sxtstudio.core.volume import LabelMap

ONTOLOGY = default_ontology()
VOXEL = (0.04, 0.04, 0.04)


def test_the_facts_of_an_annotation_say_what_it_says_without_its_voxels():
    labels_ZYX = np.zeros((4, 4, 4), np.uint8)
    labels_ZYX[0, 0, :2] = labels_ZYX[3, 3, 3] = 2
    names = {2: "lipid", 3: "nucleus"}
    annotation = Annotation(
        label_map=LabelMap(labels_ZYX=labels_ZYX, names=names, voxel_size_um=VOXEL),
        complete=frozenset({"lipid"}),
    )

    assert annotation_facts(annotation) == AnnotationFacts(
        names=names, complete=frozenset({"lipid"}), voxels={2: 3}, objects={2: 2}
    )


def facts(names, voxels, complete=(), objects=None) -> AnnotationFacts:
    return AnnotationFacts(
        names=names, complete=frozenset(complete), voxels=voxels, objects=objects or {}
    )


def words_of(known) -> dict[str, str]:
    return {name: one.knowledge for name, one in known.items()}


TASK = parse_task("t", ["nucleus", "lipid", "starch"], ONTOLOGY)
NAMES = {1: "nucleus", 2: "lipid"}


def test_what_is_drawn_everywhere_somewhere_or_not_at_all():
    known = knowledge_of([facts(NAMES, {1: 50, 2: 7}, ["nucleus"], {1: 1, 2: 3})], TASK, ONTOLOGY)

    assert words_of(known) == {"nucleus": "complete", "lipid": "partly", "starch": "not"}
    assert (known["nucleus"].voxels, known["nucleus"].bounded) == (50, True)
    assert (known["lipid"].voxels, known["lipid"].objects) == (7, 3)
    assert not known["lipid"].bounded
    assert known["starch"] == ClassKnowledge(knowledge="not")


def test_a_class_that_is_complete_and_not_drawn_is_known_to_be_absent():
    known = knowledge_of([facts(NAMES, {1: 50}, ["starch", "chloroplast"])], TASK, ONTOLOGY)

    assert known["starch"] == ClassKnowledge(knowledge="complete", bounded=True)


def test_where_planes_are_left_out_nothing_is_complete_but_it_is_bounded():
    names = {**NAMES, 9: "ignore"}

    known = knowledge_of([facts(names, {1: 50, 9: 900}, ["nucleus"])], TASK, ONTOLOGY)
    unused = knowledge_of([facts(names, {1: 50}, ["nucleus"])], TASK, ONTOLOGY)

    assert (known["nucleus"].knowledge, known["nucleus"].bounded) == ("partly", True)
    assert unused["nucleus"].knowledge == "complete"


def test_a_region_drawn_as_something_coarser_leaves_its_classes_open():
    names = {1: "cell", 2: "lipid"}

    known = knowledge_of([facts(names, {1: 900, 2: 7}, ["cell"])], TASK, ONTOLOGY)
    finer = knowledge_of([facts(names, {1: 900, 2: 7}, ["cell", "lipid"])], TASK, ONTOLOGY)

    assert words_of(known) == {"nucleus": "not", "lipid": "partly", "starch": "not"}
    assert finer["lipid"].knowledge == "complete"


def test_a_term_that_nobody_knows_counts_as_left_out():
    known = knowledge_of(
        [facts({1: "nucleus", 2: "blob"}, {1: 5, 2: 5}, ["nucleus"])], TASK, ONTOLOGY
    )

    assert known["nucleus"].knowledge == "partly"


def test_annotations_of_one_cell_add_up_and_do_not_count_twice():
    one = facts(NAMES, {1: 50, 2: 7}, ["nucleus"], {1: 1, 2: 3})
    other = facts(NAMES, {1: 50, 2: 9}, ["lipid"], {1: 1, 2: 4})

    known = knowledge_of([one, other], TASK, ONTOLOGY)

    assert words_of(known) == {"nucleus": "complete", "lipid": "complete", "starch": "not"}
    assert (known["nucleus"].voxels, known["lipid"].objects) == (50, 4)


def test_what_is_looked_up_for_many_cells_is_what_is_looked_up_for_one():
    many = knower(TASK, ONTOLOGY)
    cells = [[facts(NAMES, {1: i, 2: 3}, ["nucleus"] * (i % 2))] for i in range(1, 6)]

    assert [many(cell) for cell in cells] == [knowledge_of(cell, TASK, ONTOLOGY) for cell in cells]


def row(number, kind="yeast", voxel=0.04, condition="", **known) -> CoverageRow:
    """Return a cell that knows classes: a number of voxels complete, a negative one partly."""
    knowledge = {
        name: ClassKnowledge(
            knowledge="complete" if known.get(name, 0) >= 0 else "partly",
            voxels=abs(known.get(name, 0)),
            objects=1,
            bounded=known.get(name, 0) >= 0,
        )
        if name in known
        else ClassKnowledge(knowledge="not")
        for name in TASK.names.values()
    }
    return CoverageRow(
        id=f"id{number}",
        name=f"cell {number}",
        origin="library",
        kind=kind,
        condition=condition,
        instrument="NCXT",
        voxel_size_um=(voxel, 0.04, 0.04),
        known=knowledge,
    )


def coverage(*rows: CoverageRow) -> Coverage:
    return Coverage(task=TASK, rows=rows)


def test_totals_count_cells_voxels_and_objects_of_every_class():
    total = coverage(row(1, nucleus=10, lipid=-5), row(2, nucleus=20), row(3)).totals

    assert total["nucleus"] == ClassTotal(complete=2, partly=0, voxels=30, objects=2)
    assert total["lipid"] == ClassTotal(complete=0, partly=1, voxels=5, objects=1)
    assert total["starch"].cells == 0
    assert [r.id for r in coverage(row(1, nucleus=10), row(3)).useful_rows] == ["id1"]


def test_cells_are_grouped_by_what_they_are():
    cells = coverage(
        row(1, kind="alga", voxel=0.06, nucleus=9), row(2, nucleus=5), row(3, condition="starved")
    )

    assert {word: len(it.rows) for word, it in cells.grouped("kind").items()} == {
        "yeast": 2,
        "alga": 1,
    }
    assert cells.grouped("kind")["alga"].totals["nucleus"].voxels == 9
    assert list(cells.grouped("condition")) == ["not stated", "starved"]
    assert list(cells.grouped("voxel size")) == ["40 nm", "60 × 40 × 40 nm"]
    assert list(cells.grouped("instrument")) == ["NCXT"]


ALL = {"nucleus": 500, "lipid": 500, "starch": 500}


def warnings_with(**changed):
    rows = [row(i, **{**ALL, **changed}) for i in range(4)]
    return coverage(*rows).warnings()


def test_nothing_is_said_where_all_is_well():
    assert warnings_with() == ()


def test_few_cells_are_told_in_the_singular_and_plural():
    full = [row(i, nucleus=500, lipid=500) for i in range(3)]

    one = coverage(*full, row(9, **ALL)).warnings()
    two = coverage(*full, row(8, **ALL), row(9, **ALL)).warnings()
    three = coverage(full[0], *(row(i, **ALL) for i in range(7, 10))).warnings()

    assert one == ("Only 1 cell knows starch; expect a weak class, or draw it in 3 more cells.",)
    assert two == ("Only 2 cells know starch; expect a weak class, or draw it in 2 more cells.",)
    assert three == ("Only 3 cells know starch; expect a weak class, or draw it in 1 more cell.",)


def test_a_class_that_no_cell_knows_or_shows_is_told():
    bare = [row(i, nucleus=500, lipid=500) for i in range(4)]

    assert coverage(*bare).warnings() == (
        "No cell knows starch; draw it in 4 cells, or leave it out of the task.",
    )
    assert warnings_with(starch=0) == (
        "4 cells are known to have no starch, but no cell shows any; draw it in 4 cells.",
    )
    assert coverage(*bare, row(5, nucleus=1, lipid=1, starch=0)).warnings() == (
        "1 cell is known to have no starch, but no cell shows any; draw it in 4 cells.",
    )
    assert coverage().warnings() == (
        "There is no cell to learn from; add cells with labels first.",
    )


def test_a_class_drawn_nowhere_completely_or_with_few_voxels_is_told():
    assert warnings_with(lipid=-500) == (
        "lipid: 4 cells show it, but none is said to have it drawn everywhere, so a network "
        "hardly learns where it ends; complete it in one cell.",
    )
    assert warnings_with(lipid=3) == (
        "lipid: all cells together show only 12 voxels; expect a weak class, or draw more of it.",
    )


def test_a_kind_that_says_nothing_about_a_class_is_told():
    rows = [row(i, **ALL) for i in range(4)]

    two = coverage(*rows, row(5, kind="alga", nucleus=5, lipid=5)).warnings()
    silent = coverage(*rows, row(5, kind="alga")).warnings()

    assert two == (
        "starch: no cell of the kind alga says anything about it, so a network may find it there "
        "by mistake.",
    )
    assert silent == ()
