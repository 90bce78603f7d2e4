"""Fixtures: a store on SQLite, and the same on a real PostgreSQL."""

from __future__ import annotations

import shutil
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


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A SQLite file with today's tables and nothing in them, to be copied: making them takes longer than most tests."""
    file = tmp_path_factory.mktemp("template") / "monitor.db"
    _upgraded(f"sqlite:///{file}")
    return file


@pytest.fixture(scope="session")
def postgres_template(postgres: str) -> Iterator[str]:
    """The URL of such a database on the session's server."""
    with database(postgres) as url:
        _upgraded(url)
        yield url


def _upgraded(url: str) -> None:
    opened = Store(url)
    upgrade(opened)
    opened.close()


@pytest.fixture(params=["sqlite", "postgresql"])
def ready_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """A database with today's tables, of each kind, one after the other."""
    if request.param == "sqlite":
        shutil.copy(request.getfixturevalue("sqlite_template"), tmp_path / "monitor.db")
        yield f"sqlite:///{tmp_path}/monitor.db"
    else:
        template = request.getfixturevalue("postgres_template")
        with database(request.getfixturevalue("postgres"), template=template) as url:
            yield url


@pytest.fixture
def store(ready_url: str) -> Iterator[Store]:
    """A store with today's tables, on each kind of database."""
    opened = Store(ready_url)
    yield opened
    opened.close()
