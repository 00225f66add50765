import re

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sxtstudio.core.colour_vision import ciede2000, lab_of, least_distances, rgb_of, views_of
from sxtstudio.core.ontology import Extension, default_ontology, new_term
from sxtstudio.core.safe_colours import (
    LEAST_DISTANCE,
    SAFE_COLOURS,
    USUAL,
    in_palette,
    safe_colour,
    told_apart,
)

STANDARD = {term.id: term.colour for term in default_ontology().classes}


def least(colours) -> float:
    views = views_of(rgb_of(list(colours)))
    distances = least_distances(views, views)
    return float(distances[~np.eye(len(distances), dtype=bool)].min())


def test_the_usual_organelles_can_be_told_apart_by_everybody():
    assert least(SAFE_COLOURS[it] for it in USUAL) >= LEAST_DISTANCE
    assert least(STANDARD[it] for it in USUAL) < 0.6 * LEAST_DISTANCE  # why there is a palette


def test_every_term_has_a_safe_colour_of_its_own_that_is_no_standard_one():
    assert set(SAFE_COLOURS) == set(STANDARD)
    assert len(set(SAFE_COLOURS.values())) == len(SAFE_COLOURS)
    assert not set(SAFE_COLOURS.values()) & set(STANDARD.values())
    assert all(re.fullmatch("#[0-9a-f]{6}", it) for it in SAFE_COLOURS.values())
    assert set(USUAL) <= set(SAFE_COLOURS)


@pytest.mark.parametrize("organelle", ["nucleus", "mitochondria", "lipid", "starch", "vacuole"])
def test_the_best_known_organelles_look_as_one_knows_them(organelle):
    both = lab_of(rgb_of([STANDARD[organelle], SAFE_COLOURS[organelle]]))

    assert ciede2000(both[0], both[1]) < LEAST_DISTANCE / 2


def test_a_vocabulary_goes_into_the_other_palette_and_back_unharmed():
    own = new_term(default_ontology(), "Carboxysome", "cell", colour="#e53935")
    ours = default_ontology().extended(Extension(terms=(own,)))

    safe = in_palette(ours, safe=True)

    assert safe["nucleus"].colour == SAFE_COLOURS["nucleus"]
    assert safe[own.id].colour == "#e53935"  # chosen, though it is the standard nucleus
    assert in_palette(safe, safe=True) == safe
    assert in_palette(safe, safe=False) == ours


def test_a_standard_colour_becomes_its_terms_safe_one_and_any_other_stays():
    assert safe_colour(STANDARD["lipid"].upper()) == SAFE_COLOURS["lipid"]
    assert safe_colour("#123456") == "#123456"


@given(st.lists(st.sampled_from(sorted(SAFE_COLOURS)), min_size=2, max_size=10, unique=True))
@settings(deadline=None, max_examples=30)
def test_any_ten_terms_can_be_told_apart(ids):
    colours = told_apart([SAFE_COLOURS[it] for it in ids], chosen=[False] * len(ids))

    assert least(colours) >= LEAST_DISTANCE
    for name, colour in zip(ids, colours, strict=True):
        assert colour == SAFE_COLOURS[name] or name not in USUAL


def test_what_was_chosen_stays_and_the_others_give_way():
    wanted = [SAFE_COLOURS["nucleus"], "#df3535", SAFE_COLOURS["starch"]]

    colours = told_apart(wanted, chosen=[False, True, False])

    assert colours[1] == "#df3535"
    assert colours[0] != SAFE_COLOURS["nucleus"]
    assert colours[2] == SAFE_COLOURS["starch"]
    assert least(colours) >= LEAST_DISTANCE


def test_colours_that_somebody_chose_alike_stay_alike():
    assert told_apart(["#123456", "#123457"], chosen=[True, True]) == ("#123456", "#123457")


def test_more_classes_than_there_are_colours_still_get_one_each():
    colours = told_apart(["#888888"] * 40, chosen=[False] * 40)

    assert len(set(colours)) == 40
    assert least(colours) > 2.5


def test_nothing_to_colour_is_nothing():
    assert told_apart([], chosen=[]) == ()
