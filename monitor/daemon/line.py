"""A line of due rows: claimed when there is a free hand, worked on side by side, never more than can start now."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from functools import partial
from typing import TypeVar

C = TypeVar("C")

Claim = Callable[[int], Awaitable[Sequence[C]]]
Work = Callable[[C], Awaitable[None]]
Report = Callable[[Exception], None]


class Line:
    """Keeps up to *slots* rows in hand: asks *claim* for more when nudged, and gives each to *work*.

    Whatever *claim* and *work* raise goes to *fault*; a row stays leased and is
    due again when the lease ends.  One line serves one event loop.
    """

    def __init__(self, slots: int, claim: Claim[C], work: Work[C], fault: Report, *, within: float) -> None:
        async def begin(free: int) -> Sequence[Callable[[], Awaitable[None]]]:
            return [partial(work, each) for each in await claim(free)]

        self._slots = slots
        self._begin = begin
        self._fault = fault
        self._within = within  # seconds; shorter than the lease, so that work ends before it does
        self._runner: asyncio.Task[None] | None = None
        self._hands: set[asyncio.Task[None]] = set()
        self._nudged = asyncio.Event()
        self._backlog = False
        self._closed = False

    def nudge(self) -> None:
        """Look for due rows soon."""
        self._nudged.set()

    def close(self) -> None:
        """Claim nothing more; what is in hand goes on."""
        self._closed = True
        self._nudged.set()

    def start(self) -> None:
        """Claim and work from now on, at each nudge, until closed."""
        self._runner = asyncio.create_task(self._run())

    async def fill(self) -> int:
        """Claim as many rows as there are free hands; return how many that were.  Raises StoreError."""
        taken = 0
        while not self._closed and (free := self._slots - len(self._hands)) > 0:
            begun = await self._begin(free)
            for work in begun:
                hand = asyncio.create_task(self._one(work))
                self._hands.add(hand)
                hand.add_done_callback(self._finished)
            taken += len(begun)
            self._backlog = len(begun) == free
            if not self._backlog:
                break
        return taken

    async def drain(self) -> int:
        """Work until nothing is due any more; return how many rows that were.  Raises StoreError."""
        done = 0
        while True:
            taken = await self.fill()
            done += taken
            if self._hands:
                await asyncio.wait(self._hands, return_when=asyncio.FIRST_COMPLETED)
            elif not taken:
                return done

    async def rest(self) -> None:
        """Wait, once closed, until nothing is in hand and nothing is being claimed."""
        if self._runner is not None:
            await asyncio.wait({self._runner})
        while self._hands:
            await asyncio.wait(self._hands)

    def cut_off(self) -> None:
        """Let go of what is still in hand; its rows are due again when their leases end."""
        for hand in self._hands:
            hand.cancel()

    async def _run(self) -> None:
        while not self._closed:
            await self._nudged.wait()
            self._nudged.clear()
            try:
                await self.fill()
            except Exception as error:  # noqa: BLE001  a line that ended here would claim nothing more, and say nothing
                self._fault(error)

    def _finished(self, hand: asyncio.Task[None]) -> None:
        self._hands.discard(hand)
        # Half the hands free: claiming for one at a time would cost a commit each.
        if self._backlog and len(self._hands) <= self._slots // 2:
            self.nudge()

    async def _one(self, work: Callable[[], Awaitable[None]]) -> None:
        try:
            async with asyncio.timeout(self._within):
                await work()
        except Exception as error:  # noqa: BLE001  whatever it is, the other rows go on
            self._fault(error)
