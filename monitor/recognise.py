"""What a feed lists → which known articles it names, what of them was edited, and what is back."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from monitor.articles.edits import MOST_CORRECTIONS, corrected, renewed, resurfaced
from monitor.articles.identity import article_of, own_address
from monitor.articles.rekeyed import Rekeyed, is_suspect, rekeyed
from monitor.model import Article, ArticleId, Change, Feed, Sighting, StoryId, Visits
from monitor.store import Tx
from monitor.store.articles import SightingRow

LOOKED_BACK = 4  # documents of the same length; other software may list more of the past than the old did


@dataclass(frozen=True, slots=True, kw_only=True)
class Recognised:
    """The entries of a document, each with the id of the article that we know it by."""

    entries: tuple[Sighting, ...] = ()
    known: Mapping[str, SightingRow] = field(default_factory=dict)  # by key: what was kept of them before
    back: frozenset[str] = frozenset()  # keys of those that the document before did not list
    rekeyed: Rekeyed | None = None  # where so much was new that it was looked into

    def is_rekeyed(self, entry: Sighting) -> bool:
        """Return whether *entry* is a known article under a new key."""
        return self.rekeyed is not None and entry.key in self.rekeyed.articles

    def new(self, fresh: Iterable[Article]) -> tuple[Article, ...]:
        """Return those of *fresh* that are no known articles under new keys."""
        bound = set(self.rekeyed.articles.values()) if self.rekeyed else set()
        return tuple(article for article in fresh if article.id not in bound)


@dataclass(frozen=True, slots=True, kw_only=True)
class Revised:
    """What happened to known articles."""

    edits: tuple[Change, ...] = ()  # corrections: rules are to read them again
    changes: tuple[Change, ...] = ()  # what was not written down before


def recognise(tx: Tx, feed: Feed, entries: Sequence[Sighting], before: Visits, *, listed: Sequence[int]) -> Recognised:
    """Return *entries*, which a document of *feed* lists, under the names that the polls before it gave them.

    *listed* are the fingerprints of everything in the document, and *before* is
    what those polls had taught.  A feed's first document names nothing anew.
    """
    known = tx.articles.sighted(feed.id, [each.key for each in entries])
    inquiry = _inquiry(tx, feed, entries, known, before=before, listed=listed)
    last = {key: row.article_id for key, row in known.items()}
    rewritten = [each for each in entries if _is_rewritten(each, known)]
    kept = _kept(tx, feed, rewritten, last)
    ids = last | {each.key: article_of(each, last.get(each.key), kept.get(each.key)) for each in rewritten}
    ids |= inquiry.articles if inquiry else {}
    reused = [key for key in known if ids[key] != last[key]]
    tx.articles.forget(feed.id, reused)
    return Recognised(
        entries=tuple(_named(each, ids[each.key]) for each in entries),
        known={key: row for key, row in known.items() if key not in reused},
        back=_back(entries, known, before.listed, listed),
        rekeyed=inquiry,
    )


def revise(tx: Tx, feed: Feed, found: Recognised, fresh: Iterable[Article], now: datetime) -> Revised:
    """Keep what the entries *found* that are not *fresh* say now, and return what happened to their articles.

    Only the feed that brought an article speaks for it: another one may carry
    the same page with a text of its own, and the two would correct each other
    for ever.  A known article under a new key, or at a new address, is kept as
    it stands now, and of the new keys nothing is said: a publisher that changes
    them all changes a bit of every text, too.  After MOST_CORRECTIONS of an
    article no more are written down; rules go on reading them, since a live page
    may come to say anything.
    """
    tx.articles.rewrite(
        feed.id, [each for each in found.entries if each.key in found.known and _is_rewritten(each, found.known)]
    )
    new = {article.id for article in fresh}
    met = {each.article.id: each for each in reversed(found.entries) if each.article.id not in new}
    kept = tx.articles.kept(
        id for id, each in met.items() if _is_rewritten(each, found.known) or each.key in found.back
    )
    own = {id: was for id, was in kept.items() if was.feed == feed.id}
    renamed, edits, back = [], [], []
    for id, was in sorted(own.items()):
        each, body = met[id], not feed.full_text
        if not _is_rewritten(each, found.known):
            pass
        elif not found.is_rekeyed(each) and (edit := corrected(was, each.article, body=body)):
            edits.append(edit)
        elif found.is_rekeyed(each) or was.url != each.article.url:
            renamed.append(renewed(was, each.article, body=body))
        if each.key in found.back:
            back.append(resurfaced(was, now))
    tx.articles.renew([*renamed, *(edit.after for edit in edits)], now)
    written = tx.articles.corrections(edit.after.id for edit in edits)
    few = [edit for edit in edits if written.get(edit.after.id, 0) < MOST_CORRECTIONS]
    return Revised(edits=tuple(edits), changes=tx.articles.record([*few, *back], now))


def _inquiry(
    tx: Tx,
    feed: Feed,
    entries: Sequence[Sighting],
    known: Mapping[str, SightingRow],
    *,
    before: Visits,
    listed: Sequence[int],
) -> Rekeyed | None:
    """Return what the keys are that are not *known*, if they are suspiciously many."""
    new = [each for each in entries if each.key not in known]
    number = max(len(listed), len(entries))
    if before.baseline_at is None or not is_suspect(len(new), number):
        return None
    still = frozenset(listed)
    lately = tx.articles.lately(feed.id, most=LOOKED_BACK * number)
    return rekeyed(new, [each for each in lately if each.key not in known and each.fingerprint not in still])


def _kept(tx: Tx, feed: Feed, entries: Iterable[Sighting], last: Mapping[str, ArticleId]) -> dict[str, Article]:
    """Return by key the articles that *feed* brought under the *last* names of *entries*, or else at their address."""
    by_key = {each.key: last[each.key] for each in entries if each.key in last}
    by_address = {each.key: url for each in entries if each.key not in last and (url := own_address(each.article))}
    named, there = tx.articles.kept(by_key.values()), tx.articles.at(feed.id, by_address.values())
    found = {key: named[id] for key, id in by_key.items() if id in named and named[id].feed == feed.id}
    return found | {key: there[url] for key, url in by_address.items() if url in there}


def _named(entry: Sighting, id: ArticleId) -> Sighting:
    return replace(entry, article=replace(entry.article, id=id, story=StoryId(id)))


def _is_rewritten(entry: Sighting, known: Mapping[str, SightingRow]) -> bool:
    """Return whether *entry* may say something else than what was kept under its key, if anything was."""
    row = known.get(entry.key)
    return row is None or entry.fingerprint is None or entry.fingerprint != row.fingerprint


def _back(
    entries: Iterable[Sighting], known: Mapping[str, SightingRow], before: Sequence[int], listed: Sequence[int]
) -> frozenset[str]:
    """Return the keys of known *entries* that are *listed* and were not in the document *before*, if it listed any."""
    then, now = frozenset[int | None](before) | {None}, frozenset(listed)
    return frozenset(
        each.key
        for each in entries
        if before and each.fingerprint in now and each.key in known and known[each.key].fingerprint not in then
    )
