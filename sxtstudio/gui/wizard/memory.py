"""What the wizard remembers: minutes and device of the last study, and a study left unfinished."""

from dataclasses import replace

from sxtstudio.core.ontology import Ontology
from sxtstudio.core.task_draft import (
    LONGEST_MINUTES,
    SHORTEST_MINUTES,
    TaskDraft,
    free_name,
    recalled,
    remembered,
)
from sxtstudio.gui.settings import settings

_MINUTES, _DEVICE, _UNFINISHED = "study/minutes", "study/device", "study/unfinished"
DEVICES = ("auto", "cpu", "cuda")


def new_draft(ontology: Ontology, taken_names: frozenset[str]) -> TaskDraft:
    """Return an empty draft with the minutes and the device of the last study."""
    draft = TaskDraft(ontology=ontology, taken_names=taken_names)
    device = str(settings().value(_DEVICE, draft.device))
    return replace(
        draft,
        minutes=_minutes(settings().value(_MINUTES), draft.minutes),
        device=device if device in DEVICES else draft.device,
    )


def _minutes(stored: object, default: float) -> float:
    try:
        minutes = float(str(stored))
    except ValueError:
        return default
    return minutes if SHORTEST_MINUTES <= minutes <= LONGEST_MINUTES else default


def remember_choices(draft: TaskDraft) -> None:
    """Remember minutes and device; the study is finished."""
    settings().setValue(_MINUTES, draft.minutes)
    settings().setValue(_DEVICE, draft.device)
    forget_unfinished()


def remember_unfinished(draft: TaskDraft) -> None:
    """Keep the answers of a study that was left, if there is anything to keep."""
    if draft.template and draft.classes:
        settings().setValue(_UNFINISHED, remembered(draft))


def unfinished(ontology: Ontology, taken_names: frozenset[str]) -> TaskDraft | None:
    """Return the study that was left unfinished."""
    text = str(settings().value(_UNFINISHED, "") or "")
    draft = recalled(text, ontology, taken_names) if text else None
    if draft is None:
        return None
    return replace(draft, name=free_name(draft.clean_name, taken_names), network="")


def forget_unfinished() -> None:
    """Keep no unfinished study."""
    settings().remove(_UNFINISHED)
