"""What a library tells of its cells without reading their voxels."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from sxtstudio.core.cell import kind_of
from sxtstudio.core.coverage import AnnotationFacts
from sxtstudio.core.volume import VoxelSize


@dataclass(frozen=True, kw_only=True)
class LibraryAnnotation:
    """One annotation of a cell in the library; ``id`` counts from 0 within its file.

    ``facts.complete`` is what holds now: as drawn, or as corrected by a later note.
    """

    id: int
    facts: AnnotationFacts
    author: str = ""


@dataclass(frozen=True, kw_only=True)
class LibraryCell:
    """One version of one cell: what its file says, as corrected by the notes beside it.

    ``id`` is the sha256 of its content and its file's name. ``lac_sha256`` is that of the voxels
    alone, the same for all versions of a cell. ``histogram`` is that of
    `sxtstudio.core.similarity.lac_histogram`. ``withdrawn`` is the reason why it is not used any
    more, ``superseded_by`` the id of a newer version; both are empty as long as it is in use.
    """

    id: str
    name: str
    shape: tuple[int, int, int]
    voxel_size_um: VoxelSize
    lac_sha256: str
    species: str = ""
    strain: str = ""
    condition: str = ""
    instrument: str = ""
    annotations: tuple[LibraryAnnotation, ...] = ()
    histogram: tuple[float, ...] = ()
    source: str = ""
    author: str = ""
    added: str = ""
    withdrawn: str = ""
    superseded_by: str = ""

    @property
    def in_use(self) -> bool:
        """Whether it counts: neither withdrawn nor replaced by a newer version."""
        return not self.withdrawn and not self.superseded_by

    @property
    def kind(self) -> str:
        """What sort of cell it is, as `sxtstudio.core.cell.kind_of` tells."""
        return kind_of(self.name, self.species, self.strain)


@dataclass(frozen=True, kw_only=True)
class Note:
    """An append-only fact about a cell, written after it: nothing in a library is changed.

    ``kind`` is one of withdrawn, restored, superseded, complete or described. ``fields`` holds
    what it says: ``reason``; ``by`` (an id); ``annotation`` and ``complete`` (class ids, comma
    between); or the fields of the specimen.
    """

    cell: str
    kind: str
    time: str
    author: str = ""
    fields: Mapping[str, str] = field(default_factory=dict[str, str])


@dataclass(frozen=True, kw_only=True)
class CellQuery:
    """Which cells are asked for; every field that is set must hold.

    The words of ``text`` are searched for in name, species, strain, condition, instrument, source,
    author and the drawn classes, which their synonyms find, too. ``voxel_nm`` is a range of the
    mean voxel edge (nm). ``drawn`` are class ids of which at least one voxel is drawn.
    """

    text: str = ""
    kind: str = ""
    condition: str = ""
    instrument: str = ""
    voxel_nm: tuple[float, float] | None = None
    drawn: frozenset[str] = frozenset()
    with_unused: bool = False
