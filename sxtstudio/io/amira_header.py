"""The text header of AmiraMesh files: what it defines, its parameters, and where the data begin.

The grammar, as the programs write it: ``define Lattice 31 32 33``, blocks ``Parameters { name
value, name { … } }`` in which commas or line ends part the entries, and one line ``Lattice { byte
Labels } @1(HxByteRLE,1453)`` for each array. Numbers of blocks and names are the file's; nothing
in it is executed.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

LARGEST_HEADER = 4 * 2**20
_PIECE = re.compile(
    r'"(?P<quoted>(?:[^"\\]|\\.)*)"|(?P<mark>[{},\n])|#(?P<comment>[^\n]*)|(?P<word>[^\s{},"]+)',
    re.DOTALL,
)
_FIRST_LINE = re.compile(r"#\s*(?:AmiraMesh|Avizo)(?P<words>[^\n]*)")
_DEFINE = re.compile(r"^[ \t]*define[ \t]+(?P<name>\S+)(?P<sizes>(?:[ \t]+\d+)*)", re.MULTILINE)
_ARRAY = re.compile(
    r"^[ \t]*(?P<location>\w+)[ \t]*\{[ \t]*(?P<type>\w+)(?:\[(?P<width>\d+)\])?[ \t]+"
    r"(?P<name>[^\s{}]+)[ \t]*\}[ \t]*=?[ \t]*@(?P<section>\d+)"
    r"(?:[ \t]*\([ \t]*(?P<coding>\w+)[ \t]*(?:,[ \t]*(?P<bytes>\d+))?[ \t]*\))?",
    re.MULTILINE,
)
_FIRST_SECTION = re.compile(rb"^@\d+[ \t]*\r?\n", re.MULTILINE)


@dataclass(frozen=True, kw_only=True)
class Entry:
    """One entry of a block: its name, its values as written, and the entries inside it."""

    name: str
    values: list[str] = field(default_factory=list[str])
    entries: list["Entry"] = field(default_factory=list["Entry"])

    def find(self, *names: str) -> "Entry | None":
        """Return the entry at a path of names, or None."""
        here: Entry | None = self
        for name in names:
            here = next((entry for entry in here.entries if entry.name == name), None)
            if here is None:
                return None
        return here

    def text(self, *names: str) -> str:
        """Return the first value of the entry at a path of names, "" if there is none."""
        found = self.find(*names)
        return found.values[0] if found and found.values else ""

    def numbers(self, *names: str) -> list[float]:
        """Return the values of the entry at a path of names, [] unless all are numbers."""
        found = self.find(*names)
        try:
            return [float(value) for value in found.values] if found else []
        except ValueError:
            return []


@dataclass(frozen=True, kw_only=True)
class ArrayLine:
    """One array of the file: ``width`` values a point, stored as section ``@section``.

    ``coding`` is "" where values are stored as they are; ``coded_bytes`` belongs to the others.
    """

    location: str
    type: str
    width: int
    name: str
    section: int
    coding: str
    coded_bytes: int


@dataclass(frozen=True, kw_only=True)
class AmiraHeader:
    """A parsed header; ``sizes`` are those of every ``define``, x first.

    ``byte_order`` is "<", ">" or "" for text. ``data_start`` is None where no data follow.
    """

    byte_order: str
    sizes: dict[str, tuple[int, ...]]
    parameters: Entry
    arrays: tuple[ArrayLine, ...]
    data_start: int | None


def parse_header(start: bytes) -> AmiraHeader | None:
    """Return the header at the start of a file's bytes, or None if there is none.

    ``start`` should hold `LARGEST_HEADER` bytes, or the whole file where that is shorter.
    """
    section = _FIRST_SECTION.search(start)
    raw = start[: section.start()] if section else start
    text = _decode(raw).replace("\r\n", "\n")
    first = _FIRST_LINE.match(text)
    if first is None:
        return None
    return AmiraHeader(
        byte_order=_byte_order(first["words"].upper()),
        sizes={
            found["name"]: tuple(int(size[-10:]) for size in found["sizes"].split())
            for found in _DEFINE.finditer(text)
        },
        parameters=_parse_parameters(text),
        arrays=tuple(_array_line(found) for found in _ARRAY.finditer(text)),
        data_start=section.start() if section else None,
    )


def _decode(raw: bytes) -> str:
    # Old programs write µ in the system's 8-bit alphabet, new ones in UTF-8.
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError:
        return raw.decode("latin-1")


def _byte_order(words: str) -> str:
    if "ASCII" in words:
        return ""
    return "<" if "LITTLE-ENDIAN" in words else ">"


def _array_line(found: re.Match[str]) -> ArrayLine:
    return ArrayLine(
        location=found["location"],
        type=found["type"],
        width=int((found["width"] or "1")[-9:]),
        name=found["name"],
        section=int(found["section"][-9:]),
        coding=found["coding"] or "",
        coded_bytes=int((found["bytes"] or "0")[-18:]),
    )


def _parse_parameters(text: str) -> Entry:
    pieces = _pieces(text)
    for piece in pieces:
        if piece == ("word", "Parameters") and next(pieces, None) == ("mark", "{"):
            return _parse_block(pieces)
    return Entry(name="Parameters")


def _pieces(text: str) -> Iterator[tuple[str, str]]:
    """Yield words, quoted texts (without quotes) and the marks ``{ } ,`` and line end."""
    for found in _PIECE.finditer(text):
        kind = found.lastgroup or ""
        if kind == "quoted":
            yield "word", re.sub(r"\\(.)", r"\1", found["quoted"], flags=re.DOTALL)
        elif kind != "comment":
            yield kind, found[0]


def _parse_block(pieces: Iterator[tuple[str, str]]) -> Entry:
    """Return the entries up to the closing brace; what never closes ends with the text."""
    root = Entry(name="Parameters")
    open_blocks = [root]
    current = root
    ended = True
    for kind, piece in pieces:
        if kind == "word" and ended:
            current = Entry(name=piece)
            open_blocks[-1].entries.append(current)
            ended = False
        elif kind == "word":
            current.values.append(piece)
        elif piece == "{":
            open_blocks.append(current)
            ended = True
        elif piece == "}":
            open_blocks.pop()
            ended = True
        else:
            ended = True
        if not open_blocks:
            break
    return root
