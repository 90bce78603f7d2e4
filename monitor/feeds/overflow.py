"""How much of a document is new → whether items may be missing, and where to look for them.  Pure."""

from __future__ import annotations

from urllib.parse import urlsplit

from monitor.model import Feed, host_of

MOST_NEW = 2 / 3  # of a document's items; more, and the next one may be full before we are back
FEWEST = 5  # new items; a feed of three changes all of them in a day
MOST_PAGES = 5


def overflows(new: int, listed: int) -> bool:
    """Return whether a document that lists so many items, so many of them *new*, may have lost others before."""
    return new >= FEWEST and new > MOST_NEW * listed


def may_follow(feed: Feed, url: str) -> bool:
    """Return whether *url* is a page of *feed*'s own site, where its turn and its headers are good for."""
    return urlsplit(url).scheme == urlsplit(feed.url).scheme and host_of(url) == feed.host
