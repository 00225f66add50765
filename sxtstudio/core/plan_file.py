"""Plans as files that people read and edit: JSON with short lists on one line, parsed strictly."""

import difflib
import re
from collections.abc import Iterator
from typing import cast

import msgspec

from sxtstudio.core.errors import FileError, LabelError, PlanError
from sxtstudio.core.plan import Plan
from sxtstudio.core.records import FORMAT_VERSION
from sxtstudio.core.wording import listed

MEASURED = "measured"
"""Key of what was measured on the machine that wrote the file; nobody reads it back."""

_INDENT = 2
_LINE = 100
_KINDS = {
    "int": "a whole number",
    "float": "a number",
    "str": "a text in quotes",
    "bool": "true or false",
    "array": "a list",
    "object": "an object in braces",
    "null": "null",
}
_PLACED = re.compile(r"(?P<what>.*?)(?: - at `\$\.?(?P<place>.*)`)?", re.DOTALL)
_KIND = re.compile(r"Expected `(?P<wanted>[^`]+)`, got `(?P<got>[^`]+)`")
_LENGTH = re.compile(r"Expected `array` of length (?P<wanted>\d+), got (?P<got>\d+)")
_MISSING = re.compile(r"Object missing required field `(?P<key>\w+)`")
_CHOICE = re.compile(r"Invalid enum value (?P<got>.+)")


def plan_to_text(plan: Plan, measured: object = None) -> str:
    """Return a plan as JSON to read and edit; ``measured`` is a record that stands at its end."""
    fields: dict[str, object] = {"format_version": FORMAT_VERSION}
    fields |= msgspec.to_builtins(plan)
    if measured is not None:
        fields[MEASURED] = msgspec.to_builtins(measured)
    return _written(fields) + "\n"


def plan_from_text(text: str | bytes, where: str) -> Plan:
    """Return the plan that a JSON text describes; ``where`` names the file in messages.

    Raises
    ------
    FileError
        If the text is not JSON, or was written by a newer program.
    PlanError
        If a key is missing or unknown, or its value is of another type; the key is named.
    """
    fields = _fields(text, where)
    fields.pop(MEASURED, None)
    try:
        plan = msgspec.convert(fields, Plan, str_keys=True)
    except msgspec.ValidationError as error:
        raise PlanError(f"{where}: {_words(str(error))}") from error
    except LabelError as error:
        raise PlanError(f"{where}: {error}") from error
    for place, known in _unknown(fields, msgspec.to_builtins(plan), ""):
        raise PlanError(f"{where}: {place} is no key of a plan; {_alternative(place, known)}.")
    return plan


def _fields(text: str | bytes, where: str) -> dict[str, object]:
    try:
        fields = msgspec.json.decode(text, type=dict[str, object])
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise FileError(
            f"{where}: is no JSON object ({str(error).rstrip('.')}); mend it there, or write the "
            "plan again with sxtstudio plan."
        ) from error
    version = fields.pop("format_version", FORMAT_VERSION)
    if not isinstance(version, int) or version > FORMAT_VERSION:
        raise FileError(
            f"{where}: written by a newer SXT Studio (format {version}, this program reads up to "
            f"{FORMAT_VERSION}); write the plan again with this one."
        )
    return fields


def _words(message: str) -> str:
    """Return in our words what msgspec says of a value."""
    placed = _PLACED.fullmatch(message)
    what, place = (placed["what"], placed["place"] or "") if placed else (message, "")
    if found := _MISSING.fullmatch(what):
        key = f"{place}.{found['key']}" if place else found["key"]
        return f"{key} is missing; add it, or write the plan again with sxtstudio plan."
    if found := _LENGTH.fullmatch(what):
        return f"{place} has {found['got']} values; give {found['wanted']}."
    if found := _KIND.fullmatch(what):
        return f"{place} is {_kind(found['got'])}; give {_kind(found['wanted'])}."
    if found := _CHOICE.fullmatch(what):
        return f"{place} is {found['got']}; give one of the words that sxtstudio plan writes there."
    return f"{place or 'the plan'} cannot be read ({what}); write it as sxtstudio plan does."


def _kind(words: str) -> str:
    return " or ".join(_KINDS.get(word, word) for word in words.split(" | "))


def _unknown(given: object, known: object, place: str) -> Iterator[tuple[str, list[str]]]:
    """Yield the keys that were given and are not known, with those that are known there."""
    if isinstance(given, dict) and isinstance(known, dict):
        mine, theirs = cast("dict[str, object]", given), cast("dict[str, object]", known)
        for key, value in mine.items():
            inside = f"{place}.{key}" if place else key
            if key not in theirs:
                yield inside, list(theirs)
            else:
                yield from _unknown(value, theirs[key], inside)
    elif isinstance(given, list) and isinstance(known, list | tuple):
        pairs = zip(cast("list[object]", given), cast("list[object]", known), strict=False)
        for number, (one, other) in enumerate(pairs):
            yield from _unknown(one, other, f"{place}[{number}]")


def _alternative(place: str, known: list[str]) -> str:
    near = difflib.get_close_matches(place.rpartition(".")[2], known, n=1)
    return f"{near[0]} is meant, perhaps" if near else f"there are {listed(known)}"


def _written(value: object, indent: int = 0) -> str:
    """Return JSON in which lists of numbers and short words take one line."""
    line = msgspec.json.encode(value).decode()
    if not isinstance(value, dict | list | tuple) or not value:
        return line
    spaces = " " * (indent + _INDENT)
    if isinstance(value, dict):
        pairs = cast("dict[str, object]", value).items()
        inner = [
            f"{msgspec.json.encode(key).decode()}: {_written(one, indent + _INDENT)}"
            for key, one in pairs
        ]
        opened, closed = "{", "}"
    else:
        items = cast("list[object]", value)
        flat = not any(isinstance(one, dict | list | tuple) for one in items)
        if flat and indent + len(line) < _LINE:
            return f"[{', '.join(map(_written, items))}]"
        inner = [_written(one, indent + _INDENT) for one in items]
        opened, closed = "[", "]"
    body = ",\n".join(f"{spaces}{one}" for one in inner)
    return f"{opened}\n{body}\n{' ' * indent}{closed}"
