"""What the keys and the Help menu do: profiles, palette, sheet, choosing classes, diagnostics."""

from collections.abc import Callable
from functools import partial

from PySide6.QtCore import QObject, Qt, Slot
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QMainWindow, QWidget

from sxtstudio import __version__
from sxtstudio.gui import messages
from sxtstudio.gui.cheat_sheet import CheatSheet
from sxtstudio.gui.class_list import NAME, ClassList
from sxtstudio.gui.command_palette import CommandPalette
from sxtstudio.gui.diagnostics import DiagnosticSource
from sxtstudio.gui.diagnostics_dialog import DiagnosticsDialog
from sxtstudio.gui.docks import Docks
from sxtstudio.gui.key_profiles import KeyProfiles
from sxtstudio.gui.painting.commands import PaintingCommands
from sxtstudio.gui.painting.settings import UNLABELLED, PaintSettings
from sxtstudio.gui.preferences_dialog import PreferencesDialog
from sxtstudio.gui.session import Session
from sxtstudio.gui.views import ViewsPanel

_DIGITS = range(1, 10)
_ABOUT = (
    "Segments soft X-ray tomograms of cells by tailor-made networks, and measures them.\n\n"
    "BSD 3-clause licence. Built on Qt, VTK, PyTorch, NumPy, SciPy, h5py and pyqtgraph."
)


class KeyCommands(QObject):
    """The one object of keys and help that the main window knows."""

    def __init__(self, window: QMainWindow, session: Session) -> None:
        super().__init__(window)
        self._window, self._session = window, session
        self._classes: ClassList | None = None
        self._painting: PaintSettings | None = None
        self._actions: dict[str, QAction] = {}
        self.profiles = KeyProfiles(self)
        self.source = DiagnosticSource(window, session)
        self.source.wanted.connect(self._ask_for_bundle)

    def slots(self) -> dict[str, Callable[[], object]]:
        """Return what each command does, by its name."""
        return {
            **{f"class_{digit}": partial(self._choose, digit) for digit in (*_DIGITS, 0)},
            "class_next": partial(self._step, 1),
            "class_previous": partial(self._step, -1),
            "keys": self.show_sheet,
            "preferences": self.show_preferences,
            "palette": self.show_palette,
            "shortcuts": self.show_sheet,
            "diagnostics": self.save_diagnostics,
            "about": self._show_about,
        }

    def connect_to(
        self,
        actions: dict[str, QAction],
        views: ViewsPanel,
        docks: Docks,
        painting: PaintingCommands,
    ) -> None:
        """Take the actions of the commands, and give them and the views the chosen keys."""
        self._actions = actions
        self._classes, self._painting = docks.class_list, painting.settings
        self._classes.follow(painting.settings)
        self.profiles.follow(actions, views)
        self.source.views = views
        state = self._session.view
        state.classes_changed.connect(self._name_classes)
        state.labels_changed.connect(self._name_classes)
        self._name_classes()

    def show_palette(self) -> None:
        """Let the user search for a command."""
        CommandPalette(self._window, self._session).open()

    def show_sheet(self) -> None:
        """Show all keys and gestures of the chosen profile."""
        CheatSheet(self.profiles, self._window).open()

    def show_preferences(self) -> None:
        """Offer what holds for every project: look, keys, disk space."""
        themes, colours = (
            [it for name, it in self._actions.items() if name.startswith(start)]
            for start in ("theme_", "colours_")
        )
        profiles, cache = self.profiles.menu.actions(), self._session.large.cache
        dialog = PreferencesDialog(themes, colours, profiles, cache, self._window)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.sheet_wanted.connect(self.show_sheet)
        dialog.open()

    def save_diagnostics(self) -> None:
        """Ask what may go into a diagnostic bundle, and save it."""
        self._ask_for_bundle("", self._window)

    @Slot(str, QWidget)
    def _ask_for_bundle(self, error: str, parent: QWidget) -> None:
        dialog = DiagnosticsDialog(self.source, error, parent)
        dialog.accepted.connect(
            lambda: self._session.noted.emit(f"The diagnostic bundle is in {dialog.written}.")
        )
        dialog.open()

    def _show_about(self) -> None:
        title, name = "About SXT Studio", f"SXT Studio {__version__}"
        messages.show_about(self._window, title, name, _ABOUT)

    def _choose(self, digit: int) -> None:
        """Choose a class by its place in the list, 0 for none."""
        if digit == 0:
            self._take(UNLABELLED, -1)
        elif self._classes is not None and digit <= self._classes.rowCount():
            self._take(self._classes.label_of_row(digit - 1), digit - 1)

    def _step(self, steps: int) -> None:
        """Choose the next class of the list, or the one before."""
        if self._classes is not None and self._classes.rowCount():
            row = (max(self._classes.currentRow(), -steps) + steps) % self._classes.rowCount()
            self._take(self._classes.label_of_row(row), row)

    def _take(self, label: int, row: int) -> None:
        assert self._classes is not None
        assert self._painting is not None
        if self._painting.active:
            self._painting.set_label(label)
        if row >= 0:
            self._classes.setCurrentCell(row, NAME)
        else:
            self._classes.setCurrentCell(-1, -1)

    @Slot()
    def _name_classes(self) -> None:
        classes = self._session.view.classes
        for digit in _DIGITS:
            action, there = self._actions[f"class_{digit}"], digit <= len(classes)
            action.setText(f"&{digit} {classes[digit - 1].name}" if there else f"Class &{digit}")
            action.setEnabled(there)
        for name in ("class_0", "class_next", "class_previous"):
            self._actions[name].setEnabled(bool(classes))
