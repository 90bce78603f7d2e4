"""What is in the database, so that two worlds can be compared; and a death before the n-th statement."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count

from sqlalchemy import event, select

from monitor.store import Store
from monitor.store.tables import metadata

World = dict[str, frozenset[tuple[object, ...]]]
WHEN = {"due_at", "paused_until"}  # read from the database's clock, which no test stops


class Crash(Exception):
    """The process died here."""


def world(store: Store) -> World:
    """Return every row of every table but for what the database's clock wrote."""
    with store.engine.connect() as connection:
        return {
            table.name: frozenset(
                tuple(row) for row in connection.execute(select(*(c for c in table.c if c.name not in WHEN)))
            )
            for table in metadata.sorted_tables
        }


@contextmanager
def death_before(store: Store, statement: int) -> Iterator[None]:
    """Raise Crash before the *statement*-th statement or commit (1-based) that is begun inside."""
    number = count(1)

    def maybe(*_: object) -> None:
        if next(number) == statement:
            raise Crash

    event.listen(store.engine, "before_cursor_execute", maybe)
    event.listen(store.engine, "commit", maybe)
    try:
        yield
    finally:
        event.remove(store.engine, "before_cursor_execute", maybe)
        event.remove(store.engine, "commit", maybe)
