"""`monitor normalise` and `monitor match`: files → canonical articles, and what the rules say to them.  No database."""

from __future__ import annotations

import json as codec
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from monitor.cli import show
from monitor.cli.exits import FAILED, FAULT, fail
from monitor.cli.opened import config_in
from monitor.cli.options import Folder, NoFolder
from monitor.errors import ConfigError, ParseError, UsageError

if TYPE_CHECKING:
    from monitor.model import Article, Feed, Match


class Format(StrEnum):
    """What an article may come as."""

    AUTO = "auto"
    TEXT = "text"
    HTML = "html"
    FEED = "feed"


class MatchFormat(StrEnum):
    """What an article that is to be matched may come as."""

    AUTO = "auto"
    TEXT = "text"
    HTML = "html"
    FEED = "feed"
    JSONL = "jsonl"


File = Annotated[str, typer.Argument(metavar="FILE|-", help="The file; - is standard input.")]
Url = Annotated[str | None, typer.Option("--url", metavar="URL", help="The address that it came from.")]
Zone = Annotated[
    str | None,
    typer.Option("--timezone", metavar="ZONE", help="The zone of dates that carry none, such as Europe/Belgrade."),
]


def normalise(
    file: File = "-",
    url: Url = None,
    timezone: Zone = None,
    format: Annotated[
        Format, typer.Option("--format", help="What the file is; found out when left out.")
    ] = Format.AUTO,
    config: NoFolder = None,
) -> None:
    """Print the articles in a file as canonical articles, one line of JSON each.  Needs no config."""
    from monitor.canonical import document

    for article in Source(file, url, timezone).articles(MatchFormat(format)):
        show.line(document(article))


def match_articles(
    file: File = "-",
    config: Folder = None,
    url: Url = None,
    timezone: Zone = None,
    format: Annotated[
        MatchFormat,
        typer.Option("--format", help="What the file is; found out when left out.  jsonl: canonical articles."),
    ] = MatchFormat.AUTO,
) -> None:
    """Hold the articles in a file against the rules: one line of JSON a match, exit code 1 if nothing matches."""
    from monitor.rules.match import match

    rules = config_in(config).rules
    found = False
    for article in Source(file, url, timezone).articles(format):
        for each in match(rules, article):
            found = True
            show.line(
                {
                    "rule": each.rule.id,
                    "article": {"id": article.id, "url": article.url, "headline": article.headline},
                    "why": _why(each),
                }
            )
    if not found:
        raise typer.Exit(FAILED)


def _why(match: Match) -> object:
    """Return the evidence as a webhook would carry it."""
    from monitor.alerts.decide import alert_of
    from monitor.app import now

    return alert_of(match, matched_at=now(), raised_at=now(), default_channel=None).data["why"]


# ------------------------------------------------------------------ bytes → articles


@dataclass(frozen=True, slots=True)
class Source:
    """A file with articles, and what the caller knows of it."""

    name: str  # - is standard input
    url: str | None
    timezone: str | None

    def articles(self, format: MatchFormat) -> Iterator[Article]:
        """Yield the articles; leaves with FAULT where the file holds none that can be read."""
        feed = feed_of(self.url, self.timezone)
        body = sys.stdin.buffer.read() if self.name == "-" else Path(self.name).read_bytes()
        try:
            yield from read(body, format, feed, self.url)
        except ParseError as error:
            fail(f"error: {'standard input' if self.name == '-' else self.name}: {error}", FAULT)


def feed_of(url: str | None, timezone: str | None) -> Feed:
    """Return the feed that could have brought what is at *url*, which has no name; UsageError for a wrong argument."""
    from monitor.files import FeedItem
    from monitor.model import Feed, FeedId
    from monitor.source import check
    from monitor.source import read as tree

    # The keys are checked as those of feeds.yaml are.
    given = {"id": "none", "url": url or "http://none.invalid/"}
    if timezone is not None:
        given["timezone"] = timezone
    try:
        item = check(FeedItem, tree("", codec.dumps(given)))
    except ConfigError as error:
        raise UsageError(error.mistakes[0].message) from error
    return Feed(id=FeedId(""), url=item.url, timezone=item.timezone)


def read(
    body: bytes, format: MatchFormat, feed: Feed, url: str | None, content_type: str | None = None
) -> Iterable[Article]:
    """Return the articles in *body*; ParseError where there are none."""
    from monitor.articles.normalise import form_of
    from monitor.feeds.encoding import decoded

    text, _ = decoded(body, content_type)
    if not text.strip():
        raise ParseError("there is nothing in it")
    match MatchFormat(form_of(body, content_type)) if format is MatchFormat.AUTO else format:
        case MatchFormat.FEED:
            return _from_feed(body, feed, content_type)
        case MatchFormat.HTML:
            return [_from_html(text if content_type else body, feed, url)]
        case MatchFormat.JSONL:
            return _from_lines(text)
        case MatchFormat.TEXT | MatchFormat.AUTO:
            return [_from_text(text, feed, url)]


def _from_text(text: str, feed: Feed, url: str | None) -> Article:
    from monitor.app import now
    from monitor.articles.normalise import article_from_text

    return _anonymous(article_from_text(text, feed, url=url, seen_at=now()))


def _from_html(body: bytes | str, feed: Feed, url: str | None) -> Article:
    from monitor.app import now
    from monitor.articles.page import article_from_html

    return _anonymous(article_from_html(body, feed, url=url, seen_at=now()))


def _from_feed(body: bytes, feed: Feed, content_type: str | None) -> Iterable[Article]:
    from monitor.app import now
    from monitor.articles.normalise import sightings
    from monitor.feeds.parse import parse
    from monitor.model import Document

    listing = parse(Document(url=feed.url, body=body, content_type=content_type))
    return [_anonymous(each.article) for each in sightings(listing, feed, url=feed.url, seen_at=now())]


def _anonymous(article: Article) -> Article:
    return replace(article, feed=None)


def _from_lines(text: str) -> Iterator[Article]:
    from monitor.canonical import article

    for n, line in enumerate(text.split("\n"), 1):
        if line.strip():
            try:
                yield article(_object(line))
            except ValueError as error:
                raise ParseError(f"line {n}: {error}") from error


def _object(line: str) -> dict[str, object]:
    try:
        value = codec.loads(line)
    except ValueError as error:
        raise ValueError(f"not JSON: {error}") from error
    if not isinstance(value, dict):
        raise ValueError("not a JSON object")
    return value
