"""Verbs that let a network learn and work: train, segment."""

import argparse
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from sxtstudio.cli.reporting import Outcome, Terminal, stop_on_signal
from sxtstudio.cli.verbs import Verbs, add_cells, add_device, cells, positive
from sxtstudio.core.errors import PlanError, ProjectError
from sxtstudio.core.events import Cancelled, Notice

if TYPE_CHECKING:
    from sxtstudio.workflow.jobs import TrainingRequest


def add_verbs(verbs: Verbs) -> None:
    """Declare the verbs."""
    _add_train(verbs)
    _add_segment(verbs)


def _add_train(verbs: Verbs) -> None:
    train = verbs.add(
        "train",
        run_train,
        "train a network for a task of the project, on its labelled cells",
        "Until it has succeeded, the training lives in OUT.sxtnet.job; --resume goes on from it.",
    )
    train.add_argument("project", type=Path, metavar="PROJECT.sxt")
    train.add_argument("task", metavar="TASK")
    train.add_argument("--network", type=Path, required=True, metavar="OUT.sxtnet")
    budget = train.add_mutually_exclusive_group()
    budget.add_argument("--minutes", type=float, metavar="M", help="time to train in minutes (10)")
    budget.add_argument("--steps", type=int, metavar="N", help="optimiser steps over all stages")
    _add_reference_cells(train)
    train.add_argument(
        "--begin-from",
        type=Path,
        metavar="NET.sxtnet",
        help="begin from this network, perhaps for another task, instead of chance",
    )
    add_device(train)
    train.add_argument("--seed", type=int, default=0, metavar="N", help="random seed (0)")
    train.add_argument("--resume", action="store_true", help="go on with a stopped training")
    train.add_argument(
        "--finish",
        action="store_true",
        help="with --resume: train no further, but keep the network as it is, and score it",
    )


def _add_reference_cells(train: argparse.ArgumentParser) -> None:
    """Add the options that say which cells are learned from."""
    group = train.add_argument_group(
        "reference cells",
        "Without --library, all labelled cells of the project. With it, also those of the library "
        "that suit the task best; why each is taken is said.",
    )
    group.add_argument("--library", type=Path, metavar="LIB", help="learn from its cells as well")
    group.add_argument(
        "--library-cell",
        action="append",
        nargs="+",
        metavar="ID",
        help="these cells of the library, by id or name, and no others of it",
    )
    group.add_argument(
        "--like", default="", metavar="CELL", help="prefer cells like this one of the project"
    )
    group.add_argument(
        "--most", type=positive, default=24, metavar="N", help="at most so many cells (24)"
    )
    group.add_argument(
        "--without-project-cells", action="store_true", help="only cells of the library"
    )


def run_train(args: argparse.Namespace, terminal: Terminal) -> Outcome:
    """Train a network."""
    from sxtstudio.io.network_card import read_network_card
    from sxtstudio.project.project import Project
    from sxtstudio.workflow.bringing import finish_job
    from sxtstudio.workflow.describing import describe_network
    from sxtstudio.workflow.jobs import (
        export_training_job,
        forget_unstarted,
        job_folder_of,
        run_job,
    )
    from sxtstudio.workflow.stopped import require_keepable

    if args.finish and not args.resume:
        raise PlanError("--finish keeps what a stopped training has learned; add --resume.")
    request = _request(args)
    folder = job_folder_of(request.network)
    with Project.open(args.project) as project:
        export_training_job(project, request, folder, terminal)
    if args.finish:
        require_keepable(folder)
    with stop_on_signal(terminal):  # meanwhile the project is free for others
        try:
            run_job(folder, terminal, finish=lambda: bool(args.finish))
        finally:
            forget_unstarted(folder)
    try:
        with Project.open(args.project) as project:
            text = finish_job(project, folder)
    except ProjectError as error:
        raise ProjectError(
            f"{error} The training is done and kept in {folder}: run the same command with "
            "--resume to finish."
        ) from error
    facts = {"network": str(args.network), **describe_network(read_network_card(args.network))}
    return Outcome(text=text, facts=facts)


def _request(args: argparse.Namespace) -> "TrainingRequest":
    from sxtstudio.workflow.jobs import TrainingRequest

    return TrainingRequest(
        task=args.task,
        network=args.network,
        minutes=args.minutes,
        steps=args.steps,
        device=args.device,
        threads=args.threads,
        seed=args.seed,
        resume=args.resume,
        library=args.library,
        library_cells=_library_cells(args),
        project_cells=() if args.without_project_cells else None,
        like=args.like,
        most=args.most,
        begin_from=args.begin_from,
    )


def _library_cells(args: argparse.Namespace) -> tuple[str, ...] | None:
    groups: list[list[str]] | None = args.library_cell
    return None if groups is None else tuple(word for group in groups for word in group)


def _add_segment(verbs: Verbs) -> None:
    segment = verbs.add(
        "segment",
        run_segment,
        "segment cells of a project with a network",
        "Stopped in between, the cells that were finished are kept.",
    )
    segment.add_argument("project", type=Path, metavar="PROJECT.sxt")
    segment.add_argument("--network", type=Path, required=True, metavar="NET.sxtnet")
    add_cells(segment, "every cell that this very network has not segmented yet")
    add_device(segment)


def run_segment(args: argparse.Namespace, terminal: Terminal) -> Outcome:
    """Segment cells of a project."""
    from sxtstudio.io.network_card import read_network_card
    from sxtstudio.project.project import Project
    from sxtstudio.workflow.bringing import finish_job, has_results
    from sxtstudio.workflow.jobs import SegmentationRequest, export_segmentation_job, run_job
    from sxtstudio.workflow.tasks import network_notice

    request = SegmentationRequest(
        network=args.network, cells=cells(args), device=args.device, threads=args.threads
    )
    with (
        tempfile.TemporaryDirectory(prefix="sxtstudio-", ignore_cleanup_errors=True) as place,
        stop_on_signal(terminal),
        Project.open(args.project) as project,
    ):
        folder = Path(place) / "job"
        names = export_segmentation_job(project, request, folder)
        notice = network_notice(project, read_network_card(request.network))
        if notice:
            terminal(Notice(text=notice, level="warning"))
        try:
            run_job(folder, terminal)
        except Cancelled:
            if has_results(folder):
                finish_job(project, folder)
            raise
        text = finish_job(project, folder)
    return Outcome(text=text, facts={"cells": list(names), "network": str(args.network)})
