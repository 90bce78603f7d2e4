"""`monitor feeds`: what is read, and how it fares."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
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
    from monitor.model import Feed, FeedId, Rhythm, Subscription
    from monitor.poll import Visit
    from monitor.store import Store, Tx
    from monitor.store.feeds import FeedClaim, FeedRow

app = typer.Typer(cls=Commands, help="What is read, and how it fares.")

LEAST_DAYS = 0.25  # that a rhythm is known for before it is shown
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
        "full_text": feed.full_text,
        "max_lag_seconds": feed.max_lag.total_seconds(),
        "host_gap_seconds": feed.host_gap.total_seconds(),
        "allow_private": feed.allow_private,
    }


def _address(url: str) -> str:
    from monitor.guard import shown

    return shown(url)


@app.command("health")
def health(config: Folder = None, json: AsJson = False) -> None:
    """Show how the feeds fare, those in trouble first: since when, what they bring, the next visit, what went wrong."""
    settings = settings_in(config)
    with memory(settings) as store, store.reading() as tx:
        rows = {row.id: row for row in tx.feeds.all()}
        hubs = {each.feed: each for each in tx.subscriptions.all()}
    standings = sorted(
        (_standing(feed, rows.get(feed.id), hubs.get(feed.id)) for feed in settings.feeds.values()),
        key=lambda each: WORST[each["state"]],
    )
    if json:
        show.document([_written(each) for each in standings])
        return
    zone = settings.timezone
    show.table(
        ["feed", "state", f"since ({zone})", "items a day", f"last new ({zone})", "next visit", "failures", "note"],
        [
            (
                each["id"],
                each["state"],
                show.local(each["since"], zone),
                each["items_a_day"],
                show.local(each["last_new_at"], zone),
                _next(rows.get(each["id"])),
                each["failures"] or None,
                _note(each),
            )
            for each in standings
        ],
        empty="no feeds yet; add one with: monitor feeds add URL",
    )


WORST = {state: n for n, state in enumerate(("failing", "gone", "moved", "stale", "new", "ok"))}


def _standing(feed: Feed, row: FeedRow | None, subscription: Subscription | None) -> dict[str, Any]:
    """Return how *feed* stands: as it is, which may be before anybody is told of it."""
    from monitor.app import now
    from monitor.feeds.health import diagnose
    from monitor.model import Visits

    visits = row.visits if row else Visits()
    found = diagnose(visits)
    due = row.due_in if row else None
    return {
        "id": feed.id,
        "state": found.health.value if found else "new",
        "since": found.since if found else None,
        "why": found.why if found else None,
        "items_a_day": _items_a_day(visits.rhythm),
        "last_new_at": visits.brought_at,
        "last_success_at": visits.succeeded_at,
        "last_poll_at": visits.polled_at,
        "next_in_seconds": None if due is None else max(0, round(due.total_seconds())),
        "failures": visits.failures,
        "outcome": visits.outcome,
        "note": visits.note,
        "moved_to": _address(visits.moved_to) if visits.moved_to else None,
        "gap_at": visits.gap_at,
        "push": _push(subscription, now()) if subscription else None,
    }


def _items_a_day(rhythm: Rhythm | None) -> float | None:
    """Return how many items *rhythm* comes to a day; None where too little is known: two in a minute are no 2,880."""
    return None if rhythm is None or rhythm.days < LEAST_DAYS else round(rhythm.per_day, 1)


def _push(subscription: Subscription, at: datetime) -> str:
    from monitor.feeds.websub import is_counted_on
    from monitor.model import SubscriptionState

    lapsed = subscription.state is SubscriptionState.ACTIVE and not is_counted_on(subscription, at)
    return "lapsed" if lapsed else subscription.state.value


def _written(standing: dict[str, Any]) -> dict[str, Any]:
    return {name: show.utc(fact) if isinstance(fact, datetime) else fact for name, fact in standing.items()}


def _note(standing: dict[str, Any]) -> str | None:
    """Return what a person should know beside the numbers."""
    notes = (
        standing["why"] if standing["state"] in ("gone", "stale") else None,
        standing["note"],
        standing["moved_to"] and f"redirects for good to {standing['moved_to']}",
        standing["gap_at"] and f"items may be missing before {show.utc(standing['gap_at'])}",
    )
    return "; ".join(filter(None, notes)) or None


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

    A host that answered 429 is left alone until it wants to be asked again.
    Articles are kept and alerts raised; these go out with the running daemon or
    the next `run --once`.
    """
    import asyncio

    loaded = config_in(config)
    known = loaded.settings.feeds
    wanted = [chosen("feed", id, known)] if id else list(known.values())
    with memory(loaded.settings) as store:
        visits = asyncio.run(_poll_all(loaded, store, wanted))
        with store.reading() as tx:
            held = tx.hosts.held()
    if json:
        show.document([_visited(visit) for visit in visits])
    elif visits or not wanted:
        show.table(
            ["feed", "outcome", "listed", "new", "alerts", "note"],
            [tuple(_visited(visit).values()) for visit in visits],
            empty="no feeds yet; add one with: monitor feeds add URL",
        )
    unasked = [feed for feed in wanted if feed.id not in {visit.feed.id for visit in visits}]
    for feed in unasked:
        left = held.get(feed.host)
        why = f"{feed.host} wants to be left alone for {show.span(left)}" if left else "somebody else is polling it"
        typer.echo(f"{feed.id}: {why}", err=True)
    if any(visit.visits.failures for visit in visits) or any(feed.host in held for feed in unasked):
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
