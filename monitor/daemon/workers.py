"""More processes of the same kind on this machine: started, kept alive, stopped together."""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from pathlib import Path

from monitor import report

RESTART_AFTER = 1.0  # seconds; a worker that dies at once must not spin
STOP_WITHIN = 30.0  # seconds; a worker's own drain takes 20 at most


@asynccontextmanager
async def workers(count: int, folder: Path) -> AsyncIterator[Callable[[], None]]:
    """Keep *count* more workers running while inside; yield what tells them to stop.

    A worker holds the read end of a pipe that nobody writes to: it ends when
    this process does, however that comes about.
    """
    stopping = asyncio.Event()
    keepers = [asyncio.create_task(_keep(n + 2, folder, stopping)) for n in range(count)]
    try:
        yield stopping.set
    finally:
        stopping.set()
        await asyncio.gather(*keepers)


async def _keep(number: int, folder: Path, stopping: asyncio.Event) -> None:
    while not stopping.is_set():
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            *("-m", "monitor", "run", "--config", str(folder), "--no-console", "--workers", "1", "--follow"),
            stdin=asyncio.subprocess.PIPE,
        )
        report.told("worker_started", worker=number, pid=process.pid)
        ended = asyncio.create_task(process.wait())
        stopped = asyncio.create_task(stopping.wait())
        await asyncio.wait({ended, stopped}, return_when=asyncio.FIRST_COMPLETED)
        if stopping.is_set():
            await _stop(process)
        else:
            report.told("worker_died", level="warning", worker=number, pid=process.pid, code=process.returncode)
            with suppress(TimeoutError):
                await asyncio.wait_for(stopping.wait(), RESTART_AFTER)
        stopped.cancel()
        await ended
        if process.stdin is not None:
            process.stdin.close()


async def _stop(process: asyncio.subprocess.Process) -> None:
    with suppress(ProcessLookupError):
        process.terminate()
    try:
        await asyncio.wait_for(process.wait(), STOP_WITHIN)
    except TimeoutError:
        with suppress(ProcessLookupError):
            process.kill()


def follow_parent(stop: Callable[[], None]) -> None:
    """Call *stop* when the process that started this worker is gone: its end of our standard input closes."""
    loop = asyncio.get_running_loop()

    def readable() -> None:
        if not os.read(0, 1024):
            loop.remove_reader(0)
            stop()

    loop.add_reader(0, readable)
