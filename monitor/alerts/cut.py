"""Text → no more of it than there is room for, and a note of what was cut.  Pure.

Room is counted in bytes of JSON as it goes out: UTF-8, quotes and backslashes
escaped.  Cutting never moves a code point, so positions hold for what is left.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from itertools import accumulate

ELLIPSIS = "…"
_UNWANTED = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff]")  # no text; some databases refuse them
_ESCAPED = '"\\\n\r\t'


def dump(value: object) -> bytes:
    """Return *value* as JSON: the same bytes for the same value, readable in any script."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()


def size(value: object) -> int:
    """Return how many bytes *value* takes as JSON."""
    return len(dump(value))


def clean(text: str) -> str:
    """Return *text* with each control character and half surrogate replaced by one U+FFFD."""
    return _UNWANTED.sub("\ufffd", text)


def head(text: str, most: int) -> str:
    """Return the longest beginning of the clean *text* that takes *most* bytes of JSON."""
    if len(text) * 4 <= most:  # no clean character takes more
        return text
    taken = accumulate(2 if letter in _ESCAPED else len(letter.encode()) for letter in text)
    return text[: next((n for n, bytes_so_far in enumerate(taken) if bytes_so_far > most), len(text))]


def tail(text: str, most: int) -> str:
    """Return the longest end of the clean *text* that takes *most* bytes of JSON."""
    return head(text[::-1], most)[::-1]


def around(text: str, middle: str, most: int) -> str:
    """Return as much of *text* as *most* bytes hold, on both sides of *middle*, with … where something is missing."""
    at = max(text.find(middle), 0)
    centre = head(text[at : at + len(middle)], most)
    before = tail(text[:at], (most - _size(centre)) // 2)
    after = head(text[at + len(centre) :], most - _size(centre) - _size(before))
    left = ELLIPSIS if len(before) < at else ""
    right = ELLIPSIS if at + len(centre) + len(after) < len(text) else ""
    return f"{left}{before}{centre}{after}{right}"


def _size(text: str) -> int:
    return size(text) - 2  # without its quotes


class Cutter:
    """Cuts the parts of one payload, and keeps the names of those that it had to cut."""

    def __init__(self) -> None:
        self.cut: list[str] = []

    def note(self, name: str) -> None:
        """Say once that *name* is not whole."""
        if name not in self.cut:
            self.cut.append(name)

    def text(self, name: str, text: str | None, most: int) -> str | None:
        """Return the beginning of *text*, marked by … if it is not all of it."""
        if text is None:
            return None
        whole = clean(text)
        kept = head(whole, most)
        if kept == whole:
            return whole
        self.note(name)
        return kept + ELLIPSIS

    def exact(self, name: str, text: str, most: int) -> str:
        """Return the beginning of *text* with no mark at its end, so that its length is the length of what it shows."""
        whole = clean(text)
        kept = head(whole, most)
        if kept != whole:
            self.note(name)
        return kept

    def around(self, name: str, text: str, middle: str, most: int) -> str:
        """Return what of *text* stands around *middle*."""
        whole = clean(text)
        if head(whole, most) == whole:
            return whole
        self.note(name)
        return around(whole, clean(middle), most)

    def all_or_none(self, name: str, text: str | None, most: int) -> str | None:
        """Return *text*, or None if it is too long: for what is worth nothing in part."""
        if text is None or _size(clean(text)) <= most:
            return None if text is None else clean(text)
        self.note(name)
        return None

    def pairs(self, name: str, pairs: Mapping[str, str], most: int) -> dict[str, str]:
        """Return those of *pairs*, in their order, that there is room for; none of them is cut in itself."""
        kept: dict[str, str] = {}
        for key, value in pairs.items():
            more = {**kept, clean(key): clean(value)}
            if size(more) <= most:
                kept = more
            else:
                self.note(name)
        return kept
