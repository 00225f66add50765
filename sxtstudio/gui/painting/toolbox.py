"""The tools of the editor: their words, keys, groups, gestures and options, in one table."""

from dataclasses import dataclass
from typing import Literal

from sxtstudio.core.tools.request import FinderName
from sxtstudio.core.tools.targets import Reach

ToolName = Literal["look", "pick", "brush", "range", "eraser"] | FinderName
Gesture = Literal["none", "stroke", "click", "line", "corners", "pair"]
"""What the mouse does: nothing, paints as it goes, clicks, draws a line, sets corners, drags."""

Option = Literal[
    "size", "range", "tolerance", "deviations", "distance", "smallest", "grain", "depth", "edges",
    "step", "combination", "other", "pressure", "preview",
]  # fmt: skip

GROUPS = ("Look", "Draw", "Region", "Object", "Shape", "Slices", "Classes")
_FLAT: tuple[Reach, ...] = ("slice", "space")
_ALL: tuple[Reach, ...] = ("slice", "space", "everywhere")
_CLASS: tuple[Reach, ...] = ("slice", "everywhere")
_SIZE = "{brush_smaller} and {brush_larger} or {size} size"
_REACH = "{reach} 2D/3D"
_CLASSES = "{class_1}–{class_9} class"


@dataclass(frozen=True, kw_only=True)
class ToolFacts:
    """One tool: its ``key`` in the program's own profile, and ``hint``, what the mouse does.

    Names of commands in a hint stand for their keys.
    """

    words: str
    key: str
    group: str
    gesture: Gesture
    tip: str
    hint: str
    reaches: tuple[Reach, ...] = ()
    options: tuple[Option, ...] = ()


TOOLS: dict[ToolName, ToolFacts] = {
    "look": ToolFacts(words="Look", key="V", group="Look", gesture="none",
        tip="Click moves the crosshair, nothing is painted",
        hint="Click moves the crosshair. {tool_brush} brush, {tool_eraser} eraser, "
        "{tool_fill} fill, {tool_pick} pick"),
    "pick": ToolFacts(words="Pick", key="P", group="Look", gesture="click",
        tip="Make the class under the mouse the active one",
        hint="Click makes the class under the mouse the active one"),
    "brush": ToolFacts(words="Brush", key="B", group="Draw", gesture="stroke",
        tip="Paint with the active class",
        hint=f"Drag paints. {_SIZE}, {_CLASSES}, {_REACH}, {{undo}} undo",
        reaches=_FLAT, options=("size", "pressure")),
    "range": ToolFacts(words="LAC brush", key="Shift+B", group="Draw", gesture="stroke",
        tip="Paint only voxels whose LAC lies within a range",
        hint=f"Drag paints what lies in the LAC range. {_SIZE}, {_REACH}",
        reaches=_FLAT, options=("size", "range", "pressure")),
    "eraser": ToolFacts(words="Eraser", key="E", group="Draw", gesture="stroke",
        tip="Take labels away", hint=f"Drag takes labels away. {_SIZE}, {_REACH}",
        reaches=_FLAT, options=("size", "pressure")),
    "lasso": ToolFacts(words="Lasso", key="S", group="Draw", gesture="line",
        tip="Draw around what gets the active class",
        hint="Drag around an area: it gets the active class. Esc drops the line",
        reaches=("slice",)),
    "polygon": ToolFacts(words="Polygon", key="Shift+S", group="Draw", gesture="corners",
        tip="Set the corners of an area that gets the active class",
        hint="Click sets a corner, Backspace takes one back; Enter or double click closes, "
        "Esc drops", reaches=("slice",)),
    "fill": ToolFacts(words="Fill", key="F", group="Region", gesture="click",
        tip="Give connected voxels, of one class and of like LAC, the active class",
        hint=f"Click gives what is connected to the active class. {_CLASSES}, {_REACH}",
        reaches=_ALL, options=("tolerance", "preview")),
    "region": ToolFacts(words="Grow region", key="Shift+G", group="Region", gesture="click",
        tip="Take what is connected to a place and has the LAC around it",
        hint="Click in the middle of a structure: what is connected and alike is found",
        reaches=_FLAT, options=("size", "deviations", "preview")),
    "threshold": ToolFacts(words="Threshold", key="Shift+T", group="Region", gesture="line",
        tip="Take the voxels within a LAC range in an area",
        hint=f"Drag around an area: what lies in the LAC range is found. {_REACH}",
        reaches=_FLAT, options=("range", "preview")),
    "watershed": ToolFacts(words="Watershed", key="Shift+W", group="Region", gesture="line",
        tip="Paint whole supervoxels, which end where the LAC changes",
        hint=f"Drag over a structure: the basins that are touched are found. {_SIZE}",
        reaches=_FLAT, options=("size", "grain", "preview")),
    "walker": ToolFacts(words="Random walker", key="Shift+R", group="Region", gesture="line",
        tip="Let scribbles grow until they meet, or meet an edge",
        hint="Scribble with the classes first, then drag around the area to be shared out",
        reaches=_FLAT, options=("edges", "preview")),
    "relabel": ToolFacts(words="Relabel object", key="Shift+P", group="Object", gesture="click",
        tip="Give an object the active class",
        hint="Click an object: it gets the active class", reaches=_ALL),
    "delete": ToolFacts(words="Delete object", key="Del", group="Object", gesture="click",
        tip="Take an object away", hint="Click an object: it goes", reaches=_ALL),
    "split": ToolFacts(words="Split object", key="Shift+D", group="Object", gesture="click",
        tip="Cut touching objects apart where they are thinnest",
        hint="Click an object that is two: a cut is proposed", reaches=_FLAT,
        options=("depth", "preview")),
    "merge": ToolFacts(words="Merge objects", key="Shift+K", group="Object", gesture="pair",
        tip="Join two objects into one class, and close the gap between them",
        hint="Drag from one object to another: it gets the first one's class", reaches=_FLAT,
        options=("distance", "preview")),
    "small": ToolFacts(words="Remove small", key="Shift+M", group="Object", gesture="click",
        tip="Take away all objects of a class that are too small",
        hint="Click a class: its objects below the size are found", reaches=_CLASS,
        options=("smallest", "preview")),
    "largest": ToolFacts(words="Keep largest", key="Alt+Shift+M", group="Object", gesture="click",
        tip="Keep only the largest object of a class",
        hint="Click a class: all but its largest object are found", reaches=_CLASS,
        options=("preview",)),
    "grow": ToolFacts(words="Grow", key="Alt+Up", group="Shape", gesture="click",
        tip="Make an object thicker by a length", hint=f"Click an object. {_REACH}",
        reaches=_ALL, options=("distance", "preview")),
    "shrink": ToolFacts(words="Shrink", key="Alt+Down", group="Shape", gesture="click",
        tip="Make an object thinner by a length", hint=f"Click an object. {_REACH}",
        reaches=_ALL, options=("distance", "preview")),
    "smooth": ToolFacts(words="Smooth", key="M", group="Shape", gesture="click",
        tip="Smooth the outline of an object", hint=f"Click an object. {_REACH}",
        reaches=_ALL, options=("distance", "preview")),
    "holes": ToolFacts(words="Fill holes", key="Shift+H", group="Shape", gesture="click",
        tip="Fill the unlabelled holes of an object", hint=f"Click an object. {_REACH}",
        reaches=_ALL, options=("preview",)),
    "interpolate": ToolFacts(words="Interpolate", key="I", group="Slices", gesture="click",
        tip="Draw the active class between the slices in which it is drawn",
        hint="Click in the plane whose slices were drawn: the active class between them is found",
        options=("preview",)),
    "copy": ToolFacts(words="Copy to next slice", key="Shift+I", group="Slices", gesture="click",
        tip="Draw in the next slice what is drawn of the active class in this one",
        hint="Click: what is drawn of the active class goes to the next slice",
        options=("step",)),
    "combine": ToolFacts(words="Combine classes", key="Shift+C", group="Classes", gesture="click",
        tip="Unite, intersect or subtract the active class and what is near another class",
        hint="Choose how and with which class, then click", reaches=_CLASS,
        options=("combination", "other", "distance", "preview")),
}  # fmt: skip

FINDERS: tuple[FinderName, ...] = (
    "lasso", "polygon", "fill", "region", "threshold", "watershed", "walker", "relabel", "delete",
    "split", "merge", "largest", "small", "grow", "shrink", "smooth", "holes", "interpolate",
    "copy", "combine",
)  # fmt: skip


def finder(tool: ToolName) -> FinderName:
    """Return a tool that looks for voxels by that name."""
    return next(name for name in FINDERS if name == tool)
