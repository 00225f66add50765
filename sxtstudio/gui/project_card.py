"""A project on the start page: its picture, its name, where it is and when it was changed."""

from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from PySide6.QtCore import QEvent, QPoint, QRect, QRectF, QSize, Qt, Signal, Slot
from PySide6.QtGui import (
    QColor,
    QContextMenuEvent,
    QEnterEvent,
    QFont,
    QFontMetrics,
    QImage,
    QKeyEvent,
    QPainter,
    QPainterPath,
    QPaintEvent,
    QPen,
    QResizeEvent,
)
from PySide6.QtWidgets import QMenu, QToolButton, QWidget

from sxtstudio.gui.project_thumbnails import read_thumbnail, thumbnail_path
from sxtstudio.gui.ringed_button import RingedButton
from sxtstudio.gui.theme import icon, tones

WIDTH_PX, PICTURE_PX = 236, 156
_FAINT, _LINE_GAP_PX = 0.4, 2
_ABSENT = "it was moved or deleted, or its drive is not there just now"
_PAD_PX, _RADIUS_PX, _ICON_PX, _CORNER_PX = 12, 8, 48, 6


@dataclass(frozen=True, kw_only=True)
class ProjectLook:
    """What is known of a recent project without opening it.

    ``changed`` is None where its file is not there.
    """

    path: Path
    changed: datetime | None
    picture: QImage = field(default_factory=QImage)
    words: str = ""


def look_at_project(path: Path, pictures: Path) -> ProjectLook:
    """Look for a project and its picture; may wait for a drive that does not answer."""
    try:
        changed = datetime.fromtimestamp(path.stat().st_mtime) if path.is_file() else None
    except OSError:  # its drive is away, or may not be read
        changed = None
    picture, words = read_thumbnail(thumbnail_path(path, pictures))
    return ProjectLook(path=path, changed=changed, picture=picture, words=words)


class ProjectCard(RingedButton):
    """Opens its project when it is clicked, or with Enter; Delete takes it from the list.

    Before `show_look` it says nothing of whether the project is there.
    """

    chosen = Signal(object)
    remove_wanted = Signal(object)

    def __init__(self, path: Path, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.path = path
        self._look: ProjectLook | None = None
        self.setObjectName("recent_project")
        self.setText(path.stem)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        self._remove = QToolButton(self)
        self._remove.setObjectName("recent_remove")
        self._remove.setIcon(icon("close"))
        self._remove.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._remove.setToolTip("Remove from the list; the file stays where it is")
        self._remove.setAccessibleName(f"Remove {path.stem} from the list")
        self._remove.setText("Remove from list")
        self._remove.clicked.connect(lambda: self.remove_wanted.emit(self.path))
        self._remove.hide()
        self.clicked.connect(lambda: self.chosen.emit(self.path))
        self.setFixedSize(self.sizeHint())
        self._tell()

    @property
    def missing(self) -> bool:
        """Whether the project was looked for and is not there."""
        return self._look is not None and self._look.changed is None

    @property
    def words(self) -> str:
        """What stands below the project's folder."""
        if self._look is None:
            return ""
        if self._look.changed is None:
            return "file not found"
        return "  ·  ".join(filter(None, (self._look.words, date_words(self._look.changed))))

    def sizeHint(self) -> QSize:
        """Return the size of every card: picture and three lines."""
        lines = 3 * (self.fontMetrics().lineSpacing() + _LINE_GAP_PX)
        return QSize(WIDTH_PX, PICTURE_PX + lines + 2 * _PAD_PX)

    @Slot(object)
    def show_look(self, look: ProjectLook) -> None:
        """Show what was found out about the project."""
        self._look = look
        self._show_remove()
        self._tell()
        self.update()

    def _tell(self) -> None:
        facts = ", ".join(filter(None, (self.path.stem, str(self.path.parent), self.words)))
        self.setAccessibleName(facts)
        words = f"{self.words}: {_ABSENT}" if self.missing else self.words
        self.setToolTip(f"{self.path}\n{words}".strip())

    # Input

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Remove with Delete."""
        if event.key() == Qt.Key.Key_Delete:
            self.remove_wanted.emit(self.path)
        else:
            super().keyPressEvent(event)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        """Offer what can be done with the project."""
        self.menu().popup(event.globalPos())

    def menu(self) -> QMenu:
        """Return the menu of the project."""
        menu = QMenu(self)
        menu.setObjectName("recent_project_menu")
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.addAction("Open", self.click).setEnabled(not self.missing)
        menu.addAction("Remove from list", lambda: self.remove_wanted.emit(self.path))
        return menu

    def enterEvent(self, event: QEnterEvent) -> None:
        """Offer to remove the project."""
        super().enterEvent(event)
        self._show_remove()

    def leaveEvent(self, event: QEvent) -> None:
        """Offer it no longer."""
        super().leaveEvent(event)
        self._show_remove()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Keep the button in its corner."""
        super().resizeEvent(event)
        self._show_remove()

    def _show_remove(self) -> None:
        """Offer to remove the project: with words where it is the one thing left to do."""
        style = Qt.ToolButtonStyle
        self._remove.setToolButtonStyle(
            style.ToolButtonTextBesideIcon if self.missing else style.ToolButtonIconOnly
        )
        self._remove.adjustSize()
        self._remove.move(self.width() - self._remove.width() - _CORNER_PX, _CORNER_PX)
        self._remove.setVisible(self.missing or self.underMouse())

    # Painting

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Paint the card."""
        look = tones()
        painter = QPainter(self)
        painter.setRenderHints(
            QPainter.RenderHint.Antialiasing | QPainter.RenderHint.SmoothPixmapTransform
        )
        frame = QRectF(self.rect()).adjusted(1, 1, -1, -1)
        outline = QPainterPath()
        outline.addRoundedRect(frame, _RADIUS_PX, _RADIUS_PX)
        painter.fillPath(outline, QColor(look.hover if self.underMouse() else look.card))
        painter.setClipPath(outline)
        self._paint_picture(painter, QRect(0, 0, self.width(), PICTURE_PX))
        painter.setClipping(False)
        self._paint_words(painter)
        edge = look.focus if self._ringed else look.card_edge
        painter.setPen(QPen(QColor(edge), 2 if self._ringed else 1))
        painter.drawPath(outline)

    def _paint_picture(self, painter: QPainter, place: QRect) -> None:
        picture = self._look.picture if self._look else QImage()
        painter.fillRect(place, QColor(tones().canvas))
        painter.setOpacity(_FAINT if self.missing else 1.0)
        if picture.isNull():
            corner = place.center() - QPoint(_ICON_PX // 2, _ICON_PX // 2)
            painter.setOpacity(_FAINT)
            icon("cell").paint(painter, QRect(corner, QSize(_ICON_PX, _ICON_PX)))
        else:
            painter.drawImage(place, picture, covering(picture.size(), place.size()))
        painter.setOpacity(1.0)

    def _paint_words(self, painter: QPainter) -> None:
        look = tones()
        room = self.width() - 2 * _PAD_PX
        top = PICTURE_PX + _PAD_PX
        for words, ink, weight, cut in (
            (self.path.stem, look.text, QFont.Weight.DemiBold, Qt.TextElideMode.ElideRight),
            (folder_words(self.path), look.dim, QFont.Weight.Normal, Qt.TextElideMode.ElideMiddle),
            (
                self.words,
                look.warning if self.missing else look.dim,
                QFont.Weight.Normal,
                Qt.TextElideMode.ElideRight,
            ),
        ):
            font = QFont(self.font())
            font.setWeight(weight)
            metrics = QFontMetrics(font)
            painter.setFont(font)
            painter.setPen(QColor(ink))
            line = QRect(_PAD_PX, top, room, metrics.lineSpacing())
            painter.drawText(
                line, Qt.AlignmentFlag.AlignVCenter, metrics.elidedText(words, cut, room)
            )
            top += metrics.lineSpacing() + _LINE_GAP_PX


def covering(picture: QSize, place: QSize) -> QRect:
    """Return the middle of a picture that covers a place without being stretched."""
    scale = max(place.width() / picture.width(), place.height() / picture.height())
    size = QSize(round(place.width() / scale), round(place.height() / scale))
    left, top = (picture.width() - size.width()) // 2, (picture.height() - size.height()) // 2
    return QRect(QPoint(left, top), size)


def folder_words(path: Path) -> str:
    """Return the folder of a file, the user's own folder as "~"."""
    folder, home = path.parent, Path.home()
    if folder == home or home in folder.parents:
        return str(Path("~") / folder.relative_to(home))
    return str(folder)


def date_words(then: datetime, now: datetime | None = None) -> str:
    """Return when something was changed, as people say it."""
    days = ((now or datetime.now()).date() - then.date()).days
    if days in (0, 1):
        return f"{'today' if days == 0 else 'yesterday'}, {then:%H:%M}"
    return f"{then.day} {then:%b %Y}"
