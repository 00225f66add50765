"""Tomograms and labels of a project to be looked at: they stay in their file."""

import numpy as np

from sxtstudio.core.novelty_map import NoveltyMap
from sxtstudio.core.volume import ArrayLike, Tomogram
from sxtstudio.project import cells, labels
from sxtstudio.project.project_file import ProjectFile
from sxtstudio.project.records import CellRecord, LabelVersion
from sxtstudio.project.stored_array import stored_array, stored_fields
from sxtstudio.project.tree import dataset_at


class Looking:
    """Opens arrays of a project, which any thread may then read while the project is open."""

    def __init__(self, file: ProjectFile) -> None:
        self._file = file

    def tomogram(self, cell: CellRecord) -> Tomogram:
        """Return the tomogram of a cell; whether a linked file has changed is not checked.

        Raises
        ------
        ProjectError
            If a linked file is missing, or has another number of voxels.
        """
        path = self._file.path
        if self._file.read_only:  # a commit that was cut off may be in memory only, see `Store`
            return self._file.read(lambda root: cells.read_tomogram(root, cell, path))
        return self._file.read(lambda root: cells.open_tomogram(root, cell, path))

    def labels(self, cell: CellRecord, version_id: str) -> ArrayLike:
        """Return the labels of a version."""
        return self._of_version(cell, version_id, labels.LABELS)

    def probabilities(self, cell: CellRecord, version_id: str) -> tuple[ArrayLike, ...]:
        """Return the probability map of each class of a prediction, uint8 (p × 255)."""
        where = ("cells", cell.id, cells.VERSIONS, version_id, labels.PROBABILITIES)
        path = self._file.path
        return self._file.read(lambda root: stored_fields(dataset_at(root, *where), path))

    def uncertainty(self, cell: CellRecord, version_id: str) -> ArrayLike:
        """Return the uncertainty of a prediction, uint8 ((1 - greatest probability) × 255)."""
        return self._of_version(cell, version_id, labels.UNCERTAINTY)

    def novelty(self, cell: CellRecord, version: LabelVersion) -> NoveltyMap | None:
        """Return the novelty map of a prediction; it is small. None where it has none.

        Raises
        ------
        ProjectError
            If it cannot be read.
        """
        if version.novelty_step is None:
            return None
        stored = self._of_version(cell, version.id, labels.NOVELTY)
        return NoveltyMap(levels_ZYX=np.asarray(stored), step=version.novelty_step)

    def _of_version(self, cell: CellRecord, version_id: str, name: str) -> ArrayLike:
        where = ("cells", cell.id, cells.VERSIONS, version_id, name)
        path = self._file.path
        return self._file.read(lambda root: stored_array(dataset_at(root, *where), path))
