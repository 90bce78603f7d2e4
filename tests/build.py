"""Nouns with defaults for everything, so that a test names only what matters."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from monitor.model import (
    Alert,
    AlertId,
    Article,
    ArticleId,
    ChannelId,
    Delivery,
    DeliveryId,
    Feed,
    FeedId,
    Listing,
    Message,
    MessageId,
    Precision,
    Published,
    RuleId,
    Severity,
    Sighting,
    StoryId,
    ZoneSource,
    derive,
)

NOON = datetime(2026, 7, 8, 12, tzinfo=UTC)


def feed(id: str = "gazette", **given: Any) -> Feed:
    return Feed(**{"id": FeedId(id), "url": f"https://{id}.example/feed", **given})


def published(at: datetime = NOON) -> Published:
    return Published(at=at, precision=Precision.SECOND, zone_source=ZoneSource.EXPLICIT)


def article(headline: str = "Flood in town", **given: Any) -> Article:
    url = given.pop("url", f"https://gazette.example/{headline.replace(' ', '-').lower()}")
    id = ArticleId(derive("article", url))
    return Article(
        **{
            "id": id,
            "story": StoryId(id),
            "url": url,
            "headline": headline,
            "lede": "The river rose by two metres.",
            "body": ("Nobody was hurt.",),
            "feed": FeedId("gazette"),
            "seen_at": NOON,
            "published": published(),
            "language": "en",
            **given,
        }
    )


def sighting(each: Article, key: str | None = None, *, fingerprint: int | None = None) -> Sighting:
    return Sighting(key=key or each.id, article=each, fingerprint=fingerprint)


def without_fingerprints(listing: Listing) -> Listing:
    """Return *listing* with what its entries say alone."""
    return replace(
        listing, listed=(), inside=None, entries=tuple(replace(entry, fingerprint=None) for entry in listing.entries)
    )


def alert(id: str = "alert_1", **given: Any) -> Alert:
    return Alert(
        **{
            "id": AlertId(id),
            "rule_id": RuleId("floods"),
            "article_id": ArticleId("article_1"),
            "story_id": StoryId("article_1"),
            "severity": Severity.NORMAL,
            "raised_at": NOON,
            "data": {"schema": 1, "alert": {"id": id}},
            "notify": (ChannelId("desk"),),
            **given,
        }
    )


def message(id: str = "message_1", **given: Any) -> Message:
    return Message(**{"id": MessageId(id), "type": "alert.raised", "subject": "alert_1", "body": b"{}", **given})


def delivery(id: str = "delivery_1", **given: Any) -> Delivery:
    return Delivery(
        **{"id": DeliveryId(id), "message_id": MessageId("message_1"), "channel": ChannelId("desk"), **given}
    )
