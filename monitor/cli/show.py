"""Values → tables, JSON, times and bars: what people and scripts see of them.

Texts from feeds are shown without control characters, so that a headline
cannot steer the terminal.
"""

from __future__ import annotations

import json
import sys
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import typer

if TYPE_CHECKING:
    from rich.text import Text

    from monitor.errors import Mistake

UNCUT = 4000  # columns where there is no terminal to fit: nothing is folded that a script may read
SHORT = 18  # characters of an id that a table shows; `show` takes any beginning that is unique

WITH_SECRETS = (
    "monitor.yaml",
    "feeds.yaml",
    "channels.yaml",
)  # no line of these is repeated in a log of somebody else's
LINE_SHOWN = 100  # characters of a source line before and after the place of a mistake


def plain(text: object) -> str:
    """Return *text* on one line and without control characters."""
    whole = " ".join(str(text).split())
    return "".join("\ufffd" if unicodedata.category(letter) in ("Cc", "Cs") else letter for letter in whole)


def document(value: object) -> None:
    """Print *value* as one JSON document."""
    typer.echo(json.dumps(value, ensure_ascii=False, indent=2))


def line(value: object) -> None:
    """Print *value* as one line of JSON."""
    typer.echo(json.dumps(value, ensure_ascii=False, separators=(",", ":")))


def table(columns: Sequence[str], rows: Iterable[Sequence[object]], *, empty: str) -> None:
    """Print *rows* under *columns*, or the sentence *empty* if there are none.  None is shown as nothing."""
    from rich.box import SIMPLE_HEAD
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    shown = [
        [cell if isinstance(cell, Text) else Text(plain("" if cell is None else cell)) for cell in row] for row in rows
    ]
    if not shown:
        typer.echo(empty)
        return
    grid = Table(box=SIMPLE_HEAD, pad_edge=False, show_edge=False, header_style="bold")
    for name in columns:
        grid.add_column(name, overflow="fold")
    for cells in shown:
        grid.add_row(*cells)
    Console(width=None if sys.stdout.isatty() else UNCUT, highlight=False).print(grid)


def facts(pairs: Iterable[tuple[str, object]]) -> None:
    """Print *pairs* as lines of a name and a value; a value that is None or empty is left out."""
    known = [(name, value) for name, value in pairs if value not in (None, "", ())]
    width = max((len(name) for name, _ in known), default=0)
    for name, value in known:
        typer.echo(f"{name:<{width}}  {plain(value)}")


def marked(sentence: str, *words: str) -> Text:
    """Return *sentence* with *words* standing out."""
    from rich.text import Text

    shown = Text(plain(sentence))
    shown.highlight_words([plain(word) for word in words if word.strip()], "bold yellow")
    return shown


def text(*lines: Text | str) -> None:
    """Print *lines*, styled on a terminal."""
    from rich.console import Console

    console = Console(width=None if sys.stdout.isatty() else UNCUT, highlight=False, markup=False, emoji=False)
    for each in lines:
        console.print(each, soft_wrap=True)


def local(at: datetime | None, timezone: str) -> str:
    """Return *at* on the clocks of *timezone*."""
    return "" if at is None else at.astimezone(ZoneInfo(timezone)).strftime("%Y-%m-%d %H:%M:%S")


def utc(at: datetime | None) -> str | None:
    """Return *at* in RFC 3339, UTC as Z; None stays None."""
    from monitor.alerts.payload import moment

    return None if at is None else moment(at)


def span(length: timedelta) -> str:
    """Return *length* as people say it: "45 s", "12 min", "3 h", "2 days"."""
    seconds = int(abs(length).total_seconds())
    for unit, size in (("days", 86400), ("h", 3600), ("min", 60)):
        if seconds >= 2 * size:
            return f"{seconds // size} {unit}"
    return f"{seconds} s"


def plural(count: int, one: str, many: str | None = None) -> str:
    """Return "1 feed", "2 feeds", "1,000 feeds"."""
    return f"{count:,} {one if count == 1 else many or one + 's'}"


def mistakes(found: Iterable[Mistake]) -> str:
    """Return *found* as lines for people: each with the line that it stands in, and a caret under its column."""
    lines = []
    for each in found:
        lines += [str(each), *_pointed_at(each)]
    return "\n".join(lines)


def _pointed_at(mistake: Mistake) -> Sequence[str]:
    """Return the source line of *mistake* and the line with the caret; nothing where there is no line to show."""
    path = Path(mistake.file)
    if path.name in WITH_SECRETS or not path.is_file():
        return ()
    try:
        lines = path.read_bytes().decode("utf-8-sig", "replace").splitlines()
    except OSError:
        return ()
    at = mistake.column - 1
    source = lines[mistake.line - 1] if mistake.line <= len(lines) else ""
    if not source.strip() or at > len(source):
        return ()
    start = max(0, at - LINE_SHOWN)
    return (f"    {spaced(source[start : at + LINE_SHOWN].rstrip())}", f"    {_blank(source[start:at])}^")


def spaced(source: str) -> str:
    """Return *source* sign by sign without what steers a terminal; its spaces and tabs stay."""
    return "".join(letter if letter == "\t" else plain(letter) or " " for letter in source)


def _blank(source: str) -> str:
    """Return as much space as *source* takes, its tabs being tabs."""
    from rich.cells import cell_len

    return "\t".join(" " * cell_len(spaced(part)) for part in source.split("\t"))


@contextmanager
def bar(label: str, total: int) -> Iterator[Callable[[int], None]]:
    """Show how far work has come while inside, on a terminal; yield what says how much of *total* is done."""
    if not sys.stderr.isatty():
        yield lambda _: None
        return
    from rich.console import Console
    from rich.progress import Progress

    with Progress(console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task(label, total=total)
        yield lambda done: progress.update(task, completed=done)


@contextmanager
def spinner(label: str) -> Iterator[None]:
    """Show that something is being worked on while inside, on a terminal."""
    if not sys.stderr.isatty():
        yield
        return
    from rich.console import Console

    with Console(stderr=True).status(label):
        yield
