"""Bring the tables to the shape that this program expects."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path

from sqlalchemy import Connection, inspect, text

from monitor.errors import SchemaError
from monitor.store.store import Store, translated

MIGRATIONS = Path(__file__).parent / "migrations"
ONE_AT_A_TIME = 0x6D6F6E69  # any number, the same in every process: PostgreSQL's lock for "somebody is upgrading"


class Shape(StrEnum):
    """How the tables stand to this program."""

    EMPTY = "empty"
    CURRENT = "current"
    OLD = "old"
    NEW = "new"


def _known() -> list[str]:
    """Return the revisions that this program knows, the newest first, by the names of their files.

    Alembic, which would say the same, takes half a second to import: it is
    left alone until there is something to change.
    """
    return sorted((path.name.partition("_")[0] for path in (MIGRATIONS / "versions").glob("[0-9]*.py")), reverse=True)


def _here(connection: Connection) -> str | None:
    """Return the revision of the tables, or None where there are none."""
    if not inspect(connection).has_table("alembic_version"):
        return None
    revision: str | None = connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
    return revision


def _shape(connection: Connection) -> Shape:
    here, known = _here(connection), _known()
    if here is None:
        return Shape.EMPTY
    if here not in known:
        return Shape.NEW
    return Shape.CURRENT if here == known[0] else Shape.OLD


def shape(store: Store) -> Shape:
    """Return how the tables of *store* stand to this program."""
    with translated(), store.engine.connect() as connection:
        return _shape(connection.execution_options(reading=True))


def upgrade(store: Store) -> tuple[Shape, Path | None]:
    """Bring the tables up to date; return how they stood before, and the backup that was made of a SQLite file.

    Raises SchemaError for tables that a newer program made.  Processes that
    start together upgrade one after the other, the later ones finding nothing to do.
    """
    before = shape(store)
    if before is Shape.NEW:
        raise SchemaError(
            "the database was made by a newer version of this program; install that one, or restore a backup"
        )
    if before is Shape.CURRENT:
        return before, None
    from alembic import command  # noqa: PLC0415  see _known
    from alembic.config import Config  # noqa: PLC0415

    saved = _saved(store) if before is Shape.OLD and store.path else None
    with translated(), store.engine.begin() as connection:
        if not store.embedded:
            connection.execute(text("SELECT pg_advisory_xact_lock(:n)"), {"n": ONE_AT_A_TIME})
        settings = Config()
        settings.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
        settings.attributes["connection"] = connection
        command.upgrade(settings, "head")
    return before, saved


def _saved(store: Store) -> Path:
    assert store.path is not None
    with store.engine.connect() as connection:
        here = _here(connection.execution_options(reading=True))
    to = store.path.with_name(f"{store.path.name}.{here}.backup")
    if not to.exists():
        store.backup(to)
    return to


def expect_current(store: Store) -> None:
    """Raise SchemaError, saying what to do, unless the tables are as this program expects them."""
    match shape(store):
        case Shape.CURRENT:
            return
        case Shape.NEW:
            raise SchemaError(
                "the database was made by a newer version of this program; install that one, or restore a backup"
            )
        case Shape.EMPTY | Shape.OLD:
            raise SchemaError("the database's tables are not up to date; run: monitor db upgrade")
