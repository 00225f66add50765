"""What the window shows while nothing is open: what to begin with, and the projects of late."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from PySide6.QtCore import QRectF, Qt, Signal, Slot
from PySide6.QtGui import (
    QAction,
    QColor,
    QDragEnterEvent,
    QDragLeaveEvent,
    QDropEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QResizeEvent,
    QShowEvent,
)
from PySide6.QtWidgets import (
    QFrame,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from sxtstudio.gui.background import Background
from sxtstudio.gui.fields import action_button, text_label
from sxtstudio.gui.project_card import WIDTH_PX, ProjectCard, ProjectLook, look_at_project
from sxtstudio.gui.project_thumbnails import thumbnail_folder
from sxtstudio.gui.start_action import StartAction
from sxtstudio.gui.theme import icon, set_role, tones

ABOUT = {
    "new": "An empty project for your cells",
    "open": "Go on where you left off",
    "import": "A tomogram, and its labels, into a project",
    "open_volume": "Look at a tomogram, import nothing",
    "study": "From a question to a trained network",
    "library": "What your laboratory has segmented",
    "demo": "Simulated algae to try everything on",
}
"""What is offered, in this order, and why one would want it."""

_ACTIONS_PX, _GAP_PX, _CARD_GAP_PX, _MARGIN_PX, _LOGO_PX = 312, 44, 16, 32, 52
_NONE_PX = 460
_WIDEST_PX = _ACTIONS_PX + _GAP_PX + 4 * (WIDTH_PX + _CARD_GAP_PX)
_DROP = "Drop a project or a tomogram here"
_FORMATS = ".sxt projects, MRC, TIFF, HDF5, AmiraMesh"
_NONE_YET = (
    "Projects that you open will be found here again.\n\n"
    "No tomogram at hand? The demonstration makes a project of simulated algae with their labels, "
    "to look at, to measure, and to train a network on."
)


class StartPage(QWidget):
    """What can be begun on the left, recent projects as cards on the right, files dropped on it.

    Files are looked for in the background: a drive that does not answer keeps nobody waiting.
    """

    chosen = Signal(object)
    remove_wanted = Signal(object)
    dropped = Signal(object)

    def __init__(
        self,
        actions: Mapping[str, QAction],
        pictures: Path | None = None,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.setObjectName("start_page")
        self.setAcceptDrops(True)
        self._pictures = pictures or thumbnail_folder()
        self._looking = Background(self)
        self.cards: tuple[ProjectCard, ...] = ()
        self._columns = 0
        self._grid = QGridLayout()
        self._grid.setSpacing(_CARD_GAP_PX)
        self._none = _nothing_yet(actions)
        self.drop_zone = DropZone()
        self._scroll = QScrollArea()
        self._scroll.setFrameShape(QFrame.Shape.NoFrame)
        self._scroll.setWidgetResizable(True)
        self._scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAsNeeded)
        self._scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._scroll.setWidget(self._body(actions))
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(self._scroll)

    def _body(self, actions: Mapping[str, QAction]) -> QWidget:
        content = QWidget()
        content.setMaximumWidth(_WIDEST_PX)
        column = QVBoxLayout(content)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(20)
        column.addLayout(_heading())
        both = QHBoxLayout()
        both.setSpacing(_GAP_PX)
        both.addWidget(_actions(actions, self.drop_zone), 0, Qt.AlignmentFlag.AlignTop)
        both.addLayout(self._recent(), 1)
        column.addLayout(both)
        column.addStretch(1)
        body = QWidget()
        row = QHBoxLayout(body)
        row.setContentsMargins(_MARGIN_PX, 26, _MARGIN_PX, 16)
        row.addStretch(1)
        row.addWidget(content, 1000)
        row.addStretch(1)
        return body

    def _recent(self) -> QVBoxLayout:
        column = QVBoxLayout()
        column.setSpacing(12)
        column.addWidget(_section("recent_title", "Recent projects"))
        column.addLayout(self._grid)
        column.addWidget(self._none)
        column.addStretch(1)
        return column

    def show_recent(self, paths: Sequence[Path]) -> None:
        """Offer these projects, the newest first."""
        focus = self.focusWidget()
        focused = next((i for i, card in enumerate(self.cards) if card is focus), None)
        for card in self.cards:
            self._grid.removeWidget(card)
            card.hide()
            card.deleteLater()
        self.cards = tuple(self._card(path) for path in paths)
        self._none.setVisible(not self.cards)
        self._columns = 0
        self._arrange()
        if focused is not None and self.cards:  # one was removed with the keyboard
            card = self.cards[min(focused, len(self.cards) - 1)]
            card.setFocus(Qt.FocusReason.TabFocusReason)
        self.look_again()

    def _card(self, path: Path) -> ProjectCard:
        card = ProjectCard(path, self._grid.parentWidget())
        card.chosen.connect(self.chosen)
        card.remove_wanted.connect(self.remove_wanted)
        card.show()
        return card

    @Slot()
    def look_again(self, *_: object) -> None:
        """Find out which of the projects are there, and fetch their pictures, if they are seen."""
        if self.isVisible():
            for card in self.cards:
                self._look_at(card.path)

    def _look_at(self, path: Path) -> None:
        self._looking.run(
            lambda: look_at_project(path, self._pictures), self._show_look, lambda _error: None
        )

    def showEvent(self, event: QShowEvent) -> None:
        """Look whether projects have come or gone meanwhile."""
        super().showEvent(event)
        self.look_again()

    def _show_look(self, look: ProjectLook) -> None:
        for card in self.cards:
            if card.path == look.path:
                card.show_look(look)

    def shutdown(self) -> None:
        """Wait for what is being looked at."""
        self._looking.close()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Use as many columns as there is room for."""
        super().resizeEvent(event)
        self._arrange()

    def _arrange(self) -> None:
        room = min(self.width() - 2 * _MARGIN_PX, _WIDEST_PX) - _ACTIONS_PX - _GAP_PX
        columns = max(1, (room + _CARD_GAP_PX) // (WIDTH_PX + _CARD_GAP_PX))
        if columns == self._columns:
            return
        self._columns = columns
        top_left = Qt.AlignmentFlag.AlignTop | Qt.AlignmentFlag.AlignLeft
        for number, card in enumerate(self.cards):
            self._grid.addWidget(card, *divmod(number, columns), top_left)
        for column in range(max(columns + 1, self._grid.columnCount())):
            self._grid.setColumnStretch(column, int(column == columns))

    # Files dropped on the page

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        """Welcome files."""
        if any(url.isLocalFile() for url in event.mimeData().urls()):
            event.acceptProposedAction()
            self.drop_zone.set_welcoming(True)

    def dragLeaveEvent(self, event: QDragLeaveEvent) -> None:
        """Go back to what was before."""
        super().dragLeaveEvent(event)
        self.drop_zone.set_welcoming(False)

    def dropEvent(self, event: QDropEvent) -> None:
        """Tell which files were dropped."""
        self.drop_zone.set_welcoming(False)
        event.acceptProposedAction()
        paths = [Path(url.toLocalFile()) for url in event.mimeData().urls() if url.isLocalFile()]
        self.dropped.emit(paths)


class DropZone(QWidget):
    """Says that files can be dropped, and lights up while some are held above the page."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("drop_zone")
        self.setAccessibleName(_DROP)
        self.welcoming = False
        words = QLabel(_DROP)
        words.setAlignment(Qt.AlignmentFlag.AlignCenter)
        formats = text_label("drop_formats", "What can be opened", _FORMATS)
        formats.setAlignment(Qt.AlignmentFlag.AlignCenter)
        set_role(formats, "dim")
        column = QVBoxLayout(self)
        column.setContentsMargins(16, 18, 16, 18)
        column.setSpacing(4)
        column.addWidget(words)
        column.addWidget(formats)

    def set_welcoming(self, welcoming: bool) -> None:
        """Light up, or do not."""
        self.welcoming = welcoming
        self.update()

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Paint the dashed frame."""
        look = tones()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        pen = QPen(QColor(look.focus if self.welcoming else look.edge), 2 if self.welcoming else 1)
        pen.setDashPattern([4, 4])
        painter.setPen(pen)
        if self.welcoming:
            painter.setBrush(QColor(look.chosen))
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(1, 1, -1, -1), 8, 8)


def _heading() -> QHBoxLayout:
    logo = QLabel()
    logo.setObjectName("start_logo")
    logo.setPixmap(icon("sxtstudio").pixmap(_LOGO_PX))
    title = text_label("start_title", "Title", "SXT Studio")
    title.setStyleSheet("font-size: 24pt; font-weight: 300;")
    about = "Segment and measure cells in soft X-ray tomograms"
    words = text_label("start_about", "About", about)
    set_role(words, "dim")
    lines = QVBoxLayout()
    lines.setSpacing(0)
    lines.addWidget(title)
    lines.addWidget(words)
    row = QHBoxLayout()
    row.setSpacing(16)
    row.addWidget(logo)
    row.addLayout(lines, 1)
    return row


def _actions(actions: Mapping[str, QAction], below: QWidget) -> QWidget:
    holder = QWidget()
    holder.setFixedWidth(_ACTIONS_PX)
    column = QVBoxLayout(holder)
    column.setContentsMargins(0, 0, 0, 0)
    column.setSpacing(4)
    column.addWidget(_section("start_begin", "Begin"))
    column.addSpacing(6)
    for name, about in ABOUT.items():
        if name in actions:
            column.addWidget(StartAction(actions[name], about))
    column.addSpacing(14)
    column.addWidget(below)
    return holder


def _nothing_yet(actions: Mapping[str, QAction]) -> QWidget:
    """Return what stands where projects will be: how to come by one without a tomogram."""
    holder = QWidget()
    holder.setMaximumWidth(_NONE_PX)
    words = text_label("recent_none", "No recent projects", _NONE_YET)
    set_role(words, "dim")
    column = QVBoxLayout(holder)
    column.setContentsMargins(0, 8, 0, 0)
    column.setSpacing(14)
    column.addWidget(words)
    if "demo" in actions:
        button = action_button("recent_demo", actions["demo"])
        column.addWidget(button, 0, Qt.AlignmentFlag.AlignLeft)
    return holder


def _section(name: str, words: str) -> QLabel:
    label = text_label(name, words, words)
    label.setStyleSheet("font-size: 12pt; font-weight: 600;")
    return label
