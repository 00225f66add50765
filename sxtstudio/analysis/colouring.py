"""The parts of a scene coloured by what was measured on their objects."""

from collections.abc import Mapping

from sxtstudio.analysis.colour_scale import ColourScale, colour_scale
from sxtstudio.analysis.object_colours import measured_values, triangle_colours
from sxtstudio.analysis.scene_part import ScenePart
from sxtstudio.core.scene import Colouring
from sxtstudio.core.table import MeasurementTable


def colour_parts(
    parts: Mapping[int, ScenePart],
    wanted: Colouring | None,
    table: MeasurementTable | None,
    names: Mapping[int, str],
) -> ColourScale | None:
    """Colour the objects of the parts by label, and return what colours mean if any has one.

    Glass is there to be looked through: it keeps the colour of its class, and neither it nor what
    is hidden has a say in the scale, unless nothing else is seen.
    """
    if wanted is None or table is None:
        for part in parts.values():
            part.set_colours((None, None))
        return None
    shown = [label for label, part in parts.items() if part.actor.GetVisibility()]
    solid = [label for label in shown if not parts[label].is_glass] or shown
    measured = measured_values(table, wanted.column, names)
    values = {label: measured[label] for label in solid if label in measured}
    scale = colour_scale(values, wanted, measured_values(table, "voxels", names))
    some = False
    for label, part in parts.items():
        known = values.get(label)
        if known is None:
            part.set_colours((None, None))
            continue
        fine, light = (triangle_colours(level, known, scale) for level in part.levels)
        part.set_colours((fine, light) if light is not None else (None, None))
        some = some or fine is not None
    return scale if some else None
