"""Put the classes of a task together: add, take out, merge, split, rename, say what they gather.

The functions return new classes and leave the old ones alone. What makes no sense (a class that is
not there) is a mistake of the caller; what a user may do wrong meanwhile (two classes with one
name, none at all) is told by `sxtstudio.core.task_draft`.
"""

from collections.abc import Sequence
from dataclasses import replace

from sxtstudio.core.ontology import Ontology
from sxtstudio.core.task import TaskClass
from sxtstudio.core.wording import listed

Classes = tuple[TaskClass, ...]

_MOST_NAMED = 6


def holder_of(classes: Sequence[TaskClass], term: str) -> int | None:
    """Return the place of the class that names a term of the ontology, None if none does."""
    return next((i for i, item in enumerate(classes) if term in item.members), None)


def add_term(
    classes: Classes,
    term: str,
    ontology: Ontology,
    *,
    into: int | None = None,
    at: int | None = None,
) -> Classes:
    """Add a term as a class of its own before the place ``at``, or to the class ``into``.

    A term that another class names leaves that class.
    """
    if into is not None and term in classes[into].members:
        return classes
    left = remove_term(classes, term, ontology)
    if into is not None:
        place = _place_after_removal(classes, into, term, left)
        return _put(left, place, _gather(left[place], (term,), ontology))
    place = len(left) if at is None else _place_after_removal(classes, at, term, left)
    own = TaskClass(name=_free_name(ontology.term(term).name, left), members=(term,))
    return (*left[:place], own, *left[place:])


def _place_after_removal(classes: Classes, place: int, term: str, left: Classes) -> int:
    """Return where a place of the classes is once a term, and perhaps its class, is gone."""
    gone = len(classes) - len(left)
    holder = holder_of(classes, term)
    return place - gone * (holder is not None and holder < place)


def remove_term(classes: Classes, term: str, ontology: Ontology) -> Classes:
    """Take a term out of the class that names it; a class without terms goes."""
    place = holder_of(classes, term)
    if place is None:
        return classes
    item = classes[place]
    members = tuple(member for member in item.members if member != term)
    if not members:
        return remove_class(classes, place)
    name = item.name
    if name == default_name(item.members, ontology):
        name = _free_name(default_name(members, ontology), _without(classes, place))
    return _put(classes, place, replace(item, members=members, name=name))


def remove_class(classes: Classes, place: int) -> Classes:
    """Take a class out."""
    return _without(classes, place)


def merge_classes(classes: Classes, source: int, target: int, ontology: Ontology) -> Classes:
    """Let the class ``target`` gather what ``source`` gathers too.

    It keeps a name that somebody gave it; a name that is only that of its terms grows with them.
    """
    if source == target:
        return classes
    merged = _gather(classes[target], classes[source].members, ontology)
    return _without(_put(classes, target, merged), source)


def split_class(classes: Classes, place: int, ontology: Ontology) -> Classes:
    """Let every term of a class be a class of its own, in its place."""
    around = _without(classes, place)
    parts: list[TaskClass] = []
    for term in classes[place].members:
        name = _free_name(ontology.term(term).name, (*around, *parts))
        parts.append(TaskClass(name=name, members=(term,)))
    return (*classes[:place], *parts, *classes[place + 1 :])


def move_class(classes: Classes, source: int, before: int) -> Classes:
    """Put a class before another place, as a drag between two rows does."""
    left = list(_without(classes, source))
    left.insert(before - (before > source), classes[source])
    return tuple(left)


def rename_class(classes: Classes, place: int, name: str, ontology: Ontology) -> Classes:
    """Call a class differently; without a name it is called by what it gathers again."""
    item = classes[place]
    name = " ".join(name.split()) or default_name(item.members, ontology)
    return _put(classes, place, replace(item, name=name))


def recolour_class(classes: Classes, place: int, colour: str) -> Classes:
    """Draw a class in another colour (``#rrggbb``)."""
    return _put(classes, place, replace(classes[place], colour=colour))


def default_name(members: Sequence[str], ontology: Ontology) -> str:
    """Return what a class is called that nobody gave a name: its terms in words."""
    return in_words([ontology.term(member).name for member in members])


def gathered_words(classes: Sequence[TaskClass], place: int, ontology: Ontology) -> str:
    """Return what a class gathers and what it leaves to others, empty if its name says it all."""
    item = classes[place]
    names = [ontology.term(member).name for member in item.members]
    inside, left_out = _contents(classes, place, ontology)
    words = in_words(names) if item.name != in_words(names) else ""
    if inside:
        words = f"{words} with {in_words(inside)}".strip()
    if left_out:
        words = (
            f"{words}; without {in_words(left_out)}" if words else f"without {in_words(left_out)}"
        )
    return words


def _contents(
    classes: Sequence[TaskClass], place: int, ontology: Ontology
) -> tuple[list[str], list[str]]:
    """Return names of the terms that come along with the members, and of those that do not."""
    own = classes[place].members
    elsewhere = frozenset(
        member for i, item in enumerate(classes) if i != place for member in item.members
    )
    inside: dict[str, str] = {}
    left_out: dict[str, str] = {}
    for member in own:
        if member not in ontology:
            continue
        reached = set(ontology.descendants(member, stop=elsewhere | set(own) - {member}))
        for term in ontology.classes:
            if term.id in reached and term.id not in own:
                inside[term.id] = term.name
            elif term.id in elsewhere and term.parent in reached:
                left_out[term.id] = _where_else(term.name, term.id, classes)
    return list(inside.values()), list(left_out.values())


def _where_else(name: str, term: str, classes: Sequence[TaskClass]) -> str:
    place = holder_of(classes, term)
    assert place is not None, "only terms of other classes are looked for"
    other = classes[place]
    own = other.members == (term,) and other.name == name
    return f"{name} (a class of its own)" if own else f"{name} (in “{other.name}”)"


def in_words(names: Sequence[str]) -> str:
    """Return "a", "a and b" or "a, b and c"; of many, the first and how many more."""
    if len(names) > _MOST_NAMED:
        first = names[: _MOST_NAMED - 1]
        return listed((*first, f"{len(names) - len(first)} more"))
    return listed(names)


def _gather(item: TaskClass, terms: tuple[str, ...], ontology: Ontology) -> TaskClass:
    members = tuple(dict.fromkeys((*item.members, *terms)))
    unnamed = item.name == default_name(item.members, ontology)
    name = default_name(members, ontology) if unnamed else item.name
    return replace(item, members=members, name=name)


def _free_name(name: str, classes: Sequence[TaskClass]) -> str:
    taken = {item.name for item in classes}
    number, free = 2, name
    while free in taken:
        number, free = number + 1, f"{name} {number}"
    return free


def _put(classes: Classes, place: int, item: TaskClass) -> Classes:
    return (*classes[:place], item, *classes[place + 1 :])


def _without(classes: Classes, place: int) -> Classes:
    return (*classes[:place], *classes[place + 1 :])
