"""The verb that tells which segmented cells differ from the reference cells: novelty."""

import argparse
from pathlib import Path

from sxtstudio.cli.reporting import Outcome, Terminal
from sxtstudio.cli.verbs import Verbs, add_cells, cells


def add_verbs(verbs: Verbs) -> None:
    """Declare the verb."""
    novelty = verbs.add(
        "novelty",
        run_novelty,
        "tell which segmented cells differ from the reference cells of their network",
        "What differs is said, and what to do: which slabs are best drawn by hand, for example.",
    )
    novelty.add_argument("project", type=Path, metavar="PROJECT.sxt")
    add_cells(novelty, "all cells of the project")


def run_novelty(args: argparse.Namespace, terminal: Terminal) -> Outcome:  # noqa: ARG001 - a verb
    """Tell which cells differ."""
    from sxtstudio.project.project import Project
    from sxtstudio.workflow.novelty import novelty_of_cells

    with Project.open(args.project, read_only=True) as project:
        found = novelty_of_cells(project, cells(args))
    facts = [
        {
            "cell": it.cell,
            "version": it.version,
            "alarm": None if it.novelty is None else it.novelty.alarm,
            "words": it.words,
            "novelty": it.novelty,
        }
        for it in found
    ]
    text = "\n".join(f"{it.cell}: {it.words}" for it in found)
    return Outcome(text=text or "The project holds no cell.", facts={"cells": facts})
