"""The main window: menus, tool bar, docks, and what happens when something is chosen."""

from collections.abc import Callable
from functools import partial
from pathlib import Path

from PySide6.QtCore import QSize, Qt, QTimer, Slot
from PySide6.QtGui import QCloseEvent, QDragEnterEvent, QDropEvent
from PySide6.QtWidgets import QDialog, QMainWindow

from sxtstudio.core.errors import SxtError
from sxtstudio.gui import messages
from sxtstudio.gui.actions import (
    enable_actions,
    fill_menus,
    fill_toolbar,
    make_actions,
)
from sxtstudio.gui.cell_commands import check_project
from sxtstudio.gui.cell_work import CellWork
from sxtstudio.gui.class_palette import ClassPalette
from sxtstudio.gui.demo_commands import DemoCommands
from sxtstudio.gui.docks import Docks
from sxtstudio.gui.error_words import failed_words, failure_words
from sxtstudio.gui.improving.commands import ImprovingCommands
from sxtstudio.gui.improving.first import FirstNetwork
from sxtstudio.gui.incoming import PROJECT_FILTERS, PROJECT_SUFFIX, Incoming
from sxtstudio.gui.jobs import Job
from sxtstudio.gui.key_commands import KeyCommands
from sxtstudio.gui.library_commands import LibraryCommands
from sxtstudio.gui.novelty_commands import NoveltyCommands
from sxtstudio.gui.pages import Pages
from sxtstudio.gui.painting.commands import PaintingCommands
from sxtstudio.gui.probability import ShownProbability
from sxtstudio.gui.project_thumbnails import ProjectThumbnails
from sxtstudio.gui.recent_menu import RecentMenu
from sxtstudio.gui.review.commands import ReviewCommands
from sxtstudio.gui.session import Session
from sxtstudio.gui.settings import (
    recent_libraries,
    recent_projects,
    remember_project,
    restore_geometry,
    save_geometry,
)
from sxtstudio.gui.space.commands import SpaceCommands
from sxtstudio.gui.status import StatusBar
from sxtstudio.gui.task_commands import task_slots
from sxtstudio.gui.theme_commands import ThemeCommands
from sxtstudio.gui.tool_bar import ToolBar
from sxtstudio.gui.view_commands import LayoutMemory, ViewCommands
from sxtstudio.gui.views import ViewsPanel
from sxtstudio.gui.volume_commands import VolumeCommands
from sxtstudio.gui.volume_progress import VolumeProgress
from sxtstudio.gui.waiting import waiting
from sxtstudio.gui.when_idle import WhenIdle
from sxtstudio.gui.window_place import place_on_screen
from sxtstudio.gui.wizard.opening import open_study

_SIZE = QSize(1600, 1000)


class MainWindow(QMainWindow):
    """Joins the widgets to the session; holds no fact of its own."""

    def __init__(self, session: Session, *, remember: bool = True) -> None:
        super().__init__()
        self.setObjectName("main_window")
        self.session = session
        self._remember = remember
        self._closed = False
        self._idle = WhenIdle(self, session.jobs)
        self.views = ViewsPanel(session.view)
        self.library = LibraryCommands(self, session)
        self.volumes = VolumeCommands(self, session)
        self.painting = PaintingCommands(self, session, self.views.tools)
        self.incoming = Incoming(self, session, self.painting)
        self.review = ReviewCommands(self, session, self.painting)
        self.novelty = NoveltyCommands(self, session, self.painting)
        self.seeing = ViewCommands(session, self.views)
        self.demo = DemoCommands(self, session)
        self.thumbnails = ProjectThumbnails(session)
        self.space = SpaceCommands(self, session, self.views.viewer3d)
        self.cells = CellWork(self, session, self.space.files, self._open)
        self.improving = ImprovingCommands(self, session, self._open)
        self.first = FirstNetwork(self, session, self.painting)
        self.theming = ThemeCommands(self)
        self.theming.colours_changed.connect(ClassPalette(session).switch)
        self.keys = KeyCommands(self, session)
        self.actions_by_name = make_actions(self, self._slots())
        self.docks = Docks(self, session, remember=remember)
        self.seeing.connect_to(self.actions_by_name, self.docks)
        self.pages = Pages(self.actions_by_name, self.views, self.library, self.volumes, self.docks)
        self.pages.put_above_views(self.novelty.banner)
        self.start_page = self.pages.start_page
        self.setCentralWidget(self.pages)
        self.status = StatusBar(session.view, session.jobs, ShownProbability(session).at)
        self.setStatusBar(self.status)
        self.status.addPermanentWidget(VolumeProgress(session.large))
        self._fill_bars()
        self._connect()
        self.setAcceptDrops(True)
        place_on_screen(self, _SIZE)
        if remember:
            LayoutMemory(self.views, session)
            restore_geometry(self)
            session.library.reopen()
        self._show_project()

    def _slots(self) -> dict[str, Callable[[], object]]:
        slots = {
            **self.library.slots(),
            **self.painting.slots(),
            **self.review.slots(),
            **self.novelty.slots(),
            "library": self._show_page,
            "new": self.new_project,
            "open": self.open_project,
            "open_volume": self.volumes.choose,
            **self.incoming.slots(),
            "picture": self.space.picture,
            "film": self.space.film,
            "keep_scene": self.space.keep,
            "show_scene": self.space.show_kept,
            "close_project": lambda: self._when_idle(self.session.close_project),
            "quit": self.close,
            "study": lambda: open_study(self, self.session, self.new_project),
            **task_slots(self, self.session, self._open),
            **self.cells.slots(),
            **self.improving.slots(),
            **self.first.slots(),
            "demo": self.demo.start,
            "check": lambda: check_project(self, self.session, self.space.files),
            **self.seeing.slots(),
            **self.theming.slots(),
            "full_screen": self._toggle_full_screen,
            "reset_layout": self._reset_layout,
            **self.keys.slots(),
        }
        return {name: partial(self._guard, slot, name) for name, slot in slots.items()}

    def _fill_bars(self) -> None:
        menus = fill_menus(self.menuBar(), self.actions_by_name)
        recent = RecentMenu(self)
        recent.chosen.connect(lambda path: self._guard(lambda: self.open_path(path)))
        menus["File"].insertMenu(menus["File"].actions()[2], recent)
        recent = RecentMenu(self, "menu_recent_libraries", recent_libraries)
        recent.chosen.connect(self.library.open_folder)
        menus["Library"].insertMenu(self.actions_by_name["library_close"], recent)
        for action in self.docks.toggle_actions():
            menus["View"].insertAction(self.actions_by_name["full_screen"], action)
        bar = ToolBar(self)
        fill_toolbar(bar, self.actions_by_name)
        self.addToolBar(bar)
        self.painting.connect_to(self.actions_by_name, self._show_error)
        self.theming.connect_to(self.actions_by_name)
        self.keys.connect_to(self.actions_by_name, self.views, self.docks, self.painting)
        self.novelty.connect_to(self.actions_by_name)
        self.review.connect_to(self.actions_by_name, self.views, self.docks, self.keys.profiles)

    def _connect(self) -> None:
        session, browser = self.session, self.docks.browser
        session.project_changed.connect(self._show_project)
        session.noted.connect(self.status.show_note)
        self.painting.editing.changed.connect(self._show_title)
        session.failed.connect(self._show_error)
        session.library.noted.connect(self.status.show_note)
        session.library.failed.connect(self._show_error)
        session.library.changed.connect(self._enable_actions)
        session.measured.connect(self.docks.show_measurements)
        self.space.failed.connect(self._show_error)
        self.space.noted.connect(self.status.show_note)
        self.space.files.told.connect(lambda it: messages.show_text(self, "Exported", it))
        self.space.follow_picks(self.docks.measure_panel)
        session.jobs.finished.connect(self._job_finished)
        self.volumes.changed.connect(self._show_project)
        importing = self.incoming.import_files
        self.volumes.import_asked.connect(lambda path: self._guard(lambda: importing([path])))
        self.incoming.failed.connect(self._show_error)
        browser.files_dropped.connect(self._open_soon)
        self._idle.noted.connect(self.status.show_note)
        self.views.hovered.connect(self.status.show_voxel)
        self.status.follow(self.views.tools, self.keys.profiles)
        for chosen in (self.start_page.chosen, self.demo.made):
            chosen.connect(lambda path: self._guard(partial(self.open_path, path)))
        self.start_page.dropped.connect(self._open_soon)
        self.thumbnails.made.connect(self.start_page.look_again)
        for signal, slot in (
            (browser.rename_asked, self.cells.rename),
            (browser.labels_asked, self.incoming.choose_labels),
            (browser.segment_asked, self.cells.segment),
            (browser.measure_asked, self.cells.measure),
            (browser.export_asked, self.cells.export),
            (browser.picture_asked, self.cells.save_picture),
        ):
            signal.connect(lambda cell, slot=slot: self._guard(lambda: slot(cell)))

    def _guard(self, slot: Callable[[], object], command: str = "") -> None:
        """Do something; what the user can mend is shown in words."""
        try:
            slot()
        except SxtError as error:
            messages.show_error(self, failure_words(command), str(error))

    @Slot(str)
    def _show_error(self, text: str) -> None:
        messages.show_error(self, "SXT Studio", text)

    @Slot()
    def _show_project(self) -> None:
        project = self.session.project
        self._show_title()
        self.pages.show_project(opened=project is not None)
        self._enable_actions()
        if project is not None and self._remember:
            remember_project(project.path)
        self.start_page.show_recent(recent_projects())

    @Slot()
    def _show_title(self) -> None:
        project = self.session.project
        words = "read only" if project and project.read_only else self.painting.words
        name = f"{project.path.name} – {words} – " if project else ""
        self.setWindowTitle(f"{name}SXT Studio")
        self.status.show_saved(words if project else "")

    def _show_page(self) -> None:
        self.pages.show_page()

    @Slot()
    def _enable_actions(self) -> None:
        project, library = self.session.project, self.session.library.library
        has = {"project": project is not None, "library": library is not None}
        enable_actions(self.actions_by_name, **has)

    def new_project(self) -> None:
        """Ask where, and make a project."""
        proposal = self.session.folder / f"cells{PROJECT_SUFFIX}"
        path = messages.choose_new_file(self, "New project", proposal, PROJECT_FILTERS)
        if path is not None:
            self._when_idle(lambda: self.session.create(path))

    def open_project(self) -> None:
        """Ask which, and open a project."""
        path = messages.choose_file(self, "Open project", self.session.folder, PROJECT_FILTERS)
        if path is not None:
            self.open_path(path)

    def open_path(self, path: Path) -> None:
        """Open a project file; any other file is a volume to look at, or to import."""
        if path.suffix.lower() != PROJECT_SUFFIX:
            self.open_paths([path])
            return

        def open_it() -> None:
            with waiting():
                self.session.open(path)

        self._when_idle(open_it)

    def _open(self, dialog: QDialog, accepted: Callable[[], object]) -> None:
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.accepted.connect(lambda: self._guard(accepted))
        dialog.open()

    def _reset_layout(self) -> None:
        self.pages.go_to_library(there=False)
        self.docks.reset()
        self.views.dock_all()
        self.views.set_layout("four", 0)

    def _toggle_full_screen(self) -> None:
        self.setWindowState(self.windowState() ^ Qt.WindowState.WindowFullScreen)

    def _when_idle(self, then: Callable[[], object]) -> None:
        """Do something that ends the work on the project: edits and jobs are asked about first."""
        self.painting.leave(lambda: self._idle.do(lambda: self._guard(then)))

    @Slot(object)
    def _job_finished(self, job: Job) -> None:
        self.status.show_note(job.text.splitlines()[0] if job.text else "")
        if self._idle.waiting or job.kind == "preparation":
            return  # the wizard that wanted to know says how its preparation ended
        if job.state == "failed":
            messages.show_error(self, failed_words(job.title), job.text)
        elif job.state == "crashed":
            words = f"“{job.title}” broke off. The project is as it was."
            messages.show_crash(self, words, job.text)

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        """Welcome files."""
        if event.mimeData().hasUrls():
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        """Open the dropped project, or import the dropped tomograms."""
        paths = [Path(url.toLocalFile()) for url in event.mimeData().urls() if url.isLocalFile()]
        event.acceptProposedAction()
        self._open_soon(paths)

    def _open_soon(self, paths: list[Path], cell_id: str = "") -> None:
        # The one who drags waits until this returns; a dialog must not keep them.
        QTimer.singleShot(0, self, lambda: self._guard(lambda: self.open_paths(paths, cell_id)))

    def open_paths(self, paths: list[Path], cell_id: str = "") -> None:
        """Open the first project of these files; without any, take them in or look at the first.

        Labels may be meant for the cell with this id, else for the one on show.
        """
        projects = [path for path in paths if path.suffix.lower() == PROJECT_SUFFIX]
        if projects:
            self.open_path(projects[0])
        elif paths and self.session.project is None:
            self.volumes.look_at(paths[0])
        elif paths:
            self.incoming.take(paths, cell_id)

    def closeEvent(self, event: QCloseEvent) -> None:
        """Ask about edits and running jobs, then end every thread and process, once."""
        if self._closed:
            event.accept()
            return
        if self.session.jobs.busy or self.painting.must_ask:
            event.ignore()
            # A window that is closing already cannot be closed.
            self._when_idle(lambda: QTimer.singleShot(0, self, self.close))
            return
        self.docks.set_aside(aside=False)
        self.docks.remember()
        if self._remember:
            save_geometry(self)
        self._closed = True
        self.hide()  # at once: the worker takes a second to leave
        self.painting.shutdown()
        self.review.shutdown()
        self.novelty.shutdown()
        self.volumes.shutdown()
        self.thumbnails.shutdown()
        self.start_page.shutdown()
        self.seeing.shutdown()
        self.space.shutdown()
        self.views.shutdown()
        self.docks.class_list.shutdown()
        self.session.close()
        event.accept()
