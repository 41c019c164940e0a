"""What time it is: read here at the edge and passed down, so that a rule never looks at a clock."""

from datetime import UTC, datetime


def now() -> datetime:
    """Return the current time, aware, in UTC."""
    return datetime.now(UTC)
