"""The lines of deliveries, one for each channel: a receiver that hangs delays nobody else."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from functools import partial

from monitor import report
from monitor.app import draw, now
from monitor.daemon.line import Line
from monitor.daemon.runtime import WITHIN, Runtime, always, crash_proof
from monitor.delivery.rate import Allowance
from monitor.dispatch import dispatch
from monitor.errors import fault_of_ours
from monitor.model import Channel, ChannelId, Deferred
from monitor.store.outbox import DeliveryClaim

SENDS = 8  # deliveries in hand at once on each channel


class ChannelLines:
    """Sends what is pending on each channel, at its rate."""

    def __init__(self, runtime: Runtime) -> None:
        self.lines: dict[ChannelId, Line] = {}
        self._runtime = runtime
        self._allowances: dict[ChannelId, Allowance] = {}

    def take_up(self, channels: Mapping[ChannelId, Channel]) -> None:
        """Have a line for each of *channels*, and for no other; outside a round a new one starts at once."""
        at = asyncio.get_running_loop().time()
        for gone in self.lines.keys() - channels.keys():
            self.lines.pop(gone).close()
        for id, channel in channels.items():
            self._allowances[id] = Allowance(channel.rate, at)
            if id not in self.lines:
                self.lines[id] = Line(SENDS, partial(self._claim, id), self._send, self._runtime.fault, within=WITHIN)
                if not self._runtime.is_round:
                    self.lines[id].start()

    def nudge(self) -> None:
        """Look for pending deliveries soon."""
        for line in self.lines.values():
            line.nudge()

    async def drain(self) -> None:
        """Send all that is pending.  Raises StoreError."""
        await asyncio.gather(*(line.drain() for line in self.lines.values()))

    async def _claim(self, id: ChannelId, most: int) -> Sequence[DeliveryClaim]:
        allowance = self._allowances[id]
        allowed = allowance.take(most, asyncio.get_running_loop().time())
        if not allowed:
            if not self._runtime.is_round:  # the next tick asks again
                return ()
            await asyncio.sleep(allowance.wait())
            return await self._claim(id, most)
        claims = await self._runtime.claim(lambda tx: tx.outbox.claim(id, allowed))
        allowance.give_back(allowed - len(claims))
        return claims

    async def _send(self, claim: DeliveryClaim) -> None:
        settings, store = self._runtime.config.settings, self._runtime.store
        channel = settings.channels.get(claim.delivery.channel)
        if channel is None:
            return await store.run(lambda tx: tx.outbox.put_back(claim))
        dispatched = partial(
            dispatch, claim, channel, store=store, operators=settings.default_channel, clock=now, draw=draw
        )
        outcome, settlement = await crash_proof(
            "send_crashed",
            dispatched(send=self._runtime.wire.send),
            lambda error: dispatched(send=always(Deferred(reason="fault", detail=fault_of_ours(error)))),
            delivery=claim.delivery.id,
        )
        report.delivered(claim, channel, outcome, settlement, now())
        return None
