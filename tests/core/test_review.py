"""Doubtful places are ranked whatever order they come in, and verdicts are counted."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy import ndimage

from sxtstudio.core.region import Box
from sxtstudio.core.review import (
    FEWEST_PEERS,
    LEAST_SCORE,
    MOST_PLACES,
    Doubt,
    Place,
    PlaceId,
    Verdict,
    combined,
    inner_voxel,
    next_open,
    oddness,
    progress_of,
    rank_places,
    score_places,
    without_rims,
)

UNIT = st.floats(0, 1)
VOXELS = 1000
LARGE = VOXELS / (VOXELS + 15)


def place(
    number: int,
    *,
    name="nucleus",
    doubt=0.2,
    volume=1.0,
    lac=0.25,
    cell="c",
    voxels=VOXELS,
) -> Place:
    return Place(
        cell=cell,
        version="v000001",
        kind="object" if name else "region",
        label=1 if name else 0,
        name=name,
        voxel=(number, 0, 0),
        box=Box(low=(number, 0, 0), high=(number + 1, 1, 1)),
        voxels=voxels,
        volume_um3=volume,
        doubt=doubt,
        lac_per_um=lac,
    )


PLACES = st.lists(
    st.builds(
        place,
        st.integers(0, 10_000),
        name=st.sampled_from(["nucleus", "mitochondria", ""]),
        doubt=UNIT,
        volume=st.floats(1e-4, 1e3),
        lac=st.floats(0, 1),
        cell=st.sampled_from(["a", "b"]),
    ),
    max_size=30,
    unique_by=lambda it: it.id,
)
RANGES = {"nucleus": (0.18, 0.3)}


@given(places=PLACES, seed=st.integers(0, 99))
def test_the_ranking_does_not_depend_on_the_order(places, seed):
    shuffled = [places[i] for i in np.random.default_rng(seed).permutation(len(places))]
    assert rank_places(places, RANGES) == rank_places(shuffled, RANGES)


@given(places=PLACES)
def test_scores_fall_along_the_ranking(places):
    ranked = rank_places(places, RANGES)
    scores = [it.score for it in ranked]
    assert scores == sorted(scores, reverse=True)
    assert all(LEAST_SCORE <= it.score <= 1 for it in ranked)
    assert {it.place.id for it in ranked} == {
        it.place.id for it in score_places(places, RANGES) if it.score >= LEAST_SCORE
    }


@given(doubt=UNIT, more=UNIT, odd=UNIT)
def test_doubt_and_oddness_only_ever_raise_a_score(doubt, more, odd):
    low, high = sorted((doubt, more))
    assert combined(low, odd) <= combined(high, odd) + 1e-12
    assert combined(doubt, min(odd, more)) <= combined(doubt, max(odd, more)) + 1e-12
    assert abs(combined(doubt, 0.0, 0.0) - doubt) < 1e-12


@given(places=PLACES, seed=st.integers(0, 99))
def test_every_place_is_counted_once(places, seed):
    doubts = rank_places(places, RANGES)
    rng = np.random.default_rng(seed)
    kinds: tuple[Verdict, ...] = ("open", "accepted", "rejected", "flagged")
    verdicts: dict[PlaceId, Verdict] = {it.place.id: kinds[rng.integers(4)] for it in doubts}
    rows = progress_of(doubts, verdicts)
    assert sum(row.total for row in rows) == len(doubts)
    assert sum(row.left for row in rows) == list(verdicts.values()).count("open")
    assert sum(row.judged + row.left for row in rows) == len(doubts)


@given(places=PLACES, after=st.integers(-1, 29))
def test_going_on_meets_every_open_place_once(places, after):
    doubts = rank_places(places, RANGES)
    verdicts: dict[PlaceId, Verdict] = {}
    at, met = min(after, len(doubts) - 1), []
    while (at := next_open(doubts, verdicts, at)) is not None:
        met.append(at)
        verdicts[doubts[at].place.id] = "accepted"
    assert sorted(met) == list(range(len(doubts)))


def test_a_region_without_an_object_comes_last_in_the_progress():
    rows = progress_of([Doubt(place=place(1, name=""), score=0.5),
                        Doubt(place=place(2), score=0.4)], {})  # fmt: skip
    assert [row.name for row in rows] == ["nucleus", ""]


def test_an_object_of_another_size_is_told_and_put_first():
    usual = [place(i, doubt=0.2, volume=1 + 0.01 * i) for i in range(FEWEST_PEERS)]
    first, *others = rank_places([*usual, place(99, doubt=0.2, volume=0.01)], {})
    assert first.place.voxel == (99, 0, 0)
    assert first.reasons == ("Unusually small for nucleus (0.01 µm³; most have 0.8 to 1.1)",)
    assert first.hints == ("small",)
    assert abs(first.score - LARGE * (1 - 0.8 * 0.6)) < 1e-9
    assert all(abs(it.score - LARGE * 0.2) < 1e-9 and not it.reasons for it in others)


def test_of_two_places_as_doubtful_the_larger_one_comes_first():
    speck, body = place(1, doubt=0.4, voxels=15), place(2, doubt=0.4, voxels=1500)
    assert [it.place for it in rank_places([speck, body], {})] == [body, speck]
    assert abs(score_places([speck], {})[0].score - 0.2) < 1e-9


def test_a_lac_unlike_all_others_is_told_by_what_they_have():
    usual = [place(i, lac=0.25 + 0.001 * i) for i in range(FEWEST_PEERS)]
    odd = score_places([*usual, place(99, lac=0.32)], {"nucleus": (0.2, 0.35)})[-1]
    assert odd.hints == ("bright",)
    assert odd.reasons == ("Unusually bright for nucleus (LAC 0.32 µm⁻¹; most have 0.25 to 0.27)",)


def test_a_lac_that_the_vocabulary_does_not_know_is_told():
    ranked = score_places([place(1, lac=0.45), place(2, lac=0.25)], {"nucleus": (0.2, 0.3)})
    assert ranked[0].reasons == (
        "Unusually bright for nucleus (LAC 0.45 µm⁻¹; usual is 0.20 to 0.30)",
    )
    assert not ranked[1].reasons
    assert ranked[0].score > ranked[1].score


def test_of_few_objects_nothing_is_said_to_be_odd():
    values = np.array([1.0] * (FEWEST_PEERS - 2) + [100.0])
    assert not oddness(values, 0.1).any()
    assert oddness(np.append(values, 1.0), 0.1).max() == 1


def test_of_one_cell_no_more_places_are_shown_than_anybody_looks_at():
    many = [place(i, name="", doubt=0.5) for i in range(MOST_PLACES + 20)]
    ranked = rank_places([*many, place(1, name="", doubt=0.3, cell="other")], {})
    assert len(ranked) == MOST_PLACES + 1
    assert ranked[-1].place.cell == "other"


MASKS = arrays(bool, st.tuples(*[st.integers(1, 6)] * 3))


@given(mask=MASKS)
def test_rims_go_as_by_an_erosion_with_all_neighbours(mask):
    expected = ndimage.binary_erosion(mask, np.ones((3, 3, 3)), border_value=1)
    assert np.array_equal(without_rims(mask), expected)
    assert np.array_equal(without_rims(mask.astype(np.uint8)), expected)


@given(mask=MASKS.filter(lambda it: it.any()))
def test_the_inner_voxel_of_a_mask_lies_in_it(mask):
    z, y, x = inner_voxel(mask, (10, 20, 30))
    assert mask[z - 10, y - 20, x - 30]


def test_the_inner_voxel_of_a_ball_is_its_centre():
    z, y, x = np.ogrid[:9, :9, :9]
    ball = (z - 4) ** 2 + (y - 4) ** 2 + (x - 4) ** 2 <= 9
    assert inner_voxel(ball, (0, 0, 0)) == (4, 4, 4)


def test_going_on_can_stay_in_one_cell():
    doubts = [Doubt(place=place(i, cell="ab"[i % 2]), score=0.5) for i in range(6)]
    verdicts: dict[PlaceId, Verdict] = {doubts[3].place.id: "accepted"}
    assert next_open(doubts, verdicts, 1, "b") == 5
    assert next_open(doubts, verdicts, 5, "b") == 1
    assert next_open(doubts, verdicts, 1) == 2
    assert next_open(doubts, verdicts, 1, "c") is None
