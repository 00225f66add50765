from dataclasses import replace

import numpy as np
import pytest

from sxtstudio.core.colour_vision import least_distances, rgb_of, views_of
from sxtstudio.core.ontology import Extension, default_ontology, new_term
from sxtstudio.core.safe_colours import LEAST_DISTANCE, SAFE_COLOURS
from sxtstudio.gui.app import make_window
from sxtstudio.gui.colours import class_displays, shown_colours
from sxtstudio.gui.settings import remember_colour_blind_safe, settings
from tests.gui.projects import five_balls_cell, write_project


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


def test_safe_colours_can_be_told_apart_and_chosen_ones_stay():
    names = {1: "nucleus", 2: "mitochondria", 3: "odd thing", 4: "lipid", 5: "membrane"}

    shown = class_displays(names, {4: "#123456", 2: "#5ef075"}, default_ontology(), safe=True)

    colours = {it.label: it.colour for it in shown}
    assert colours[1] == SAFE_COLOURS["nucleus"]
    assert colours[2] == SAFE_COLOURS["mitochondria"]  # a standard colour that came with labels
    assert colours[4] == "#123456"
    views = views_of(rgb_of(list(colours.values())))
    distances = least_distances(views, views)
    assert distances[~np.eye(5, dtype=bool)].min() >= LEAST_DISTANCE


def test_a_laboratorys_own_term_keeps_its_colour_in_both_palettes():
    own = new_term(default_ontology(), "Carboxysome", "cell", colour="#e53935")
    ontology = default_ontology().extended(Extension(terms=(own,)))
    for safe in (False, True):
        shown = class_displays({1: own.id, 2: "nucleus"}, {}, ontology, safe=safe)
        assert shown[0].colour == "#e53935"
    assert shown[1].colour not in ("#e53935", SAFE_COLOURS["nucleus"])


def test_the_palettes_change_colours_and_nothing_else():
    names = {1: "cell", 2: "nucleus", 3: "buffer"}
    both = [class_displays(names, {}, default_ontology(), safe=it) for it in (False, True)]

    assert [replace(it, colour="") for it in both[0]] == [replace(it, colour="") for it in both[1]]


@pytest.fixture
def safe_by_choice():
    remember_colour_blind_safe(safe=True)
    yield
    settings().remove("class_colours")


def test_curves_of_a_training_take_safe_colours_too(safe_by_choice):
    colours = shown_colours({"nucleus": "#e53935", "mine": "#123456"})

    assert colours == {"nucleus": SAFE_COLOURS["nucleus"], "mine": "#123456"}


def test_what_is_on_show_changes_its_colours_at_once_but_for_chosen_ones(qtbot, qapp, tmp_path):
    window = make_window(remember=False)
    qtbot.addWidget(window)
    window.session.open(write_project(tmp_path / "p.sxt", five_balls_cell("balls")))
    view, actions = window.session.view, window.actions_by_name
    standard = {it.name: it.colour for it in view.classes}
    first, second = view.classes[:2]
    view.set_class(replace(first, colour="#123456", opacity=0.3))
    try:
        actions["colours_safe"].trigger()

        shown = {it.name: it for it in view.classes}
        assert shown[first.name].colour == "#123456"
        assert shown[first.name].opacity == 0.3
        term = default_ontology().find(second.name)
        assert shown[second.name].colour == SAFE_COLOURS[term.id]
        assert window.session.ontology[term.id].colour == SAFE_COLOURS[term.id]

        actions["colours_standard"].trigger()

        assert {it.name: it.colour for it in view.classes} == standard | {first.name: "#123456"}
        assert window.session.ontology == default_ontology()
    finally:
        settings().remove("class_colours")
        window.close()
