"""Articles, and which feed listed which of them."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, and_, bindparam, delete, exists, func, select, update

from monitor.canonical import article as read_article
from monitor.canonical import document
from monitor.model import Article, ArticleId, Change, ChangeKind, FeedId, Sighting
from monitor.store.batches import BATCH, OF, apply, look_up
from monitor.store.insert import add_missing
from monitor.store.instants import stamp
from monitor.store.tables import alerts, articles, changes, deliveries, messages, sightings

LISTED_AGAIN_AFTER = timedelta(days=1)  # how often "still listed" is written; each poll would be 96 writes a day


# Built once: a poll that brings one article asks most of them.
_ITS = sightings.c.feed_id == bindparam("feed")
_ITS_KEYS = and_(_ITS, sightings.c.key.in_(OF))
SIGHTED = select(sightings.c.key, sightings.c.article_id, sightings.c.fingerprint).where(_ITS_KEYS)
LISTED_AGAIN = update(sightings).where(_ITS).values(listed_at=bindparam("at"))
SEEN_AGAIN = LISTED_AGAIN.where(sightings.c.key.in_(OF), sightings.c.listed_at < bindparam("before"))
STILL_LISTED = LISTED_AGAIN.where(sightings.c.fingerprint.in_(OF))
REWRITTEN = update(sightings).where(_ITS, sightings.c.key == bindparam("of")).values(fingerprint=bindparam("written"))
FORGOTTEN = delete(sightings).where(_ITS_KEYS)
OWNED = select(articles.c.id).where(articles.c.feed_id == bindparam("feed"), articles.c.id.in_(OF))
AT = select(articles.c.url, articles.c.document).where(articles.c.url.in_(OF), articles.c.feed_id == bindparam("feed"))
RENEWED = update(articles).where(articles.c.id == bindparam("of"))
KEPT = select(articles.c.document).where(articles.c.id.in_(OF))
CORRECTIONS = (
    select(changes.c.article_id, func.count().label("number"))
    .where(changes.c.article_id.in_(OF), changes.c.kind == ChangeKind.CORRECTED)
    .group_by(changes.c.article_id)
)


@dataclass(frozen=True, slots=True, kw_only=True)
class SightingRow:
    """What is kept of an entry that a feed has listed before."""

    article_id: ArticleId
    fingerprint: int | None


class ArticleRows:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, feed: FeedId, seen: Iterable[Sighting], now: datetime) -> tuple[Article, ...]:
        """Keep what *feed* lists; return the articles that are new to this feed, in its own order.

        An article that another feed brought before is kept once and still
        returned: it is matched again with this feed's metadata, and the alert's
        id prevents doubles.  One that this feed brought before, under another
        key, is not new.
        """
        listed = {sighting.key: sighting for sighting in seen}
        if not listed:
            return ()
        rows = [_seen(feed, sighting, now) for sighting in listed.values()]
        new = {key for _, key in add_missing(self._connection, sightings, rows)}
        again = [key for key in listed if key not in new]
        lately = stamp(now - LISTED_AGAIN_AFTER)
        apply(self._connection, SEEN_AGAIN, again, feed=feed, at=stamp(now), before=lately)
        candidates = [sighting.article for key, sighting in listed.items() if key in new]
        added = {id for (id,) in add_missing(self._connection, articles, [_row(each, now) for each in candidates])}
        known = [article.id for article in candidates if article.id not in added]
        own = {row.id for row in look_up(self._connection, OWNED, known, feed=feed)}
        return tuple(article for article in candidates if article.id not in own)

    def still_listed(self, feed: FeedId, fingerprints: Sequence[int], now: datetime) -> None:
        """Write down that *feed* still lists the entries with *fingerprints*, which it showed before.

        Where nothing is known of what it lists, because it has not changed since
        fingerprints are kept, all of its entries count.
        """
        if not fingerprints:
            self._connection.execute(LISTED_AGAIN, {"feed": feed, "at": stamp(now)})
        apply(self._connection, STILL_LISTED, fingerprints, feed=feed, at=stamp(now))

    def sighted(self, feed: FeedId, keys: Iterable[str]) -> dict[str, SightingRow]:
        """Return what is kept of those of *keys* that *feed* has listed before."""
        return {
            row.key: SightingRow(article_id=ArticleId(row.article_id), fingerprint=row.fingerprint)
            for row in look_up(self._connection, SIGHTED, keys, feed=feed)
        }

    def lately(self, feed: FeedId, most: int) -> tuple[Sighting, ...]:
        """Return what *feed* listed, *most* entries at most, those listed last first."""
        wanted = (
            select(sightings.c.key, sightings.c.fingerprint, articles.c.document)
            .join(articles, articles.c.id == sightings.c.article_id)
            .where(sightings.c.feed_id == feed)
            .order_by(sightings.c.listed_at.desc(), sightings.c.first_seen_at.desc(), sightings.c.key)
            .limit(most)
        )
        return tuple(
            Sighting(key=row.key, article=read_article(json.loads(row.document)), fingerprint=row.fingerprint)
            for row in self._connection.execute(wanted)
        )

    def at(self, feed: FeedId, urls: Iterable[str]) -> dict[str, Article]:
        """Return by address the articles that *feed* brought, at those of *urls* where there is one alone."""
        found: dict[str, list[str]] = defaultdict(list)
        for row in look_up(self._connection, AT, urls, feed=feed):
            found[row.url].append(row.document)
        return {url: read_article(json.loads(those[0])) for url, those in found.items() if len(those) == 1}

    def kept(self, ids: Iterable[ArticleId]) -> dict[ArticleId, Article]:
        """Return those of the articles *ids* that are kept, as they stand."""
        found = (read_article(json.loads(row.document)) for row in look_up(self._connection, KEPT, ids))
        return {article.id: article for article in found}

    def renew(self, renewed: Iterable[Article], now: datetime) -> None:
        """Keep each article as it stands now in the place of what it was."""
        for article in sorted(renewed, key=lambda article: article.id):
            self._connection.execute(RENEWED, {"of": article.id, **_row(article, now)})

    def rewrite(self, feed: FeedId, seen: Iterable[Sighting]) -> None:
        """Keep how the entries *seen*, which *feed* has listed before, are written now."""
        rows = [
            {"feed": feed, "of": entry.key, "written": entry.fingerprint}
            for entry in sorted(seen, key=lambda entry: entry.key)
        ]
        if rows:
            self._connection.execute(REWRITTEN, rows)

    def forget(self, feed: FeedId, keys: Sequence[str]) -> None:
        """Take back that *feed* has listed *keys*: they are given to other entries now."""
        apply(self._connection, FORGOTTEN, keys, feed=feed)

    def record(self, changed: Iterable[Change], now: datetime) -> tuple[Change, ...]:
        """Write down *changed*; return those that were not written down before, in their own order."""
        by_id = {one.id: one for one in changed}
        new = {id for (id,) in add_missing(self._connection, changes, [_change(one, now) for one in by_id.values()])}
        return tuple(one for id, one in by_id.items() if id in new)

    def corrections(self, ids: Iterable[ArticleId]) -> dict[ArticleId, int]:
        """Return how many corrections of each of the articles *ids* are written down."""
        return {ArticleId(row.article_id): row.number for row in look_up(self._connection, CORRECTIONS, ids)}

    def find(self, id: ArticleId) -> Article | None:
        """Return the article *id*, or None."""
        found = self._connection.execute(select(articles.c.document).where(articles.c.id == id)).scalar()
        return None if found is None else read_article(json.loads(found))

    def beginning(self, beginning: str) -> tuple[Article, ...]:
        """Return the articles, two at most, whose id begins with *beginning*."""
        wanted = select(articles.c.document).where(articles.c.id.startswith(beginning, autoescape=True))
        found = self._connection.execute(wanted.order_by(articles.c.id).limit(2)).scalars()
        return tuple(read_article(json.loads(one)) for one in found)

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
        self._connection.execute(delete(changes).where(changes.c.at < stamp(before)))
        return gone.rowcount


def _seen(feed: FeedId, sighting: Sighting, now: datetime) -> dict[str, object]:
    return {
        "feed_id": feed,
        "key": sighting.key,
        "article_id": sighting.article.id,
        "first_seen_at": stamp(now),
        "listed_at": stamp(now),
        "fingerprint": sighting.fingerprint,
    }


def _change(change: Change, now: datetime) -> dict[str, object]:
    was = document(change.before)
    return {
        "id": change.id,
        "article_id": change.after.id,
        "kind": change.kind.value,
        "at": stamp(now),
        "fields": json.dumps({field.value: was[field.value] for field in change.fields}, ensure_ascii=False),
    }


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
