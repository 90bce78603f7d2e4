"""The entries of a document → what tells each from the others of its feed, for as long as it is listed.  Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence

from monitor.articles.edits import is_alike
from monitor.articles.urls import canonical_url
from monitor.model import Article, ArticleId, Entry, Scheme, Sighting, Visits, derive

Pair = tuple[str | None, str | None]
"""The id and the address of an entry whose text is not at hand."""


def scheme_of(entries: Sequence[Entry], visits: Visits) -> Scheme | None:
    """Return by what the feed of *entries* tells them apart: chosen at its first document, and the same ever after.

    The first of the schemes that gives each entry of the first document a key
    of its own; None as long as there was nothing to choose by.  A scheme that
    were chosen for each document anew would make a feed's items new whenever it
    changed.  A feed that was read before schemes were kept has keys by its ids.
    """
    if visits.scheme is not None or not entries:
        return visits.scheme
    if visits.baseline_at is not None:
        return Scheme.GUID
    different = {_spellings(entry, Scheme.TEXT)[0]: entry for entry in entries}.values()
    for scheme in Scheme:
        if len({_spellings(entry, scheme)[0] for entry in different}) == len(different):
            return scheme
    return Scheme.TEXT


def keys(entries: Sequence[Entry], scheme: Scheme | None = None, others: Iterable[Pair] = ()) -> list[str]:
    """Return the key of each of *entries*, beside which the document lists *others*.

    An entry that lacks what the *scheme* goes by has the next best.  Where two
    share a key, both are told apart by id and address, and where that is not
    enough, by their text; the same entry listed twice is one.
    """
    listed = [*entries, *(Entry(id=id, url=url) for id, url in others)]
    spellings = [_spellings(entry, scheme or Scheme.GUID) for entry in listed]
    found = [spelling[0] for spelling in spellings]
    for more in (1, 2):
        often = Counter(key for key, _ in {(key, spelling[2]) for key, spelling in zip(found, spellings, strict=True)})
        found = [spelling[more] if often[key] > 1 else key for key, spelling in zip(found, spellings, strict=True)]
    return found[: len(entries)]


def own_address(article: Article) -> str | None:
    """Return the address of *article* if that alone tells which it is; no other entry beside it has the same."""
    return article.url if article.url and article.id == derive("article", article.url) else None


def article_of(entry: Sighting, last: ArticleId | None, kept: Article | None) -> ArticleId:
    """Return which article *entry* is: of key, address and text two must be those of a known one.

    *last* is what its key named before, if it is known, and *kept* the feed's own
    article under that id, or of a new key the one at its address.
    So an edited article is the same one, also under a new key or at a new
    address; but a key that is given to other news (some publishers number what
    they list) names another, and so does an address (the warning of the day).
    """
    article = entry.article
    if kept is None:
        return last or article.id
    if is_alike(kept, article):
        return last or kept.id
    if last is None:
        return ArticleId(derive("article", article.feed or "", entry.key))
    return last if canonical_url(kept.url) == article.url else article.id


def _spellings(entry: Entry, scheme: Scheme) -> tuple[str, str, str]:
    """Return the names of *entry* under *scheme*, from the shortest."""
    text = derive("entry", entry.title or "", entry.summary or "", entry.content or "")
    if scheme is Scheme.LINK:
        link = canonical_url(entry.url) or entry.url
        name, rest = (link, entry.id or "") if link else (entry.id or text, "")
    else:
        name, rest = entry.id or entry.url or text, entry.url or ""
    both = name if name == text else f"{name} {rest}".rstrip()
    whole = f"{both} {text}"
    match scheme:
        case Scheme.GUID | Scheme.LINK:
            return name, both, whole
        case Scheme.BOTH:
            return both, both, whole
        case Scheme.TEXT:
            return whole, whole, whole
