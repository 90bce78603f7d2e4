"""A config folder → what a command needs of it: settings, the whole config, the database."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import typer

from monitor.cli import show
from monitor.errors import ConfigError, Mistake, RuleTestsFailed, UsageError

if TYPE_CHECKING:
    from monitor.app import Config
    from monitor.rules.match import RuleSet
    from monitor.settings import Settings
    from monitor.store import Store

MOST_WARNINGS = 20  # shown at once; ten thousand rules without tests are one thought

K = TypeVar("K", bound=str)
V = TypeVar("V")
F = TypeVar("F")


def basics(given: Path | None) -> Settings:
    """Return what monitor.yaml alone says: enough to find the database, whatever is wrong in the other files."""
    from monitor import settings

    folder = settings.folder_from(given)
    with placed(folder):
        texts = settings.gather(folder)
        return settings.load(folder, {name: text for name, text in texts.items() if name == "monitor.yaml"})


def settings_in(given: Path | None) -> Settings:
    """Return what monitor.yaml, feeds.yaml and channels.yaml say."""
    from monitor import settings

    folder = settings.folder_from(given)
    with placed(folder):
        return settings.load(folder)


def config_in(given: Path | None) -> Config:
    """Return the whole config, its rules and their tests included."""
    from monitor import app, settings

    folder = settings.folder_from(given)
    with placed(folder):
        return app.load(folder)


def rules_in(given: Path | None) -> tuple[Settings, RuleSet]:
    """Return the settings and the rules, whether or not the rules pass their tests."""
    from monitor.rules import load as rules
    from monitor.settings import of_rules

    settings = settings_in(given)
    with placed(settings.folder):
        return settings, rules.load(of_rules(settings.files), channels=settings.channels.keys())


@contextmanager
def placed(folder: Path) -> Iterator[None]:
    """Say of each mistake found inside where its file is, seen from here."""
    try:
        yield
    except RuleTestsFailed as error:
        raise RuleTestsFailed(located(folder, error.mistakes)) from error
    except ConfigError as error:
        raise ConfigError(located(folder, error.mistakes)) from error


def located(folder: Path, mistakes: Iterable[Mistake]) -> tuple[Mistake, ...]:
    """Return *mistakes* with their files' names beginning with *folder*, so that an editor opens them."""
    from monitor.settings import DATABASE_URL

    elsewhere = (str(folder), DATABASE_URL)
    return tuple(each if each.file in elsewhere else replace(each, file=str(folder / each.file)) for each in mistakes)


@contextmanager
def memory(settings: Settings) -> Iterator[Store]:
    """Open the database that *settings* name, while inside; SchemaError if its tables are not as they should be.

    A SQLite file that is not there yet is made, so that every command works
    before the first `monitor run`; older tables are left to `run` and `db upgrade`.
    """
    from monitor.app import open_store
    from monitor.store import expect_current, upgrade
    from monitor.store.schema import Shape, shape

    store = open_store(settings)
    try:
        if store.embedded and shape(store) is Shape.EMPTY:
            upgrade(store)
        expect_current(store)
        yield store
    finally:
        store.close()


def chosen(kind: str, id: str, known: Mapping[K, V]) -> V:
    """Return what *known* has at *id*; UsageError that names the nearest one."""
    from monitor.source import unknown

    for name, value in known.items():
        if name == id:
            return value
    raise UsageError(unknown(kind, id, known))


def only(kind: str, beginning: str, found: tuple[F, ...]) -> F:
    """Return the one that was *found* by the *beginning* of its id; UsageError for none or several."""
    if not found:
        raise UsageError(f'no {kind} whose id begins with "{beginning}"; see: monitor {plural_of(kind)} list')
    if len(found) > 1:
        raise UsageError(f'more than one {kind} has an id that begins with "{beginning}"; write more of it')
    return found[0]


def plural_of(kind: str) -> str:
    """Return the name of the command group for *kind*."""
    return {"delivery": "deliveries"}.get(kind, f"{kind}s")


def whole_id(kind: str, beginning: str) -> str:
    """Return *beginning* with the kind in front, which people leave out."""
    return beginning if beginning.startswith(f"{kind}_") else f"{kind}_{beginning}"


def warn(mistakes: Iterable[Mistake]) -> None:
    """Print *mistakes* that nothing fails for, the first of them where there are many."""
    listed = list(mistakes)
    for each in listed[:MOST_WARNINGS]:
        typer.echo(f"{each.file}:{each.line}:{each.column}: warning: {each.message}", err=True)
    if (left := len(listed) - MOST_WARNINGS) > 0:
        typer.echo(f"… and {show.plural(left, 'more warning')}", err=True)
