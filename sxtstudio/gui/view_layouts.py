"""The ways in which the four views share the room: pure arithmetic of places in a grid."""

from typing import Literal, NamedTuple, get_args

Layout = Literal["four", "big", "pair", "one"]
"""All alike; one large beside the three others; one beside the 3D view; one alone."""

LAYOUTS: tuple[Layout, ...] = get_args(Layout)
_BIG_SHARE = 3
_LAST = 3


class Place(NamedTuple):
    """Where a view lies in the grid."""

    row: int
    column: int
    rows: int = 1
    columns: int = 1


def places(layout: Layout, main: int, there: tuple[int, ...]) -> dict[int, Place]:
    """Return the places of the views that a layout shows.

    ``main`` is the view that is large where the layout has a large one, ``there`` are the numbers
    of the views that can be shown at all; the last of the four is the 3D view.
    """
    if not there:
        return {}
    main = main if main in there else there[0]
    others = [number for number in there if number != main]
    if layout == "one" or not others:
        return {main: Place(0, 0)}
    if layout == "pair":
        beside = _LAST if _LAST in others else others[0]
        left, right = sorted((main, beside))
        return {left: Place(0, 0), right: Place(0, 1)}
    if layout == "big":
        small = {number: Place(row, 1) for row, number in enumerate(others)}
        return {main: Place(0, 0, rows=len(others))} | small
    if len(there) <= 2:
        return {number: Place(0, column) for column, number in enumerate(there)}
    return {number: Place(*divmod(place, 2)) for place, number in enumerate(there)}


def column_shares(layout: Layout, shown: dict[int, Place]) -> tuple[int, int]:
    """Return how wide the columns are, one against the other; an empty one gets nothing."""
    if not any(place.column for place in shown.values()):
        return (1, 0)
    return (_BIG_SHARE, 1) if layout == "big" else (1, 1)
