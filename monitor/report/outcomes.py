"""What the two flows came to → their log events and numbers."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Protocol

from monitor.model import (
    Accepted,
    Alert,
    Article,
    Change,
    ChangeKind,
    Channel,
    Delivery,
    Feed,
    FeedId,
    Health,
    Message,
    Outcome,
    Precision,
    Subscription,
    Unreachable,
    Visits,
)
from monitor.report.log import Level, told
from monitor.report.numbers import (
    ALERTS,
    ARTICLES,
    CHANGES,
    DELIVERIES,
    DELIVERY_LAG,
    FOLDED,
    PAGES,
    POLLS,
    REKEYED,
    SEEN_LAG,
)


class _Rekeyed(Protocol):
    @property
    def articles(self) -> Mapping[str, str]: ...
    @property
    def why(self) -> str: ...


class _Visit(Protocol):
    """What a poll came to, as far as it is told here."""

    @property
    def feed(self) -> Feed: ...
    @property
    def visits(self) -> Visits: ...
    @property
    def listed(self) -> int: ...
    @property
    def pages(self) -> int: ...
    @property
    def fresh(self) -> Sequence[Article]: ...
    @property
    def short(self) -> int: ...
    @property
    def changes(self) -> Sequence[Change]: ...
    @property
    def rekeyed(self) -> _Rekeyed | None: ...
    @property
    def alerts(self) -> Sequence[Alert]: ...
    @property
    def folded(self) -> Mapping[str, int]: ...
    @property
    def became(self) -> _Finding | None: ...


class _Completion(Protocol):
    """What a page came to, as far as it is told here."""

    @property
    def feed_id(self) -> FeedId: ...
    @property
    def article(self) -> Article: ...
    @property
    def fault(self) -> Unreachable | None: ...
    @property
    def again_in(self) -> timedelta | None: ...
    @property
    def alerts(self) -> Sequence[Alert]: ...
    @property
    def folded(self) -> Mapping[str, int]: ...


class _Finding(Protocol):
    """What a feed has become."""

    @property
    def health(self) -> Health: ...
    @property
    def why(self) -> str: ...
    @property
    def held(self) -> str | None: ...


class _Claim(Protocol):
    @property
    def delivery(self) -> Delivery: ...
    @property
    def message(self) -> Message: ...
    @property
    def created_at(self) -> datetime: ...


class _Following(Protocol):
    @property
    def why(self) -> str: ...


class _Settlement(Protocol):
    @property
    def next(self) -> _Following: ...
    @property
    def attempts(self) -> int: ...
    @property
    def pause(self) -> timedelta | None: ...
    @property
    def disable(self) -> str | None: ...


def polled(visit: _Visit) -> None:
    """Tell what a poll came to, and of each alert that it raised."""
    visits = visit.visits
    outcome = visits.outcome or "unknown"
    POLLS.labels(outcome).inc()
    ARTICLES.inc(len(visit.fresh))
    if visits.baseline_at != visits.polled_at:  # the items of a first poll are old, which says nothing about us
        for lag in filter(None, map(_seen_lag, visit.fresh)):
            SEEN_LAG.observe(lag.total_seconds())
    told(
        "polled",
        level="warning" if visits.failures else "info",
        feed=visit.feed.id,
        outcome=outcome,
        listed=visit.listed,
        new=len(visit.fresh),
        alerts=len(visit.alerts),
        **_known(
            short=visit.short or None,
            folded=dict(visit.folded) or None,
            failures=visits.failures or None,
            note=visits.note,
        ),
    )
    if visit.became is not None:
        _changed(visit.feed, visit.became)
    if visit.rekeyed and visit.rekeyed.articles:
        REKEYED.inc(len(visit.rekeyed.articles))
        told(
            "rekeyed", level="warning", feed=visit.feed.id, articles=len(visit.rekeyed.articles), why=visit.rekeyed.why
        )
    for change in visit.changes:
        _edited(visit.feed, change)
    if visits.gap_at is not None and visits.gap_at == visits.polled_at:
        told(
            "possible_gap",
            level="warning",
            feed=visit.feed.id,
            new=len(visit.fresh),
            listed=visit.listed,
            pages=visit.pages,
        )
    _raised(visit.alerts, visit.folded)


def _changed(feed: Feed, became: _Finding) -> None:
    told(
        "feed_changed",
        level="info" if became.health is Health.OK else "warning",
        feed=feed.id,
        state=became.health.value,
        why=became.why,
        **_known(held=became.held),
    )


def _edited(feed: Feed, change: Change) -> None:
    CHANGES.labels(change.kind.value).inc()
    article = change.after.id
    match change.kind:
        case ChangeKind.CORRECTED:
            told("corrected", feed=feed.id, article=article, fields=[field.value for field in change.fields])
        case ChangeKind.RESURFACED:
            told("resurfaced", feed=feed.id, article=article)


def completed(completion: _Completion) -> None:
    """Tell what the page of an article came to, and of each alert that the article raised."""
    fault = completion.fault
    PAGES.labels(fault.reason if fault else "read").inc()
    if fault is None:
        told("page_read", feed=completion.feed_id, article=completion.article.id, alerts=len(completion.alerts))
    else:
        told(
            "page_not_read",
            feed=completion.feed_id,
            article=completion.article.id,
            outcome=fault.reason,
            note=fault.detail,
            alerts=len(completion.alerts),
            **_known(again_in=completion.again_in),
        )
    _raised(completion.alerts, completion.folded)


def _raised(alerts: Iterable[Alert], folded: Mapping[str, int]) -> None:
    for why, number in folded.items():
        FOLDED.labels(why).inc(number)
    for alert in alerts:
        ALERTS.labels(alert.severity.value).inc()
        told(
            "alert_updated" if alert.revision else "alert_raised",
            alert=alert.id,
            rule=alert.rule_id,
            severity=alert.severity.value,
            article=alert.article_id,
        )


def hub_asked(feed: FeedId, hub: str, wanted: str, fault: str | None) -> None:
    """Tell that a WebSub hub was asked to *wanted* (subscribe, unsubscribe), and what is wrong with its answer."""
    level: Level = "warning" if fault else "info"
    told("hub_asked", level=level, feed=feed, hub=hub, wanted=wanted, **_known(fault=fault))


def subscribed(subscription: Subscription | None, said: Mapping[str, str]) -> None:
    """Tell what a hub has confirmed or refused; None is a subscription that is over."""
    lease, note = (None, None) if subscription is None else (subscription.leased_until, subscription.note)
    told(
        "hub_said",
        level="warning" if note else "info",
        mode=said.get("hub.mode"),
        **_known(feed=subscription and subscription.feed, leased_until=lease and lease.isoformat(), note=note),
    )


def moved(feed: Feed, to: str, refused: str | None) -> None:
    """Tell that permanent redirects led *feed* to a new address, and where to write it if that was *refused*."""
    if refused is None:
        told("feed_moved", feed=feed.id, url=feed.url, to=to)
    else:
        told("feed_moved", level="warning", feed=feed.id, to=to, refused=refused, write=f'url: "{to}"')


def delivered(claim: _Claim, channel: Channel, outcome: Outcome, settlement: _Settlement, at: datetime) -> None:
    """Tell what an attempt at a delivery came to."""
    name = type(outcome).__name__.lower()
    DELIVERIES.labels(channel.id, name).inc()
    if isinstance(outcome, Accepted):
        DELIVERY_LAG.labels(channel.id).observe(max(0.0, (at - claim.created_at).total_seconds()))
    told(
        "delivered" if isinstance(outcome, Accepted) else "not_delivered",
        level="info" if isinstance(outcome, Accepted) else "warning",
        channel=channel.id,
        outcome=name,
        type=claim.message.type,
        delivery=claim.delivery.id,
        attempts=settlement.attempts,
        next=type(settlement.next).__name__.lower(),
        why=settlement.next.why,
        **_known(again_in=getattr(settlement.next, "delay", None), pause=settlement.pause, disable=settlement.disable),
    )


def _known(**facts: object) -> dict[str, Any]:
    return {name: fact for name, fact in facts.items() if fact is not None}


def _seen_lag(article: Article) -> timedelta | None:
    """Return how long after its publication *article* was seen, if its date is exact enough to say."""
    published = article.published
    if published is None or article.seen_at is None or published.at.tzinfo is None:
        return None
    if published.precision is Precision.DAY or published.clamped:
        return None
    return max(article.seen_at - published.instant(), timedelta())
