"""INSERT … ON CONFLICT for both databases."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import islice

from sqlalchemy import Connection, Table
from sqlalchemy.dialects import postgresql, sqlite

BATCH = 500  # rows a statement; SQLite takes 32,766 parameters, our widest row has 12


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
    insert = postgresql.insert if connection.dialect.name == "postgresql" else sqlite.insert
    added: set[tuple[object, ...]] = set()
    for batch in _batches(ordered):
        statement = insert(table).values(batch).on_conflict_do_nothing().returning(*table.primary_key)
        added.update(tuple(row) for row in connection.execute(statement))
    return added


def count_added(connection: Connection, table: Table, rows: Sequence[Mapping[str, object]]) -> int:
    """Add those *rows*, in their order, whose primary key is new to *table*; return how many they were.

    Cheaper than `add_missing` for many small rows.  Whoever adds rows that others
    may add at the same time sorts them by their keys.
    """
    if not rows:
        return 0
    insert = postgresql.insert if connection.dialect.name == "postgresql" else sqlite.insert
    added = connection.execute(
        insert(table).on_conflict_do_nothing(), rows, execution_options={"preserve_rowcount": True}
    )
    return added.rowcount


def _batches(rows: Sequence[Mapping[str, object]]) -> Iterator[list[Mapping[str, object]]]:
    remaining = iter(rows)
    while batch := list(islice(remaining, BATCH)):
        yield batch
