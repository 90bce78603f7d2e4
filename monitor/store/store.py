"""Open, tune, begin, commit, roll back: the one door to the database."""

from __future__ import annotations

import asyncio
import os
import sqlite3
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any, TypeVar

from sqlalchemy import Connection, Engine, create_engine, event, make_url, text
from sqlalchemy.exc import DBAPIError, SQLAlchemyError

from monitor.errors import StoreError
from monitor.store.alerts import AlertRows
from monitor.store.articles import ArticleRows
from monitor.store.chores import ChannelRows, ChoreRows, ConfigRows
from monitor.store.claims import Due
from monitor.store.feeds import FeedRows
from monitor.store.hosts import HostRows
from monitor.store.outbox import Outbox
from monitor.store.pages import PageRows
from monitor.store.sharing import Sharing
from monitor.store.stories import StoryRows
from monitor.store.subscriptions import SubscriptionRows

T = TypeVar("T")

THREADS = 4  # connections a process holds on PostgreSQL; SQLite has one writer, so one thread
LOCK_WAIT = 10_000  # ms that SQLite waits for another process's transaction


class Tx:
    """One transaction: a room for each noun, all of them kept or none."""

    def __init__(self, connection: Connection, offset: timedelta) -> None:
        due = Due(connection, offset)
        self.feeds = FeedRows(connection, due)
        self.hosts = HostRows(connection, due)
        self.subscriptions = SubscriptionRows(connection, due)
        self.articles = ArticleRows(connection)
        self.pages = PageRows(connection, due)
        self.stories = StoryRows(connection)
        self.alerts = AlertRows(connection)
        self.outbox = Outbox(connection, due)
        self.channels = ChannelRows(connection, due)
        self.chores = ChoreRows(connection, due)
        self.configs = ConfigRows(connection)


class Store:
    """The memory.  *offset* moves the database's clock, for tests and replays."""

    def __init__(self, url: str, *, offset: timedelta = timedelta()) -> None:
        self.url = url
        self.offset = offset
        self.engine = _open(url)
        self._threads = ThreadPoolExecutor(1 if self.embedded else THREADS, "store")
        self._sharing: Sharing[Tx] = Sharing(self.transaction, self._threads)

    @property
    def embedded(self) -> bool:
        """Whether the database is a SQLite file."""
        return self.engine.dialect.name == "sqlite"

    @property
    def path(self) -> Path | None:
        """The SQLite file; None on PostgreSQL and in memory."""
        name = self.engine.url.database
        return Path(name) if self.embedded and name and name != ":memory:" else None

    @contextmanager
    def transaction(self) -> Iterator[Tx]:
        """Commit what is done inside, or nothing of it; StoreError for what the database refuses."""
        with translated(), self.engine.begin() as connection:
            yield Tx(connection, self.offset)

    @contextmanager
    def reading(self) -> Iterator[Tx]:
        """A transaction that writes nothing, so that on SQLite it waits for no writer."""
        with translated(), self.engine.connect() as connection:
            yield Tx(connection.execution_options(reading=True), self.offset)

    async def run(self, work: Callable[[Tx], T]) -> T:
        """Do *work* in one transaction on a thread of the store's own, and return what it returns.

        On SQLite it may share that transaction with others and be done again
        (see sharing.py): *work* does nothing but read and write the store.
        """
        if self.embedded:
            return await self._sharing.run(work)

        def whole() -> T:
            with self.transaction() as tx:
                return work(tx)

        return await asyncio.get_running_loop().run_in_executor(self._threads, whole)

    def ping(self) -> None:
        """Ask the database for a sign of life; StoreError without one."""
        with translated(), self.engine.connect() as connection:
            connection.execution_options(reading=True).execute(text("SELECT 1"))

    def backup(self, to: Path) -> None:
        """Copy the SQLite file as it stands at this moment to *to*, while others read and write it."""
        if self.path is None:
            raise StoreError("only a SQLite database is backed up by this program; use pg_dump for PostgreSQL")
        if to.exists():
            raise StoreError(f"{to} exists already; a backup does not write over anything")
        try:
            to.touch(mode=0o600)
            with closing(sqlite3.connect(self.path)) as source, closing(sqlite3.connect(to)) as target:
                source.backup(target)
        except (sqlite3.Error, OSError) as error:
            raise StoreError(f"{to}: {error}") from error

    def close(self) -> None:
        """Finish what the threads are doing, then let go of the database."""
        self._threads.shutdown(wait=True)
        self.engine.dispose()


@contextmanager
def translated() -> Iterator[None]:
    """Turn what SQLAlchemy raises into StoreError."""
    try:
        yield
    except DBAPIError as error:
        raise StoreError(f"the database refused: {str(error.orig).strip() or type(error.orig).__name__}") from error
    except SQLAlchemyError as error:
        raise StoreError(f"the database: {error}") from error


def _open(url: str) -> Engine:
    try:
        parsed = make_url(url)
    except SQLAlchemyError as error:
        raise StoreError(
            "database_url is no database address; write sqlite:///var/monitor.db or postgresql://…"
        ) from error
    if parsed.drivername in ("postgresql", "postgres"):
        parsed = parsed.set(drivername="postgresql+psycopg")
    if parsed.get_backend_name() == "sqlite":
        return _sqlite(parsed)
    if parsed.drivername != "postgresql+psycopg":
        raise StoreError(f"{parsed.drivername} is not supported; write sqlite:///… or postgresql://…")
    return create_engine(
        parsed,
        pool_size=THREADS,
        max_overflow=2,  # the command line and /readyz beside the threads
        pool_pre_ping=True,
        connect_args={"connect_timeout": 10, "options": "-c idle_in_transaction_session_timeout=60000"},
    )


def _sqlite(url: Any) -> Engine:
    if url.database and url.database != ":memory:":
        _private(Path(url.database))
    engine = create_engine(url, connect_args={"check_same_thread": False, "timeout": LOCK_WAIT / 1000})

    @event.listens_for(engine, "connect")
    def tune(connection: Any, _record: object) -> None:
        connection.isolation_level = None  # we say BEGIN ourselves, see below
        for pragma in ("journal_mode=WAL", "synchronous=FULL", f"busy_timeout={LOCK_WAIT}", "foreign_keys=ON"):
            connection.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        # A transaction that starts reading and then writes would fail with "database is locked" at once.
        reading = connection.get_execution_options().get("reading")
        connection.exec_driver_sql("BEGIN" if reading else "BEGIN IMMEDIATE")

    return engine


def _private(path: Path) -> None:
    """Make the folder and the file of *path* readable by their owner alone, before anything is in them."""
    try:
        if not path.parent.exists():
            path.parent.mkdir(mode=0o700, parents=True)
        os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))
    except OSError as error:
        raise StoreError(f"{path}: {error.strerror or error}") from error
