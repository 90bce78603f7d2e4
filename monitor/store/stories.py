"""Stories: which article tells which, and the landmarks by which later copies find them."""

from __future__ import annotations

import json
import struct
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from itertools import islice
from typing import Any

from sqlalchemy import Connection, Row, bindparam, delete, exists, or_, select, update
from sqlalchemy.dialects import postgresql, sqlite

from monitor.model import Article, ArticleId, Head, Sketch, Story, StoryId
from monitor.store.insert import BATCH, add_missing
from monitor.store.instants import instant, stamp
from monitor.store.tables import articles, landmarks, stories

SketchOf = Callable[[Article], Sketch]
Nearest = Callable[[Sketch, Iterable[Head]], StoryId | None]
Ways = dict[int, dict[int, StoryId]]
"""Where landmarks lead: hash → nth → story."""

MOST_COMPARED = 8  # first articles, those that share the most landmarks
MOST_STORIES = 12  # that a landmark leads to; what more of them share, a paper's standing phrase, leads nowhere


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
        told, claims = self._look(new, nearest)
        if not self._claim(claims, now):
            told, _ = self._look(new, nearest)
            # What was refused is not claimed anew: claims out of their order could deadlock, and enough is left.
            self._give_up([claim for claim in claims if claim["story_id"] not in told.values()])
        founded = [id for id, story in told.items() if story == StoryId(id)]
        add_missing(self._connection, stories, [_row(id, new[id], now) for id in founded])
        self._write({id: story for id, story in told.items() if story != StoryId(id)})
        return told

    def find(self, ids: Iterable[StoryId]) -> dict[StoryId, Story]:
        """Return the stories *ids* as far as they are known now: how many articles, and whose."""
        outlets: dict[StoryId, list[str | None]] = {}
        for batch in _batches(sorted(set(ids))):
            told = select(articles.c.story_id, articles.c.outlet).where(articles.c.story_id.in_(batch))
            is_copy = articles.c.id != articles.c.story_id  # copies in the same document were seen at the same time
            for row in self._connection.execute(told.order_by(is_copy, articles.c.seen_at, articles.c.id)):
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
        is_founder = exists(select(stories.c.id).where(stories.c.id == articles.c.id))
        found: dict[ArticleId, StoryId] = {}
        for batch in _batches(sorted(ids)):
            known = select(articles.c.id, articles.c.story_id).where(
                articles.c.id.in_(batch), or_(articles.c.story_id != articles.c.id, is_founder)
            )
            found |= {ArticleId(row.id): StoryId(row.story_id) for row in self._connection.execute(known)}
        return found

    def _look(
        self, new: Mapping[ArticleId, Sketch], nearest: Nearest
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
                claims += _claims(ways, own, sketch)
        return told, claims

    def _ways(self, hashes: Collection[int]) -> Ways:
        ways: Ways = {hash: {} for hash in hashes}
        for batch in _batches(sorted(hashes)):
            for row in self._connection.execute(
                select(landmarks.c.hash, landmarks.c.nth, landmarks.c.story_id).where(landmarks.c.hash.in_(batch))
            ):
                ways[row.hash][row.nth] = StoryId(row.story_id)
        return ways

    def _heads(self, ids: Collection[StoryId]) -> dict[StoryId, Head]:
        found: dict[StoryId, Head] = {}
        for batch in _batches(sorted(ids)):
            kept = select(stories).where(stories.c.id.in_(batch), stories.c.sketch.is_not(None))
            found |= {StoryId(row.id): _head(row) for row in self._connection.execute(kept)}
        return found

    # -------------------------------------------------------------- what is kept of it

    def _claim(self, claims: Sequence[Mapping[str, Any]], now: datetime) -> bool:
        """Return whether all of *claims* were free; in the order of their keys, or two who claim would deadlock."""
        if not claims:
            return True
        ordered = sorted(claims, key=lambda claim: (claim["hash"], claim["nth"]))
        insert = postgresql.insert if self._connection.dialect.name == "postgresql" else sqlite.insert
        kept = self._connection.execute(
            insert(landmarks).on_conflict_do_nothing(),
            [{**claim, "seen_at": stamp(now)} for claim in ordered],
            execution_options={"preserve_rowcount": True},
        )
        return kept.rowcount == len(claims)

    def _give_up(self, claims: Sequence[Mapping[str, Any]]) -> None:
        if claims:
            ours = [landmarks.c[name] == bindparam(f"of_{name}") for name in ("hash", "nth", "story_id")]
            rows = [{f"of_{name}": value for name, value in claim.items()} for claim in claims]
            self._connection.execute(delete(landmarks).where(*ours), rows)

    def _write(self, told: Mapping[ArticleId, StoryId]) -> None:
        """Keep the stories that articles have joined, in the articles' own documents, too."""
        for batch in _batches(sorted(told)):
            kept = select(articles.c.id, articles.c.document).where(articles.c.id.in_(batch))
            rows = [
                {"of": row.id, "story": told[row.id], "now": _with_story(row.document, told[row.id])}
                for row in self._connection.execute(kept.order_by(articles.c.id))
            ]
            change = update(articles).where(articles.c.id == bindparam("of"))
            self._connection.execute(change.values(story_id=bindparam("story"), document=bindparam("now")), rows)


def _leads(ways: Ways, id: ArticleId, sketch: Sketch) -> list[StoryId]:
    """Return the stories that share the most landmarks with the article *id*, its own left out."""
    found = Counter(story for hash in sketch.landmarks for story in ways[hash].values() if story != StoryId(id))
    return [story for story, _ in found.most_common(MOST_COMPARED)]


def _claims(ways: Ways, story: StoryId, sketch: Sketch) -> list[dict[str, Any]]:
    """Return the landmarks by which copies will find *story*, which takes its place among others in *ways*."""
    claims = []
    for hash in sketch.landmarks:
        if len(taken := ways[hash]) < MOST_STORIES:
            nth = max(taken, default=0) + 1
            taken[nth] = story
            claims.append({"hash": hash, "nth": nth, "story_id": story})
    return claims


def _batches(ids: Iterable[Any]) -> Iterable[list[Any]]:
    remaining = iter(ids)
    while batch := list(islice(remaining, BATCH)):
        yield batch


def _with_story(document: str, story: StoryId) -> str:
    return json.dumps({**json.loads(document), "story": story}, ensure_ascii=False, separators=(",", ":"))


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
