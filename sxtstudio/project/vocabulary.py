"""Terms and synonyms that a project adds to the program's vocabulary, in the project file.

Each addition is a record of its own that never changes; a project that adds nothing has no such
part, as those of older programs.
"""

import h5py

from sxtstudio.core.ontology import Extension, merged
from sxtstudio.project.entries import add_entry, entries, new_id, read_record
from sxtstudio.project.tree import group_at

VOCABULARY = "vocabulary"


def read_extension(root: h5py.Group, path: str) -> Extension:
    """Return everything the project adds, the oldest definition first."""
    if VOCABULARY not in root:
        return Extension()
    groups = entries(group_at(root, VOCABULARY))
    return merged(read_record(group, Extension, path) for group in groups)


def write_extension(root: h5py.Group, extension: Extension) -> None:
    """Add terms and synonyms."""
    part = root.require_group(VOCABULARY)
    add_entry(part, new_id(part), extension)
