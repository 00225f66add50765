"""Finding a command by a few letters of its words, its menu, or another word for it."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

_WORD = re.compile(r"\w+")
_WHOLE, _BEGIN, _INSIDE, _LETTERS = 100.0, 80.0, 50.0, 20.0
_IN_MENU, _SYNONYM = 0.5, 0.6


@dataclass(frozen=True, kw_only=True)
class Entry:
    """Something that can be done: ``path`` are the menus it is in, ``why_not`` why not now."""

    name: str
    words: str
    path: str
    synonyms: str = ""
    key: str = ""
    why_not: str = ""
    possible: bool = True
    on: bool = False


def find(entries: Sequence[Entry], text: str, recent: Sequence[str] = ()) -> list[Entry]:
    """Return the entries that fit what was typed, the best first.

    Every word that was typed must be found. Of equally good ones, what is possible comes first,
    then what was run last (``recent`` has names, the newest first); with nothing typed, that
    alone counts.
    """
    newest = {name: place for place, name in enumerate(recent)}
    typed = _WORD.findall(text.casefold())
    scored = [(_score(entry, typed), place, entry) for place, entry in enumerate(entries)]
    ranked = sorted(
        (it for it in scored if it[0] > 0),
        key=lambda it: (
            -it[0],
            not it[2].possible,
            newest.get(it[2].name, len(newest)),
            it[1],
        ),
    )
    if not typed:
        ranked.sort(key=lambda it: newest.get(it[2].name, len(newest)))
    return [entry for _, _, entry in ranked]


def _score(entry: Entry, typed: Sequence[str]) -> float:
    if not typed:
        return 1.0
    scores = [
        max(
            _fit(word, entry.words),
            _SYNONYM * _fit(word, entry.synonyms, letters=False),
            _IN_MENU * _fit(word, entry.path, letters=False),
        )
        for word in typed
    ]
    return min(scores) + sum(scores) / 100 - len(entry.words) / 1000 if min(scores) > 0 else 0.0


def _fit(typed: str, words: str, *, letters: bool = True) -> float:
    """Return how well some letters fit words: whole, begin one, stand inside, or follow in turn."""
    known = _WORD.findall(words.casefold())
    if typed in known:
        return _WHOLE
    if any(word.startswith(typed) for word in known):
        return _BEGIN
    if len(typed) > 1 and any(typed in word for word in known):
        return _INSIDE
    if letters and len(typed) > 1 and _begins_then_follows(typed, known):
        return _LETTERS
    return 0.0


def _begins_then_follows(typed: str, known: Sequence[str]) -> bool:
    """Return whether the letters follow one another from the beginning of one of the words."""
    joined = " ".join(known)
    starts = [
        found.start() for found in _WORD.finditer(joined) if joined[found.start()] == typed[0]
    ]
    return any(_follow(typed, joined[start:]) for start in starts)


def _follow(typed: str, words: str) -> bool:
    letters = iter(words)
    return all(letter in letters for letter in typed)
