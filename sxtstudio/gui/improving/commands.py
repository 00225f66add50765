"""What the menu does to improve a network, and who decides whether the new one is kept."""

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QObject, Slot
from PySide6.QtWidgets import QDialog, QWidget

from sxtstudio.core.errors import SxtError
from sxtstudio.gui.improving.dialog import ImproveDialog
from sxtstudio.gui.improving.verdict_dialog import VerdictDialog
from sxtstudio.gui.job_orders import new_improvement
from sxtstudio.gui.jobs import Job
from sxtstudio.gui.session import Session
from sxtstudio.workflow.bringing import finish_job
from sxtstudio.workflow.verdict import awaits_verdict, discard, improved_card, network_of

OpenDialog = Callable[[QDialog, Callable[[], object]], None]


class ImprovingCommands(QObject):
    """Asks for an improvement, queues it, and asks at its end whether to keep it."""

    def __init__(self, window: QWidget, session: Session, open_dialog: OpenDialog) -> None:
        super().__init__(window)
        self._window = window
        self._session = session
        self._open_dialog = open_dialog
        session.jobs.finished.connect(self._take_end)

    def slots(self) -> dict[str, Callable[[], object]]:
        """Return what the commands of these names do."""
        return {"improve": self.improve}

    def improve(self) -> None:
        """Ask which network to improve; one that waits for a verdict comes first."""
        waiting = [it for it in self._session.jobs.jobs if it.over and awaits_verdict(it.folder)]
        if waiting:
            self.ask_verdict(waiting[-1].folder)
            return
        dialog = ImproveDialog(self._session, self._window)
        self._open_dialog(dialog, lambda: self._start(dialog))

    def _start(self, dialog: ImproveDialog) -> None:
        session = self._session
        project, library = session.require_project(), session.library.library
        session.jobs.submit(
            *new_improvement(project, dialog.request(), session.jobs, session.ontology, library)
        )

    @Slot(object)
    def _take_end(self, job: Job) -> None:
        if job.state == "done" and awaits_verdict(job.folder):
            self.ask_verdict(job.folder)

    def ask_verdict(self, folder: Path) -> None:
        """Show what the network in a job folder won and forgot, and ask what becomes of it."""
        try:
            card = improved_card(folder)
        except SxtError as error:
            self._session.failed.emit(str(error))
            return
        dialog = VerdictDialog(network_of(folder).name, card, self._window)
        self._open_dialog(dialog, lambda: self._decide(dialog.verdict, folder))

    def _decide(self, verdict: str, folder: Path) -> None:
        session = self._session
        if verdict == "keep":
            text = finish_job(session.require_project(), folder)
            session.contents_changed.emit()
        else:
            text = f"{network_of(folder).name} was discarded."
            discard(folder)
        for job in [it for it in session.jobs.jobs if it.folder == folder]:
            session.jobs.say(job, text)
        session.noted.emit(text)
