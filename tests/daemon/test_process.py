"""Faults of our own: put off, told, and in nobody's way."""

from __future__ import annotations

import asyncio
from datetime import datetime
from pathlib import Path
from typing import Any

from monitor.app import load
from monitor.daemon.process import Daemon
from monitor.model import Document, Feed, Visits
from monitor.poll import Reading, read_articles
from monitor.store import Store
from tests.world.town import Story, Town, rss


class Faulty:
    """Edges that work but for what a test breaks."""

    door = page_pool = None  # no article here waits for a page

    def __init__(self, **broken: Exception) -> None:
        self._broken = broken

    async def fetch(self, feed: Feed, _visits: Visits) -> Document:
        if feed.id == "poison" and (fault := self._broken.get("fetch")):
            raise fault
        return Document(url=feed.url, body=rss("gazette", [Story(headline="Flood in town")]).encode())

    async def read(self, document: Document, feed: Feed, visits: Visits, seen_at: datetime) -> Reading:
        return read_articles(document, feed, visits, seen_at)

    async def send(self, *_: object) -> Any:
        raise self._broken["send"]


def round_of(town: Town, store: Store, wire: Faulty) -> None:
    async def whole() -> None:
        await Daemon(load(town.config), store, wire).once()

    asyncio.run(whole())


def test_a_fault_of_ours_in_a_send_is_put_off_like_any_other(tmp_path: Path, store: Store) -> None:
    with Town(tmp_path) as town:
        town.watches("floods", "flood")
        town.publishes("gazette", Story(headline="Flood in town"))
        round_of(town, store, Faulty(send=KeyError("x")))
        with store.reading() as tx:
            (row,) = tx.outbox.list()
            (tried,) = tx.outbox.attempts(row.delivery.id)
        assert (row.delivery.state, row.delivery.attempts) == ("pending", 1)
        assert row.due_in is not None
        assert row.due_in.total_seconds() < 10
        assert tried.detail == "a fault in this program: KeyError"


def test_a_fault_of_ours_in_one_feed_is_put_off_and_the_others_are_polled(tmp_path: Path, store: Store) -> None:
    with Town(tmp_path, max_lag="15m") as town:
        town.watches("floods", "flood")
        for paper in ("gazette", "poison"):
            town.publishes(paper, Story(headline="Flood in town"))
        round_of(town, store, Faulty(fetch=AttributeError("x"), send=KeyError("x")))
        with store.reading() as tx:
            outcomes = {row.id: (row.visits.outcome, row.visits.failures, row.due_in) for row in tx.feeds.all()}
        assert outcomes["gazette"][:2] == ("read", 0)
        assert outcomes["poison"][:2] == ("fault", 1)
        assert outcomes["poison"][2].total_seconds() > 600
