"""The verbs within library that add something: cells, words, and notes about cells."""

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from sxtstudio.cli.reporting import Outcome, Terminal, stop_on_signal, table_words
from sxtstudio.cli.verbs import (
    SPECIMEN,
    RunVerb,
    Verbs,
    add_cell_files,
    add_cells,
    cell_files,
    cells,
    count,
    voxel_size,
)
from sxtstudio.core.errors import FileError, LabelError, LibraryError
from sxtstudio.core.events import Notice

if TYPE_CHECKING:
    from sxtstudio.library.library import Library
    from sxtstudio.workflow.ingest.proposals import CellProposal, Review

_LISTED = 20
_LABELS_SHOWN = 8


def add_verbs(inner: Verbs) -> None:
    """Declare the verbs."""
    new = inner.add("new", run_new, "make an empty library in a new folder")
    new.add_argument("--name", default="", help="what the laboratory calls it (the folder's name)")
    _add_add(inner)
    _add_ingest(inner)
    _add_terms(inner)
    _add_notes(inner)


def _author(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--author", default="", metavar="NAME", help="who says so (you)")


def author(args: argparse.Namespace) -> str:
    """Return who adds something."""
    from sxtstudio.project.lock import user_name

    return args.author or user_name()


def run_new(args: argparse.Namespace, terminal: Terminal) -> Outcome:  # noqa: ARG001 - a verb
    """Make an empty library."""
    from sxtstudio.library.library import Library

    with Library.create(args.library, args.name) as library:
        facts = {"library": str(args.library), "name": library.name, "uuid": library.uuid}
    return Outcome(text=f"Made the library {args.library}.", facts=facts)


def _add_add(inner: Verbs) -> None:
    add = inner.add(
        "add",
        run_add,
        "add cells of a project, or a tomogram with labels",
        "Of a project only what people drew goes into the library, never predictions; labels that "
        "came later, and corrections, become a new version of the cell.",
    )
    add.add_argument("source", type=Path, metavar="PROJECT.sxt|TOMOGRAM")
    add_cells(add, "every cell of the project in which something is drawn")
    add_cell_files(add)
    _author(add)


def run_add(args: argparse.Namespace, terminal: Terminal) -> Outcome:
    """Add cells."""
    from sxtstudio.cli.library import open_library

    with open_library(args, terminal) as library, stop_on_signal(terminal):
        if args.source.suffix.lower() == ".sxt":
            return _add_project(args, library, terminal)
        return _add_files(args, library, terminal)


def _add_project(args: argparse.Namespace, library: "Library", terminal: Terminal) -> Outcome:
    from sxtstudio.project.project import Project
    from sxtstudio.workflow.contributing import contribute

    with Project.open(args.source, read_only=True) as project:
        done = contribute(project, library, cells(args), author(args), terminal)
    for name, reason in done.left_out.items():
        terminal(Notice(text=f"{name} is left out: {reason}."))
    text = (
        f"{count(len(done.added), 'cell')} added, {len(done.updated)} updated, "
        f"{len(done.unchanged)} were there already."
    )
    facts = {
        "added": dict(done.added),
        "updated": dict(done.updated),
        "unchanged": dict(done.unchanged),
        "left_out": dict(done.left_out),
    }
    return Outcome(text=text, facts=facts)


def _add_files(args: argparse.Namespace, library: "Library", terminal: Terminal) -> Outcome:
    from dataclasses import replace

    from sxtstudio.workflow.importing import read_cell_from_files
    from sxtstudio.workflow.listing import describe_library_cell

    if args.cell:
        raise LibraryError("--cell names cells of a project; for a tomogram give --name.")
    request = replace(cell_files(args, args.source), link=False)
    found = read_cell_from_files(request, library.folder, library.ontology())
    for note in found.notes:
        terminal(Notice(text=note))
    before = {cell.id for cell in library.cells()}
    cell = library.add_cell(
        found.cell,
        source=found.source,
        author=author(args),
        link=args.source if args.link else None,
        link_dataset=args.dataset if args.link else None,
    )
    there = cell.id in before
    text = f"{cell.name} was there already." if there else f"Added {cell.name} ({cell.id[:12]})."
    return Outcome(text=text, facts={"is_new": not there, **describe_library_cell(cell)})


def _add_ingest(inner: Verbs) -> None:
    ingest = inner.add(
        "ingest",
        run_ingest,
        "take in a folder of old work: Amira projects, and tomograms with labels",
        "First `ingest FOLDER --review TABLE.csv`: looks through the folder and writes what it "
        "found, and why, into two tables; nothing is taken in. Correct them in a spreadsheet. Then "
        "`ingest FOLDER --review TABLE.csv --import`. What the library has already is skipped, so "
        "a stopped import goes on where it was.",
    )
    ingest.add_argument("folder", type=Path, metavar="FOLDER")
    ingest.add_argument("--review", type=Path, metavar="TABLE.csv", help="the review table")
    what = ingest.add_mutually_exclusive_group()
    what.add_argument(
        "--import", dest="take", action="store_true", help="take in what the table says"
    )
    what.add_argument(
        "--accept",
        action="store_true",
        help="take in at once every cell without a problem, saying what was assumed",
    )
    ingest.add_argument(
        "--voxel-size-nm", metavar="N", help='where no file says it: one edge, or three as "z,y,x"'
    )
    ingest.add_argument(
        "--lac-per-unit",
        type=float,
        metavar="N",
        help="where it cannot be told from a file: LAC in µm⁻¹ of one stored unit",
    )
    _author(ingest)


def run_ingest(args: argparse.Namespace, terminal: Terminal) -> Outcome:
    """Look through a folder of old work, or take it in."""
    from sxtstudio.cli.library import open_library
    from sxtstudio.workflow.ingest.review_table import read_review, write_review
    from sxtstudio.workflow.ingest.scanning import scan

    if args.review is None and not args.accept:
        raise FileError("Say where to write what is found: --review TABLE.csv.")
    with open_library(args, terminal) as library, stop_on_signal(terminal):
        if library.read_only and (args.take or args.accept):
            raise LibraryError(f"{args.library}: can only be read here, so nothing can be added.")
        if args.review is not None and args.take:
            review = read_review(args.review, library.ontology())
            return _take_in(review, library, args, terminal)
        if args.review is not None and args.review.exists():
            raise FileError(
                f"{args.review}: is there already, perhaps with corrections; take it in with "
                "--import, or name another file."
            )
        if args.review is not None and not args.review.parent.is_dir():
            raise FileError(f"{args.review}: cannot be written; its folder must exist.")
        review = _with_given(scan(args.folder, library.ontology(), terminal), args)
        if args.review is not None:
            write_review(args.review, review)
        if not args.accept:
            return Outcome(text=_review_words(review, args), facts=_review_facts(review, args))
        for row in review.rows:
            for sentence in _assumptions(row) if row.take else ():
                terminal(Notice(text=f"{row.name}: {sentence}"))
        return _take_in(review, library, args, terminal)


def _with_given(review: "Review", args: argparse.Namespace) -> "Review":
    """Return a review in which what was given on the command line fills what is missing."""
    from sxtstudio.workflow.ingest.corrections import set_lac_per_unit, set_voxel_size

    size_um = voxel_size(args)
    if size_um is not None:
        names = [row.name for row in review.rows if row.voxel_size_um is None]
        review = set_voxel_size(review, size_um, names=names)
    if args.lac_per_unit is not None:
        names = [row.name for row in review.rows if row.lac_per_unit is None]
        review = set_lac_per_unit(review, args.lac_per_unit, names=names)
    return review


def _review_facts(review: "Review", args: argparse.Namespace) -> dict[str, object]:
    return {
        "review": None if args.review is None else str(args.review),
        "found": len(review.rows),
        "without_problems": sum(row.take for row in review.rows),
        "undecided": review.undecided,
        "cells": [
            {
                "name": row.name,
                "tomogram": str(row.tomogram),
                "labels": None if row.labels is None else str(row.labels),
                "shape_zyx": list(row.shape),
                "voxel_size_nm": _nm(row) or None,
                "lac_per_unit": row.lac_per_unit,
                "terms": {label.name or str(label.value): label.term for label in row.values},
                "complete": sorted(it.term for it in row.values if it.complete and it.term),
                "sparse": None if row.drawn is None else row.drawn.words,
                "take": row.take,
                "problems": list(row.problems),
                "warnings": list(row.remarks),
            }
            for row in review.rows
        ],
        "problems": list(review.problems),
    }


def _review_words(review: "Review", args: argparse.Namespace) -> str:
    """Return what was found, what is to be decided, and what to do next."""
    ready = sum(row.take for row in review.rows)
    parts = [f"{count(len(review.rows), 'tomogram')} found, {ready} without problems."]
    if review.rows:
        header = ["cell", "voxel nm", "LAC per unit", "drawn", "problems"]
        parts.append(table_words(header, [_row_words(row) for row in review.rows]))
    sparse = [f"- {row.name}: {row.drawn.words}" for row in review.rows if row.drawn is not None]
    if sparse:
        parts.append("Drawn in part; what lies between is left open:\n" + "\n".join(sparse))
    if review.undecided:
        words = [f"{name or 'values without a name'} ({n})" for name, n in review.undecided.items()]
        parts.append("Materials without a meaning: " + ", ".join(words) + ".")
    problems = [f"{row.name}: {problem}" for row in review.rows for problem in row.problems]
    problems += review.problems
    if problems:
        more = len(problems) - _LISTED
        listed = problems[:_LISTED] + ([f"… and {more} more in the table."] if more > 0 else [])
        parts.append("To be decided or mended:\n" + "\n".join(f"- {line}" for line in listed))
    parts.append(
        f"Wrote {args.review}. Nothing was taken in yet: correct it in a spreadsheet, then repeat "
        "with --import."
    )
    return "\n\n".join(parts)


def _nm(row: "CellProposal") -> list[float]:
    return [round(edge * 1000, 6) for edge in row.voxel_size_um or ()]


def _row_words(row: "CellProposal") -> list[str]:
    edges = [f"{edge:.4g}" for edge in _nm(row)]
    size = edges[0] if len(set(edges)) == 1 else "×".join(edges)
    scale = "?" if row.lac_per_unit is None else f"{row.lac_per_unit:.4g}"
    drawn = [
        f"{label.term or (label.name or label.value)}"
        f"{'*' if label.complete else ''}{'?' if label.term is None else ''}"
        for label in row.values
    ]
    if len(drawn) > _LABELS_SHOWN:
        drawn[_LABELS_SHOWN:] = [f"and {len(drawn) - _LABELS_SHOWN} more"]
    return [row.name, size or "?", scale, ", ".join(drawn) or "–", str(len(row.problems) or "")]


def _assumptions(row: "CellProposal") -> list[str]:
    """Return in sentences what nobody stated of a cell that is taken in."""
    said = [f"voxel size: {row.voxel_reason}", f"LAC: {row.lac_reason}"]
    for label in row.values:
        everywhere = "drawn everywhere" if label.complete else "not said to be everywhere"
        said.append(
            f"{label.name or label.value} is taken as {label.term} ({label.reason}), {everywhere}"
            f"{f' ({label.complete_reason})' if label.complete_reason else ''}."
        )
    if row.drawn is not None:
        said.append(f"{row.drawn.words}; what lies between is left open.")
    return [*said, *row.remarks]


def _why_left(row: "CellProposal") -> str:
    said = row.problems if row.wanted else (*row.problems, *row.remarks)
    return " ".join(said) or "the table says so"


def _take_in(
    review: "Review", library: "Library", args: argparse.Namespace, terminal: Terminal
) -> Outcome:
    from sxtstudio.workflow.ingest.importing import ingest

    if not review.rows:
        why = " ".join(review.problems[:1])
        raise LibraryError(f"{review.folder}: holds nothing that could be taken in. {why}".strip())
    result = ingest(review, library, terminal, author(args))
    left = {row.name: _why_left(row) for row in review.rows if not row.take}
    for name, reason in left.items():
        terminal(Notice(text=f"{name} is left out: {reason.rstrip('.')}.", level="warning"))
    facts = {
        "added": list(result.added),
        "skipped": list(result.skipped),
        "failed": dict(result.failed),
        "left_out": left,
    }
    text = (
        f"{count(len(result.added), 'cell')} added, {len(result.skipped)} were there already, "
        f"{len(left)} left out, {len(result.failed)} failed."
    )
    nothing = not result.added and not result.skipped
    return Outcome(text=text, facts=facts, exit_code=3 if result.failed or nothing else 0)


def _add_terms(inner: Verbs) -> None:
    terms = inner.add(
        "terms",
        run_terms,
        "list what the laboratory added to the vocabulary, or add a term or synonym",
        "`terms` alone lists. `terms NAME --inside TERM` adds a term; `terms NAME --synonym WORD` "
        "adds a word for a term that is there. Terms keep their ids for ever.",
    )
    terms.add_argument("name", nargs="?", metavar="NAME")
    terms.add_argument("--inside", metavar="TERM", help="the term that contains the new one")
    terms.add_argument("--synonym", action="append", default=[], metavar="WORD")
    terms.add_argument("--colour", default="#9e9e9e", metavar="#RRGGBB")
    _author(terms)


def run_terms(args: argparse.Namespace, terminal: Terminal) -> Outcome:
    """List or add words of the laboratory."""
    from sxtstudio.cli.library import open_library
    from sxtstudio.core.ontology import Extension, new_synonym, new_term

    with open_library(args, terminal) as library:
        ontology = library.ontology()
        if args.name is None:
            if args.inside or args.synonym:
                raise LabelError("Say which term is meant: terms NAME --inside TERM.")
            return _list_terms(library)
        if args.inside is not None:
            parent = ontology.find(args.inside).id
            term = new_term(ontology, args.name, parent, colour=args.colour, synonyms=args.synonym)
            extension = Extension(terms=(term,))
        else:
            term = ontology.find(args.name)
            if not args.synonym:
                raise LabelError(f"{term.name!r} is a term already; add a word with --synonym.")
            added = [new_synonym(ontology, term.id, word) for word in args.synonym]
            words = tuple(word for one in added for word in one.synonyms[term.id])
            extension = Extension(synonyms={term.id: words})
        library.extend(extension, author(args))
    words = ", ".join(args.synonym)
    text = f"The library knows {term.name} ({term.id})" + (f", also as {words}." if words else ".")
    return Outcome(text=text, facts={"term": term.id, "synonyms": args.synonym})


def _list_terms(library: "Library") -> Outcome:
    from sxtstudio.core.ontology import default_ontology

    known = {term.id: term for term in default_ontology().classes}
    rows: list[list[str]] = []
    for term in library.ontology().classes:
        old = known[term.id].synonyms if term.id in known else ()
        new = [word for word in term.synonyms if word not in old]
        if term.id not in known or new:
            rows.append([term.name, term.id, term.parent or "", ", ".join(new)])
    header = ["term", "id", "inside", "synonyms added"]
    facts = {"terms": [dict(zip(header, row, strict=True)) for row in rows]}
    words = table_words(header, rows) if rows else "The laboratory has added no words."
    return Outcome(text=words, facts=facts)


def _add_notes(inner: Verbs) -> None:
    withdraw = _note_verb(inner, "withdraw", run_withdraw, "say that a cell is not to be used")
    withdraw.add_argument("--reason", required=True, metavar="WORDS")
    _note_verb(inner, "restore", run_restore, "take back a withdrawal or supersession")
    supersede = _note_verb(inner, "supersede", run_supersede, "say which cell replaces a cell")
    supersede.add_argument("--by", required=True, metavar="CELL")
    complete = _note_verb(
        inner, "complete", run_complete, "say which classes are drawn everywhere in a cell"
    )
    complete.add_argument("--classes", required=True, metavar="WORDS", help='"nucleus,lipid"')
    complete.add_argument(
        "--annotation", type=int, metavar="N", help="which annotation, where there are several"
    )
    describe = _note_verb(inner, "describe", run_describe, "say more of the specimen of a cell")
    for field in SPECIMEN:
        describe.add_argument(f"--{field}", metavar="WORDS")


def _note_verb(inner: Verbs, name: str, run: RunVerb, what: str) -> argparse.ArgumentParser:
    parser = inner.add(name, run, what, "It is a note beside the cell; its file stays as it is.")
    parser.add_argument("cell", metavar="CELL")
    _author(parser)
    return parser


def _noted(args: argparse.Namespace, library: "Library", what: str) -> Outcome:
    """Return what a cell is now that something was noted about it."""
    from sxtstudio.workflow.listing import describe_library_cell

    cell = library.cell(args.cell)
    facts = describe_library_cell(cell, library.history(cell.id))
    return Outcome(text=f"{cell.name} ({cell.id[:12]}) {what}.", facts=facts)


def run_withdraw(args: argparse.Namespace, terminal: Terminal) -> Outcome:
    """Withdraw a cell."""
    from sxtstudio.cli.library import open_library

    with open_library(args, terminal) as library:
        args.cell = library.cell(args.cell).id
        library.withdraw(args.cell, args.reason, author(args))
        return _noted(args, library, "is withdrawn")


def run_restore(args: argparse.Namespace, terminal: Terminal) -> Outcome:
    """Restore a cell."""
    from sxtstudio.cli.library import open_library

    with open_library(args, terminal) as library:
        args.cell = library.cell(args.cell).id
        library.restore(args.cell, author(args))
        return _noted(args, library, "is in use again")


def run_supersede(args: argparse.Namespace, terminal: Terminal) -> Outcome:
    """Supersede a cell."""
    from sxtstudio.cli.library import open_library

    with open_library(args, terminal) as library:
        args.cell = library.cell(args.cell).id
        newer = library.cell(args.by)
        library.supersede(args.cell, newer.id, author(args))
        return _noted(args, library, f"is superseded by {newer.name} ({newer.id[:12]})")


def run_complete(args: argparse.Namespace, terminal: Terminal) -> Outcome:
    """Say which classes are drawn everywhere in a cell."""
    from sxtstudio.cli.library import open_library
    from sxtstudio.core.cell import parse_complete
    from sxtstudio.workflow.listing import doubts_of_complete

    with open_library(args, terminal) as library:
        cell = library.cell(args.cell)
        args.cell = cell.id
        if args.annotation is None and len(cell.annotations) > 1:
            numbers = ", ".join(str(item.id) for item in cell.annotations)
            raise LibraryError(
                f"{cell.name} has several annotations; name one with --annotation ({numbers})."
            )
        number = args.annotation or 0
        facts = [item.facts for item in cell.annotations if item.id == number]
        drawn = frozenset(name for it in facts for name in it.names.values())
        complete = parse_complete(args.classes, drawn, library.ontology())
        library.set_complete(cell.id, number, complete, author(args))
        before = frozenset[str]().union(*(it.complete for it in facts))
        for note in doubts_of_complete(complete, drawn, before, library.ontology()):
            terminal(Notice(text=note))
        words = ", ".join(sorted(complete)) or "nothing"
        return _noted(args, library, f"has {words} drawn everywhere")


def run_describe(args: argparse.Namespace, terminal: Terminal) -> Outcome:
    """Describe the specimen of a cell."""
    from sxtstudio.cli.library import open_library

    said = {field: getattr(args, field) for field in SPECIMEN}
    fields = {field: words for field, words in said.items() if words is not None}
    if not fields:
        raise LibraryError("Say what is known of the specimen, for example --species WORDS.")
    with open_library(args, terminal) as library:
        args.cell = library.cell(args.cell).id
        library.describe(args.cell, fields, author(args))
        words = ", ".join(f"{field} {words!r}" for field, words in fields.items())
        return _noted(args, library, f"is described: {words}")
