"""One correction mends many cells, and their problems go by themselves."""

from dataclasses import replace
from pathlib import Path

import pytest

from sxtstudio.core.errors import LabelError, UnitError
from sxtstudio.workflow.ingest.corrections import (
    rename,
    set_complete,
    set_dense,
    set_lac_per_unit,
    set_reconstructed_voxel,
    set_specimen,
    set_take,
    set_term,
    set_voxel_size,
)
from sxtstudio.workflow.ingest.proposals import CellProposal, Drawn, LabelProposal, Review
from tests.workflow.ingest.files import ONTOLOGY

HERE = Path("/old")


def row(name: str, **fields: object) -> CellProposal:
    values = (
        LabelProposal(value=1, name="Kern", voxels=9, reason="Nobody knows it."),
        LabelProposal(value=2, name="lipid", term="lipid", confidence="exact", complete=True),
    )
    facts = {
        "tomogram": HERE / f"{name}.mrc",
        "labels": HERE / f"{name}.am",
        "shape": (2, 3, 4),
        "values": values,
        **fields,
    }
    return CellProposal(name=name, **facts)


REVIEW = Review(folder=HERE, rows=(row("a"), row("b"), row("c")))


def test_the_problems_of_a_row_are_what_is_missing() -> None:
    assert len(REVIEW.rows[0].problems) == 3
    assert not any(one.take for one in REVIEW.rows)
    mended = set_term(REVIEW, "kern ", "nuclei", ONTOLOGY)
    mended = set_voxel_size(mended, (0.04, 0.03, 0.03))
    mended = set_lac_per_unit(mended, 0.01)
    for one in mended.rows:
        assert one.problems == ()
        assert one.take
        assert one.values[0].term == "nucleus"
        assert one.values[0].confidence == "stated"
        assert one.voxel_size_um == (0.04, 0.03, 0.03)
        assert one.lac_per_unit == 0.01
    assert REVIEW.rows[0].values[0].term is None
    assert mended.undecided == {}
    assert REVIEW.undecided == {"Kern": 3}


def test_a_correction_can_mean_some_rows_and_one_value() -> None:
    some = set_term(REVIEW, "Kern", "ignore", ONTOLOGY, names={"b"})
    assert [one.values[0].term for one in some.rows] == [None, "ignore", None]
    assert set_term(REVIEW, "Kern", "er", ONTOLOGY, value=2) == REVIEW
    sized = set_voxel_size(REVIEW, (0.04,) * 3, names=["a", "c"])
    assert [one.voxel_size_um is None for one in sized.rows] == [False, True, False]


def test_a_fault_of_the_files_stays_whatever_is_said() -> None:
    broken = Review(folder=HERE, rows=(row("a", faults=("It is cut off.",)),))
    mended = set_lac_per_unit(set_voxel_size(broken, (0.04,) * 3), 1.0)
    mended = set_take(set_term(mended, "Kern", "er", ONTOLOGY), True)
    assert mended.rows[0].problems == ("It is cut off.",)
    assert not mended.rows[0].take


def test_labels_without_a_named_value_are_a_problem() -> None:
    assert "None of its label values is named" in row("a", values=()).problems[-1]


def test_what_is_complete_can_be_said_for_all() -> None:
    drawn = set_complete(REVIEW, "LIPID", False)
    assert [one.values[1].complete for one in drawn.rows] == [False] * 3
    assert drawn.rows[0].values[1].complete_reason == "as given by the user"
    assert set_complete(REVIEW, "lipid", False, value=1) == REVIEW


def test_a_class_that_is_ignored_now_is_not_complete() -> None:
    changed = set_term(REVIEW, "lipid", "ignore", ONTOLOGY)
    assert not changed.rows[0].values[1].complete


def test_the_voxel_size_of_the_reconstruction_gives_the_scale() -> None:
    scaled = set_reconstructed_voxel(REVIEW, 0.032)
    assert scaled.rows[0].lac_per_unit == pytest.approx(31.25)
    assert "32 nm" in scaled.rows[0].lac_reason


def test_specimens_wishes_names_and_sparseness_are_set() -> None:
    review = set_specimen(REVIEW, "species", " yeast ", names=["a"])
    assert [one.species for one in review.rows] == ["yeast", "", ""]
    assert not set_take(REVIEW, False, names=["b"]).row("b").wanted
    assert rename(REVIEW, "b", "z").row("z").tomogram == HERE / "b.mrc"
    drawn = Drawn(planes=((1,), (), ()), words="")
    sparse = replace(REVIEW, rows=tuple(replace(one, drawn=drawn) for one in REVIEW.rows))
    assert [one.drawn for one in set_dense(sparse, names=["a"]).rows] == [None, drawn, drawn]


def test_what_cannot_be_true_is_refused() -> None:
    with pytest.raises(LabelError, match="knows no class 'quark'"):
        set_term(REVIEW, "Kern", "quark", ONTOLOGY)
    with pytest.raises(UnitError, match="cannot be true"):
        set_voxel_size(REVIEW, (0.04, 0.04, 1e9))
    with pytest.raises(UnitError, match="cannot be true"):
        set_lac_per_unit(REVIEW, -1)
    with pytest.raises(UnitError, match="cannot be true"):
        set_reconstructed_voxel(REVIEW, 0)
    with pytest.raises(LabelError, match="no cell 'q'"):
        set_take(REVIEW, True, names=["q"])
    with pytest.raises(LabelError, match="empty or taken"):
        rename(REVIEW, "a", "b")
    with pytest.raises(KeyError):
        REVIEW.row("q")
