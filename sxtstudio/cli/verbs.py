"""How verbs are declared: their parser, what runs them, and the options that several share."""

import argparse
from collections.abc import Callable

from sxtstudio.cli.reporting import Outcome, Terminal
from sxtstudio.core.volume import VoxelSize

RunVerb = Callable[[argparse.Namespace, Terminal], Outcome]


class Verbs:
    """The verbs of the command line, each with ``--json``."""

    def __init__(self, top: argparse.ArgumentParser) -> None:
        self._subparsers = top.add_subparsers(dest="verb", metavar="VERB", required=True)

    @property
    def names(self) -> frozenset[str]:
        """The words that begin a command."""
        return frozenset(self._subparsers.choices)

    def add(self, name: str, run: RunVerb, what: str, more: str = "") -> argparse.ArgumentParser:
        """Return the parser of a new verb; ``what`` and ``more`` are its help."""
        description = f"{what[0].upper()}{what[1:]}. {more}".strip()
        parser = self._subparsers.add_parser(name, help=what, description=description)
        parser.add_argument(
            "--json", action="store_true", help="one JSON object on standard output"
        )
        parser.set_defaults(run=run)
        return parser


def add_units(parser: argparse.ArgumentParser) -> None:
    """Add the options that say what a file does not."""
    parser.add_argument(
        "--voxel-size-nm",
        metavar="N",
        help='edge of a voxel in nanometres, one number or three as "z,y,x"; overrides the file',
    )
    parser.add_argument(
        "--lac-per-unit",
        type=float,
        metavar="N",
        help="LAC in µm⁻¹ of one stored unit; overrides the file",
    )


def voxel_size(args: argparse.Namespace) -> VoxelSize | None:
    """Return the voxel size in µm that was given with ``--voxel-size-nm``."""
    from sxtstudio.workflow.importing import parse_voxel_size_nm

    words: str | None = args.voxel_size_nm
    return None if words is None else parse_voxel_size_nm(words, "--voxel-size-nm")


def add_device(parser: argparse.ArgumentParser) -> None:
    """Add the choice of where a network computes."""
    parser.add_argument(
        "--device",
        choices=("auto", "cpu", "cuda"),
        default="auto",
        help="where to compute (auto: the GPU if there is one)",
    )
    parser.add_argument(
        "--threads", type=positive, metavar="N", help="processor threads to use (one a core)"
    )


def positive(word: str) -> int:
    """Return a whole number above 0.

    Raises
    ------
    argparse.ArgumentTypeError
        If the word is none.
    """
    if not word.isdecimal() or int(word) == 0:
        raise argparse.ArgumentTypeError(f"{word!r} is no whole number above 0")
    return int(word)


def add_cells(parser: argparse.ArgumentParser, otherwise: str) -> None:
    """Add the choice of cells."""
    parser.add_argument(
        "--cell",
        action="append",
        nargs="+",
        default=[],
        metavar="NAME",
        help=f"cells, by name; otherwise {otherwise}",
    )


def cells(args: argparse.Namespace) -> tuple[str, ...]:
    """Return the names that were given with ``--cell``."""
    return tuple(name for group in args.cell for name in group)


def count(number: int, word: str) -> str:
    """Return a number and a word, in the plural where it is one."""
    return f"{number} {word}{'s' * (number != 1)}"
