"""The banner above the views that says how a cell differs from those its network knows."""

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QPushButton, QSizePolicy, QVBoxLayout, QWidget

from sxtstudio.core.slabs import Slab
from sxtstudio.gui.fields import push_button, text_label
from sxtstudio.gui.theme import set_role

_MOST_SLABS = 3


class NoveltyBanner(QFrame):
    """A title, what differs and what to do, and buttons for it; hidden until `tell`.

    ``slab_wanted`` carries a `Slab` that is to be drawn, ``places_wanted`` asks where the cell is
    new, ``doubt_wanted`` for the doubtful places, ``dismissed`` tells that nobody wants to read it
    any more.
    """

    slab_wanted = Signal(object)
    places_wanted = Signal()
    doubt_wanted = Signal()
    dismissed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("novelty_banner")
        self.setAccessibleName("How this cell differs")
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Maximum)
        self.title = text_label("novelty_title", "Whether the cell differs")
        self.words = text_label("novelty_words", "What differs, and what to do")
        self.slab_buttons: list[QPushButton] = []
        self.places_button = push_button(
            "novelty_places", "Show where", "Show over the planes where the cell is new"
        )
        self.doubt_button = push_button(
            "novelty_doubt", "Review", "Look through what the network doubts here"
        )
        self.close_button = push_button("novelty_close", "Dismiss", "Hide this for this cell")
        self.places_button.clicked.connect(self.places_wanted)
        self.doubt_button.clicked.connect(self.doubt_wanted)
        self.close_button.clicked.connect(self.dismissed)
        self._buttons = QHBoxLayout()
        self._buttons.setSpacing(6)
        for number in range(_MOST_SLABS):
            button = push_button(f"novelty_slab_{number + 1}", "")
            self.slab_buttons.append(button)
            self._buttons.addWidget(button)
        self._buttons.addWidget(self.places_button)
        self._buttons.addWidget(self.doubt_button)
        self._buttons.addStretch(1)
        self._buttons.addWidget(self.close_button)
        column = QVBoxLayout(self)
        column.setContentsMargins(12, 6, 8, 8)
        column.setSpacing(4)
        column.addWidget(self.title)
        column.addWidget(self.words)
        column.addLayout(self._buttons)
        self._slabs: tuple[Slab, ...] = ()
        for number, button in enumerate(self.slab_buttons):
            button.clicked.connect(lambda _checked, it=number: self._want(it))
        self.hide()

    def tell(
        self,
        title: str,
        words: str,
        *,
        warning: bool,
        slabs: Sequence[Slab],
        places: bool,
        doubt: bool,
    ) -> None:
        """Say something of a cell; offer slabs to draw, places that are new, doubtful ones."""
        self._slabs = tuple(slabs[:_MOST_SLABS])
        self.title.setText(title)
        self.title.setVisible(bool(title))
        set_role(self.title, "warning" if warning else "")
        self.words.setText(words)
        for number, button in enumerate(self.slab_buttons):
            there = number < len(self._slabs)
            button.setVisible(there)
            if there:
                slab = self._slabs[number]
                button.setText(f"Draw {slab.words}")
                button.setToolTip(
                    f"Go to {slab.words} and edit the labels; saved, only the slabs count as drawn"
                )
        self.places_button.setVisible(places)
        self.doubt_button.setVisible(doubt)
        self.words.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.show()

    def _want(self, number: int) -> None:
        self.slab_wanted.emit(self._slabs[number])
