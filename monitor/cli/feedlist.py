"""`monitor feeds add|remove|import|export`: changing what is read."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from monitor.cli import show
from monitor.cli.opened import chosen, settings_in
from monitor.cli.options import Folder
from monitor.errors import ParseError, UsageError


def add(
    url: Annotated[str, typer.Argument(metavar="URL", help="The address of a feed, or of a page that names one.")],
    id: Annotated[str | None, typer.Option("--id", help="Its id; made of its title when left out.")] = None,
    outlet: Annotated[str | None, typer.Option("--outlet", help="The publication; its title when left out.")] = None,
    country: Annotated[str | None, typer.Option("--country", help="Of the outlet, such as RS.")] = None,
    language: Annotated[str | None, typer.Option("--language", help="Of its texts, such as en.")] = None,
    section: Annotated[str | None, typer.Option("--section", help="Of articles that name none.")] = None,
    timezone: Annotated[str | None, typer.Option("--timezone", help="Of dates without one.")] = None,
    allow_private: Annotated[
        bool, typer.Option("--allow-private", help="It may be on a private or loopback address.")
    ] = False,
    config: Folder = None,
) -> None:
    """Add a feed to feeds.yaml, whose comments stay.  Looks for the feed behind a page."""
    import asyncio

    from monitor.cli import feedfile
    from monitor.feeds.discover import new_id
    from monitor.guard import shown

    settings = settings_in(config)
    with show.spinner("Looking for a feed"):
        found = asyncio.run(feedfile.feed_behind(url, settings, allow_private=allow_private))
    if there := next((each for each in settings.feeds.values() if each.url == found.url), None):
        raise UsageError(f"{shown(found.url)} is in feeds.yaml already, as {there.id}{feedfile.named(found.others)}")
    told = {
        "id": id or new_id(found.title, found.url, settings.feeds),
        "url": found.url,
        "outlet": outlet or found.title,
        "country": country,
        "language": language,
        "section": section,
        "timezone": timezone,
        "allow_private": allow_private,
    }
    feedfile.add(settings, [{key: value for key, value in told.items() if value}])
    listed = show.plural(found.entries, "article")
    typer.echo(f"added {told['id']}: {shown(found.url)}, {listed} listed now{feedfile.named(found.others)}")


def remove(
    id: Annotated[str, typer.Argument(metavar="ID", help="The feed's id in feeds.yaml.")], config: Folder = None
) -> None:
    """Take a feed out of feeds.yaml, whose comments stay.  What was read from it is kept."""
    from monitor.cli import feedfile

    settings = settings_in(config)
    feedfile.remove(settings, chosen("feed", id, settings.feeds).id)
    typer.echo(f"removed {id}")


def import_opml(
    file: Annotated[Path, typer.Argument(metavar="FILE.opml", help="A list of feeds, as other readers export it.")],
    config: Folder = None,
) -> None:
    """Add the feeds of an OPML file to feeds.yaml, those that are not there yet."""
    from monitor.cli import feedfile
    from monitor.feeds.discover import from_opml

    settings = settings_in(config)
    try:
        listed = from_opml(file.read_bytes())
    except ParseError as error:
        raise ParseError(f"{file}: {error}") from error
    items, known = feedfile.listed_in(listed.feeds, settings)
    feedfile.add(settings, items)
    for address in listed.left_out:
        typer.echo(f"warning: {address} was left out: it is no address of the web (http or https)", err=True)
    there = f", {known} {'was' if known == 1 else 'were'} there already" if known else ""
    typer.echo(f"added {show.plural(len(items), 'feed')}{there}")


def export(config: Folder = None) -> None:
    """Print the feeds as OPML, for other readers."""
    from monitor.feeds.discover import opml

    typer.echo(opml(settings_in(config).feeds.values()), nl=False)
