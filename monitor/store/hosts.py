"""Which hosts are to be left alone, and which process alone asks the others."""

from __future__ import annotations

from collections.abc import Collection
from datetime import timedelta

from sqlalchemy import ColumnElement, Connection, and_, case, exists, func, or_, select, update

from monitor.store.claims import LEASE, Due
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

    def lease(self, ids: Collection[str], worker: str) -> set[str]:
        """Return those of the hosts *ids* that are *worker*'s alone to ask from now on, for one lease.

        Whom another claim has in hand at this moment is its own: nobody waits.
        """
        add_missing(self._connection, hosts, [{"id": id, "free_at": 0} for id in ids])
        free = select(hosts.c.id).where(hosts.c.id.in_(ids), ~_is_others(self._due, worker)).order_by(hosts.c.id)
        pick = free.with_for_update(skip_locked=True, of=hosts).cte("pick")
        ours = update(hosts).where(hosts.c.id.in_(select(pick.c.id)))
        leased = ours.values(worker=worker, leased_until=self._due.now(LEASE)).returning(hosts.c.id)
        return {row.id for row in self._connection.execute(leased)}

    def release(self, worker: str) -> None:
        """Let others ask what was *worker*'s."""
        self._connection.execute(update(hosts).where(hosts.c.worker == worker).values(worker=None, leased_until=None))

    def held(self) -> dict[str, timedelta]:
        """Return how long the hosts that are held now will be."""
        left = (hosts.c.free_at - self._due.now()).label("left_ms")
        rows = self._connection.execute(select(hosts.c.id, left).where(hosts.c.free_at > self._due.now()))
        return {row.id: timedelta(milliseconds=row.left_ms) for row in rows}


def is_free(due: Due, worker: str | None) -> ColumnElement[bool]:
    """Return the SQL of whether a feed's host may be asked: it is not held, and no process but *worker* asks it."""
    taken = hosts.c.free_at > due.now()
    if worker is not None:
        taken = or_(taken, _is_others(due, worker))
    return ~exists().where(hosts.c.id == feeds.c.host, taken)


def _is_others(due: Due, worker: str) -> ColumnElement[bool]:
    lasts = func.coalesce(hosts.c.leased_until, 0) > due.now()
    return and_(lasts, hosts.c.worker != worker)
