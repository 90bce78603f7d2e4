"""The text of a JSON Feed (1.0 or 1.1) → a Listing.  Pure."""

from __future__ import annotations

import html
import json
from collections.abc import Iterator, Mapping

from monitor.errors import ParseError
from monitor.feeds.encoding import sayable
from monitor.feeds.fingerprint import fingerprint, listed
from monitor.model import Entry, Listing

MOST_VALUES = 500_000  # objects and lists; 10 MB of empty ones would take 300 MB of memory


def read(text: str, *, most: int) -> Listing:
    """Return the feed that *text* writes, its first *most* items; ParseError where it is none.

    Numbers are taken where texts belong, and an item that is no object is passed
    over: both happen.  A text that is not marked up comes out marked up.
    """
    if text.count("{") + text.count("[") > MOST_VALUES:
        raise ParseError(f"more than {MOST_VALUES:,} JSON values")
    try:
        feed = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise ParseError(f"this is no JSON that can be read: {str(error)[:100]}") from None
    items = feed.get("items") if isinstance(feed, dict) else None
    if not isinstance(items, list):
        raise ParseError("this is JSON, but no feed")
    entries = tuple(_entry(item) for item in items[:most] if isinstance(item, dict))
    hubs = (_text(hub, "url") for hub in _list(feed, "hubs") if isinstance(hub, dict) and _is_websub(hub))
    return Listing(
        title=_plain(feed, "title"),
        language=_text(feed, "language"),
        home=_text(feed, "home_page_url"),
        form="json",
        previous=_text(feed, "next_url"),
        hub=next(filter(None, hubs), None),
        topic=_text(feed, "feed_url"),
        note=None if len(items) <= most else f"{most:,} of {len(items):,} items read",
        listed=listed(entries),
        entries=entries,
    )


def _is_websub(hub: Mapping[str, object]) -> bool:
    return str(hub.get("type") or "").lower() == "websub"


def _entry(item: Mapping[str, object]) -> Entry:
    return Entry(
        id=_text(item, "id"),
        url=_text(item, "url") or _text(item, "external_url"),
        title=_plain(item, "title"),
        summary=_plain(item, "summary"),
        content=_text(item, "content_html") or _plain(item, "content_text"),
        published=_text(item, "date_published"),
        updated=_text(item, "date_modified"),
        authors=tuple(_authors(item)),
        categories=tuple(tag for tag in _list(item, "tags") if isinstance(tag, str) and tag.strip()),
        language=_text(item, "language"),
        fingerprint=fingerprint(json.dumps(item, sort_keys=True).encode()),
    )


def _authors(item: Mapping[str, object]) -> Iterator[str]:
    """Yield the names of 1.1's authors and of 1.0's one author."""
    for author in (*_list(item, "authors"), item.get("author")):
        if isinstance(author, dict) and (name := _plain(author, "name")):
            yield name


def _list(item: Mapping[str, object], key: str) -> list[object]:
    value = item.get(key)
    return value if isinstance(value, list) else []


def _text(item: Mapping[str, object], key: str) -> str | None:
    value = item.get(key)
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return None
    return sayable(str(value)).strip() or None


def _plain(item: Mapping[str, object], key: str) -> str | None:
    value = _text(item, key)
    return None if value is None else html.escape(value, quote=False)
