"""`monitor run`: the daemon, or one round of its work."""

from __future__ import annotations

import re
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from monitor.cli import show
from monitor.cli.exits import WRONG
from monitor.cli.opened import MOST_WARNINGS, config_in, placed
from monitor.cli.options import Folder
from monitor.errors import ConfigError

if TYPE_CHECKING:
    from monitor.app import Config
    from monitor.settings import Settings
    from monitor.store import Store


def run(
    config: Folder = None,
    workers: Annotated[
        int | None,
        typer.Option("--workers", min=1, max=64, metavar="N", help="Processes; `workers` of monitor.yaml else."),
    ] = None,
    once: Annotated[
        bool, typer.Option("--once", help="Poll all that is due, deliver all that is pending, and end.")
    ] = False,
    no_console: Annotated[bool, typer.Option("--no-console", help="Serve nothing over HTTP.")] = False,
    follow: Annotated[bool, typer.Option("--follow", hidden=True, help="End when standard input closes.")] = False,
) -> None:
    """Run the daemon: poll the feeds, match, deliver, until it is stopped by Ctrl-C or TERM.

    With --once, one process does one round of all this and ends; what is to be
    tried again later stays pending.
    """
    import asyncio

    from monitor import report

    with _started(config) as (loaded, store, refused):
        if once:
            before = _counted()
            asyncio.run(_once(loaded, store))
            typer.echo(_summary(_counted() - before, store))
            return
        from monitor.daemon.serve import serve

        if not follow:
            for each in loaded.warnings[:MOST_WARNINGS]:
                report.told("config_warning", level="warning", at=f"{each.file}:{each.line}", detail=each.message)
            _welcome(loaded, has_console=not no_console)
        asyncio.run(
            serve(
                loaded,
                store,
                count=workers or loaded.settings.workers,
                has_console=not no_console,
                follows=follow,
                refused=refused,
            )
        )


# ------------------------------------------------------------------ what runs, and on which database


@contextmanager
def _started(given: Path | None) -> Iterator[tuple[Config, Store, str | None]]:
    """Yield the config in the folder *given*, or the last good one, and its database, whose tables are current.

    The third is the hash of the files, if they were refused.
    """
    from monitor import report
    from monitor.app import open_store

    try:
        config, refused = config_in(given), None
        settings = config.settings
    except ConfigError as error:
        typer.echo(str(error), err=True)
        settings, refused = _database_settings(given, error), error
    store = open_store(settings)
    try:
        _prepare(store)
        if refused is not None:
            config = _last_good(settings.folder, store, refused)
        report.configure(config.settings.log_format)
        for secret in config.settings.secrets():
            report.hide(secret)
        yield config, store, None if refused is None else _tell_operators(config, store, refused)
    finally:
        store.close()


def _prepare(store: Store) -> None:
    """Bring a SQLite file's tables up to date; on PostgreSQL, where others may be at work, only look at them."""
    from monitor.store import expect_current, upgrade

    if not store.embedded:
        return expect_current(store)
    _, saved = upgrade(store)
    if saved is not None:
        typer.echo(f"the database was brought up to date; its old state is in {saved}", err=True)
    return None


def _database_settings(given: Path | None, refused: ConfigError) -> Settings:
    """Return settings that name a database in which a good config may be; *refused* again if there is none."""
    from monitor import settings

    folder = settings.folder_from(given)
    if not folder.is_dir():
        raise typer.Exit(WRONG) from refused
    try:
        texts = settings.gather(folder)
        found = settings.load(folder, {name: text for name, text in texts.items() if name == "monitor.yaml"})
    except ConfigError:
        found = settings.load(folder, {})  # the environment's database, or the one that is there by default
    file = re.match(r"sqlite[^:]*:///(.+)", found.database_url)
    if file and not Path(file[1]).exists():
        raise typer.Exit(WRONG) from refused
    return found


def _last_good(folder: Path, store: Store, refused: ConfigError) -> Config:
    from monitor.app import load

    with store.reading() as tx:
        accepted = tx.configs.accepted()
    if accepted is None:
        raise typer.Exit(WRONG) from refused
    typer.echo(
        f"these files are not taken; running the last good set ({accepted.hash}, "
        f"taken {show.utc(accepted.accepted_at)}) until they are mended",
        err=True,
    )
    with placed(folder):
        return load(folder, accepted.files)


def _tell_operators(config: Config, store: Store, refused: ConfigError) -> str:
    """Tell of the *refused* files, and return their hash."""
    from monitor import chores, report, settings
    from monitor.app import now

    try:
        hash = settings.fingerprint(settings.gather(config.settings.folder))
    except ConfigError as error:
        hash = settings.fingerprint({"": str(error)})
    report.told(
        "config_rejected", level="warning", hash=hash, running=config.hash, mistakes=list(map(str, refused.mistakes))
    )
    with store.transaction() as tx:
        chores.report_rejected(
            tx, hash=hash, mistakes=refused.mistakes, operators=config.settings.default_channel, now=now()
        )
    return hash


# ------------------------------------------------------------------ one round


async def _once(config: Config, store: Store) -> None:
    import asyncio

    from monitor.app import wire
    from monitor.daemon.process import Daemon
    from monitor.daemon.runtime import make_way

    with store.reading() as tx:
        waiting = {row.id for row in tx.feeds.all() if row.due_in is not None and row.due_in > timedelta()}
    before = _counted()
    async with wire(config.settings) as opened:
        make_way()
        with show.bar("Polling", len(config.settings.feeds.keys() - waiting)) as polled:
            work = asyncio.create_task(Daemon(config, store, opened).once())
            while not work.done():
                await asyncio.wait({work}, timeout=0.2)
                polled((_counted() - before)["polls"])
            await work


def _counted() -> Counter[str]:
    """Return what this process has done so far."""
    from monitor import report

    names = {"monitor_polls": "polls", "monitor_articles_new": "articles", "monitor_alerts_raised": "alerts"}
    counts: Counter[str] = Counter()
    for family in report.REGISTRY.collect():
        for sample in family.samples:
            if sample.name == f"{family.name}_total" and family.name in names:
                counts[names[family.name]] += int(sample.value)
            elif sample.name == "monitor_deliveries_total" and sample.labels["outcome"] == "accepted":
                counts["delivered"] += int(sample.value)
    return counts


def _summary(done: Counter[str], store: Store) -> str:
    with store.reading() as tx:
        pending = tx.outbox.pending()
    return (
        f"{show.plural(done['polls'], 'feed')} polled, {show.plural(done['articles'], 'new article')}, "
        f"{show.plural(done['alerts'], 'alert')}, {done['delivered']} delivered, {pending} pending"
    )


# ------------------------------------------------------------------ for people


def _welcome(config: Config, *, has_console: bool) -> None:
    """Say on a terminal what is watched and what to do next."""
    if not sys.stdout.isatty():
        return
    settings = config.settings
    where = f" --config {settings.folder}" if str(settings.folder) != "config" else ""
    channels = ", ".join(settings.channels) or "none: alerts are kept and told to nobody"
    typer.echo(
        f"Watching {show.plural(len(settings.feeds), 'feed')} with {show.plural(len(config.rules.rules), 'rule')}.\n"
        f"Alerts go to: {channels}.  To list them: monitor alerts list{where}"
    )
    if has_console:
        host = f"[{settings.host}]" if ":" in settings.host else settings.host
        typer.echo(f"Console: http://{host}:{settings.port}" if settings.port else "Console: see the log for its port")
    typer.echo("Stop with Ctrl-C.  Edited files are taken up by themselves.\n")
