"""The `monitor` command: one file a command group, each of which parses arguments, calls one function and prints."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from monitor import __version__
from monitor.cli import (
    alerts,
    articles,
    channels,
    check,
    db,
    deliveries,
    demo,
    feedlist,
    feeds,
    init,
    receive,
    rules,
    run,
    schema,
)
from monitor.cli.exits import Commands

app = typer.Typer(
    cls=Commands,
    name="monitor",
    help="Polls news feeds, checks articles against watch rules, sends signed webhooks.",
    epilog="Start with: monitor demo.  Exit codes: 0 done, 1 a check failed or nothing matched, "
    "2 wrong use or a config that does not load, 3 an I/O fault.",
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"monitor {__version__}")
        raise typer.Exit


@app.callback()
def start(
    version: Annotated[
        bool, typer.Option("--version", help="Print the version, and end.", is_eager=True, callback=_version)
    ] = False,
) -> None:
    """Take the options that stand before the command."""


app.command("run")(run.run)
app.command("demo")(demo.demo)
app.command("init")(init.init)
app.command("check")(check.check)
app.command("normalise")(articles.normalise)
app.command("match")(articles.match_articles)
app.command("listen")(receive.listen)
app.command("schema")(schema.schema)
app.add_typer(rules.app, name="rules")
feeds.app.command("add")(feedlist.add)
feeds.app.command("remove")(feedlist.remove)
feeds.app.command("import")(feedlist.import_opml)
feeds.app.command("export")(feedlist.export)
app.add_typer(feeds.app, name="feeds")
app.add_typer(alerts.app, name="alerts")
app.add_typer(deliveries.app, name="deliveries")
app.add_typer(channels.app, name="channels")
app.add_typer(db.app, name="db")


def main() -> None:
    """Be the command, whatever letters the terminal can show."""
    for stream in (sys.stdout, sys.stderr):
        stream.reconfigure(errors="backslashreplace")  # type: ignore[union-attr]  # text streams of a process have it
    app()
