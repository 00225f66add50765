"""Every command of the window: its words, key and menu, in one table."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QMenu, QMenuBar, QToolBar, QWidget

from sxtstudio.gui.painting.toolbox import TOOLS, ToolName
from sxtstudio.gui.theme import icon


@dataclass(frozen=True, kw_only=True)
class Command:
    """A command: ``menu`` is where it stands; ``group`` changes where a line separates.

    Those of one ``submenu`` stand together in a menu of that name. ``key`` is that of the program's
    own profile, ``more_keys`` do the same. The keys of one ``in_views`` act only while a view has
    the focus; those of one ``in_review`` while the review panel is on show, and then go before all
    others. ``synonyms`` are other words it is searched by. ``when`` says why it is not possible, or
    what would make it so.
    """

    name: str
    words: str
    menu: str
    group: int
    key: str = ""
    more_keys: tuple[str, ...] = ()
    icon: str = ""
    tip: str = ""
    needs_project: bool = True
    needs_library: bool = False
    checkable: bool = False
    in_views: bool = False
    in_review: bool = False
    submenu: str = ""
    synonyms: str = ""
    when: str = ""

    @property
    def keys(self) -> tuple[str, ...]:
        """All keys of the program's own profile."""
        return tuple(filter(None, (self.key, *self.more_keys)))

    @property
    def plain(self) -> str:
        """The words without what a menu needs."""
        return self.words.replace("&", "").rstrip(" …")


_EDITING = "Edit labels first"
_BASIC_TOOLS = ("look", "brush", "eraser", "fill", "pick")
_A_CELL = "Choose a cell first"
_REVIEWING = "Show the review panel first"


def _tool_command(name: ToolName) -> Command:
    facts = TOOLS[name]
    return Command(
        name=f"tool_{name}", words=facts.words, menu="&Edit", submenu="&Tool", group=3,
        key=facts.key, icon=f"tool-{name}", tip=facts.tip, in_views=True,
        synonyms=f"tool {facts.group.lower()}", when=_EDITING,
    )  # fmt: skip


def _class_command(digit: int) -> Command:
    return Command(
        name=f"class_{digit}", words=f"Class &{digit}" if digit else "&0 Unlabelled", menu="&Edit",
        submenu="&Class", group=4, key=str(digit), in_views=True, synonyms="label number",
        tip=f"Choose class {digit} of the list" if digit else "Choose no class: paint nothing",
        when="There is no such class",
    )  # fmt: skip


COMMANDS = (
    Command(name="new", words="&New project …", menu="&File", group=0, key="Ctrl+N", icon="new",
            tip="Make an empty project", needs_project=False),
    Command(name="open", words="&Open project …", menu="&File", group=0, key="Ctrl+O", icon="open",
            tip="Open a project", needs_project=False),
    Command(name="open_volume", words="Open &volume …", menu="&File", group=0,
            key="Ctrl+Shift+V", icon="volume",
            tip="Look at a tomogram without taking it into a project",
            needs_project=False, synonyms="tomogram file mrc tiff hdf5 amira view"),
    Command(name="import", words="&Import tomogram …", menu="&File", group=1, key="Ctrl+I",
            icon="import", tip="Take a tomogram, and labels, into the project",
            needs_project=False, synonyms="add cell load mrc tiff hdf5 amira"),
    Command(name="add_labels", words="Add &labels from a file …", menu="&File", group=1,
            key="Ctrl+Shift+I", icon="labels",
            tip="Take labels that were made elsewhere for the cell on show",
            synonyms="import annotation segmentation mask materials amira label field"),
    Command(name="export", words="&Export …", menu="&File", group=1, key="Ctrl+E", icon="export",
            tip="Write labels, tomogram, probabilities or surfaces of a cell to a file",
            synonyms="stl obj ply gltf glb mesh write mrc tiff"),
    Command(name="picture", words="Save 3D &picture …", menu="&File", group=1, key="F9",
            icon="picture", tip="Save a picture of the surfaces of the cell on show",
            synonyms="snapshot screenshot render image png"),
    Command(name="film", words="Make 3D fil&m …", menu="&File", group=1,
            tip="Make a film of what the 3D view shows",
            synonyms="movie video mp4 animation turntable"),
    Command(name="keep_scene", words="&Keep 3D view …", menu="&File", group=1,
            tip="Keep what the 3D view shows in the project, by a name",
            synonyms="scene camera bookmark"),
    Command(name="show_scene", words="Show kept 3&D view …", menu="&File", group=1,
            tip="Show the 3D view as it was kept", synonyms="scene camera bookmark"),
    Command(name="close_project", words="&Close project", menu="&File", group=2, key="Ctrl+W"),
    Command(name="quit", words="&Quit", menu="&File", group=2, key="Ctrl+Q",
            needs_project=False),
    Command(name="edit_labels", words="&Edit labels", menu="&Edit", group=0, key="Ctrl+D",
            icon="brush", tip="Paint in the labels on show, or stop", checkable=True,
            synonyms="segment by hand draw correct", when=_A_CELL),
    Command(name="new_labels", words="&New labels …", menu="&Edit", group=0,
            tip="Draw structures of your choice, starting from nothing", when=_A_CELL),
    Command(name="undo", words="&Undo", menu="&Edit", group=1, key="Ctrl+Z", icon="undo",
            when="There is nothing to undo"),
    Command(name="redo", words="&Redo", menu="&Edit", group=1, key="Ctrl+Shift+Z",
            more_keys=("Ctrl+Y",), icon="redo", when="There is nothing to do again"),
    Command(name="save_version", words="&Save version …", menu="&Edit", group=2, key="Ctrl+S",
            icon="save-version", tip="Add the edited labels to the project, with a comment",
            when=_EDITING),
    Command(name="discard_edits", words="&Discard edits", menu="&Edit", group=2,
            tip="Go back to the labels as they were saved", synonyms="revert", when=_EDITING),
    Command(name="restore_version", words="&Restore version", menu="&Edit", group=2,
            tip="Make the older version on show the newest again", synonyms="revert go back",
            when="Show an older version first"),
    Command(name="tool_look", words="&Look", menu="&Edit", submenu="&Tool", group=3, key="V",
            icon="look", tip="Click moves the crosshair, nothing is painted", in_views=True,
            synonyms="move pan navigate", when=_EDITING),
    Command(name="tool_brush", words="&Brush", menu="&Edit", submenu="&Tool", group=3, key="B",
            icon="brush", tip="Paint with the active class", in_views=True,
            synonyms="paint draw pen", when=_EDITING),
    Command(name="tool_eraser", words="&Eraser", menu="&Edit", submenu="&Tool", group=3, key="E",
            icon="eraser", tip="Take labels away", in_views=True, synonyms="erase delete remove",
            when=_EDITING),
    Command(name="tool_fill", words="&Fill", menu="&Edit", submenu="&Tool", group=3, key="F",
            icon="fill", tip="Give connected voxels of one class the active class", in_views=True,
            synonyms="bucket flood", when=_EDITING),
    Command(name="tool_pick", words="&Pick", menu="&Edit", submenu="&Tool", group=3, key="P",
            icon="pick", tip="Make the class under the mouse the active one", in_views=True,
            synonyms="colour eyedropper", when=_EDITING),
    *(_tool_command(name) for name in TOOLS if name not in _BASIC_TOOLS),
    Command(name="reach", words="2D or &3D", menu="&Edit", submenu="&Tool", group=3, key="D",
            tip="Tools stay in the slice, or go through space", in_views=True,
            synonyms="ball disc dimension", when=_EDITING),
    Command(name="brush_larger", words="L&arger brush", menu="&Edit", submenu="&Tool", group=3,
            key="]", tip="Make brush and eraser larger", in_views=True, synonyms="size",
            when=_EDITING),
    Command(name="brush_smaller", words="&Smaller brush", menu="&Edit", submenu="&Tool", group=3,
            key="[", tip="Make brush and eraser smaller", in_views=True, synonyms="size",
            when=_EDITING),
    *(_class_command(digit) for digit in (*range(1, 10), 0)),
    Command(name="preferences", words="Pre&ferences …", menu="&Edit", group=5, key="Ctrl+,",
            tip="Theme, class colours, keys, disk space", needs_project=False,
            synonyms="settings options configuration"),
    Command(name="study", words="New st&udy …", menu="&Project", group=0, key="Ctrl+Shift+N",
            icon="study", tip="From a question to a trained network, step by step",
            needs_project=False, synonyms="wizard question network"),
    Command(name="task", words="New t&ask …", menu="&Project", group=0, key="Ctrl+K", icon="task",
            tip="Say which structures a question needs to be told apart"),
    Command(name="change_task", words="Chan&ge task …", menu="&Project", group=0,
            key="Ctrl+Shift+K", tip="Give a task other classes, as its next version"),
    Command(name="train", words="&Train …", menu="&Project", group=0, key="Ctrl+T", icon="train",
            tip="Train a network for a task", synonyms="learn unet model"),
    Command(name="improve", words="&Improve network …", menu="&Project", group=0,
            key="Ctrl+Shift+T", tip="Let a network learn from corrected cells",
            synonyms="fine-tune retrain corrections learn"),
    Command(name="first_network", words="&First network from what I drew", menu="&Project", group=0,
            tip="Learn from the slices drawn so far, and suggest the rest of the cell",
            synonyms="interactive few slices pre-label suggestion"),
    Command(name="segment", words="&Segment …", menu="&Project", group=0, key="Ctrl+L",
            icon="segment", tip="Let a network segment cells", synonyms="predict apply network"),
    Command(name="measure", words="&Measure", menu="&Project", group=0, key="Ctrl+M",
            icon="measure", tip="Measure the labels of the cell on show",
            synonyms="volume numbers statistics table lac"),
    Command(name="measure_all", words="Measure &all cells", menu="&Project", group=0,
            key="Ctrl+Shift+M", tip="Measure the newest labels of every cell"),
    Command(name="task_from_file", words="Task from &file …", menu="&Project", group=1,
            tip="Take a task that was made elsewhere into the project"),
    Command(name="task_to_file", words="Save tas&k to file …", menu="&Project", group=1,
            tip="Write a task, with the terms it needs, for another project"),
    Command(name="vocabulary", words="&Vocabulary …", menu="&Project", group=1,
            tip="Look at the terms for structures, add terms and synonyms", needs_project=False,
            synonyms="ontology classes organelles"),
    Command(name="rename", words="&Rename cell …", menu="&Project", group=1, key="F2"),
    Command(name="check", words="&Check project", menu="&Project", group=1,
            tip="Verify every checksum of the project"),
    Command(name="review", words="&Review doubtful places", menu="&Review", group=0,
            key="Ctrl+Shift+R", icon="review",
            tip="Look through the most doubtful objects and regions of all segmented cells",
            synonyms="queue check proofread uncertainty doubt"),
    Command(name="review_accept", words="&Accept place", menu="&Review", group=1, key="J",
            icon="accepted", in_review=True, when=_REVIEWING,
            tip="The place is right; go to the next one"),
    Command(name="review_reject", words="&Reject place", menu="&Review", group=1, key="Shift+J",
            icon="rejected", in_review=True, when=_REVIEWING,
            tip="The place is wrong; while labels are edited the object is taken out of them"),
    Command(name="review_flag", words="&Flag place", menu="&Review", group=1, key="Q",
            icon="flagged", in_review=True, when=_REVIEWING,
            tip="Somebody else should look at the place; go to the next one"),
    Command(name="review_next", words="&Next place", menu="&Review", group=1, key="N",
            in_review=True, when=_REVIEWING, synonyms="skip",
            tip="Go to the next place that nobody judged; without the review panel, N is for "
            "objects"),
    Command(name="review_previous", words="&Previous place", menu="&Review", group=1,
            key="Shift+N", in_review=True, when=_REVIEWING,
            tip="Go back to the place before this one"),
    Command(name="differs", words="&How does this cell differ?", menu="&Review", group=2,
            key="Ctrl+Shift+D", when=_A_CELL,
            tip="Say what sets the cell on show apart from those that the network knows",
            synonyms="novelty new unlike strange warning outlier"),
    Command(name="sign_off", words="&Sign off …", menu="&Review", group=2,
            tip="Say with your name that classes of the cell on show are right",
            synonyms="approve done finished name"),
    Command(name="library", words="&Library", menu="&Library", group=0, key="Ctrl+B",
            icon="library", tip="Show the cells of the library, or go back", checkable=True,
            needs_project=False),
    Command(name="library_new", words="&New library …", menu="&Library", group=1,
            tip="Make an empty library in a new folder", needs_project=False),
    Command(name="library_open", words="&Open library …", menu="&Library", group=1,
            key="Ctrl+Shift+O", tip="Open the folder of a library", needs_project=False),
    Command(name="library_close", words="&Close library", menu="&Library", group=1,
            needs_project=False, needs_library=True),
    Command(name="library_add", words="&Add this project's cells …", menu="&Library", group=2,
            tip="Give what was drawn in this project to the library", needs_library=True),
    Command(name="library_ingest", words="&Ingest a folder …", menu="&Library", group=2,
            tip="Look through a folder of old work, and take its cells into the library",
            needs_project=False, needs_library=True),
    Command(name="library_check", words="Chec&k library", menu="&Library", group=3,
            tip="Verify every checksum of the library", needs_project=False, needs_library=True),
    Command(name="layout_all", words="&Four views", menu="&View", group=0, key="Ctrl+1",
            icon="layout-four", tip="XY, XZ, YZ and 3D, all alike"),
    Command(name="layout_big", words="&One large, three small", menu="&View", group=0,
            key="Ctrl+2", icon="layout-big", tip="The view in use large, the others beside it"),
    Command(name="layout_pair", words="&Side by side with 3D", menu="&View", group=0,
            key="Ctrl+3", icon="layout-pair", tip="The view in use beside the 3D view"),
    Command(name="layout_one", words="One &view alone", menu="&View", group=0, key="Ctrl+4",
            icon="layout-one", tip="Only the view in use (or double-click it)"),
    Command(name="layout_xy", words="Only &XY", menu="&View", group=1, key="Z", in_views=True,
            tip="The plane across z alone, and back", synonyms="maximise"),
    Command(name="layout_xz", words="Only X&Z", menu="&View", group=1, key="Y", in_views=True,
            tip="The plane across y alone, and back", synonyms="maximise"),
    Command(name="layout_yz", words="Only &YZ", menu="&View", group=1, key="X", in_views=True,
            tip="The plane across x alone, and back", synonyms="maximise"),
    Command(name="layout_3d", words="Only &3D", menu="&View", group=1, key="T", in_views=True,
            more_keys=("Ctrl+Alt+3",), tip="The 3D view alone, and back", synonyms="maximise"),
    Command(name="undock", words="View in its own &window", menu="&View", group=1,
            key="Ctrl+U", icon="undock", tip="Undock the view in use, on a second screen if any"),
    Command(name="fit", words="&Fit views", menu="&View", group=2, key="Ctrl+0",
            tip="Show the whole volume in every view", synonyms="reset zoom"),
    Command(name="fit_view", words="Fi&t this view", menu="&View", group=2, key="R", in_views=True,
            tip="Show the whole volume in the view in use", synonyms="reset zoom"),
    Command(name="zoom_in", words="Zoom &in", menu="&View", group=2, key="+", more_keys=("=",),
            in_views=True, tip="Enlarge the view in use"),
    Command(name="zoom_out", words="Zoom &out", menu="&View", group=2, key="-", in_views=True,
            tip="Make the view in use smaller"),
    Command(name="overlay", words="Show or hide &labels", menu="&View", group=2, icon="eye",
            key="Ctrl+H", tip="Show the labels over the slices, or hide them",
            synonyms="overlay segmentation peek"),
    Command(name="outline", words="&Outlines of labels", menu="&View", group=2, key="O",
            icon="outline", tip="Draw the rims of labels, or fill them", checkable=True,
            in_views=True),
    Command(name="uncertainty", words="U&ncertainty", menu="&View", group=2, key="U",
            icon="uncertainty", tip="Show where the network was unsure", checkable=True,
            in_views=True),
    Command(name="novelty", words="No&velty", menu="&View", group=2, key="Shift+U",
            icon="novelty", tip="Show where the network has seen nothing like it", checkable=True,
            in_views=True, synonyms="new unlike strange different outlier"),
    Command(name="compare", words="&Compare with", menu="&View", group=2, icon="compare",
            synonyms="difference versions",
            tip="Compare with another version of the labels: agree, only one, only the other"),
    Command(name="pick_class", words="Choose class &under the mouse", menu="&View", group=3,
            key="C", in_views=True, tip="Choose it in the class list", synonyms="pick label"),
    Command(name="class_next", words="Next class", menu="&View", group=3, key=".", in_views=True,
            tip="Choose the next class of the list", when="There are no classes"),
    Command(name="class_previous", words="Previous class", menu="&View", group=3, key=",",
            in_views=True, tip="Choose the class before it in the list",
            when="There are no classes"),
    Command(name="next_object", words="Next ob&ject", menu="&View", group=3, key="N",
            in_views=True, tip="Go to the next object of the chosen class, the largest first"),
    Command(name="previous_object", words="Previous o&bject", menu="&View", group=3,
            key="Shift+N", in_views=True, tip="Go back to the previous object"),
    Command(name="slice_next", words="Next slice", menu="&View", group=3, key="PgUp",
            in_views=True, tip="One slice further in the view in use"),
    Command(name="slice_previous", words="Previous slice", menu="&View", group=3, key="PgDown",
            in_views=True, tip="One slice back in the view in use"),
    Command(name="go_to", words="&Go to …", menu="&View", group=3, key="Ctrl+G",
            tip="Go to a place, in voxels or micrometres", synonyms="coordinate position"),
    Command(name="measure_line", words="Measure &length", menu="&View", group=4, key="L",
            in_views=True, tip="Distance of two points in a plane",
            synonyms="ruler distance line"),
    Command(name="measure_angle", words="Measure &angle", menu="&View", group=4, key="A",
            in_views=True, tip="Angle between three points"),
    Command(name="measure_profile", words="LAC along a lin&e", menu="&View", group=4,
            key="Shift+L", in_views=True, tip="Plot the LAC along a line", synonyms="profile"),
    Command(name="oblique", words="O&blique slice", menu="&View", group=4, key="Shift+O",
            in_views=True, tip="A slice through three points that are clicked in any of the views"),
    Command(name="full_screen", words="F&ull screen", menu="&View", group=5, key="F11",
            needs_project=False),
    Command(name="reset_layout", words="&Reset layout", menu="&View", group=5,
            tip="Put the docks back where they belong", needs_project=False),
    Command(name="theme_system", words="As the &system", menu="&View", group=6, submenu="&Theme",
            tip="Theme: dark or light, as the system is", needs_project=False, checkable=True),
    Command(name="theme_dark", words="&Dark", menu="&View", group=6, submenu="&Theme",
            tip="Dark theme, for dim rooms", needs_project=False, checkable=True),
    Command(name="theme_light", words="&Light", menu="&View", group=6, submenu="&Theme",
            tip="Light theme, for bright rooms", needs_project=False, checkable=True),
    Command(name="colours_standard", words="&Standard", menu="&View", group=6,
            submenu="&Class colours", tip="Class colours: those of the vocabulary",
            needs_project=False, checkable=True),
    Command(name="colours_safe", words="&Colour-blind safe", menu="&View", group=6,
            submenu="&Class colours",
            tip="Class colours that people with any colour vision can tell apart",
            needs_project=False, checkable=True),
    Command(name="keys", words="&Keys", menu="&View", group=5, needs_project=False,
            tip="Keys and mouse as in SXT Studio or in a program you know",
            synonyms="profile shortcuts napari slicer amira mib"),
    Command(name="palette", words="&Find a command …", menu="&Help", group=0, key="Ctrl+P",
            needs_project=False, tip="Search all commands by their words, and run one",
            synonyms="palette search"),
    Command(name="shortcuts", words="&Keys and mouse", menu="&Help", group=0, key="?",
            more_keys=("F1",), needs_project=False, tip="All keys and gestures on one sheet",
            synonyms="cheat sheet shortcuts help"),
    Command(name="diagnostics", words="Save &diagnostic bundle …", menu="&Help", group=1,
            needs_project=False, tip="Pack what helps to find a fault; no image data",
            synonyms="report bug log support problem error"),
    Command(name="demo", words="&Demonstration …", menu="&Help", group=1, icon="demo",
            tip="Make a project of simulated cells to try everything on", needs_project=False),
    Command(name="about", words="&About SXT Studio", menu="&Help", group=2, needs_project=False,
            synonyms="version licence"),
)  # fmt: skip

TOOLBAR = ("new", "open", "import", "library", "", "study", "train", "segment", "edit_labels",
           "measure", "", "export", "picture")  # fmt: skip


def make_actions(parent: QWidget, slots: Mapping[str, Callable[[], object]]) -> dict[str, QAction]:
    """Return the action of every command by its name; each calls the slot of the same name."""
    actions: dict[str, QAction] = {}
    for command in COMMANDS:
        action = QAction(command.words, parent)
        action.setObjectName(f"action_{command.name}")
        action.setCheckable(command.checkable)
        if command.icon:
            action.setIcon(icon(command.icon))
        set_keys(command, action, command.keys)
        action.triggered.connect(lambda _checked, slot=slots[command.name]: slot())
        actions[command.name] = action
    return actions


def set_keys(command: Command, action: QAction, keys: Sequence[str]) -> None:
    """Let some keys, the first of them shown, do what an action does."""
    action.setShortcuts([QKeySequence(key) for key in keys])
    words = command.tip or command.plain
    action.setToolTip(f"{words} ({key_words(keys[0])})" if keys else words)


def key_words(key: str) -> str:
    """Return a key as it stands on keyboards."""
    return QKeySequence(key).toString(QKeySequence.SequenceFormat.NativeText)


def enable_actions(actions: Mapping[str, QAction], *, project: bool, library: bool) -> None:
    """Offer what can be done with an open project, an open library, or without them."""
    for command in COMMANDS:
        missing = (command.needs_project and not project) or (command.needs_library and not library)
        actions[command.name].setEnabled(not missing)


def fill_menus(bar: QMenuBar, actions: Mapping[str, QAction]) -> dict[str, QMenu]:
    """Put every action into its menu, and return the menus by their words without "&"."""
    menus: dict[str, QMenu] = {}
    groups: dict[str, int] = {}
    for command in COMMANDS:
        title = command.menu.replace("&", "")
        if title not in menus:
            menus[title] = bar.addMenu(command.menu)
            menus[title].setObjectName(f"menu_{title.lower()}")
        elif groups[title] != command.group:
            menus[title].addSeparator()
        groups[title] = command.group
        place = menus[title]
        if command.submenu:
            place = _submenu(place, command.submenu, menus)
        place.addAction(actions[command.name])
    return menus


def _submenu(menu: QMenu, words: str, menus: dict[str, QMenu]) -> QMenu:
    title = words.replace("&", "")
    if title not in menus:
        menus[title] = menu.addMenu(words)
        menus[title].setObjectName(f"menu_{title.lower().replace(' ', '_')}")
    return menus[title]


def fill_toolbar(bar: QToolBar, actions: Mapping[str, QAction]) -> None:
    """Put the everyday actions on the tool bar."""
    for name in TOOLBAR:
        if name:
            bar.addAction(actions[name])
        else:
            bar.addSeparator()
