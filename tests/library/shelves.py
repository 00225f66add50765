"""Records of library cells, made by hand: what the tests of coverage and selection choose from."""

from sxtstudio.core.coverage import AnnotationFacts
from sxtstudio.library.records import LibraryAnnotation, LibraryCell

VALUES = {"nucleus": 1, "lipid": 2, "mitochondria": 3, "starch": 4, "vacuole": 5}


def shelf_cell(number: int, *, complete: tuple[str, ...] = (), **drawn: int) -> LibraryCell:
    """Return a yeast cell with so many voxels of each class drawn."""
    facts = AnnotationFacts(
        names={VALUES[name]: name for name in drawn},
        complete=frozenset(complete),
        voxels={VALUES[name]: voxels for name, voxels in drawn.items()},
        objects={VALUES[name]: 1 for name in drawn},
    )
    return LibraryCell(
        id=f"{number:064x}",
        name=f"yeast{number}",
        shape=(64, 64, 64),
        voxel_size_um=(0.04, 0.04, 0.04),
        lac_sha256=f"{number + 10**6:064x}",
        annotations=(LibraryAnnotation(id=0, facts=facts),),
        histogram=(0.0,) * 20 + (1.0,) + (0.0,) * 44,
    )
