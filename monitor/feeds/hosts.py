"""Turns at a host: at most two requests in flight, and a gap between their starts.  Pure but for waiting."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from itertools import islice

from monitor.model import host_of

IN_FLIGHT = 2  # requests to one host at a time: what browsers were once asked to keep to, and what publishers tolerate
MOST_HANDS = 6  # feeds of one host that are in flight or wait for it: a host that hangs must not hold every hand
IN_FLIGHT_AT_HOME = 16  # to a host that may be a private one, where nobody asks for politeness
MOST_HANDS_AT_HOME = 24
PATIENCE = 15.0  # seconds that a feed waits for its turn; with a fetch's 30 it stays within its lease
MINDED = 60.0  # seconds that it is known after a turn how long turns at a host take
LOOKED_AT = 2  # hosts, at the end of each turn, whether they can be forgotten: more than one, so that they grow fewer
LEAST_AWAY, MOST_AWAY = 0.05, 10.0  # seconds until a turn that was not to be had is asked for again


class Hosts:
    """Who may ask which host when.  One object serves one event loop."""

    def __init__(self) -> None:
        self._hosts: dict[str, _Host] = {}

    def __len__(self) -> int:
        return len(self._hosts)

    @asynccontextmanager
    async def turn(self, url: str, gap: timedelta, *, at_home: bool = False) -> AsyncIterator[timedelta | None]:
        """Hold a turn at the host of *url*, *gap* after the last one began, while inside.

        A host *at_home* is the operator's own.  Yields None once the turn has come, or how long to stay away if it
        would not come soon: then nothing may be asked.
        """
        host = self._hosts.setdefault(host_of(url), _Host(IN_FLIGHT_AT_HOME if at_home else IN_FLIGHT))
        if host.hands >= (MOST_HANDS_AT_HOME if at_home else MOST_HANDS):
            yield host.away()
            return
        host.hands += 1
        try:
            try:
                async with asyncio.timeout(PATIENCE):
                    await host.places.acquire()
            except TimeoutError:
                yield host.away()
                return
            try:
                if (wait := host.wait()).total_seconds() > PATIENCE:
                    yield wait
                    return
                host.free_at = host.now() + (wait + gap).total_seconds()
                await asyncio.sleep(wait.total_seconds())
                if (rest := host.rests_until - host.now()) > 0:  # it has said so while we waited
                    yield timedelta(seconds=rest)
                    return
                began = host.now()
                yield None
                host.takes += (host.now() - began - host.takes) / 4  # the mean of the last few turns or so
            finally:
                host.places.release()
        finally:
            host.hands -= 1
            host.minded_until = max(host.now() + MINDED, host.free_at)
            self._forget()

    async def again(self, url: str, gap: timedelta) -> None:
        """Wait until one more request may begin in a turn that is held at the host of *url*."""
        if host := self._hosts.get(host_of(url)):
            wait = host.wait()
            host.free_at = host.now() + (wait + gap).total_seconds()
            await asyncio.sleep(wait.total_seconds())

    def rest(self, url: str, span: timedelta) -> None:
        """Let nobody begin at the host of *url* for so long: it has said that it is asked too much."""
        host = self._hosts.setdefault(host_of(url), _Host(IN_FLIGHT))  # it may be forgotten, its turn being over
        host.rests_until = host.now() + span.total_seconds()
        host.free_at = max(host.free_at, host.rests_until)
        host.minded_until = max(host.minded_until, host.free_at)

    def _forget(self) -> None:
        """Forget of the hosts that were not looked at for longest those of which nothing is to be minded."""
        for name in tuple(islice(self._hosts, LOOKED_AT)):
            host = self._hosts.pop(name)
            if host.hands or host.minded_until > host.now():
                self._hosts[name] = host


class _Host:
    __slots__ = ("abreast", "free_at", "hands", "minded_until", "places", "rests_until", "takes")

    def __init__(self, places: int) -> None:
        self.places = asyncio.Semaphore(places)
        self.abreast = places
        self.free_at = 0.0  # by the loop's clock
        self.rests_until = 0.0
        self.minded_until = 0.0
        self.hands = 0
        self.takes = 0.0  # seconds that a turn lasts

    def now(self) -> float:
        return asyncio.get_running_loop().time()

    def wait(self) -> timedelta:
        return timedelta(seconds=max(0.0, self.free_at - self.now()))

    def away(self) -> timedelta:
        """Return when those who have hands here will be done, by what turns took so far."""
        done = min(max(LEAST_AWAY, self.takes * self.hands / self.abreast), MOST_AWAY)
        return max(self.wait(), timedelta(seconds=done))
