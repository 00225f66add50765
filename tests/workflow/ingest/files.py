"""Folders of old work for the tests: balls in water, written in all formats."""

from pathlib import Path

import h5py
import numpy as np

from sxtstudio.core.ontology import default_ontology
from sxtstudio.core.volume import Volume, VoxelSize
from sxtstudio.io.volumes import write_volume
from sxtstudio.workflow.ingest.proposals import CellProposal, Review
from sxtstudio.workflow.ingest.scanning import scan
from tests.workflow.cells import VOXEL_UM, ball

REAL = (Path(__file__).parents[4] / "shared" / "data" / "real").resolve()
SHAPE = (20, 24, 28)
NAMES = {1: "nucleus", 2: "lipid bodies"}
ONTOLOGY = default_ontology()


def lac(seed: int = 0, shape: tuple[int, int, int] = SHAPE) -> np.ndarray:
    """Return a ball of LAC 0.3 in water, a nucleus of 0.2 and a lipid body of 0.6 in it."""
    values_ZYX = np.where(labels(shape) == 1, 0.2, 0.3)
    values_ZYX[labels(shape) == 2] = 0.6
    values_ZYX[~ball(shape, tuple(n / 2 for n in shape), min(shape) / 2.2)] = 0.11
    noise_ZYX = np.random.default_rng(seed).normal(0, 0.01, shape)
    return (values_ZYX + noise_ZYX).astype(np.float32)


def labels(shape: tuple[int, int, int] = SHAPE) -> np.ndarray:
    """Return 1 in the nucleus, 2 in the lipid body."""
    z, y, x = shape
    labels_ZYX = np.zeros(shape, np.uint8)
    labels_ZYX[ball(shape, (z / 2, y / 2, x / 2 - 3), 5)] = 1
    labels_ZYX[ball(shape, (z / 2, y / 2, x / 2 + 5), 2.5)] = 2
    return labels_ZYX


def write(
    path: Path,
    values: np.ndarray,
    *,
    size: VoxelSize | None = VOXEL_UM,
    names: dict[int, str] | None = None,
    lac_per_unit: float | None = None,
    dataset: str | None = None,
) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    volume = Volume(
        values_ZYX=values,
        voxel_size_um=size,
        class_names=names or {},
        lac_per_unit=lac_per_unit,
    )
    write_volume(path, volume, dataset=dataset)
    return path


def write_pair(folder: Path, name: str = "cell7", seed: int = 0) -> tuple[Path, Path]:
    return (
        write(folder / f"{name}.mrc", lac(seed), lac_per_unit=1.0),
        write(folder / f"{name}_labels.am", labels(), names=NAMES),
    )


def write_hdf5(path: Path, arrays: dict[str, np.ndarray]) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    with h5py.File(path, "w") as file:
        for name, values in arrays.items():
            file[name] = values
            file[name].attrs["element_size_um"] = VOXEL_UM
    return path


def write_project(script: Path, *loads: str, connect: dict[str, str] | None = None) -> Path:
    script.parent.mkdir(parents=True, exist_ok=True)
    lines = ["# Amira Project 630", "# Amira"]
    lines += [f'[ load ${{SCRIPTDIR}}/{path} ] setLabel "{Path(path).name}"' for path in loads]
    lines += [f'"{a}" ImageData connect "{b}"' for a, b in (connect or {}).items()]
    script.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return script


def scanned(folder: Path) -> Review:
    return scan(folder, ONTOLOGY)


def only_row(folder: Path) -> CellProposal:
    review = scanned(folder)
    assert [row.name for row in review.rows if row.labels is not None] != [], review.problems
    (row,) = (row for row in review.rows if row.labels is not None)
    return row


def terms(row: CellProposal) -> dict[int, str | None]:
    return {label.value: label.term for label in row.values}
