"""The line of hubs that are to be asked for pushes, or to be left."""

from __future__ import annotations

from collections.abc import Sequence

from monitor import pushes, report
from monitor.app import draw, now, unguessable
from monitor.daemon.line import Line
from monitor.daemon.runtime import WITHIN, Runtime
from monitor.store.subscriptions import SubscriptionClaim

ASKS = 4  # hubs that are asked at once


class HubLine:
    """Asks hubs, if they can reach us."""

    def __init__(self, runtime: Runtime) -> None:
        self.line = Line(ASKS, self._claim, self._ask, runtime.fault, within=WITHIN)
        self._runtime = runtime

    def nudge(self) -> None:
        """Look for hubs that are to be asked, if there is an address of ours that they may call."""
        if self._runtime.config.settings.public_url is not None:
            self.line.nudge()

    async def _claim(self, most: int) -> Sequence[SubscriptionClaim]:
        return await self._runtime.claim(lambda tx: tx.subscriptions.claim(most))

    async def _ask(self, claim: SubscriptionClaim) -> None:
        public_url = self._runtime.config.settings.public_url
        if public_url is None:
            return
        asked = await pushes.ask(
            claim,
            public_url,
            self._runtime.wire.ask_hub,
            store=self._runtime.store,
            clock=now,
            draw=draw,
            secret=unguessable,
        )
        if asked is not None:
            report.hub_asked(asked.feed, asked.hub, asked.wanted, asked.fault)
