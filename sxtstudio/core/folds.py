"""Splits of cells into folds that are alike in what they know and in kind."""

from collections.abc import Iterator, Mapping

import numpy as np

from sxtstudio.core.plan import Fold


def stratified_folds(
    strata: Mapping[str, frozenset[str]], count: int, seed: int
) -> tuple[Fold, ...]:
    """Return folds by cell that share out the words of the strata evenly.

    ``strata`` tells for every cell what it stands for: the classes it knows, its kind. The numbers
    of held-out cells differ by one at most. No fold's training loses a word that two cells have,
    wherever moving one cell or exchanging two can prevent it. Fewer than two cells cannot be split.
    """
    count = min(count, len(strata))
    if count < 2:
        return ()
    cells = sorted(strata)
    words = sorted(frozenset[str]().union(*strata.values()))
    has = np.array([[word in strata[cell] for word in words] for cell in cells], bool)
    group = _keep_words(has, _deal(has, count, np.random.default_rng(seed)))
    group_of = dict(zip(cells, group.tolist(), strict=True))
    return tuple(
        Fold(
            training=tuple(cell for cell in strata if group_of[cell] != held_out),
            held_out=tuple(cell for cell in strata if group_of[cell] == held_out),
        )
        for held_out in range(count)
    )


def _deal(has: np.ndarray, count: int, rng: np.random.Generator) -> np.ndarray:
    """Return the group of every cell; ``has`` is (cells, words).

    The cells of the rarest word come first, each goes to the group that has fewest of that word,
    then fewest cells (iterative stratification, Sechidis et al. 2011).
    """
    group = np.full(len(has), -1)
    held = np.zeros((count, has.shape[1]), int)
    size = np.zeros(count, int)
    chance = rng.permutation(len(has))
    while (waiting := group < 0).any():
        left = has[waiting].sum(0)
        word = int(np.argmin(np.where(left > 0, left, len(has) + 1))) if left.any() else None
        dealt = np.flatnonzero(waiting if word is None else waiting & has[:, word])
        # Cells that stand for much are hardest to place.
        for cell in dealt[np.lexsort((chance[dealt], -has[dealt].sum(1)))]:
            wanted = size if word is None else held[:, word]
            alike = held[:, has[cell]].sum(1)
            place = int(np.lexsort((alike, size, wanted, _full(size, len(has))))[0])
            group[cell] = place
            size[place] += 1
            held[place] += has[cell]
    return group


def _full(size: np.ndarray, cells: int) -> np.ndarray:
    """Return which groups can take no more if their sizes are to differ by one at most."""
    share, over = divmod(cells, size.size)
    larger = int(np.count_nonzero(size > share))
    return size >= share + (larger < over)


def _keep_words(has: np.ndarray, group: np.ndarray) -> np.ndarray:
    """Change one or two cells at a time as long as fewer words are then left to one group alone."""
    lost = _lost_words(has, group)
    while lost.size:
        changes = _changes(has, group, lost)
        better = (new for new in changes if _lost_words(has, new).size < lost.size)
        found = next(better, None)
        if found is None:
            break
        group, lost = found, _lost_words(has, found)
    return group


def _lost_words(has: np.ndarray, group: np.ndarray) -> np.ndarray:
    """Return the words of at least two cells that one group holds all of."""
    held = np.stack([has[group == number].sum(0) for number in range(int(group.max()) + 1)])
    total = held.sum(0)
    return np.flatnonzero((total > 1) & (held.max(0) == total))


def _changes(has: np.ndarray, group: np.ndarray, lost: np.ndarray) -> Iterator[np.ndarray]:
    """Yield groups in which a cell of a lost word moves to a smaller group or changes places."""
    size = np.bincount(group)
    for one in np.flatnonzero(has[:, lost].any(1)):
        for smaller in np.flatnonzero(size < size[group[one]]):
            moved = group.copy()
            moved[one] = smaller
            yield moved
        for other in np.flatnonzero(group != group[one]):
            swapped = group.copy()
            swapped[[one, other]] = group[[other, one]]
            yield swapped
