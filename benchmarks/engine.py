"""Set SXT Studio beside nnU-Net v2 and MONAI on the same cells with the same core-seconds.

    .venv/bin/python benchmarks/engine.py FOLDER --install            # make the environments
    .venv/bin/python benchmarks/engine.py FOLDER --quick              # a minute: does it all run?
    .venv/bin/python benchmarks/engine.py FOLDER --table benchmarks/RESULTS.md

FOLDER/rows.jsonl gets a line for each tool, kind, test set, budget and seed; what is in it is not
run again, so that an interrupted comparison goes on. Each tool gets a folder of arrays without the
labels of the unseen cells and runs in an environment of its own (`peers/job.py` tells how). Minutes
are minutes of two idle cores: the budget is minutes × 120 core-seconds, however many threads use
them up. A seed draws new cells and seeds the training. Neither wall time nor other work counts.
"""

import argparse
import json
import os
import platform
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from peers.cells import CLASSES, SLAB, Known, Trial, simulated, slab_halves
from peers.environments import NOT_RUN, PEERS, install, python_of, script_of
from peers.job import Item, Job, write_job
from peers.scoring import scored
from peers.table import STAGE_1, Row, put_into

KINDS = tuple(kind for kind in CLASSES if kind != "slab")
SETS = ("ordinary", "wedge", "slab")
TOOLS = (*PEERS, *NOT_RUN)
DEFAULT_TOOLS = ("studio", "nnunet", "nnunet-small", "nnunet-cascade", "monai", "monai-unet")
CELLS, QUICK_CELLS = (7, 3), (3, 1)
CORE_S_PER_MINUTE = 120


def main() -> None:
    """Run what is asked for and not there yet, and write the table."""
    args = _arguments()
    args.folder.mkdir(parents=True, exist_ok=True)
    for tool in args.tools:
        if tool in NOT_RUN:
            print(f"{tool} is not run: {NOT_RUN[tool]}.")
        elif args.install:
            install(tool)
    tools = [tool for tool in args.tools if tool in PEERS]
    missing = [tool for tool in tools if not python_of(tool).exists()]
    if missing:
        sys.exit(f"No environment for {', '.join(missing)}; make it with --install.")
    if not args.install and not args.no_run:
        _run_all(args, tools)
        _run_gpu(args)
    if args.table:
        put_into(args.table, _rows(args.folder))


def _run_all(args: argparse.Namespace, tools: list[str]) -> None:
    for seed in args.seeds:
        for trial in _trials(args, seed):
            for minutes in args.budgets:
                for tool in tools:
                    _run(args, trial, tool, minutes, seed)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("folder", type=Path)
    parser.add_argument("--budgets", type=float, nargs="+", default=[2, 5, 10], metavar="MINUTES")
    parser.add_argument("--seeds", type=int, nargs="+", default=[1, 2, 3])
    parser.add_argument("--tools", nargs="+", default=DEFAULT_TOOLS, choices=TOOLS)
    parser.add_argument("--kinds", nargs="+", default=KINDS, choices=KINDS)
    parser.add_argument("--sets", nargs="+", default=SETS, choices=SETS)
    parser.add_argument("--size", type=int, default=96)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--mirroring", choices=("all", "none"), default="all", help="of nnU-Net")
    parser.add_argument("--install", action="store_true", help="make the environments only")
    parser.add_argument("--quick", action="store_true", help="tiny cells, few core-seconds")
    parser.add_argument("--keep", action="store_true", help="keep arrays and predictions")
    parser.add_argument("--no-run", action="store_true", help="only write the table")
    parser.add_argument("--table", type=Path, help="a Markdown file, as benchmarks/RESULTS.md")
    args = parser.parse_args()
    if args.quick:
        args.budgets, args.seeds, args.size = [10 / CORE_S_PER_MINUTE], [1], 48
        args.kinds = args.kinds[:1]
    return args


def _trials(args: argparse.Namespace, seed: int) -> Iterator[Trial]:
    sets = [name for name in args.sets if name != "slab"]
    counts = QUICK_CELLS if args.quick else CELLS
    for kind in args.kinds if sets else ():
        yield simulated(kind, args.size, seed, sets, counts)
    if "slab" in args.sets:
        halves = slab_halves()
        if not halves:
            words = f"the real slab, because {SLAB.name} is not there"
            _append(args.folder, {"tool": "slab", "skipped": words, "key": ["skipped slab"]})
        yield from halves


def _run(args: argparse.Namespace, trial: Trial, tool: str, minutes: float, seed: int) -> None:
    """Let one tool train once and segment all unseen cells; append a row for each test set."""
    size = args.size if trial.kind != "slab" else max(trial.training[0].lac_ZYX.shape)
    facts: Row = {
        "tool": tool,
        "kind": trial.kind,
        "minutes": minutes,
        "seed": seed,
        "size": size,
        "threads": args.threads,
        "mirroring": args.mirroring,
    }
    done = {json.dumps(row["key"]) for row in _rows(args.folder) if "failed" not in row}
    keys = {name: [*facts.values(), name] for name in trial.unseen}
    if all(json.dumps(key) in done for key in keys.values()):
        return
    words = "-".join(map(str, [tool, trial.kind, *trial.unseen, f"{minutes:g}", seed, size]))
    folder = args.folder / words.replace(" ", "_").replace(",", "")
    _fill(folder, args, trial, tool, minutes, seed)
    failed = _call(tool, folder, args.threads)
    for name, cells in trial.unseen.items():
        row: Row = {**facts, "set": name, "key": keys[name]}
        if failed:
            _append(args.folder, row | {"failed": failed})
            continue
        _append(args.folder, row | _result(folder, cells, trial.classes))
        if (folder / f"{cells[0].name}_predicted_stage1.npy").exists():
            first = scored(folder, cells, trial.classes, "_stage1")
            key = [STAGE_1, *keys[name][1:]]
            _append(args.folder, row | first | {"tool": STAGE_1, "key": key})
    if not failed and not args.keep:
        shutil.rmtree(folder)


def _fill(
    folder: Path, args: argparse.Namespace, trial: Trial, tool: str, minutes: float, seed: int
) -> None:
    """Write the job; the labels of unseen cells stay here."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    unseen = [cell for cells in trial.unseen.values() for cell in cells]
    for cell in (*trial.training, *unseen):
        np.save(folder / f"{cell.name}_lac.npy", cell.lac_ZYX)
    for cell in trial.training:
        np.save(folder / f"{cell.name}_labels.npy", cell.labels_ZYX)
    job = Job(
        tool=tool,
        classes=trial.classes,
        budget_core_s=minutes * CORE_S_PER_MINUTE,
        seed=seed,
        threads=args.threads,
        mirroring=args.mirroring == "all",
        training=tuple(_item(cell) for cell in trial.training),
        unseen=tuple(_item(cell) for cell in unseen),
    )
    write_job(folder, job)


def _item(cell: Known) -> Item:
    return Item(name=cell.name, voxel_size_um=cell.voxel_size_um)


def _call(tool: str, folder: Path, threads: int) -> str:
    """Run a tool on its folder; return the last words of one that failed."""
    settings = {
        "OMP_NUM_THREADS": str(threads),
        "OMP_WAIT_POLICY": "PASSIVE",
        "CUDA_VISIBLE_DEVICES": "",
        "nnUNet_n_proc_DA": "1",
        "nnUNet_def_n_proc": str(threads),
        "PYTHONWARNINGS": "ignore",
    }
    command = [str(python_of(tool)), str(script_of(tool)), str(folder.resolve())]
    print(f"{folder.name} …", flush=True)
    with (folder / "log.txt").open("w") as log:
        process = subprocess.Popen(
            command,
            stdout=log,
            stderr=subprocess.STDOUT,
            env=os.environ | settings,
            process_group=0,
        )
        try:
            status = process.wait()
        except BaseException:
            os.killpg(process.pid, signal.SIGTERM)
            raise
    lines = (folder / "log.txt").read_text().strip().splitlines()
    return "" if status == 0 else f"status {status}, {lines[-1][:200] if lines else 'no words'}"


def _result(folder: Path, cells: tuple[Known, ...], classes: tuple[str, ...]) -> Row:
    report = json.loads((folder / "report.json").read_text())
    voxels = report.pop("predicted_voxels")
    cost = report["predicting_core_s"] / voxels * 1e6
    numbers = {k: round(v, 3) if isinstance(v, float) else v for k, v in report.items()}
    where = {"processor": _processor(), "commit": _commit()}
    scores = scored(folder, cells, classes, "")
    return {**scores, **numbers, "predicting_core_s_per_mvoxel": round(cost, 2), **where}


def _processor() -> str:
    facts = Path("/proc/cpuinfo")
    lines = facts.read_text().splitlines() if facts.exists() else []
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.processor()


def _commit() -> str:
    """Return the commit of this checkout, empty outside of one."""
    command = ["git", "rev-parse", "--short", "HEAD"]
    here = Path(__file__).parent
    done = subprocess.run(command, cwd=here, capture_output=True, text=True, check=False)
    return done.stdout.strip()


def _run_gpu(args: argparse.Namespace) -> None:
    """Append what a GPU makes of it, where there is one."""
    if any(row.get("tool") == "gpu" for row in _rows(args.folder)):
        return
    script = Path(__file__).parent / "peers/gpu.py"
    command = [sys.executable, str(script), str(args.folder / "gpu")]
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=False)
    lines = done.stdout.strip().splitlines()
    if done.returncode or not lines:
        print(f"The GPU rows failed with status {done.returncode}.")
        return
    found = json.loads(lines[-1])
    if "skipped" in found:
        print(f"No GPU rows: {found['skipped']}.")
    else:
        _append(args.folder, {"tool": "gpu", "key": ["gpu"], **found})


def _rows(folder: Path) -> list[Row]:
    """Return the rows so far, the newest of each key."""
    path = folder / "rows.jsonl"
    lines = path.read_text().splitlines() if path.exists() else []
    rows = [json.loads(line) for line in lines]
    return list({json.dumps(row["key"]): row for row in rows}.values())


def _append(folder: Path, row: Row) -> None:
    with (folder / "rows.jsonl").open("a") as file:
        file.write(json.dumps(row) + "\n")
    shown = {k: row[k] for k in ("tool", "kind", "set", "mean_dice", "failed") if k in row}
    print(json.dumps(shown), flush=True)


if __name__ == "__main__":
    main()
