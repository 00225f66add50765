"""How far a whole training is, how long it still takes, and when it can be ended and kept."""

import math

from sxtstudio.core.events import Event, Metrics, Progress, Report
from sxtstudio.core.plan import Plan, runs_of
from sxtstudio.engine.training import VALIDATIONS

FIRST, LAST = 0.01, 0.96
"""The whole job's progress when its first step begins and when its last one has ended."""

INERTIA = 0.8
"""How much of the running mean of a step's time stays at each new figure."""


class Pace:
    """A report that lets every `Metrics` be followed by the whole job's `Progress`.

    ``keepable_in_s`` is that of the newest one.
    """

    def __init__(self, plan: Plan, report: Report) -> None:
        self._plan = plan
        self._report = report
        self._runs = runs_of(plan)
        self._step_s = math.nan
        self._stage = 0
        self.keepable_in_s: float | None = None

    def __call__(self, event: Event) -> None:
        """Pass an event on."""
        self._report(event)
        if isinstance(event, Metrics):
            self._report(self._progress(event))

    def _progress(self, event: Metrics) -> Progress:
        run = next(r for r in self._runs if (r.stage, r.fold) == (event.stage, event.fold))
        done = run.start + run.share * event.step / max(1, event.steps)
        self._time(event)
        last = self._runs[-1]
        first_check = last.start + last.share / VALIDATIONS
        self.keepable_in_s = self._seconds(done, first_check)
        return Progress(
            text=f"training {self._where(event)}",
            fraction=FIRST + (LAST - FIRST) * done,
            remaining_s=self._seconds(done, 1.0),
            keepable_in_s=self.keepable_in_s,
        )

    def _where(self, event: Metrics) -> str:
        """Return which network is trained, in words."""
        stages, folds = len(self._plan.stages), len(self._plan.folds)
        sees = "whole cells" if self._plan.stages[event.stage - 1].whole else "full resolution"
        words = f"stage {event.stage} of {stages} ({sees})"
        return f"{words}, cross-check {event.fold} of {folds}" if event.fold else words

    def _time(self, event: Metrics) -> None:
        if event.stage != self._stage or math.isnan(self._step_s):
            self._stage, self._step_s = event.stage, event.step_s
        else:
            self._step_s = INERTIA * self._step_s + (1 - INERTIA) * event.step_s

    def _seconds(self, start: float, stop: float) -> float:
        """Return how long it takes from one part of the budget to another.

        Where steps are the budget, a step of another stage is taken to need as much longer as it
        has more voxels.
        """
        if self._plan.minutes is not None:
            return max(0.0, (stop - start) * self._plan.minutes * 60)
        seconds = 0.0
        for run in self._runs:
            share = min(stop, run.stop) - max(start, run.start)
            relative = self._voxels(run.stage) / self._voxels(self._stage)
            seconds += max(0.0, share) * (self._plan.steps or 0) * self._step_s * relative
        return seconds

    def _voxels(self, stage: int) -> int:
        spec = self._plan.stages[stage - 1]
        return math.prod(spec.patch) * spec.batch_size


def not_yet_words(keepable_in_s: float | None) -> str:
    """Return why a training cannot be ended and kept yet, and when it can."""
    when = "" if keepable_in_s is None else f"; in about {_rough_time(keepable_in_s)} it will be"
    return f"Not yet: the last stage has not been validated, so there is no network to keep{when}."


def _rough_time(seconds: float) -> str:
    if seconds < 90:
        return f"{max(1, round(seconds))} s"
    return f"{round(seconds / 60)} min"
