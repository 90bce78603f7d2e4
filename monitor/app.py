"""The only place that builds real parts: files → Config, Config → Monitor."""

from __future__ import annotations

import random
import secrets
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from monitor import settings as files
from monitor.complete import read_page, warm_up
from monitor.delivery import log, webhook
from monitor.errors import ConfigError, Mistake, ParseError, RuleTestsFailed
from monitor.feeds import hub
from monitor.feeds.fetch import fetch
from monitor.feeds.pool import Pool
from monitor.guard import Door, door
from monitor.model import (
    Article,
    Channel,
    Delivery,
    Document,
    Feed,
    Fetched,
    Message,
    Outcome,
    Subscription,
    Unreachable,
    Visits,
)
from monitor.poll import Reading, read_articles
from monitor.rules import load as rules
from monitor.rules.match import RuleSet
from monitor.settings import Settings
from monitor.store import Store
from monitor.study import failures, run_tests
from monitor.tell import Watch

READERS = 2  # processes that read documents: one that is stuck for READ_WITHIN leaves the other
PAGE_READERS = 1  # each takes 200 MB and reads twenty pages a second
READ_WITHIN = 10.0  # seconds of CPU and waiting for one document; the slowest of 308 real ones takes 0.3


def now() -> datetime:
    """Return the real time.  Nobody else reads the clock."""
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class Config:
    """A set of files that loads and whose rules pass their tests."""

    settings: Settings
    rules: RuleSet
    warnings: tuple[Mistake, ...]

    @property
    def hash(self) -> str:
        """What changes when any of the files does."""
        return self.settings.hash

    def watch(self) -> Watch:
        """Return what polls look for."""
        return Watch(
            rules=self.rules,
            default_channel=self.settings.default_channel,
            alert_new_within=self.settings.alert_new_within,
            has_hubs=self.settings.public_url is not None,
        )


def load(folder: Path, texts: Mapping[str, str] | None = None) -> Config:
    """Return the config in *folder* (or in *texts*, kept from it earlier); ConfigError with every mistake.

    A set is taken whole or not at all, and a rule that fails one of its own
    tests is a mistake like any other (RuleTestsFailed where there is no other).
    """
    mistakes: list[Mistake] = []
    settings = loaded = None
    if texts is None:
        texts = files.gather(folder)
    try:
        settings = files.load(folder, texts)
    except ConfigError as error:
        mistakes.extend(error.mistakes)
    try:
        loaded = rules.load(files.of_rules(texts), channels=None if settings is None else settings.channels.keys())
    except ConfigError as error:
        mistakes.extend(error.mistakes)
    failed = () if loaded is None else failures(run_tests(loaded))
    if mistakes or settings is None or loaded is None:
        raise ConfigError([*mistakes, *failed])
    if failed:
        raise RuleTestsFailed(failed)
    return Config(settings=settings, rules=loaded, warnings=(*settings.warnings, *rules.warnings(loaded)))


def open_store(settings: Settings) -> Store:
    """Return the database that *settings* name; the caller closes it."""
    return Store(settings.database_url)


@dataclass(frozen=True, slots=True, kw_only=True)
class Wire:
    """The two edges, as the flows use them."""

    door: Door
    pool: Pool
    page_pool: Pool  # pages are many and heavy; a feed does not wait for them

    async def fetch(self, feed: Feed, visits: Visits) -> Fetched:
        """Return what *feed*'s server answers now."""
        return await fetch(self.door, feed, visits, now=now())

    async def read(self, document: Document, feed: Feed, visits: Visits, seen_at: datetime) -> Reading:
        """Return what *document* says; a document that takes too long or kills its reader is a fault."""
        try:
            return await self.pool.run(read_articles, document, feed, visits, seen_at, limit=READ_WITHIN)
        except ParseError as error:
            return Reading(fault=str(error), is_passing=True)

    async def read_page(self, page: Document, feed: Feed, short: Article, seen_at: datetime) -> Article | Unreachable:
        """Return *short* with the text of its *page*; a page that takes too long or kills its reader is a fault."""
        try:
            return await self.page_pool.run(read_page, page, feed, short, seen_at, limit=READ_WITHIN)
        except ParseError as error:
            return Unreachable(reason="unreadable", detail=str(error))

    async def ask_hub(self, subscription: Subscription, form: bytes) -> str | None:
        """Return what is wrong with the answer of the hub of *subscription* to *form*; None if it will see to it."""
        return await hub.request(self.door, subscription.hub, form, allow_private=subscription.allow_private)

    async def send(self, channel: Channel, delivery: Delivery, message: Message) -> Outcome:
        """Return what the receiver behind *channel* answers."""
        return await CHANNELS[channel.type](self.door, channel, delivery, message, now())


async def _webhook(door: Door, channel: Channel, delivery: Delivery, message: Message, at: datetime) -> Outcome:
    return await webhook.send(door, channel, delivery, message, now=at)


async def _log(_door: Door, channel: Channel, _delivery: Delivery, message: Message, _at: datetime) -> Outcome:
    return log.send(channel, message)


CHANNELS = {"webhook": _webhook, "log": _log}


@asynccontextmanager
async def wire(settings: Settings) -> AsyncIterator[Wire]:
    """Open the door to the network and the pool of readers, and close both."""
    async with (
        door(user_agent=settings.user_agent) as opened,
        Pool(workers=READERS) as pool,
        Pool(workers=PAGE_READERS, prepare=warm_up) as page_pool,
    ):
        yield Wire(door=opened, pool=pool, page_pool=page_pool)


draw = random.random


def unguessable() -> str:
    """Return 43 letters that nobody can guess (256 bits)."""
    return secrets.token_urlsafe(32)
