"""The time as everything in a project writes it."""

from datetime import UTC, datetime


def now() -> str:
    """Return the present time in UTC, ISO 8601 with seconds."""
    return datetime.now(UTC).isoformat(timespec="seconds")
