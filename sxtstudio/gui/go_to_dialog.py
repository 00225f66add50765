"""Where to go: a place typed in voxels or micrometres."""

import re

from PySide6.QtWidgets import QDialog, QVBoxLayout, QWidget

from sxtstudio.core.errors import LabelError, SxtError
from sxtstudio.core.volume import Tomogram
from sxtstudio.gui.fields import accept_buttons, line_edit, problem_label, text_label
from sxtstudio.gui.view_state import ViewState, Voxel

_EXPLAINED = (
    "z, y and x, as in the status bar: voxels like “48 12 7”, or micrometres like "
    "“1.92, 0.48, 0.28 µm”."
)
_UNIT = re.compile(r"\s*(µm|μm|um)\s*$")
_WIDTH_PX = 380


class GoToDialog(QDialog):
    """Moves the cursor of the `ViewState`."""

    def __init__(self, state: ViewState, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("go_to_dialog")
        self.setWindowTitle("Go to")
        self.setMinimumWidth(_WIDTH_PX)
        self._state = state
        self.place = line_edit("go_to_place", "Place to go to", "z y x")
        self.place.setText(" ".join(map(str, state.cursor)))
        self.place.selectAll()
        self.problem = problem_label("go_to_problem")
        buttons, _ = accept_buttons("go_to_accept", "Go")
        buttons.accepted.connect(self.accept)
        buttons.rejected.connect(self.reject)
        column = QVBoxLayout(self)
        column.addWidget(text_label("go_to_words", "How to write a place", _EXPLAINED))
        for widget in (self.place, self.problem, buttons):
            column.addWidget(widget)

    def accept(self) -> None:
        """Go there, or say what is wrong."""
        tomogram = self._state.tomogram
        if tomogram is None:
            self.reject()
            return
        try:
            self._state.set_cursor(parse_place(self.place.text(), tomogram))
        except SxtError as error:
            self.problem.setText(str(error))
            return
        super().accept()


def parse_place(text: str, tomogram: Tomogram) -> Voxel:
    """Return the voxel that a text means.

    Raises
    ------
    LabelError
        If it has not three numbers, or lies outside the volume.
    """
    bare = _UNIT.sub("", text)
    try:
        numbers = [float(part) for part in re.split(r"[,;\s]+", bare.strip())]
    except ValueError:
        numbers = []
    if len(numbers) != 3:
        raise LabelError(f"{text!r} is no place; write three numbers, z y x, like “48 12 7”.")
    edges = tomogram.voxel_size_um if bare != text else (1.0, 1.0, 1.0)
    z, y, x = (round(number / edge) for number, edge in zip(numbers, edges, strict=True))
    if not all(0 <= i < n for i, n in zip((z, y, x), tomogram.shape, strict=True)):
        last = " ".join(str(n - 1) for n in tomogram.shape)
        raise LabelError(f"Voxel {z} {y} {x} lies outside the volume, which ends at {last}.")
    return (z, y, x)
