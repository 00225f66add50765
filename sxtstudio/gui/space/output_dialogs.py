"""The dialogs "Picture" and "Film" of the 3D view."""

from dataclasses import replace

from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QDialog,
    QDoubleSpinBox,
    QFormLayout,
    QHBoxLayout,
    QLabel,
    QSpinBox,
    QVBoxLayout,
    QWidget,
)

from sxtstudio.core.scene import Background, Film, Scene
from sxtstudio.gui.fields import QuietComboBox, accept_buttons, text_label

_BACKGROUNDS: tuple[tuple[str, Background], ...] = (
    ("White", "white"),
    ("Transparent", "transparent"),
    ("Dark", "dark"),
)
_LARGEST_PX = 12_000
_CM_PER_INCH = 2.54
_TURN, _THROUGH = "The cell turns once", "From one kept scene to the next"


class _OutputDialog(QDialog):
    """What pictures and films have in common: size, background, what stands around the cell."""

    def __init__(self, title: str, size: tuple[int, int], parent: QWidget | None) -> None:
        super().__init__(parent)
        self.setWindowTitle(title)
        self.form = QFormLayout()
        self.width_box = _whole("width_box", "Width in pixels", size[0])
        self.height_box = _whole("height_box", "Height in pixels", size[1])
        row = QHBoxLayout()
        row.addWidget(self.width_box)
        row.addWidget(QLabel("×"))
        row.addWidget(self.height_box)
        row.addWidget(QLabel("pixels"))
        row.addStretch(1)
        self.form.addRow("Size", row)
        self.background = _combo("background_choice", [words for words, _ in _BACKGROUNDS])
        self.form.addRow("Background", self.background)
        self.legend = _tick("legend_tick", "Names of the classes", on=True)
        self.scale_bar = _tick("scale_bar_tick", "Scale bar", on=True)
        self.axes = _tick("axes_tick", "Axes", on=False)
        for tick in (self.legend, self.scale_bar, self.axes):
            self.form.addRow("", tick)

    @property
    def size_px(self) -> tuple[int, int]:
        """Width and height."""
        return self.width_box.value(), self.height_box.value()

    def scene(self, scene: Scene) -> Scene:
        """Return a scene with what was chosen here."""
        return replace(
            scene,
            background=_BACKGROUNDS[self.background.currentIndex()][1],
            legend=self.legend.isChecked(),
            scale_bar=self.scale_bar.isChecked(),
            axes=self.axes.isChecked(),
        )

    def _finish(self, name: str, words: str) -> None:
        buttons, _ = accept_buttons(name, words)
        buttons.accepted.connect(self.accept)
        buttons.rejected.connect(self.reject)
        column = QVBoxLayout(self)
        column.addLayout(self.form)
        column.addWidget(buttons)


class PictureDialog(_OutputDialog):
    """Asks how a picture shall be."""

    def __init__(self, size: tuple[int, int], parent: QWidget | None = None) -> None:
        super().__init__("Picture of the 3D view", size, parent)
        self.setObjectName("picture_dialog")
        self.dpi_box = _whole("dpi_box", "Pixels an inch", 300, (30, 2400))
        self.on_paper = text_label("on_paper", "Size on paper")
        row = QHBoxLayout()
        row.addWidget(self.dpi_box)
        row.addWidget(QLabel("dpi"))
        row.addWidget(self.on_paper, 1)
        self.form.insertRow(1, "On paper", row)
        for box in (self.width_box, self.height_box, self.dpi_box):
            box.valueChanged.connect(self._say_size)
        self._say_size()
        self._finish("save_picture_button", "Save …")

    def _say_size(self) -> None:
        edges = (pixels / self.dpi_box.value() * _CM_PER_INCH for pixels in self.size_px)
        self.on_paper.setText(" × ".join(f"{edge:.1f}" for edge in edges) + " cm")


class FilmDialog(_OutputDialog):
    """Asks how a film shall be; ``scenes`` are the names of those kept of this cell."""

    def __init__(
        self, size: tuple[int, int], scenes: tuple[str, ...], parent: QWidget | None = None
    ) -> None:
        super().__init__("Film of the 3D view", size, parent)
        self.setObjectName("film_dialog")
        self.scenes = scenes
        self.way = _combo("way_choice", [_TURN, _THROUGH] if len(scenes) > 1 else [_TURN])
        self.way.setToolTip("Keep two scenes or more of this cell to move between them")
        self.seconds_box = QDoubleSpinBox()
        self.seconds_box.setObjectName("seconds_box")
        self.seconds_box.setRange(0.2, 600)
        self.seconds_box.setDecimals(1)
        self.seconds_box.setValue(8)
        self.seconds_box.setSuffix(" s")
        self.fps_box = _whole("fps_box", "Pictures a second", 25, (1, 60))
        self.kind = _combo("kind_choice", ["MP4 film", "PNG pictures in a folder"])
        self.form.insertRow(0, "Camera", self.way)
        self.form.insertRow(1, "Length", self.seconds_box)
        self.form.insertRow(2, "Pictures a second", self.fps_box)
        self.form.addRow("File", self.kind)
        self._finish("make_film_button", "Make film …")

    @property
    def suffix(self) -> str:
        """``.mp4``, or nothing for a folder of pictures."""
        return ".mp4" if self.kind.currentIndex() == 0 else ""

    @property
    def through(self) -> tuple[str, ...]:
        """Names of the scenes that the camera goes through, none for a turn."""
        return self.scenes if self.way.currentText() == _THROUGH else ()

    def film(self) -> Film:
        """Return length and speed."""
        return Film(seconds=self.seconds_box.value(), pictures_per_second=self.fps_box.value())


def _whole(
    name: str, words: str, value: int, span: tuple[int, int] = (16, _LARGEST_PX)
) -> QSpinBox:
    box = QSpinBox()
    box.setObjectName(name)
    box.setAccessibleName(words)
    box.setRange(*span)
    box.setValue(value)
    return box


def _combo(name: str, items: list[str]) -> QComboBox:
    combo = QuietComboBox()
    combo.setObjectName(name)
    combo.addItems(items)
    return combo


def _tick(name: str, words: str, *, on: bool) -> QCheckBox:
    tick = QCheckBox(words)
    tick.setObjectName(name)
    tick.setChecked(on)
    return tick
