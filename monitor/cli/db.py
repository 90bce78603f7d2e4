"""`monitor db`: the database's tables and its copies."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from monitor.cli.exits import Commands
from monitor.cli.opened import basics, memory
from monitor.cli.options import Folder

app = typer.Typer(cls=Commands, help="The database's tables, and copies of it.")


@app.command("upgrade")
def upgrade_tables(config: Folder = None) -> None:
    """Bring the tables up to date.  A SQLite file that changes is copied beside itself first."""
    from monitor.app import open_store
    from monitor.store import upgrade
    from monitor.store.schema import Shape

    store = open_store(basics(config))
    try:
        before, saved = upgrade(store)
    finally:
        store.close()
    if saved is not None:
        typer.echo(f"saved {saved}")
    match before:
        case Shape.CURRENT:
            typer.echo("the tables are up to date")
        case Shape.EMPTY:
            typer.echo("the tables were made")
        case Shape.OLD | Shape.NEW:
            typer.echo("the tables were brought up to date")


@app.command("backup")
def backup(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="Where to; it must not be there yet.")],
    config: Folder = None,
) -> None:
    """Copy the SQLite database as it stands at this moment to FILE, while others go on using it."""
    with memory(basics(config)) as store:
        store.backup(file)
    typer.echo(f"saved {file}")
