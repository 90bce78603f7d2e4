"""What an entry is recognised by from poll to poll, before anybody has read it.  Pure."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Collection, Sequence
from dataclasses import replace

from monitor.model import Entry, Listing


def fingerprint(written: bytes, context: bytes = b"") -> int:
    """Return a number for an entry as it is *written*, in a *context* that can change its meaning.

    64 bits, signed, as a database keeps them.  Of a million different entries
    two share one with a chance of 1 in 37 million.
    """
    digest = hashlib.blake2b(context, digest_size=8)
    digest.update(written)
    return int.from_bytes(digest.digest(), "big", signed=True)


def pruned(listing: Listing, known: Collection[int]) -> Listing:
    """Return *listing* without its known entries, but with their ids and addresses among the others.

    A known entry stays if it shares id and address with one that is wanted:
    what tells those two apart is more than their names.
    """
    if not known:
        return listing
    wanted = {name_of(each.id, each.url) for each in listing.entries if each.fingerprint not in known}
    kept: list[Entry] = []
    others = list(listing.others)
    for each in listing.entries:
        if each.fingerprint not in known or name_of(each.id, each.url) in wanted:
            kept.append(each)
        else:
            others.append((each.id, each.url))
    return replace(listing, entries=tuple(kept), others=tuple(others))


def name_of(id: str | None, url: str | None) -> tuple[str | None, str | None]:
    """Return what two entries share if nothing but their text or a parameter for counting readers tells them apart."""
    page = re.split(r"[?#]", url, maxsplit=1)[0] if url else None
    return id or page, page


def listed(entries: Sequence[Entry]) -> tuple[int, ...]:
    """Return the fingerprints of *entries*, in their order."""
    return tuple(each.fingerprint for each in entries if each.fingerprint is not None)
