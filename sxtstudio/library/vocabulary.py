"""The laboratory's words: append-only files that extend the vocabulary of the program."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from sxtstudio.core.ontology import Extension, Ontology, default_ontology, merged
from sxtstudio.core.records import from_json, to_json
from sxtstudio.library.folder import VOCABULARY, write_text
from sxtstudio.library.notes import new_name, new_stamp, parse_name, readable


@dataclass(frozen=True, kw_only=True)
class Words:
    """The content of one file: who added what, and when (ISO 8601)."""

    extension: Extension
    author: str = ""
    time: str = ""


@dataclass(frozen=True, kw_only=True, order=True)
class DatedWords:
    """An extension and its place among the others: the oldest by (time, uuid) goes first."""

    stamp: str
    uuid: str
    words: Words = field(compare=False)


def write_words(folder: Path, words: Words, known: Iterable[str]) -> Path:
    """Write an extension that is later than the ``known`` times; an `OSError` passes."""
    stamp = new_stamp(known, datetime.now(UTC))
    target = folder / VOCABULARY / new_name(stamp)
    record = Words(extension=words.extension, author=words.author, time=readable(stamp))
    write_text(folder, target, to_json(record))
    return target


def read_words(path: Path) -> DatedWords:
    """Return the extension of a file.

    Raises
    ------
    SxtError
        If it is half-written, or holds a term that cannot be one.
    """
    stamp, unique = parse_name(path)
    words = from_json(Words, path.read_bytes(), str(path))
    return DatedWords(stamp=stamp, uuid=unique, words=words)


def ontology_of(words: Iterable[DatedWords]) -> Ontology:
    """Return the program's vocabulary with all that the laboratory added."""
    extension = merged(dated.words.extension for dated in sorted(words))
    return default_ontology().extended(extension)
