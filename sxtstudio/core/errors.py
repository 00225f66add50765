"""Errors that a user can cause: their words say what is wrong, where, and what to do."""


class SxtError(Exception):
    """A condition the user can mend; both front ends show its words and nothing else.

    Anything that is not an `SxtError` and reaches a front end is a bug and is logged as one.
    """


class FileError(SxtError):
    """A file is missing, damaged, of another kind than its name says, or cannot be written."""


class UnitError(SxtError):
    """A voxel size or a grey-value scale is missing or cannot be true."""


class LabelError(SxtError):
    """Labels do not fit their tomogram, or carry a name that the ontology does not know."""


class CoverageError(SxtError):
    """The cells at hand do not know enough about the classes of a task."""


class PlanError(SxtError):
    """A plan cannot be carried out: what would be needed is in the message."""


class NetworkError(SxtError):
    """A network package cannot be used here."""


class ShortageError(SxtError):
    """Work needs more memory or disk than is free on this computer."""


class ProjectError(SxtError):
    """A project cannot be opened, changed or saved."""


class LibraryError(SxtError):
    """A library cannot be opened, read or added to."""
