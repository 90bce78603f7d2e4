"""Stories: which article tells which, and the landmarks by which later copies find them."""

from __future__ import annotations

import json
import struct
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import replace
from datetime import datetime
from itertools import islice
from typing import Any

from sqlalchemy import Connection, Row, bindparam, delete, exists, func, or_, select, update

from monitor.model import Article, ArticleId, Head, Sketch, Story, StoryId
from monitor.store.batches import OF, look_up
from monitor.store.insert import count_added
from monitor.store.instants import instant, stamp
from monitor.store.tables import articles, landmarks, stories

SketchOf = Callable[[Article], Sketch]
Nearest = Callable[[Sketch, Iterable[Head]], StoryId | None]
Ways = dict[int, dict[int, StoryId]]
"""Where landmarks lead: hash → nth → story."""

MOST_COMPARED = 8  # first articles, those that share the most landmarks
MOST_STORIES = 12  # that a landmark leads to; what more of them share, a paper's standing phrase, leads nowhere


_IS_FOUNDER = exists(select(stories.c.id).where(stories.c.id == articles.c.id))
_IS_COPY = articles.c.id != articles.c.story_id

# Built once: a poll that brings one article asks all of them.
JOINED = select(articles.c.id, articles.c.story_id).where(articles.c.id.in_(OF), or_(_IS_COPY, _IS_FOUNDER))
LANDMARKS = select(landmarks.c.hash, landmarks.c.nth, landmarks.c.story_id).where(landmarks.c.hash.in_(OF))
FIRST_ARTICLES = select(stories).where(stories.c.id.in_(OF), stories.c.sketch.is_not(None))
TOLD_BY = (
    select(articles.c.story_id, articles.c.outlet)
    .where(articles.c.story_id.in_(OF))
    .order_by(_IS_COPY, articles.c.seen_at, articles.c.id)  # copies in the same document were seen at the same time
)
ARTICLE_JOINED = (
    update(articles)
    .where(articles.c.id == bindparam("of"))
    .values(
        story_id=bindparam("story"),
        document=func.replace(articles.c.document, bindparam("own"), bindparam("joined")),
    )
)
CLAIM_GIVEN_UP = delete(landmarks).where(
    landmarks.c.hash == bindparam("of_hash"),
    landmarks.c.nth == bindparam("of_nth"),
    landmarks.c.story_id == bindparam("of_story_id"),
)


class StoryRows:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def join(
        self, arrived: Iterable[Article], now: datetime, *, sketch: SketchOf, nearest: Nearest
    ) -> tuple[Article, ...]:
        """Return *arrived*, which are kept already, each with its story: the one that *nearest* finds, or its own.

        An article keeps the story that it has once joined.
        """
        all = tuple(arrived)
        told = self._joined({each.id for each in all})
        new = {each.id: sketch(each) for each in all if each.id not in told}
        if new:
            told |= self._join(new, nearest, now)
        return tuple(replace(each, story=told[each.id]) for each in all)

    def _join(self, new: Mapping[ArticleId, Sketch], nearest: Nearest, now: datetime) -> dict[ArticleId, StoryId]:
        """Return the stories of *new* articles, and keep them.

        A landmark's nth story is a key, so of two transactions that bring copies
        of each other at once the second waits for the first, is refused what
        both claim, looks again and joins.
        """
        told, claims = self._look(new, nearest, now)
        if not self._claim(claims):
            told, _ = self._look(new, nearest, now)
            # What was refused is not claimed anew: claims out of their order could deadlock, and enough is left.
            self._give_up([claim for claim in claims if claim["story_id"] not in told.values()])
        founded = [id for id, story in told.items() if story == StoryId(id)]
        count_added(self._connection, stories, [_row(id, new[id], now) for id in sorted(founded)])
        self._write({id: story for id, story in told.items() if story != StoryId(id)})
        return told

    def find(self, ids: Iterable[StoryId]) -> dict[StoryId, Story]:
        """Return the stories *ids* as far as they are known now: how many articles, and whose."""
        outlets: dict[StoryId, list[str | None]] = {}
        for row in look_up(self._connection, TOLD_BY, ids):
            outlets.setdefault(StoryId(row.story_id), []).append(row.outlet)
        return {
            id: Story(id=id, articles=len(found), outlets=tuple(dict.fromkeys(filter(None, found))))
            for id, found in outlets.items()
        }

    def forget_sketches(self, before: datetime) -> None:
        """Let nothing join the stories that began before *before* any more."""
        old = stories.c.seen_at < stamp(before), stories.c.sketch.is_not(None)
        self._connection.execute(update(stories).where(*old).values(sketch=None))
        self._connection.execute(delete(landmarks).where(landmarks.c.seen_at < stamp(before)))

    def prune(self, before: datetime) -> None:
        """Forget the stories that began before *before* and of which no article is kept."""
        is_told = exists(select(articles.c.id).where(articles.c.story_id == stories.c.id))
        self._connection.execute(delete(stories).where(stories.c.seen_at < stamp(before), ~is_told))

    # -------------------------------------------------------------- which story

    def _joined(self, ids: Collection[ArticleId]) -> dict[ArticleId, StoryId]:
        """Return the stories of those of *ids* that have joined or founded one."""
        return {ArticleId(row.id): StoryId(row.story_id) for row in look_up(self._connection, JOINED, ids)}

    def _look(
        self, new: Mapping[ArticleId, Sketch], nearest: Nearest, now: datetime
    ) -> tuple[dict[ArticleId, StoryId], list[dict[str, Any]]]:
        """Return the story of each of *new*, one after the other, and the landmarks that those claim who found one."""
        ways = self._ways({hash for sketch in new.values() for hash in sketch.landmarks})
        heads = self._heads({story for id, sketch in new.items() for story in _leads(ways, id, sketch)})
        told: dict[ArticleId, StoryId] = {}
        claims = []
        for id, sketch in new.items():
            own = StoryId(id)
            known = (heads[story] for story in _leads(ways, id, sketch) if story in heads)
            told[id] = nearest(sketch, known) or own
            if told[id] == own:
                heads[own] = Head(story=own, sketch=sketch)
                claims += _claims(ways, own, sketch, stamp(now))
        return told, claims

    def _ways(self, hashes: Collection[int]) -> Ways:
        ways: Ways = {hash: {} for hash in hashes}
        for row in look_up(self._connection, LANDMARKS, hashes):
            ways[row.hash][row.nth] = StoryId(row.story_id)
        return ways

    def _heads(self, ids: Collection[StoryId]) -> dict[StoryId, Head]:
        return {StoryId(row.id): _head(row) for row in look_up(self._connection, FIRST_ARTICLES, ids)}

    # -------------------------------------------------------------- what is kept of it

    def _claim(self, claims: Iterable[Mapping[str, Any]]) -> bool:
        """Return whether all of *claims* were free; in the order of their keys, or two who claim would deadlock."""
        ordered = sorted(claims, key=lambda claim: (claim["hash"], claim["nth"]))
        return count_added(self._connection, landmarks, ordered) == len(ordered)

    def _give_up(self, claims: Iterable[Mapping[str, Any]]) -> None:
        if rows := [{f"of_{name}": value for name, value in claim.items()} for claim in claims]:
            self._connection.execute(CLAIM_GIVEN_UP, rows)

    def _write(self, told: Mapping[ArticleId, StoryId]) -> None:
        """Keep the stories that articles have joined, in the articles' own documents, too."""
        if rows := [
            {"of": id, "story": story, "own": _as_written(id), "joined": _as_written(story)}
            for id, story in sorted(told.items())
        ]:
            self._connection.execute(ARTICLE_JOINED, rows)


def _leads(ways: Ways, id: ArticleId, sketch: Sketch) -> list[StoryId]:
    """Return the stories that share the most landmarks with the article *id*, its own left out."""
    found = Counter(story for hash in sketch.landmarks for story in ways[hash].values() if story != StoryId(id))
    return [story for story, _ in found.most_common(MOST_COMPARED)]


def _claims(ways: Ways, story: StoryId, sketch: Sketch, seen_at: int) -> list[dict[str, Any]]:
    """Return the landmarks by which copies will find *story*, which takes its place among others in *ways*."""
    claims = []
    for hash in sketch.landmarks:
        if len(taken := ways[hash]) < MOST_STORIES:
            nth = max(taken, default=0) + 1
            taken[nth] = story
            claims.append({"hash": hash, "nth": nth, "story_id": story, "seen_at": seen_at})
    return claims


def _as_written(id: str) -> str:
    """Return how a canonical article, which `articles.py` keeps without spaces, names the story *id*."""
    return f'"story":{json.dumps(id)}'


# ------------------------------------------------------------------ a sketch as bytes

PARTS = ("runs", "words", "names", "figures", "headline", "headline_figures")
_LENGTHS = struct.Struct(f"<{len(PARTS)}H")


def _row(id: ArticleId, sketch: Sketch, now: datetime) -> dict[str, object]:
    return {
        "id": id,
        "seen_at": stamp(now),
        "appeared_at": stamp(sketch.at),
        "publisher": sketch.publisher,
        "sketch": _packed(sketch),
    }


def _packed(sketch: Sketch) -> bytes:
    """Return the lengths of the parts of *sketch*, of two bytes each, and the parts, of four bytes a hash."""
    parts = [tuple(getattr(sketch, name)) for name in PARTS]
    hashes = [hash for part in parts for hash in part]
    return _LENGTHS.pack(*map(len, parts)) + struct.pack(f"<{len(hashes)}I", *hashes)


def _head(row: Row[Any]) -> Head:
    remaining = iter(struct.unpack_from(f"<{(len(row.sketch) - _LENGTHS.size) // 4}I", row.sketch, _LENGTHS.size))
    runs, *sets = (tuple(islice(remaining, length)) for length in _LENGTHS.unpack_from(row.sketch))
    words, names, figures, headline, headline_figures = map(frozenset, sets)
    return Head(
        story=StoryId(row.id),
        sketch=Sketch(
            runs=runs,
            landmarks=frozenset(),  # they have led here
            words=words,
            names=names,
            figures=figures,
            headline=headline,
            headline_figures=headline_figures,
            publisher=row.publisher,
            at=instant(row.appeared_at),
        ),
    )
