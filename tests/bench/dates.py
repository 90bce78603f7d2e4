"""Twenty-five dates as publishers write them: what monitor.dates makes of them, and what feedparser does."""

from __future__ import annotations

from calendar import timegm
from datetime import UTC, datetime
from io import BytesIO
from xml.sax.saxutils import escape

import feedparser

from monitor.dates import published
from monitor.model import ZoneSource
from tests.bench.table import Table

SEEN = datetime(2024, 2, 1, tzinfo=UTC)
BELGRADE = "Europe/Belgrade"

DATES = (
    # as it is written, the outlet's zone, the instant that is meant (None: nobody can tell)
    ("Wed, 31 Jan 2024 14:05:00 +0100", None, "2024-01-31T13:05:00Z"),
    ("Wed, 31 Jan 2024 14:05:00 +01:00", None, "2024-01-31T13:05:00Z"),
    ("Wed, 28 Jun 2023 14:05:00 BST", "Europe/London", "2023-06-28T13:05:00Z"),
    ("Wed, 28 Jun 2023 14:05:00 CEST", None, "2023-06-28T12:05:00Z"),
    ("Wed, 28 Jun 2023 14:05:00 MSK", None, "2023-06-28T11:05:00Z"),
    ("Wed, 28 Jun 2023 14:05:00 IST", None, "2023-06-28T08:35:00Z"),
    ("Wed, 28 Jun 2023 14:05:00 JST", None, "2023-06-28T05:05:00Z"),
    ("Wed, 28 Jun 2023 14:05:00 AEST", None, "2023-06-28T04:05:00Z"),
    ("Wed, 28 Jun 2023 02:05:00 PM GMT", None, "2023-06-28T14:05:00Z"),
    ("June 28, 2023 at 2:05 p.m. EDT", None, "2023-06-28T18:05:00Z"),
    ("1687961100", None, "2023-06-28T14:05:00Z"),
    ("1687961100000", None, "2023-06-28T14:05:00Z"),
    ("Среда, 28. јун 2023. | 14:05", BELGRADE, "2023-06-28T12:05:00Z"),
    ("sreda, 28. jun 2023. u 14:05", BELGRADE, "2023-06-28T12:05:00Z"),
    ("28. lipnja 2023. 14:05", "Europe/Zagreb", "2023-06-28T12:05:00Z"),
    ("28 июня 2023, 14:05", "Europe/Moscow", "2023-06-28T11:05:00Z"),
    ("28. června 2023 14.05 Uhr", "Europe/Prague", "2023-06-28T12:05:00Z"),
    ("le 28 juin 2023 à 14h05", "Europe/Paris", "2023-06-28T12:05:00Z"),
    ("2023-06-28T24:00:00Z", None, "2023-06-29T00:00:00Z"),
    ("28 Jun 23 14:05:00 +0200", None, "2023-06-28T12:05:00Z"),
    ("06/07/2023 14:05", None, None),
    ("2023-06-28 14:05:00", BELGRADE, "2023-06-28T12:05:00Z"),
    ("2023-10-29 02:30:00 CET", BELGRADE, "2023-10-29T01:30:00Z"),
    ("2023-03-26 02:30:00", BELGRADE, None),
    ("2031-06-28T14:05:00Z", None, None),
)


def rows() -> Table:
    """Return the table: each date with the instant that is meant, and how both read it."""
    told = [(text, meant or "-", _ours(text, zone, meant), _theirs(text, meant)) for text, zone, meant in DATES]
    right = [sum(not row[column].startswith("wrong") for row in told) for column in (2, 3)]
    return Table(
        title="Dates as publishers write them",
        header=("as written", "meant (UTC)", "monitor", "feedparser"),
        rows=(*told, ("right or flagged", len(DATES), *right)),
        note="Meant -: nobody can tell. Flagged: the zone or the date is said to be assumed, clamped or unknown. "
        "feedparser takes no zone of an outlet: dates without one of their own are UTC to it.",
    )


def _ours(text: str, zone: str | None, meant: str | None) -> str:
    found = published(text, zone, seen_at=SEEN)
    if found is None:
        return "flagged: not read" if meant is None else "wrong: not read"
    if found.clamped:
        return "flagged: clamped" if meant is None else "wrong: clamped"
    flagged = found.zone_source in (ZoneSource.ASSUMED, ZoneSource.NONE)
    return _judged(found.instant(), meant, f"flagged: {found.zone_source}" if flagged else None)


def _theirs(text: str, meant: str | None) -> str:
    item = f"<rss version='2.0'><channel><item><pubDate>{escape(text)}</pubDate></item></channel></rss>"
    read = feedparser.parse(BytesIO(item.encode())).entries[0].get("published_parsed")
    if read is None:
        return "flagged: not read" if meant is None else "wrong: not read"
    return _judged(datetime.fromtimestamp(timegm(read), UTC), meant, None)


def _judged(at: datetime, meant: str | None, flag: str | None) -> str:
    """Return whether *at* is the instant that is *meant*, or else carries a *flag*."""
    if meant is not None and at == datetime.fromisoformat(meant):
        return f"right, {flag}" if flag else "right"
    return flag or f"wrong: {at:%Y-%m-%dT%H:%MZ}"
