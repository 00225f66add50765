"""Verbs that let a network learn and work: train, segment."""

import argparse
import tempfile
from pathlib import Path

from sxtstudio.cli.reporting import Outcome, Terminal, stop_on_signal
from sxtstudio.cli.verbs import Verbs, add_cells, add_device, cells
from sxtstudio.core.errors import ProjectError
from sxtstudio.core.events import Cancelled, Notice


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
    add_device(train)
    train.add_argument("--seed", type=int, default=0, metavar="N", help="random seed (0)")
    train.add_argument("--resume", action="store_true", help="go on with a stopped training")


def run_train(args: argparse.Namespace, terminal: Terminal) -> Outcome:
    """Train a network."""
    from sxtstudio.io.network_card import read_network_card
    from sxtstudio.project.project import Project
    from sxtstudio.workflow.describing import describe_network
    from sxtstudio.workflow.jobs import (
        TrainingRequest,
        export_training_job,
        finish_job,
        forget_unstarted,
        job_folder_of,
        run_job,
    )

    request = TrainingRequest(
        task=args.task,
        network=args.network,
        minutes=args.minutes,
        steps=args.steps,
        device=args.device,
        threads=args.threads,
        seed=args.seed,
        resume=args.resume,
    )
    folder = job_folder_of(request.network)
    with Project.open(args.project) as project:
        export_training_job(project, request, folder)
    with stop_on_signal(terminal):  # meanwhile the project is free for others
        try:
            run_job(folder, terminal)
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
    from sxtstudio.workflow.jobs import (
        SegmentationRequest,
        export_segmentation_job,
        finish_job,
        has_results,
        run_job,
    )
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
