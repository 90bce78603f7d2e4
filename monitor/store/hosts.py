"""Which hosts are to be left alone, and for how long."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import ColumnElement, Connection, case, exists, select, update

from monitor.store.claims import Due
from monitor.store.insert import add_missing
from monitor.store.tables import feeds, hosts


class HostRows:
    def __init__(self, connection: Connection, due: Due) -> None:
        self._connection = connection
        self._due = due

    def hold(self, host: str, span: timedelta) -> None:
        """Claim no feed of *host* for *span* from now; a longer hold that runs already stays."""
        add_missing(self._connection, hosts, [{"id": host, "free_at": 0}])
        until = self._due.now(span)
        longer = case((hosts.c.free_at > until, hosts.c.free_at), else_=until)
        self._connection.execute(update(hosts).where(hosts.c.id == host).values(free_at=longer))

    def held(self) -> dict[str, timedelta]:
        """Return how long the hosts that are held now will be."""
        left = (hosts.c.free_at - self._due.now()).label("left_ms")
        rows = self._connection.execute(select(hosts.c.id, left).where(hosts.c.free_at > self._due.now()))
        return {row.id: timedelta(milliseconds=row.left_ms) for row in rows}


def is_held(due: Due) -> ColumnElement[bool]:
    """Return the SQL of whether a feed's host is held."""
    return exists().where(hosts.c.id == feeds.c.host, hosts.c.free_at > due.now())
