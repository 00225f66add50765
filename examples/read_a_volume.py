"""Say what is in a tomogram file.

Run it with: python examples/read_a_volume.py CELL.mrc
"""

import sys
from pathlib import Path

from sxtstudio.io.volumes import read_volume
from sxtstudio.workflow.importing import import_tomogram


def main(path: Path) -> None:
    """Print shape, voxel size and the range of LAC."""
    tomogram, notes = import_tomogram(read_volume(path), path.name)
    z, y, x = tomogram.shape
    edges_nm = ", ".join(f"{edge * 1000:.1f}" for edge in tomogram.voxel_size_um)
    print(f"{z} × {y} × {x} voxels of {edges_nm} nm (z, y, x)")
    print(f"LAC {tomogram.lac_ZYX.min():.2f} to {tomogram.lac_ZYX.max():.2f} µm⁻¹")
    for note in notes:
        print(note)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
