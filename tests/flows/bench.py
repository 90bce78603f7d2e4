"""One feed on a bench: a real publisher, a real store, the real rooms, polled by hand at times that are given."""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta
from email.utils import format_datetime

from monitor.feeds.fetch import fetch
from monitor.guard import door
from monitor.model import ChannelId, Document, Feed, Fetched, Visits
from monitor.poll import Reading, Visit, poll, read_articles
from monitor.rules.load import load
from monitor.store import Store
from monitor.tell import Watch
from tests.build import NOON, feed
from tests.serving import Publisher

RULES = """
version: 1
rules:
  - {id: floods, title: Floods, match: flood}
  - {id: every-flood, title: Every flood, match: flood, story: every, notify: [night]}
"""


def rss(*items: tuple[str, str, datetime | None], before: str | None = None) -> str:
    """Return a feed of *items* (id, headline, time), whose older ones stand at the address *before* (RFC 5005)."""
    listed = "".join(
        f"<item><title>{headline}</title><link>https://gazette.example/{id}</link><guid>{id}</guid>"
        + (f"<pubDate>{format_datetime(at)}</pubDate>" if at else "")
        + "</item>"
        for id, headline, at in items
    )
    older = f'<a:link xmlns:a="http://www.w3.org/2005/Atom" rel="prev-archive" href="{before}"/>' if before else ""
    return (
        '<rss version="2.0"><channel><title>Gazette</title><link>https://gazette.example/</link>'
        f"{older}{listed}</channel></rss>"
    )


class Bench:
    """One feed, polled by hand at times that the test says."""

    def __init__(self, store: Store, publisher: Publisher) -> None:
        self.store = store
        self.publisher = publisher
        self.read = read
        self.feed = feed("gazette", url=publisher.url("/feed.xml"), allow_private=True)
        rules = load({"rules/x.yaml": RULES}, channels=[ChannelId("desk"), ChannelId("night")])
        self.watch = Watch(rules=rules, default_channel=ChannelId("desk"), alert_new_within=timedelta(hours=24))
        with store.transaction() as tx:
            tx.feeds.take_up([self.feed])

    def poll(self, at: datetime = NOON, *, pages: bool = False) -> Visit:
        """Poll the feed, with its older *pages* if it holds almost nothing known."""

        async def whole() -> Visit:
            with self.store.transaction() as tx:
                tx.feeds.fall_due([self.feed.id])
                (claim,) = tx.feeds.claim(1)
            async with door(user_agent="media-monitor/test") as opened:

                async def asked(of: Feed, visits: Visits) -> Fetched:
                    return await fetch(opened, of, visits, now=at)

                return await poll(
                    claim,
                    self.feed,
                    self.watch,
                    fetch=asked,
                    page=asked if pages else None,
                    read=self.read,
                    store=self.store,
                    clock=lambda: at,
                    draw=lambda: 0.5,
                )

        return asyncio.run(whole())


async def read(document: Document, of: Feed, visits: Visits, seen_at: datetime) -> Reading:
    return read_articles(document, of, visits, seen_at)


async def unread(_document: Document, _feed: Feed, _visits: Visits, _seen_at: datetime) -> Reading:
    """Stand where nothing is to be read."""
    raise AssertionError("a document is read again for nothing")
