"""New articles that wait for their pages: rows that fall due, and go when the text is whole."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, func, select

from monitor.canonical import article as read_article
from monitor.canonical import document
from monitor.model import Article, ArticleId, FeedId, derive
from monitor.store.batches import OF, look_up
from monitor.store.claims import LONG_AGO, Due
from monitor.store.insert import add_missing
from monitor.store.instants import instant, stamp
from monitor.store.tables import pages

WAITING = select(pages.c.id).where(pages.c.id.in_(OF))


@dataclass(frozen=True, slots=True, kw_only=True)
class PageClaim:
    """A page that is ours to fetch until *due_at*, which is also the fence."""

    id: str
    due_at: int
    feed_id: FeedId
    article: Article  # as its feed has it
    tries: int  # answers and transport errors so far, not claims
    added_at: datetime


class PageRows:
    def __init__(self, connection: Connection, due: Due) -> None:
        self._connection = connection
        self._due = due

    def add(self, feed: FeedId, articles: Iterable[Article], now: datetime) -> None:
        """Let *articles* of *feed* wait for their pages, each due at once."""
        rows = [
            {
                "id": _name(feed, each.id),
                "due_at": LONG_AGO,
                "feed_id": feed,
                "article": json.dumps(document(each), ensure_ascii=False, separators=(",", ":")),
                "tries": 0,
                "added_at": stamp(now),
            }
            for each in articles
        ]
        add_missing(self._connection, pages, rows)

    def waiting(self, feed: FeedId, ids: Iterable[ArticleId]) -> set[ArticleId]:
        """Return those of the articles *ids* of *feed* that wait for their pages."""
        names = {_name(feed, id): id for id in ids}
        return {names[row.id] for row in look_up(self._connection, WAITING, names)}

    def claim(self, most: int) -> tuple[PageClaim, ...]:
        """Return up to *most* pages that are due, ours for one lease."""
        return tuple(
            PageClaim(
                id=row.id,
                due_at=row.due_at,
                feed_id=FeedId(row.feed_id),
                article=read_article(json.loads(row.article)),
                tries=row.tries,
                added_at=instant(row.added_at),
            )
            for row in self._due.claim(pages, most)
        )

    def finish(self, claim: PageClaim) -> None:
        """Let the article wait no more; LeaseLost if somebody else took over."""
        self._due.remove(pages, claim.id, claim.due_at)

    def put_off(self, claim: PageClaim, delay: timedelta, *, tries: int) -> None:
        """Give *claim* back after so many *tries*, due after *delay*."""
        self._due.finish(pages, claim.id, claim.due_at, delay, tries=tries)

    def leave_due(self, claim: PageClaim) -> None:
        """Give *claim* back as it was: it is claimed again at once."""
        self._due.give_back(pages, claim.id, claim.due_at)

    def next_due(self) -> timedelta | None:
        """Return how long until a page falls due (negative: overdue); None if none waits."""
        left = self._connection.execute(select(func.min(pages.c.due_at) - self._due.now())).scalar()
        return None if left is None else timedelta(milliseconds=left)

    def count(self) -> int:
        """Return how many articles wait for their pages."""
        return self._connection.execute(select(func.count()).select_from(pages)).scalar_one()


def _name(feed: FeedId, article: ArticleId) -> str:
    return derive("page", feed, article)
