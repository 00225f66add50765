"""A cell from files into the open project: read in a thread, with progress and a way to stop."""

from collections.abc import Callable

from sxtstudio.core.errors import SxtError
from sxtstudio.gui.errand import Errand
from sxtstudio.gui.session import Session
from sxtstudio.gui.waiting import waiting
from sxtstudio.workflow.importing import AddCell, FileCell, read_cell_from_files


def import_cell(
    session: Session,
    request: AddCell,
    done: Callable[[], None],
    failed: Callable[[SxtError], None],
) -> Errand:
    """Start to read a cell's files; then it is in the project, and on show.

    Once cancelled neither ``done`` nor ``failed`` is called, only the errand's ``ended``.
    """
    project, ontology = session.require_project(), session.ontology
    path = project.path
    errand = Errand(session)

    def take(found: FileCell) -> None:
        if errand.cancelled or project is not session.project:
            return
        try:
            with waiting():
                session.add_file_cell(found, ontology)
        except SxtError as error:
            failed(error)
        else:
            done()

    errand.ended.connect(errand.deleteLater)
    errand.start(lambda report: read_cell_from_files(request, path, ontology, report), take, failed)
    return errand
