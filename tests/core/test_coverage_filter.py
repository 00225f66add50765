"""Rows of a coverage are found by words and properties, and put in order."""

import pytest

from sxtstudio.core.coverage import ClassKnowledge, CoverageRow
from sxtstudio.core.coverage_filter import (
    RowFilter,
    by_distance,
    by_knowledge,
    group_words,
    most_useful_first,
)


def row(name, knowledge, **facts):
    known = {
        word: ClassKnowledge(knowledge=it, voxels=voxels)
        for word, (it, voxels) in knowledge.items()
    }
    facts = {
        "kind": "yeast",
        "condition": "",
        "instrument": "XM-2",
        "voxel_size_um": (0.05,) * 3,
    } | facts
    return CoverageRow(id=name, name=name, known=known, **({"origin": "project"} | facts))


A = row("a", {"nucleus": ("complete", 5), "lipid": ("not", 0)})
B = row(
    "b",
    {"nucleus": ("partly", 9), "lipid": ("partly", 2)},
    kind="alga",
    origin="library",
    voxel_size_um=(0.1,) * 3,
)
C = row("C", {"nucleus": ("not", 0), "lipid": ("partly", 7)}, condition="heat shock")
ROWS = (A, B, C)


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ({}, "abC"),
        ({"text": "XM shock"}, "C"),
        ({"text": "library"}, "b"),
        ({"text": "nothing"}, ""),
        ({"groups": {"kind": "yeast"}}, "aC"),
        ({"groups": {"kind": "", "voxel size": "100 nm"}}, "b"),
        ({"groups": {"condition": "not stated"}}, "ab"),
        ({"knows": "lipid"}, "bC"),
        ({"knows": "lipid", "groups": {"kind": "yeast"}}, "C"),
    ],
)
def test_all_that_is_asked_must_hold(asked, found):
    wanted = RowFilter(**asked)

    assert "".join(it.name for it in ROWS if wanted.matches(it)) == found


def test_properties_are_offered_in_the_order_a_person_expects():
    assert group_words(ROWS, "voxel size") == ("50 nm", "100 nm")
    assert group_words(ROWS, "kind") == ("alga", "yeast")
    assert group_words(ROWS, "condition") == ("heat shock", "not stated")


def test_cells_that_know_most_come_first_and_the_project_before_the_library():
    assert [it.name for it in most_useful_first(ROWS)] == ["a", "b", "C"]
    assert [it.name for it in by_knowledge(ROWS, "lipid")] == ["C", "b", "a"]


def test_cells_that_are_most_alike_come_first_and_strangers_last():
    assert [it.name for it in by_distance(ROWS, {"C": 0.2, "b": 1.0})] == ["C", "b", "a"]
