"""Preferences: how the window looks, keys, and how much disk small copies of volumes may take."""

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import Signal
from PySide6.QtGui import QAction
from PySide6.QtWidgets import (
    QComboBox,
    QDialog,
    QDialogButtonBox,
    QFormLayout,
    QHBoxLayout,
    QLabel,
    QSpinBox,
    QVBoxLayout,
    QWidget,
)

from sxtstudio.core.volume_cache import cache_bytes, trim_cache
from sxtstudio.gui.fields import QuietComboBox, push_button, text_label
from sxtstudio.gui.settings import largest_cache_bytes, remember_largest_cache
from sxtstudio.gui.theme import set_role

_GIB = 2**30
_LARGEST_GIB = 500
_WIDTH_PX = 480
_SECTION_PX = 10


class PreferencesDialog(QDialog):
    """Everything it offers holds at once, and in the next sessions.

    Themes, colours and keys are the actions of the menus, so that their ticks agree; ``profiles``
    have tips that explain them. ``sheet_wanted`` asks for all keys on one sheet.
    """

    sheet_wanted = Signal()

    def __init__(
        self,
        themes: Sequence[QAction],
        colours: Sequence[QAction],
        profiles: Sequence[QAction],
        cache: Path,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.setObjectName("preferences_dialog")
        self.setWindowTitle("Preferences")
        self.setMinimumWidth(_WIDTH_PX)
        self._cache = cache
        self.themes = _choices("theme_combo", "Theme", themes)
        self.colours = _choices("class_colours_combo", "Class colours", colours)
        self.profiles = _choices("profile_combo", "Keys and mouse", profiles)
        self.profile_words = text_label("profile_words", "What the keys are like")
        set_role(self.profile_words, "dim")
        self.limit = self._make_limit()
        self.used = text_label("cache_used", "Disk space taken")
        set_role(self.used, "dim")
        self._arrange()
        self.profiles.currentIndexChanged.connect(lambda i: self._explain(profiles[i]))
        self._explain(profiles[self.profiles.currentIndex()])
        self._show_used()

    def _make_limit(self) -> QSpinBox:
        limit = QSpinBox()
        limit.setObjectName("cache_limit")
        limit.setAccessibleName("Most disk space for small copies of volumes")
        limit.setRange(1, _LARGEST_GIB)
        limit.setSuffix(" GB")
        limit.setValue(round(largest_cache_bytes() / _GIB))
        limit.valueChanged.connect(lambda gib: remember_largest_cache(gib * _GIB))
        return limit

    def _arrange(self) -> None:
        form = QFormLayout()
        form.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.AllNonFixedFieldsGrow)
        form.setHorizontalSpacing(18)
        form.addRow(_heading("Look"))
        form.addRow("Theme", self.themes)
        form.addRow("Class colours", self.colours)
        form.addRow(_heading("Keys and mouse"))
        sheet = push_button("sheet_button", "All keys …", "All keys and gestures on one sheet")
        sheet.clicked.connect(self.sheet_wanted)
        form.addRow("As in", _row(self.profiles, sheet))
        form.addRow("", self.profile_words)
        form.addRow(_heading("Large volumes"))
        form.addRow("Small copies on disk, at most", self.limit)
        self.empty = push_button("cache_empty", "Throw away", "Copies are made again when needed")
        self.empty.clicked.connect(self._empty_cache)
        form.addRow("", _row(self.used, self.empty))
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        buttons.rejected.connect(self.reject)
        column = QVBoxLayout(self)
        column.addLayout(form)
        column.addSpacing(_SECTION_PX)
        column.addStretch(1)
        column.addWidget(buttons)

    def _explain(self, profile: QAction) -> None:
        self.profile_words.setText(profile.toolTip())

    def _empty_cache(self) -> None:
        trim_cache(self._cache, 0)
        self._show_used()

    def _show_used(self) -> None:
        taken = cache_bytes(self._cache)
        size = f"{taken / _GIB:.1f} GB" if taken > _GIB else f"{taken / 2**20:.0f} MB"
        self.used.setText(f"{size} taken now" if taken else "Nothing taken now")
        self.empty.setEnabled(taken > 0)


def _choices(name: str, words: str, actions: Sequence[QAction]) -> QComboBox:
    """Return a box that triggers one of some actions, of which one is ticked."""
    box = QuietComboBox()
    box.setObjectName(name)
    box.setAccessibleName(words)
    box.addItems([action.text().replace("&", "") for action in actions])
    ticked = [i for i, action in enumerate(actions) if action.isChecked()]
    box.setCurrentIndex(ticked[0] if ticked else 0)
    box.currentIndexChanged.connect(lambda index: actions[index].trigger())
    return box


def _row(wide: QWidget, beside: QWidget) -> QHBoxLayout:
    row = QHBoxLayout()
    row.addWidget(wide, 1)
    row.addWidget(beside)
    return row


def _heading(words: str) -> QLabel:
    label = QLabel(words)
    label.setObjectName("cardTitle")
    label.setContentsMargins(0, _SECTION_PX, 0, 2)
    return label
