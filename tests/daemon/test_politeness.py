"""Publishers that take note of every request: what they asked for is kept, whatever happens to us meanwhile.

The database's clock is moved, nobody sleeps.  Every round is a process of its
own to the schedule: nothing but the database goes from one to the next.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import pytest

from monitor.app import Config, load, wire
from monitor.daemon.process import Daemon
from monitor.store import Store, upgrade
from tests.serving import Publisher, Reply
from tests.world.town import Story, rss

MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
ETAG, LAST_MODIFIED = 'W/"a b,c"', "wed, 8 jul 2026 12:00:00 +0000"
BODY = rss("gazette", [Story(headline="Calm")]).encode()

Round = Callable[[timedelta], Awaitable[None]]
"""Polls what is due so long after the beginning, as a process that has just been started."""


class Press:
    """A publisher and the config of somebody who reads it."""

    def __init__(self, folder: Path, publisher: Publisher) -> None:
        self.folder, self.publisher = folder, publisher
        (folder / "config" / "rules").mkdir(parents=True)
        self.url = f"sqlite:///{folder}/var/monitor.db"

    def feeds(self, *urls: str) -> Config:
        lines = "".join(f"  - {{id: feed-{n}, url: '{url}'}}\n" for n, url in enumerate(urls))
        text = f"defaults: {{max_lag: 15m, allow_private: true}}\nfeeds:\n{lines}"
        (self.folder / "config" / "feeds.yaml").write_text(text)
        return load(self.folder / "config")

    @contextmanager
    def store(self, later: timedelta) -> Iterator[Store]:
        store = Store(self.url, offset=later)
        upgrade(store)
        yield store
        store.close()

    def play(self, config: Config, scenes: Callable[[Round], Awaitable[None]]) -> None:
        async def whole() -> None:
            async with wire(config.settings) as opened:

                async def once(later: timedelta) -> None:
                    with self.store(later) as store:
                        await Daemon(config, store, opened).once()

                await scenes(once)

        asyncio.run(whole())

    def asked(self, path: str = "/feed.xml") -> int:
        return len(self.publisher.hits_at(path))


@pytest.fixture
def press(tmp_path: Path) -> Iterator[Press]:
    with Publisher() as publisher:
        yield Press(tmp_path, publisher)


def test_one_request_of_a_lifetime_is_unconditional_and_validators_go_back_byte_by_byte(press: Press) -> None:
    url = press.publisher.publish("/feed.xml", BODY, etag=ETAG, last_modified=LAST_MODIFIED)

    async def scenes(once: Round) -> None:
        for n in range(4):
            await once(n * HOUR)
        press.publisher.script("/feed.xml", Reply(status=503))
        await once(4 * HOUR)
        press.publisher.publish("/feed.xml", BODY.replace(b"Calm", b"Flood"), etag=ETAG, last_modified=LAST_MODIFIED)
        await once(6 * HOUR)

    press.play(press.feeds(url), scenes)
    first, *others = press.publisher.hits_at("/feed.xml")
    assert (first.headers["if-none-match"], first.headers["if-modified-since"]) == (None, None)
    assert len(others) == 5
    assert {(hit.headers["if-none-match"], hit.headers["if-modified-since"]) for hit in others} == {
        (ETAG, LAST_MODIFIED)
    }


def test_nobody_is_asked_before_the_last_answer_allows_it_whatever_kind_of_answer_it_was(press: Press) -> None:
    answers = {
        1: Reply(headers={"Cache-Control": "max-age=3600", "ETag": '"1"'}, body=BODY),
        2: Reply(status=304, headers={"Cache-Control": "max-age=7200"}),
        3: Reply(status=503, headers={"Cache-Control": "max-age=10800"}),
        4: Reply(status=503, headers={"Retry-After": "14400"}),
        5: Reply(status=304),
    }
    url = press.publisher.script("/feed.xml", *answers.values())

    async def scenes(once: Round) -> None:
        at = timedelta()
        await once(at)
        for n in (1, 2, 3, 4):
            assert press.asked() == n
            await once(at + 0.98 * n * HOUR)
            assert press.asked() == n, f"asked too soon after answer {n}"
            at += 1.06 * n * HOUR
            await once(at)
            assert press.asked() == n + 1, f"not asked again after answer {n}"

    press.play(press.feeds(url), scenes)


def test_what_a_document_asks_for_outlives_the_answers_that_say_nothing(press: Press) -> None:
    body = BODY.replace(b"<item>", b"<ttl>120</ttl><item>", 1)
    url = press.publisher.publish("/feed.xml", body)

    async def scenes(once: Round) -> None:
        for n in range(4):
            await once(n * 2.12 * HOUR)
            await once(n * 2.12 * HOUR + 1.95 * HOUR)
            assert press.asked() == n + 1

    press.play(press.feeds(url), scenes)


def test_an_answer_of_429_holds_every_feed_of_the_host_and_of_no_other(press: Press) -> None:
    busy, quiet = press.publisher.url("/busy.xml"), press.publisher.publish("/quiet.xml", BODY)
    with Publisher() as other:
        press.publisher.publish("/busy.xml", BODY)

        async def scenes(once: Round) -> None:
            await once(timedelta())
            before = press.asked("/quiet.xml")
            press.publisher.script("/busy.xml", Reply(status=429, headers={"Retry-After": "7200"}))
            press.publisher.script("/quiet.xml", Reply(body=BODY))
            await once(HOUR)
            at_once = press.asked("/quiet.xml")
            assert at_once <= before + 1
            for minutes in (20, 60, 119):
                await once(HOUR + minutes * MINUTE)
                assert (press.asked("/busy.xml"), press.asked("/quiet.xml")) == (2, at_once)
            assert len(other.hits) == 5
            await once(HOUR + 127 * MINUTE)
            assert (press.asked("/busy.xml"), press.asked("/quiet.xml")) == (3, at_once + 1)

        press.play(press.feeds(busy, quiet, other.publish("/feed.xml", BODY)), scenes)


def test_an_answer_of_503_holds_its_own_feed_alone(press: Press) -> None:
    sick = press.publisher.script("/sick.xml", Reply(status=503, headers={"Retry-After": "7200"}))
    well = press.publisher.publish("/well.xml", BODY)

    async def scenes(once: Round) -> None:
        await once(timedelta())
        await once(HOUR)
        assert (press.asked("/sick.xml"), press.asked("/well.xml")) == (1, 2)

    press.play(press.feeds(sick, well), scenes)


def test_a_start_asks_nobody_who_is_not_due(press: Press) -> None:
    url = press.publisher.publish("/feed.xml", BODY)

    async def scenes(once: Round) -> None:
        for _ in range(5):
            await once(timedelta())
        assert press.asked() == 1

    press.play(press.feeds(url), scenes)


def test_a_start_after_an_outage_is_no_rush_and_a_new_feed_is_asked_at_once(press: Press) -> None:
    urls = [press.publisher.publish(f"/{n}.xml", BODY) for n in range(30)]
    config = press.feeds(*urls)
    grown = press.feeds(*urls, press.publisher.publish("/new.xml", BODY))

    async def whole() -> None:
        async with wire(config.settings) as opened:
            with press.store(timedelta()) as store:
                await Daemon(config, store, opened).once()
            assert len(press.publisher.hits) == 30
            with press.store(5 * HOUR) as store:
                daemon = Daemon(grown, store, opened)
                running = asyncio.create_task(daemon.run())
                while not press.asked("/new.xml"):
                    await asyncio.sleep(0.01)
                daemon.stop()
                await running

    asyncio.run(whole())
    assert len(press.publisher.hits) <= 30 + 1 + 3
