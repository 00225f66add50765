"""Asking what may go into a diagnostic bundle, and where to save it."""

import logging
from pathlib import Path

from PySide6.QtCore import QDate, Qt, Slot
from PySide6.QtWidgets import QCheckBox, QDialog, QVBoxLayout, QWidget

from sxtstudio.core.errors import SxtError
from sxtstudio.gui import messages
from sxtstudio.gui.diagnostics import DiagnosticSource
from sxtstudio.gui.fields import accept_buttons, problem_label, text_label
from sxtstudio.workflow.diagnostics import BUNDLE_SUFFIX, write_bundle

logger = logging.getLogger(__name__)

_WIDTH_PX = 520
_WORDS = (
    "A small zip of text for whoever looks after the program: versions, graphics, the end of the "
    "log, the last error, and the names, shapes and sizes of what is in the open project."
)
_NEVER = (
    "Never in it: voxels of any kind. Your name, your home folder and the name of this computer "
    "are masked. It stays on this computer until you send it."
)


class DiagnosticsDialog(QDialog):
    """Says what a bundle holds; ``written`` is where it was saved."""

    def __init__(
        self, source: DiagnosticSource, error: str = "", parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.setObjectName("diagnostics_dialog")
        self.setWindowTitle("Save diagnostic bundle")
        self._source, self._error = source, error
        self.written: Path | None = None
        self.settings_box = QCheckBox("Also what the window remembers")
        self.settings_box.setObjectName("with_settings")
        self.settings_box.setChecked(True)
        self.paths_box = QCheckBox("With names of folders")
        self.paths_box.setObjectName("with_paths")
        self.problem = problem_label("diagnostics_problem")
        never = text_label("diagnostics_never", "What is never in it", _NEVER)
        never.setProperty("role", "dim")
        buttons, self.save_button = accept_buttons("save_bundle", "Save …")
        self.save_button.clicked.connect(self._save)
        buttons.rejected.connect(self.reject)
        column = QVBoxLayout(self)
        column.setSpacing(10)
        column.setContentsMargins(20, 18, 20, 14)
        for part in (
            text_label("diagnostics_words", "What is in it", _WORDS),
            self.settings_box,
            self.paths_box,
            never,
            self.problem,
            buttons,
        ):
            column.addWidget(part)
        self.problem.hide()
        self.setFixedWidth(_WIDTH_PX)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)

    @Slot()
    def _save(self) -> None:
        day = QDate.currentDate().toString(Qt.DateFormat.ISODate)
        proposal = self._source.folder / f"sxtstudio-diagnostics-{day}{BUNDLE_SUFFIX}"
        path = messages.choose_new_file(
            self, "Save diagnostic bundle", proposal, [f"Zip (*{BUNDLE_SUFFIX})"]
        )
        if path is None:
            return
        facts = self._source.facts(
            self._error,
            with_settings=self.settings_box.isChecked(),
            with_paths=self.paths_box.isChecked(),
        )
        try:
            write_bundle(path, facts)
        except SxtError as error:
            self.problem.setText(str(error))
            self.problem.show()
            return
        self.written = path
        logger.info("wrote a diagnostic bundle")
        self.accept()
