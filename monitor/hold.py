"""What a poll brought → what can be told at once, and which articles wait for their pages first."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from monitor.alerts.decide import timely
from monitor.model import Article, Change, Feed, Raise
from monitor.store import Tx
from monitor.tell import Watch


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """Articles and edits of which rules can judge, and the articles of which they cannot yet."""

    ready: tuple[Article, ...] = ()
    edits: tuple[Change, ...] = ()
    short: tuple[Article, ...] = ()


def hold(
    tx: Tx,
    feed: Feed,
    watch: Watch,
    fresh: Iterable[Article],
    edits: Iterable[Change],
    *,
    baseline: bool,
    now: datetime,
) -> Held:
    """Return what of *fresh* and of *edits* is told now; what *feed* cuts short is kept until its page is read.

    Only what might be told is worth a page: of a first poll's hundred items the
    few young ones are.  An edit of an article that waits is told with it.
    """
    if not feed.full_text:
        return Held(ready=tuple(fresh), edits=tuple(edits))
    ready: list[Article] = []
    short: list[Article] = []
    for article in fresh:
        verdict = timely(article, now=now, baseline=baseline, alert_new_within=watch.alert_new_within)
        waits = article.url is not None and isinstance(verdict, Raise)
        (short if waits else ready).append(article)
    tx.pages.add(feed.id, short, now)
    changed = {edit.after.id: edit for edit in edits}
    waiting = tx.pages.waiting(feed.id, changed)
    left = tuple(edit for id, edit in changed.items() if id not in waiting)
    return Held(ready=tuple(ready), edits=left, short=tuple(short))
