"""What the lines of one process share: the config that runs, the real parts, and how the database fares."""

from __future__ import annotations

import asyncio
import gc
import sys
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

from monitor import report
from monitor.app import Config, Wire
from monitor.errors import LeaseLost, StoreError
from monitor.store import Store, Tx
from monitor.store.claims import LEASE

T = TypeVar("T")

WITHIN = LEASE.total_seconds() * 0.8  # work ends before its lease does: derived, never a second setting
REST = 5.0  # seconds that nothing is claimed after the database failed: a full disk takes one write and not the next
HAND_OVER = 0.001  # seconds that a thread computes while others wait; with Python's 5 ms the loop came twice as late


@dataclass(slots=True)
class Health:
    """What /readyz asks."""

    ticked_at: datetime | None = None
    store_fault: str | None = None
    config_hash: str = ""
    rejected_hash: str | None = None


class Runtime:
    """The parts that every line works with.  In a round (*is_round*) nothing is put off that can be waited for."""

    def __init__(self, config: Config, store: Store, wire: Wire, health: Health) -> None:
        self.config = config
        self.store = store
        self.wire = wire
        self.health = health
        self.is_round = False
        self.failed: StoreError | None = None  # the last time that the database did
        self._rests_until = 0.0  # by the loop's clock: what cannot be recorded is not begun

    async def claim(self, due: Callable[[Tx], Sequence[T]]) -> Sequence[T]:
        """Return what *due* claims; nothing while the database rests from a failure, for which a round has no time."""
        if not self.is_round and asyncio.get_running_loop().time() < self._rests_until:
            return ()
        claims = await self.store.run(due)
        self.health.store_fault = None
        return claims

    def fault(self, error: Exception) -> None:
        """Tell of work that came to nothing; its row stays leased and is due again when the lease ends."""
        match error:
            case LeaseLost():
                report.told("lease_lost", level="warning", detail=str(error))
            case StoreError():
                if self.health.store_fault is None:
                    report.told("store_failed", level="error", detail=str(error))
                self.health.store_fault = str(error)
                self.failed = error
                self._rests_until = asyncio.get_running_loop().time() + REST
            case TimeoutError():
                report.told("work_timed_out", level="warning", detail=str(error) or type(error).__name__)
            case _:
                report.crashed("work_crashed", error)


async def crash_proof(
    event: str, work: Awaitable[T], otherwise: Callable[[Exception], Awaitable[T]], **facts: object
) -> T:
    """Return what *work* comes to; after a fault of our own, told as *event*, what *otherwise* makes of it.

    So a row that meets a fault of ours is put off like any other, instead of
    meeting it again with each lease.
    """
    try:
        return await work
    except (LeaseLost, StoreError):
        raise
    except Exception as error:  # noqa: BLE001  whatever it is, the other rows go on
        report.crashed(event, error, **facts)
        return await otherwise(error)


def always(value: T) -> Callable[..., Awaitable[T]]:
    """Return an edge that comes to *value*, whatever it is asked."""

    async def edge(*_: object) -> T:
        return value

    return edge


def make_way() -> None:
    """Keep what computes from holding up the event loop, once what is to run is loaded.

    Rules and program stay: looking through them for garbage would stop the loop
    for 60 ms each time.  And a thread that matches articles makes room sooner.
    """
    gc.collect()
    gc.freeze()
    sys.setswitchinterval(HAND_OVER)
