"""The options that several commands take, and what their texts mean."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Annotated
from zoneinfo import ZoneInfo

import typer

Folder = Annotated[
    Path | None,
    typer.Option(
        "--config", metavar="DIR", show_default=False, help="The config folder: ./config, or what MONITOR_CONFIG names."
    ),
]
NoFolder = Annotated[
    Path | None, typer.Option("--config", metavar="DIR", hidden=True, help="Taken, and not needed here.")
]
AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON document instead of a table.")]
Since = Annotated[
    str | None,
    typer.Option("--since", metavar="TIME", help="Not before: 30m, 24h or 7d ago, or 2026-07-08, or 2026-07-08T12:00."),
]
Limit = Annotated[int, typer.Option("--limit", min=1, help="How many at most, the newest first.")]


def instant(text: str | None, *, now: datetime, timezone: str) -> datetime | None:
    """Return the instant that *text* names: so long before *now*, or a date or time (in *timezone* without an offset).

    None stays None; UsageError for anything else.
    """
    from monitor.errors import UsageError
    from monitor.source import duration

    if text is None:
        return None
    try:
        return now - duration(text)
    except (ValueError, OverflowError):
        pass
    try:
        at = datetime.fromisoformat(text.strip())
        return at if at.tzinfo else at.replace(tzinfo=ZoneInfo(timezone))
    except ValueError as error:
        raise UsageError(
            f'--since "{text}" is no time; write 30m, 24h or 7d, or a date such as 2026-07-08 or 2026-07-08T12:00'
        ) from error
