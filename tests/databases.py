"""Fixtures: a store on SQLite, and the same on a real PostgreSQL."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from monitor.store import Store, upgrade
from tests.postgres import database, server


@pytest.fixture(scope="session")
def postgres() -> Iterator[str]:
    """The URL of a PostgreSQL server of this session's own."""
    with server() as url:
        yield url


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """An empty database of each kind, one after the other."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path}/var/monitor.db"
    else:
        with database(request.getfixturevalue("postgres")) as url:
            yield url


@pytest.fixture
def store(database_url: str) -> Iterator[Store]:
    """A store with today's tables, on each kind of database."""
    opened = Store(database_url)
    upgrade(opened)
    yield opened
    opened.close()
