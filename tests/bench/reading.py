"""What reading a document costs beside `feedparser.parse` as it comes, on the same documents in one run."""

from __future__ import annotations

import io
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import feedparser

from monitor.feeds.parse import parse
from monitor.model import Document, Listing
from tests.bench.documents import Feed, feeds
from tests.bench.table import Table

TURNS = 2  # of which the better counts


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """A feed as it stood when it was read the last time, and as it stands now."""

    before: Listing
    now: Document


def rows(documents: Sequence[Feed] | None = None) -> Table:
    """Return how many documents a CPU-second reads: whole, changed without news, and with one new item."""
    read = documents or feeds()
    cases = {
        "everything is new": [Case(before=Listing(), now=_document(each)) for each in read],
        "changed, nothing new": [Case(before=parse(_document(each)), now=_document(each, changed=1)) for each in read],
        "one new item": [Case(before=parse(_document(each)), now=_document(each, news=1)) for each in read],
    }
    turns: dict[str, list[tuple[float, float]]] = {what: [] for what in cases}
    for _ in range(TURNS):
        for what, those in cases.items():
            ours = _spent(_again, those)
            theirs = _spent(lambda case: feedparser.parse(io.BytesIO(case.now.body)), those)
            turns[what].append((ours, theirs))
    best = {what: (min(one for one, _ in each), min(other for _, other in each)) for what, each in turns.items()}
    return Table(
        title="Reading a document",
        header=("document", "monitor, a CPU-second", "feedparser, a CPU-second", "ratio"),
        rows=[(what, len(read) / ours, len(read) / theirs, theirs / ours) for what, (ours, theirs) in best.items()],
        note=f"{len(read)} documents, the better of {TURNS} turns; decoding and repair included.",
    )


def _document(of: Feed, *, changed: int = 0, news: int = 0) -> Document:
    body = of.edition(changed=changed, news=news)
    return Document(url=f"https://{of.name}.example/", body=body, content_type=of.content_type)


def _again(case: Case) -> Listing:
    """Read *case* as a poll does: what had to be repaired is not known by its inside."""
    return parse(case.now, case.before.listed, None if case.before.note else case.before.inside)


def _spent(read: Callable[[Case], object], cases: Sequence[Case]) -> float:
    """Return the CPU seconds that *read* takes for all *cases*."""
    began = time.process_time()
    for case in cases:
        read(case)
    return time.process_time() - began


if __name__ == "__main__":
    sys.stdout.write(rows().markdown() + "\n")
