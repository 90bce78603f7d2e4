from collections.abc import Iterator

import pytest

from monitor.store import Store
from tests.databases import database_url, postgres, postgres_template, ready_url, sqlite_template, store
from tests.flows.bench import Bench
from tests.serving import Publisher

__all__ = ["database_url", "postgres", "postgres_template", "ready_url", "sqlite_template", "store"]


@pytest.fixture
def bench(store: Store) -> Iterator[Bench]:
    with Publisher() as publisher:
        yield Bench(store, publisher)
