"""The verb demo: the whole way once on simulated cells."""

import argparse
from pathlib import Path

from sxtstudio.cli.reporting import Outcome, Showing, Terminal, stop_on_signal
from sxtstudio.cli.verbs import Verbs


def add_verbs(verbs: Verbs) -> None:
    """Declare the verb."""
    demo = verbs.add(
        "demo",
        run_demo_verb,
        "go the whole way once on simulated cells, and open the window on the result",
        "Simulates seven algae, trains on six, segments and measures the seventh, and writes a "
        "project, a network, tables and a picture. Takes under ten minutes on two cores.",
    )
    demo.add_argument(
        "folder", type=Path, nargs="?", metavar="FOLDER", help="where to (demo, or demo-2 …)"
    )
    demo.add_argument(
        "--minutes", type=float, default=3.5, metavar="M", help="time to train in minutes (3.5)"
    )
    demo.add_argument(
        "--no-window", action="store_true", help="write the window as a picture, do not open it"
    )
    demo.add_argument("--seed", type=int, default=0, metavar="N", help="random seed (0)")


def run_demo_verb(args: argparse.Namespace, terminal: Terminal) -> Outcome:
    """Go the whole way once."""
    from sxtstudio.workflow.demo import NEW_CELL, free_folder, run_demo

    folder: Path = args.folder or free_folder(Path("demo"))
    with stop_on_signal(terminal):
        project = run_demo(folder, args.minutes, args.seed, terminal)
    return Outcome(
        text=f"The demonstration is in {folder}.",
        facts={"project": str(project), "cell": NEW_CELL},
        showing=Showing(project=project, cell=NEW_CELL, window=not args.no_window),
    )
