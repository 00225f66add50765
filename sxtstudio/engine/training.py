"""The training loop of one network: one stage, one fold."""

import math
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import torch

from sxtstudio.core.errors import PlanError
from sxtstudio.core.events import Cancelled, Metrics, Preview, Report
from sxtstudio.engine.checkpoint import (
    TrainingState,
    load_checkpoint,
    read_state,
    save_checkpoint,
)
from sxtstudio.engine.guesses import FIRST_GUESS, FIRST_LEAN, Guesses, Teacher, open_states
from sxtstudio.engine.lanes import Lanes, backpropagate
from sxtstudio.engine.losses import (
    States,
    certain_dice_loss,
    guess_loss,
    marginal_cross_entropy,
)
from sxtstudio.engine.optimiser import Muon
from sxtstudio.engine.preview import Picture
from sxtstudio.engine.sampling import Batch
from sxtstudio.engine.scoring import Checkup
from sxtstudio.engine.unet import UNet

WARM_UP = 0.04
LAST_RATE = 0.02
WEIGHT_DECAY = 1e-4
AVERAGE_DECAY = 0.99
LARGEST_GRADIENT = 5.0
VALIDATIONS = 10
MOST_SKIPPED = 5
REPORT_EVERY_S = 1.0
SAVE_EVERY_S = 30.0
PREVIEW_SHARE = 0.025
"""Part of the time of a training that its previews may take."""

PREVIEWS_AHEAD = 0.2
"""How much of that may be spent before it is earned, so that the first one comes soon."""

FORWARD_SHARE = 0.2
"""Time to label a voxel, as part of the time that a step takes for one."""


@dataclass(frozen=True, kw_only=True)
class Budget:
    """How long one network trains: optimiser steps, or seconds of this machine."""

    steps: int | None
    seconds: float | None

    def fraction(self, step: int, elapsed_s: float) -> float:
        """Return how much is used up, 0 to 1, after ``step`` steps."""
        if self.steps is not None:
            return min(1.0, step / max(1, self.steps))
        return min(1.0, elapsed_s / max(1e-3, self.seconds or 0.0))

    def expected_steps(self, step: int, elapsed_s: float) -> int:
        """Return how many steps there will be in all, as far as can be told."""
        if self.steps is not None:
            return self.steps
        used = self.fraction(step, elapsed_s)
        return max(step, round(step / used)) if used else step


@dataclass(frozen=True, kw_only=True, eq=False)
class Lessons:
    """What one network learns from: ``draw`` returns the batch of a step.

    ``validate`` tells how good the network is now, ``picture`` shows it.
    """

    draw: Callable[[int], Batch]
    validate: Callable[[UNet], Checkup]
    picture: Picture | None = None


@dataclass(frozen=True, kw_only=True, eq=False)
class Course:
    """How one network is trained.

    ``ends_early`` is asked after every step, told whether the network was validated, and ends the
    training with what there is.
    """

    stage: int
    fold: int
    identity: str
    budget: Budget
    learning_rate: float
    states: States
    class_weights: tuple[float, ...]
    lanes: Lanes
    bfloat16: bool
    lessons: Lessons
    ends_early: Callable[[bool], bool]


def train_network(network: UNet, course: Course, checkpoint: Path, report: Report) -> int:
    """Train a network to the end of its budget and leave averaged weights in it.

    Goes on from ``checkpoint`` where that holds an earlier part of the same course. Returns the
    number of steps.
    """
    network.to(course.lanes.device).train()
    training = Training(network, course, checkpoint, report)
    training.run()
    network.load_state_dict(training.average)
    network.eval()
    return training.step


class Training:
    """One network on its course: its optimiser, averaged weights, step and clock."""

    def __init__(self, network: UNet, course: Course, checkpoint: Path, report: Report) -> None:
        self.network, self.course = network, course
        self.checkpoint, self.report = checkpoint, report
        self.average = {name: v.detach().clone() for name, v in network.state_dict().items()}
        self.optimiser = Muon(network.parameters(), course.learning_rate, WEIGHT_DECAY)
        self.class_weights = torch.tensor(course.class_weights, device=course.lanes.device)
        leaves_open = open_states(course.states).any()
        self._teacher = Teacher(network, course.states, course.lanes) if leaves_open else None
        self.step = 0
        self.running_loss = math.nan
        self._done = False
        self._skipped = 0
        self._previews_s = 0.0
        self._preview_s = 0.0
        self._batch_voxels = 1
        self._started = time.monotonic()
        self._restore()

    @property
    def elapsed_s(self) -> float:
        """Seconds of training so far, over all sessions."""
        return time.monotonic() - self._started

    @property
    def used(self) -> float:
        """How much of the budget is used up, 0 to 1."""
        return self.course.budget.fraction(self.step, self.elapsed_s)

    def run(self) -> None:
        """Train until the budget is used up; a cancelled training can be resumed.

        The batch of the next step is drawn while this one is learned from.
        """
        with ThreadPoolExecutor(1) as drawing:
            try:
                self._run(drawing)
            except Cancelled:
                self._save()
                raise

    def _run(self, drawing: ThreadPoolExecutor) -> None:
        next_validation = math.floor(self.used * VALIDATIONS) + 1
        reported = saved = time.monotonic()
        following = drawing.submit(self.course.lessons.draw, self.step + 1)
        while not self._done:
            began = time.monotonic()
            batch = following.result()
            following = drawing.submit(self.course.lessons.draw, self.step + 2)
            self._take_step(batch)
            self._done = self.used >= 1 or self.course.ends_early(self.used * VALIDATIONS >= 1)
            due = self._done or self.used * VALIDATIONS >= next_validation
            now = time.monotonic()
            if self._done or now - saved > SAVE_EVERY_S:
                saved = now
                self._save()
            if due or now - reported > REPORT_EVERY_S:
                reported = now
                next_validation += due
                self._tell(now - began, check=due)

    def _take_step(self, batch: Batch) -> None:
        course = self.course
        for group in self.optimiser.param_groups:
            group["lr"] = course.learning_rate * rate(self.used)
        self.step += 1
        self._batch_voxels = batch.input_NCZYX[:, 0].numel()
        fractions = batch.fraction_NMZYX.to(course.lanes.device)
        guesses = self._guesses(batch.input_NCZYX, fractions)
        lean = FIRST_LEAN if self.used < FIRST_GUESS else 0.0

        def loss_of(logits: torch.Tensor) -> torch.Tensor:
            loss = marginal_cross_entropy(
                logits, fractions, course.states, self.class_weights, lean=lean
            )
            loss = loss + certain_dice_loss(logits, fractions, course.states)
            if guesses is not None:
                found = (guesses.label_NZYX, guesses.share_NZYX)
                loss = loss + guess_loss(logits, *found, self.class_weights)
            return loss

        value = backpropagate(
            self.network, batch.input_NCZYX, loss_of, course.lanes, bfloat16=course.bfloat16
        )
        norm = torch.nn.utils.clip_grad_norm_(self.network.parameters(), LARGEST_GRADIENT)
        if not math.isfinite(value + float(norm)):
            self._skip()
            return
        self._skipped = 0
        self.optimiser.step()
        self._average_weights()
        first = math.isnan(self.running_loss)
        self.running_loss = value if first else 0.95 * self.running_loss + 0.05 * value

    def _guesses(self, input_NCZYX: torch.Tensor, fraction_NMZYX: torch.Tensor) -> Guesses | None:
        if self._teacher is None or self.used < FIRST_GUESS:
            return None
        return self._teacher.guess(
            self.average, input_NCZYX, fraction_NMZYX, bfloat16=self.course.bfloat16
        )

    def _skip(self) -> None:
        """Leave a step out whose gradient is no number; give up when that goes on."""
        self._skipped += 1
        if self._skipped >= MOST_SKIPPED:
            raise PlanError(
                f"The training of stage {self.course.stage} went astray at step {self.step}: its "
                "gradients are no numbers any more. Lower the stage's learning rate in the plan, "
                "or look for a cell with absurd LAC values, and start again."
            )

    def _average_weights(self) -> None:
        decay = min(AVERAGE_DECAY, (1 + self.step) / (10 + self.step))
        with torch.no_grad():
            for name, value in self.network.state_dict().items():
                self.average[name].lerp_(value, 1 - decay)

    @contextmanager
    def _averaged(self) -> Iterator[UNet]:
        """Lend the network with its averaged weights."""
        current = {name: value.clone() for name, value in self.network.state_dict().items()}
        self.network.load_state_dict(self.average)
        self.network.eval()
        yield self.network
        self.network.load_state_dict(current)
        self.network.train()

    def _tell(self, step_s: float, *, check: bool) -> None:
        checkup, preview = Checkup(), None
        if check:
            with self._averaged() as network:
                checkup = self.course.lessons.validate(network)
                preview = self._preview(network, step_s)
        self.report(
            Metrics(
                stage=self.course.stage,
                fold=self.course.fold,
                step=self.step,
                steps=self.course.budget.expected_steps(self.step, self.elapsed_s),
                loss=self.running_loss,
                dice=checkup.dice,
                confusion=checkup.confusion,
                step_s=step_s,
            )
        )
        if preview is not None:
            self.report(preview)

    def _preview(self, network: UNet, step_s: float) -> Preview | None:
        """Return a preview at the end, and before that as often as their share of time allows."""
        picture = self.course.lessons.picture
        if picture is None:
            return None
        guess_s = FORWARD_SHARE * step_s * picture.voxels / self._batch_voxels
        whole_s = self.elapsed_s / max(self.used, 1e-3)
        earned_s = PREVIEW_SHARE * whole_s * min(1 - PREVIEWS_AHEAD, self.used + PREVIEWS_AHEAD)
        if not self._done and self._previews_s + (self._preview_s or guess_s) > earned_s:
            return None
        began = time.monotonic()
        preview = picture.make(network, self.step)
        self._preview_s = time.monotonic() - began
        self._previews_s += self._preview_s
        return preview

    def _save(self) -> None:
        state = TrainingState(
            identity=self.course.identity,
            step=self.step,
            elapsed_s=self.elapsed_s,
            done=self._done,
        )
        save_checkpoint(self.checkpoint, state, self.network, self.average, self.optimiser)

    def _restore(self) -> None:
        state = read_state(self.checkpoint)
        if state is None or state.identity != self.course.identity:
            return
        load_checkpoint(self.checkpoint, self.network, self.average, self.optimiser)
        self.step, self._done = state.step, state.done
        self._started = time.monotonic() - state.elapsed_s


def rate(used: float) -> float:
    """Return the part of the learning rate at a fraction of the budget: warm-up, then cosine."""
    if used < WARM_UP:
        return max(0.02, used / WARM_UP)
    falling = 0.5 * (1 + math.cos(math.pi * (used - WARM_UP) / (1 - WARM_UP)))
    return LAST_RATE + (1 - LAST_RATE) * falling
