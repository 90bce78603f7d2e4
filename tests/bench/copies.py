"""How well copies are recognised: which share joins its story, what is joined wrongly, articles a second of CPU."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from random import Random
from tempfile import TemporaryDirectory
from time import process_time

from monitor.articles.similar import nearest, sketch
from monitor.model import Article, FeedId, Head, StoryId
from monitor.store import Store, upgrade
from tests.bench.table import Table
from tests.build import NOON, article, sighting
from tests.conftest import CORPUS
from tests.prose import COPIES, LATIN, TEMPLATES, copied, sentences, serbian, templated

INVENTED = 300
TEMPLATED = 300  # reports of each kind


def invented(count: int = INVENTED) -> tuple[Article, ...]:
    """Return *count* invented articles of 6 to 40 sentences, each by an outlet of its own."""
    return tuple(_article(sentences(f"base {n}", 6 + n % 35), f"outlet {n}") for n in range(count))


def in_serbian(count: int = INVENTED) -> tuple[Article, ...]:
    """Return *count* invented articles in Cyrillic."""
    return tuple(_article(serbian(f"base {n}", 4 + n % 30), f"лист {n}") for n in range(count))


def real() -> tuple[Article, ...]:
    """Return the real articles of 80 words or more that lie beside the checkout; none where they do not."""
    path = CORPUS / "articles.jsonl"
    rows = [json.loads(line) for line in path.read_text().splitlines()] if path.is_file() else []
    return tuple(
        _article((row["title"], *filter(None, map(str.strip, row["text"].split("\n")))), f"outlet {n}")
        for n, row in enumerate(rows)
        if len(row["text"].split()) >= 80
    )


def reports(kind: str, count: int = TEMPLATED, outlet: str | None = None) -> tuple[Article, ...]:
    """Return *count* reports of one *kind*, each about something else; of one *outlet*, or each of its own."""
    return tuple(_article(templated(kind, n), outlet or f"outlet {n}") for n in range(count))


def _article(told: Sequence[str], outlet: str) -> Article:
    headline, lede, *body = told
    address = f"https://{outlet}.example/{headline}".replace(" ", "-")
    return article(headline.strip("."), url=address, lede=lede, body=tuple(body), outlet=outlet)


def in_latin(each: Article) -> Article:
    """Return *each*, which is in Serbian Cyrillic, as an outlet that writes Latin carries it."""
    told = (each.headline or "", each.lede or "", *each.body)
    return _article([text.translate(LATIN) for text in told], f"{each.outlet} latin")


def recall(bases: Sequence[Article], copies: Iterable[Article]) -> float:
    """Return which share of *copies*, one of each of *bases*, joins the story of its base and no other."""
    heads = [_head(each) for each in bases]
    joined = [nearest(sketch(copy), heads) == head.story for copy, head in zip(copies, heads, strict=True)]
    return sum(joined) / len(joined)


def merged(different: Iterable[Article]) -> float:
    """Return which share of articles, no two of which tell the same, joins the story of one before it."""
    heads: list[Head] = []
    joined = []
    for each in different:
        joined.append(nearest(sketch(each), heads) is not None)
        heads.append(_head(each))
    return sum(joined) / len(joined)


def _head(each: Article) -> Head:
    return Head(story=StoryId(each.id), sketch=sketch(each))


def rate(count: int = 1_000, at_once: int = 20) -> float:
    """Return how many articles, half of them copies, are sketched, looked up and kept in a second of CPU on SQLite.

    They come *at_once* in a transaction; keeping the articles themselves is left out.
    """
    bases = invented(count // 2)
    arriving = [*bases, *(copied(each, "5 % of words edited", each.id) for each in bases)]
    Random(0).shuffle(arriving)
    spent = 0.0
    with TemporaryDirectory() as folder:
        store = Store(f"sqlite:///{folder}/copies.db")
        upgrade(store)
        for start in range(0, count, at_once):
            with store.transaction() as tx:
                listed = [sighting(each) for each in arriving[start : start + at_once]]
                arrived = tx.articles.add(FeedId("wire"), listed, NOON)
                began = process_time()
                tx.stories.join(arrived, NOON, sketch=sketch, nearest=nearest)
                spent += process_time() - began
        store.close()
    return count / spent


def rows() -> Table:
    """Return which share of copies is recognised, which share of other texts is joined wrongly, and how fast it is."""
    told: list[tuple[str, str, float]] = []
    for name, bases in (("invented", invented()), ("real", real())):
        told += [
            (f"recognised, of {len(bases)} {name} articles", how, recall(bases, [copied(b, how, b.id) for b in bases]))
            for how in (COPIES if bases else ())
        ]
    cyrillic = in_serbian()
    told.append(("recognised, of Serbian articles", "in the other script", recall(cyrillic, map(in_latin, cyrillic))))
    for kind in TEMPLATES:
        told.append(
            (f"joined wrongly, of {TEMPLATED} reports", f"{kind}, each of another outlet", merged(reports(kind)))
        )
        told.append(
            (f"joined wrongly, of {TEMPLATED} reports", f"{kind}, of one outlet", merged(reports(kind, outlet="a")))
        )
    for name, bases in (("invented", invented()), ("real", real())):
        if bases:
            told.append(
                (f"joined wrongly, of {len(bases)} {name} articles", "that tell of other things", merged(bases))
            )
    told += [("articles a second of CPU", f"{at_once} in a transaction", rate(at_once=at_once)) for at_once in (1, 20)]
    return Table(
        title="Copies",
        header=("what", "of what", "figure"),
        rows=told,
        note="Half of the articles whose rate is measured are copies; sketch, look-up and rows on SQLite are counted.",
    )
