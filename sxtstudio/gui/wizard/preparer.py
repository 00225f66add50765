"""A training prepared for the plan page: its plan is made and its steps are measured by the worker.

What is prepared lies in a job folder beside the project until the study is finished or given up.
"""

import shutil
from dataclasses import replace
from pathlib import Path

from PySide6.QtCore import QObject, Signal, Slot

from sxtstudio.core.events import Progress, Report
from sxtstudio.core.task import Task
from sxtstudio.gui.jobs import Job, JobQueue
from sxtstudio.gui.session import Session
from sxtstudio.workflow.job_folder import TrainingJob, read_job, write_job
from sxtstudio.workflow.jobs import TrainingRequest, export_training_job
from sxtstudio.workflow.preparing import Preparation, change_minutes, read_preparation

FOLDER_SUFFIX = ".study.job"


class Preparer(QObject):
    """Prepares the newest request; ``changed`` comes with each step.

    ``problem`` says in words why it could not be prepared.
    """

    changed = Signal()

    def __init__(self, session: Session, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._job: Job | None = None
        self._wanted: tuple[Task, TrainingRequest] | None = None
        self._made: tuple[Task, TrainingRequest] | None = None
        self.preparation: Preparation | None = None
        self.problem = ""
        session.jobs.reported.connect(self._reported)
        session.jobs.finished.connect(self._finished)

    @property
    def busy(self) -> bool:
        """Whether something is being prepared."""
        return self._job is not None

    @property
    def waiting_for(self) -> str:
        """Title of the job that has to end first, empty if none."""
        current = self._session.jobs.current
        return current.title if self._job is not None and current not in (None, self._job) else ""

    @property
    def progress(self) -> Progress | None:
        """How far it has come."""
        return self._job.progress if self._job else None

    @property
    def folder(self) -> Path:
        """Where it is prepared."""
        path = self._session.require_project().path
        return path.with_name(path.name + FOLDER_SUFFIX)

    def prepare(self, task: Task, request: TrainingRequest) -> None:
        """Prepare a training, unless that very one is prepared; other minutes cost no time."""
        wanted = (task, request)
        if self.preparation is not None and self._made is not None and _alike(self._made, wanted):
            self._set_minutes(wanted)
        elif self._wanted is None or not _alike(self._wanted, wanted) or not self.busy:
            self._wanted, self.preparation, self.problem = wanted, None, ""
            self._start()
        else:
            self._wanted = wanted
        self.changed.emit()

    def hand_over(self, task: Task, request: TrainingRequest, folder: Path) -> bool:
        """Move what was prepared to the folder of the training, if it is what is asked for."""
        wanted = (task, request)
        if self.preparation is None or self._made is None or not _alike(self._made, wanted):
            return False
        self._set_minutes(wanted)
        job = read_job(self.folder)
        if not isinstance(job, TrainingJob):
            return False
        write_job(self.folder, replace(job, network=str(request.network.resolve())))
        shutil.move(self.folder, folder)
        self.preparation = self._made = None
        return True

    def close(self) -> None:
        """Stop, and leave nothing behind."""
        jobs, job = self._session.jobs, self._job
        jobs.reported.disconnect(self._reported)
        jobs.finished.disconnect(self._finished)
        self._job = None
        if job is not None:
            _forget_when_over(jobs, job)
        elif self._session.project is not None:
            shutil.rmtree(self.folder, ignore_errors=True)

    def _start(self) -> None:
        if self._job is not None:  # begun anew once it has stopped
            self._session.jobs.cancel(self._job)
            return
        if self._wanted is None:
            return
        task, request = self._wanted
        project, folder = self._session.require_project(), self.folder
        library = self._session.library.library if request.library else None

        def export(report: Report) -> None:
            shutil.rmtree(folder, ignore_errors=True)
            export_training_job(project, request, folder, report, task=task, library=library)

        self._made = self._wanted
        self._job = Job(kind="preparation", title=f"Prepare {task.name}", folder=folder)
        self._session.jobs.submit(self._job, export)

    def _set_minutes(self, wanted: tuple[Task, TrainingRequest]) -> None:
        minutes = wanted[1].minutes
        self._made = self._wanted = wanted
        if minutes is not None and self.preparation is not None:
            self.preparation = change_minutes(self.folder, minutes)

    @Slot(object, object)
    def _reported(self, job: Job, _event: object) -> None:
        if job is self._job:
            self.changed.emit()

    @Slot(object)
    def _finished(self, job: Job) -> None:
        if job is not self._job:
            return
        self._job = None
        if self._wanted is None or self._made is None or not _alike(self._made, self._wanted):
            self._start()
        elif job.state == "done":
            self.preparation = read_preparation(self.folder)
            self._set_minutes(self._wanted)
        elif job.state == "failed":
            self.problem = job.text
        else:
            self.problem = "It could not be prepared; it will be when the training begins."
        self.changed.emit()


def _forget_when_over(jobs: JobQueue, job: Job) -> None:
    """Cancel a job, and remove its folder as soon as nobody writes there any more."""

    def forget(ended: Job) -> None:
        if ended is job:
            jobs.finished.disconnect(forget)
            shutil.rmtree(job.folder, ignore_errors=True)

    jobs.finished.connect(forget)
    jobs.cancel(job)


def _alike(one: tuple[Task, TrainingRequest], other: tuple[Task, TrainingRequest]) -> bool:
    """Tell whether two trainings differ in nothing but time and file."""
    return _essence(*one) == _essence(*other)


def _essence(task: Task, request: TrainingRequest) -> tuple[object, ...]:
    return (task, request.device, request.choice, request.threads)
