"""INSERT … ON CONFLICT for both databases."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

from sqlalchemy import Connection, Table
from sqlalchemy.dialects import postgresql, sqlite

INSERTS: Mapping[str, Any] = {"postgresql": postgresql.insert, "sqlite": sqlite.insert}


def add_missing(connection: Connection, table: Table, rows: Sequence[Mapping[str, object]]) -> set[tuple[object, ...]]:
    """Add those *rows* whose primary key is new to *table*; return the primary keys of the added.

    The key decides, not a look beforehand, so of two processes that bring the
    same row exactly one is told that it is new.  Rows go in sorted by key:
    overlapping batches in different orders deadlock PostgreSQL.
    """
    if not rows:
        return set()
    keys = [column.name for column in table.primary_key]
    ordered = sorted(rows, key=lambda row: tuple(str(row[key]) for key in keys))
    told = _missing(connection.dialect.name, table).returning(*table.primary_key)
    return {tuple(row) for row in connection.execute(told, ordered)}


def count_added(connection: Connection, table: Table, rows: Sequence[Mapping[str, object]]) -> int:
    """Add those *rows*, in their order, whose primary key is new to *table*; return how many they were.

    Cheaper than `add_missing` for many small rows.  Whoever adds rows that others
    may add at the same time sorts them by their keys.
    """
    if not rows:
        return 0
    statement = _missing(connection.dialect.name, table)
    return connection.execute(statement, rows, execution_options={"preserve_rowcount": True}).rowcount


@cache  # to build such a statement, and to look up what was compiled of it, costs more than the database does
def _missing(dialect: str, table: Table) -> Any:
    return INSERTS[dialect](table).on_conflict_do_nothing()
