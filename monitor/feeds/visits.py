"""What a poll taught us, on top of what earlier polls did.  Pure."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from datetime import datetime

from monitor.model import Document, Fetched, Unchanged, Unreachable, Visits

UNREADABLE = "unreadable"


def body_hash(document: Document) -> str:
    """Return what two documents with the same bytes have in common."""
    return hashlib.blake2b(document.body, digest_size=16).hexdigest()


def learned(
    visits: Visits, fetched: Fetched, *, now: datetime, fault: str | None = None, note: str | None = None
) -> Visits:
    """Return *visits* after a poll that came to *fetched*, and to *fault* if its bytes could not be read.

    Validators are kept on every 200 and 304, whatever became of the body, so
    that a broken document is not fetched again before it changes.  *note* is
    for people: what had to be repaired.
    """
    polled = replace(visits, polled_at=now)
    match fetched:
        case Unreachable():
            return replace(polled, failures=visits.failures + 1, outcome=fetched.reason, note=fetched.detail)
        case Unchanged():
            kept = replace(
                polled,
                etag=fetched.etag or visits.etag,
                last_modified=fetched.last_modified or visits.last_modified,
            )
            return _still(kept, visits, now)
        case Document():
            kept = replace(polled, etag=fetched.etag, last_modified=fetched.last_modified)
            if fault is not None:
                return replace(kept, failures=visits.failures + 1, outcome=UNREADABLE, note=fault, body_hash=None)
            if is_same(visits, fetched):
                return _still(kept, visits, now)
            return replace(
                kept,
                body_hash=body_hash(fetched),
                failures=0,
                baseline_at=visits.baseline_at or now,
                succeeded_at=now,
                outcome="read",
                note=note,
            )


def is_same(visits: Visits, document: Document) -> bool:
    """Return whether *document* has the bytes that were read the last time."""
    return visits.body_hash == body_hash(document)


def _still(kept: Visits, before: Visits, now: datetime) -> Visits:
    """A document that could not be read is no better for being the same."""
    if before.outcome == UNREADABLE:
        return replace(kept, failures=before.failures + 1)
    return replace(kept, failures=0, succeeded_at=now, outcome="unchanged", note=before.note)
