"""Train on six simulated algae, segment two unseen ones, and print Dice per class.

    .venv/bin/python benchmarks/first_light.py FOLDER [--minutes 6] [--size 96] [--seed 1]

Everything goes through the command line, as a user's script would.
"""

import argparse
import json
import os
import resource
import subprocess
import sys
import time
from pathlib import Path

CLASSES = ("nucleus", "mitochondria", "lipid bodies", "starch granules")
TRAINING, UNSEEN = 6, 2


def sxtstudio(*words: str | Path) -> dict[str, object]:
    """Run a verb and return its JSON."""
    command = [sys.executable, "-m", "sxtstudio", *map(str, words), "--json"]
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True)
    return json.loads(done.stdout)


def core_seconds() -> float:
    """Return the processor time of all children so far."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def main() -> None:
    """Run the benchmark."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--minutes", default="6")
    parser.add_argument("--size", default="96")
    parser.add_argument("--seed", default="1")
    args = parser.parse_args()
    cells, project, network = (args.folder / n for n in ("cells", "p.sxt", "n.sxtnet"))
    args.folder.mkdir(parents=True)
    count = str(TRAINING + UNSEEN)
    options = ("--kind", "alga", "--cells", count, "--size", args.size, "--seed", args.seed)
    sxtstudio("simulate", cells, *options, "--labels")
    tomograms = sorted(cells.glob("*.mrc"))
    labels = [path.with_name(path.stem + "_labels.am") for path in tomograms]
    sxtstudio("new", project)
    for tomogram, label in list(zip(tomograms, labels, strict=True))[:TRAINING]:
        sxtstudio("add", project, tomogram, "--labels", label, "--complete", "all")
    sxtstudio("task", project, "organelles", *(w for c in CLASSES for w in ("--class", c)))
    start, spent = time.monotonic(), core_seconds()
    sxtstudio("train", project, "organelles", "--network", network, "--minutes", args.minutes)
    print(f"training: {time.monotonic() - start:.0f} s, {core_seconds() - spent:.0f} core-seconds")
    print(json.dumps(sxtstudio("info", network)["scores"], indent=1))
    for tomogram, label in list(zip(tomograms, labels, strict=True))[TRAINING:]:
        out = args.folder / f"{tomogram.stem}.am"
        spent = core_seconds()
        sxtstudio("segment-file", tomogram, "--network", network, "--out", out)
        inference = core_seconds() - spent
        print(
            tomogram.stem,
            f"{inference:.1f} core-seconds",
            json.dumps(sxtstudio("score", out, label)),
        )


if __name__ == "__main__":
    os.environ.setdefault("PYTHONUNBUFFERED", "1")
    main()
