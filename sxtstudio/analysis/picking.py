"""What is seen at a place of the picture."""

from collections.abc import Sequence

from vtkmodules.vtkRenderingCore import vtkActor, vtkCellPicker, vtkRenderer

from sxtstudio.core.scene import Point

_TOLERANCE = 0.002
"""Share of the picture's diagonal."""


def pick_label(
    renderer: vtkRenderer, pixel: tuple[float, float], actors: Sequence[vtkActor]
) -> tuple[vtkActor, Point] | None:
    """Return the nearest of some actors at a pixel, counted from below left, and where it is."""
    if not actors:
        return None
    picker = vtkCellPicker()
    picker.SetTolerance(_TOLERANCE)
    picker.PickFromListOn()
    for actor in actors:
        picker.AddPickList(actor)
    if not picker.Pick(*pixel, 0, renderer):
        return None
    found = picker.GetActor()
    return (found, picker.GetPickPosition()) if found is not None else None
