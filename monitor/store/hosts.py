"""Which hosts are to be left alone, and which process alone asks the others."""

from __future__ import annotations

from collections.abc import Collection
from datetime import timedelta

from sqlalchemy import Connection, and_, bindparam, case, exists, func, or_, select, update

from monitor.store.batches import OF
from monitor.store.claims import AHEAD, LEASE, NOW, Due
from monitor.store.insert import add_missing
from monitor.store.tables import feeds, hosts

_IS_HELD = hosts.c.free_at > NOW
_IS_OTHERS = and_(func.coalesce(hosts.c.leased_until, 0) > NOW, hosts.c.worker != bindparam("worker"))
_ITS = hosts.c.id == feeds.c.host
IS_FREE = ~exists().where(_ITS, _IS_HELD)
"""Whether the host of a feed is not held."""
IS_OURS = ~exists().where(_ITS, or_(_IS_HELD, _IS_OTHERS))
"""Whether it is not held, and no process but `worker` asks it."""
_PICK = (
    select(hosts.c.id)
    .where(hosts.c.id.in_(OF), ~_IS_OTHERS)
    .order_by(hosts.c.id)
    .with_for_update(skip_locked=True, of=hosts)
    .cte("pick")
)
LEASED = (
    update(hosts)
    .where(hosts.c.id.in_(select(_PICK.c.id)))
    .values(worker=bindparam("worker"), leased_until=AHEAD)
    .returning(hosts.c.id)
)


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
        given = {"of": sorted(ids), "worker": worker, **self._due.ahead(LEASE)}
        return {row.id for row in self._connection.execute(LEASED, given)}

    def release(self, worker: str) -> None:
        """Let others ask what was *worker*'s."""
        self._connection.execute(update(hosts).where(hosts.c.worker == worker).values(worker=None, leased_until=None))

    def held(self) -> dict[str, timedelta]:
        """Return how long the hosts that are held now will be."""
        left = (hosts.c.free_at - self._due.now()).label("left_ms")
        rows = self._connection.execute(select(hosts.c.id, left).where(hosts.c.free_at > self._due.now()))
        return {row.id: timedelta(milliseconds=row.left_ms) for row in rows}
