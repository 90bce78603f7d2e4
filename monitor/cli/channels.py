"""`monitor channels`: where alerts go, and whether they arrive."""

from __future__ import annotations

from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING, Annotated, Any

import typer

from monitor.cli import show
from monitor.cli.exits import FAILED, Commands
from monitor.cli.opened import chosen, memory, settings_in
from monitor.cli.options import AsJson, Folder
from monitor.errors import LeaseLost
from monitor.model import Channel, ChannelId, DeliveryId, State

if TYPE_CHECKING:
    from monitor.app import Wire
    from monitor.settings import Settings
    from monitor.store import Store, Tx
    from monitor.store.chores import ChannelRow
    from monitor.store.outbox import DeliveryClaim, DeliveryRow

app = typer.Typer(cls=Commands, help="Where alerts go, and whether they arrive.")

PATIENCE = timedelta(seconds=20)  # a send takes 15 s at most, the first retry comes after 5
LOOK = 0.2  # seconds between two looks at the outbox

Id = Annotated[str, typer.Argument(metavar="ID", help="The channel's id in channels.yaml.")]


@app.command("list")
def list_channels(config: Folder = None, json: AsJson = False) -> None:
    """List the channels, and whether anything is sent on them now."""
    settings = settings_in(config)
    with memory(settings) as store, store.reading() as tx:
        known = tx.channels.all()
        pending = {id: tx.outbox.pending([id]) for id in settings.channels}
    channels = [
        _described(each, known.get(id), pending[id], default=id == settings.default_channel)
        for id, each in settings.channels.items()
    ]
    if json:
        show.document(channels)
        return
    show.table(
        ["channel", "type", "to", "secrets", "state", "pending", "note"],
        [
            (
                f"{each['id']} (default)" if each["default"] else each["id"],
                *(each[name] for name in ("type", "to", "secrets", "state", "pending", "note")),
            )
            for each in channels
        ],
        empty="no channels; add one to channels.yaml",
    )


def _described(channel: Channel, row: ChannelRow | None, pending: int, *, default: bool) -> dict[str, Any]:
    from monitor.guard import redacted

    return {
        "id": channel.id,
        "type": channel.type,
        "default": default,
        "to": None if channel.url is None else redacted(channel.url),
        "secrets": len(channel.secrets),
        "state": _state(row),
        "pending": pending,
        "note": row.note if row else None,
    }


def _state(row: ChannelRow | None) -> str:
    if row is not None and row.disabled_at is not None:
        return "disabled"
    if row is not None and row.paused_for is not None:
        return f"paused for {show.span(row.paused_for)}"
    return "open"


@app.command("enable")
def enable(id: Id, config: Folder = None) -> None:
    """Send on a channel again that was disabled or paused, and at once."""
    settings = settings_in(config)
    channel = chosen("channel", id, settings.channels)
    with memory(settings) as store, store.transaction() as tx:
        tx.channels.enable(channel.id)
        pending = tx.outbox.pending([channel.id])
    waiting = f"; {show.plural(pending, 'delivery', 'deliveries')} waiting" if pending else ""
    typer.echo(f"{channel.id} is open{waiting}")


@app.command("test")
def test(id: Id, config: Folder = None, json: AsJson = False) -> None:
    """Send a `test.ping` through the same queue, signer and guard as a real alert, and say what came of it."""
    import asyncio

    from monitor import report

    settings = settings_in(config)
    channel = chosen("channel", id, settings.channels)
    report.configure(settings.log_format)
    for secret in settings.secrets():
        report.hide(secret)
    with memory(settings) as store:
        with show.spinner(f"Sending a test.ping to {channel.id}"):
            row = asyncio.run(_ping(settings, channel, store))
        if json:
            show.document(_outcome(row))
        else:
            typer.echo(_sentence(row, store))
    if row.delivery.state is not State.DONE:
        raise typer.Exit(FAILED)


async def _ping(settings: Settings, channel: Channel, store: Store) -> DeliveryRow:
    """Put a ping into the outbox, deliver what is due on *channel*, and return how the ping stands after PATIENCE.

    A daemon that runs beside us may be the one that delivers it; the fence sees
    to it that only one of us does.
    """
    import asyncio

    from monitor.alerts.decide import address
    from monitor.alerts.payload import ping
    from monitor.app import now, wire

    async def put_in() -> DeliveryId | None:
        message = ping(channel, now())
        (delivery,) = address(message, [channel.id])
        is_new = await store.run(lambda tx: tx.outbox.add([message], [delivery], now()))
        return delivery.id if is_new else None

    while (id := await put_in()) is None:  # a ping of this very second is there already
        await asyncio.sleep(LOOK)
    loop = asyncio.get_running_loop()
    end = loop.time() + PATIENCE.total_seconds()
    async with wire(settings) as opened:
        while True:
            claims = await store.run(lambda tx: tx.outbox.claim(channel.id, 8))
            await asyncio.gather(*(_deliver(settings, channel, store, opened, claim) for claim in claims))
            row, standing = await store.run(partial(_standing, id=id))
            left = timedelta(seconds=end - loop.time())
            if row.delivery.state is not State.PENDING or _is_hopeless(row, standing, left):
                return row
            await asyncio.sleep(LOOK)


def _standing(tx: Tx, id: DeliveryId) -> tuple[DeliveryRow, ChannelRow | None]:
    (row,) = tx.outbox.find(id)
    return row, tx.channels.all().get(row.delivery.channel)


def _is_hopeless(row: DeliveryRow, standing: ChannelRow | None, left: timedelta) -> bool:
    """Return whether nothing can come of *row* in the time that is *left*."""
    if standing is not None and (standing.disabled_at is not None or (standing.paused_for or left) > left):
        return True
    # A lease lies as far ahead as a late retry; there are no attempts before the first answer.
    is_late = bool(row.delivery.attempts) and row.due_in is not None and row.due_in > left
    return is_late or left <= timedelta()


async def _deliver(settings: Settings, channel: Channel, store: Store, wire: Wire, claim: DeliveryClaim) -> None:
    from monitor import report
    from monitor.app import draw, now
    from monitor.dispatch import dispatch

    try:
        outcome, settlement = await dispatch(
            claim, channel, send=wire.send, store=store, operators=settings.default_channel, clock=now, draw=draw
        )
    except LeaseLost:
        return
    report.delivered(claim, channel, outcome, settlement, now())


def _outcome(row: DeliveryRow) -> dict[str, Any]:
    from monitor.cli.deliveries import described

    return described(row)


def _sentence(row: DeliveryRow, store: Store) -> str:
    id = ChannelId(row.delivery.channel)
    if row.delivery.state is State.DONE:
        return f"{id}: delivered" + (f", the receiver answered {row.status}" if row.status else "")
    with store.reading() as tx:
        state = tx.channels.all().get(id)
    why = row.note or (state and state.note) or "nobody has taken it within 20 s"
    match _state(state):
        case "open" if row.delivery.state is State.DEAD:
            return f"{id}: not delivered, and given up: {why}"
        case "open":
            again = "" if row.due_in is None else f"; the next attempt is due in {show.span(row.due_in)}"
            return f"{id}: not delivered: {why}{again}"
        case "disabled":
            return f"{id}: not delivered, the channel is disabled: {why}; to open it: monitor channels enable {id}"
        case other:
            return f"{id}: not delivered, the channel is {other}: {why}"
