"""What waits for SQLite's one writer at the same time shares one commit."""

from __future__ import annotations

import asyncio
from collections import defaultdict, deque
from collections.abc import Callable, Iterable
from concurrent.futures import Executor
from contextlib import AbstractContextManager, suppress
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

X = TypeVar("X")
T = TypeVar("T")

MOST = 32  # works in one transaction: other processes wait meanwhile, some 30 ms as a rule


@dataclass(slots=True, kw_only=True)
class _Job(Generic[X]):
    work: Callable[[X], Any]
    done: asyncio.Future[Any]
    found: Any = None
    error: BaseException | None = None

    def tell(self) -> None:
        if not self.done.done():
            self.done.set_result(self.found) if self.error is None else self.done.set_exception(self.error)


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
        self._is_called = False  # whether the thread will look for work that is added now

    async def run(self, work: Callable[[X], T]) -> T:
        """Return what *work* returns, once that is kept."""
        job = _Job[X](work=work, done=asyncio.get_running_loop().create_future())
        self._jobs.append(job)
        if not self._is_called:
            self._is_called = True
            self._thread.submit(self._work_off)
        found: T = await job.done
        return found

    def _work_off(self) -> None:
        """Do what waits, all of it."""
        self._is_called = False
        while self._jobs:
            jobs = self._waiting()
            if len(jobs) < 2 or not self._together(jobs):
                for job in jobs:
                    self._alone(job)
            _tell(jobs)

    def _waiting(self) -> list[_Job[X]]:
        jobs = [self._jobs.popleft() for _ in range(min(len(self._jobs), MOST))]
        return [job for job in jobs if not job.done.cancelled()]

    def _together(self, jobs: list[_Job[X]]) -> bool:
        try:
            with self._transaction() as tx:
                found = [job.work(tx) for job in jobs]
        except Exception:  # noqa: BLE001  whose it is comes out when each is done alone
            return False
        for job, each in zip(jobs, found, strict=True):
            job.found = each
        return True

    def _alone(self, job: _Job[X]) -> None:
        try:
            with self._transaction() as tx:
                job.found = job.work(tx)
        except BaseException as error:  # noqa: BLE001  for whoever asked
            job.error = error


def _tell(jobs: Iterable[_Job[Any]]) -> None:
    """Wake whoever waits for *jobs*, each loop once."""
    by_loop: dict[asyncio.AbstractEventLoop, list[_Job[Any]]] = defaultdict(list)
    for job in jobs:
        by_loop[job.done.get_loop()].append(job)
    for loop, its in by_loop.items():
        with suppress(RuntimeError):  # it has ended meanwhile
            loop.call_soon_threadsafe(_told, its)


def _told(jobs: Iterable[_Job[Any]]) -> None:
    for job in jobs:
        job.tell()
