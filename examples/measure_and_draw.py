"""Measure the cells of a project and draw each.

Run it with: python examples/measure_and_draw.py PROJECT.sxt
"""

import sys
from pathlib import Path

from sxtstudio.project.project import Project
from sxtstudio.workflow.measuring import measure_cells
from sxtstudio.workflow.picturing import snapshot


def main(path: Path) -> None:
    """Print the volume of every class, and write a table and a picture of every cell."""
    with Project.open(path) as project:
        table = measure_cells(project)
        for cell in project.cells():
            snapshot(project, cell.name, path.with_name(f"{cell.name}.png"))
    path.with_suffix(".csv").write_text(table.to_csv(), encoding="utf-8")
    names = [column.name for column in table.columns]
    for row in (dict(zip(names, values, strict=True)) for values in table.rows):
        if row["object"] == 0:
            print(f"{row['cell']}  {row['class']}  {row['volume_um3']:.3f} µm³")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
