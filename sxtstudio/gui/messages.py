"""Every box the window opens: errors, questions, names and file choices.

Nothing else opens a box, so tests know where to answer them. All text is shown as plain text: what
a file says of itself is never read as HTML.
"""

import logging
from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtGui import QFontDatabase
from PySide6.QtWidgets import QFileDialog, QInputDialog, QMessageBox, QWidget

from sxtstudio.gui.error_dialog import ErrorDialog
from sxtstudio.gui.error_words import SOMETHING, Complaint, complaint

logger = logging.getLogger(__name__)

_PROGRAM = "SXT Studio"


def show_error(parent: QWidget | None, title: str, text: str) -> None:
    """Show what the user can mend: ``title`` is what did not work, ``text`` why, and what to do."""
    told = complaint(SOMETHING if title == _PROGRAM else title, text)
    logger.warning("told: %s: %s", title, text)
    ErrorDialog(told, parent).exec()


def show_text(parent: QWidget | None, title: str, text: str) -> None:
    """Show text that is no complaint; its columns stay in line."""
    box = _box(parent, QMessageBox.Icon.NoIcon, title, text)
    family = QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont).family()
    box.setStyleSheet(f"QLabel {{ font-family: '{family}'; }}")
    box.exec()


def show_about(parent: QWidget | None, title: str, text: str, detail: str) -> None:
    """Show what the program is; ``detail`` is the smaller text below."""
    box = _box(parent, QMessageBox.Icon.NoIcon, title, text)
    box.setInformativeText(detail)
    box.exec()


def show_crash(parent: QWidget | None, text: str, report: str) -> None:
    """Own up to a bug; the user can copy ``report`` and go on working."""
    told = Complaint(
        title="SXT Studio made a mistake",
        cause=f"{text} Nothing that was saved is lost.",
        advice="Copy the details, or save a diagnostic bundle, and send it to whoever looks after "
        "the program.",
        details=report,
    )
    ErrorDialog(told, parent, bug=True).exec()


def ask(parent: QWidget | None, title: str, text: str, yes: str, no: str) -> bool:
    """Return whether the user chose the button labelled ``yes``; Escape means ``no``."""
    box = _box(parent, QMessageBox.Icon.Question, title, text)
    box.setStandardButtons(QMessageBox.StandardButton.NoButton)
    accept = box.addButton(yes, QMessageBox.ButtonRole.AcceptRole)
    reject = box.addButton(no, QMessageBox.ButtonRole.RejectRole)
    box.setDefaultButton(reject)
    box.setEscapeButton(reject)
    box.exec()
    return box.clickedButton() is accept


def ask_which(
    parent: QWidget | None, title: str, text: str, answers: Sequence[str], neither: str
) -> str | None:
    """Return the answer whose button was chosen, None for ``neither`` and for Escape.

    The first answer is the default; one called "Discard" is marked as what destroys something.
    """
    box = _box(parent, QMessageBox.Icon.Question, title, text)
    box.setStandardButtons(QMessageBox.StandardButton.NoButton)
    role = QMessageBox.ButtonRole
    roles = [role.AcceptRole, *[role.ActionRole] * (len(answers) - 1)]
    buttons = {
        box.addButton(words, role.DestructiveRole if words == "Discard" else place): words
        for words, place in zip(answers, roles, strict=True)
    }
    reject = box.addButton(neither, role.RejectRole)
    box.setDefaultButton(next(iter(buttons)))
    box.setEscapeButton(reject)
    box.exec()
    clicked = box.clickedButton()
    return next((words for button, words in buttons.items() if button is clicked), None)


def ask_text(parent: QWidget | None, title: str, label: str, text: str) -> str | None:
    """Return the text the user typed, None if they changed their mind."""
    answer, accepted = QInputDialog.getText(parent, title, label, text=text)
    return answer.strip() if accepted and answer.strip() else None


def ask_choice(
    parent: QWidget | None, title: str, label: str, choices: Sequence[str]
) -> str | None:
    """Return the one of several words that the user chose, None if they changed their mind."""
    answer, accepted = QInputDialog.getItem(parent, title, label, list(choices), 0, editable=False)
    return answer if accepted else None


def choose_file(
    parent: QWidget | None, title: str, folder: Path, filters: Sequence[str]
) -> Path | None:
    """Return the existing file the user chose."""
    name, _ = QFileDialog.getOpenFileName(parent, title, str(folder), ";;".join(filters))
    return Path(name) if name else None


def choose_new_file(
    parent: QWidget | None, title: str, proposal: Path, filters: Sequence[str]
) -> Path | None:
    """Return where to write; the file dialog itself asks before replacing a file.

    A name typed without a suffix takes the proposal's.
    """
    name, _ = QFileDialog.getSaveFileName(parent, title, str(proposal), ";;".join(filters))
    if not name:
        return None
    path = Path(name)
    return path if path.suffix else path.with_suffix(proposal.suffix)


def choose_folder(parent: QWidget | None, title: str, folder: Path) -> Path | None:
    """Return the existing folder the user chose."""
    name = QFileDialog.getExistingDirectory(parent, title, str(folder))
    return Path(name) if name else None


def choose_new_folder(parent: QWidget | None, title: str, proposal: Path) -> Path | None:
    """Return where to make a folder; one that is there and empty will do."""
    dialog = QFileDialog(parent, title, str(proposal.parent))
    dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
    dialog.setFileMode(QFileDialog.FileMode.AnyFile)
    dialog.setOption(QFileDialog.Option.DontConfirmOverwrite)
    dialog.setLabelText(QFileDialog.DialogLabel.FileName, "Name of the folder")
    dialog.setLabelText(QFileDialog.DialogLabel.Accept, "Make")
    dialog.selectFile(proposal.name)
    names = dialog.selectedFiles() if dialog.exec() else []
    return Path(names[0]) if names else None


def _box(parent: QWidget | None, icon: QMessageBox.Icon, title: str, text: str) -> QMessageBox:
    box = QMessageBox(parent)
    box.setObjectName("message_box")
    box.setIcon(icon)
    box.setTextFormat(Qt.TextFormat.PlainText)
    box.setWindowTitle(title)
    box.setText(text)
    box.setStandardButtons(QMessageBox.StandardButton.Ok)
    return box
