"""Article ⇄ the contract's canonical article: one JSON object (CONTRACT section 4).  Pure."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime

from monitor.model import Article, ArticleId, FeedId, Furniture, Precision, Published, StoryId, ZoneSource, derive

TEXTS = ("url", "headline", "section", "lede", "source", "byline", "credit", "language", "outlet", "country")
NAMES = (
    *("id", "url", "headline", "section", "lede", "body", "source", "byline", "credit"),
    *("published_at", "published_precision", "timezone_source", "published_raw", "published_clamped"),
    *("seen_at", "language", "outlet", "country"),
    *("feed", "labels", "related", "furniture", "story"),
)
"""The fields of a canonical article, in their order."""


def document(article: Article) -> dict[str, object]:
    """Return *article* as the canonical article; what is not known is null, an empty list or an empty map."""
    dated = article.published
    return {
        "id": article.id,
        "url": article.url,
        "headline": article.headline,
        "section": article.section,
        "lede": article.lede,
        "body": list(article.body),
        "source": article.source,
        "byline": article.byline,
        "credit": article.credit,
        "published_at": None if dated is None else _written(dated.at),
        "published_precision": None if dated is None else dated.precision.value,
        "timezone_source": (ZoneSource.NONE if dated is None else dated.zone_source).value,
        "published_raw": article.unread_date if dated is None else dated.raw,
        "published_clamped": dated is not None and dated.clamped,
        "seen_at": None if article.seen_at is None else _written(article.seen_at),
        "language": article.language,
        "outlet": article.outlet,
        "country": article.country,
        "feed": article.feed,
        "labels": dict(article.labels),
        "related": list(article.related),
        "furniture": [{"kind": piece.kind, "text": piece.text} for piece in article.furniture],
        "story": article.story,
    }


def article(document: Mapping[str, object]) -> Article:
    """Return the article that *document* tells of.

    Missing fields are null, an article without an id gets the one that its
    address or its text gives it.  Raises ValueError, saying what is wrong, where a
    field has not its type, and where there is nothing to read: neither headline
    nor lede nor body.
    """
    texts = {name: _text(document, name) for name in TEXTS}
    body = _texts(document, "body")
    if not (texts["headline"] or texts["lede"] or body):
        others = sorted(set(document) - set(NAMES))
        raise ValueError("no headline, lede or body" + (f" (unknown here: {', '.join(others)})" if others else ""))
    told = ArticleId(_text(document, "id") or _derived(texts, body))
    feed = _text(document, "feed")
    return Article(
        id=told,
        body=body,
        published=_published(document),
        unread_date=None if document.get("published_at") else _text(document, "published_raw"),
        seen_at=_seen(document),
        feed=None if feed is None else FeedId(feed),
        labels=_labels(document),
        related=_texts(document, "related"),
        furniture=_furniture(document),
        story=StoryId(_text(document, "story") or told),
        **texts,
    )


def _written(instant: datetime) -> str:
    """Return *instant* in RFC 3339, UTC as Z; without an offset where it has none."""
    return instant.isoformat().replace("+00:00", "Z")


def _derived(texts: Mapping[str, str | None], body: tuple[str, ...]) -> str:
    if texts["url"]:
        return derive("article", texts["url"])
    return derive("article", texts["headline"] or "", texts["lede"] or "", *body)


def _text(document: Mapping[str, object], name: str) -> str | None:
    value = document.get(name)
    if value is not None and not isinstance(value, str):
        raise ValueError(f"{name}: a text or null, not {value!r:.60}")
    return value


def _list(document: Mapping[str, object], name: str) -> list[object]:
    value = document.get(name)
    if value is None:
        return []
    if not isinstance(value, list):
        raise ValueError(f"{name}: a list, not {value!r:.60}")
    return value


def _texts(document: Mapping[str, object], name: str) -> tuple[str, ...]:
    kept = [value for value in _list(document, name) if isinstance(value, str)]
    if len(kept) != len(_list(document, name)):
        raise ValueError(f"{name}: a list of texts, and one of them is none")
    return tuple(kept)


def _labels(document: Mapping[str, object]) -> dict[str, str]:
    value = document.get("labels")
    if value is None:
        return {}
    if not isinstance(value, Mapping) or not all(isinstance(part, str) for pair in value.items() for part in pair):
        raise ValueError(f"labels: a map of texts, not {value!r:.60}")
    return dict(value)


def _furniture(document: Mapping[str, object]) -> tuple[Furniture, ...]:
    pieces = []
    for value in _list(document, "furniture"):
        if not isinstance(value, Mapping):
            raise ValueError(f"furniture: a list of {{kind, text}}, not {value!r:.60}")
        pieces.append(Furniture(kind=_text(value, "kind") or "other", text=_text(value, "text") or ""))
    return tuple(pieces)


def _published(document: Mapping[str, object]) -> Published | None:
    """Return when the article appeared.  A zone is only known if the instant carries it, whatever the source says."""
    at = _instant(document, "published_at")
    if at is None:
        return None
    precision = _text(document, "published_precision") or Precision.SECOND
    source = _text(document, "timezone_source") or ZoneSource.EXPLICIT
    if precision not in set(Precision):
        raise ValueError(f"published_precision: {precision} is none of {', '.join(Precision)}")
    if source not in set(ZoneSource):
        raise ValueError(f"timezone_source: {source} is none of {', '.join(ZoneSource)}")
    if at.tzinfo is None:
        source = ZoneSource.NONE
    elif source == ZoneSource.NONE:
        source = ZoneSource.EXPLICIT
    clamped = document.get("published_clamped")
    if clamped is not None and not isinstance(clamped, bool):
        raise ValueError(f"published_clamped: true, false or null, not {clamped!r:.60}")
    return Published(
        at=at,
        precision=Precision(precision),
        zone_source=ZoneSource(source),
        raw=_text(document, "published_raw"),
        clamped=bool(clamped),
    )


def _seen(document: Mapping[str, object]) -> datetime | None:
    """Return when the article was seen.  That is always said in UTC, so an instant without offset is UTC too."""
    at = _instant(document, "seen_at")
    if at is None:
        return None
    return at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)


def _instant(document: Mapping[str, object], name: str) -> datetime | None:
    text = _text(document, name)
    if text is None:
        return None
    try:
        return datetime.fromisoformat(text)
    except ValueError as error:
        raise ValueError(f"{name}: {text!r:.60} is no date and time as in 2023-07-08T15:07:00+02:00") from error
