"""What comes back from the network: an answer, or why there is none."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from monitor.errors import MonitorError


class WireError(MonitorError):
    """An address brought no answer.

    *reason* is one word for counting: address, dns, blocked, refused,
    unreachable, timeout, tls, reset, proxy, protocol or too_big; *detail* is for
    people and names no more of the address than its host.
    """

    def __init__(self, reason: str, detail: str) -> None:
        super().__init__(detail)
        self.reason = reason
        self.detail = detail


class Headers:
    """An answer's headers: names in any case, values as the server sent them, repeated ones in order."""

    __slots__ = ("_pairs",)

    def __init__(self, pairs: Iterable[tuple[str, str]]) -> None:
        self._pairs = tuple((name.lower(), value) for name, value in pairs)

    def all(self, name: str) -> tuple[str, ...]:
        """Return every value of *name*."""
        wanted = name.lower()
        return tuple(value for key, value in self._pairs if key == wanted)

    def get(self, name: str) -> str | None:
        """Return the first value of *name*, None where there is none."""
        return next(iter(self.all(name)), None)

    def __repr__(self) -> str:
        return f"Headers({[name for name, _ in self._pairs]})"


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What an address answered; its body decompressed only where the whole of it was asked for."""

    url: str
    status: int
    headers: Headers
    body: bytes
    truncated: bool = False


def http_date(value: str | None) -> datetime | None:
    """Return the instant that *value* names; None if it is no date."""
    try:
        found = parsedate_to_datetime(value or "")
        return found.replace(tzinfo=UTC) if found.tzinfo is None else found.astimezone(UTC)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
