"""Real pages beside what people found on them: text, day and headline, and trafilatura's own reading of the last.

The pages are in two halves, told by the hash of a page's name: one to learn from, one only to be counted.
"""

from __future__ import annotations

import csv
import gzip
import hashlib
import json
import re
import sys
import time
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from statistics import fmean

import trafilatura
from trafilatura.utils import decode_file

from monitor import dates
from monitor.articles.page import article_from_html
from monitor.text import plain_words
from tests.bench.table import Table
from tests.conftest import CORPUS

SEEN = datetime(2026, 11, 1, 12, tzinfo=UTC)
UNSPACED = re.compile(r"[\u3040-\u9fff]")


@dataclass(frozen=True, slots=True, kw_only=True)
class Score:
    """How much of one page came out right; None where nobody said what is."""

    half: str
    text: float | None  # F1 of the words
    day: bool | None
    headline: bool  # the same words
    near: bool  # F1 of the words above .7
    theirs: bool  # trafilatura's title has the same words
    seconds: float  # of CPU


def rows() -> Table:
    """Return the table: each half of the pages with the shares that came out right; none without the documents."""
    scores = list(_scores(CORPUS / "pages")) if CORPUS.is_dir() else []
    halves = {half: [score for score in scores if score.half == half] for half in ("development", "held out")}
    return Table(
        title="Real pages",
        header=(
            "half",
            "pages",
            "text: word F1",
            "day",
            "headline",
            "nearly",
            "trafilatura's headline",
            "pages a second",
        ),
        rows=[_row(name, found) for name, found in (*halves.items(), ("both", scores)) if found],
        note="headline: the same words as a person, or the tool of the page's collection, wrote down; nearly: word F1 "
        "above .7.  Seconds are of one CPU.",
    )


def _row(name: str, scores: list[Score]) -> tuple[str | float, ...]:
    return (
        name,
        len(scores),
        fmean(score.text for score in scores if score.text is not None),
        fmean(score.day for score in scores if score.day is not None),
        fmean(score.headline for score in scores),
        fmean(score.near for score in scores),
        fmean(score.theirs for score in scores),
        len(scores) / sum(score.seconds for score in scores),
    )


def _scores(pages: Path) -> Iterator[Score]:
    with (pages / "index.csv").open(encoding="utf-8", newline="") as index:
        for row in csv.DictReader(index):
            gold = json.loads((pages / row["gold"]).read_text(encoding="utf-8"))
            yield _score(row["file"], gzip.decompress((pages / row["file"]).read_bytes()), row["url"] or None, gold)


def _score(name: str, page: bytes, url: str | None, gold: Mapping[str, str | None]) -> Score:
    before = time.process_time()
    article = article_from_html(page, None, url=url, seen_at=SEEN)
    seconds = time.process_time() - before
    told = dates.published(gold.get("date"))
    title, text = gold["title"] or "", gold.get("text")
    theirs = trafilatura.extract_metadata(decode_file(page), default_url=url).title
    return Score(
        half="held out" if hashlib.sha256(name.encode()).digest()[0] % 2 else "development",
        text=alike(" ".join([article.lede or "", *article.body]), text) if text else None,
        day=(article.published is not None and article.published.at.date() == told.at.date()) if told else None,
        headline=plain_words(article.headline or "") == plain_words(title),
        near=alike(article.headline or "", title) > 0.7,
        theirs=plain_words(theirs or "") == plain_words(title),
        seconds=seconds,
    )


def alike(one: str, other: str) -> float:
    """Return the F1 measure of the words that two texts share; of their letters, where words are not parted."""
    ours, theirs = _counted(one), _counted(other)
    return 2 * (ours & theirs).total() / max(1, ours.total() + theirs.total())


def _counted(text: str) -> Counter[str]:
    return Counter(re.findall(r"\w" if UNSPACED.search(text) else r"\w+", text.casefold()))


if __name__ == "__main__":
    sys.stdout.write(rows().markdown() + "\n")
