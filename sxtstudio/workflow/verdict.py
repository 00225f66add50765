"""An improved network that waits to be kept or discarded, and what speaks for either."""

import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from sxtstudio.core.errors import SxtError
from sxtstudio.core.network_card import Compared, NetworkCard, Which
from sxtstudio.core.scores import mean_known
from sxtstudio.core.wording import listed
from sxtstudio.io.network_card import read_network_card
from sxtstudio.workflow.job_folder import TrainingJob, read_job
from sxtstudio.workflow.jobs import NETWORK_FILE

MUCH = 0.02
"""A change of the mean Dice below this is within the noise of one training."""


@dataclass(frozen=True, kw_only=True)
class Change:
    """Mean Dice of cells of one sort, for a class or (``name`` empty) for all together."""

    which: Which
    name: str
    before: float
    after: float

    @property
    def gain(self) -> float:
        """How much better the new network is."""
        return self.after - self.before


def awaits_verdict(folder: Path) -> bool:
    """Tell whether a job folder holds an improved network that nobody has decided on yet."""
    try:
        job = read_job(folder)
    except SxtError:
        return False
    return isinstance(job, TrainingJob) and job.improves and (folder / NETWORK_FILE).is_file()


def network_of(folder: Path) -> Path:
    """Return the file that the network in a job folder is meant for."""
    job = read_job(folder)
    return Path(job.network)


def improved_card(folder: Path) -> NetworkCard:
    """Return the card of the network that waits in a job folder."""
    return read_network_card(folder / NETWORK_FILE)


def discard(folder: Path) -> None:
    """Throw an improved network away that nobody wanted; the one it began from is untouched."""
    shutil.rmtree(folder, ignore_errors=True)


def changes(card: NetworkCard) -> tuple[Change, ...]:
    """Return what became better or worse, class by class and then together, by sort of cell."""
    compared = card.parent.compared if card.parent else ()
    sorts: tuple[Which, ...] = ("corrected", "earlier")
    return tuple(change for which in sorts for change in _of_sort(card, which, compared))


def _of_sort(card: NetworkCard, which: Which, compared: Sequence[Compared]) -> list[Change]:
    mine = [it for it in compared if it.which == which]
    found: list[Change] = []
    for name in card.plan.task.names.values():
        both = [
            (it.before[name], it.after[name]) for it in mine if name in it.before & it.after.keys()
        ]
        if both:
            before, after = (mean_known(column) for column in zip(*both, strict=True))
            found.append(Change(which=which, name=name, before=before, after=after))
    if found:
        before = mean_known(it.before for it in found)
        after = mean_known(it.after for it in found)
        found.append(Change(which=which, name="", before=before, after=after))
    return found


def is_better(card: NetworkCard) -> bool:
    """Tell whether corrected cells gained and earlier ones lost no more than noise."""
    together = {it.which: it.gain for it in changes(card) if not it.name}
    return together.get("corrected", 0.0) > 0 and together.get("earlier", 0.0) > -MUCH


def verdict_words(card: NetworkCard) -> str:
    """Return in sentences what was won and what was forgotten, and how far to trust it."""
    together = {it.which: it for it in changes(card) if not it.name}
    words: list[str] = []
    for which, noun in (("corrected", "Corrected cells"), ("earlier", "Earlier cells")):
        change = together.get(which)
        if change is not None:
            scores = f"{_dice(change.before)} → {_dice(change.after)}"
            words.append(f"{noun}: mean Dice {scores}, {_judged(change)}.")
    compared = card.parent.compared if card.parent else ()
    flattering = [it.cell for it in compared if not it.honest]
    if flattering:
        were = "was" if len(flattering) == 1 else "were"
        words.append(f"{listed(flattering)} {were} learned from, which flatters.")
    return " ".join(words) or "Nothing could be compared."


def _dice(value: float) -> str:
    return f"{value:.2f}".removeprefix("0")


def _judged(change: Change) -> str:
    if abs(change.gain) < MUCH:
        return "no more than noise"
    if change.which == "earlier":
        return "better" if change.gain > 0 else "partly forgotten"
    return "better" if change.gain > 0 else "worse"
