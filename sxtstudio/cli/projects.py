"""Verbs about projects: new, add, add-labels, task, measure, export, check."""

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from sxtstudio.cli.reporting import Outcome, Terminal
from sxtstudio.cli.verbs import (
    Verbs,
    add_cell_files,
    add_cells,
    add_label_words,
    cell_files,
    cells,
    count,
)
from sxtstudio.core.errors import ProjectError
from sxtstudio.core.events import Notice

if TYPE_CHECKING:
    from sxtstudio.core.ontology import Ontology
    from sxtstudio.core.task import Task
    from sxtstudio.project.project import Project

KINDS = ("labels", "tomogram", "probabilities", "surfaces")


def add_verbs(verbs: Verbs) -> None:
    """Declare the verbs."""
    new = verbs.add("new", run_new, "make an empty project")
    new.add_argument("project", type=Path, metavar="PROJECT.sxt")
    _add_add(verbs)
    _add_add_labels(verbs)
    _add_task(verbs)
    _add_measure(verbs)
    _add_export(verbs)
    check = verbs.add(
        "check",
        run_check,
        "verify every checksum of a project",
        "Says what is wrong and what can be done; exit code 3 if anything is wrong.",
    )
    check.add_argument("project", type=Path, metavar="PROJECT.sxt")


def run_new(args: argparse.Namespace, terminal: Terminal) -> Outcome:  # noqa: ARG001 - a verb
    """Make an empty project."""
    from sxtstudio.project.project import Project

    Project.create(args.project).close()
    return Outcome(text=f"Made {args.project}.", facts={"project": str(args.project)})


def _add_add(verbs: Verbs) -> None:
    add = verbs.add(
        "add",
        run_add,
        "add a cell to a project: a tomogram, and labels if there are any",
        "Voxel size and LAC scale are asked for only where the file does not state them.",
    )
    add.add_argument("project", type=Path, metavar="PROJECT.sxt")
    add.add_argument("tomogram", type=Path, metavar="TOMOGRAM")
    add_cell_files(add)


def run_add(args: argparse.Namespace, terminal: Terminal) -> Outcome:
    """Add a cell to a project."""
    from sxtstudio.project.project import Project
    from sxtstudio.workflow.describing import describe_cell
    from sxtstudio.workflow.importing import add_cell_from_files

    request = cell_files(args, args.tomogram)
    with Project.open(args.project) as project:
        record, notes = add_cell_from_files(project, request)
    for note in notes:
        terminal(Notice(text=note))
    return Outcome(text=f"Added {record.name} to {args.project}.", facts=describe_cell(record))


def _add_add_labels(verbs: Verbs) -> None:
    add = verbs.add(
        "add-labels",
        run_add_labels,
        "add labels that were made elsewhere to a cell of a project, as its newest version",
        "Earlier versions stay. The file's name and sha256 are kept with the labels.",
    )
    add.add_argument("project", type=Path, metavar="PROJECT.sxt")
    add.add_argument("cell", metavar="CELL")
    add.add_argument("labels", type=Path, metavar="LABELS")
    add.add_argument(
        "--dataset", metavar="PATH", help="path of the labels inside an HDF5 or AmiraMesh file"
    )
    add_label_words(add)
    add.add_argument("--comment", default="", metavar="WORDS", help='a comment ("from LABELS")')


def run_add_labels(args: argparse.Namespace, terminal: Terminal) -> Outcome:
    """Add labels to a cell that is in a project."""
    from sxtstudio.project.project import Project
    from sxtstudio.workflow.describing import describe_cell
    from sxtstudio.workflow.label_adding import Meaning, add_labels, read_label_file

    with Project.open(args.project) as project:
        cell, words = project.cell(args.cell), project.ontology()
        file = read_label_file(args.labels, terminal, dataset=args.dataset)
        meaning = Meaning(classes=args.classes, complete=args.complete, comment=args.comment)
        version, notes = add_labels(project, cell, file, meaning, words, terminal)
        facts = describe_cell(project.cell(cell.id))
    for note in notes:
        terminal(Notice(text=note))
    text = f"Added {args.labels.name} to {cell.name} as version {version.id}."
    return Outcome(text=text, facts=facts)


def _add_task(verbs: Verbs) -> None:
    task = verbs.add(
        "task",
        run_task,
        "define, change, export or import a task: the classes a question needs",
        'The k-th --class gets label value k. "A=B+C" gathers the terms B and C under the name A; '
        "a term always brings what lies inside it, except what the task names separately. A "
        "changed task keeps its older versions, for networks refer to them.",
    )
    task.add_argument("project", type=Path, metavar="PROJECT.sxt")
    task.add_argument("name", metavar="NAME")
    what = task.add_mutually_exclusive_group(required=True)
    what.add_argument("--class", dest="classes", action="append", metavar="NAME[=TERM+TERM]")
    what.add_argument(
        "--from", dest="source", type=Path, metavar="FILE.json", help="take it from a task file"
    )
    what.add_argument("--export", type=Path, metavar="FILE.json", help="write it to a task file")
    task.add_argument(
        "--library", type=Path, metavar="LIB", help="with --class: also know the words of a library"
    )
    task.add_argument(
        "--change",
        action="store_true",
        help="give a task of the project these classes, and say what must be trained again",
    )


def run_task(args: argparse.Namespace, terminal: Terminal) -> Outcome:
    """Define, change, export or import a task."""
    from sxtstudio.project.project import Project
    from sxtstudio.workflow.tasks import define_task, export_task, import_task

    if args.change and args.export is not None:
        raise ProjectError("--change needs the new classes: --class, or --from a task file.")
    with Project.open(args.project, read_only=args.export is not None) as project:
        if args.export is not None:
            task, did = export_task(project, args.name, args.export), f"Wrote to {args.export}:"
        elif args.change:
            task, did = _change_task(project, args, terminal), "Changed the task"
        elif args.source is not None:
            task, did = import_task(project, args.source, args.name), "Imported the task"
        else:
            words = _words_of(args.library, terminal)
            task, did = define_task(project, args.name, args.classes, words), "Defined the task"
    facts = {
        "task": task.name,
        "version": task.version,
        "classes": {str(value): name for value, name in task.names.items()},
    }
    names = ", ".join(task.names.values())
    version = f" (version {task.version})" if task.version > 1 else ""
    return Outcome(text=f"{did} {task.name}{version}: {names}.", facts=facts)


def _words_of(library: Path | None, terminal: Terminal) -> "Ontology | None":
    """Return the vocabulary of a library."""
    if library is None:
        return None
    from sxtstudio.library.library import Library

    with Library.open(library, report=terminal) as opened:
        return opened.ontology()


def _change_task(project: "Project", args: argparse.Namespace, terminal: Terminal) -> "Task":
    """Change a task and tell what that means for the networks there are."""
    from sxtstudio.core.task import parse_task
    from sxtstudio.workflow.tasks import (
        change_task,
        change_task_to_file,
        networks_for,
        what_changes,
    )

    old = project.task(args.name)
    if args.source is not None:
        new = change_task_to_file(project, args.name, args.source)
    else:
        classes = parse_task(args.name, args.classes, project.ontology()).classes
        new = change_task(project, args.name, classes)
    for sentence in what_changes(old, new, networks_for(project, args.name), project.ontology()):
        terminal(Notice(text=sentence))
    return new


def _add_measure(verbs: Verbs) -> None:
    measure = verbs.add(
        "measure",
        run_measure,
        "measure volumes (µm³), surfaces (µm²), numbers and LAC (µm⁻¹) of the newest labels",
        "One row for every class and one for every object; the units stand in the column names.",
    )
    measure.add_argument("project", type=Path, metavar="PROJECT.sxt")
    add_cells(measure, "every cell that has labels")
    measure.add_argument("--csv", type=Path, required=True, metavar="OUT.csv")


def run_measure(args: argparse.Namespace, terminal: Terminal) -> Outcome:
    """Measure cells."""
    from sxtstudio.project.project import Project
    from sxtstudio.workflow.measuring import measure_to_csv

    with Project.open(args.project) as project:
        table = measure_to_csv(project, cells(args), args.csv, terminal)
    names = [column.name for column in table.columns]
    rows = [dict(zip(names, row, strict=True)) for row in table.rows]
    text = f"Wrote {count(len(rows), 'row')} to {args.csv}."
    return Outcome(text=text, facts={"csv": str(args.csv), "rows": rows})


def _add_export(verbs: Verbs) -> None:
    export = verbs.add(
        "export",
        run_export,
        "write the tomogram or the newest labels, probabilities or surfaces of a cell",
        "The suffix of FILE chooses the format: .mrc, .tif, .am or .h5 for labels and tomogram, "
        ".h5 for probabilities, .stl, .obj, .ply, .glb or .gltf for surfaces "
        "(in µm).",
    )
    export.add_argument("project", type=Path, metavar="PROJECT.sxt")
    export.add_argument("cell", metavar="CELL")
    export.add_argument("--what", choices=KINDS, required=True)
    export.add_argument("--out", type=Path, required=True, metavar="FILE")


def run_export(args: argparse.Namespace, terminal: Terminal) -> Outcome:
    """Write something of a cell."""
    from sxtstudio.project.project import Project
    from sxtstudio.workflow.exporting import export

    with Project.open(args.project, read_only=True) as project:
        export(project, args.cell, args.what, args.out, terminal)
    return Outcome(text=f"Wrote {args.out}.", facts={"out": str(args.out)})


def run_check(args: argparse.Namespace, terminal: Terminal) -> Outcome:  # noqa: ARG001 - a verb
    """Verify a project."""
    from sxtstudio.project.project import Project

    with Project.open(args.project, read_only=True) as project:
        problems = project.check()
    if problems:
        facts = {"sound": False, "problems": list(problems)}
        return Outcome(text="\n".join(problems), facts=facts, exit_code=3)
    return Outcome(text=f"{args.project} is sound.", facts={"sound": True, "problems": []})
