"""`monitor alerts`: what was raised, and why."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from monitor.cli import show
from monitor.cli.exits import Commands
from monitor.cli.opened import basics, memory, only, whole_id
from monitor.cli.options import AsJson, Folder, Limit, Since, instant
from monitor.model import Severity

if TYPE_CHECKING:
    from rich.text import Text

    from monitor.store.alerts import AlertRow
    from monitor.store.outbox import DeliveryRow

app = typer.Typer(cls=Commands, help="What was raised, and why.")


@app.command("list")
def list_alerts(
    config: Folder = None,
    since: Since = None,
    rule: Annotated[str | None, typer.Option("--rule", metavar="ID", help="Of this rule only.")] = None,
    severity: Annotated[Severity | None, typer.Option("--severity", help="Of this severity only.")] = None,
    limit: Limit = 100,
    json: AsJson = False,
) -> None:
    """List alerts, the newest first."""
    from monitor.app import now

    settings = basics(config)
    from_then = instant(since, now=now(), timezone=settings.timezone)
    with memory(settings) as store, store.reading() as tx:
        rows = tx.alerts.list(since=from_then, rule=rule, severity=severity and severity.value, most=limit)
    if json:
        show.document([described(row) for row in rows])
        return
    show.table(
        [f"raised ({settings.timezone})", "severity", "rule", "headline", "outlet", "alert"],
        [
            (show.local(row.raised_at, settings.timezone), row.severity, row.rule_id, *_told(row), row.id[: show.SHORT])
            for row in rows
        ],
        empty="no alerts" if since or rule or severity else "no alerts yet",
    )


@app.command("show")
def show_alert(
    id: Annotated[str, typer.Argument(metavar="ID", help="The alert's id, or any beginning of it that is unique.")],
    config: Folder = None,
    json: AsJson = False,
) -> None:
    """Show one alert: the article, the words that were found, and where it was sent."""
    settings = basics(config)
    with memory(settings) as store, store.reading() as tx:
        row = only("alert", id, tx.alerts.find(whole_id("alert", id)))
        sent = tx.outbox.list(subject=row.id)
    if json:
        show.document({**described(row), "deliveries": [_delivery(each) for each in sent]})
        return
    alert, article = row.data["alert"], row.data["article"]
    show.facts(
        [
            ("alert", row.id),
            ("rule", f"{row.rule_id} ({alert['rule']['title']})"),
            ("severity", row.severity),
            ("raised", f"{show.local(row.raised_at, settings.timezone)} ({settings.timezone})"),
            ("headline", article["headline"]),
            ("outlet", article["outlet"]),
            ("published", article["published_at"]),
            ("address", article["url"]),
            ("article", article["id"]),
            *changed(row.data.get("change")),
        ]
    )
    typer.echo("\nwhy")
    show.text(*why_lines(row.data["why"]))
    typer.echo("\nsent to")
    show.table(
        ["channel", "state", "attempts", "last answer", "delivery"],
        [
            (
                each.delivery.channel,
                each.delivery.state,
                each.delivery.attempts,
                each.note or each.status,
                each.delivery.id,
            )
            for each in sent
        ],
        empty="nobody",
    )


def described(row: AlertRow) -> dict[str, Any]:
    """Return *row* for `--json`; its `data` is what the webhook carries."""
    return {
        "id": row.id,
        "rule": row.rule_id,
        "severity": row.severity,
        "raised_at": show.utc(row.raised_at),
        "data": row.data,
    }


def changed(change: dict[str, Any] | None) -> list[tuple[str, object]]:
    """Return what an edit changed, a line for each part of the article; nothing for an alert that no edit raised."""
    if change is None:
        return []
    return [
        (change["kind"], ", ".join(change["fields"])),
        *((f"{field} before", text) for field, text in change["before"].items()),
    ]


def why_lines(why: list[Any]) -> list[Text]:
    """Return a line for each hit of a payload: the clause, the place, and the sentence with the words marked."""
    from rich.text import Text

    lines = []
    for hit in why:
        place = hit["field"] if hit["paragraph"] is None else f"{hit['field']}, paragraph {hit['paragraph'] + 1}"
        shown = Text(f"  {show.plain(hit['clause'])} in {place}: ")
        lines.append(shown.append(show.marked(hit["sentence"], hit["text"])))
    return lines


def _told(row: AlertRow) -> tuple[object, object]:
    article = row.data.get("article", {})
    return article.get("headline"), article.get("outlet") or article.get("feed")


def _delivery(row: DeliveryRow) -> dict[str, Any]:
    return {
        "id": row.delivery.id,
        "channel": row.delivery.channel,
        "state": row.delivery.state.value,
        "attempts": row.delivery.attempts,
    }
