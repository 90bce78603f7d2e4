"""One process: polls what is due, delivers what is pending, follows the config files."""

from __future__ import annotations

import asyncio
import gc
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import partial

from apscheduler.schedulers.asyncio import AsyncIOScheduler
from apscheduler.triggers.interval import IntervalTrigger

from monitor import chores, pushes, report
from monitor.app import Config, Wire, draw, now, unguessable
from monitor.complete import FetchPage, complete
from monitor.daemon.line import Line
from monitor.daemon.moved import follow
from monitor.daemon.reload import Files, Rejected, Taken
from monitor.delivery.rate import Allowance
from monitor.dispatch import Send, dispatch
from monitor.errors import LeaseLost, StoreError
from monitor.feeds.hosts import Hosts
from monitor.feeds.pages import Pages
from monitor.feeds.visits import has_moved
from monitor.model import (
    Channel,
    ChannelId,
    Deferred,
    Delivery,
    Feed,
    FeedId,
    Fetched,
    Message,
    Outcome,
    Unreachable,
    Visits,
)
from monitor.poll import give_up, poll
from monitor.store import Store, Tx
from monitor.store.claims import LEASE
from monitor.store.feeds import FeedClaim, Turn
from monitor.store.outbox import DeliveryClaim
from monitor.store.pages import PageClaim
from monitor.store.subscriptions import SubscriptionClaim

TICK = timedelta(seconds=1)  # how late a due row may start when nothing nudges
PRUNE_TICK = timedelta(minutes=10)
HUB_TICK = timedelta(seconds=5)
STOCK_TICK = timedelta(minutes=1)
PAGES = 8  # pages in hand at once
POLLS = 32  # feeds in hand at once: a fetch waits for most of its time
ASKS = 4  # hubs that are asked at once
SENDS = 8  # deliveries in hand at once on each channel
WITHIN = LEASE.total_seconds() * 0.8  # work ends before its lease does: derived, never a second setting
DRAIN = 20.0  # seconds that a stop waits for what is in hand; a send takes 15 at most
REST = 5.0  # seconds that nothing is claimed after the database failed: a full disk takes one write and not the next
HELD_UP = timedelta(seconds=15)  # the longest a round waits for a page whose host is busy
AGAIN = timedelta(seconds=5)  # the longest a hand waits in a round for a host that is busy
NOTHING = chores.Pruned(articles=0, alerts=0, deliveries=0)
NOT_OURS = timedelta(minutes=5)  # when to look again at a feed that only another process's config knows


@dataclass(slots=True)
class Health:
    """What /readyz asks."""

    ticked_at: datetime | None = None
    store_fault: str | None = None
    config_hash: str = ""
    rejected_hash: str | None = None


class Daemon:
    """Runs the two flows on *config* until it is stopped; one object serves one event loop."""

    def __init__(self, config: Config, store: Store, wire: Wire, *, refused: str | None = None) -> None:
        self.config = config
        self.health = Health(config_hash=config.hash, rejected_hash=refused)
        self._store = store
        self._wire = wire
        self._turn = Turn(worker=unguessable())
        self._hosts = Hosts()
        self._files = Files(config.settings.folder, config.hash, refused)
        self._stopping = asyncio.Event()
        self._feeds: Line[FeedClaim] = Line(POLLS, self._claim_feeds, self._poll, self._fault, within=WITHIN)
        self._short: Line[PageClaim] = Line(PAGES, self._claim_pages, self._complete, self._fault, within=WITHIN)
        self._pages = Pages(wire.door, self._hosts, wire.page_pool, user_agent=config.settings.user_agent)
        self._hubs: Line[SubscriptionClaim] = Line(ASKS, self._claim_hubs, self._ask_hub, self._fault, within=WITHIN)
        self._channels: dict[ChannelId, Line[DeliveryClaim]] = {}
        self._allowances: dict[ChannelId, Allowance] = {}
        self._runners: set[asyncio.Task[None]] = set()
        self._beat_at: float | None = None
        self._is_patient = False  # whether a claim waits for a channel's rate, instead of for the next tick
        self._round: int | None = None  # feeds that fall due after it are left to the next round
        self._is_held_up = False  # whether a feed was sent away from a busy host
        self._told_moved: set[tuple[FeedId, str]] = set()  # new addresses that are told and need no second word
        self._failed: StoreError | None = None
        self._rests_until = 0.0  # by the loop's clock: what cannot be recorded is not begun

    # -------------------------------------------------------------- ways to run

    async def run(self) -> None:
        """Work until stopped, then finish what is in hand.  Raises StoreError if the database is not there at start."""
        await self._take_up(self.config, starts=True)
        lines = (self._feeds, self._short, self._hubs)
        self._runners.update(asyncio.create_task(line.run()) for line in lines)
        scheduler = self._scheduler()
        scheduler.start()
        try:
            await self._stopping.wait()
        finally:
            scheduler.shutdown(wait=False)
            await self._finish()

    async def once(self) -> None:
        """Poll all that is due, deliver all that is pending, and return; StoreError if the database fails."""
        self._is_patient = True
        await self._take_up(self.config, run=False)
        self._round = await self._store.run(lambda tx: tx.feeds.clock())
        await self._feeds.drain()
        await self._drain_pages()
        await self._leave_hosts()
        await asyncio.gather(*(line.drain() for line in self._channels.values()))
        if self._failed is not None:
            raise self._failed

    def stop(self) -> None:
        """Claim nothing more, finish what is in hand, return from `run`."""
        self._stopping.set()

    def reload(self) -> None:
        """Judge the config files again, even those that were refused."""
        self._files.forget()

    def _scheduler(self) -> AsyncIOScheduler:
        scheduler = AsyncIOScheduler(timezone=UTC)
        for job, every in (
            (self._tick, TICK),
            (self._beat, TICK),
            (self._look_at_files, TICK),
            (self._look_at_hubs, HUB_TICK),
            (self._prune, PRUNE_TICK),
            (self._take_stock, STOCK_TICK),
        ):
            scheduler.add_job(
                job,
                IntervalTrigger(seconds=int(every.total_seconds()), timezone=UTC),
                next_run_time=now(),
                coalesce=True,
                max_instances=1,
                misfire_grace_time=None,
            )
        return scheduler

    async def _finish(self) -> None:
        lines: list[Line[FeedClaim] | Line[PageClaim] | Line[SubscriptionClaim] | Line[DeliveryClaim]]
        lines = [self._feeds, self._short, self._hubs, *self._channels.values()]
        for line in lines:
            line.close()
        try:
            async with asyncio.timeout(DRAIN):
                await asyncio.gather(*(line.rest() for line in lines))
        except TimeoutError:
            for line in lines:
                line.cut_off()
        await asyncio.gather(*self._runners, return_exceptions=True)
        await self._leave_hosts()

    async def _leave_hosts(self) -> None:
        """Let other processes ask the hosts that were ours, now instead of when the lease ends."""
        try:
            await self._store.run(lambda tx: tx.hosts.release(self._turn.worker))
        except StoreError as error:
            self._fault(error)

    # -------------------------------------------------------------- ticks

    async def _tick(self) -> None:
        self.health.ticked_at = now()
        self._feeds.nudge()
        self._short.nudge()
        self._nudge_channels()

    def look(self) -> None:
        """Look at once for feeds that are due."""
        self._feeds.nudge()

    async def _look_at_hubs(self) -> None:
        if self.config.settings.public_url is not None:
            self._hubs.nudge()

    def _nudge_channels(self) -> None:
        for line in self._channels.values():
            line.nudge()

    async def _beat(self) -> None:
        """Measure how late the event loop is: a second between two beats is none."""
        at = asyncio.get_running_loop().time()
        if self._beat_at is not None:
            report.loop_lag(max(0.0, at - self._beat_at - TICK.total_seconds()))
        self._beat_at = at

    async def _prune(self) -> None:
        retention = self.config.settings.retention
        try:
            pruned = await self._store.run(partial(chores.prune, retention=retention, now=now()))
        except StoreError as error:
            return self._fault(error)
        if pruned is not None and pruned != NOTHING:
            report.told("pruned", articles=pruned.articles, alerts=pruned.alerts, deliveries=pruned.deliveries)
        return None

    async def _take_stock(self) -> None:
        try:
            report.standing(await self._store.run(lambda tx: tx.feeds.by_health()))
        except StoreError as error:
            self._fault(error)

    async def _look_at_files(self) -> None:
        found = await asyncio.to_thread(self._files.look, self.config)
        try:
            match found:
                case Taken(config=config, restart_only=waiting):
                    await self._take_up(config)
                    self.health.rejected_hash = None
                    if waiting:
                        report.told("restart_needed", level="warning", keys=", ".join(waiting))
                case Rejected(hash=hash, mistakes=mistakes):
                    self.health.rejected_hash = hash
                    report.told(
                        "config_rejected", hash=hash, running=self.config.hash, mistakes=list(map(str, mistakes))
                    )
                    await self._store.run(
                        partial(
                            chores.report_rejected,
                            hash=hash,
                            mistakes=mistakes,
                            operators=self.config.settings.default_channel,
                            now=now(),
                        )
                    )
                case None:
                    pass
        except StoreError as error:
            self._fault(error)

    async def _take_up(self, config: Config, *, run: bool = True, starts: bool = False) -> None:
        """Run *config* from now on, and make it the set that a restart falls back on."""
        settings = config.settings

        def keep(tx: Tx) -> None:
            tx.configs.accept(config.hash, settings.files, now())
            pushes.take_up(tx, tuple(settings.feeds), is_on=settings.public_url is not None)
            tx.feeds.take_up(settings.feeds.values())
            if starts:
                chores.spread(tx, settings.feeds.values())
            tx.channels.take_up(settings.channels)

        await self._store.run(keep)
        self.config = config
        at_home = frozenset(feed.host for feed in settings.feeds.values() if feed.allow_private)
        self._turn = replace(self._turn, at_home=at_home)
        self.health.config_hash = config.hash
        for secret in settings.secrets():
            report.hide(secret)
        self._line_up(settings.channels, run=run)
        gc.collect()
        gc.freeze()  # rules and program stay: looking through them for garbage would stop the loop for 60 ms each time
        report.told(
            "config_taken",
            hash=config.hash,
            feeds=len(settings.feeds),
            rules=len(config.rules.rules),
            channels=len(settings.channels),
        )

    def _line_up(self, channels: Mapping[ChannelId, Channel], *, run: bool) -> None:
        """Give each channel a line of its own, so that a slow receiver delays nobody else."""
        at = asyncio.get_running_loop().time()
        for gone in self._channels.keys() - channels.keys():
            self._channels.pop(gone).close()
        for id, channel in channels.items():
            self._allowances[id] = Allowance(channel.rate, at)
            if id not in self._channels:
                line = Line(SENDS, partial(self._claim_deliveries, id), self._send, self._fault, within=WITHIN)
                self._channels[id] = line
                if run:
                    self._runners.add(asyncio.create_task(line.run()))

    # -------------------------------------------------------------- the flow in

    async def _claim_feeds(self, most: int) -> Sequence[FeedClaim]:
        if self._rests():
            return ()
        claims = await self._store.run(lambda tx: tx.feeds.claim(most, by=self._round, turn=self._turn))
        self.health.store_fault = None
        return claims

    async def _poll(self, claim: FeedClaim) -> None:
        feed = self.config.settings.feeds.get(claim.id)
        if feed is None:
            return await self._put_back(claim, NOT_OURS)
        async with self._hosts.turn(feed.url, feed.host_gap, at_home=feed.allow_private) as stay_away:
            if stay_away is None:
                await self._visit(claim, feed)
        if stay_away is not None:
            self._is_held_up = True
            return await self._put_back(claim, stay_away)
        if self._is_held_up:  # somebody was sent away, and a turn is free now: the next tick would be late
            self._is_held_up = False
            self._feeds.nudge()
        return None

    async def _visit(self, claim: FeedClaim, feed: Feed) -> None:
        try:
            visit = await poll(
                claim,
                feed,
                self.config.watch(),
                fetch=self._wire.fetch,
                page=self._page,
                read=self._wire.read,
                store=self._store,
                clock=now,
                draw=draw,
            )
        except (LeaseLost, StoreError):
            raise
        except Exception as error:  # noqa: BLE001  a fault of ours in one feed must not be met again each minute
            report.crashed("poll_crashed", error, feed=feed.id)
            operators = self.config.settings.default_channel
            visit = await give_up(claim, feed, error, operators=operators, store=self._store, clock=now, draw=draw)
        report.polled(visit)
        if visit.wait.host_delay is not None:
            self._hosts.rest(feed.url, visit.wait.host_delay)
        if has_moved(visit.visits):
            await self._follow(feed, str(visit.visits.moved_to))
        if visit.short:
            self._short.nudge()
        if visit.alerts:
            self._nudge_channels()

    async def _page(self, feed: Feed, visits: Visits) -> Fetched:
        await self._hosts.again(feed.url, feed.host_gap)
        return await self._wire.fetch(feed, visits)

    async def _follow(self, feed: Feed, to: str) -> None:
        """Write a feed's new address into feeds.yaml, one at a time; what cannot be written is told once."""
        if (feed.id, to) in self._told_moved or not await self._store.run(chores.may_edit):
            return
        followed = await asyncio.to_thread(follow, self.config, feed, to)
        if followed is not None:
            self._told_moved.add((feed.id, to))
            report.moved(feed, to, followed.refused)

    async def _put_back(self, claim: FeedClaim, stay_away: timedelta) -> None:
        """Leave *claim* unpolled for so long; in a round it stays due, and only the hand waits."""
        if self._round is None:
            return await self._store.run(lambda tx: tx.feeds.put_back(claim, stay_away))
        await asyncio.sleep(min(stay_away, AGAIN).total_seconds())
        return await self._store.run(lambda tx: tx.feeds.leave_due(claim))

    async def _claim_pages(self, most: int) -> Sequence[PageClaim]:
        return () if self._rests() else await self._store.run(lambda tx: tx.pages.claim(most))

    async def _complete(self, claim: PageClaim) -> None:
        feed = self.config.settings.feeds.get(claim.feed_id)
        finish = partial(
            complete,
            claim,
            feed,
            self.config.watch(),
            read=self._wire.read_page,
            store=self._store,
            clock=now,
        )
        try:
            completion = await finish(fetch=self._pages.fetch)
        except (LeaseLost, StoreError, TimeoutError):
            raise
        except Exception as error:  # noqa: BLE001  as in _visit; the article is told as its feed has it
            report.crashed("page_crashed", error, feed=claim.feed_id, article=claim.article.id)
            completion = await finish(fetch=_without_page(error))
        report.completed(completion)
        if completion.alerts:
            self._nudge_channels()

    async def _drain_pages(self) -> None:
        """Fetch what is due, and what falls due within the time that a busy host keeps others waiting."""
        await self._short.drain()
        while (wait := await self._store.run(lambda tx: tx.pages.next_due())) is not None and wait <= HELD_UP:
            await asyncio.sleep(max(0.0, wait.total_seconds()))
            if not await self._short.drain():
                return

    # -------------------------------------------------------------- hubs

    async def _claim_hubs(self, most: int) -> Sequence[SubscriptionClaim]:
        return () if self._rests() else await self._store.run(lambda tx: tx.subscriptions.claim(most))

    async def _ask_hub(self, claim: SubscriptionClaim) -> None:
        public_url = self.config.settings.public_url
        if public_url is None:
            return
        asked = await pushes.ask(
            claim, public_url, self._wire.ask_hub, store=self._store, clock=now, draw=draw, secret=unguessable
        )
        if asked is not None:
            report.hub_asked(asked.feed, asked.hub, asked.wanted, asked.fault)

    # -------------------------------------------------------------- the flow out

    async def _claim_deliveries(self, id: ChannelId, most: int) -> Sequence[DeliveryClaim]:
        if self._rests():
            return ()
        allowance = self._allowances[id]
        allowed = allowance.take(most, asyncio.get_running_loop().time())
        if not allowed:
            if not self._is_patient:
                return ()
            await asyncio.sleep(allowance.wait())
            return await self._claim_deliveries(id, most)
        claims = await self._store.run(lambda tx: tx.outbox.claim(id, allowed))
        allowance.give_back(allowed - len(claims))
        self.health.store_fault = None
        return claims

    async def _send(self, claim: DeliveryClaim) -> None:
        channel = self.config.settings.channels.get(claim.delivery.channel)
        if channel is None:
            return await self._store.run(lambda tx: tx.outbox.put_back(claim))
        settle = partial(
            dispatch,
            claim,
            channel,
            store=self._store,
            operators=self.config.settings.default_channel,
            clock=now,
            draw=draw,
        )
        try:
            outcome, settlement = await settle(send=self._wire.send)
        except (LeaseLost, StoreError):
            raise
        except Exception as error:  # noqa: BLE001  as in _visit: put off like any other failure, and given up in the end
            report.crashed("send_crashed", error, delivery=claim.delivery.id)
            fault = Deferred(reason="fault", detail=f"a fault in this program: {type(error).__name__}")
            outcome, settlement = await settle(send=_failing(fault))
        report.delivered(claim, channel, outcome, settlement, now())
        return None

    def _rests(self) -> bool:
        """Return whether the database failed just now; a round does not wait for it to recover."""
        return self._round is None and asyncio.get_running_loop().time() < self._rests_until

    def _fault(self, error: BaseException) -> None:
        """Tell of work that came to nothing; its row stays leased and is due again when the lease ends."""
        match error:
            case LeaseLost():
                report.told("lease_lost", level="warning", detail=str(error))
            case StoreError():
                if self.health.store_fault is None:
                    report.told("store_failed", level="error", detail=str(error))
                self.health.store_fault = str(error)
                self._failed = error
                self._rests_until = asyncio.get_running_loop().time() + REST
            case _:
                report.told("work_timed_out", level="warning", detail=str(error) or type(error).__name__)


def _without_page(error: Exception) -> FetchPage:
    """Return a fetch that comes to nothing for a fault of ours."""

    async def fetch(_feed: Feed, _url: str, _now: datetime) -> Unreachable:
        return Unreachable(reason="fault", detail=f"a fault in this program: {type(error).__name__}")

    return fetch


def _failing(fault: Deferred) -> Send:
    """Return a send that comes to *fault*."""

    async def send(_channel: Channel, _delivery: Delivery, _message: Message) -> Outcome:
        return fault

    return send
