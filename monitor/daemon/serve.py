"""The daemon as a process of its own: signals, console, further workers."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Mapping
from contextlib import AsyncExitStack
from functools import partial

from monitor import pushes, report
from monitor.app import Config, now, wire
from monitor.daemon.process import Daemon
from monitor.daemon.runtime import make_way
from monitor.daemon.workers import follow_parent, workers
from monitor.errors import StoreError, UsageError
from monitor.store import Store
from monitor.web.console import Readiness, console
from monitor.web.server import bind, serving
from monitor.web.websub import Callbacks


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
                readiness=lambda: _readiness(daemon, store),
                metrics=report.metrics,
                clock=now,
                token=settings.token,
                callbacks=_callbacks(daemon, store),
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
        make_way()
        await daemon.run()
    report.told("stopped")


def _callbacks(daemon: Daemon, store: Store) -> Callbacks:
    """Return what hubs reach; nothing of it without a public address of ours."""

    async def confirm(token: str, said: Mapping[str, str]) -> bool:
        if daemon.config.settings.public_url is None:
            return False
        step = await store.run(partial(pushes.confirm, token=token, said=said, now=now()))
        if step is not None:
            report.subscribed(step.subscription, said)
        return step is not None

    async def secret(token: str) -> str | None:
        if daemon.config.settings.public_url is None:
            return None
        return await store.run(lambda tx: tx.subscriptions.secret(token))

    async def push(token: str, fits: bool) -> None:
        if not fits:
            return report.told("push_ignored", level="warning", detail="its signature does not fit")
        feed = await store.run(partial(pushes.take_push, token=token, now=now()))
        if feed is not None:
            report.told("pushed", feed=feed)
            daemon.look()
        return None

    return Callbacks(confirm=confirm, secret=secret, push=push)


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
