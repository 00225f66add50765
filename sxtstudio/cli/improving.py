"""Verbs that let networks learn from what was just drawn: improve, first."""

import argparse
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from sxtstudio.cli.reporting import Outcome, Terminal, stop_on_signal
from sxtstudio.cli.verbs import Verbs, add_cells, add_device, cells
from sxtstudio.core.events import Notice

if TYPE_CHECKING:
    from sxtstudio.core.network_card import NetworkCard
    from sxtstudio.workflow.improving import ImprovementRequest
    from sxtstudio.workflow.verdict import Change


def add_verbs(verbs: Verbs) -> None:
    """Declare the verbs."""
    _add_improve(verbs)
    _add_first(verbs)


def _add_first(verbs: Verbs) -> None:
    first = verbs.add(
        "first",
        run_first,
        "train a first network on the few slices that were drawn in a cell, and label its rest",
        "What was drawn last counts. If no class is said to be complete in it, the slices with "
        "anything drawn are taken for completely drawn.",
    )
    first.add_argument("project", type=Path, metavar="PROJECT.sxt")
    first.add_argument("cell", metavar="CELL")
    budget = first.add_mutually_exclusive_group()
    budget.add_argument("--minutes", type=float, metavar="M", help="time to train (2.5)")
    budget.add_argument("--steps", type=int, metavar="N", help="optimiser steps over all stages")
    first.add_argument(
        "--transfer",
        action="store_true",
        help="begin from the network of the project that shares most classes, if one does",
    )
    add_device(first)
    first.add_argument("--seed", type=int, default=0, metavar="N", help="random seed (0)")


def run_first(args: argparse.Namespace, terminal: Terminal) -> Outcome:
    """Train a first network on one cell and segment it."""
    from sxtstudio.project.project import Project
    from sxtstudio.workflow.bringing import finish_job
    from sxtstudio.workflow.first_network import FirstRequest, export_first_job, saved_annotation
    from sxtstudio.workflow.jobs import run_job

    request = FirstRequest(
        minutes=args.minutes,
        steps=args.steps,
        device=args.device,
        seed=args.seed,
        threads=args.threads,
        transfer=args.transfer,
    )
    with tempfile.TemporaryDirectory(prefix="sxtstudio-", ignore_cleanup_errors=True) as place:
        folder = Path(place) / "job"
        with Project.open(args.project) as project:
            cell = project.cell(args.cell)
            annotation = saved_annotation(project, cell)
            task = export_first_job(project, cell, annotation, request, folder)
        with stop_on_signal(terminal):  # meanwhile the project is free for others
            run_job(folder, terminal)
        with Project.open(args.project) as project:
            text = finish_job(project, folder)
    return Outcome(text=text, facts={"cell": cell.name, "classes": list(task.names.values())})


def _add_improve(verbs: Verbs) -> None:
    improve = verbs.add(
        "improve",
        run_improve,
        "let a network learn from the corrected cells of the project, with earlier ones replayed",
        "The new network is a file of its own; the scores before and after are those of cells "
        "that neither learned from, where some could be spared.",
    )
    improve.add_argument("project", type=Path, metavar="PROJECT.sxt")
    improve.add_argument("network", type=Path, metavar="NETWORK.sxtnet")
    improve.add_argument(
        "--to", type=Path, metavar="OUT.sxtnet", help="the new network (NETWORK-2.sxtnet)"
    )
    budget = improve.add_mutually_exclusive_group()
    budget.add_argument("--minutes", type=float, metavar="M", help="time to train in minutes (4)")
    budget.add_argument("--steps", type=int, metavar="N", help="optimiser steps over all stages")
    add_cells(improve, "every cell that was drawn or corrected since")
    improve.add_argument(
        "--library", type=Path, metavar="LIB", help="look for earlier cells in it as well"
    )
    add_device(improve)
    improve.add_argument("--seed", type=int, default=0, metavar="N", help="random seed (0)")
    improve.add_argument(
        "--only-if-better",
        action="store_true",
        help="discard the new network unless corrected cells gain and earlier ones lose nothing",
    )
    improve.add_argument("--resume", action="store_true", help="go on with a stopped training")


def run_improve(args: argparse.Namespace, terminal: Terminal) -> Outcome:
    """Improve a network."""
    from sxtstudio.project.project import Project
    from sxtstudio.workflow.bringing import finish_job
    from sxtstudio.workflow.improving import export_improvement_job, require_resumable
    from sxtstudio.workflow.jobs import forget_unstarted, job_folder_of, run_job
    from sxtstudio.workflow.verdict import discard, improved_card, is_better, verdict_words

    request = _request(args)
    folder = job_folder_of(request.target)
    if args.resume:
        require_resumable(folder, request)
    else:
        with Project.open(args.project) as project:
            found = export_improvement_job(project, request, folder, terminal)
        for words in found.words:
            terminal(Notice(text=words))
    with stop_on_signal(terminal):  # meanwhile the project is free for others
        try:
            run_job(folder, terminal)
        finally:
            forget_unstarted(folder)
    card = improved_card(folder)
    facts = _facts(card)
    words = verdict_words(card)
    if args.only_if_better and not is_better(card):
        discard(folder)
        text = f"{words} Discarded: {request.network.name} stays as it is."
        return Outcome(text=text, facts={"kept": False, **facts})
    with Project.open(args.project) as project:
        text = finish_job(project, folder)
    return Outcome(
        text=f"{_table(card)}\n{words}\n{text}",
        facts={"kept": True, "network": str(request.target), **facts},
    )


def _request(args: argparse.Namespace) -> "ImprovementRequest":
    from sxtstudio.workflow.improving import ImprovementRequest, next_name

    return ImprovementRequest(
        network=args.network,
        target=args.to or next_name(args.network),
        minutes=args.minutes,
        steps=args.steps,
        cells=cells(args) or None,
        library=args.library,
        device=args.device,
        seed=args.seed,
        threads=args.threads,
    )


def _table(card: "NetworkCard") -> str:
    from sxtstudio.workflow.verdict import changes

    rows = [f"{'':28}{'before':>8}{'after':>8}"]
    rows += [_row(change) for change in changes(card)]
    return "\n".join(rows)


def _row(change: "Change") -> str:
    name = f"{change.which} {change.name or 'mean'}"
    return f"{name:28}{change.before:8.3f}{change.after:8.3f}"


def _facts(card: "NetworkCard") -> dict[str, object]:
    from sxtstudio.workflow.verdict import changes

    return {
        "dice": [
            {"cells": it.which, "class": it.name, "before": it.before, "after": it.after}
            for it in changes(card)
        ]
    }
