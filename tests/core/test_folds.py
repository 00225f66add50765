"""Folds by cell that are alike in classes and kind."""

from itertools import combinations

from hypothesis import given
from hypothesis import strategies as st

from sxtstudio.core.folds import stratified_folds

WORDS = ["nucleus", "lipid", "starch", "kind yeast", "kind alga"]
strata = st.dictionaries(
    st.text("abcdefgh", min_size=1, max_size=3),
    st.frozensets(st.sampled_from(WORDS), max_size=4),
    min_size=2,
    max_size=9,
)


def held_out_by(folds):
    return [set(fold.held_out) for fold in folds]


@given(strata, st.integers(2, 4), st.integers(0, 5))
def test_every_cell_is_held_out_once_and_sizes_differ_by_one_at_most(cells, count, seed):
    folds = stratified_folds(cells, count, seed)

    held_out = [name for fold in folds for name in fold.held_out]
    sizes = [len(fold.held_out) for fold in folds]
    assert sorted(held_out) == sorted(cells)
    assert len(folds) == min(count, len(cells))
    assert max(sizes) - min(sizes) <= 1
    assert all(set(fold.training) == set(cells) - set(fold.held_out) for fold in folds)


def lost(cells, held_out):
    having = {word: {n for n, words in cells.items() if word in words} for word in WORDS}
    return [w for w, names in having.items() if len(names) > 1 and names <= held_out]


def can_keep_every_word(cells, count):
    """Try every split into two groups of the right sizes; the oracle is too slow for more."""
    half = len(cells) // 2
    return count == 2 and any(
        not lost(cells, set(one)) and not lost(cells, set(cells) - set(one))
        for one in combinations(cells, half)
    )


@given(strata, st.integers(0, 5))
def test_no_class_loses_its_last_cell_where_that_can_be_helped(cells, seed):
    folds = stratified_folds(cells, 2, seed)

    if can_keep_every_word(cells, 2):
        assert not any(lost(cells, held_out) for held_out in held_out_by(folds))


def test_kinds_and_classes_are_shared_out_evenly():
    cells = {
        f"{kind}{i}": frozenset({kind, "nucleus"} | ({"lipid"} if i % 2 else set()))
        for kind, number in (("yeast", 8), ("alga", 4), ("lymphocyte", 4))
        for i in range(number)
    }

    for seed in range(5):
        for held_out in held_out_by(stratified_folds(cells, 2, seed)):
            assert sum(name.startswith("yeast") for name in held_out) == 4
            assert sum(name.startswith("alga") for name in held_out) == 2
            assert sum("lipid" in cells[name] for name in held_out) == 4


def test_a_seed_always_gives_the_same_folds_and_another_seed_others():
    cells = {f"cell {i}": frozenset({"nucleus"}) for i in range(12)}
    backwards = dict(reversed(cells.items()))

    first = held_out_by(stratified_folds(cells, 3, 7))

    assert held_out_by(stratified_folds(cells, 3, 7)) == first
    assert held_out_by(stratified_folds(backwards, 3, 7)) == first
    assert any(held_out_by(stratified_folds(cells, 3, seed)) != first for seed in range(8, 12))


def test_one_cell_cannot_be_split():
    assert stratified_folds({"a": frozenset()}, 2, 0) == ()
    assert stratified_folds({"a": frozenset(), "b": frozenset()}, 1, 0) == ()


def test_more_folds_than_cells_hold_out_one_cell_each():
    folds = stratified_folds({name: frozenset() for name in "abc"}, 5, 0)

    assert sorted(held_out_by(folds), key=min) == [{"a"}, {"b"}, {"c"}]
