"""What waits for SQLite's one writer at the same time shares one commit."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable
from concurrent.futures import Executor
from contextlib import AbstractContextManager, suppress
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

X = TypeVar("X")
T = TypeVar("T")

MOST = 32  # works in one transaction: other processes wait meanwhile, some 30 ms as a rule


@dataclass(frozen=True, slots=True, kw_only=True)
class _Job(Generic[X]):
    work: Callable[[X], Any]
    done: asyncio.Future[Any]

    def tell(self, outcome: Any, *, failed: bool) -> None:
        with suppress(RuntimeError):  # its loop has ended meanwhile
            self.done.get_loop().call_soon_threadsafe(self._told, outcome, failed)

    def _told(self, outcome: Any, failed: bool) -> None:
        if not self.done.done():
            self.done.set_exception(outcome) if failed else self.done.set_result(outcome)


class Sharing(Generic[X]):
    """Does works in transactions on the one thread of *thread*, as many in one as wait.

    All of them are kept or none.  If any fails, each is done again in a
    transaction of its own, so a fault is its own work's alone; for that, a work
    does nothing but read and write the store.
    """

    def __init__(self, transaction: Callable[[], AbstractContextManager[X]], thread: Executor) -> None:
        self._transaction = transaction
        self._thread = thread
        self._jobs: deque[_Job[X]] = deque()

    async def run(self, work: Callable[[X], T]) -> T:
        """Return what *work* returns, once that is kept."""
        job = _Job(work=work, done=asyncio.get_running_loop().create_future())
        self._jobs.append(job)
        self._thread.submit(self._work_off)
        found: T = await job.done
        return found

    def _work_off(self) -> None:
        """Do what waits; as a rule an earlier call has done it by now."""
        jobs = [self._jobs.popleft() for _ in range(min(len(self._jobs), MOST))]
        jobs = [job for job in jobs if not job.done.cancelled()]
        if len(jobs) < 2 or not self._together(jobs):
            for job in jobs:
                self._alone(job)

    def _together(self, jobs: list[_Job[X]]) -> bool:
        try:
            with self._transaction() as tx:
                found = [job.work(tx) for job in jobs]
        except Exception:  # noqa: BLE001  whose it is comes out when each is done alone
            return False
        for job, each in zip(jobs, found, strict=True):
            job.tell(each, failed=False)
        return True

    def _alone(self, job: _Job[X]) -> None:
        try:
            with self._transaction() as tx:
                found = job.work(tx)
        except BaseException as error:  # noqa: BLE001  for whoever asked
            job.tell(error, failed=True)
        else:
            job.tell(found, failed=False)
