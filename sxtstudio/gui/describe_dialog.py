"""The dialog that asks what is known of the specimen of some cells."""

from collections.abc import Sequence

from PySide6.QtCore import Qt, Slot
from PySide6.QtWidgets import QCompleter, QDialog, QFormLayout, QLineEdit, QVBoxLayout, QWidget

from sxtstudio.gui.fields import accept_buttons, line_edit, text_label
from sxtstudio.library.notes import SPECIMEN_FIELDS
from sxtstudio.library.records import LibraryCell

_SEVERAL = "several; type to set all"
_WIDTH_PX = 460


class DescribeDialog(QDialog):
    """One line a field, with the words that other cells have as proposals.

    Where several cells differ a field is empty, and stays as it is unless something is typed.
    """

    def __init__(
        self,
        cells: Sequence[LibraryCell],
        others: Sequence[LibraryCell],
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.setObjectName("describe_dialog")
        self.setWindowTitle("Describe the specimen")
        names = ", ".join(cell.name for cell in cells[:3]) + (" …" if len(cells) > 3 else "")
        words = f"{len(cells)} cells: {names}" if len(cells) > 1 else names
        self.edits: dict[str, QLineEdit] = {}
        self._before: dict[str, str] = {}
        form = QFormLayout()
        for field in SPECIMEN_FIELDS:
            values = {str(getattr(cell, field)) for cell in cells}
            edit = line_edit(
                f"describe_{field}", field.capitalize(), "" if len(values) == 1 else _SEVERAL
            )
            edit.setText(values.pop() if len(values) == 1 else "")
            known = sorted({str(getattr(cell, field)) for cell in others} - {""}, key=str.casefold)
            edit.setCompleter(_completer(known, self))
            self.edits[field], self._before[field] = edit, edit.text()
            form.addRow(field.capitalize(), edit)
            edit.textChanged.connect(self._update)
        self.buttons, self.accept_button = accept_buttons("describe_accept", "Note it")
        layout = QVBoxLayout(self)
        layout.addWidget(text_label("describe_cells", "Cells", words))
        layout.addLayout(form)
        layout.addStretch(1)
        layout.addWidget(self.buttons)
        self.setMinimumWidth(_WIDTH_PX)
        self.buttons.accepted.connect(self.accept)
        self.buttons.rejected.connect(self.reject)
        self._update()

    @property
    def fields(self) -> dict[str, str]:
        """What was changed, by the name of the field."""
        now = {field: edit.text().strip() for field, edit in self.edits.items()}
        return {field: words for field, words in now.items() if words != self._before[field]}

    @Slot()
    def _update(self) -> None:
        self.accept_button.setEnabled(bool(self.fields))


def _completer(words: list[str], parent: QWidget) -> QCompleter:
    completer = QCompleter(words, parent)
    completer.setCaseSensitivity(Qt.CaseSensitivity.CaseInsensitive)
    completer.setFilterMode(Qt.MatchFlag.MatchContains)
    return completer
