"""Turns at a host: at most two requests in flight, and a gap between their starts.  Pure but for waiting."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from urllib.parse import urlsplit

IN_FLIGHT = 2  # requests to one host at a time: what browsers were once asked to keep to, and what publishers tolerate
MOST_HOSTS = 50_000  # remembered at once; the idle ones are forgotten first


class Hosts:
    """Who may ask which host when.  One object serves one event loop."""

    def __init__(self) -> None:
        self._hosts: dict[str, _Host] = {}

    @asynccontextmanager
    async def turn(self, url: str, gap: timedelta) -> AsyncIterator[None]:
        """Wait until the host of *url* may be asked again, *gap* after the last start, and hold a place there."""
        host = self._hosts.setdefault(_name(url), _Host())
        host.waiting += 1
        try:
            loop = asyncio.get_running_loop()
            start = max(host.free_at, loop.time())
            host.free_at = start + gap.total_seconds()
            if start > loop.time():
                await asyncio.sleep(start - loop.time())
            async with host.places:
                yield
        finally:
            host.waiting -= 1
            self._forget()

    def __len__(self) -> int:
        return len(self._hosts)

    def ahead(self, url: str) -> timedelta:
        """Return how long a turn at the host of *url* would have to be waited for, by the gaps alone."""
        host = self._hosts.get(_name(url))
        if host is None:
            return timedelta()
        return timedelta(seconds=max(0.0, host.free_at - asyncio.get_running_loop().time()))

    def _forget(self) -> None:
        if len(self._hosts) > MOST_HOSTS:
            self._hosts = {name: host for name, host in self._hosts.items() if host.waiting}


def _name(url: str) -> str:
    return (urlsplit(url).netloc.rpartition("@")[2]).lower()


class _Host:
    def __init__(self) -> None:
        self.places = asyncio.Semaphore(IN_FLIGHT)
        self.free_at = 0.0
        self.waiting = 0
