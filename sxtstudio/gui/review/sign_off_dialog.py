"""The dialog that signs off classes of a cell: what was looked at, who signs, what is signed."""

from collections.abc import Mapping

from PySide6.QtCore import Slot
from PySide6.QtWidgets import QCheckBox, QDialog, QFormLayout, QGridLayout, QVBoxLayout, QWidget

from sxtstudio.core.review import ClassProgress
from sxtstudio.gui.browser import local_time
from sxtstudio.gui.fields import accept_buttons, line_edit, text_label
from sxtstudio.project.records import CellRecord, LabelVersion
from sxtstudio.project.reviews import SignOff

_EXPLAIN = (
    "Your name and the time are kept with the newest labels of this cell. New labels need a new "
    "sign-off."
)
_WIDTH_PX = 460


class SignOffDialog(QDialog):
    """A tick a class; what was signed off before is ticked and can be taken back.

    ``words`` are the classes' names as people read them, by their names in the labels; ``facts``
    and ``signed`` are by the latter.
    """

    def __init__(
        self,
        labels: tuple[CellRecord, LabelVersion],
        words: Mapping[str, str],
        facts: Mapping[str, ClassProgress],
        signed: Mapping[str, SignOff],
        person: str,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        cell, version = labels
        self.setObjectName("sign_off_dialog")
        self.setWindowTitle(f"Sign off {cell.name}")
        self._signed = signed
        self.person_edit = line_edit("sign_off_person", "Your name")
        self.person_edit.setText(person)
        self.boxes = {name: QCheckBox(words[name]) for name in words}
        self.buttons, self.accept_button = accept_buttons("sign_off_accept", "Sign off")
        column = QVBoxLayout(self)
        column.setSpacing(10)
        head = f"Labels {version.id} of {cell.name}, {local_time(version.time)}"
        column.addWidget(text_label("sign_off_labels", "Which labels", head))
        column.addWidget(text_label("sign_off_words", "What a sign-off is", _EXPLAIN))
        form = QFormLayout()
        form.addRow("Your name", self.person_edit)
        column.addLayout(form)
        grid = QGridLayout()
        grid.setColumnStretch(1, 1)
        grid.setHorizontalSpacing(16)
        for row, (name, box) in enumerate(self.boxes.items()):
            box.setObjectName(f"sign_off_{name}")
            box.setAccessibleName(words[name])
            box.setChecked(name in signed)
            box.toggled.connect(self._check)
            state = text_label("sign_off_state", "State", _state(facts.get(name), signed.get(name)))
            state.setProperty("role", "dim")
            grid.addWidget(box, row, 0)
            grid.addWidget(state, row, 1)
        column.addLayout(grid)
        column.addStretch(1)
        column.addWidget(self.buttons)
        self.person_edit.textChanged.connect(self._check)
        self.buttons.accepted.connect(self.accept)
        self.buttons.rejected.connect(self.reject)
        self.resize(_WIDTH_PX, self.sizeHint().height())
        self._check()

    @property
    def person(self) -> str:
        """Who signs."""
        return self.person_edit.text().strip()

    @property
    def new(self) -> tuple[str, ...]:
        """Classes that are to be signed off."""
        return tuple(
            name for name, box in self.boxes.items() if box.isChecked() and name not in self._signed
        )

    @property
    def withdrawn(self) -> tuple[str, ...]:
        """Classes whose sign-off is to be taken back."""
        return tuple(name for name in self._signed if not self.boxes[name].isChecked())

    @Slot()
    def _check(self) -> None:
        self.accept_button.setEnabled(bool(self.person and (self.new or self.withdrawn)))


def _state(facts: ClassProgress | None, signed: SignOff | None) -> str:
    if signed is not None:
        return f"signed off by {signed.person}, {local_time(signed.time)}"
    if facts is None:
        return "nothing doubtful"
    parts = [f"{facts.judged} of {facts.total} doubtful judged"]
    parts += [f"{facts.flagged} flagged"] if facts.flagged else []
    parts += [f"{facts.rejected} rejected"] if facts.rejected else []
    return ", ".join(parts)
