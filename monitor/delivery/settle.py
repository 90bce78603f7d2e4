"""What an attempt came to → done, later or dead, and what it means for the whole channel.  Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from monitor.model import Accepted, Deferred, Delivery, Gone, Outcome, Refused

WAITS = (
    timedelta(seconds=5),
    timedelta(minutes=5),
    timedelta(minutes=30),
    timedelta(hours=2),
    timedelta(hours=5),
    timedelta(hours=10),
    timedelta(hours=14),
    timedelta(hours=20),
    timedelta(hours=24),
)
"""How long after the first, second ... attempt the next one comes: the example schedule of Standard Webhooks."""

BUSY = (
    *(timedelta(), timedelta(), timedelta()),
    timedelta(minutes=1),
    timedelta(minutes=5),
    timedelta(minutes=30),
    timedelta(hours=3),
    timedelta(hours=24),
    timedelta(hours=24),
)
"""The same where the receiver says that it is busy and for how long: its word alone counts at first, so that a burst
of alerts passes at the receiver's pace; later the waits grow, so that the tries last for as long in all."""

MOST_ATTEMPTS = len(WAITS) + 1
MOST_REFUSALS = 3  # attempts: a 404 or 401 of a receiver that is being deployed passes in minutes, or never
STRETCH = 0.2  # jitter lengthens a wait by up to a fifth, so that those that failed together come back apart
LONGEST_ASKED = timedelta(hours=24)  # a receiver that asks for more is taken to have made a mistake


@dataclass(frozen=True, slots=True, kw_only=True)
class Done:
    """The receiver has it."""

    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Later:
    """It is tried again after *delay*."""

    delay: timedelta
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Dead:
    """It is not tried again unless somebody asks for it."""

    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Settlement:
    """What follows from an attempt, for the delivery and for its whole channel."""

    next: Done | Later | Dead
    attempts: int  # this one included
    pause: timedelta | None = None  # nothing goes to the channel for so long
    disable: str | None = None  # nothing goes to the channel any more, for this reason


def settle(delivery: Delivery, outcome: Outcome, *, jitter: float) -> Settlement:
    """Return what follows from one more attempt at *delivery* that came to *outcome*.

    *jitter* is a fraction in [0, 1] that the caller draws: a wait is never
    shorter than the schedule and the receiver say, and up to a fifth longer.
    When a receiver is too busy (429 or 503) and says for how long, the whole
    channel waits.
    """
    n = delivery.attempts + 1
    match outcome:
        case Accepted():
            return Settlement(next=Done(why=_told("accepted", outcome.status)), attempts=n)
        case Gone():
            why = f"the receiver is gone: {outcome.detail}"
            return Settlement(next=Dead(why=why), attempts=n, disable=outcome.detail)
        case Refused():
            if n >= MOST_REFUSALS:
                return Settlement(next=Dead(why=f"refused at attempt {n}: {outcome.detail}"), attempts=n)
            return Settlement(next=_later(WAITS[n - 1], jitter, outcome.detail), attempts=n)
        case Deferred():
            return _deferred(n, outcome, jitter)


def _deferred(n: int, outcome: Deferred, jitter: float) -> Settlement:
    asked = min(max(outcome.retry_after or timedelta(), timedelta()), LONGEST_ASKED)
    is_busy = outcome.status in (429, 503) and asked > timedelta()
    pause = asked if is_busy else None
    if n >= MOST_ATTEMPTS:
        why = f"given up after {n} attempts: {outcome.detail}"
        return Settlement(next=Dead(why=why), attempts=n, pause=pause)
    wait = max(asked, (BUSY if is_busy else WAITS)[n - 1])
    return Settlement(next=_later(wait, jitter, outcome.detail), attempts=n, pause=pause)


def _later(wait: timedelta, jitter: float, why: str) -> Later:
    return Later(delay=wait * (1 + STRETCH * jitter), why=why)


def _told(what: str, status: int | None) -> str:
    return what if status is None else f"{what} ({status})"
