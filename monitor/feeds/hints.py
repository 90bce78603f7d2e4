"""A feed's header → when it wants to be asked, and where there is more of it.  Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta

from lxml import etree

from monitor.feeds.prune import joined

LONGEST = timedelta(days=7)  # that a document may ask us to wait; the schedule cuts it shorter still
PERIODS = {
    "hourly": timedelta(hours=1),
    "daily": timedelta(days=1),
    "weekly": timedelta(days=7),
    "monthly": timedelta(days=30),
    "yearly": timedelta(days=365),
}
DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
SY = "{http://purl.org/rss/1.0/modules/syndication/}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Hints:
    """What a document says about itself; addresses as it writes them, or as its xml:base makes them."""

    ttl: timedelta | None = None
    skip_hours: frozenset[int] = frozenset()
    skip_days: frozenset[int] = frozenset()
    previous: str | None = None
    hub: str | None = None
    topic: str | None = None


def hints_of(root: etree._Element) -> Hints:
    """Return what the header of the feed *root* asks for and names: RSS, Atom or RDF."""
    found = heads(root)
    links = [
        (each.get("rel", ""), joined(each, each.get("href", ""))) for each in _in(found, "{*}link") if each.get("href")
    ]
    previous, hub, topic = pages(links)
    return Hints(
        ttl=longest(
            minutes=_text(found, "{*}ttl"),
            period=_text(found, f"{SY}updatePeriod"),
            frequency=_text(found, f"{SY}updateFrequency"),
        ),
        skip_hours=_hours(_each(found, "{*}skipHours", "{*}hour")),
        skip_days=_days(_each(found, "{*}skipDays", "{*}day")),
        previous=previous,
        hub=hub,
        topic=topic,
    )


def heads(root: etree._Element) -> tuple[etree._Element, ...]:
    """Return the elements of the feed *root* that hold its header: it itself and its channel."""
    return (root, *root.iterchildren("{*}channel"))


def longest(*, minutes: str | None, period: str | None, frequency: str | None) -> timedelta | None:
    """Return the longest wait that is asked for: RSS's ttl in *minutes*, or a *period* of the syndication module.

    The module's defaults, daily and once, fill in for the one of *period* and
    *frequency* that is missing; where both are, nothing is asked for.
    """
    waits = []
    if found := re.fullmatch(r"\s*(\d{1,6})\s*", minutes or ""):
        waits.append(timedelta(minutes=int(found[1])))
    each = PERIODS.get((period or "daily").strip().lower())
    times = re.fullmatch(r"\s*(\d{1,6})\s*", frequency or "1")
    if (period or frequency) and each and times and int(times[1]):
        waits.append(each / int(times[1]))
    wait = min(max(waits, default=timedelta()), LONGEST)
    return wait or None


def pages(links: Iterable[tuple[str, str]]) -> tuple[str | None, str | None, str | None]:
    """Return the page with older entries (RFC 5005), the hub and the own address among *links*: relation, address."""
    named: dict[str, str] = {}
    for relations, address in links:
        for relation in relations.lower().split():
            named.setdefault(relation.removeprefix("http://www.iana.org/assignments/relation/"), address)
    return named.get("prev-archive") or named.get("next"), named.get("hub"), named.get("self")


def _in(heads: Sequence[etree._Element], tag: str) -> Iterator[etree._Element]:
    return (found for head in heads for found in head.iterchildren(tag))


def _text(heads: Sequence[etree._Element], tag: str) -> str | None:
    return next((each.text for each in _in(heads, tag) if each.text), None)


def _each(heads: Sequence[etree._Element], outer: str, inner: str) -> list[str]:
    return [(each.text or "").strip().lower() for found in _in(heads, outer) for each in found.iterchildren(inner)]


def _hours(written: Iterable[str]) -> frozenset[int]:
    """Return the hours in UTC (RSS says GMT); 24 is midnight in RSS 0.91, and to skip all of them is a mistake."""
    hours = frozenset(int(each) % 24 for each in written if re.fullmatch(r"0?\d|1\d|2[0-4]", each))
    return hours if len(hours) < 24 else frozenset()


def _days(written: Iterable[str]) -> frozenset[int]:
    """Return the days, Monday is 0; to skip all of them is a mistake."""
    days = frozenset(DAYS.index(each) for each in written if each in DAYS)
    return days if len(days) < len(DAYS) else frozenset()
