"""`monitor feeds`: what is read, and how it fares."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING, Annotated, Any

import typer

from monitor.cli import show
from monitor.cli.exits import FAULT, Commands
from monitor.cli.opened import chosen, config_in, memory, settings_in
from monitor.cli.options import AsJson, Folder
from monitor.errors import LeaseLost

if TYPE_CHECKING:
    from monitor.app import Config, Wire
    from monitor.model import Feed, FeedId
    from monitor.poll import Visit
    from monitor.store import Store, Tx
    from monitor.store.feeds import FeedClaim, FeedRow

app = typer.Typer(cls=Commands, help="What is read, and how it fares.")

AT_ONCE = 32  # feeds in hand at once: a fetch waits for most of its time

# ------------------------------------------------------------------ looking


@app.command("list")
def list_feeds(config: Folder = None, json: AsJson = False) -> None:
    """List the feeds of feeds.yaml."""
    feeds = settings_in(config).feeds.values()
    if json:
        show.document([_described(feed) for feed in feeds])
        return
    show.table(
        ["feed", "outlet", "country", "language", "section", "at most every", "address"],
        [
            (
                each.id,
                each.outlet,
                each.country,
                each.language,
                each.section,
                show.span(each.max_lag),
                _address(each.url),
            )
            for each in feeds
        ],
        empty="no feeds yet; add one with: monitor feeds add URL",
    )


def _described(feed: Feed) -> dict[str, Any]:
    return {
        "id": feed.id,
        "url": _address(feed.url),
        "outlet": feed.outlet,
        "country": feed.country,
        "language": feed.language,
        "section": feed.section,
        "timezone": feed.timezone,
        "labels": dict(feed.labels),
        "max_lag_seconds": feed.max_lag.total_seconds(),
        "allow_private": feed.allow_private,
    }


def _address(url: str) -> str:
    from monitor.guard import shown

    return shown(url)


@app.command("health")
def health(config: Folder = None, json: AsJson = False) -> None:
    """Show how the feeds fare: the last success, the next visit, what went wrong."""
    settings = settings_in(config)
    with memory(settings) as store, store.reading() as tx:
        rows = {row.id: row for row in tx.feeds.all()}
    if json:
        show.document([_health(feed, rows.get(feed.id)) for feed in settings.feeds.values()])
        return
    zone = settings.timezone
    show.table(
        ["feed", "state", f"last success ({zone})", "next visit", "failures", "note"],
        [
            (
                feed.id,
                _state(row := rows.get(feed.id)),
                show.local(row.visits.succeeded_at, zone) if row else None,
                _next(row),
                row.visits.failures or None if row else None,
                row.visits.note if row else None,
            )
            for feed in settings.feeds.values()
        ],
        empty="no feeds yet; add one with: monitor feeds add URL",
    )


def _health(feed: Feed, row: FeedRow | None) -> dict[str, Any]:
    visits = row.visits if row else None
    due = row.due_in if row else None
    return {
        "id": feed.id,
        "state": _state(row),
        "last_success_at": show.utc(visits.succeeded_at) if visits else None,
        "last_poll_at": show.utc(visits.polled_at) if visits else None,
        "next_in_seconds": None if due is None else max(0, round(due.total_seconds())),
        "failures": visits.failures if visits else 0,
        "outcome": visits.outcome if visits else None,
        "note": visits.note if visits else None,
    }


def _state(row: FeedRow | None) -> str:
    if row is None or row.visits.polled_at is None:
        return "new"
    return "failing" if row.visits.failures else "ok"


def _next(row: FeedRow | None) -> str | None:
    if row is None or row.due_in is None:
        return "when the daemon runs"
    return "now" if row.due_in <= timedelta() else f"in {show.span(row.due_in)}"


# ------------------------------------------------------------------ polling at once


@app.command("poll")
def poll_now(
    id: Annotated[str | None, typer.Argument(metavar="ID", help="This feed only.")] = None,
    config: Folder = None,
    json: AsJson = False,
) -> None:
    """Fetch at once, whatever the schedule says; exit code 3 if a feed cannot be read.

    Articles are kept and alerts raised; these go out with the running daemon or
    the next `run --once`.
    """
    import asyncio

    loaded = config_in(config)
    known = loaded.settings.feeds
    wanted = [chosen("feed", id, known)] if id else list(known.values())
    with memory(loaded.settings) as store:
        visits = asyncio.run(_poll_all(loaded, store, wanted))
    if json:
        show.document([_visited(visit) for visit in visits])
    else:
        show.table(
            ["feed", "outcome", "listed", "new", "alerts", "note"],
            [tuple(_visited(visit).values()) for visit in visits],
            empty="no feeds yet; add one with: monitor feeds add URL",
        )
    for feed in wanted:
        if feed.id not in {visit.feed.id for visit in visits}:
            typer.echo(f"{feed.id}: somebody else is polling it", err=True)
    if any(visit.visits.failures for visit in visits):
        raise typer.Exit(FAULT)


def _visited(visit: Visit) -> dict[str, Any]:
    return {
        "id": visit.feed.id,
        "outcome": visit.visits.outcome,
        "listed": visit.listed,
        "new": len(visit.fresh),
        "alerts": len(visit.alerts),
        "note": visit.visits.note,
    }


async def _poll_all(config: Config, store: Store, feeds: Sequence[Feed]) -> list[Visit]:
    """Poll *feeds* side by side and return what came of each; one that a daemon took over meanwhile is left out."""
    import asyncio

    from monitor.app import wire
    from monitor.feeds.hosts import Hosts

    hosts, visits = Hosts(), []
    by_id = {feed.id: feed for feed in feeds}
    await store.run(lambda tx: tx.feeds.take_up(config.settings.feeds.values()))
    async with wire(config.settings) as opened:
        with show.bar("Polling", len(feeds)) as polled:
            for start in range(0, len(feeds), AT_ONCE):
                claims = await store.run(partial(_claim, ids=[feed.id for feed in feeds[start : start + AT_ONCE]]))
                for work in asyncio.as_completed(
                    [_poll_one(config, store, opened, hosts, claim, by_id[claim.id]) for claim in claims]
                ):
                    if (visit := await work) is not None:
                        visits.append(visit)
                    polled(len(visits))
    order = {feed.id: n for n, feed in enumerate(feeds)}
    return sorted(visits, key=lambda visit: order[visit.feed.id])


def _claim(tx: Tx, ids: Sequence[FeedId]) -> tuple[FeedClaim, ...]:
    tx.feeds.fall_due(ids)
    return tx.feeds.claim(len(ids), ids)


async def _poll_one(config: Config, store: Store, wire: Wire, hosts: Any, claim: FeedClaim, feed: Feed) -> Visit | None:
    from monitor.app import draw, now
    from monitor.poll import poll

    async def fetch(feed: Feed, visits: Any) -> Any:
        async with hosts.turn(feed.url, feed.host_gap):
            return await wire.fetch(feed, visits)

    try:
        visit = await poll(claim, feed, config.watch(), fetch=fetch, read=wire.read, store=store, clock=now, draw=draw)
    except LeaseLost:
        return None
    return visit
