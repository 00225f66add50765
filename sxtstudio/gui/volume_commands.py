"""A volume that is looked at without a project, and the bar above the views that says so."""

from pathlib import Path

from PySide6.QtCore import QObject, Signal, Slot
from PySide6.QtWidgets import QFrame, QHBoxLayout, QWidget

from sxtstudio.core.errors import SxtError
from sxtstudio.gui import messages
from sxtstudio.gui.fields import push_button, text_label
from sxtstudio.gui.import_dialog import VOLUME_FILTERS
from sxtstudio.gui.latest import Latest
from sxtstudio.gui.session import Session
from sxtstudio.workflow.looking import OpenVolume, open_file


class VolumeBar(QFrame):
    """Says which file is on show and what its numbers are; offers to import it."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("volume_bar")
        self.words = text_label("volume_words", "File on show")
        self.words.setWordWrap(False)
        self.import_button = push_button(
            "volume_import", "Import …", "Take the tomogram into a project"
        )
        self.close_button = push_button("volume_close", "Close", "Show this file no longer")
        row = QHBoxLayout(self)
        row.setContentsMargins(12, 4, 8, 4)
        row.addWidget(self.words, 1)
        row.addWidget(self.import_button)
        row.addWidget(self.close_button)
        self.hide()


class VolumeCommands(QObject):
    """Opens files to be looked at only; ``changed`` tells that one came on show or went."""

    changed = Signal()
    import_asked = Signal(object)

    def __init__(self, parent: QWidget, session: Session) -> None:
        super().__init__(parent)
        self._parent = parent
        self._session = session
        self._reading = Latest(self)
        self._path: Path | None = None
        self._volume: OpenVolume | None = None
        self.bar = VolumeBar()
        self.bar.import_button.clicked.connect(lambda: self.import_asked.emit(self._path))
        self.bar.close_button.clicked.connect(self.close_volume)
        session.large.shown.connect(self._show_bar)
        session.view.volume_changed.connect(self._look)

    @property
    def visiting(self) -> bool:
        """Whether a file is on show that is in no project."""
        return self._volume is not None

    def choose(self) -> None:
        """Ask which file, and show it."""
        folder = self._session.folder
        path = messages.choose_file(self._parent, "Open volume", folder, VOLUME_FILTERS)
        if path is not None:
            self.look_at(path)

    def look_at(self, path: Path) -> None:
        """Show the volume in a file as soon as its header and its central planes are read."""

        def show(volume: OpenVolume) -> None:
            self._path, self._volume = path, volume
            self._session.look_at_volume(volume)

        self._reading.run(lambda _: open_file(path), show, self._complain)

    @Slot()
    def close_volume(self) -> None:
        """Show the file no longer."""
        if self.visiting:
            self._session.large.forget()
            self._session.view.clear()

    def shutdown(self) -> None:
        """Wait for what is being read."""
        self._reading.close()

    @Slot(object)
    def _show_bar(self, volume: OpenVolume) -> None:
        if volume is self._volume:
            self.bar.words.setText(f"{volume.words}  ·  to look at only")
            self.bar.words.setToolTip(str(self._path))
            self.bar.show()
            self.changed.emit()

    @Slot()
    def _look(self) -> None:
        """Hide as soon as something else takes the file's place."""
        if self.bar.isHidden() or self._volume is None:
            return
        if self._session.view.tomogram is not self._volume.tomogram:
            self._path, self._volume = None, None
            self.bar.hide()
            self.changed.emit()

    def _complain(self, error: SxtError) -> None:
        self._session.failed.emit(str(error))
