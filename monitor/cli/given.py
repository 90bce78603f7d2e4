"""What a person names, a file, -, an address or the id of a stored article → the articles that it holds."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from monitor.cli import show
from monitor.cli.articles import MatchFormat, Source, feed_of, read
from monitor.cli.exits import FAULT, fail
from monitor.cli.opened import memory
from monitor.errors import FetchError, ParseError, UsageError

if TYPE_CHECKING:
    from monitor.model import Article, Document, Feed
    from monitor.settings import Settings

Named = Annotated[
    str,
    typer.Argument(
        metavar="FILE|-|URL|ARTICLE-ID",
        help="A file, - for standard input, an address, or the beginning of a stored article's id.",
    ),
]
Private = Annotated[
    bool, typer.Option("--allow-private", help="The address may be a private or loopback one.", show_default=False)
]
Form = Annotated[
    MatchFormat, typer.Option("--format", help="What it is; found out when left out.  jsonl: canonical articles.")
]

STORED = re.compile(r"(?:article_)?[0-9a-f]{4,32}")


def articles_in(
    settings: Settings,
    name: str,
    *,
    format: MatchFormat = MatchFormat.AUTO,
    timezone: str | None = None,
    allow_private: bool = False,
) -> Sequence[Article]:
    """Return the articles that *name* stands for; a file goes before an article whose id it may look like."""
    if re.match(r"https?://", name):
        return _fetched(settings, name, format, timezone, allow_private=allow_private)
    if name != "-" and STORED.fullmatch(name) and not Path(name).exists():
        return [_stored(settings, name)]
    return list(Source(name, None, timezone).articles(format))


def _stored(settings: Settings, beginning: str) -> Article:
    whole = beginning if beginning.startswith("article_") else f"article_{beginning}"
    with memory(settings) as store, store.reading() as tx:
        found = tx.articles.beginning(whole)
    if not found:
        raise UsageError(f'there is no file "{beginning}" and no stored article whose id begins with it')
    if len(found) > 1:
        raise UsageError(f'more than one stored article has an id that begins with "{beginning}"; write more of it')
    return found[0]


def _fetched(
    settings: Settings, url: str, format: MatchFormat, timezone: str | None, *, allow_private: bool
) -> Sequence[Article]:
    import asyncio
    from dataclasses import replace

    feed = replace(feed_of(url, timezone), allow_private=allow_private)
    try:
        with show.spinner("Fetching"):
            return asyncio.run(_over_the_wire(settings, feed, format))
    except (FetchError, ParseError) as error:
        fail(f"error: {error}", FAULT)


async def _over_the_wire(settings: Settings, feed: Feed, format: MatchFormat) -> Sequence[Article]:
    from monitor.app import READ_WITHIN, wire
    from monitor.guard import shown
    from monitor.model import Document, Visits

    async with wire(settings) as opened:
        document = await opened.fetch(feed, Visits())
        if not isinstance(document, Document):
            raise FetchError(getattr(document, "detail", f"{shown(feed.url)} sent nothing"))
        try:
            return await opened.pool.run(read_whole, document, feed, format, limit=READ_WITHIN)
        except ParseError as error:
            raise ParseError(f"{shown(feed.url)}: {error}") from error


def read_whole(document: Document, feed: Feed, format: MatchFormat) -> Sequence[Article]:
    """Return the articles of *document*; runs in a process that may be killed."""
    return list(read(document.body, format, feed, document.url, document.content_type))
