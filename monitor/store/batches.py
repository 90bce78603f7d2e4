"""Statements about many rows by their names: no more names go into one than a statement takes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Any, Final

from sqlalchemy import BindParameter, Connection, Executable, Row, bindparam

BATCH = 500  # names; SQLite takes 32,766 parameters
OF: Final[BindParameter[Any]] = bindparam("of", expanding=True)
"""The names, in a statement that is built once; others are given beside them."""


def look_up(
    connection: Connection, statement: Executable, of: Iterable[str | int], **given: object
) -> Iterator[Row[Any]]:
    """Yield what *statement* finds of those named *of*, each asked for once, with what else is *given* to it."""
    for batch in _batches(of):
        yield from connection.execute(statement, {"of": batch, **given}).all()


def apply(connection: Connection, statement: Executable, of: Iterable[str | int], **given: object) -> None:
    """Do *statement* to those named *of*."""
    for batch in _batches(of):
        connection.execute(statement, {"of": batch, **given})


def _batches(of: Iterable[str | int]) -> Iterator[list[str | int]]:
    remaining = iter(dict.fromkeys(of))
    while batch := list(islice(remaining, BATCH)):
        yield batch
