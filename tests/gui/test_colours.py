import pytest

from sxtstudio.core.ontology import default_ontology
from sxtstudio.gui.colours import class_displays


def displays(names, colours=None):
    return {it.label: it for it in class_displays(names, colours or {}, default_ontology())}


def test_classes_come_in_the_order_of_their_labels():
    assert list(displays({3: "lipid", 1: "nucleus"})) == [1, 3]


def test_ids_are_shown_by_their_names_and_names_of_a_task_as_they_are():
    names = {1: "lipid", 2: "Nucleus", 3: "dense bits"}
    assert [it.name for it in displays(names).values()] == ["lipid bodies", "Nucleus", "dense bits"]


def test_a_given_colour_goes_before_the_ontologys():
    shown = displays({1: "nucleus", 2: "Nucleus"}, {1: "#123456"})
    assert (shown[1].colour, shown[2].colour) == ("#123456", "#e53935")


def test_unknown_classes_get_colours_that_differ():
    shown = displays({label: f"strange thing {label}" for label in range(1, 8)})
    assert len({it.colour for it in shown.values()}) == 7


@pytest.mark.parametrize(
    ("names", "least", "greatest"),
    [
        ({1: "nucleus"}, 1.0, 1.0),
        ({1: "nucleus", 2: "nucleolus"}, 0.2, 0.6),
        ({1: "cytoplasm", 2: "nucleus"}, 0.05, 0.2),
    ],
)
def test_what_encloses_other_classes_is_see_through(names, least, greatest):
    assert least <= displays(names)[1].opacity <= greatest


def test_the_surroundings_of_the_cell_are_hidden():
    shown = displays({1: "capillary", 2: "buffer", 3: "ignore", 4: "nucleus"})
    assert [it.visible for it in shown.values()] == [False, False, False, True]
