"""Articles, and which feed listed which of them."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta

from sqlalchemy import Connection, delete, exists, func, select, update

from monitor.canonical import article as read_article
from monitor.canonical import document
from monitor.model import Article, ArticleId, FeedId, Sighting
from monitor.store.insert import BATCH, add_missing
from monitor.store.instants import stamp
from monitor.store.tables import alerts, articles, deliveries, messages, sightings

LISTED_AGAIN_AFTER = timedelta(days=1)  # how often "still listed" is written; each poll would be 96 writes a day


class ArticleRows:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, feed: FeedId, seen: Iterable[Sighting], now: datetime) -> tuple[Article, ...]:
        """Keep what *feed* lists; return the articles that are new to this feed, in its own order.

        An article that another feed brought before is kept once and still
        returned: it is matched again with this feed's metadata, and the alert's
        id prevents doubles.
        """
        listed = {sighting.key: sighting.article for sighting in seen}
        if not listed:
            return ()
        rows = [
            {"feed_id": feed, "key": key, "article_id": each.id, "first_seen_at": stamp(now), "listed_at": stamp(now)}
            for key, each in listed.items()
        ]
        new = {key for _, key in add_missing(self._connection, sightings, rows)}
        self._still_listed(feed, [key for key in listed if key not in new], now)
        fresh = tuple(each for key, each in listed.items() if key in new)
        add_missing(self._connection, articles, [_row(each, now) for each in fresh])
        return fresh

    def _still_listed(self, feed: FeedId, keys: list[str], now: datetime) -> None:
        for start in range(0, len(keys), BATCH):
            stale = update(sightings).where(
                sightings.c.feed_id == feed,
                sightings.c.key.in_(keys[start : start + BATCH]),
                sightings.c.listed_at < stamp(now - LISTED_AGAIN_AFTER),
            )
            self._connection.execute(stale.values(listed_at=stamp(now)))

    def known(self, feed: FeedId, keys: Iterable[str]) -> set[str]:
        """Return those of *keys* that *feed* has listed before."""
        wanted = list(keys)
        found: set[str] = set()
        for start in range(0, len(wanted), BATCH):
            some = select(sightings.c.key).where(
                sightings.c.feed_id == feed, sightings.c.key.in_(wanted[start : start + BATCH])
            )
            found.update(self._connection.execute(some).scalars())
        return found

    def find(self, id: ArticleId) -> Article | None:
        """Return the article *id*, or None."""
        found = self._connection.execute(select(articles.c.document).where(articles.c.id == id)).scalar()
        return None if found is None else read_article(json.loads(found))

    def beginning(self, beginning: str) -> tuple[Article, ...]:
        """Return the articles, two at most, whose id begins with *beginning*."""
        wanted = select(articles.c.document).where(articles.c.id.startswith(beginning, autoescape=True))
        found = self._connection.execute(wanted.order_by(articles.c.id).limit(2)).scalars()
        return tuple(read_article(json.loads(each)) for each in found)

    def since(self, at: datetime) -> Iterator[Article]:
        """Yield the articles first seen at *at* or later, the oldest first; only BATCH of them are held at once."""
        wanted = select(articles.c.document).where(articles.c.seen_at >= stamp(at))
        wanted = wanted.order_by(articles.c.seen_at, articles.c.id).execution_options(yield_per=BATCH)
        for found in self._connection.execute(wanted).scalars():
            yield read_article(json.loads(found))

    def count(self, since: datetime | None = None) -> int:
        """Return how many articles are kept, or how many of them were first seen at *since* or later."""
        wanted = select(func.count()).select_from(articles)
        if since is not None:
            wanted = wanted.where(articles.c.seen_at >= stamp(since))
        return self._connection.execute(wanted).scalar_one()

    def prune(self, before: datetime, unlisted_before: datetime) -> int:
        """Forget articles seen before *before*, and entries not listed since *unlisted_before*.

        Nothing that a pending delivery still tells of is touched.  Returns how
        many articles went.
        """
        pending = exists(
            select(deliveries.c.id)
            .join(messages, messages.c.id == deliveries.c.message_id)
            .join(alerts, alerts.c.id == messages.c.subject)
            .where(alerts.c.article_id == articles.c.id, deliveries.c.due_at.is_not(None))
        )
        gone = self._connection.execute(delete(articles).where(articles.c.seen_at < stamp(before), ~pending))
        self._connection.execute(delete(sightings).where(sightings.c.listed_at < stamp(unlisted_before)))
        return gone.rowcount


def _row(each: Article, now: datetime) -> dict[str, object]:
    return {
        "id": each.id,
        "story_id": each.story or each.id,
        "feed_id": each.feed,
        "url": each.url,
        "headline": each.headline,
        "outlet": each.outlet,
        "language": each.language,
        "published_at": stamp(each.published.instant()) if each.published else None,
        "seen_at": stamp(each.seen_at or now),
        "document": json.dumps(document(each), ensure_ascii=False, separators=(",", ":")),
    }
