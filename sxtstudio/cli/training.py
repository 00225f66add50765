"""Verbs that let a network learn and work: plan, train, segment."""

import argparse
import tempfile
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from sxtstudio.cli.reporting import Outcome, Terminal, stop_on_signal
from sxtstudio.cli.verbs import Verbs, add_cells, add_device, cells, positive
from sxtstudio.core.errors import PlanError, ProjectError
from sxtstudio.core.events import Cancelled, Event, Notice, Report

if TYPE_CHECKING:
    from sxtstudio.core.plan import Plan
    from sxtstudio.workflow.jobs import TrainingRequest


def add_verbs(verbs: Verbs) -> None:
    """Declare the verbs."""
    _add_plan(verbs)
    _add_train(verbs)
    _add_segment(verbs)


def _add_plan(verbs: Verbs) -> None:
    plan = verbs.add(
        "plan",
        run_plan,
        "say what a training would be, and why, without training",
        "Cells are read and some steps are taken to measure them. The file written by --out can "
        "be edited and trained with train --plan.",
    )
    plan.add_argument("project", type=Path, metavar="PROJECT.sxt")
    plan.add_argument("task", metavar="TASK")
    plan.add_argument(
        "--out", type=Path, metavar="PLAN.json", help="write the plan as JSON to read and edit"
    )
    _add_learning(plan)


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
    _add_learning(train)
    train.add_argument("--resume", action="store_true", help="go on with a stopped training")
    train.add_argument(
        "--finish",
        action="store_true",
        help="with --resume: train no further, but keep the network as it is, and score it",
    )


def _add_learning(verb: argparse.ArgumentParser) -> None:
    """Add the options that decide a training."""
    budget = verb.add_mutually_exclusive_group()
    budget.add_argument("--minutes", type=float, metavar="M", help="time to train in minutes (10)")
    budget.add_argument("--steps", type=int, metavar="N", help="optimiser steps over all stages")
    _add_reference_cells(verb)
    verb.add_argument(
        "--begin-from",
        type=Path,
        metavar="NET.sxtnet",
        help="begin from this network, perhaps for another task, instead of chance",
    )
    verb.add_argument(
        "--plan",
        type=Path,
        metavar="PLAN.json",
        help="take this plan, written by the verb plan and perhaps edited; --minutes, --steps, "
        "--device and --threads, where given, count instead of its own",
    )
    add_device(verb)
    verb.add_argument("--seed", type=int, default=0, metavar="N", help="random seed (0)")


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


def run_plan(args: argparse.Namespace, terminal: Terminal) -> Outcome:
    """Say, or write, what a training would be."""
    from sxtstudio.project.project import Project
    from sxtstudio.workflow.jobs import NETWORK_SUFFIX, export_training_job
    from sxtstudio.workflow.plan_files import check_plan_target, plan_text, write_plan
    from sxtstudio.workflow.preparing import prepare_training

    if args.out is not None:
        check_plan_target(args.out)
    with (
        tempfile.TemporaryDirectory(prefix="sxtstudio-", ignore_cleanup_errors=True) as place,
        stop_on_signal(terminal),
    ):
        folder = Path(place) / "job"
        request = _request(args, Path(place) / f"none{NETWORK_SUFFIX}")
        with Project.open(args.project, read_only=True) as project:
            export_training_job(project, request, folder, terminal)
        preparation = prepare_training(folder, _without_notices(terminal), args.threads)
    facts = msgspec.to_builtins(preparation)
    if args.out is None:
        return Outcome(text=plan_text(preparation), facts=facts)
    write_plan(args.out, preparation)
    text = f"Wrote the plan {args.out}; edit it, then sxtstudio train … --plan {args.out}"
    return Outcome(text=text, facts={"out": str(args.out), **facts})


def _without_notices(report: Report) -> Report:
    """Return a report that leaves out reasons and risks: they are in the plan."""

    def progress(event: Event) -> None:
        if not isinstance(event, Notice):
            report(event)

    return progress


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
    request = _request(args, args.network, resume=args.resume)
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


def _request(args: argparse.Namespace, network: Path, *, resume: bool = False) -> "TrainingRequest":
    from sxtstudio.workflow.jobs import TrainingRequest

    return TrainingRequest(
        task=args.task,
        network=network,
        minutes=args.minutes,
        steps=args.steps,
        device=args.device,
        threads=args.threads,
        seed=args.seed,
        resume=resume,
        library=args.library,
        library_cells=_library_cells(args),
        project_cells=() if args.without_project_cells else None,
        like=args.like,
        most=args.most,
        begin_from=args.begin_from,
        plan=_given_plan(args),
    )


def _given_plan(args: argparse.Namespace) -> "Plan | None":
    """Return the plan of a file, with what else was said on the command line."""
    if args.plan is None:
        return None
    from sxtstudio.workflow.plan_files import read_plan

    plan = read_plan(args.plan)
    if args.minutes is not None or args.steps is not None:
        plan = replace(plan, minutes=args.minutes, steps=args.steps)
    if args.device != "auto":
        plan = replace(plan, device=args.device)
    return replace(plan, threads=args.threads or plan.threads)


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
