"""Rows that know when they are due: claim, lease, fence.  The same statements on SQLite and PostgreSQL.

A row is due when its `due_at` has passed.  Claiming moves `due_at` one lease
ahead; finishing moves it to the next time, if it still is what the claim made
it.  Whoever dies moves nothing, and the row is due again when the lease ends.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from functools import cache
from typing import Any

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Connection,
    Row,
    Table,
    Update,
    bindparam,
    delete,
    literal,
    select,
    update,
)
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.dml import ReturningUpdate
from sqlalchemy.sql.functions import FunctionElement

from monitor.errors import LeaseLost

LEASE = timedelta(seconds=60)
LONG_AGO = 0  # a `due_at` that has passed on every clock


class _DatabaseClock(FunctionElement[int]):
    """The database's now, in milliseconds: workers' clocks may differ, leases must not."""

    type = BigInteger()
    inherit_cache = True


@compiles(_DatabaseClock, "postgresql")
def _postgresql(_element: _DatabaseClock, _compiler: SQLCompiler, **_: object) -> str:
    return "CAST(extract(epoch FROM clock_timestamp()) * 1000 AS BIGINT)"


@compiles(_DatabaseClock, "sqlite")
def _sqlite(_element: _DatabaseClock, _compiler: SQLCompiler, **_: object) -> str:
    # unixepoch('subsec') would need SQLite 3.42; Debian 12 has 3.40.
    return "CAST((julianday('now') - 2440587.5) * 86400000 AS INTEGER)"


NOW: ColumnElement[int] = _DatabaseClock() + bindparam("offset", type_=BigInteger)
AHEAD: ColumnElement[int] = _DatabaseClock() + bindparam("ahead", type_=BigInteger)
"""The database's now, and a later time, in statements that are built once; `Due.ahead` is what is given to them."""


def milliseconds(span: timedelta) -> int:
    """Return *span* in whole milliseconds."""
    return span // timedelta(milliseconds=1)


class Due:
    """Claims and finishes on one connection, with a clock that tests can move."""

    def __init__(self, connection: Connection, offset: timedelta) -> None:
        self._connection = connection
        self._offset = milliseconds(offset)

    def now(self, ahead: timedelta = timedelta()) -> ColumnElement[int]:
        """Return the SQL of the database's now, *ahead* of it."""
        return _DatabaseClock() + literal(self._offset + milliseconds(ahead), BigInteger)

    def ahead(self, span: timedelta) -> dict[str, int]:
        """Return what makes NOW the database's now, and AHEAD *span* later."""
        return {"offset": self._offset, "ahead": self._offset + milliseconds(span)}

    def claim(
        self, table: Table, most: int, *where: ColumnElement[bool], lease: timedelta = LEASE, **given: object
    ) -> Sequence[Row[Any]]:
        """Return up to *most* due rows of *table*, longest due first, now leased to us alone.

        *where* are conditions that were built once, with what is *given* to them.
        """
        claimed = self._connection.execute(_claimed(table, where), {"most": most, **self.ahead(lease), **given})
        return sorted(claimed.all(), key=lambda row: str(row.id))

    def finish(self, table: Table, id: str, claimed: int, delay: timedelta | None, **values: object) -> None:
        """Give the row back, due after *delay* (None: never again); LeaseLost if it is no longer ours."""
        ahead = None if delay is None else self._offset + milliseconds(delay)  # and now + NULL is NULL
        self._release(_finished(table), table, id, claimed, {"ahead": ahead, **values})

    def remove(self, table: Table, id: str, claimed: int) -> None:
        """Take the row away, its work being done; LeaseLost if it is no longer ours."""
        ours = delete(table).where(table.c.id == id, table.c.due_at == claimed)
        if self._connection.execute(ours).rowcount != 1:
            raise _lost(table, id)

    def give_back(self, table: Table, id: str, claimed: int) -> None:
        """Give the row back as long overdue; LeaseLost if it is no longer ours."""
        self._release(_ours(table), table, id, claimed, {"due_at": LONG_AGO})

    def _release(self, how: Update, table: Table, id: str, claimed: int, values: dict[str, object]) -> None:
        if self._connection.execute(how, {"claimed_id": id, "claimed_at": claimed, **values}).rowcount != 1:
            raise _lost(table, id)


def _lost(table: Table, id: str) -> LeaseLost:
    return LeaseLost(f"{table.name} {id} was claimed by somebody else meanwhile")


# Built once: to build such a statement, and to look up what was compiled of it, costs more than the database does.


@cache
def _claimed(table: Table, where: tuple[ColumnElement[bool], ...]) -> ReturningUpdate[Any]:
    """Return the claim of up to `most` rows of *table*, due again in `ahead` milliseconds.

    Concurrent claims are disjoint: PostgreSQL skips rows that another
    transaction has locked, SQLite lets one writer in at a time.  The rows
    are picked in a CTE because an inlined sub-select may exceed its LIMIT.
    """
    pick = (
        select(table.c.id)
        .where(table.c.due_at <= NOW, *where)
        .order_by(table.c.due_at)
        .limit(bindparam("most"))
        .with_for_update(skip_locked=True, of=table)
        .cte("pick")
    )
    return update(table).where(table.c.id.in_(select(pick.c.id))).values(due_at=AHEAD).returning(*table.c)


@cache
def _ours(table: Table) -> Update:
    """Return the change of the row `claimed_id`, if it is due at `claimed_at` still; the caller names the columns."""
    return update(table).where(table.c.id == bindparam("claimed_id"), table.c.due_at == bindparam("claimed_at"))


@cache
def _finished(table: Table) -> Update:
    """Return the change of our row that makes it due in `ahead` milliseconds."""
    return _ours(table).values(due_at=AHEAD)
