"""`make bench`: what the flows cost beside the bare library that does the same on the wire, in one run.

Each figure is work per second of this process's CPU, the best of three turns,
with the two sides in turn; the servers are a process of their own.
"""

from __future__ import annotations

import asyncio
import multiprocessing
import re
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

import httpx2

from monitor import app
from monitor.alerts.decide import address
from monitor.dispatch import dispatch
from monitor.feeds.fetch import fetch
from monitor.guard import door
from monitor.model import Channel, ChannelId, Document, Feed, Fetched, Visits
from monitor.poll import Reading, poll, read_articles
from monitor.rules.load import load
from monitor.rules.match import match
from monitor.store import Store, upgrade
from monitor.tell import Watch
from tests.build import NOON, article, feed, message
from tests.serving import Publisher, Receiver
from tests.world.town import Story, rss

FEEDS = 300
SENDS = 300
RULES = 1_000
ARTICLES = 200
TURNS = 3
AT_ONCE = 16


def serve(pipe: object) -> None:
    """Publish feeds and receive webhooks until told to stop."""
    with Publisher() as publisher, Receiver() as receiver:
        for n in range(FEEDS):
            publisher.publish(f"/{n}", rss(f"paper-{n}", [Story(headline=f"Story {k} of {n}") for k in range(30)]))
        pipe.send((publisher.url(), receiver.url("/desk")))
        pipe.recv()


def rate(count: int, work: Callable[[], None]) -> float:
    """Return how many of *count* things *work* does in a second of CPU."""
    began = time.process_time()
    work()
    return count / (time.process_time() - began)


def best(count: int, ours: Callable[[], None], theirs: Callable[[], None]) -> tuple[float, float]:
    """Return the best rate of each side, the sides in turn."""
    pairs = [(rate(count, ours), rate(count, theirs)) for _ in range(TURNS)]
    return max(one for one, _ in pairs), max(other for _, other in pairs)


async def in_parallel(works: list[Callable[[], Awaitable[object]]]) -> None:
    places = asyncio.Semaphore(AT_ONCE)

    async def one(work: Callable[[], Awaitable[object]]) -> None:
        async with places:
            await work()

    await asyncio.gather(*map(one, works))


def polls(folder: Path, url: str) -> tuple[float, float]:
    """Return polls a second of CPU that come to "not modified", and bare conditional GETs of the same feeds."""
    store = Store(f"sqlite:///{folder}/polls.db")
    upgrade(store)
    feeds = {each.id: each for each in (feed(f"f{n}", url=f"{url}{n}", allow_private=True) for n in range(FEEDS))}
    watch = Watch(rules=load({}, channels=None), default_channel=None, alert_new_within=timedelta(days=1))
    etags: dict[str, str] = {}

    async def read(document: Document, of: Feed, visits: Visits, seen_at: datetime) -> Reading:
        return read_articles(document, of, visits, seen_at)

    async def ours() -> None:
        claims = await store.run(lambda tx: (tx.feeds.fall_due(list(feeds)), tx.feeds.claim(FEEDS))[1])
        async with door(user_agent="bench") as opened:

            async def asked(of: Feed, visits: Visits) -> Fetched:
                return await fetch(opened, of, visits, now=NOON)

            works = [
                partial(
                    poll,
                    claim,
                    feeds[claim.id],
                    watch,
                    fetch=asked,
                    read=read,
                    store=store,
                    clock=lambda: NOON,
                    draw=lambda: 0.5,
                )
                for claim in claims
            ]
            await in_parallel(works)

    async def theirs() -> None:
        async with httpx2.AsyncClient() as client:

            async def one(n: int) -> None:
                answer = await client.get(f"{url}{n}", headers={"if-none-match": etags.get(str(n), "")})
                etags.setdefault(str(n), answer.headers["etag"])

            await in_parallel([partial(one, n) for n in range(FEEDS)])

    with store.transaction() as tx:
        tx.feeds.take_up(feeds.values())
    asyncio.run(ours())
    asyncio.run(theirs())
    found = best(FEEDS, lambda: asyncio.run(ours()), lambda: asyncio.run(theirs()))
    store.close()
    return found


def deliveries(folder: Path, url: str) -> tuple[float, float]:
    """Return signed, recorded deliveries a second of CPU, and bare POSTs of the same bytes."""
    store = Store(f"sqlite:///{folder}/deliveries.db")
    upgrade(store)
    secret = "whsec_" + "A" * 32
    desk = Channel(id=ChannelId("desk"), type="webhook", url=url, secrets=(secret,), allow_private=True)
    body, turn = b'{"type":"alert.raised","data":"' + b"x" * 3_000 + b'"}', iter(range(1_000))

    def post() -> None:
        n = next(turn)
        with store.transaction() as tx:
            for k in range(SENDS):
                told = message(f"m{n}-{k}", subject=f"a{n}-{k}", body=body)
                tx.outbox.add([told], address(told, [desk.id]), NOON)

    async def ours() -> None:
        claims = await store.run(lambda tx: tx.outbox.claim(desk.id, SENDS))
        async with app.door(user_agent="bench") as opened:

            async def send(channel: Channel, delivery: object, told: object) -> object:
                return await app.webhook.send(opened, channel, delivery, told, now=datetime.now(UTC))  # noqa: TID251  receivers check the time

            works = [
                partial(
                    dispatch,
                    claim,
                    desk,
                    send=send,
                    store=store,
                    operators=None,
                    clock=lambda: NOON,
                    draw=lambda: 0.5,
                )
                for claim in claims
            ]
            await in_parallel(works)

    async def theirs() -> None:
        async with httpx2.AsyncClient() as client:

            async def one() -> None:
                (await client.post(url, content=body)).raise_for_status()

            await in_parallel([one] * SENDS)

    pairs = []
    for _ in range(TURNS):
        post()
        pairs.append((rate(SENDS, lambda: asyncio.run(ours())), rate(SENDS, lambda: asyncio.run(theirs()))))
    store.close()
    return max(one for one, _ in pairs), max(other for _, other in pairs)


def matching() -> tuple[float, float]:
    """Return articles a second of CPU against a thousand rules, and against a thousand compiled expressions."""
    words = [
        f"{first}{last}" for first in ("river", "harbour", "bridge", "council") for last in ("side", "head", "man")
    ]
    names = [f"{words[n % 12]} {words[n // 12 % 12]}{n}" for n in range(RULES)]
    listed = "".join(
        f"  - {{id: r{n}, title: r, match: {{any: [{name}], none: [football]}}}}\n" for n, name in enumerate(names)
    )
    rules = load({"rules/r.yaml": f"version: 1\nrules:\n{listed}"}, channels=None)
    expressions = [re.compile(rf"\b{re.escape(name)}\b", re.IGNORECASE) for name in names]
    texts = [" ".join(words[(n * k) % 12] for k in range(400)) + f" {names[n]}." for n in range(ARTICLES)]
    articles = [article(f"Headline {n}", body=(text,)) for n, text in enumerate(texts)]
    assert [len(match(rules, each)) for each in articles] == [1] * ARTICLES

    def ours() -> None:
        for each in articles:
            match(rules, each)

    def theirs() -> None:
        for text in texts:
            [expression for expression in expressions if expression.search(text)]

    return best(ARTICLES, ours, theirs)


def main() -> None:
    mine, other = multiprocessing.Pipe()
    server = multiprocessing.get_context("spawn").Process(target=serve, args=(other,), daemon=True)
    server.start()
    feeds_url, desk_url = mine.recv()
    rows = []
    with tempfile.TemporaryDirectory() as folder:
        rows.append(("polls that come to 304", "bare httpx2 GETs", *polls(Path(folder), feeds_url)))
        rows.append(("signed, recorded deliveries", "bare httpx2 POSTs", *deliveries(Path(folder), desk_url)))
    rows.append((f"articles against {RULES:,} rules", f"{RULES:,} compiled `re`", *matching()))
    mine.send(None)
    server.join()
    sys.stdout.write("| what | a CPU-second | peer | a CPU-second | ratio |\n|---|--:|---|--:|--:|\n")
    for what, peer, ours, theirs in rows:
        sys.stdout.write(f"| {what} | {ours:,.0f} | {peer} | {theirs:,.0f} | {ours / theirs:.2f} |\n")
