"""Processes in which a document is read, and which are killed when it does not let itself be read.

A hostile document can hold Python for minutes and take gigabytes; neither a
thread nor a coroutine can be stopped at that, a process can.
"""

from __future__ import annotations

import asyncio
import multiprocessing
import signal
from collections.abc import Callable
from concurrent.futures import TimeoutError as Overdue
from concurrent.futures.process import BrokenProcessPool
from contextlib import suppress
from typing import TypeVar

import pebble

from monitor.errors import ParseError

T = TypeVar("T")

MOST_MEMORY = 1024**3  # bytes of address space; the hungriest document that the limits let pass takes 200 million
MOST_TASKS = 5000  # documents until a process is replaced: 1,500 whole ones were measured to leak 3 MB
PRELOADED = "monitor.poll"  # what a reader runs; loaded once for all of them, so that a killed one is soon replaced


class _Stopped(ParseError):
    """The process was told to stop, and not by the pool: the daemon still finishes what it has in hand."""


class Pool:
    """Runs functions in processes of their own.  The first call starts them; leaving the block ends them."""

    def __init__(self, *, workers: int = 1, prepare: Callable[[], object] | None = None) -> None:
        self._workers = workers
        self._prepare = prepare  # done by each process before it takes anything on: no document pays for it
        self._pool = _processes(workers, prepare)
        self._started: asyncio.Task[bool] | None = None
        self._broken: list[pebble.ProcessPool] = []

    async def __aenter__(self) -> Pool:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.aclose()

    async def aclose(self) -> None:
        """End the processes, whatever they are doing."""
        if self._started is not None:
            await asyncio.wait([self._started])
        for pool in (self._pool, *self._broken):
            pool.stop()  # type: ignore[no-untyped-call]  # pebble leaves its results untyped
            await asyncio.to_thread(pool.join)

    async def run(self, function: Callable[..., T], *args: object, limit: float = 10.0) -> T:
        """Return what *function* returns for *args*, which must all be picklable.

        Raises what it raises, and ParseError if it takes more than *limit*
        seconds, too much memory, or its process with it.  Cancelling ends it.
        """
        try:
            return await self._run(function, args, limit)
        except (BrokenProcessPool, _Stopped):  # by the kernel for want of memory, or by who stops all of a service
            return await self._run(function, args, limit)

    async def _run(self, function: Callable[..., T], args: tuple[object, ...], limit: float) -> T:
        if not await self._stands():  # pebble gives a pool up when a process dies that had nothing to do
            self._broken.append(self._pool)
            self._pool, self._started = _processes(self._workers, self._prepare), None
            await self._stands()
        try:
            found: T = await asyncio.wrap_future(self._pool.schedule(function, args=args, timeout=limit))
        except Overdue:
            raise ParseError(f"reading it took longer than {limit:g} s") from None
        except MemoryError:
            raise ParseError("reading it took too much memory") from None
        except pebble.ProcessExpired as error:
            fault = _Stopped if abs(error.exitcode) == signal.SIGTERM else ParseError
            raise fault(f"reading it ended the process (exit code {error.exitcode})") from None
        return found

    async def _stands(self) -> bool:
        """Start the processes, if nobody has, and return whether they may be given work.

        On a thread: the first waits for what readers run to be loaded, most of a second.
        """
        if self._started is None:
            self._started = asyncio.create_task(asyncio.to_thread(lambda: self._pool.active))  # asking starts them
        try:
            await asyncio.shield(self._started)
        except (OSError, BrokenProcessPool):
            self._started = None
            raise
        return self._pool.active


def _processes(workers: int, prepare: Callable[[], object] | None) -> pebble.ProcessPool:
    methods = multiprocessing.get_all_start_methods()
    context = multiprocessing.get_context("forkserver" if "forkserver" in methods else "spawn")
    if context.get_start_method() == "forkserver":
        context.set_forkserver_preload([PRELOADED])
    return pebble.ProcessPool(
        max_workers=workers, max_tasks=MOST_TASKS, initializer=_begin, initargs=(prepare,), context=context
    )


def _begin(prepare: Callable[[], object] | None) -> None:
    _limit_memory()
    if prepare is not None:
        prepare()


def _limit_memory() -> None:
    """Limit this process's memory, where the platform has such limits."""
    with suppress(ImportError, OSError, ValueError):
        import resource  # noqa: PLC0415  # absent on Windows

        _, most = resource.getrlimit(resource.RLIMIT_AS)
        soft = MOST_MEMORY if most == resource.RLIM_INFINITY else min(MOST_MEMORY, most)
        resource.setrlimit(resource.RLIMIT_AS, (soft, most))
