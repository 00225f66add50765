"""One biological cell and what people or networks have drawn in it."""

import re
from dataclasses import dataclass

from sxtstudio.core.errors import LabelError
from sxtstudio.core.ontology import Ontology
from sxtstudio.core.provenance import Provenance
from sxtstudio.core.volume import LabelMap, Tomogram, check_shapes_agree


@dataclass(frozen=True, kw_only=True, eq=False)
class Annotation:
    """A label map and ``complete``: ids of the classes drawn *everywhere that is not ignored*.

    A class that is complete and not drawn at a voxel is known not to be there. All other classes
    are unknown wherever nothing is drawn. What the annotator did not look at, such as the planes
    between those that were drawn, carries a label named `sxtstudio.core.ontology.IGNORE`: it may
    be anything, whatever is complete.
    """

    label_map: LabelMap
    complete: frozenset[str]
    author: str = ""
    made_by: Provenance | None = None


@dataclass(frozen=True, kw_only=True, eq=False)
class Cell:
    """One biological cell: its tomogram, annotations and what is known of the specimen.

    ``library_ids`` are those of the cells in a library that it was read from.
    """

    name: str
    tomogram: Tomogram
    annotations: tuple[Annotation, ...] = ()
    species: str = ""
    strain: str = ""
    condition: str = ""
    instrument: str = ""
    library_ids: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        for annotation in self.annotations:
            check_shapes_agree(annotation.label_map.shape, self.tomogram.shape, self.name)

    @property
    def kind(self) -> str:
        """What sort of cell it is, as `kind_of` tells."""
        return kind_of(self.name, self.species, self.strain)


def kind_of(name: str, species: str, strain: str) -> str:
    """Return what sort of cell it is: species and strain, or else its name without the number."""
    stated = ", ".join(filter(None, (species.strip(), strain.strip())))
    return stated or re.sub(r"[\W_]*\d+$", "", name) or name


def parse_complete(words: str, drawn: frozenset[str], ontology: Ontology) -> frozenset[str]:
    """Return the complete classes that ``all``, ``none`` or a list "nucleus, lipid" names.

    ``all`` means every class that the label map names. A class may be complete without being
    drawn: then the cell is known to have none.

    Raises
    ------
    LabelError
        If a word is not in the ontology.
    """
    word = words.strip().lower()
    if word in ("none", ""):
        return frozenset()
    if word == "all":
        return frozenset(class_id for class_id in drawn if class_id in ontology)
    return frozenset(ontology.find(name).id for name in words.split(",") if name.strip())


def parse_label_names(words: str, ontology: Ontology) -> dict[int, str]:
    """Return label value → class id of "1=nucleus,2=mitochondria".

    Raises
    ------
    LabelError
        If an entry is not VALUE=CLASS, a value is given twice, or a class is unknown.
    """
    names: dict[int, str] = {}
    for entry in filter(None, (part.strip() for part in words.split(","))):
        value, equals, word = entry.partition("=")
        if not equals or not value.strip().isdecimal():
            raise LabelError(
                f"{entry!r} does not say which class a label value stands for; "
                'write it like "1=nucleus,2=mitochondria".'
            )
        if int(value) in names:
            raise LabelError(f"The label value {int(value)} is given two classes in {words!r}.")
        names[int(value)] = ontology.find_label(word)
    return names
