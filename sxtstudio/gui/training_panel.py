"""A training while it runs: one page a stage with curves, pictures and what is confused."""

from collections.abc import Mapping

from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QFrame, QLabel, QScrollArea, QTabWidget, QVBoxLayout, QWidget

from sxtstudio.core.events import Metrics, Preview
from sxtstudio.gui.colours import shown_colours
from sxtstudio.gui.confusion import ConfusionMap, confusion_words
from sxtstudio.gui.curves import StageCurves
from sxtstudio.gui.fields import text_label
from sxtstudio.gui.jobs import Job
from sxtstudio.gui.training_preview import PreviewPictures

_MARGINS = (8, 0, 8, 0)
_EDGE_PX = 6
_LEAST_PX = 96
"""A page is never less high, so that a curve can be told from another."""


class TrainingPanel(QTabWidget):
    """One page a stage; a new stage comes to the front."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("training_panel")
        self.setAccessibleName("Training")
        self.setDocumentMode(True)
        self._pages: dict[int, StagePage] = {}
        self._colours: Mapping[str, str] = {}

    def show_job(self, job: Job | None) -> None:
        """Show all that is known of one job."""
        self.clear()
        for page in self._pages.values():
            page.deleteLater()
        self._pages = {}
        self._colours = shown_colours(job.colours) if job else {}
        for point in job.metrics if job else ():
            self._page(point.stage).take(point)
        for preview in job.previews if job else ():
            self._page(preview.stage).show_preview(preview)
        for page in self._pages.values():
            page.curves.redraw()

    def add(self, event: Metrics | Preview) -> None:
        """Show one more point or picture."""
        page = self._page(event.stage)
        if isinstance(event, Preview):
            page.show_preview(event)
        else:
            page.take(event)
            page.curves.redraw()

    def page(self, stage: int) -> "StagePage":
        """Return the page of a stage that has begun."""
        return self._pages[stage]

    def _page(self, stage: int) -> "StagePage":
        if stage not in self._pages:
            self._pages[stage] = StagePage(stage, self._colours)
            self.addTab(self._pages[stage], f"Stage {stage}")
            self.setCurrentWidget(self._pages[stage])
        return self._pages[stage]


class StagePage(QScrollArea):
    """Dice, pictures, confusion and loss of one stage, one below the other."""

    def __init__(self, stage: int, colours: Mapping[str, str]) -> None:
        super().__init__()
        self.setObjectName(f"stage_page_{stage}")
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setMinimumHeight(_LEAST_PX)
        self.curves = StageCurves(stage, colours)
        self.caption = text_label("preview_caption", "Cell on the pictures")
        self.pictures = PreviewPictures(dict(colours))
        self.confusion = ConfusionMap(colours)
        self.confused = text_label("confusion_words", "What is confused most")
        for label in (self.caption, self.confused):
            label.setContentsMargins(*_MARGINS)
        inside = QWidget()
        self._column = QVBoxLayout(inside)
        self._column.setContentsMargins(0, _EDGE_PX, 0, _EDGE_PX)
        self._column.setSpacing(4)
        self._section("How well each class is found (Dice: 1 is perfect)", self.curves.dice)
        self._preview = self._section("", self.caption, self.pictures)
        self._confusion = self._section(
            "What the classes are taken for (% of voxels)", self.confused, self.confusion
        )
        self._section("Loss (what the training makes small)", self.curves.loss)
        self._column.addStretch(1)
        self._preview.hide()
        self._confusion.hide()
        self._inside = inside
        self.setWidget(inside)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Let the plot of Dice be seen whole, as long as that leaves something of it."""
        super().resizeEvent(event)
        above = self.curves.dice.mapTo(self._inside, QPoint()).y()
        self.curves.fit(self.viewport().height() - max(above, _EDGE_PX))

    def _section(self, words: str, *widgets: QWidget) -> QWidget:
        section = QWidget()
        column = QVBoxLayout(section)
        column.setContentsMargins(0, 0, 0, 8)
        column.setSpacing(4)
        if words:
            column.addWidget(_heading(words))
        for widget in widgets:
            column.addWidget(widget)
        self._column.addWidget(section)
        return section

    def take(self, point: Metrics) -> None:
        """Remember a point of the curves; the kept network's confusion is shown at once."""
        self.curves.take(point)
        if point.confusion and not point.fold:
            self.confusion.show_confusion(point.confusion)
            self.confused.setText(" ".join(confusion_words(point.confusion)))
            self._confusion.show()

    def show_preview(self, preview: Preview) -> None:
        """Show what the network makes of a cell by now."""
        self.pictures.show_preview(preview)
        self.caption.setText(preview_words(preview))
        self._preview.show()


def preview_words(preview: Preview) -> str:
    """Return which cell a preview shows, when, and what that is worth."""
    worth = (
        "a cell it is never trained on"
        if preview.spared
        else "a cell it is trained on, so it looks better here than it is"
    )
    return f"{preview.cell} after step {preview.step}: {worth}"


def _heading(words: str) -> QLabel:
    label = text_label("section_heading", words, words)
    label.setStyleSheet("font-weight: 600;")
    label.setContentsMargins(*_MARGINS)
    return label
