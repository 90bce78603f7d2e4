"""One process: polls what is due, delivers what is pending, follows the config files."""

from __future__ import annotations

import asyncio
from datetime import UTC, timedelta
from functools import partial

from apscheduler.schedulers.asyncio import AsyncIOScheduler
from apscheduler.triggers.interval import IntervalTrigger

from monitor import chores, pushes, report
from monitor.app import Config, Wire, now
from monitor.daemon.channels import ChannelLines
from monitor.daemon.feeds import FeedLine
from monitor.daemon.hubs import HubLine
from monitor.daemon.line import Line
from monitor.daemon.pages import PageLine
from monitor.daemon.reload import Files, Rejected, Taken
from monitor.daemon.runtime import Health, Runtime, make_way
from monitor.errors import StoreError
from monitor.feeds.hosts import Hosts
from monitor.store import Store, Tx

TICK = timedelta(seconds=1)  # how late a due row may start when nothing nudges
HUB_TICK = timedelta(seconds=5)
STOCK_TICK = timedelta(minutes=1)
PRUNE_TICK = timedelta(minutes=10)
DRAIN = 20.0  # seconds that a stop waits for what is in hand; a send takes 15 at most
NOTHING = chores.Pruned(articles=0, alerts=0, deliveries=0)


class Daemon:
    """Runs the two flows on *config* until it is stopped; one object serves one event loop."""

    def __init__(self, config: Config, store: Store, wire: Wire, *, refused: str | None = None) -> None:
        self.health = Health(config_hash=config.hash, rejected_hash=refused)
        self._runtime = Runtime(config, store, wire, self.health)
        hosts = Hosts()
        self._channels = ChannelLines(self._runtime)
        self._pages = PageLine(self._runtime, hosts, channels=self._channels.nudge)
        self._feeds = FeedLine(self._runtime, hosts, pages=self._pages.line.nudge, channels=self._channels.nudge)
        self._hubs = HubLine(self._runtime)
        self._files = Files(config.settings.folder, config.hash, refused)
        self._stopping = asyncio.Event()
        self._beat_at: float | None = None

    @property
    def config(self) -> Config:
        """The set of files that runs now."""
        return self._runtime.config

    # -------------------------------------------------------------- ways to run

    async def run(self) -> None:
        """Work until stopped, then finish what is in hand.  Raises StoreError if the database is not there at start."""
        await self._take_up(self.config, starts=True)
        for line in self._inward():
            line.start()
        scheduler = self._scheduler()
        scheduler.start()
        try:
            await self._stopping.wait()
        finally:
            scheduler.shutdown(wait=False)
            await self._finish()

    async def once(self) -> None:
        """Poll all that is due, deliver all that is pending, and return; StoreError if the database fails."""
        self._runtime.is_round = True
        await self._take_up(self.config)
        await self._feeds.drain()
        await self._pages.drain()
        await self._feeds.leave_hosts()
        await self._channels.drain()
        if self._runtime.failed is not None:
            raise self._runtime.failed

    def stop(self) -> None:
        """Claim nothing more, finish what is in hand, return from `run`."""
        self._stopping.set()

    def reload(self) -> None:
        """Judge the config files again, even those that were refused."""
        self._files.forget()

    def look(self) -> None:
        """Look at once for feeds that are due."""
        self._feeds.line.nudge()

    def _inward(self) -> tuple[Line, ...]:
        return self._feeds.line, self._pages.line, self._hubs.line

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
        lines = (*self._inward(), *self._channels.lines.values())
        for line in lines:
            line.close()
        try:
            async with asyncio.timeout(DRAIN):
                await asyncio.gather(*(line.rest() for line in lines))
        except TimeoutError:
            for line in lines:
                line.cut_off()
        await self._feeds.leave_hosts()

    # -------------------------------------------------------------- ticks

    async def _tick(self) -> None:
        self.health.ticked_at = now()
        self._feeds.line.nudge()
        self._pages.line.nudge()
        self._channels.nudge()

    async def _look_at_hubs(self) -> None:
        self._hubs.nudge()

    async def _beat(self) -> None:
        """Measure how late the event loop is: a second between two beats is none."""
        at = asyncio.get_running_loop().time()
        if self._beat_at is not None:
            report.loop_lag(max(0.0, at - self._beat_at - TICK.total_seconds()))
        self._beat_at = at

    async def _prune(self) -> None:
        retention = self.config.settings.retention
        try:
            pruned = await self._runtime.store.run(partial(chores.prune, retention=retention, now=now()))
        except StoreError as error:
            return self._runtime.fault(error)
        if pruned is not None and pruned != NOTHING:
            report.told("pruned", articles=pruned.articles, alerts=pruned.alerts, deliveries=pruned.deliveries)
        return None

    async def _take_stock(self) -> None:
        try:
            report.standing(await self._runtime.store.run(lambda tx: tx.feeds.by_health()))
        except StoreError as error:
            self._runtime.fault(error)

    # -------------------------------------------------------------- config files

    async def _look_at_files(self) -> None:
        found = await asyncio.to_thread(self._files.look, self.config)
        try:
            match found:
                case Taken(config=config, restart_only=waiting):
                    await self._take_up(config)
                    make_way()
                    self.health.rejected_hash = None
                    if waiting:
                        report.told("restart_needed", level="warning", keys=", ".join(waiting))
                case Rejected():
                    await self._reject(found)
                case None:
                    pass
        except StoreError as error:
            self._runtime.fault(error)

    async def _take_up(self, config: Config, *, starts: bool = False) -> None:
        """Run *config* from now on, and make it the set that a restart falls back on."""
        settings = config.settings

        def keep(tx: Tx) -> None:
            tx.configs.accept(config.hash, settings.files, now())
            pushes.take_up(tx, tuple(settings.feeds), is_on=settings.public_url is not None)
            tx.feeds.take_up(settings.feeds.values())
            if starts:
                chores.spread(tx, settings.feeds.values())
            tx.channels.take_up(settings.channels)

        await self._runtime.store.run(keep)
        self._runtime.config = config
        self.health.config_hash = config.hash
        for secret in settings.secrets():
            report.hide(secret)
        self._feeds.take_up(settings.feeds.values())
        self._channels.take_up(settings.channels)
        report.told(
            "config_taken",
            hash=config.hash,
            feeds=len(settings.feeds),
            rules=len(config.rules.rules),
            channels=len(settings.channels),
        )

    async def _reject(self, rejected: Rejected) -> None:
        """Tell of a set that is not taken; the one that runs goes on."""
        self.health.rejected_hash = rejected.hash
        report.told(
            "config_rejected",
            hash=rejected.hash,
            running=self.config.hash,
            mistakes=list(map(str, rejected.mistakes)),
        )
        await self._runtime.store.run(
            partial(
                chores.report_rejected,
                hash=rejected.hash,
                mistakes=rejected.mistakes,
                operators=self.config.settings.default_channel,
                now=now(),
            )
        )
