"""A document that holds almost nothing known: a possible gap, and the older pages that fill it (RFC 5005)."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from monitor.feeds.fetch import fetch
from monitor.guard import door
from monitor.model import Document, Feed, Fetched, Visits
from monitor.poll import Reading, Visit, Watch, poll, read_articles
from monitor.rules.load import load
from monitor.store import Store
from tests.build import NOON, feed
from tests.flows.test_poll import rss
from tests.serving import Publisher

HOUR = timedelta(hours=1)


async def read(document: Document, of: Feed, visits: Visits, seen_at: datetime) -> Reading:
    reading = read_articles(document, of, visits, seen_at)
    return replace(reading, listing=replace(reading.listing, previous=dict(document.links).get("prev-archive")))


class Archive:
    """A feed whose document holds ten items, and whose pages hold ten older ones each."""

    def __init__(self, store: Store, publisher: Publisher) -> None:
        self.store, self.publisher = store, publisher
        self.feed = feed("gazette", url=publisher.url("/feed.xml"), allow_private=True)
        self.watch = Watch(rules=load({}, channels=[]), default_channel=None, alert_new_within=HOUR)
        with store.transaction() as tx:
            tx.feeds.take_up([self.feed])

    def publish(self, last: int, *, elsewhere: str | None = None) -> None:
        """Publish the items up to number *last*, with pages back to the first."""
        for n, end in enumerate(range(last, 0, -10)):
            items = rss(*((str(n), f"Item {n}", None) for n in range(end, max(0, end - 10), -1)))
            url = elsewhere or self.publisher.url(f"/page-{n + 1}.xml")
            path = f"/page-{n}.xml" if n else "/feed.xml"
            self.publisher.publish(path, items, headers={"Link": f'<{url}>; rel="prev-archive"'} if end > 10 else {})

    def poll(self, at: datetime = NOON, *, pages: bool = True) -> Visit:
        async def whole() -> Visit:
            with self.store.transaction() as tx:
                tx.feeds.fall_due([self.feed.id])
                (claim,) = tx.feeds.claim(1)
            async with door(user_agent="media-monitor/test") as opened:

                async def fetched(of: Feed, visits: Visits) -> Fetched:
                    return await fetch(opened, of, visits, now=at)

                return await poll(
                    claim,
                    self.feed,
                    self.watch,
                    fetch=fetched,
                    page=fetched if pages else None,
                    read=read,
                    store=self.store,
                    clock=lambda: at,
                    draw=lambda: 0.5,
                )

        return asyncio.run(whole())


@pytest.fixture
def archive(store: Store) -> Iterator[Archive]:
    with Publisher() as publisher:
        yield Archive(store, publisher)


def test_a_first_document_is_no_gap_and_its_pages_are_left_alone(archive: Archive) -> None:
    archive.publish(30)
    visit = archive.poll()
    assert (len(visit.fresh), visit.pages, visit.visits.gap_at) == (10, 0, None)


def test_a_document_that_overlaps_what_is_known_needs_no_page(archive: Archive) -> None:
    archive.publish(30)
    archive.poll()
    archive.publish(36)
    visit = archive.poll(NOON + HOUR)
    assert (len(visit.fresh), visit.pages, visit.visits.gap_at) == (6, 0, None)


def test_pages_are_read_until_one_holds_something_known_and_all_of_it_is_kept_at_once(archive: Archive) -> None:
    archive.publish(20)
    archive.poll()
    archive.publish(45)
    visit = archive.poll(NOON + HOUR)
    assert (len(visit.fresh), visit.pages, visit.visits.gap_at) == (25, 2, None)
    assert "if-none-match" not in archive.publisher.hits_at("/page-1.xml")[0].headers
    with archive.store.reading() as tx:
        assert tx.articles.count() == 35


def test_a_gap_that_five_pages_do_not_fill_is_remembered(archive: Archive) -> None:
    archive.publish(10)
    archive.poll()
    archive.publish(100)
    visit = archive.poll(NOON + HOUR)
    assert (len(visit.fresh), visit.pages, visit.visits.gap_at) == (60, 5, NOON + HOUR)


def test_a_feed_without_pages_or_with_pages_elsewhere_has_a_possible_gap(archive: Archive) -> None:
    archive.publish(10)
    archive.poll()
    archive.publish(30, elsewhere="http://127.0.0.2:1/page-1.xml")
    visit = archive.poll(NOON + HOUR)
    assert (len(visit.fresh), visit.pages, visit.visits.gap_at) == (10, 0, NOON + HOUR)
    archive.publish(50)
    visit = archive.poll(NOON + 2 * HOUR, pages=False)
    assert (len(visit.fresh), visit.pages, visit.visits.gap_at) == (10, 0, NOON + 2 * HOUR)
