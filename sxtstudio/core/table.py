"""Tables of measured values, each column with its unit."""

import csv
import io
from dataclasses import dataclass

from sxtstudio.core.provenance import Provenance

Value = str | int | float | None


@dataclass(frozen=True, kw_only=True)
class Column:
    """A column's name, with the unit in it where there is one (``volume_um3``), and its meaning."""

    name: str
    description: str


@dataclass(frozen=True, kw_only=True)
class MeasurementTable:
    """Measured values: ``rows[i][j]`` is of ``columns[j]``; None where nothing was measured."""

    columns: tuple[Column, ...]
    rows: tuple[tuple[Value, ...], ...]
    made_by: Provenance | None = None

    def to_csv(self) -> str:
        """Return comma-separated text with one header row; numbers keep 6 significant digits.

        Text that a spreadsheet would take for a formula gets a leading apostrophe.
        """
        buffer = io.StringIO()
        writer = csv.writer(buffer, lineterminator="\n")
        writer.writerow([column.name for column in self.columns])
        for row in self.rows:
            writer.writerow([_csv_text(value) for value in row])
        return buffer.getvalue()


def _csv_text(value: Value) -> str:
    if value is None:
        return ""
    if isinstance(value, float):
        return f"{value:.6g}"
    if isinstance(value, str) and value[:1] in ("=", "+", "-", "@", "\t", "\r"):
        return "'" + value
    return str(value)
