"""The verb that lists the most doubtful places of what networks segmented: review."""

import argparse
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from sxtstudio.cli.reporting import Outcome, Terminal
from sxtstudio.cli.verbs import Verbs, add_cells, cells

if TYPE_CHECKING:
    from sxtstudio.core.review import ClassProgress, Doubt, Verdict
    from sxtstudio.project.reviews import SignOff

_NOTHING = "There is no doubtful place: no network has segmented a cell, or all are sure."
_HEAD = ("cell", "place", "z, y, x", "doubt", "µm³", "LAC", "verdict", "why")


def add_verbs(verbs: Verbs) -> None:
    """Declare the verb."""
    review = verbs.add(
        "review",
        run_review,
        "list the most doubtful places of what networks segmented, and who judged them",
        "Objects and regions, the most doubtful first. They are judged and signed off in the "
        "window.",
    )
    review.add_argument("project", type=Path, metavar="PROJECT.sxt")
    add_cells(review, "all segmented cells of the project")
    review.add_argument(
        "--most", type=int, default=30, metavar="N", help="list at most N places (30; 0 for all)"
    )
    review.add_argument(
        "--left", action="store_true", help="only places that nobody has judged yet"
    )


@dataclass(frozen=True, kw_only=True)
class _Listed:
    """A place, the name of its cell, and what was said of it."""

    doubt: "Doubt"
    cell: str
    verdict: "Verdict"

    def facts(self) -> dict[str, object]:
        """Return what goes into JSON."""
        place = self.doubt.place
        return {
            "cell": self.cell,
            "kind": place.kind,
            "class": place.name,
            "voxel": list(place.voxel),
            "score": round(self.doubt.score, 4),
            "doubt": round(place.doubt, 4),
            "volume_um3": place.volume_um3,
            "lac_per_um": round(place.lac_per_um, 4),
            "verdict": self.verdict,
            "reasons": list(self.doubt.reasons),
        }

    def row(self) -> tuple[str, ...]:
        """Return what stands in the table."""
        place = self.doubt.place
        return (
            self.cell,
            place.name or "no object",
            ", ".join(map(str, place.voxel)),
            f"{place.doubt:.0%}",
            f"{place.volume_um3:.2g}",
            f"{place.lac_per_um:.2f}",
            "" if self.verdict == "open" else self.verdict,
            "; ".join(self.doubt.reasons),
        )


def run_review(args: argparse.Namespace, terminal: Terminal) -> Outcome:
    """List the places, how far each class is, and what is signed off."""
    from sxtstudio.core.review import progress_of
    from sxtstudio.project.project import Project
    from sxtstudio.workflow.reviewing import review_queue, signed_off

    with Project.open(args.project, read_only=True) as project:
        chosen = tuple(project.cell(name) for name in cells(args)) or project.cells()
        names = {cell.id: cell.name for cell in chosen}
        queue = review_queue(project, chosen, terminal)
        verdicts = project.reviews.verdicts()
        signed = {names[it]: of for it, of in signed_off(project).items() if of and it in names}
    progress = progress_of(queue, verdicts)
    listed = [
        _Listed(doubt=it, cell=names[it.place.cell], verdict=verdicts.get(it.place.id, "open"))
        for it in queue
    ]
    listed = [it for it in listed if it.verdict == "open" or not args.left]
    listed = listed[: args.most] if args.most > 0 else listed
    facts = {"places": [it.facts() for it in listed], "progress": progress, "signed_off": signed}
    lines = [*_table(listed), *_progress_lines(progress), *_signed_lines(signed)]
    return Outcome(text="\n".join(lines) if progress else _NOTHING, facts=facts)


def _table(listed: Sequence[_Listed]) -> list[str]:
    rows = [_HEAD, *(it.row() for it in listed)]
    wide = [max(len(row[i]) for row in rows) for i in range(len(_HEAD))]
    return [
        "  ".join(part.ljust(n) for part, n in zip(row, wide, strict=True)).rstrip() for row in rows
    ]


def _progress_lines(progress: "Sequence[ClassProgress]") -> list[str]:
    return ["", *(f"{it.name or 'no object'}: {it.judged} of {it.total} judged" for it in progress)]


def _signed_lines(signed: "Mapping[str, Mapping[str, SignOff]]") -> list[str]:
    return [
        f"{cell}: {it.name} signed off by {it.person}, {it.time[:16].replace('T', ' ')}"
        for cell, of_cell in signed.items()
        for it in of_cell.values()
    ]
