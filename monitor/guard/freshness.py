"""An answer's headers → how long the server wants to be left alone.  Pure.

RFC 9111 section 4.2 (freshness), RFC 9110 section 10.2.3 (Retry-After).
"""

from __future__ import annotations

import re
from datetime import datetime, timedelta

from monitor.guard.answer import Headers, http_date

LONGEST = timedelta(days=366)  # what asks for more means "for ever", which the schedule cuts shorter anyway


def max_age(headers: Headers, now: datetime) -> timedelta | None:
    """Return for how long the answer stays fresh: Cache-Control's max-age, else Expires; None where neither says.

    A caching proxy has used up the part of max-age that Age tells.  `no-cache`
    and `no-store` ask for nothing.  Expires counts from the server's own Date,
    since its clock may be wrong; *now* stands in where there is none.
    """
    directives = _directives(headers)
    if "no-cache" in directives or "no-store" in directives:
        return None
    if "max-age" in directives:
        seconds = _seconds(directives["max-age"])
        spent = _seconds(headers.get("age") or "") or 0
        return None if seconds is None else _positive(timedelta(seconds=seconds - spent))
    expires = http_date(headers.get("expires"))
    return _positive(expires - _date(headers, now)) if expires else None


def retry_after(headers: Headers, now: datetime) -> timedelta | None:
    """Return the Retry-After of *headers*, given in seconds or as a date by the server's own clock."""
    value = (headers.get("retry-after") or "").strip()
    seconds = _seconds(value)
    if seconds is not None:
        return timedelta(seconds=seconds)
    until = http_date(value)
    return min(max(until - _date(headers, now), timedelta()), LONGEST) if until else None


def _date(headers: Headers, now: datetime) -> datetime:
    return http_date(headers.get("date")) or now


def _directives(headers: Headers) -> dict[str, str]:
    parts = ",".join(headers.all("cache-control")).lower().split(",")
    pairs = (part.strip().partition("=") for part in parts)
    return {name.strip(): value.strip().strip('"') for name, _, value in pairs}


def _seconds(value: str) -> int | None:
    """Return the whole seconds that *value* writes, at most LONGEST; fractions, which some send, are dropped."""
    found = re.fullmatch(r"([0-9]+)(?:\.[0-9]*)?", value.strip())
    return min(int(found[1][:30]), int(LONGEST.total_seconds())) if found else None


def _positive(wait: timedelta) -> timedelta | None:
    return min(wait, LONGEST) if wait > timedelta() else None
