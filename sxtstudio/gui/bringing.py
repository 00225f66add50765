"""What a job found on its way into the project: what of it is stored, and what is said of it."""

import shutil
from collections.abc import Callable
from typing import Any

from sxtstudio.core.events import Report
from sxtstudio.gui.engine_thread import Outcome
from sxtstudio.gui.jobs import Job, Storing
from sxtstudio.project.project import Project
from sxtstudio.workflow.bringing import Brought, bring_in, has_results
from sxtstudio.workflow.failure import why_stuck
from sxtstudio.workflow.preparing import has_begun
from sxtstudio.workflow.verdict import awaits_verdict


def results_of(
    project: Project, job: Job, outcome: Outcome, show: Callable[[Job, Brought], None]
) -> Outcome | Storing[Any]:
    """Return what is to be stored of a job that has ended, or how it ended if that is nothing.

    ``show`` is called in the window's thread with what has come into the project.
    """
    done = outcome.state == "done"
    if job.kind == "preparation" or (done and awaits_verdict(job.folder)):
        return outcome
    if job.kind == "training" and not done:
        kept = "What it has learned is kept; it can go on." if has_begun(job.folder) else ""
        stuck = why_stuck(job.folder)
        text = f"{outcome.text} {stuck or kept}".strip()
        return Outcome(state=outcome.state, text=text, stuck=stuck)

    def work(report: Report) -> Brought | None:
        if done or has_results(job.folder):
            return bring_in(project, job.folder, report)
        shutil.rmtree(job.folder, ignore_errors=True)
        return None

    def take(brought: Brought | None) -> Outcome:
        if brought is None:
            return outcome
        show(job, brought)
        return Outcome(state=outcome.state, text=brought.text)

    return Storing(work=work, done=take)
