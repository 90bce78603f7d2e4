"""Instants as the tables keep them: milliseconds since 1970 in UTC."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def stamp(at: datetime) -> int:
    """Return *at* (aware) in milliseconds since 1970."""
    return (at - EPOCH) // timedelta(milliseconds=1)


def instant(stamped: int) -> datetime:
    """Return the aware UTC instant of *stamped*."""
    return EPOCH + timedelta(milliseconds=stamped)


def maybe_stamp(at: datetime | None) -> int | None:
    """Return *at* as `stamp` does; None stays None."""
    return None if at is None else stamp(at)


def maybe_instant(stamped: int | None) -> datetime | None:
    """Return *stamped* as `instant` does; None stays None."""
    return None if stamped is None else instant(stamped)
