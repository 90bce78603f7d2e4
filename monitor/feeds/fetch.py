"""A feed and what earlier visits taught → the document, "unchanged", or why there is neither."""

from __future__ import annotations

from datetime import datetime
from http import HTTPStatus
from urllib.parse import SplitResult, urldefrag, urlsplit, urlunsplit

from monitor.feeds.links import named
from monitor.feeds.redirects import arrival
from monitor.guard import Answer, Door, WireError, shown
from monitor.guard.freshness import max_age, retry_after
from monitor.model import Document, Feed, Fetched, Unchanged, Unreachable, Visits

DEADLINE = 30.0  # seconds for all hops together
MOST = 10_000_000  # bytes after unpacking; the largest of 308 real feeds has 0.2 million
LONGEST_VALIDATOR = 2000  # characters; many servers answer 400 to a request head of more than 8 kB

ACCEPT = (
    "application/rss+xml, application/atom+xml, application/rdf+xml, application/feed+json, "
    "application/xml;q=0.9, text/xml;q=0.9, application/json;q=0.8, */*;q=0.5"
)


async def fetch(door: Door, feed: Feed, visits: Visits, *, url: str | None = None, now: datetime) -> Fetched:
    """Return what *feed*'s address (or *url* in its place) answers to a polite, conditional GET.

    Validators are echoed byte by byte, and only to the address that they came
    from.  At most HOPS redirects are followed, each through the guard like the
    first address; what *feed* has to send in headers goes to its own site only.
    *now* is used where the server does not say what time it has.
    """
    start = url or feed.url
    try:
        headers = {"accept": ACCEPT, **({} if url else _validators(visits))}
        arrived = await arrival(door, feed, start, headers=headers, deadline=DEADLINE, most=MOST)
    except WireError as fault:
        return Unreachable(reason=fault.reason, detail=fault.detail)
    answer = arrived.answer
    moved_to = urldefrag(answer.url).url if arrived.moved and not urlsplit(start).username else None
    etag, last_modified = _validator(answer, "etag"), _validator(answer, "last-modified")
    fresh, asked = max_age(answer.headers, now), retry_after(answer.headers, now)
    wanted = max((wait for wait in (fresh, asked) if wait is not None), default=None)
    if answer.status == HTTPStatus.NOT_MODIFIED and not url and (visits.etag or visits.last_modified):
        return Unchanged(etag=etag, last_modified=last_modified, max_age=wanted, moved_to=moved_to)
    if 200 <= answer.status < 300:
        return Document(
            url=_without_user(answer.url),
            body=answer.body,
            content_type=answer.headers.get("content-type"),
            etag=etag,
            last_modified=last_modified,
            max_age=wanted,
            moved_to=moved_to,
            links=named(answer.headers.all("link"), _without_user(answer.url)),
            is_delta=answer.status == HTTPStatus.IM_USED,
        )
    return Unreachable(
        reason="status",
        detail=f"{shown(answer.url)} answered {_status(answer.status)}",
        status=answer.status,
        retry_after=asked,
        max_age=fresh,
    )


def _validators(visits: Visits) -> dict[str, str]:
    headers = {}
    if visits.etag:
        headers["if-none-match"] = visits.etag
        headers["a-im"] = "feed"  # RFC 3229: the new items alone will do
    if visits.last_modified:
        headers["if-modified-since"] = visits.last_modified
    return headers


def _validator(answer: Answer, name: str) -> str | None:
    value = answer.headers.get(name)
    return value if value and len(value) <= LONGEST_VALIDATOR else None


def _without_user(url: str) -> str:
    parts: SplitResult = urlsplit(url)
    return urlunsplit((parts.scheme, parts.netloc.rpartition("@")[2], parts.path, parts.query, ""))


def _status(status: int) -> str:
    try:
        return f"{status} {HTTPStatus(status).phrase}"
    except ValueError:
        return str(status)
