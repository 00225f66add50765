"""Errors as a dialog tells them: what was wanted, why it did not work, what to do."""

import re
from dataclasses import dataclass

from sxtstudio.gui.actions import COMMANDS

_NEXT_SENTENCE = re.compile(r"(?<=[.!?])\s+(?=[A-Z“\"])")
SOMETHING = "That did not work"


@dataclass(frozen=True, kw_only=True)
class Complaint:
    """``title`` is what was wanted, in the user's words; ``advice`` may be empty.

    ``details`` is what can be copied beside that: the traceback of a bug.
    """

    title: str
    cause: str
    advice: str = ""
    details: str = ""

    @property
    def text(self) -> str:
        """All of it, to be copied."""
        return "\n\n".join(filter(None, (self.title, self.cause, self.advice, self.details)))


def complaint(title: str, text: str) -> Complaint:
    """Return an error's words in parts: the last clause or sentence says what to do."""
    cause, mark, advice = text.strip().rpartition("; ")
    if mark and _is_clause(cause):
        advice = advice[:1].upper() + advice[1:]
        return Complaint(title=title, cause=_ended(cause), advice=_ended(advice))
    sentences = _NEXT_SENTENCE.split(text.strip())
    if len(sentences) > 1:
        return Complaint(title=title, cause=" ".join(sentences[:-1]), advice=sentences[-1])
    return Complaint(title=title, cause=text.strip())


def failure_words(command: str) -> str:
    """Return what failed, by the name of a command; "" is something else."""
    words = next((it.plain for it in COMMANDS if it.name == command), "")
    return failed_words(words) if words else SOMETHING


def failed_words(what: str) -> str:
    """Return the title of an error in doing something."""
    return f"“{what}” did not work"


def _is_clause(cause: str) -> bool:
    """Return whether quotation marks and brackets are closed before the semicolon."""
    return cause.count("“") == cause.count("”") and cause.count("(") == cause.count(")")


def _ended(words: str) -> str:
    return words if words.endswith((".", "!", "?", "…")) else f"{words}."
