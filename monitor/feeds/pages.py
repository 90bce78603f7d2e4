"""An article's address → its page, asked for as its site wants it: robots.txt, a turn at the host, HTML alone."""

from __future__ import annotations

import asyncio
import re
from datetime import datetime, timedelta

from monitor.feeds.encoding import decoded
from monitor.feeds.hosts import Hosts
from monitor.feeds.pool import Pool
from monitor.feeds.redirects import arrival
from monitor.feeds.robots import Robots
from monitor.guard import Door, Headers, WireError, shown
from monitor.guard.freshness import retry_after
from monitor.model import Document, Feed, Unreachable

DEADLINE = 15.0  # seconds for a page, redirects and all
PATIENCE = 35.0  # seconds for all, its site's robots.txt and the turns at its host included; work ends within a lease
MOST = 5_000_000  # bytes after unpacking; twice the longest of the pages that were looked at
ACCEPT = "text/html, application/xhtml+xml;q=0.9, */*;q=0.1"
META = re.compile(rb"<meta[^>]{0,200}?charset\s*=\s*[\"']?([\w.:-]{1,40})", re.IGNORECASE)
HTML = frozenset({"text/html", "application/xhtml+xml", ""})

AGAIN = (timedelta(seconds=30), timedelta(minutes=2))  # after each try that came to nothing
LONGEST_AGAIN = timedelta(minutes=15)  # who asks for more patience than this gets along without
PASSING = frozenset({"dns", "refused", "unreachable", "timeout", "reset", "proxy"})
PASSING_STATUS = frozenset({408, 425, 429})


class Pages:
    """Fetches pages, one after the other at each host.  One object serves one event loop."""

    def __init__(self, door: Door, hosts: Hosts, pool: Pool, *, user_agent: str) -> None:
        self._door = door
        self._hosts = hosts
        self._robots = Robots(door, hosts, pool, user_agent=user_agent)

    async def fetch(self, feed: Feed, url: str, now: datetime) -> Document | Unreachable:
        """Return the page at *url*, an article of *feed*, or why there is none: "busy" where its host has no turn."""
        try:
            async with asyncio.timeout(PATIENCE):
                return await self._fetched(feed, url, now)
        except WireError as fault:
            return Unreachable(reason=fault.reason, detail=fault.detail)
        except TimeoutError:  # what is asked has deadlines of its own: the time went by waiting for turns
            return _busy(AGAIN[0])

    async def _fetched(self, feed: Feed, url: str, now: datetime) -> Document | Unreachable:
        permitted = await self._robots.permission(feed, url, now)
        if isinstance(permitted, Unreachable):
            return permitted
        if not permitted.allowed:
            return _forbidden(url)

        async def may(hop: str) -> None:
            there = await self._robots.permission(feed, hop, now)
            refused = there if isinstance(there, Unreachable) else None if there.allowed else _forbidden(hop)
            if refused is not None:
                raise WireError(refused.reason, refused.detail)

        gap = max(feed.host_gap, permitted.gap)
        async with self._hosts.turn(url, gap, at_home=feed.allow_private) as stay_away:
            if stay_away is not None:
                return _busy(stay_away)
            arrived = await arrival(
                self._door, feed, url, headers={"accept": ACCEPT}, deadline=DEADLINE, most=MOST, may=may
            )
        answer = arrived.answer
        content_type = answer.headers.get("content-type")
        if not 200 <= answer.status < 300:
            fault = _refused(answer.url, answer.status, answer.headers, now)
            if fault.status == 429:  # the host means all its pages
                self._hosts.rest(answer.url, fault.retry_after or AGAIN[0])
            return fault
        if (content_type or "").partition(";")[0].strip().lower() not in HTML:
            return Unreachable(reason="type", detail=f"{shown(answer.url)} is no HTML: {content_type}")
        return Document(url=answer.url, body=answer.body, content_type=content_type)


def again(fault: Unreachable, tries: int) -> timedelta | None:
    """Return how long to wait until a page is asked for again after *tries* that came to nothing; None: no more.

    What a site does not want or does not have is not asked for twice; what may
    pass is, a few times.  A busy host has not been asked.
    """
    if fault.reason == "busy":
        return fault.retry_after or AGAIN[0]
    asked = fault.retry_after or timedelta()
    passing = fault.reason in PASSING or (fault.status or 0) >= 500 or fault.status in PASSING_STATUS
    if not passing or tries > len(AGAIN) or asked > LONGEST_AGAIN:
        return None
    return max(asked, AGAIN[tries - 1])


def text_of(page: Document) -> str:
    """Return the text of *page*, decoded as its bytes, its server or it itself says, the first that fits.  Pure."""
    said = page.content_type or ""
    declared = None if "charset" in said.lower() else META.search(page.body[:4096])
    return decoded(page.body, f"charset={declared[1].decode('ascii', 'replace')}" if declared else said)[0]


def _busy(retry_after: timedelta) -> Unreachable:
    return Unreachable(reason="busy", detail="its host is busy", retry_after=retry_after)


def _forbidden(url: str) -> Unreachable:
    return Unreachable(reason="robots", detail=f"robots.txt asks us not to fetch {shown(url)}")


def _refused(url: str, status: int, headers: Headers, now: datetime) -> Unreachable:
    return Unreachable(
        reason="status",
        detail=f"{shown(url)} answered {status}",
        status=status,
        retry_after=retry_after(headers, now),
    )
