"""Verbs about single files: info, convert, simulate, segment-file, score."""

import argparse
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path

from sxtstudio.cli.reporting import Outcome, Terminal, table_words
from sxtstudio.cli.verbs import Verbs, add_device, add_units, count, voxel_size

KINDS = ("alga", "yeast", "lymphocyte")
_SHORT = 40


def add_verbs(verbs: Verbs) -> None:
    """Declare the verbs."""
    _add_info(verbs)
    _add_convert(verbs)
    _add_simulate(verbs)
    _add_segment_file(verbs)
    _add_score(verbs)


def _add_info(verbs: Verbs) -> None:
    info = verbs.add(
        "info",
        run_info,
        "say what a volume, project or network file holds",
        "Lengths are in nm, LAC in µm⁻¹ per stored unit.",
    )
    info.add_argument("file", type=Path, metavar="FILE")
    info.add_argument("--dataset", metavar="PATH", help="path of the volume inside an HDF5 file")


def run_info(args: argparse.Namespace, terminal: Terminal) -> Outcome:  # noqa: ARG001 - a verb
    """Say what a file holds."""
    from sxtstudio.workflow.describing import describe

    facts = describe(args.file, args.dataset)
    return Outcome(text=facts_words(facts), facts={"file": str(args.file), **facts})


def facts_words(facts: Mapping[str, object], indent: str = "") -> str:
    """Return facts as indented lines of words, without what is empty."""
    lines: list[str] = []
    for key, value in facts.items():
        name = f"{indent}{key.replace('_', ' ')}:"
        if value in (None, "", [], {}):
            continue
        if _is_plain(value):
            lines.append(f"{name} {_plain_words(value)}")
        elif isinstance(value, Mapping):
            lines += [name, facts_words(value, f"{indent}  ")]
        elif isinstance(value, list):
            lines.append(name)
            for item in value:
                words = facts_words(item, f"{indent}  ") if isinstance(item, dict) else str(item)
                lines.append(words if isinstance(item, dict) else f"{indent}  {words}")
    return "\n".join(lines)


def _is_plain(value: object) -> bool:
    """Tell whether a value fits on a line: numbers, words, or a few of them."""
    if isinstance(value, Mapping):
        return all(isinstance(item, str | float) for item in value.values())
    if isinstance(value, list):
        return all(not isinstance(item, Mapping) and len(str(item)) < _SHORT for item in value)
    return True


def _plain_words(value: object) -> str:
    if isinstance(value, Mapping):
        return ", ".join(f"{key} {_plain_words(item)}" for key, item in value.items())
    if isinstance(value, list):
        between = ", " if isinstance(value[0], str) else " × "
        return between.join(map(_plain_words, value))
    return f"{value:.6g}" if isinstance(value, float) else str(value)


def _add_convert(verbs: Verbs) -> None:
    convert = verbs.add(
        "convert",
        run_convert,
        "write a volume in another format",
        "The suffix of OUT chooses the format. Voxel size, LAC scale and class names travel along "
        "where the format can hold them; what it cannot hold is said.",
    )
    convert.add_argument("source", type=Path, metavar="IN")
    convert.add_argument("out", type=Path, metavar="OUT")
    convert.add_argument(
        "--dataset", metavar="PATH", help="path inside IN if that is HDF5, otherwise inside OUT"
    )


def run_convert(args: argparse.Namespace, terminal: Terminal) -> Outcome:
    """Write a volume in another format."""
    from sxtstudio.workflow.converting import convert

    volume = convert(args.source, args.out, dataset=args.dataset, report=terminal)
    facts = {"out": str(args.out), "shape_zyx": list(volume.shape)}
    return Outcome(text=f"Wrote {args.out}.", facts=facts)


def _add_simulate(verbs: Verbs) -> None:
    simulate = verbs.add(
        "simulate",
        run_simulate,
        "simulate cells with a physical image",
        "Writes KIND-1.mrc … (LAC in µm⁻¹, with voxel size), cells.csv and, with --labels, "
        "KIND-1_labels.am … (AmiraMesh, which keeps the names of the classes).",
    )
    simulate.add_argument("folder", type=Path, metavar="FOLDER")
    simulate.add_argument("--kind", choices=KINDS, required=True)
    simulate.add_argument("--cells", type=int, default=1, metavar="N", help="how many (1)")
    simulate.add_argument("--size", type=int, default=96, metavar="N", help="edge in voxels (96)")
    simulate.add_argument("--seed", type=int, default=0, metavar="N", help="random seed (0)")
    simulate.add_argument(
        "--tilt",
        type=float,
        metavar="DEG",
        help="greatest tilt in degrees of a flat holder, which leaves a missing wedge; without "
        "it, the cell turns fully round in a capillary",
    )
    simulate.add_argument("--labels", action="store_true", help="write what is where as well")
    simulate.add_argument(
        "--only",
        action="append",
        default=[],
        metavar="WORDS",
        help='draw only these structures, "nucleus,lipid"; given several times, the cells take '
        "turns",
    )


def run_simulate(args: argparse.Namespace, terminal: Terminal) -> Outcome:
    """Simulate cells into a folder."""
    from sxtstudio.workflow.simulating import Simulation, simulate_files

    request = Simulation(
        folder=args.folder,
        kind=args.kind,
        cells=args.cells,
        size=args.size,
        seed=args.seed,
        tilt_deg=args.tilt,
        labels=args.labels,
        only=tuple(args.only),
    )
    tomograms = simulate_files(request, terminal)
    text = f"Simulated {count(len(tomograms), 'cell')} in {args.folder}."
    return Outcome(text=text, facts={"tomograms": [str(path) for path in tomograms]})


def _add_segment_file(verbs: Verbs) -> None:
    segment = verbs.add(
        "segment-file",
        run_segment_file,
        "segment one tomogram file, without a project",
        "Label k is the k-th class of the network's task, 0 none of them.",
    )
    segment.add_argument("tomogram", type=Path, metavar="TOMOGRAM")
    segment.add_argument("--network", type=Path, required=True, metavar="NET.sxtnet")
    segment.add_argument(
        "--out", type=Path, required=True, metavar="LABELS", help="labels: .mrc, .tif, .am or .h5"
    )
    add_units(segment)
    segment.add_argument(
        "--probabilities", type=Path, metavar="P.h5", help="probability of every class, p × 255"
    )
    add_device(segment)


def run_segment_file(args: argparse.Namespace, terminal: Terminal) -> Outcome:
    """Segment one tomogram file."""
    import numpy as np

    from sxtstudio.workflow.segmenting import FileSegmentation, segment_file

    request = FileSegmentation(
        tomogram=args.tomogram,
        network=args.network,
        out=args.out,
        probabilities=args.probabilities,
        voxel_size_um=voxel_size(args),
        lac_per_unit=args.lac_per_unit,
        device=args.device,
        threads=args.threads,
    )
    label_map = segment_file(request, terminal)
    voxels = np.zeros(256, int)
    for plane in label_map.labels_ZYX:  # one at a time: counting makes them eight times as large
        voxels += np.bincount(plane.ravel(), minlength=voxels.size)
    facts = {
        "out": str(args.out),
        "classes": {str(value): name for value, name in label_map.names.items()},
        "voxels": {name: int(voxels[value]) for value, name in label_map.names.items()},
    }
    return Outcome(text=f"Wrote {args.out}.", facts=facts)


def _add_score(verbs: Verbs) -> None:
    score = verbs.add(
        "score",
        run_score,
        "compare labels with a reference: Dice, IoU, surface distances in µm",
        "Classes are matched by name if both files carry names, otherwise by value.",
    )
    score.add_argument("labels", type=Path, metavar="LABELS")
    score.add_argument("reference", type=Path, metavar="REFERENCE")


def run_score(args: argparse.Namespace, terminal: Terminal) -> Outcome:
    """Compare two label files."""
    from sxtstudio.core.events import Notice
    from sxtstudio.core.scores import mean_known
    from sxtstudio.workflow.scoring import score_files

    comparison = score_files(args.labels, args.reference)
    for note in comparison.notes:
        terminal(Notice(text=note))
    rows = [asdict(item) for item in comparison.scores]
    known = [item.dice for item in comparison.scores if item.dice is not None]
    mean = mean_known(known) if known else None
    facts = {
        "matched_by": comparison.matched_by,
        "mean_dice": mean,
        "classes": {row.pop("name"): row for row in [dict(row) for row in rows]},
    }
    header = ["class", "Dice", "IoU", "mean µm", "95 % µm", "max µm"]
    keys = ("dice", "iou", "surface_mean_um", "surface_p95_um", "surface_max_um")
    words = [[str(row["name"]), *(_number(row[key]) for key in keys)] for row in rows]
    words.append(["mean", _number(mean), "", "", "", ""])
    return Outcome(text=table_words(header, words), facts=facts)


def _number(value: float | None) -> str:
    return "–" if value is None else f"{value:.3f}"
