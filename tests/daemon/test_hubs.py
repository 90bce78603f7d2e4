"""WebSub as an operator knows it: a hub, a reverse proxy, the real daemon behind it."""

from __future__ import annotations

import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import update

from monitor.store import Store
from monitor.store.tables import feeds
from tests.serving import PATIENCE, Hub, ReverseProxy
from tests.world.town import Story, Town, rss

TOKEN = "a-token-for-visitors"


@dataclass(slots=True)
class Pushed:
    """A town whose gazette has a hub, and a daemon that it can reach."""

    town: Town
    hub: Hub = field(default_factory=Hub)
    proxy: ReverseProxy = field(default_factory=ReverseProxy)
    printed: list[Story] = field(default_factory=list)

    @property
    def topic(self) -> str:
        return self.town.publisher.url("/gazette.xml")

    def prints(self, *stories: Story) -> None:
        self.printed += stories
        links = f'<{self.hub.url("/")}>; rel="hub", <{self.topic}>; rel="self"'
        self.town.publisher.publish("/gazette.xml", rss("gazette", self.printed), headers={"Link": links})

    @contextmanager
    def running(self) -> Iterator[None]:
        """Run the daemon with its console behind the proxy, until it has subscribed."""
        process = self.town.monitor("run")
        self.town.waits_until(lambda: self.town.events("console_listening"))
        self.proxy.to = str(self.town.events("console_listening")[-1]["url"])
        self.town.waits_until(lambda: self.hub.subscribers)
        yield
        process.terminate()
        assert process.wait(PATIENCE) == 0, self.town.log()[-1500:]

    def an_hour_passes(self) -> None:
        """Let the last poll be long ago, so that the next push is not held back."""
        store = Store(f"sqlite:///{self.town.folder}/var/monitor.db")
        with store.engine.begin() as connection:
            connection.execute(
                update(feeds).values(polled_at=feeds.c.polled_at - timedelta(hours=1) // timedelta(milliseconds=1))
            )
        store.close()


@pytest.fixture
def pushed(tmp_path: Path) -> Iterator[Pushed]:
    with ExitStack() as stack:
        town = stack.enter_context(Town(tmp_path, max_lag="7d"))
        made = Pushed(town)
        stack.enter_context(made.hub)
        stack.enter_context(made.proxy)
        town.publishes("gazette")
        made.prints(Story(headline="Calm"))
        (town.config / "monitor.yaml").write_text(
            f"listen: 127.0.0.1:0\nlog_format: json\ntoken: {TOKEN}\npublic_url: {made.proxy.url('/monitor/')}\n"
        )
        yield made


def test_a_story_is_told_when_the_hub_pushes_though_the_feed_is_polled_once_a_week(pushed: Pushed) -> None:
    town = pushed.town
    town.watches("floods", "flood")
    with pushed.running():
        assert pushed.hub.asked_back == [200]
        pushed.an_hour_passes()
        pushed.prints(Story(headline="Flood in town"))
        assert pushed.hub.push(pushed.topic, b"<rss/>", secret="of somebody else") == [204]
        assert pushed.hub.push(pushed.topic, b"<rss/>", sign=False) == [204]
        town.waits_until(lambda: len(town.events("push_ignored")) == 2)
        assert len(town.events("polled")) == 1
        assert pushed.hub.push(pushed.topic, b"<rss>whatever it says</rss>") == [204]
        town.waits_until(lambda: town.told("floods") == ["Flood in town"])
        assert town.publisher.hits_at("/gazette.xml")[-1].headers["if-none-match"], "a push is only a hint"
        town._papers.clear()
        town._write()
        town.waits_until(lambda: not pushed.hub.subscribers)
        town.waits_until(lambda: len(town.events("hub_asked")) == 2)  # the hub hears it before the log does
        assert [event["wanted"] for event in town.events("hub_asked")] == ["subscribe", "unsubscribe"]
    assert pushed.hub.asked_back == [200, 200]
    store = Store(f"sqlite:///{town.folder}/var/monitor.db")
    with store.reading() as tx:
        assert tx.subscriptions.all() == ()
    store.close()


def answer(url: str, body: bytes | None = None) -> int:
    try:
        with urllib.request.urlopen(urllib.request.Request(url, data=body), timeout=10) as reply:
            return int(reply.status)
    except urllib.error.HTTPError as error:
        with error:
            return error.code


def test_strangers_learn_nothing_at_the_callback(pushed: Pushed) -> None:
    with pushed.running():
        ((_, callback),) = pushed.hub.subscribers
        console = str(pushed.proxy.to)
        elsewhere = f"{console}/websub/{'x' * 43}"
        assert (answer(elsewhere), answer(elsewhere, b"<rss/>"), answer(f"{console}/websub/x", b"")) == (404, 410, 410)
        own = console + callback.partition("/monitor")[2]
        assert pushed.hub.ask_back("unsubscribe", pushed.topic, callback)[0] == 404
        assert pushed.hub.ask_back("subscribe", pushed.topic, callback)[0] == 404
        assert (answer(own), answer(own, b"x" * 10_000_001), answer(f"{console}/metrics")) == (404, 413, 401)
        assert pushed.hub.ask_back("denied", pushed.topic, callback, reason="closed")[0] == 200
        pushed.town.waits_until(lambda: len(pushed.town.events("hub_said")) == 2)
        assert pushed.town.events("hub_said")[-1]["note"] == "the hub refuses: closed"
