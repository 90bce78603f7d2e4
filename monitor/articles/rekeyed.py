"""New keys all at once → which of them only name known articles anew.  Pure.

A publisher that moves to other software changes the ids of all its entries,
and often their addresses, too.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from monitor.articles.urls import canonical_url, is_site_root
from monitor.model import Article, ArticleId, Sighting
from monitor.text import plain_words

LEAST = 5  # entries; fewer are an ordinary day's news
SHARE = 0.6  # of what is listed
KNOWN_SHARE = 0.5  # of what appears new


@dataclass(frozen=True, slots=True, kw_only=True)
class Rekeyed:
    """Which known article each new key names, and why it was so decided; no key, where nothing was re-bound."""

    why: str
    articles: Mapping[str, ArticleId] = field(default_factory=dict)


def is_suspect(new: int, listed: int) -> bool:
    """Return whether *new* entries of *listed* are so many that they may be known ones under other keys."""
    return new >= LEAST and new >= SHARE * listed


def rekeyed(new: Sequence[Sighting], lately: Iterable[Sighting]) -> Rekeyed:
    """Return which of *new* are articles that the same feed listed *lately* and lists no longer under that key.

    They are if at least half of *new*, and LEAST of them, have their address (but
    for scheme, `www.` and a slash at the end), their headline and date, their
    headline and text, or their headline alone if they were not published after
    we had seen its namesake: of a series (the morning's weather, the day's
    rates) each part has the headline of the last.  What would fit several, on
    either side, fits none.
    """
    left = {sighting.key: sighting.article for sighting in new}
    known = {sighting.article.id: sighting.article for sighting in lately}
    found: dict[str, ArticleId] = {}
    for mark in (_address, _dated_headline, _text, _headline):
        for key, id in _pairs(left, known, mark):
            if mark is _headline and _is_later(left[key], known[id]):
                continue
            found[key] = id
            del left[key], known[id]
    told = f"{len(found)} of {len(new)} new keys name known articles"
    if len(found) < max(LEAST, KNOWN_SHARE * len(new)):
        return Rekeyed(why=f"news: {told}")
    return Rekeyed(why=f"rekeyed: {told}", articles=found)


Mark = Callable[[Article], Hashable | None]


def _pairs(new: Mapping[str, Article], known: Mapping[ArticleId, Article], mark: Mark) -> list[tuple[str, ArticleId]]:
    """Return those of *new* and *known* that alone on their side have the *mark* that they share."""
    keys: dict[Hashable, list[str]] = defaultdict(list)
    for key, article in new.items():
        keys[mark(article)].append(key)
    ids: dict[Hashable, list[ArticleId]] = defaultdict(list)
    for id, article in known.items():
        ids[mark(article)].append(id)
    return [
        (keys[each][0], ids[each][0])
        for each in keys
        if each is not None and len(keys[each]) == 1 and len(ids.get(each, ())) == 1
    ]


def _address(article: Article) -> Hashable | None:
    url = canonical_url(article.url)
    if url is None or is_site_root(url):
        return None
    parts = urlsplit(url)
    return parts.netloc.removeprefix("www."), parts.path.rstrip("/"), parts.query


def _dated_headline(article: Article) -> Hashable | None:
    headline, published = _headline(article), article.published
    if headline is None or published is None:
        return None
    return headline, published.instant().replace(second=0, microsecond=0)


def _text(article: Article) -> Hashable | None:
    text = plain_words(" ".join([article.lede or "", *article.body]))
    return (_headline(article), text) if text else None


def _headline(article: Article) -> Hashable | None:
    return plain_words(article.headline or "") or None


def _is_later(new: Article, known: Article) -> bool:
    """Return whether *new* may tell of something that came about after *known* was seen."""
    return new.published is None or known.seen_at is None or new.published.instant() > known.seen_at
