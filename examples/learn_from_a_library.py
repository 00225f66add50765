"""Take partly drawn cells of old work into a library, and train from it.

Run it with: python examples/learn_from_a_library.py NEW_FOLDER
"""

import sys
from dataclasses import replace
from pathlib import Path

from sxtstudio.library.library import Library
from sxtstudio.project.project import Project
from sxtstudio.workflow.bringing import finish_job
from sxtstudio.workflow.gathering import coverage_of
from sxtstudio.workflow.ingest.importing import ingest
from sxtstudio.workflow.ingest.scanning import scan
from sxtstudio.workflow.jobs import TrainingRequest, export_training_job, run_job
from sxtstudio.workflow.simulating import Simulation, simulate_files
from sxtstudio.workflow.tasks import define_task


def main(folder: Path, size: int = 64, steps: int = 400, threads: int | None = None) -> None:
    """Write old work, a library, a project and a network; no cell shows both structures."""
    for kind in ("yeast", "alga"):
        old = Simulation(folder=folder / "old" / kind, kind=kind, cells=2, size=size, labels=True)
        simulate_files(replace(old, only=("nucleus", "mitochondria")))
    network, job = folder / "n.sxtnet", folder / "n.job"
    with Library.create(folder / "library") as library, Project.create(folder / "p.sxt") as project:
        print(f"{len(ingest(scan(folder / 'old', library.ontology()), library).added)} cells added")
        task = define_task(project, "both", ["nucleus", "mitochondria"])
        for row in coverage_of(project, library, task).rows:
            print(row.name, {name: known.knowledge for name, known in row.known.items()})
        request = TrainingRequest(
            task=task.name, network=network, library=library.folder, steps=steps, threads=threads
        )
        export_training_job(project, request, job)
        run_job(job)
        print(finish_job(project, job))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
