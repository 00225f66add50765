"""CSV tables as spreadsheets write them: their separators, alphabets and decimal commas."""

import csv
import io
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

from sxtstudio.core.errors import FileError
from sxtstudio.io.files import system_errors, write_atomically

_FORMULA = re.compile(r"[=+\-@\t\r']")
_NUMBER = re.compile(r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d{1,3})?", re.ASCII)
_LARGEST = 64 * 2**20
_YES = frozenset({"yes", "y", "true", "1", "x", "ja", "wahr", "oui", "vrai", "sí", "si"})
_NO = frozenset({"no", "n", "false", "0", "", "nein", "falsch", "non", "faux"})


@dataclass(frozen=True, kw_only=True)
class TableRow:
    """One line of a table; its methods parse a field or say file, line and column."""

    path: Path
    line: int
    fields: Mapping[str, str]

    def text(self, column: str) -> str:
        """Return a field without surrounding space, and without the mark against formulas."""
        return self.exact(column).strip()

    def exact(self, column: str) -> str:
        """Return a field with its spaces, as paths need it."""
        words = self.fields[column]
        return words[1:] if words[:1] == "'" and _FORMULA.match(words[1:]) else words

    def wrong(self, column: str, what: str) -> FileError:
        """Return the error that says what is wrong with a field."""
        value = self.fields.get(column, "")
        return FileError(f"{self.path}, line {self.line}, column {column}: {value!r} {what}")

    def yes(self, column: str) -> bool:
        """Return a field that is yes or no."""
        word = self.text(column).casefold()
        if word not in _YES | _NO:
            raise self.wrong(column, "is neither yes nor no.")
        return word in _YES

    def number(self, column: str) -> Decimal | None:
        """Return a number, with a decimal point or comma; None if the field is empty."""
        words = self.text(column).replace("\u00a0", "").replace(" ", "")
        if not words:
            return None
        if words.count(",") == 1 and "." not in words:
            words = words.replace(",", ".")
        if not _NUMBER.fullmatch(words):
            raise self.wrong(column, "is no number; write it like 32 or 0.5.")
        return Decimal(words)

    def whole(self, column: str) -> int:
        """Return a whole number of 0 or more; spreadsheets may have made "3" into "3.0"."""
        value = self.number(column)
        if value is None or value < 0 or value != int(value):
            raise self.wrong(column, "is no whole number of 0 or more.")
        return int(value)


def write_table(
    path: Path,
    columns: Sequence[str],
    rows: Iterable[Mapping[str, str]],
    *,
    decimal_comma: bool,
) -> None:
    """Write a table that a spreadsheet opens by a double click.

    With ``decimal_comma``, fields are parted by semicolons, as spreadsheets expect in countries
    with a decimal comma. Text that would be taken for a formula gets a leading apostrophe.

    Raises
    ------
    FileError
        If the system refuses.
    """
    buffer = io.StringIO()
    writer = csv.writer(buffer, delimiter=";" if decimal_comma else ",", lineterminator="\r\n")
    writer.writerow(columns)
    for row in rows:
        writer.writerow([row.get(column, "") for column in columns])
    with write_atomically(path) as part:
        # Without the mark at the start, Excel takes UTF-8 for the system's own alphabet.
        part.write_text(buffer.getvalue(), encoding="utf-8-sig", newline="")


def in_one_line(text: str) -> str:
    """Return a text with single spaces only, safe from being taken for a formula."""
    return as_it_is(" ".join(text.split()))


def as_it_is(text: str) -> str:
    """Return a text safe from being taken for a formula."""
    return f"'{text}" if _FORMULA.match(text) else text


def read_table(path: Path, columns: Sequence[str]) -> list[TableRow]:
    """Return the rows of a table, whatever a spreadsheet made of its separators and alphabet.

    Further columns, their order and empty lines do not matter.

    Raises
    ------
    FileError
        If the file cannot be read, or a column is missing.
    """
    text = _read_text(path)
    first = text.split("\n", 1)[0]
    if first.lower().startswith("sep="):
        text = text.split("\n", 1)[-1]
        first = text.split("\n", 1)[0]
    delimiter = max(";,\t", key=first.count)
    rows: list[TableRow] = []
    try:
        reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
        names = [name.strip().casefold() for name in next(reader, [])]
        _check_columns(names, columns, path)
        for fields in reader:
            if any(field.strip() for field in fields):
                padded = [*fields, *[""] * (len(names) - len(fields))]
                rows.append(
                    TableRow(
                        path=path,
                        line=reader.line_num,
                        fields=dict(zip(names, padded, strict=False)),
                    )
                )
    except csv.Error as error:
        raise FileError(f"{path}: is no table that can be read ({error}).") from error
    return rows


def _read_text(path: Path) -> str:
    with system_errors(path, "read"), path.open("rb") as file:
        raw = file.read(_LARGEST + 1)
    if len(raw) > _LARGEST:
        raise FileError(f"{path}: is too large for a table of cells.")
    if raw.startswith((b"\xff\xfe", b"\xfe\xff")):
        return raw.decode("utf-16", "replace")
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        # What Excel writes as "CSV" without UTF-8, in most of the western world.
        return raw.decode("cp1252", "replace")


def _check_columns(names: Sequence[str], columns: Sequence[str], path: Path) -> None:
    missing = [column for column in columns if column not in names]
    if missing:
        raise FileError(
            f"{path}: the table has no column {missing[0]!r}; its first line must name the "
            "columns as they were written."
        )
