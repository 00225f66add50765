"""Simulate a yeast cell and write it as MRC and AmiraMesh.

Run it with: python examples/simulate_a_cell.py DIR
"""

import sys
from pathlib import Path

import numpy as np

from sxtstudio.core.volume import Volume
from sxtstudio.io.volumes import write_volume
from sxtstudio.simulation.cells import simulate_cell
from sxtstudio.workflow.exporting import label_volume


def main(folder: Path, size: int = 64) -> None:
    """Write yeast.mrc (LAC) and yeast_labels.am (what is where)."""
    cell = simulate_cell("yeast", size, np.random.default_rng(1), name="yeast")
    tomogram = Volume(
        values_ZYX=cell.tomogram.lac_ZYX,
        voxel_size_um=cell.tomogram.voxel_size_um,
        lac_per_unit=1.0,
    )
    write_volume(folder / "yeast.mrc", tomogram)
    labels = cell.annotations[0].label_map
    write_volume(folder / "yeast_labels.am", label_volume(labels, {}))
    print(f"{cell.name}: {', '.join(labels.names.values())}")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
