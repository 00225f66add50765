"""A field for the structures that a cell is known not to have."""

from PySide6.QtCore import QTimer, Signal, Slot
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QWidget

from sxtstudio.core.ontology import Ontology
from sxtstudio.gui.fields import push_button
from sxtstudio.gui.term_combo import TermCombo

_TIP = (
    "Structures that this cell does not have, as somebody looked for them: a network learns that "
    "they are nowhere here. Click on one to take it off again."
)
_COMBO_PX = 240


class AbsentField(QWidget):
    """A box to choose structures in, and a button for each that was chosen."""

    changed = Signal()

    def __init__(self, ontology: Ontology, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("absent_field")
        self.setToolTip(_TIP)
        self._ontology = ontology
        self._chips: dict[str, QPushButton] = {}
        self.combo = TermCombo(ontology, with_ignore=False)
        self.combo.setObjectName("absent_class")
        self.combo.setAccessibleName("A structure that the cell does not have")
        self.combo.setFixedWidth(_COMBO_PX)
        line = self.combo.lineEdit()
        if line is not None:
            line.setPlaceholderText("add a structure")
        label = QLabel("The cell has no")
        label.setBuddy(self.combo)
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(0, 0, 0, 0)
        self._row.addWidget(label)
        self._row.addWidget(self.combo)
        self._row.addStretch(1)
        self.combo.currentIndexChanged.connect(self._take)

    def offer(self, ontology: Ontology) -> None:
        """Offer the terms of another vocabulary."""
        self._ontology = ontology
        self.combo.offer(ontology)

    @property
    def absent(self) -> tuple[str, ...]:
        """Ids of the structures that were chosen."""
        return tuple(self._chips)

    def add(self, class_id: str) -> None:
        """Say that the cell does not have a structure."""
        if class_id in self._chips:
            return
        chip = push_button(f"absent_{class_id}", f"{self._ontology.term(class_id).name}  ✕", _TIP)
        chip.setAccessibleName(f"Take off {self._ontology.term(class_id).name}")
        chip.clicked.connect(lambda: self.take_off(class_id))
        self._chips[class_id] = chip
        self._row.insertWidget(self._row.count() - 1, chip)
        self.changed.emit()

    def take_off(self, class_id: str) -> None:
        """Say nothing about a structure any more."""
        chip = self._chips.pop(class_id)
        chip.hide()
        chip.deleteLater()
        self.changed.emit()

    def clear(self) -> None:
        """Say nothing any more."""
        for class_id in self.absent:
            self.take_off(class_id)

    @Slot()
    def _take(self) -> None:
        class_id = self.combo.term
        if class_id is not None:
            self.add(class_id)
            # The completer writes the name into the box once this has returned.
            QTimer.singleShot(0, self.combo, lambda: self.combo.set_term(None))
