"""How a feed fares after a visit, and who is told of a change: the last step before a poll is kept."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta

from monitor.alerts.decide import address
from monitor.alerts.payload import feed_health
from monitor.feeds.health import LATELY, UNHEARD, Finding, asked_since, change, held, listened
from monitor.guard import shown
from monitor.model import Article, ChannelId, Feed, Health, Neighbours, Visits
from monitor.store import Tx


@dataclass(frozen=True, slots=True, kw_only=True)
class Checkup:
    """What is known of a feed's health, and what of it is news."""

    visits: Visits
    became: Finding | None = None


def examine(
    tx: Tx,
    feed: Feed,
    before: Visits,
    visits: Visits,
    fresh: Sequence[Article],
    *,
    operators: ChannelId | None,
    wait: timedelta,
) -> Checkup:
    """Return *visits* with what the *fresh* articles say of *feed*, and with its health; a change goes to the outbox.

    What is held back is not remembered: the next poll finds it again.
    """
    visits = listened(visits, before, [article.instant() for article in fresh])
    found = change(before, visits)
    if found is None or visits.polled_at is None:
        return Checkup(visits=visits)
    known = replace(visits, health=found.health, health_at=visits.polled_at)
    if visits.health is None and found.health in (Health.OK, Health.STALE):  # of a feed that was just added
        return Checkup(visits=known)
    around = Neighbours()
    if found.health in (Health.FAILING, Health.STALE):
        unheard = UNHEARD if visits.outcome in UNHEARD else ()
        around = tx.feeds.neighbours(
            feed.id, found.health, unheard, since=asked_since(visits), lately=visits.polled_at - LATELY
        )
        if (why := held(found, visits, around)) is not None:
            return Checkup(visits=visits, became=replace(found, held=why))
    message = feed_health(
        feed,
        visits,
        found.health,
        since=found.since,
        why=found.why,
        also_failing=around.failing,
        now=visits.polled_at,
        next_visit_at=visits.polled_at + wait,
        shown=shown,
    )
    tx.outbox.add([message], address(message, [operators] if operators else []), visits.polled_at)
    return Checkup(visits=known, became=found)
