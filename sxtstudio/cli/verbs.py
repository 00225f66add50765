"""How verbs are declared: their parser, what runs them, and the options that several share."""

import argparse
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from sxtstudio.cli.reporting import Outcome, Terminal
from sxtstudio.core.volume import VoxelSize

if TYPE_CHECKING:
    from sxtstudio.workflow.importing import AddCell

SPECIMEN = ("species", "strain", "condition", "instrument")
"""What may be said of the cell that a tomogram shows."""

RunVerb = Callable[[argparse.Namespace, Terminal], Outcome]


class Verbs:
    """The verbs of the command line, or those of one of its verbs, each with ``--json``."""

    def __init__(self, top: argparse.ArgumentParser, *, within: str = "") -> None:
        self._subparsers = top.add_subparsers(dest=f"{within}verb", metavar="VERB", required=True)
        # What was said before the inner verb must not be forgotten at it.
        self._json_default: object = argparse.SUPPRESS if within else False

    @property
    def names(self) -> frozenset[str]:
        """The words that begin a command."""
        return frozenset(self._subparsers.choices)

    def add(
        self, name: str, run: RunVerb | None, what: str, more: str = ""
    ) -> argparse.ArgumentParser:
        """Return the parser of a new verb; ``what`` and ``more`` are its help.

        ``run`` is None for a verb that has verbs within.
        """
        description = f"{what[0].upper()}{what[1:]}. {more}".strip()
        parser = self._subparsers.add_parser(name, help=what, description=description)
        parser.add_argument(
            "--json",
            action="store_true",
            default=self._json_default,
            help="one JSON object on standard output",
        )
        if run is not None:
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


def add_cell_files(parser: argparse.ArgumentParser) -> None:
    """Add the options that tell of a tomogram file, and of the labels that belong to it."""
    parser.add_argument("--name", default="", help="name of the cell (the file's)")
    add_units(parser)
    parser.add_argument(
        "--dataset", metavar="PATH", help="path of the tomogram inside an HDF5 file"
    )
    parser.add_argument(
        "--link", action="store_true", help="leave the tomogram where it is, do not copy it"
    )
    parser.add_argument("--labels", type=Path, metavar="FILE", help="labels on the tomogram's grid")
    parser.add_argument("--labels-dataset", metavar="PATH", help="the same for the labels")
    add_label_words(parser)
    for field in SPECIMEN:
        parser.add_argument(f"--{field}", default="", metavar="WORDS", help=f"{field} of the cell")


def add_label_words(parser: argparse.ArgumentParser) -> None:
    """Add the options that say what labels stand for."""
    parser.add_argument(
        "--classes",
        metavar="WORDS",
        help='what the label values stand for, "1=nucleus,2=mitochondria"; without it, the names '
        'in the file count. "ignore" is a region that may be anything, "7=0" leaves the value 7 '
        "unlabelled",
    )
    parser.add_argument(
        "--complete",
        metavar="WORDS",
        help='classes that are drawn everywhere in this cell, "nucleus,mitochondria", all or none '
        "(none)",
    )


def cell_files(args: argparse.Namespace, tomogram: Path) -> "AddCell":
    """Return what was said of a tomogram file and its labels."""
    from sxtstudio.workflow.importing import AddCell

    return AddCell(
        tomogram=tomogram,
        name=args.name,
        voxel_size_um=voxel_size(args),
        lac_per_unit=args.lac_per_unit,
        link=args.link,
        labels=args.labels,
        classes=args.classes,
        complete=args.complete,
        dataset=args.dataset,
        labels_dataset=args.labels_dataset,
        species=args.species,
        strain=args.strain,
        condition=args.condition,
        instrument=args.instrument,
    )
