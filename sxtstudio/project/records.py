"""What a project says of its contents: frozen records, stored as JSON beside the arrays."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from sxtstudio.core.coverage import AnnotationFacts
from sxtstudio.core.novelty import Novelty
from sxtstudio.core.provenance import Provenance
from sxtstudio.core.table import MeasurementTable
from sxtstudio.core.volume import VoxelSize

Kind = Literal["imported", "predicted", "corrected"]


@dataclass(frozen=True, kw_only=True)
class TomogramLink:
    """What is needed to read a tomogram again that stays in its own file.

    ``relative_path`` starts at the project's folder, with forward slashes, and is tried first; it
    is empty where there is none (another drive). ``sha256`` is of the whole file. LAC (µm⁻¹) is
    the stored value × ``lac_per_unit``; ``dataset`` is a path within an HDF5 file.
    """

    relative_path: str
    absolute_path: str
    sha256: str
    dataset: str | None
    lac_per_unit: float
    voxel_size_um: VoxelSize


@dataclass(frozen=True, kw_only=True)
class LabelVersion:
    """One label map of a cell; it never changes once it is stored.

    ``id`` is ``v000001`` and counts within the cell. ``names`` (label value →) are ontology ids,
    or, for predictions, class names of ``task``; ``colours`` are ``#rrggbb``. ``complete`` are
    ontology ids, empty for predictions. ``time`` is ISO 8601 in UTC. ``voxels`` and ``objects``
    (label value →) are counted when it is stored, see `AnnotationFacts`. ``novelty`` of a
    prediction tells how the cell compares with the network's, None where nothing can be said;
    ``novelty_step`` is that of its novelty map, see `sxtstudio.core.novelty_map.NoveltyMap`, None
    where it has none.
    """

    id: str
    kind: Kind
    names: Mapping[int, str]
    colours: Mapping[int, str]
    complete: frozenset[str]
    task: str | None
    network_sha256: str | None
    comment: str
    author: str
    time: str
    has_probabilities: bool
    made_by: Provenance | None
    novelty: Novelty | None = None
    novelty_step: tuple[float, float, float] | None = None
    voxels: Mapping[int, int] = field(default_factory=dict[int, int])
    objects: Mapping[int, int] = field(default_factory=dict[int, int])

    @property
    def facts(self) -> AnnotationFacts:
        """What it says without its voxels."""
        return AnnotationFacts(
            names=self.names, complete=self.complete, voxels=self.voxels, objects=self.objects
        )


@dataclass(frozen=True, kw_only=True)
class CellRecord:
    """One cell of the project; ``link`` is None where the tomogram lies in the project file.

    ``id`` is 12 hex digits. ``lac_sha256`` is of the LAC values (float32, little-endian, z
    slowest). ``versions`` are the oldest first.
    """

    id: str
    name: str
    shape: tuple[int, int, int]
    voxel_size_um: VoxelSize
    species: str
    strain: str
    condition: str
    instrument: str
    link: TomogramLink | None
    source: str
    lac_sha256: str
    versions: tuple[LabelVersion, ...]
    made_by: Provenance


@dataclass(frozen=True, kw_only=True)
class NetworkRecord:
    """A network package that the project knows; the file itself stays where it is.

    ``path`` is absolute. ``relative_path`` starts at the project's folder and may be empty.
    """

    id: str
    path: str
    relative_path: str
    sha256: str
    task: str
    time: str


@dataclass(frozen=True, kw_only=True)
class MeasurementRecord:
    """What was measured: ``cell`` and ``version`` are ids, ``time`` is ISO 8601 in UTC."""

    id: str
    cell: str
    version: str
    time: str
    table: MeasurementTable


@dataclass(frozen=True, kw_only=True)
class HistoryEntry:
    """One change of the project: who did what to which object, and which commit it was."""

    generation: int
    time: str
    user: str
    host: str
    action: str
    subject: str
