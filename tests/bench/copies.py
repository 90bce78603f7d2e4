"""How well copies are recognised: which share joins its story, what is joined wrongly, articles a second of CPU."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import replace

from monitor.articles.similar import nearest, sketch
from monitor.model import Article, Head, StoryId
from tests.bench.table import Table
from tests.build import article
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


def recalls() -> Table:
    """Return which share of copies is recognised, by what was done to them."""
    sets = [("invented", invented()), ("real", real())]
    given = [(name, bases) for name, bases in sets if bases]
    rows = [
        (how, *(recall(bases, (copied(each, how, each.id) for each in bases)) for _, bases in given)) for how in COPIES
    ]
    cyrillic = in_serbian()
    rows.append(("in the other script", recall(cyrillic, map(in_latin, cyrillic)), *("" for _ in given[1:])))
    header = ("copies", *(f"{name} ({len(bases)})" for name, bases in given))
    return Table(title="Copies that join their story", header=header, rows=rows)


def merges() -> Table:
    """Return which share of reports from one template joins a story that it does not tell."""
    rows = [(kind, merged(reports(kind)), merged(reports(kind, outlet="one"))) for kind in TEMPLATES]
    rows.append(("invented articles", merged(invented()), merged(replace(each, outlet="one") for each in invented())))
    if found := real():
        rows.append(("real articles", merged(found), merged(replace(each, outlet="one") for each in found)))
    header = (f"{TEMPLATED} of each", "each of another outlet", "all of one outlet")
    return Table(title="Joined although they tell of something else", header=header, rows=rows)
