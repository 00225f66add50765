"""The verb library: what it has inside, and the verbs that look and change nothing."""

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from sxtstudio.cli import library_changes
from sxtstudio.cli.files import facts_words
from sxtstudio.cli.reporting import Outcome, Terminal, table_words
from sxtstudio.cli.verbs import Verbs, count
from sxtstudio.core.events import Notice

if TYPE_CHECKING:
    from sxtstudio.core.coverage import Coverage, CoverageRow, Grouping
    from sxtstudio.core.task import Task
    from sxtstudio.library.library import Library
    from sxtstudio.library.records import LibraryCell
    from sxtstudio.workflow.listing import Wanted

_BY: dict[str, "Grouping"] = {
    "kind": "kind",
    "condition": "condition",
    "instrument": "instrument",
    "voxel-size": "voxel size",
}
_SHOWN_ROWS = 30
_MARKS = {"complete": "everywhere", "partly": "partly", "not": "–"}


def add_verbs(verbs: Verbs) -> None:
    """Declare the verb and those within it."""
    library = verbs.add(
        "library",
        None,
        "keep the laboratory's segmented cells in a library, and ask what they know",
        "LIB is the library's folder, perhaps on a shared drive. Nothing in it is ever changed or "
        "deleted; whoever adds something meanwhile loses nothing. Cells are named by id, the "
        "beginning of an id, or name.",
    )
    library.add_argument("library", type=Path, metavar="LIB")
    inner = Verbs(library, within="library_")
    library_changes.add_verbs(inner)
    _add_list(inner)
    _add_search(inner)
    _add_show(inner)
    _add_coverage(inner)
    inner.add(
        "check",
        run_check,
        "verify every checksum of the library",
        "Everything is read. Says what is wrong and what can be done; exit code 3 if anything is.",
    )


def add_filters(parser: argparse.ArgumentParser) -> None:
    """Add the options that say which cells are meant."""
    group = parser.add_argument_group("which cells", "a part of the words is enough")
    group.add_argument("--species", default="", metavar="WORDS", help="species or strain")
    group.add_argument("--condition", default="", metavar="WORDS")
    group.add_argument("--instrument", default="", metavar="WORDS")
    group.add_argument(
        "--voxel-nm", metavar="A-B", help="mean voxel edge in nanometres, a range or one number"
    )
    group.add_argument(
        "--drawn", action="append", default=[], metavar="CLASS", help="something of it is drawn"
    )


def filters(args: argparse.Namespace, text: str = "") -> "Wanted":
    """Return which cells are meant."""
    from sxtstudio.workflow.listing import Wanted, parse_voxel_range_nm

    return Wanted(
        text=text,
        species=args.species,
        condition=args.condition,
        instrument=args.instrument,
        voxel_nm=None if args.voxel_nm is None else parse_voxel_range_nm(args.voxel_nm),
        drawn=tuple(args.drawn),
        with_unused=getattr(args, "all", False),
    )


def open_library(args: argparse.Namespace, terminal: Terminal) -> "Library":
    """Open the library that is meant; files that are skipped are told."""
    from sxtstudio.library.library import Library

    library = Library.open(args.library, report=terminal)
    for problem in library.problems:
        terminal(Notice(text=problem, level="warning"))
    return library


def _add_list(inner: Verbs) -> None:
    parser = inner.add(
        "list",
        run_list,
        "list the cells, with what is drawn in them",
        "An asterisk marks what is drawn everywhere in a cell, and not only on some planes.",
    )
    parser.add_argument(
        "--all", action="store_true", help="also those that are withdrawn or superseded"
    )
    add_filters(parser)


def run_list(args: argparse.Namespace, terminal: Terminal) -> Outcome:
    """List the cells."""
    return _list(args, terminal, "")


def _add_search(inner: Verbs) -> None:
    parser = inner.add(
        "search",
        run_search,
        "list the cells in whose name, specimen, source or labels all words stand",
    )
    parser.add_argument("words", nargs="+", metavar="WORD")
    parser.add_argument(
        "--all", action="store_true", help="also those that are withdrawn or superseded"
    )
    add_filters(parser)


def run_search(args: argparse.Namespace, terminal: Terminal) -> Outcome:
    """Search cells."""
    return _list(args, terminal, " ".join(args.words))


def _list(args: argparse.Namespace, terminal: Terminal, text: str) -> Outcome:
    from sxtstudio.workflow.listing import describe_library_cell, drawn_words, wanted_cells

    wanted = filters(args, text)
    with open_library(args, terminal) as library:
        cells = wanted_cells(library, wanted)
        ontology = library.ontology()
    if args.json:
        return Outcome(text="", facts={"cells": [describe_library_cell(cell) for cell in cells]})
    rows = [
        [cell.name, cell.id[:12], cell.kind, cell.condition, _nm(cell), drawn_words(cell, ontology)]
        + ([_use(cell)] if args.all else [])
        for cell in cells
    ]
    header = ["cell", "id", "kind", "condition", "voxel nm", "drawn"] + ["use"] * args.all
    text = table_words(header, rows) if rows else "No cell of the library is like that."
    return Outcome(text=f"{text}\n{count(len(rows), 'cell')}." if rows else text, facts={})


def _nm(cell: "LibraryCell | CoverageRow") -> str:
    edges = [f"{edge * 1000:.4g}" for edge in cell.voxel_size_um]
    return edges[0] if len(set(edges)) == 1 else "×".join(edges)


def _use(cell: "LibraryCell") -> str:
    if cell.withdrawn:
        return f"withdrawn: {cell.withdrawn}"
    return f"superseded by {cell.superseded_by[:12]}" if cell.superseded_by else "in use"


def _add_show(inner: Verbs) -> None:
    parser = inner.add("show", run_show, "say all that is known of a cell, with its history")
    parser.add_argument("cell", metavar="CELL")


def run_show(args: argparse.Namespace, terminal: Terminal) -> Outcome:
    """Say what is known of a cell."""
    from sxtstudio.workflow.listing import describe_library_cell

    with open_library(args, terminal) as library:
        cell = library.cell(args.cell)
        facts = describe_library_cell(cell, library.history(cell.id))
    return Outcome(text=facts_words(facts), facts=facts)


def _add_coverage(inner: Verbs) -> None:
    parser = inner.add(
        "coverage",
        run_coverage,
        "say which cells know which classes of a task",
        'CLASS is a term, or "NAME=TERM+TERM" as in the verb task. "everywhere" means that a class '
        "is drawn wherever it is in a cell; numbers are connected objects.",
    )
    parser.add_argument("classes", nargs="*", metavar="CLASS")
    parser.add_argument("--task", type=Path, metavar="FILE.json", help="the classes of a task file")
    parser.add_argument(
        "--by", choices=tuple(_BY), default="kind", help="how the cells are grouped (kind)"
    )
    parser.add_argument("--csv", type=Path, metavar="OUT.csv", help="write one line a cell")
    parser.add_argument(
        "--every-cell", action="store_true", help=f"show more than {_SHOWN_ROWS} cells"
    )
    add_filters(parser)


def run_coverage(args: argparse.Namespace, terminal: Terminal) -> Outcome:
    """Say what the cells know."""
    from sxtstudio.io.files import write_atomically
    from sxtstudio.workflow.gathering import coverage_of
    from sxtstudio.workflow.listing import (
        coverage_table,
        describe_coverage,
        narrowed,
        wanted_cells,
    )

    wanted = filters(args)
    with open_library(args, terminal) as library:
        task = _task(args, library)
        coverage = narrowed(coverage_of(None, library, task), wanted_cells(library, wanted))
    if args.csv is not None:
        with write_atomically(args.csv) as temporary:
            temporary.write_text(coverage_table(coverage).to_csv(), encoding="utf-8")
    for warning in coverage.warnings():
        terminal(Notice(text=warning, level="warning"))
    by = _BY[args.by]
    if args.json:
        csv = None if args.csv is None else str(args.csv)
        return Outcome(text="", facts={**describe_coverage(coverage, by), "csv": csv})
    return Outcome(text=_coverage_words(coverage, by, every=args.every_cell), facts={})


def _task(args: argparse.Namespace, library: "Library") -> "Task":
    """Return the task that words or a file describe, with the words of the laboratory."""
    from sxtstudio.core.errors import LabelError
    from sxtstudio.core.task import parse_task
    from sxtstudio.workflow.tasks import read_task

    if args.classes and args.task is not None:
        raise LabelError("Name classes, or give a task with --task, but not both.")
    if not args.classes and args.task is None:
        raise LabelError("Name the classes that a question needs, or give a task with --task.")
    if args.task is not None:
        return read_task(args.task).task
    return parse_task("coverage", args.classes, library.ontology())


def _coverage_words(coverage: "Coverage", by: "Grouping", *, every: bool) -> str:
    """Return three tables: the classes, the groups of cells, the cells that know most."""
    from sxtstudio.core.coverage_filter import most_useful_first

    names = list(coverage.task.names.values())
    totals = [
        [name, str(it.complete), str(it.partly), f"{it.voxels:,}", f"{it.objects:,}"]
        for name, it in coverage.totals.items()
    ]
    header = ["class", "cells everywhere", "cells partly", "voxels", "objects"]
    parts = [table_words(header, totals)]
    groups = [
        [word, str(len(group.rows)), *(str(group.totals[name].cells) for name in names)]
        for word, group in coverage.grouped(by).items()
    ]
    parts.append(table_words([by, "cells", *(f"know {name}" for name in names)], groups))
    rows = most_useful_first(coverage.useful_rows)
    shown = rows if every else rows[:_SHOWN_ROWS]
    cells = [
        [row.name, row.id[:12], row.kind, _nm(row), *(_mark(row, name) for name in names)]
        for row in shown
    ]
    parts.append(table_words(["cell", "id", "kind", "voxel nm", *names], cells))
    more = len(rows) - len(shown)
    if more:
        parts.append(f"… and {count(more, 'more cell')} (--every-cell shows them).")
    return "\n\n".join(parts)


def _mark(row: "CoverageRow", name: str) -> str:
    known = row.known[name]
    return f"{_MARKS[known.knowledge]} {known.objects}" if known.voxels else _MARKS[known.knowledge]


def run_check(args: argparse.Namespace, terminal: Terminal) -> Outcome:
    """Verify a library."""
    from sxtstudio.library.library import Library

    with Library.open(args.library, report=terminal) as library:
        problems = library.check(terminal)
        cells = len(library.cells())
    if problems:
        facts = {"sound": False, "problems": list(problems)}
        return Outcome(text="\n".join(problems), facts=facts, exit_code=3)
    text = f"{args.library} is sound: {count(cells, 'cell')} in use."
    return Outcome(text=text, facts={"sound": True, "problems": [], "cells": cells})
