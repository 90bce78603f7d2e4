"""Work that falls due and is neither feed nor delivery: forgetting what is old, telling operators."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from monitor.alerts.decide import address
from monitor.alerts.payload import config_rejected
from monitor.articles.similar import WINDOW
from monitor.errors import Mistake
from monitor.feeds.schedule import LATE_STARTS, late_start
from monitor.model import ChannelId, Feed
from monitor.store import Tx

PRUNE_EVERY = timedelta(hours=6)
EDIT_EVERY = timedelta(seconds=10)  # files are looked at every second, and taken when two looks agree
UNLISTED_FOR = timedelta(days=30)  # CONTRACT section 3: seen ids live while listed and 30 days more


@dataclass(frozen=True, slots=True, kw_only=True)
class Pruned:
    """How much was forgotten."""

    articles: int
    alerts: int
    deliveries: int


def prune(tx: Tx, *, retention: timedelta, now: datetime) -> Pruned | None:
    """Forget what is older than *retention*; None if another process has done so lately."""
    if not tx.chores.claim("prune", PRUNE_EVERY):
        return None
    before = now - retention
    pruned = Pruned(
        deliveries=tx.outbox.prune(before),
        alerts=tx.alerts.prune(before),
        articles=tx.articles.prune(before, now - UNLISTED_FOR),
    )
    tx.stories.prune(before)
    tx.stories.forget_sketches(now - WINDOW)
    return pruned


def spread(tx: Tx, feeds: Iterable[Feed]) -> None:
    """Put *feeds* that fell due while nobody ran in their places: of processes that start together one does so."""
    if tx.chores.claim("spread", LATE_STARTS):
        tx.feeds.spread({feed.id: late_start(feed) for feed in feeds})


def may_edit(tx: Tx) -> bool:
    """Return whether a config file may be edited now: not by two processes, and not before others have read it."""
    return tx.chores.claim("edit", EDIT_EVERY)


def report_rejected(
    tx: Tx, *, hash: str, mistakes: Sequence[Mistake], operators: ChannelId | None, now: datetime
) -> None:
    """Tell the *operators*, once for each set of files, that the set *hash* was not taken and why."""
    if operators is None:
        return
    message = config_rejected(mistakes, hash, now)
    tx.outbox.add([message], address(message, [operators]), now)
