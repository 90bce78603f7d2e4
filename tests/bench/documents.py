"""The feeds that are polled: real ones where they lie beside the checkout, else feeds of our own; and their editions.

An edition is a feed as it stands later: with its bytes changed and nothing
new, or with one item more for every turn.  It follows from the document and
two numbers alone, so every client meets the same.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from tests.conftest import CORPUS

REAL = CORPUS / "feeds"
KINDS = {"rss": "rss+xml", "atom": "atom+xml", "rdf": "rdf+xml", "json": "feed+json"}
OWN = 300  # feeds of our own, where there are no real ones

ITEM = re.compile(rb"<((?:\w+:)?(?:item|entry))(?=[\s>]).*?</\1\s*>", re.DOTALL)
NAMED = re.compile(
    rb"(<(?:\w+:)?(?:guid|id|link|title)\b[^<>]*(?<!/)>\s*(?:<!\[CDATA\[)?)([^<>\]]+)"
    rb"|(\b(?:rdf:about|href)\s*=\s*[\"'])([^\"']*)"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Feed:
    """A document as it is published first."""

    name: str
    content_type: str
    body: bytes

    def edition(self, *, changed: int = 0, news: int = 0) -> bytes:
        """Return the document after so many changes that say nothing, and with so many items more than at first."""
        body = _with_news(self.body, news)
        mark = b"\n<!-- %d -->" % changed if b"<" in body[:200] else b"\n" * changed
        return body + mark if changed else body


def feeds() -> tuple[Feed, ...]:
    """Return the real feeds that can have one item more, or our own."""
    found = tuple(_read(path) for path in sorted(REAL.glob("*")) if path.suffix[1:] in KINDS)
    return tuple(each for each in found if each.edition(news=1) != each.body) or tuple(map(small, range(OWN)))


def small(n: int, items: int = 30) -> Feed:
    """Return a feed of our own: RSS or Atom, one in ten of them broken in one of the usual ways."""
    form, break_it = (_rss, _atom)[n % 2], BREAKS[n // 10 % len(BREAKS)] if n % 10 == 9 else bytes
    body = form(n, [(f"paper-{n}-{k}", f"Story {k} of paper {n}") for k in range(items)])
    return Feed(name=f"paper-{n}", content_type=f"application/{KINDS[('rss', 'atom')[n % 2]]}", body=break_it(body))


def _read(path: Path) -> Feed:
    return Feed(name=path.name, content_type=f"application/{KINDS[path.suffix[1:]]}", body=path.read_bytes())


# ------------------------------------------------------------------ one item more


def _with_news(body: bytes, news: int) -> bytes:
    if news and body.lstrip()[:1] == b"{":
        return _with_news_in_json(body, news)
    found = ITEM.search(body)
    if found is None or not news:
        return body
    more = b"\n".join(NAMED.sub(_renamed(n), found[0]) for n in range(news, 0, -1))
    return body[: found.start()] + more + b"\n" + body[found.start() :]


def _renamed(n: int) -> Callable[[re.Match[bytes]], bytes]:
    """Return what gives an item's ids, links and titles an ending of their own."""
    return lambda found: (found[1] or found[3]) + (found[2] or found[4] or b"").rstrip() + b"-new-%d" % n


def _with_news_in_json(body: bytes, news: int) -> bytes:
    listing = json.loads(body)
    if first := next(iter(listing.get("items", ())), None):
        named = {key: first[key] for key in ("id", "url", "title") if isinstance(first.get(key), str)}
        more = [first | {key: f"{value}-new-{n}" for key, value in named.items()} for n in range(news, 0, -1)]
        listing["items"] = more + listing["items"]
    return json.dumps(listing, ensure_ascii=False).encode()


# ------------------------------------------------------------------ feeds of our own

TEXT = " ".join(f"The council of town number {k} spoke about the bridge, and put the vote off." for k in range(12))
BREAKS: tuple[Callable[[bytes], bytes], ...] = (
    lambda body: b"\n" + body,
    lambda body: body.replace(b"the bridge", b"the bridge & the road"),
    lambda body: body.replace(b"the vote", b"the\x03 vote"),
)


def _rss(n: int, items: list[tuple[str, str]]) -> bytes:
    told = "".join(
        f"<item><title>{title}</title><link>https://paper-{n}.example/{id}</link><guid isPermaLink='false'>{id}</guid>"
        f"<pubDate>Mon, 02 Nov 2026 {k % 24:02}:00:00 GMT</pubDate><description>{TEXT}</description></item>"
        for k, (id, title) in enumerate(items)
    )
    return (
        f'<?xml version="1.0" encoding="utf-8"?><rss version="2.0"><channel><title>Paper {n}</title>'
        f"<link>https://paper-{n}.example/</link>{told}</channel></rss>"
    ).encode()


def _atom(n: int, items: list[tuple[str, str]]) -> bytes:
    told = "".join(
        f'<entry><title>{title}</title><link href="https://paper-{n}.example/{id}"/><id>tag:paper-{n}.example,{id}</id>'
        f"<updated>2026-11-02T{k % 24:02}:00:00Z</updated><summary>{TEXT}</summary></entry>"
        for k, (id, title) in enumerate(items)
    )
    return (
        f'<?xml version="1.0" encoding="utf-8"?><feed xmlns="http://www.w3.org/2005/Atom"><title>Paper {n}</title>'
        f"<id>tag:paper-{n}.example</id><updated>2026-11-02T00:00:00Z</updated>{told}</feed>"
    ).encode()
