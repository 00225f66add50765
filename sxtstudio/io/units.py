"""Units as files spell them; everything inside the program is in µm and µm⁻¹."""

from sxtstudio.core.errors import UnitError
from sxtstudio.core.volume import VoxelSize, parse_voxel_size_um

ANGSTROM_PER_UM = 1e4

PER_UM = "1/um"
"""How we write the unit of LAC: plain ASCII, since MRC and TIFF texts know nothing else."""

_UM_PER_UNIT = {
    1e-6: ("pm", "picometer", "picometre"),
    1e-4: ("å", "a", "ang", "angstrom", "ångström", "ångstrom"),
    1e-3: ("nm", "nanometer", "nanometre"),
    1.0: ("um", "micron", "micrometer", "micrometre"),
    1e3: ("mm", "millimeter", "millimetre"),
    1e4: ("cm", "centimeter", "centimetre"),
    25.4e3: ("in", "inch", '"'),
    1e6: ("m", "meter", "metre"),
}
_UM_PER_WORD = {word: factor for factor, words in _UM_PER_UNIT.items() for word in words}
_PER_UM_WORDS = frozenset({"1/um", "um-1", "um^-1", "um**-1", "perum", "permicron", "1/micron"})


def um_per_unit(unit: str) -> float | None:
    """Return how many µm a unit of length is, or None if this is no unit of length."""
    word = _plain(unit)
    return _UM_PER_WORD.get(word) or _UM_PER_WORD.get(word.removesuffix("s"))


def is_per_um(unit: str) -> bool:
    """Tell whether a unit is µm⁻¹, that of LAC."""
    word = _plain(unit).replace("⁻¹", "-1").replace(" ", "").replace("(", "").replace(")", "")
    return word in _PER_UM_WORDS


def _plain(unit: str) -> str:
    # ImageJ writes the micro sign as an escape; Unicode has two of them, and two of Å.
    word = unit.strip().strip("\0").replace("\\u00B5", "u").replace("\\u00b5", "u")
    return word.replace("\u00b5", "u").replace("\u03bc", "u").replace("\u212b", "å").lower()


def believable_voxel_size(
    size_um: tuple[float, ...], source: str
) -> tuple[VoxelSize | None, tuple[str, ...]]:
    """Return the voxel size (z, y, x) that a file states, or None and a note if it cannot be true.

    ``source`` names what states it ("the header") at the start of the note. A file whose voxel
    size is wrong is still a file whose values can be used, once the user has said the size.
    """
    try:
        return parse_voxel_size_um(size_um, source), ()
    except UnitError:
        edges = " × ".join(f"{edge * 1000:.6g}" for edge in size_um)
        return None, (f"{source} gives a voxel size of {edges} nm (z, y, x), which is not used.",)
