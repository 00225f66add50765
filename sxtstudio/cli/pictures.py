"""Verbs about looking at a cell in 3D: snapshot, movie, scenes."""

import argparse
import math
import re
from pathlib import Path
from typing import TYPE_CHECKING

from sxtstudio.cli.reporting import Outcome, Terminal, stop_on_signal, table_words
from sxtstudio.cli.verbs import Verbs

if TYPE_CHECKING:
    from sxtstudio.workflow.picturing import Look

BACKGROUNDS = ("dark", "white", "transparent")


def add_verbs(verbs: Verbs) -> None:
    """Declare the verbs."""
    snapshot = verbs.add(
        "snapshot",
        run_snapshot,
        "draw the 3D view of a cell, off screen",
        "A scene that was kept in the window is drawn as it was seen there.",
    )
    _add_cell(snapshot)
    snapshot.add_argument("--out", type=Path, required=True, metavar="PICTURE.png")
    _add_look(snapshot, "1200x900")
    snapshot.add_argument("--dpi", type=_positive, metavar="N", help="pixels an inch, on paper")
    movie = verbs.add(
        "movie",
        run_movie,
        "draw a film of the 3D view of a cell, off screen",
        "OUT.mp4 is H.264; a name without suffix is a new folder of PNG pictures.",
    )
    _add_cell(movie)
    movie.add_argument("--out", type=Path, required=True, metavar="OUT")
    _add_look(movie, "1280x960")
    movie.add_argument("--seconds", type=_positive, default=8.0, metavar="N", help="length (8)")
    movie.add_argument(
        "--fps", type=_pictures, default=25, metavar="N", help="pictures a second (25)"
    )
    movie.add_argument(
        "--turn", type=float, default=360.0, metavar="DEG", help="how far the cell turns (360)"
    )
    movie.add_argument(
        "--through",
        default="",
        metavar="NAMES",
        help='instead of turning, move from the view of one scene to the next, "front,inside"',
    )
    scenes = verbs.add("scenes", run_scenes, "list the scenes that were kept of a cell")
    _add_cell(scenes)


def _add_cell(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("project", type=Path, metavar="PROJECT.sxt")
    parser.add_argument("cell", metavar="CELL")


def _add_look(parser: argparse.ArgumentParser, size: str) -> None:
    parser.add_argument(
        "--size", type=_size, default=_size(size), metavar="WxH", help=f"pixels ({size})"
    )
    parser.add_argument("--scene", default="", metavar="NAME", help="a scene kept in the project")
    parser.add_argument("--background", choices=BACKGROUNDS, help="the scene's own otherwise")
    parser.add_argument(
        "--legend",
        action=argparse.BooleanOptionalAction,
        help="with or without the names of the classes",
    )


def _size(words: str) -> tuple[int, int]:
    match = re.fullmatch(r"(\d+)[x×](\d+)", words)
    if match is None:
        raise argparse.ArgumentTypeError(f"{words!r} is no size; write it as 1200x900")
    return int(match[1]), int(match[2])


def _positive(words: str) -> float:
    try:
        value = float(words)
    except ValueError:
        value = 0.0
    if not 0 < value < math.inf:
        raise argparse.ArgumentTypeError(f"{words!r} is no number above 0")
    return value


def _pictures(words: str) -> int:
    if not words.isdecimal() or not 1 <= int(words) <= 120:
        raise argparse.ArgumentTypeError(f"{words!r} is no number of pictures from 1 to 120")
    return int(words)


def run_snapshot(args: argparse.Namespace, terminal: Terminal) -> Outcome:
    """Draw the 3D view of a cell."""
    from sxtstudio.project.project import Project
    from sxtstudio.workflow.picturing import snapshot

    with Project.open(args.project, read_only=True) as project:
        snapshot(project, args.cell, args.out, _look(args, args.dpi), terminal)
    return Outcome(text=f"Wrote {args.out}.", facts={"out": str(args.out)})


def run_movie(args: argparse.Namespace, terminal: Terminal) -> Outcome:
    """Draw a film of the 3D view of a cell."""
    from sxtstudio.core.scene import Film
    from sxtstudio.project.project import Project
    from sxtstudio.workflow.picturing import key_cameras, movie

    with stop_on_signal(terminal), Project.open(args.project, read_only=True) as project:
        names = [name.strip() for name in args.through.split(",") if name.strip()]
        film = Film(
            seconds=args.seconds,
            pictures_per_second=args.fps,
            turn_deg=args.turn,
            keys=key_cameras(project, args.cell, names),
        )
        movie(project, args.cell, args.out, film, _look(args, None), terminal)
    return Outcome(text=f"Wrote {args.out}.", facts={"out": str(args.out)})


def run_scenes(args: argparse.Namespace, terminal: Terminal) -> Outcome:  # noqa: ARG001 - a verb
    """List the scenes of a cell."""
    from sxtstudio.project.project import Project

    with Project.open(args.project, read_only=True) as project:
        kept = project.scenes.of(project.cell(args.cell).id)
    text = table_words(["scene", "kept"], [[it.name, it.time] for it in kept])
    facts = {"scenes": [{"name": it.name, "time": it.time} for it in kept]}
    return Outcome(text=text if kept else "No scene was kept.", facts=facts)


def _look(args: argparse.Namespace, dpi: float | None) -> "Look":
    from sxtstudio.workflow.picturing import Look

    return Look(
        size=args.size,
        dpi=dpi,
        scene=args.scene,
        background=args.background,
        legend=args.legend,
    )
