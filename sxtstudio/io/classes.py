"""Class names and colours of label values as JSON text, the way TIFF and HDF5 files carry them."""

import re
from collections.abc import Mapping

import msgspec

_COLOUR = re.compile(r"#[0-9a-f]{6}")
LARGEST_LABEL = 65_535


def to_text(words: Mapping[int, str]) -> str:
    """Return ``{"1": "nucleus"}`` in ASCII, ordered by label value."""
    plain = msgspec.json.encode({str(value): words[value] for value in sorted(words)}).decode()
    return "".join(c if c.isascii() else _escaped(c) for c in plain)


def _escaped(character: str) -> str:
    units = character.encode("utf-16-be")
    return "".join(f"\\u{units[i]:02x}{units[i + 1]:02x}" for i in range(0, len(units), 2))


def parse_names(text: str, notes: list[str]) -> dict[int, str]:
    """Return the class names in a text; what is damaged is left out, with a note added."""
    try:
        names = msgspec.json.decode(text, type=dict[int, str])
    except (msgspec.MsgspecError, UnicodeError):
        notes.append("The class names in the file are damaged and were left out.")
        return {}
    return {value: name for value, name in names.items() if 0 <= value <= LARGEST_LABEL and name}


def parse_colours(text: str, notes: list[str]) -> dict[int, str]:
    """Return the colours (``#rrggbb``) in a text; others are left out, damage adds a note."""
    colours = {value: colour.lower() for value, colour in parse_names(text, notes).items()}
    return {value: colour for value, colour in colours.items() if _COLOUR.fullmatch(colour)}


def colour_from_fractions(red: float, green: float, blue: float) -> str:
    """Return ``#rrggbb`` of three fractions; what lies outside 0–1 is cut to it."""
    return "#" + "".join(f"{round(255 * min(max(part, 0), 1)):02x}" for part in (red, green, blue))


def fractions_of_colour(colour: str) -> tuple[float, float, float]:
    """Return the three fractions 0–1 of ``#rrggbb``."""
    red, green, blue = (int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5))
    return red, green, blue
