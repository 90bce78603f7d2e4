"""The line of articles that their feeds cut short: each is made whole from its page."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from datetime import timedelta
from functools import partial

from monitor import report
from monitor.app import now
from monitor.complete import complete
from monitor.daemon.line import Line
from monitor.daemon.runtime import WITHIN, Runtime, always, crash_proof
from monitor.errors import fault_of_ours
from monitor.feeds.hosts import Hosts
from monitor.feeds.pages import Pages
from monitor.model import Unreachable
from monitor.store.pages import PageClaim

PAGES = 8  # pages in hand at once
HELD_UP = timedelta(seconds=15)  # the longest a round waits for a page whose host is busy


class PageLine:
    """Fetches pages at *hosts*; nudges *channels* when alerts were raised."""

    def __init__(self, runtime: Runtime, hosts: Hosts, *, channels: Callable[[], None]) -> None:
        self.line = Line(PAGES, self._claim, self._complete, runtime.fault, within=WITHIN)
        self._runtime = runtime
        self._channels = channels
        wire = runtime.wire
        self._pages = Pages(wire.door, hosts, wire.page_pool, user_agent=runtime.config.settings.user_agent)

    async def drain(self) -> None:
        """Fetch what is due, and what falls due within the time that a busy host keeps others waiting."""
        await self.line.drain()
        while (wait := await self._runtime.store.run(lambda tx: tx.pages.next_due())) is not None and wait <= HELD_UP:
            await asyncio.sleep(max(0.0, wait.total_seconds()))
            if not await self.line.drain():
                return

    async def _claim(self, most: int) -> Sequence[PageClaim]:
        return await self._runtime.claim(lambda tx: tx.pages.claim(most))

    async def _complete(self, claim: PageClaim) -> None:
        config = self._runtime.config
        completed = partial(
            complete,
            claim,
            config.settings.feeds.get(claim.feed_id),
            config.watch(),
            read=self._runtime.wire.read_page,
            store=self._runtime.store,
            clock=now,
        )
        completion = await crash_proof(
            "page_crashed",
            completed(fetch=self._pages.fetch),
            lambda error: completed(fetch=always(Unreachable(reason="fault", detail=fault_of_ours(error)))),
            feed=claim.feed_id,
            article=claim.article.id,
        )
        report.completed(completion)
        if completion.alerts:
            self._channels()
