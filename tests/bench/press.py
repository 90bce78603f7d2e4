"""The other side of the wire, a process of its own: publishes feeds, each on its own host, edition after edition."""

from __future__ import annotations

import multiprocessing
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing.connection import Connection

from tests.bench.documents import Feed
from tests.serving import Publisher


@dataclass(frozen=True, slots=True, kw_only=True)
class Press:
    """Where the feeds stand, and the way to have a new edition of all of them."""

    urls: tuple[str, ...]
    pipe: Connection

    def publish(self, *, changed: int = 0, news: int = 0) -> None:
        """Publish the edition of every feed; it is out on return."""
        self.pipe.send((changed, news))
        self.pipe.recv()


@contextmanager
def press(feeds: Sequence[Feed]) -> Iterator[Press]:
    """Publish *feeds* while inside.  Nobody polls two feeds over one connection: on Linux all of 127/8 is this host."""
    ours, theirs = multiprocessing.Pipe()
    server = multiprocessing.get_context("spawn").Process(target=_serve, args=(theirs, feeds), daemon=True)
    server.start()
    port = ours.recv()
    urls = tuple(f"http://127.{1 + n // 65_025}.{n // 255 % 255}.{1 + n % 255}:{port}/{n}" for n in range(len(feeds)))
    try:
        yield Press(urls=urls, pipe=ours)
    finally:
        ours.send(None)
        server.join()


def _serve(pipe: Connection, feeds: Sequence[Feed]) -> None:
    with Publisher(host="0.0.0.0") as publisher:
        _publish(publisher, feeds, 0, 0)
        pipe.send(publisher.port)
        while edition := pipe.recv():
            _publish(publisher, feeds, *edition)
            pipe.send(None)


def _publish(publisher: Publisher, feeds: Sequence[Feed], changed: int, news: int) -> None:
    for n, feed in enumerate(feeds):
        publisher.publish(f"/{n}", feed.edition(changed=changed, news=news), content_type=feed.content_type)
