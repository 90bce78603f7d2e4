"""Whatever a publisher does to its list, each article is one, and is told of once."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from monitor.model import ChannelId, Document, Feed, Fetched, Visits
from monitor.poll import Visit, poll
from monitor.rules.load import load
from monitor.store import Store, upgrade
from monitor.tell import Watch
from tests import prose
from tests.build import NOON, feed
from tests.flows.bench import read
from tests.flows.test_edits import Item, rss

GAZETTE = feed("gazette")
RULES = "version: 1\nrules:\n  - {id: floods, title: Floods, match: flood, story: every}\n"
DOES = st.sampled_from(
    ["prints", "prints five", "edits", "corrects", "renames", "moves", "turns round", "drops", "brings back", "nothing"]
)


@dataclass
class Publisher:
    """A list of items, as a publisher keeps it; *made* counts the articles that it ever wrote."""

    draw: Random = field(default_factory=lambda: Random(1))
    items: list[Item] = field(default_factory=list)
    dropped: list[Item] = field(default_factory=list)
    made: int = 0
    moved: int = 0

    def does(self, what: str) -> None:
        """Do *what* to the list, to an item that chance picks."""
        n = self.draw.randrange(len(self.items)) if self.items else None
        match what:
            case "prints":
                self._print()
            case "prints five":
                for _ in range(5):
                    self._print()
            case "turns round":
                self.items.reverse()
            case "brings back" if self.dropped:
                self.items.append(self.dropped.pop())
            case "moves" if len(self.items) >= 5:
                self._move()
            case "edits" if n is not None:  # beside what matched
                self._change(n, text=f"{self.items[n].text} {prose.sentence(self.draw)}")
            case "corrects" if n is not None:
                self._change(n, headline=f"{self.items[n].headline} again")
            case "renames" if n is not None:
                self._change(n, guid=f"{self.items[n].guid}#")
            case "drops" if n is not None:
                self.dropped.append(self.items.pop(n))

    def _print(self) -> None:
        self.made += 1
        headline = f"Flood {prose.sentence(self.draw)}"
        text = f"{prose.sentence(self.draw)} {prose.sentence(self.draw)}"
        link = f"http://gazette.example/{self.made}"
        self.items.insert(0, Item(guid=f"g{self.made}", link=link, headline=headline, text=text))

    def _change(self, n: int, **given: str) -> None:
        self.items[n] = replace(self.items[n], **given)

    def _move(self) -> None:
        """Give each item another id and another address; what was dropped before does not come back."""
        self.moved += 1

        def moved(item: Item) -> Item:
            link = f"https://gazette.example/{self.moved}/{item.link.rpartition('/')[2]}-story"
            return replace(item, guid=f"{self.moved}-{item.guid}", link=link)

        self.items = [moved(item) for item in self.items]
        self.dropped = []


def visits(store: Store, publisher: Publisher, deeds: Sequence[str]) -> list[Visit]:
    """Return what polls found, one after each of *deeds*."""
    watch = Watch(
        rules=load({"rules/x.yaml": RULES}, channels=[ChannelId("desk")]),
        default_channel=ChannelId("desk"),
        alert_new_within=timedelta(hours=24),
    )

    async def fetch(_feed: Feed, _visits: Visits) -> Fetched:
        return Document(url=GAZETTE.url, body=rss(*publisher.items).encode())

    async def one(n: int, deed: str) -> Visit:
        publisher.does(deed)
        with store.transaction() as tx:
            tx.feeds.fall_due([GAZETTE.id])
            (claim,) = tx.feeds.claim(1)
        at = NOON + n * timedelta(minutes=1)
        return await poll(
            claim, GAZETTE, watch, fetch=fetch, read=read, store=store, clock=lambda: at, draw=lambda: 0.5
        )

    with store.transaction() as tx:
        tx.feeds.take_up([GAZETTE])
    return [asyncio.run(one(n, deed)) for n, deed in enumerate(["prints five", *deeds])]


@pytest.fixture(scope="module")
def empty(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An empty database, to be copied: to make one takes longer than all the polls of an example."""
    path = tmp_path_factory.mktemp("empty") / "monitor.db"
    store = Store(f"sqlite:///{path}")
    upgrade(store)
    store.close()
    return path


@settings(max_examples=25, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(DOES, max_size=8), st.integers(0, 1000))
def test_whatever_a_publisher_does_each_article_is_told_of_once(empty: Path, deeds: list[str], seed: int) -> None:
    with TemporaryDirectory() as folder:
        store = Store(f"sqlite:///{shutil.copy(empty, folder)}")
        publisher = Publisher(draw=Random(seed))
        found = visits(store, publisher, deeds)
        with store.reading() as tx:
            kept = tx.articles.count()
        store.close()
    raised = [alert for visit in found for alert in visit.alerts if not alert.revision]
    assert len(raised) == kept == publisher.made
    for visit, deed in zip(found[1:], deeds, strict=True):
        if deed not in ("prints", "prints five", "corrects"):
            assert visit.alerts == ()
