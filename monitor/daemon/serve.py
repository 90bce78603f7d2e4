"""The daemon as a process of its own: signals, console, further workers."""

from __future__ import annotations

import asyncio
import signal
from contextlib import AsyncExitStack

from monitor import report
from monitor.app import Config, now, wire
from monitor.daemon.process import Daemon
from monitor.daemon.workers import follow_parent, workers
from monitor.errors import StoreError, UsageError
from monitor.store import Store
from monitor.web.console import Readiness, console
from monitor.web.server import bind, serving


async def serve(
    config: Config,
    store: Store,
    *,
    count: int = 1,
    has_console: bool = True,
    follows: bool = False,
    refused: str | None = None,
) -> None:
    """Run the daemon until TERM or INT; HUP reloads.

    *count* processes share the database.  A worker that *follows* another
    process ends with it.  *refused* is the hash of the files on disk, if another
    set runs in their place.  Raises UsageError if the console's address is taken.
    """
    settings = config.settings
    async with AsyncExitStack() as stack:
        daemon = Daemon(config, store, await stack.enter_async_context(wire(settings)), refused=refused)
        if has_console:
            app = console(
                readiness=lambda: _readiness(daemon, store), metrics=report.metrics, clock=now, token=settings.token
            )
            try:
                bound = bind(settings.host, settings.port)
            except OSError as error:
                raise UsageError(
                    f"cannot listen on {settings.host}:{settings.port}: {error.strerror}; "
                    "is another monitor running? set `listen` in monitor.yaml, or run with --no-console"
                ) from error
            report.told("console_listening", url=await stack.enter_async_context(serving(app, bound)))
        stop_workers = await stack.enter_async_context(workers(count - 1, settings.folder))

        def stop() -> None:
            stop_workers()
            daemon.stop()

        if follows:
            follow_parent(stop)
        loop = asyncio.get_running_loop()
        for name in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(name, stop)
        loop.add_signal_handler(signal.SIGHUP, daemon.reload)
        await daemon.run()
    report.told("stopped")


def _readiness(daemon: Daemon, store: Store) -> Readiness:
    fault = daemon.health.store_fault
    try:
        store.ping()
    except StoreError as error:
        fault = str(error)
    return Readiness(
        ticked_at=daemon.health.ticked_at,
        database_fault=fault,
        config_hash=daemon.health.config_hash,
        rejected_hash=daemon.health.rejected_hash,
    )
