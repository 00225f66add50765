"""Lists and numbers as words in a sentence."""

from collections.abc import Sequence


def listed(words: Sequence[str]) -> str:
    """Return "a", "a and b" or "a, b and c"."""
    return " and ".join(filter(None, (", ".join(words[:-1]), *words[-1:])))


def counted(number: int, noun: str) -> str:
    """Return "1 cell" or "1,200 cells"; the noun takes an s."""
    return f"{number:,} {noun}{'s' * (number != 1)}"
