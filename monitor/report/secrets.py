"""What may not be shown: the operator's secrets, and what looks like one."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from urllib.parse import quote, urlsplit

MASK = "***"
SHORTEST_SECRET = 6  # characters; hiding shorter ones would riddle every line, and guessing them is no effort
SHORTEST_PATH = 16  # characters; "webhook" is no secret, and hiding it would hide our own words
_NAMES = r"(?:[\w.-]*(?:token|secret|passw(?:or)?d|passphrase|signature|api[_-]?key)|key|sig|auth|pwd)"
_PATTERNS: Sequence[tuple[re.Pattern[str], str]] = tuple(
    (re.compile(pattern, re.IGNORECASE), shown)
    for pattern, shown in (
        (r"\bwh(sec|sk)_[\w+/=-]+", rf"wh\1_{MASK}"),
        (r"(\b[a-z][a-z0-9+.-]*://)[^\s/?#\"'<>]*@", rf"\1{MASK}@"),  # user and password of an address
        # The addresses that chat services hand out are their secrets.
        (
            r"(https?://(?:hooks\.slack\.com|[\w.-]+\.webhook\.office\.com|[\w.-]+\.logic\.azure\.com"
            r"|[\w.-]+\.api\.powerplatform\.com)(?::\d+)?/)[^\s\"'<>]+",
            rf"\1{MASK}",
        ),
        (r"(https?://[^\s/\"'<>]+/(?:[^\s\"'<>]*?/)?(?:hooks|webhooks?)/)[^\s\"'<>]+", rf"\1{MASK}"),
        (rf"([?&;]{_NAMES}=)[^&;\s\"'#<>]+", rf"\1{MASK}"),
        (
            r"(\b(?:proxy-)?authorization[\"']?\s*[:=,]\s*(?:b?[\"'])?)(?:(?:bearer|basic|digest|token)\s+)?[^\s\"',;}\])]+",
            rf"\1{MASK}",
        ),
        (r"\b(bearer|basic)\s+(?=\S*[\d=._-])[\w.~+/=-]{8,}", rf"\1 {MASK}"),
    )
)
_SUSPECT = re.compile(r"wh(?:sec|sk)_|://|=|authorization|bearer|basic", re.IGNORECASE)
"""What every one of these patterns needs: most texts have none of it, and one look is cheaper than seven."""
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")  # what a headline could do to a terminal
_SECRET_KEY = re.compile(
    r"(?:proxy-)?authorization|cookie|set-cookie|x-api-key|secrets?|tokens?|passwords?", re.IGNORECASE
)


class _Secrets:
    """Texts that may not be shown, in each form in which they could come up."""

    def __init__(self) -> None:
        self._shown: dict[str, str] = {}
        self._pattern: re.Pattern[str] | None = None

    def add(self, secret: str) -> None:
        if len(secret) < SHORTEST_SECRET or secret in self._shown:
            return
        self._shown = self._shown | dict.fromkeys(_forms(secret), _hint(secret))
        self._pattern = None

    def cover(self, text: str) -> str:
        if not self._shown:
            return text
        pattern = self._pattern or self._compiled()
        return pattern.sub(lambda found: self._shown.get(found[0], MASK), text)

    def _compiled(self) -> re.Pattern[str]:
        """Return what finds every secret: made when it is wanted first, since thousands are added at a time."""
        shown = self._shown
        pattern = re.compile("|".join(map(re.escape, sorted(shown, key=len, reverse=True))))
        if shown is self._shown:  # else another thread has added one meanwhile
            self._pattern = pattern
        return pattern


def _forms(secret: str) -> set[str]:
    """Return *secret* as it stands in texts, in `repr`, in JSON and in addresses."""
    forms = {secret, repr(secret)[1:-1], json.dumps(secret)[1:-1], quote(secret, safe=""), quote(secret)}
    path = secret.partition("://")[2].partition("/")[2]
    if len(path) >= SHORTEST_PATH:
        forms.add(path)  # "POST /services/T0/B0/x" without the host
    return forms


def _hint(secret: str) -> str:
    """Return what is shown in place of *secret*: an address keeps its host, so that people know which it is."""
    if "://" not in secret:
        return MASK
    try:
        parts = urlsplit(secret)
    except ValueError:
        return MASK
    return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}/{MASK}"


_secrets = _Secrets()


def hide(secret: str) -> None:
    """Keep *secret* out of every log line, traceback and detail from now on; of an address the host is still shown."""
    _secrets.add(secret)


def redact(text: str) -> str:
    """Return *text* without the secrets that were hidden, and without what looks like one."""
    text = _secrets.cover(text)
    if _SUSPECT.search(text) is None:
        return text
    for pattern, shown in _PATTERNS:
        text = pattern.sub(shown, text)
    return text


def showable(key: str, value: object) -> object:
    """Return what may be shown of *value*, which stands under *key*: in simple types, each text in it redacted."""
    return MASK if value and _SECRET_KEY.fullmatch(key) else _redacted(value)


def _redacted(value: object) -> object:
    match value:
        case None | bool() | int() | float():
            return value
        case str():
            return _CONTROL.sub("\ufffd", redact(value))
        case bytes():
            return _redacted(value.decode("utf-8", "replace"))
        case Mapping():
            return {redact(str(key)): showable(str(key), part) for key, part in value.items()}
        case list() | tuple() | set() | frozenset():
            return [_redacted(part) for part in value]
        case _:
            return _redacted(str(value))
