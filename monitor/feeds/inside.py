"""The items of a document, as one piece of its text: most documents that change do so around them.  Pure."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass

ITEM_START = re.compile(r"<((?:[A-Za-z][\w.-]{0,30}:)?(?:item|entry))(?=[\s>/])", re.IGNORECASE)
PASSED_ON = re.compile(
    r"\b(?:xmlns(?::[\w.-]{1,31})?|(?:xml:)?base|xml:lang)\s*=\s*(?:\"[^\"]*\"|'[^']*')", re.IGNORECASE
)
LONGEST_HEAD = 100_000  # characters; of 308 real feeds the longest has 5,300


@dataclass(frozen=True, slots=True, kw_only=True)
class Inside:
    """What a document has from its first item to its last."""

    fingerprint: str  # of that text, and of what the text around it passes on to it
    around: str  # the document without it


def inside(text: str) -> Inside | None:
    """Return the items of the document *text*; None if it has none, or if entities of its own may change them."""
    first = ITEM_START.search(text, 0, LONGEST_HEAD)
    last = -1 if first is None else text.rfind(f"</{first[1]}")
    end = text.find(">", last) + 1
    if first is None or last < first.start() or not end:
        return None
    head = text[: first.start()]
    if "<!ENTITY" in head:
        return None
    digest = hashlib.blake2b("\n".join(PASSED_ON.findall(head)).encode("utf-8", "replace"), digest_size=16)
    digest.update(text[first.start() : end].encode("utf-8", "replace"))
    return Inside(fingerprint=digest.hexdigest(), around=head + text[end:])
