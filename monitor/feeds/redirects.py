"""An address → the answer at the end of its redirects, each of them asked through the guard like the first."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from urllib.parse import urljoin, urlsplit

from monitor.guard import Answer, Door, WireError, shown
from monitor.model import Feed

HOPS = 5  # redirects followed; browsers follow 20, real feeds need two, and RFC 9309 asks for five
PERMANENT = frozenset({301, 308})
REDIRECTS = PERMANENT | {302, 303, 307}

May = Callable[[str], Awaitable[None]]
"""Asked before each address but the first; raises WireError where it may not be asked."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrival:
    """The answer at the end of the redirects, and whether permanent ones alone led there."""

    answer: Answer
    moved: bool


async def arrival(
    door: Door,
    feed: Feed,
    url: str,
    *,
    headers: Mapping[str, str],
    deadline: float,
    most: int,
    may: May | None = None,
) -> Arrival:
    """Return what answers to a GET of *url* within *deadline* seconds for all hops; WireError if nothing does.

    The way is *feed*'s: its proxy, and what it has to send in headers, which go
    to its own site only.
    """
    loop = asyncio.get_running_loop()
    end = loop.time() + deadline
    own = url
    moved: list[bool] = []
    for _ in range(HOPS + 1):
        left = end - loop.time()
        if left <= 0:
            raise WireError("timeout", f"the redirects of {shown(own)} took more than {deadline:g} s")
        answer = await door.request(
            "GET",
            url,
            headers={**headers, **(feed.headers if is_same_site(feed.url, url) else {})},
            allow_private=feed.allow_private,
            proxy=feed.proxy,
            deadline=left,
            most=most,
            whole=True,
        )
        location = answer.headers.get("location")
        if answer.status not in REDIRECTS or not location:
            return Arrival(answer=answer, moved=bool(moved) and all(moved))
        moved.append(answer.status in PERMANENT)
        url = _joined(url, location)
        if may is not None:
            await may(url)
    raise WireError("redirects", f"{shown(own)} redirects more than {HOPS} times")


def is_same_site(own: str, url: str) -> bool:
    """Return whether *url* may have the headers meant for *own*: same host and port, or https in place of http."""
    try:
        mine, other = urlsplit(own), urlsplit(url)
        ports = (mine.port, other.port)
    except ValueError:
        return False
    upgraded = (mine.scheme, other.scheme, *ports) == ("http", "https", None, None)
    return mine.hostname == other.hostname and (upgraded or (mine.scheme == other.scheme and len(set(ports)) == 1))


def _joined(url: str, location: str) -> str:
    """Return where *location* leads from *url*; headers are bytes, and what is not ASCII in them is UTF-8 nowadays."""
    with contextlib.suppress(UnicodeError):
        location = location.encode("latin-1").decode("utf-8")
    try:
        return urljoin(url, location.strip())
    except ValueError:
        raise WireError("address", f"{shown(url)} redirects to what is no address") from None
