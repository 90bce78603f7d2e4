"""`monitor rules backtest`: what the files on disk would add, remove and leave on the articles that are stored."""

from __future__ import annotations

import subprocess
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from monitor.cli import show
from monitor.cli.opened import located, memory, rules_in
from monitor.cli.options import AsJson, Folder, Since, instant
from monitor.errors import ConfigError, UsageError

if TYPE_CHECKING:
    from monitor.model import Article
    from monitor.rules.match import RuleSet
    from monitor.settings import Settings
    from monitor.store import Store
    from monitor.study import Backtest, Change

LAST = "last"


class Shape(StrEnum):
    """What a backtest may come out as."""

    TEXT = "text"
    MARKDOWN = "markdown"
    JSON = "json"


def backtest(
    since: Since = "30d",
    against: Annotated[
        str,
        typer.Option(
            "--against",
            metavar="last|HEAD|DIR",
            help="What to compare with: the set that the daemon last accepted, a git revision, or another folder.",
        ),
    ] = LAST,
    format: Annotated[Shape, typer.Option("--format", help="markdown: for a pull request.")] = Shape.TEXT,
    config: Folder = None,
    json: AsJson = False,
) -> None:
    """Tell what the files on disk would add, remove and leave on the articles that are stored."""
    from monitor import study
    from monitor.app import now

    settings, after = rules_in(config)
    begin = instant(since, now=now(), timezone=settings.timezone) or now()
    with memory(settings) as store:
        before = _rules_of(against, settings, store)
        with store.reading() as tx:
            count = tx.articles.count(begin)
            with show.bar("Reading", count) as done:
                articles = _counted(tx.articles.since(begin), done)
                found = study.backtest(before, after, articles, alert_new_within=settings.alert_new_within)
    if json or format is Shape.JSON:
        show.document(_described(found, against=against, since=begin, articles=count))
    elif format is Shape.MARKDOWN:
        typer.echo(f"{_read(count, begin, settings)}\n\n{study.markdown(found)}", nl=False)
    else:
        typer.echo(_read(count, begin, settings))
        for line in _lines(found):
            typer.echo(line)


def _counted(articles: Iterable[Article], done: Callable[[int], None]) -> Iterator[Article]:
    for number, article in enumerate(articles, 1):
        done(number)
        yield article


# ------------------------------------------------------------------ what is compared with


def _rules_of(against: str, settings: Settings, store: Store) -> RuleSet:
    """Return the rules that *against* names; ConfigError that says whose they are if they do not load."""
    from monitor.rules.load import load
    from monitor.settings import gather, of_rules

    if against == LAST:
        texts: Mapping[str, str] = _accepted(store)
    elif Path(against).is_dir():
        texts = gather(Path(against))
    else:
        texts = _committed(settings.folder, against)
    try:
        return load(of_rules(texts), channels=None)
    except ConfigError as error:
        place = Path(against) if Path(against).is_dir() else Path(f"{against}:")
        raise ConfigError(located(place, error.mistakes)) from error


def _accepted(store: Store) -> Mapping[str, str]:
    with store.reading() as tx:
        last = tx.configs.accepted()
    if last is None:
        raise UsageError(
            "no daemon has accepted a set of files into this database yet; compare with --against HEAD or a folder"
        )
    return last.files


def _committed(folder: Path, revision: str) -> dict[str, str]:
    """Return the files of rules and entities in *folder* as git has them at *revision*."""
    _git(folder, "rev-parse", "--quiet", "--verify", "--end-of-options", f"{revision}^{{commit}}")
    listed = _git(folder, "ls-tree", "-r", "-z", "--name-only", revision, "--", "rules", "entities")
    names = [name for name in listed.split("\0") if name.endswith((".yaml", ".yml"))]
    shown = [name for name in names if not any(part.startswith(".") for part in name.split("/"))]
    return {name: _git(folder, "show", f"{revision}:./{name}").removeprefix("\ufeff") for name in shown}


def _git(folder: Path, *arguments: str) -> str:
    """Return what git says of the checkout around *folder*; UsageError with its own words where it refuses."""
    try:
        done = subprocess.run(["git", "-C", str(folder), *arguments], capture_output=True, check=False)
    except FileNotFoundError as error:
        raise UsageError("git is not installed here; compare with a folder, or with last (--against)") from error
    if done.returncode:
        why = " ".join(done.stderr.decode("utf-8", "replace").split()) or "there is no such revision or folder"
        raise UsageError(f'--against "{arguments[-1].partition("^{")[0]}": {why}')
    return done.stdout.decode("utf-8", "replace")


# ------------------------------------------------------------------ what comes out


def _read(count: int, since: datetime, settings: Settings) -> str:
    at = f"{show.local(since, settings.timezone)} ({settings.timezone})"
    return f"{show.plural(count, 'stored article')} since {at}"


def _described(found: Backtest, *, against: str, since: datetime, articles: int) -> dict[str, Any]:
    return {
        "against": against,
        "since": show.utc(since),
        "articles": articles,
        "added": [_change(each) for each in found.added],
        "removed": [_change(each) for each in found.removed],
        "unchanged": [_change(each) for each in found.kept],
    }


def _change(each: Change) -> dict[str, Any]:
    return {
        "rule": each.rule,
        "story": each.subject,
        "articles": [
            {
                "id": one.id,
                "url": one.url,
                "headline": one.headline,
                "outlet": one.outlet,
                "seen_at": show.utc(one.seen_at),
            }
            for one in each.articles
        ],
    }


def _lines(found: Backtest) -> Iterator[str]:
    """Yield the sums, then each story with the alerts that are added (+) or removed (-)."""
    yield f"{len(found.added)} added, {len(found.removed)} removed, {len(found.kept)} unchanged"
    stories: dict[str, list[tuple[str, Change]]] = {}
    for sign, changes in (("+", found.added), ("-", found.removed)):
        for each in changes:
            stories.setdefault(each.subject, []).append((sign, each))
    for changed in stories.values():
        yield ""
        first = changed[0][1].articles[0]
        yield show.plain(first.headline or next(iter(first.body), "") or first.id)
        yield f"  {_where([article for _, each in changed for article in each.articles])}"
        yield from (f"  {sign} {each.rule}" for sign, each in changed)


def _where(articles: Iterable[Article]) -> str:
    """Return which outlets had *articles*, how many there are, and the id by which the first is explained."""
    unique = {article.id: article for article in articles}
    outlets = dict.fromkeys(article.outlet or article.feed or "?" for article in unique.values())
    first = next(iter(unique))
    return f"{show.plain(', '.join(outlets))}: {show.plural(len(unique), 'article')}, {first[: show.SHORT]}"
