"""The dialog that takes a folder of old work into the library: scan, review, take in."""

from pathlib import Path

from PySide6.QtCore import Qt, Slot
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtWidgets import (
    QDialog,
    QHBoxLayout,
    QLabel,
    QProgressBar,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from sxtstudio.core.errors import SxtError
from sxtstudio.core.events import Event, Progress
from sxtstudio.core.ontology import Extension
from sxtstudio.gui import messages
from sxtstudio.gui.errand import Errand
from sxtstudio.gui.fields import problem_label, push_button, text_label
from sxtstudio.gui.ingest_review import IngestReview
from sxtstudio.gui.library_session import LibrarySession
from sxtstudio.gui.meaning_table import Material
from sxtstudio.gui.new_term_dialog import NewTermDialog
from sxtstudio.gui.theme import set_role
from sxtstudio.library.library import Library
from sxtstudio.project.lock import user_name
from sxtstudio.workflow.ingest.importing import IngestResult, ingest
from sxtstudio.workflow.ingest.proposals import Review
from sxtstudio.workflow.ingest.review_table import read_review, write_review
from sxtstudio.workflow.ingest.scanning import scan

_SIZE = (1240, 760)
_TABLES = ("Review tables (*.csv)",)
_ASK = (
    "Choose a folder, or drop it here. Everything below it is looked through: Amira projects, and "
    "tomograms with labels in MRC, TIFF, HDF5 and AmiraMesh. Nothing is changed there, and nothing "
    "is taken in before you have looked at it."
)
_LOSE = "What you corrected in the table is lost unless you save the table, or take the cells in."
_STOPPED = (
    "Stopped. What was taken in stays in the library; take in again, and it goes on from there."
)


class IngestDialog(QDialog):
    """Three pages, one after the other; scanning and taking in run in the background."""

    def __init__(
        self, session: LibrarySession, folder: Path | None, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        assert session.library is not None, "the command asks for a library first"
        self.setObjectName("ingest_dialog")
        self.setWindowTitle(f"Take old work into {session.library.name}")
        self.setAcceptDrops(True)
        self.resize(*_SIZE)
        self._session = session
        self._library: Library = session.library
        self._errand = Errand(self)
        self.review_page = IngestReview(session.ontology)
        self._kept: Review | None = None
        self._build()
        self._arrange()
        self._connect()
        self._show_page(self._ask_page)
        if folder is not None:
            self.scan(folder)

    def _build(self) -> None:
        self.folder_button = push_button("ingest_folder", "Choose folder …")
        self.load_button = push_button(
            "ingest_load", "Load table …", "Go on with a review that was saved"
        )
        self.save_button = push_button(
            "ingest_save", "Save table …", "Keep the review, or correct it in a spreadsheet"
        )
        self.notes_button = push_button(
            "ingest_notes", "", "What else lies in the folder, and why it was not used"
        )
        self.take_button = push_button("ingest_take_in", "Take in")
        self.stop_button = push_button("ingest_stop", "Stop")
        self.close_button = push_button("ingest_close", "Close")
        self.bar = QProgressBar()
        self.bar.setObjectName("ingest_progress")
        self.bar.setAccessibleName("Progress")
        self.bar.setTextVisible(False)
        self.words = text_label("ingest_words", "What is going on")
        self.summary = text_label("ingest_summary", "What will be taken in")
        self.problem = problem_label("ingest_problem")
        self.outcome = text_label("ingest_outcome", "What was taken in")
        self.outcome.setStyleSheet("font-size: 14pt; font-weight: 300;")
        self.outcome.setAlignment(Qt.AlignmentFlag.AlignHCenter)
        self.words.setAlignment(Qt.AlignmentFlag.AlignHCenter)
        self.failures = text_label("ingest_failures", "What could not be taken in")
        self.failures.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.back_button = push_button(
            "ingest_back", "Back to the table", "Correct and take in what is left"
        )

    def _arrange(self) -> None:
        self._ask_page, self._work_page, self._done_page = QWidget(), QWidget(), QWidget()
        ask = QLabel(_ASK)
        ask.setWordWrap(True)
        ask.setAlignment(Qt.AlignmentFlag.AlignHCenter)
        set_role(ask, "dim")
        first = QHBoxLayout()
        first.addStretch(1)
        first.addWidget(self.folder_button)
        first.addStretch(1)
        for page, widgets in (
            (self._ask_page, (ask, first)),
            (self._work_page, (self.words, self.bar)),
            (self._done_page, (self.outcome, self.failures)),
        ):
            column = QVBoxLayout(page)
            column.setContentsMargins(140, 0, 140, 0)
            column.setSpacing(12)
            column.addStretch(2)
            for widget in widgets:
                column.addWidget(widget) if isinstance(widget, QWidget) else column.addLayout(
                    widget
                )
            column.addStretch(3)
        self._pages = QStackedWidget()
        for page in (self._ask_page, self._work_page, self.review_page, self._done_page):
            self._pages.addWidget(page)
        row = QHBoxLayout()
        for button in (self.load_button, self.save_button, self.notes_button):
            row.addWidget(button)
        row.addWidget(self.summary, 1)
        buttons = (self.take_button, self.stop_button, self.back_button, self.close_button)
        for button in buttons:
            row.addWidget(button)
        layout = QVBoxLayout(self)
        layout.addWidget(self._pages, 1)
        layout.addWidget(self.problem)
        layout.addLayout(row)

    def _connect(self) -> None:
        self.folder_button.clicked.connect(self._choose_folder)
        self.load_button.clicked.connect(self._load)
        self.save_button.clicked.connect(self._save)
        self.notes_button.clicked.connect(self._show_notes)
        self.take_button.clicked.connect(self._take_in)
        self.stop_button.clicked.connect(self._stop)
        self.back_button.clicked.connect(lambda: self._back(""))
        self.close_button.clicked.connect(self.reject)
        self.review_page.model.changed.connect(self._update)
        self.review_page.refused.connect(self._complain)
        self.review_page.new_term_wanted.connect(self._ask_term)
        self._session.changed.connect(self._take_vocabulary)
        self._errand.reported.connect(self._show_progress)

    def scan(self, folder: Path) -> None:
        """Look through a folder in the background."""
        ontology = self._session.ontology
        self._start(f"Looking through {folder} …")
        self._errand.start(
            lambda report: scan(folder, ontology, report), self._show_review, self._fail
        )

    @Slot()
    def _choose_folder(self) -> None:
        folder = messages.choose_folder(self, "Folder of old work", Path.home())
        if folder is not None:
            self.scan(folder)

    @Slot()
    def _load(self) -> None:
        path = messages.choose_file(self, "Load table", Path.home(), _TABLES)
        if path is not None:
            try:
                self._show_review(read_review(path, self._session.ontology))
            except SxtError as error:
                self._complain(str(error))

    @Slot()
    def _save(self) -> None:
        review = self.review_page.review
        if review is None:
            return
        proposal = review.folder / "review.csv"
        path = messages.choose_new_file(self, "Save table", proposal, _TABLES)
        if path is not None:
            try:
                write_review(path, review)
                self._kept = review
            except SxtError as error:
                self._complain(str(error))

    def _show_review(self, review: Review) -> None:
        self.review_page.show_review(review)
        self._kept = self.review_page.review
        self._show_page(self.review_page)

    @Slot()
    def _update(self) -> None:
        review = self.review_page.review
        if review is None:
            return
        self._complain("")
        taken = sum(row.take for row in review.rows)
        blocked = sum(row.wanted and bool(row.problems) for row in review.rows)
        words = f"{taken} of {len(review.rows)} cells will be taken in."
        if blocked:
            words += f" {blocked} cannot be yet; they are left out unless you mend them."
        self.summary.setText(words)
        self.take_button.setText(f"Take in {taken} cells" if taken != 1 else "Take in 1 cell")
        self.take_button.setEnabled(bool(taken))
        count = len(review.problems)
        self.notes_button.setText(f"{count} files not used …" if count > 1 else "1 not used …")
        self.notes_button.setVisible(bool(count))

    @Slot()
    def _show_notes(self) -> None:
        review = self.review_page.review
        if review is not None:
            messages.show_text(self, "What was not used", "\n\n".join(review.problems))

    @Slot(object)
    def _ask_term(self, material: Material) -> None:
        if any(one.isVisible() for one in self.findChildren(NewTermDialog)):
            return  # Return in the box wants it twice: as picked, and as what stands in the box.
        dialog = NewTermDialog(material.name, self._session.ontology, self)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.accepted.connect(lambda: self._add_term(dialog, material))
        dialog.open()

    def _add_term(self, dialog: NewTermDialog, material: Material) -> None:
        term = dialog.term
        if term is not None:
            self._session.change(
                lambda library, _: library.extend(Extension(terms=(term,)), user_name()),
                lambda: self.review_page.set_term(material, term.id),
            )

    @Slot()
    def _take_vocabulary(self) -> None:
        self.review_page.set_ontology(self._session.ontology)

    @Slot()
    def _take_in(self) -> None:
        review = self.review_page.review
        if review is None:
            return
        self._start("Taking the cells in …")

        def show(result: IngestResult) -> None:
            self._kept = review
            self._show_result(result)

        self._errand.start(
            lambda report: ingest(review, self._library, report, user_name()),
            show,
            self._fail,
        )
        self._errand.ended.connect(self._session.changed, Qt.ConnectionType.SingleShotConnection)

    def _show_result(self, result: IngestResult) -> None:
        self.outcome.setText(result_words(result))
        self.failures.setText("\n\n".join(f"{it}: {why}" for it, why in result.failed.items()))
        self._show_page(self._done_page)

    @Slot()
    def _stop(self) -> None:
        self.words.setText("Stopping …")
        self._errand.cancel()
        self._errand.ended.connect(self._stopped, Qt.ConnectionType.SingleShotConnection)

    @Slot()
    def _stopped(self) -> None:
        if self._pages.currentWidget() is self._work_page:
            self._back(_STOPPED if self.review_page.review else "")

    def _fail(self, error: SxtError) -> None:
        self._back(str(error))

    def _back(self, words: str) -> None:
        self._show_page(self.review_page if self.review_page.review else self._ask_page)
        self._complain(words)

    def _start(self, words: str) -> None:
        self.words.setText(words)
        self.bar.setRange(0, 0)
        self._show_page(self._work_page)

    @Slot(object)
    def _show_progress(self, event: Event) -> None:
        if isinstance(event, Progress):
            self.words.setText(event.text)
            if event.fraction is not None:
                self.bar.setRange(0, 1000)
                self.bar.setValue(round(1000 * event.fraction))

    def _show_page(self, page: QWidget) -> None:
        review = page is self.review_page
        self._pages.setCurrentWidget(page)
        self._complain("")
        for button in (self.save_button, self.take_button, self.notes_button):
            button.setVisible(review)
        self.back_button.setVisible(page is self._done_page)
        self.summary.clear()
        self.load_button.setVisible(review or page is self._ask_page)
        self.stop_button.setVisible(page is self._work_page)
        self.close_button.setVisible(page is not self._work_page)
        if review:
            self._update()

    @Slot(str)
    def _complain(self, words: str) -> None:
        self.problem.setText(words)
        self.problem.setVisible(bool(words))

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        """Welcome a folder."""
        if event.mimeData().hasUrls() and not self._errand.running:
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        """Look through the dropped folder."""
        paths = [Path(url.toLocalFile()) for url in event.mimeData().urls() if url.isLocalFile()]
        folders = [path if path.is_dir() else path.parent for path in paths]
        event.acceptProposedAction()
        if folders:
            self.scan(folders[0])

    def reject(self) -> None:
        """Stop what is running, or else close; corrections are not thrown away unasked."""
        if self._errand.running:
            self._stop()
        elif self.review_page.review == self._kept or messages.ask(
            self, "Close without the corrections?", _LOSE, "Throw away", "Go on"
        ):
            self.done(QDialog.DialogCode.Rejected)

    def done(self, result: int) -> None:
        """End the threads before the dialog goes; Qt asks `reject` once more, which is settled."""
        self._kept = self.review_page.review
        self._errand.close()
        self.review_page.close_reading()
        super().done(result)


def result_words(result: IngestResult) -> str:
    """Return how many cells came in, were there already, or could not be taken in."""
    counts = (
        ("Taken in", len(result.added)),
        ("In the library already", len(result.skipped)),
        ("Could not be taken in", len(result.failed)),
    )
    return "\n".join(f"{words}: {count}" for words, count in counts if count)
