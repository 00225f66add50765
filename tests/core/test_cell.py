"""Cells, label maps, and the words users write about them."""

import numpy as np
import pytest

from sxtstudio.core.cell import Annotation, Cell, parse_complete, parse_label_names
from sxtstudio.core.errors import LabelError, UnitError
from sxtstudio.core.ontology import default_ontology
from sxtstudio.core.scores import certain_dice, dice, iou, mean_known
from sxtstudio.core.table import Column, MeasurementTable
from sxtstudio.core.volume import LabelMap, Tomogram, parse_voxel_size_um, voxel_volume_um3

ONTOLOGY = default_ontology()
VOXEL = (0.03, 0.04, 0.05)


def test_labels_of_another_shape_than_the_tomogram_are_refused_with_both_shapes():
    tomogram = Tomogram(lac_ZYX=np.zeros((2, 3, 4), np.float32), voxel_size_um=VOXEL)
    labels = LabelMap(labels_ZYX=np.zeros((2, 3, 5), np.uint8), names={}, voxel_size_um=VOXEL)
    annotation = Annotation(label_map=labels, complete=frozenset())

    with pytest.raises(LabelError, match=r"2 × 3 × 5 voxels .* has 2 × 3 × 4"):
        Cell(name="c", tomogram=tomogram, annotations=(annotation,))


@pytest.mark.parametrize(
    ("name", "species", "strain", "kind"),
    [
        ("b4", "Saccharomyces cerevisiae", " BY4741 ", "Saccharomyces cerevisiae, BY4741"),
        ("b4", "", "BY4741", "BY4741"),
        ("b cell_04", "", "", "b cell"),
        ("yeast-12", " ", "", "yeast"),
        ("2019", "", "", "2019"),
    ],
)
def test_the_kind_of_a_cell_is_what_is_stated_or_its_name_without_the_number(
    name, species, strain, kind
):
    tomogram = Tomogram(lac_ZYX=np.zeros((2, 3, 4), np.float32), voxel_size_um=VOXEL)

    assert Cell(name=name, tomogram=tomogram, species=species, strain=strain).kind == kind


def test_label_zero_can_carry_no_class():
    with pytest.raises(LabelError, match="Label 0 means unlabelled"):
        LabelMap(labels_ZYX=np.zeros((1, 1, 1)), names={0: "cell"}, voxel_size_um=VOXEL)


@pytest.mark.parametrize("size", [(0.0, 1, 1), (1, -1, 1), (1, 1, float("nan")), (1, 1, 1e3)])
def test_a_voxel_size_that_cannot_be_true_is_refused(size):
    with pytest.raises(UnitError, match="cannot be true"):
        parse_voxel_size_um(size, "x")


def test_a_voxel_size_needs_three_edges():
    with pytest.raises(UnitError, match="three edges"):
        parse_voxel_size_um((1.0, 1.0), "x")


def test_the_volume_of_a_voxel_is_the_product_of_its_edges():
    assert voxel_volume_um3(VOXEL) == pytest.approx(6e-5)


def test_label_names_are_read_from_words():
    assert parse_label_names("1=nucleus, 5=LD,7=ignore", ONTOLOGY) == {
        1: "nucleus",
        5: "lipid",
        7: "ignore",
    }


@pytest.mark.parametrize(
    ("words", "sentence"),
    [("nucleus", "which class"), ("a=nucleus", "which class"), ("1=mito,1=er", "two classes")],
)
def test_label_names_that_make_no_sense_are_refused(words, sentence):
    with pytest.raises(LabelError, match=sentence):
        parse_label_names(words, ONTOLOGY)


def test_complete_means_all_drawn_classes_none_or_those_named():
    drawn = frozenset({"nucleus", "ignore"})

    assert parse_complete("all", drawn, ONTOLOGY) == {"nucleus"}
    assert parse_complete("none", drawn, ONTOLOGY) == frozenset()
    assert parse_complete("LD, mito", drawn, ONTOLOGY) == {"lipid", "mitochondria"}


def test_dice_and_iou_of_known_masks():
    first, second = np.array([1, 1, 0, 0], bool), np.array([1, 0, 1, 1], bool)

    assert dice(first, second) == pytest.approx(2 / 5)
    assert iou(first, second) == pytest.approx(1 / 4)
    assert np.isnan(dice(first & False, first & False))
    assert np.isnan(iou(first & False, first & False))


def test_dice_counts_only_voxels_where_the_annotation_is_certain():
    possible = np.array([0b010, 0b001, 0b011, 0b010], np.uint32)
    predicted = np.array([1, 0, 1, 0])

    assert certain_dice(predicted, possible, 1) == pytest.approx(2 / 3)


def test_the_mean_leaves_out_what_is_not_known():
    assert mean_known([0.5, float("nan"), 1.0]) == pytest.approx(0.75)
    assert np.isnan(mean_known([float("nan")]))


def test_a_table_becomes_csv_that_no_spreadsheet_takes_for_a_formula():
    table = MeasurementTable(
        columns=(Column(name="cell", description=""), Column(name="volume_um3", description="")),
        rows=(("=1+1", 1.23456789), ("b", None)),
    )

    assert table.to_csv() == "cell,volume_um3\n'=1+1,1.23457\nb,\n"
