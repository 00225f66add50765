"""What the window shows while no project is open."""

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from sxtstudio.gui.fields import push_button, text_label
from sxtstudio.gui.theme import set_role

_WIDTH = 560
_DEMO = (
    "No tomogram at hand? The command “sxtstudio demo” makes a project of simulated cells, trains "
    "a network on them and opens the result here."
)


class StartPage(QWidget):
    """New, open, recent projects, and what else can be done."""

    chosen = Signal(object)

    def __init__(self, actions: Sequence[QAction], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("start_page")
        self._recent = QVBoxLayout()
        self._recent.setSpacing(2)
        column = QVBoxLayout()
        column.setSpacing(10)
        title = text_label("start_title", "Title", "SXT Studio")
        title.setStyleSheet("font-size: 26pt; font-weight: 300;")
        column.addWidget(title)
        about = "Segment and measure cells in soft X-ray tomograms"
        column.addWidget(_dim("start_about", about))
        column.addSpacing(12)
        column.addLayout(_buttons(actions))
        column.addWidget(
            _dim("start_drop", "Or drop a project or a tomogram (MRC, TIFF, HDF5, AmiraMesh) here.")
        )
        column.addSpacing(12)
        self._recent_title = text_label("recent_title", "Recent projects", "Recent projects")
        self._recent_title.setStyleSheet("font-weight: 600;")
        column.addWidget(self._recent_title)
        column.addLayout(self._recent)
        column.addSpacing(12)
        column.addWidget(_dim("start_demo", _DEMO))
        self._centre(column)

    def _centre(self, column: QVBoxLayout) -> None:
        holder = QWidget()
        holder.setFixedWidth(_WIDTH)
        holder.setLayout(column)
        outer = QVBoxLayout(self)
        outer.addStretch(2)
        outer.addWidget(holder, 0, Qt.AlignmentFlag.AlignHCenter)
        outer.addStretch(3)

    def show_recent(self, paths: list[Path]) -> None:
        """Offer these projects, the newest first."""
        while (item := self._recent.takeAt(0)) is not None:
            widget = item.widget()
            if widget is not None:
                widget.hide()
                widget.deleteLater()
        self._recent_title.setVisible(bool(paths))
        for path in paths:
            button = push_button("recent_project", path.stem, str(path))
            button.setFlat(True)
            button.setText(f"{path.stem}    {path.parent}".replace("&", "&&"))
            button.setMinimumHeight(button.fontMetrics().height() + 12)
            button.setStyleSheet("text-align: left; padding: 4px 8px;")
            button.clicked.connect(lambda _checked, path=path: self.chosen.emit(path))
            self._recent.addWidget(button)


def _buttons(actions: Sequence[QAction]) -> QHBoxLayout:
    row = QHBoxLayout()
    for action in actions:
        words = action.text().replace("&", "")
        button = QPushButton(action.icon(), words)
        button.setObjectName(f"start_{action.objectName()}")
        button.setAccessibleName(words.rstrip(" …"))
        button.setToolTip(action.toolTip())
        button.setMinimumHeight(38)
        button.clicked.connect(action.trigger)
        row.addWidget(button)
    return row


def _dim(name: str, text: str) -> QWidget:
    label = text_label(name, text, text)
    set_role(label, "dim")
    return label
