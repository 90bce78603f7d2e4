"""This program as a client: the real daemon, its wire, its readers and its database, polling when told to.

Reads a line, does it, answers with a line of JSON: `poll` polls every feed
once, whatever is due.
"""

from __future__ import annotations

import asyncio
import json
import shutil
import sys
from collections.abc import Awaitable, Callable
from contextlib import redirect_stderr
from pathlib import Path

import monitor
from monitor import app, report
from monitor.daemon.process import Daemon
from monitor.store import Store, upgrade

STARTER = Path(monitor.__file__).parent / "starter"


def main(folder: Path, urls: Path) -> None:
    config = configure(folder, urls.read_text().split())
    with (folder / "log").open("w") as log, redirect_stderr(log):
        report.configure("json")
        store = app.open_store(config.settings)
        upgrade(store)
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
    failed = sum(bool(row.visits.failures) for row in await store.run(lambda tx: tx.feeds.all()))
    return {"polls": len(ids), "failed": failed, "new": after - before}


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
