"""A dialog to choose one cell of the library among others."""

from collections.abc import Sequence

from PySide6.QtCore import Qt, Slot
from PySide6.QtWidgets import QDialog, QListWidget, QListWidgetItem, QVBoxLayout, QWidget

from sxtstudio.gui.fields import accept_buttons, line_edit, text_label
from sxtstudio.gui.library_cards import short_words
from sxtstudio.library.records import LibraryCell

_ID = Qt.ItemDataRole.UserRole
_SIZE = (460, 420)


class CellChooser(QDialog):
    """A list of cells with a search field; ``chosen`` is the id of the selected one."""

    def __init__(
        self,
        title: str,
        words: str,
        cells: Sequence[LibraryCell],
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.setObjectName("cell_chooser")
        self.setWindowTitle(title)
        self.search_edit = line_edit("cell_chooser_search", "Search a cell", "Search …")
        self.search_edit.setClearButtonEnabled(True)
        self.list = QListWidget()
        self.list.setObjectName("cell_chooser_list")
        self.list.setAccessibleName("Cells")
        for cell in cells:
            added = f", added {cell.added[:10]}" if cell.added else ""
            item = QListWidgetItem(f"{cell.name}\n{short_words(cell)}{added}")
            item.setData(_ID, cell.id)
            item.setToolTip(cell.id)
            self.list.addItem(item)
        self.buttons, self.accept_button = accept_buttons("cell_chooser_accept", "Choose")
        layout = QVBoxLayout(self)
        layout.addWidget(text_label("cell_chooser_words", "What to choose", words))
        layout.addWidget(self.search_edit)
        layout.addWidget(self.list, 1)
        layout.addWidget(self.buttons)
        self.resize(*_SIZE)
        self.search_edit.textChanged.connect(self._find)
        self.list.itemSelectionChanged.connect(self._update)
        self.list.itemDoubleClicked.connect(self.accept)
        self.buttons.accepted.connect(self.accept)
        self.buttons.rejected.connect(self.reject)
        self._update()

    @property
    def chosen(self) -> str | None:
        """Id of the selected cell."""
        items = self.list.selectedItems()
        return items[0].data(_ID) if items else None

    @Slot(str)
    def _find(self, words: str) -> None:
        for row in range(self.list.count()):
            item = self.list.item(row)
            item.setHidden(words.casefold() not in item.text().casefold())
            if item.isHidden():
                item.setSelected(False)

    @Slot()
    def _update(self) -> None:
        self.accept_button.setEnabled(self.chosen is not None)
