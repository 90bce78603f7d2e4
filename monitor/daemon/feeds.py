"""The line of feeds: each is polled in a turn at its host, and followed where it has moved for good."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from datetime import timedelta

from monitor import chores, report
from monitor.app import draw, now, unguessable
from monitor.daemon.line import Line
from monitor.daemon.moved import follow
from monitor.daemon.runtime import WITHIN, Runtime, crash_proof
from monitor.errors import StoreError
from monitor.feeds.health import has_moved
from monitor.feeds.hosts import Hosts
from monitor.model import Feed, FeedId, Fetched, Visits
from monitor.poll import Visit, give_up, poll
from monitor.store.feeds import FeedClaim, Turn

POLLS = 32  # feeds in hand at once: a fetch waits for most of its time
AGAIN = timedelta(seconds=5)  # the longest a hand waits in a round for a host that is busy
NOT_OURS = timedelta(minutes=5)  # when to look again at a feed that only another process's config knows


class FeedLine:
    """Polls feeds at *hosts*; nudges *pages* when articles wait for theirs, and *channels* when alerts were raised."""

    def __init__(
        self, runtime: Runtime, hosts: Hosts, *, pages: Callable[[], None], channels: Callable[[], None]
    ) -> None:
        self.line = Line(POLLS, self._claim, self._poll, runtime.fault, within=WITHIN)
        self._runtime = runtime
        self._hosts = hosts
        self._pages = pages
        self._channels = channels
        self._turn = Turn(worker=unguessable())
        self._round: int | None = None  # feeds that fall due after it are left to the next round
        self._is_held_up = False  # whether a feed was sent away from a busy host
        self._told_moved: set[tuple[FeedId, str]] = set()  # new addresses that are told and need no second word

    def take_up(self, feeds: Iterable[Feed]) -> None:
        """Know which hosts of *feeds* are the operator's own."""
        self._turn = replace(self._turn, at_home=frozenset(feed.host for feed in feeds if feed.allow_private))

    async def drain(self) -> None:
        """Poll what is due now, each feed once.  Raises StoreError."""
        self._round = await self._runtime.store.run(lambda tx: tx.feeds.clock())
        await self.line.drain()

    async def leave_hosts(self) -> None:
        """Let other processes ask the hosts that were ours, now instead of when the lease ends."""
        try:
            await self._runtime.store.run(lambda tx: tx.hosts.release(self._turn.worker))
        except StoreError as error:
            self._runtime.fault(error)

    async def _claim(self, most: int) -> Sequence[FeedClaim]:
        return await self._runtime.claim(lambda tx: tx.feeds.claim(most, by=self._round, turn=self._turn))

    async def _poll(self, claim: FeedClaim) -> None:
        feed = self._runtime.config.settings.feeds.get(claim.id)
        if feed is None:
            return await self._put_back(claim, NOT_OURS)
        async with self._hosts.turn(feed.url, feed.host_gap, at_home=feed.allow_private) as stay_away:
            if stay_away is None:
                await self._follow_up(feed, await self._visit(claim, feed))
        if stay_away is not None:
            self._is_held_up = True
            return await self._put_back(claim, stay_away)
        if self._is_held_up:  # somebody was sent away, and a turn is free now: the next tick would be late
            self._is_held_up = False
            self.line.nudge()
        return None

    async def _visit(self, claim: FeedClaim, feed: Feed) -> Visit:
        config, wire, store = self._runtime.config, self._runtime.wire, self._runtime.store
        operators = config.settings.default_channel
        return await crash_proof(
            "poll_crashed",
            poll(
                claim,
                feed,
                config.watch(),
                fetch=wire.fetch,
                page=self._page,
                read=wire.read,
                store=store,
                clock=now,
                draw=draw,
            ),
            lambda error: give_up(claim, feed, error, operators=operators, store=store, clock=now, draw=draw),
            feed=feed.id,
        )

    async def _page(self, feed: Feed, visits: Visits) -> Fetched:
        await self._hosts.again(feed.url, feed.host_gap)
        return await self._runtime.wire.fetch(feed, visits)

    async def _follow_up(self, feed: Feed, visit: Visit) -> None:
        report.polled(visit)
        if visit.wait.host_delay is not None:
            self._hosts.rest(feed.url, visit.wait.host_delay)
        if has_moved(visit.visits):
            await self._move(feed, str(visit.visits.moved_to))
        if visit.short:
            self._pages()
        if visit.alerts:
            self._channels()

    async def _move(self, feed: Feed, to: str) -> None:
        """Write a feed's new address into feeds.yaml, one at a time; what cannot be written is told once."""
        if (feed.id, to) in self._told_moved or not await self._runtime.store.run(chores.may_edit):
            return
        followed = await asyncio.to_thread(follow, self._runtime.config, feed, to)
        if followed is not None:
            self._told_moved.add((feed.id, to))
            report.moved(feed, to, followed.refused)

    async def _put_back(self, claim: FeedClaim, stay_away: timedelta) -> None:
        """Leave *claim* unpolled for so long; in a round it stays due, and only the hand waits."""
        if not self._runtime.is_round:
            return await self._runtime.store.run(lambda tx: tx.feeds.put_back(claim, stay_away))
        await asyncio.sleep(min(stay_away, AGAIN).total_seconds())
        return await self._runtime.store.run(lambda tx: tx.feeds.leave_due(claim))
