"""Articles, and which feed listed which of them."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, bindparam, delete, exists, func, select, update

from monitor.canonical import article as read_article
from monitor.canonical import document
from monitor.model import Article, ArticleId, Change, ChangeKind, FeedId, Sighting
from monitor.store.insert import BATCH, add_missing
from monitor.store.instants import stamp
from monitor.store.tables import alerts, articles, changes, deliveries, messages, sightings

LISTED_AGAIN_AFTER = timedelta(days=1)  # how often "still listed" is written; each poll would be 96 writes a day


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
        self._seen_again(feed, again, now)
        candidates = [sighting.article for key, sighting in listed.items() if key in new]
        added = {id for (id,) in add_missing(self._connection, articles, [_row(each, now) for each in candidates])}
        own = self._owned(feed, [each.id for each in candidates if each.id not in added])
        return tuple(each for each in candidates if each.id not in own)

    def _owned(self, feed: FeedId, ids: Sequence[ArticleId]) -> set[str]:
        """Return those of *ids* that *feed* was the first to bring."""
        found: set[str] = set()
        for start in range(0, len(ids), BATCH):
            some = select(articles.c.id).where(
                articles.c.feed_id == feed, articles.c.id.in_(ids[start : start + BATCH])
            )
            found.update(self._connection.execute(some).scalars())
        return found

    def _seen_again(self, feed: FeedId, keys: list[str], now: datetime) -> None:
        for start in range(0, len(keys), BATCH):
            stale = update(sightings).where(
                sightings.c.feed_id == feed,
                sightings.c.key.in_(keys[start : start + BATCH]),
                sightings.c.listed_at < stamp(now - LISTED_AGAIN_AFTER),
            )
            self._connection.execute(stale.values(listed_at=stamp(now)))

    def still_listed(self, feed: FeedId, fingerprints: Sequence[int], now: datetime) -> None:
        """Write down that *feed* still lists the entries with *fingerprints*, which it showed before.

        Where nothing is known of what it lists, because it has not changed since
        fingerprints are kept, all of its entries count.
        """
        its = update(sightings).where(sightings.c.feed_id == feed).values(listed_at=stamp(now))
        if not fingerprints:
            self._connection.execute(its)
        for start in range(0, len(fingerprints), BATCH):
            batch = fingerprints[start : start + BATCH]
            self._connection.execute(its.where(sightings.c.fingerprint.in_(batch)))

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

    def sighted(self, feed: FeedId, keys: Iterable[str]) -> dict[str, SightingRow]:
        """Return what is kept of those of *keys* that *feed* has listed before."""
        wanted = list(keys)
        found: dict[str, SightingRow] = {}
        for start in range(0, len(wanted), BATCH):
            some = select(sightings.c.key, sightings.c.article_id, sightings.c.fingerprint).where(
                sightings.c.feed_id == feed, sightings.c.key.in_(wanted[start : start + BATCH])
            )
            for row in self._connection.execute(some):
                found[row.key] = SightingRow(article_id=ArticleId(row.article_id), fingerprint=row.fingerprint)
        return found

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
        wanted = list(dict.fromkeys(urls))
        found: dict[str, list[str]] = defaultdict(list)
        for start in range(0, len(wanted), BATCH):
            some = select(articles.c.url, articles.c.document).where(
                articles.c.url.in_(wanted[start : start + BATCH]), articles.c.feed_id == feed
            )
            for row in self._connection.execute(some):
                found[row.url].append(row.document)
        return {url: read_article(json.loads(each[0])) for url, each in found.items() if len(each) == 1}

    def kept(self, ids: Iterable[ArticleId]) -> dict[ArticleId, Article]:
        """Return those of the articles *ids* that are kept, as they stand."""
        wanted = list(dict.fromkeys(ids))
        found: dict[ArticleId, Article] = {}
        for start in range(0, len(wanted), BATCH):
            some = select(articles.c.document).where(articles.c.id.in_(wanted[start : start + BATCH]))
            for each in self._connection.execute(some).scalars():
                article = read_article(json.loads(each))
                found[article.id] = article
        return found

    def renew(self, renewed: Iterable[Article], now: datetime) -> None:
        """Keep each article as it stands now in the place of what it was."""
        for each in sorted(renewed, key=lambda article: article.id):
            self._connection.execute(update(articles).where(articles.c.id == each.id).values(**_row(each, now)))

    def rewrite(self, feed: FeedId, seen: Iterable[Sighting]) -> None:
        """Keep how the entries *seen*, which *feed* has listed before, are written now."""
        rows = [{"of": each.key, "now": each.fingerprint} for each in sorted(seen, key=lambda each: each.key)]
        if rows:
            known = update(sightings).where(sightings.c.feed_id == feed, sightings.c.key == bindparam("of"))
            self._connection.execute(known.values(fingerprint=bindparam("now")), rows)

    def forget(self, feed: FeedId, keys: Sequence[str]) -> None:
        """Take back that *feed* has listed *keys*: they are given to other entries now."""
        for start in range(0, len(keys), BATCH):
            some = sightings.c.key.in_(keys[start : start + BATCH])
            self._connection.execute(delete(sightings).where(sightings.c.feed_id == feed, some))

    def record(self, changed: Iterable[Change], now: datetime) -> tuple[Change, ...]:
        """Write down *changed*; return those that were not written down before, in their own order."""
        by_id = {change.id: change for change in changed}
        new = {id for (id,) in add_missing(self._connection, changes, [_change(each, now) for each in by_id.values()])}
        return tuple(change for id, change in by_id.items() if id in new)

    def corrections(self, ids: Iterable[ArticleId]) -> dict[ArticleId, int]:
        """Return how many corrections of each of the articles *ids* are written down."""
        asked = list(ids)
        if not asked:
            return {}
        wanted = (
            select(changes.c.article_id, func.count())
            .where(changes.c.article_id.in_(asked), changes.c.kind == ChangeKind.CORRECTED)
            .group_by(changes.c.article_id)
        )
        return {ArticleId(id): number for id, number in self._connection.execute(wanted)}

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
