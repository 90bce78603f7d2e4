"""This program as a client: the real daemon, its wire, its readers and its database, polling when told to.

Reads a line, does it, answers with a line of JSON: `poll` polls every feed
once, whatever is due.
"""

from __future__ import annotations

import asyncio
import json
import shutil
import statistics
import sys
from collections.abc import Awaitable, Callable
from contextlib import redirect_stderr
from datetime import timedelta
from pathlib import Path

from sqlalchemy import func, select

import monitor
from monitor import app, report
from monitor.daemon.process import Daemon
from monitor.daemon.runtime import make_way
from monitor.model import Document, Feed, Visits
from monitor.store import Store, Tx, upgrade
from monitor.store.tables import feeds

STARTER = Path(monitor.__file__).parent / "starter"


def main(folder: Path, urls: Path) -> None:
    config = configure(folder, urls.read_text().split())
    with (folder / "log").open("w") as log, redirect_stderr(log):
        report.configure("json")
        store = app.open_store(config.settings)
        upgrade(store)
        make_way()
        asyncio.run(serve(config, store))
        store.close()


def configure(folder: Path, urls: list[str]) -> app.Config:
    """Return the starter config with feeds of *urls*: its rules are what every new article is matched with."""
    place = folder / "config"
    shutil.copytree(STARTER, place)
    feeds = [{"id": f"f{n}", "url": url, "allow_private": True, "max_lag": "7d"} for n, url in enumerate(urls)]
    (place / "feeds.yaml").write_text(json.dumps({"feeds": feeds}))
    (place / "channels.yaml").write_text(json.dumps({"default": "log", "channels": {"log": {"type": "log"}}}))
    (place / "monitor.yaml").write_text(json.dumps({"database_url": f"sqlite:///{folder}/monitor.db"}))
    return app.load(place)


async def serve(config: app.Config, store: Store) -> None:
    async with app.wire(config.settings) as wire:
        daemon = Daemon(config, store, wire)
        doing: dict[str, Callable[..., Awaitable[dict[str, float]]]] = {
            "hello": hello,
            "poll": lambda: poll(daemon, config, store),
            "watch": lambda: watch(lambda: poll(daemon, config, store)),
            "fetch": lambda at_once: fetch(wire, config, at_once),
            "seed": lambda: seed(wire, config, store),
        }
        while line := await asyncio.to_thread(sys.stdin.readline):
            word, *given = line.split()
            sys.stdout.write(json.dumps(await doing[word](*map(int, given))) + "\n")
            sys.stdout.flush()


async def hello() -> dict[str, float]:
    return {}


async def poll(daemon: Daemon, config: app.Config, store: Store) -> dict[str, float]:
    """Poll every feed once."""
    ids = list(config.settings.feeds)
    before = await store.run(lambda tx: tx.articles.count())
    await store.run(lambda tx: tx.feeds.fall_due(ids))
    await daemon.once()
    after = await store.run(lambda tx: tx.articles.count())
    with store.engine.connect() as connection:  # the rows of all feeds would be counted with what the daemon holds
        failed = connection.execute(select(func.count()).where(feeds.c.failures > 0)).scalar_one()
    return {"polls": len(ids), "failed": failed, "new": after - before}


async def watch(poll: Callable[[], Awaitable[dict[str, float]]]) -> dict[str, float]:
    """Poll every feed once; tell how late the event loop was meanwhile, asked every 5 ms."""
    late: list[float] = []

    async def ask() -> None:
        loop = asyncio.get_running_loop()
        while True:
            due = loop.time() + 0.005
            await asyncio.sleep(0.005)
            late.append(loop.time() - due)

    asking = asyncio.create_task(ask())
    found = await poll()
    asking.cancel()
    return found | {"median": statistics.median(late), "longest": max(late)}


async def fetch(wire: app.Wire, config: app.Config, at_once: int) -> dict[str, float]:
    """Ask every feed once whether it has changed since an edition that nobody has."""
    places = asyncio.Semaphore(at_once)

    async def one(feed: Feed) -> None:
        async with places:
            await wire.fetch(feed, Visits(etag='"another"'))

    await asyncio.gather(*map(one, config.settings.feeds.values()))
    return {}


async def seed(wire: app.Wire, config: app.Config, store: Store) -> dict[str, float]:
    """Take every feed for one that was read before: all are the same, so one is asked for its validator."""
    feeds = config.settings.feeds
    document = await wire.fetch(next(iter(feeds.values())), Visits())
    assert isinstance(document, Document)
    known = Visits(etag=document.etag, body_hash=document.body_hash, baseline_at=app.now(), outcome="read")

    def keep(tx: Tx) -> None:
        tx.feeds.take_up(feeds.values())
        while claims := tx.feeds.claim(500):
            for claim in claims:
                tx.feeds.finish(claim, known, timedelta(days=1))

    await store.run(keep)
    return {}


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
