"""Train on a project's cells and segment a file.

Run it with: python examples/train_and_segment.py P.sxt T.mrc
"""

import sys
from pathlib import Path

from sxtstudio.core.events import Event, Metrics
from sxtstudio.project.project import Project
from sxtstudio.workflow.bringing import finish_job
from sxtstudio.workflow.jobs import TrainingRequest, export_training_job, run_job
from sxtstudio.workflow.segmenting import FileSegmentation, segment_file


def show(event: Event) -> None:
    """Print the loss now and then; raise `Cancelled` here to stop the work."""
    if isinstance(event, Metrics) and event.dice:
        print(f"stage {event.stage}, step {event.step}: loss {event.loss:.3f}")


def main(path: Path, tomogram: Path, steps: int = 400, threads: int | None = None) -> None:
    """Write a network and the labels of the tomogram beside the project."""
    network, job = path.with_suffix(".sxtnet"), path.with_suffix(".job")
    request = TrainingRequest(task="organelles", network=network, steps=steps, threads=threads)
    with Project.open(path) as project:
        export_training_job(project, request, job)
        run_job(job, show)
        print(finish_job(project, job))
    out = tomogram.with_name(f"{tomogram.stem}_segmented.am")
    segment_file(FileSegmentation(tomogram=tomogram, network=network, out=out, threads=threads))
    print(f"Wrote {out.name}")


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
