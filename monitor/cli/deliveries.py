"""`monitor deliveries`: what was sent to whom, and what they answered."""

from __future__ import annotations

import json as codec
from collections import Counter
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from monitor.cli import show
from monitor.cli.exits import Commands
from monitor.cli.opened import basics, memory, only, settings_in, whole_id
from monitor.cli.options import AsJson, Folder, Limit, Since, instant
from monitor.errors import ConfigError, UsageError
from monitor.model import State

if TYPE_CHECKING:
    from monitor.store import Tx
    from monitor.store.outbox import Attempt, DeliveryRow

app = typer.Typer(cls=Commands, help="What was sent to whom, and what they answered.")

EVERY = 1_000_000  # deliveries that one retry takes: more than any outbox holds

OfChannel = Annotated[str | None, typer.Option("--channel", metavar="ID", help="On this channel only.")]
OfState = Annotated[State | None, typer.Option("--state", help="In this state only.")]


@app.command("list")
def list_deliveries(
    config: Folder = None,
    since: Since = None,
    channel: OfChannel = None,
    state: OfState = None,
    limit: Limit = 100,
    json: AsJson = False,
) -> None:
    """List deliveries, the newest first."""
    from monitor.app import now

    settings = basics(config)
    from_then = instant(since, now=now(), timezone=settings.timezone)
    with memory(settings) as store, store.reading() as tx:
        rows = tx.outbox.list(since=from_then, channel=channel, state=state, most=limit)
    _print(
        rows, settings.timezone, json=json, empty="no deliveries" if since or channel or state else "no deliveries yet"
    )
    _tell_of_parked(rows, config)


@app.command("show")
def show_delivery(
    id: Annotated[str, typer.Argument(metavar="ID", help="The delivery's id, or any beginning of it that is unique.")],
    config: Folder = None,
    json: AsJson = False,
) -> None:
    """Show one delivery: every attempt, and the body that each of them sent."""
    settings = basics(config)
    with memory(settings) as store, store.reading() as tx:
        row = only("delivery", id, tx.outbox.find(whole_id("delivery", id)))
        tried, body = tx.outbox.attempts(row.delivery.id), codec.loads(tx.outbox.body(row.delivery.id))
    if json:
        show.document({**described(row), "tried": [_attempt(each) for each in tried], "body": body})
        return
    zone = settings.timezone
    show.facts(
        [
            ("delivery", row.delivery.id),
            ("tells of", f"{row.type} {row.subject}"),
            ("channel", row.delivery.channel),
            ("state", row.delivery.state.value),
            ("created", f"{show.local(row.created_at, zone)} ({zone})"),
            ("settled", show.local(row.settled_at, zone)),
            ("next", _next(row)),
        ]
    )
    typer.echo("\nattempts")
    show.table(
        ["", f"at ({zone})", "outcome", "status", "detail"],
        [(n, show.local(each.at, zone), each.outcome, each.status, each.detail) for n, each in enumerate(tried, 1)],
        empty="none yet",
    )
    typer.echo("\nbody")
    show.document(body)


@app.command("retry")
def retry(
    ids: Annotated[
        list[str] | None, typer.Argument(metavar="ID", help="Deliveries, by their ids or unique beginnings.")
    ] = None,
    config: Folder = None,
    since: Since = None,
    channel: OfChannel = None,
    state: Annotated[
        State | None, typer.Option("--state", help="In this state: dead when left out, or pending.")
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what would be tried again.")] = False,
    json: AsJson = False,
) -> None:
    """Try again what was given up, or what waits for its next attempt: at once, with the whole schedule before it.

    Names deliveries by id, or takes all that the options select: the dead ones,
    if nothing is said.  The running daemon or the next `run --once` sends them.
    """
    from monitor.app import now

    if state is State.DONE:
        raise UsageError("what was delivered is not tried again; write --state dead or --state pending")
    if ids and (since or channel or state):
        raise UsageError("write either ids or --since, --channel and --state, not both")
    settings = basics(config)
    from_then = instant(since, now=now(), timezone=settings.timezone)
    with memory(settings) as store, store.transaction() as tx:
        rows = (
            tuple(_undelivered(tx, id) for id in ids)
            if ids
            else tx.outbox.list(since=from_then, channel=channel, state=state or State.DEAD, most=EVERY)
        )
        if not dry_run:
            for start in range(0, len(rows), 500):
                tx.outbox.retry([row.delivery.id for row in rows[start : start + 500]])
    _print(rows, settings.timezone, json=json, empty="nothing to try again")
    _tell_of_parked(rows, config)
    if rows and not json:
        count = show.plural(len(rows), "delivery", "deliveries")
        typer.echo(f"{count} would be tried again" if dry_run else f"{count} due now")


def _tell_of_parked(rows: Sequence[DeliveryRow], config: Path | None) -> None:
    """Say of the *rows* that wait for a channel that the config does not have any more."""
    try:
        known = settings_in(config).channels
    except ConfigError:
        return
    waiting = Counter(row.delivery.channel for row in rows if row.delivery.state is not State.DONE)
    for channel, count in sorted(waiting.items()):
        if channel not in known:
            parked = show.plural(count, "delivery is", "deliveries are")
            typer.echo(f"{parked} parked: channels.yaml has no channel {channel}", err=True)


def _undelivered(tx: Tx, beginning: str) -> DeliveryRow:
    row = only("delivery", beginning, tx.outbox.find(whole_id("delivery", beginning)))
    if row.delivery.state is State.DONE:
        raise UsageError(f"{row.delivery.id} was delivered; only what is dead or pending is tried again")
    return row


def described(row: DeliveryRow) -> dict[str, Any]:
    """Return *row* for `--json`."""
    return {
        "id": row.delivery.id,
        "channel": row.delivery.channel,
        "state": row.delivery.state.value,
        "type": row.type,
        "subject": row.subject,
        "attempts": row.delivery.attempts,
        "status": row.status,
        "note": row.note,
        "created_at": show.utc(row.created_at),
        "settled_at": show.utc(row.settled_at),
        "due_in_seconds": None if row.due_in is None else round(max(row.due_in, timedelta()).total_seconds(), 3),
    }


def _print(rows: tuple[DeliveryRow, ...], zone: str, *, json: bool, empty: str) -> None:
    if json:
        show.document([described(row) for row in rows])
        return
    show.table(
        [f"created ({zone})", "channel", "type", "state", "attempts", "next", "last answer", "delivery"],
        [
            (
                show.local(row.created_at, zone),
                row.delivery.channel,
                row.type,
                row.delivery.state.value,
                row.delivery.attempts,
                _next(row),
                row.note or row.status,
                row.delivery.id[: show.SHORT + 3],
            )
            for row in rows
        ],
        empty=empty,
    )


def _next(row: DeliveryRow) -> str | None:
    if row.due_in is None:
        return None
    return "now" if row.due_in <= timedelta() else f"in {show.span(row.due_in)}"


def _attempt(attempt: Attempt) -> dict[str, Any]:
    return {
        "at": show.utc(attempt.at),
        "outcome": attempt.outcome,
        "status": attempt.status,
        "detail": attempt.detail,
    }
