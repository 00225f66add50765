"""Put simulated cells into a project and define a task.

Run it with: python examples/build_a_project.py NEW.sxt
"""

import sys
from pathlib import Path

import numpy as np

from sxtstudio.project.project import Project
from sxtstudio.simulation.cells import simulate_cell
from sxtstudio.workflow.tasks import define_task


def main(path: Path, cells: int = 3, size: int = 64) -> None:
    """Make a project with labelled yeast cells and the task "organelles"."""
    with Project.create(path) as project:
        for number in range(cells):
            rng = np.random.default_rng([1, number])
            project.add_cell(simulate_cell("yeast", size, rng, name=f"yeast-{number + 1}"))
        task = define_task(project, "organelles", ["nucleus", "vacuole", "lipid bodies"])
        print(f"{len(project.cells())} cells; label values of the task: {task.names}")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
