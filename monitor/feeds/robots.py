"""What a site's robots.txt lets us do (RFC 9309): which pages may be fetched, and how seldom."""

from __future__ import annotations

import asyncio
import re
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from urllib.parse import urlsplit

from protego import Protego

from monitor.errors import ParseError
from monitor.feeds.hosts import Hosts
from monitor.feeds.pool import Pool
from monitor.feeds.redirects import arrival
from monitor.guard import Door, WireError
from monitor.model import Feed, Unreachable

KEPT = timedelta(hours=24)  # RFC 9309, section 2.4: no longer
KEPT_FAULT = timedelta(minutes=5)  # a server that is restarted should not lose its pages for a day
MOST_SITES = 5_000  # remembered at once ...
MOST_TEXT = 50_000_000  # ... and the characters of all their texts together
MOST = 524_288  # bytes of one; RFC 9309, section 2.5, asks for no fewer
DEADLINE = 10.0  # seconds, redirects and all
READ_WITHIN = 2.0  # seconds; half a megabyte of rules takes a quarter of one
LONGEST_GAP = timedelta(seconds=30)  # a Crawl-delay that asks for more would keep a day's articles for a day


@dataclass(frozen=True, slots=True, kw_only=True)
class Permission:
    """Whether a page may be fetched, and the least time since the last request to its host."""

    allowed: bool
    gap: timedelta = timedelta()


ALLOWED = Permission(allowed=True)


def permission(text: str, url: str, agent: str) -> Permission:
    """Return what the robots.txt *text* says to *agent*, a product token, about *url*.  Pure."""
    robots = Protego.parse(text)
    delay = min(robots.crawl_delay(agent) or 0.0, LONGEST_GAP.total_seconds())
    return Permission(allowed=robots.can_fetch(url, agent), gap=timedelta(seconds=delay))


def product(user_agent: str) -> str:
    """Return the token that robots.txt files know *user_agent* by: its first word, or the one after "compatible;"."""
    found = re.search(r"compatible;\s*([A-Za-z_-]+)", user_agent) or re.search(r"[A-Za-z_-]+", user_agent)
    return found[found.re.groups].lower() if found else "*"


@dataclass(slots=True)
class _Site:
    """What is known of one site's robots.txt, until when."""

    known: str | Unreachable = ""
    until: datetime | None = None
    asked: asyncio.Lock = field(default_factory=asyncio.Lock)  # so that it is asked for once


class Robots:
    """The robots.txt of many sites, each fetched once a day at most.  One object serves one event loop."""

    def __init__(self, door: Door, hosts: Hosts, pool: Pool, *, user_agent: str) -> None:
        self._door = door
        self._hosts = hosts
        self._pool = pool
        self._agent = product(user_agent)
        self._sites: dict[tuple[str | None, str], _Site] = {}

    def __len__(self) -> int:
        return len(self._sites)

    async def permission(self, feed: Feed, url: str, now: datetime) -> Permission | Unreachable:
        """Return what the site of *url* allows *feed*, or why that cannot be known now, which allows nothing.

        No robots.txt (4xx) allows everything; a server that fails (5xx, 429, no
        answer) may have one that does not.
        """
        parts = urlsplit(url)
        home = f"{parts.scheme}://{parts.netloc.rpartition('@')[2].lower()}/robots.txt"
        site = self._sites.setdefault((feed.proxy, home), _Site())
        async with site.asked:
            if site.until is None or site.until <= now:
                site.known = await self._asked(feed, home)
                if isinstance(site.known, Unreachable) and site.known.reason == "busy":
                    return site.known
                site.until = now + (KEPT_FAULT if isinstance(site.known, Unreachable) else KEPT)
                self._forget()
        if isinstance(site.known, Unreachable):
            return site.known
        if not site.known:
            return ALLOWED
        try:
            return await self._pool.run(permission, site.known, url, self._agent, limit=READ_WITHIN)
        except ParseError as error:
            return Unreachable(reason="robots", detail=f"robots.txt: {error}")

    async def _asked(self, feed: Feed, home: str) -> str | Unreachable:
        async with self._hosts.turn(home, feed.host_gap, at_home=feed.allow_private) as stay_away:
            if stay_away is not None:
                return Unreachable(reason="busy", detail="its host is busy", retry_after=stay_away)
            try:
                way = {"accept": "text/plain, */*;q=0.1"}
                answer = (await arrival(self._door, feed, home, headers=way, deadline=DEADLINE, most=MOST)).answer
            except WireError as fault:
                return Unreachable(reason=fault.reason, detail=f"robots.txt: {fault.detail}")
        if answer.status >= 500 or answer.status == 429:
            return Unreachable(reason="status", detail=f"robots.txt answered {answer.status}", status=answer.status)
        return answer.body.decode("utf-8-sig", "replace") if 200 <= answer.status < 300 else ""

    def _forget(self) -> None:
        """Forget the sites that were met first, but for those that are being asked."""
        weight = sum(len(site.known) for site in self._sites.values() if isinstance(site.known, str))
        for key, site in list(self._sites.items()):
            if len(self._sites) <= MOST_SITES and weight <= MOST_TEXT:
                return
            if not site.asked.locked():
                weight -= len(site.known) if isinstance(site.known, str) else 0
                del self._sites[key]
