"""kill -9 of the real daemon under load: nothing lost, no alert doubled, repeats only of what was in flight."""

from __future__ import annotations

import random
import signal
from pathlib import Path

import pytest

from monitor.daemon.channels import SENDS
from monitor.store import Store
from tests.world.town import Story, Town

PAPERS = 60  # more than a daemon has in hand at once, so that a restart finds feeds that no dead lease holds


@pytest.fixture
def town(tmp_path: Path, database_url: str) -> Town:
    return Town(tmp_path, database_url=database_url)


def killed(town: Town, kills: int, workers: int, draw: random.Random) -> None:
    """Print in editions, kill the daemon *kills* times meanwhile, and compare what was heard with what was printed."""
    with town:
        town.watches("floods", "flood")
        if town.database_url and town.database_url.startswith("postgresql"):
            assert town.does("db", "upgrade") == 0
        printed = 0
        for _ in range(kills):
            for paper in range(PAPERS):
                town.publishes(f"paper-{paper:02}", Story(headline=f"Flood {printed} in town"))
                printed += 1
            process = town.monitor("run", "--no-console", "--workers", str(workers))
            heard = len(town.receiver.hits)
            town.waits_until(lambda heard=heard: len(town.receiver.hits) > heard + draw.randrange(1, 12))
            process.send_signal(signal.SIGKILL)
            process.wait()
        with town.daemon("--workers", str(workers)):
            town.waits_until(lambda: len(town.told("floods")) == printed, seconds=150)
            town.waits_until(lambda: _pending(town) == 0)
        assert sorted(town.told("floods")) == sorted(f"Flood {n} in town" for n in range(printed)), "an alert was lost"
        alerts = {body["data"]["alert"]["id"] for _, body in town.letters()}
        assert len(alerts) == printed, "an alert was doubled"
        bodies: dict[str, set[bytes]] = {}
        for hit in town.hits():
            bodies.setdefault(hit.headers["webhook-id"], set()).add(hit.body)
        assert all(len(each) == 1 for each in bodies.values()), "a repeat had other bytes"
        assert town.repeats() <= kills * workers * SENDS, "more was repeated than was in flight"


def _pending(town: Town) -> int:
    assert town.database_url is not None
    store = Store(town.database_url)
    try:
        with store.reading() as tx:
            return tx.outbox.pending()
    finally:
        store.close()


def test_a_daemon_killed_again_and_again_loses_nothing(town: Town, database_url: str) -> None:
    workers = 2 if database_url.startswith("postgresql") else 1
    killed(town, 3, workers, random.Random(3))


@pytest.mark.soak
def test_a_daemon_killed_twenty_times_loses_nothing(town: Town, database_url: str) -> None:
    workers = 2 if database_url.startswith("postgresql") else 1
    killed(town, 20, workers, random.Random(20))
