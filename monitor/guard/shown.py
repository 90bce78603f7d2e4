"""What may be shown of an address: never what is secret in it.  Pure."""

from __future__ import annotations

import re
from typing import Final
from urllib.parse import urlsplit, urlunsplit

SECRET_NAME: Final = re.compile(r"token|key|auth|sig|secret|pass|pwd|code|hash|session|access", re.IGNORECASE)
SECRET_VALUE: Final = re.compile(r"(?=.*\d)(?=.*[A-Za-z])[\w.~+/=-]{16,}")


def redacted(url: str) -> str:
    """Return no more than scheme and host of *url*: what may be shown of a webhook's address, which is its secret."""
    scheme, host, port = _parts(url)
    return f"{scheme}://{host}{port}/…"


def shown(url: str) -> str:
    """Return *url* without its user, its password and query values that look like tokens: for a feed's address."""
    scheme, host, port = _parts(url)
    try:
        parts = urlsplit(url)
    except ValueError:
        return f"{scheme}://{host}/…"
    query = "&".join(map(_plain, parts.query.split("&")))
    return urlunsplit((scheme, f"{host}{port}", parts.path, query, ""))


def _plain(pair: str) -> str:
    name, equals, value = pair.partition("=")
    return f"{name}{equals}…" if value and (SECRET_NAME.search(name) or SECRET_VALUE.fullmatch(value)) else pair


def _parts(url: str) -> tuple[str, str, str]:
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "?", f":{parts.port}" if parts.port else ""
    except ValueError:
        return "?", "?", ""
    return parts.scheme or "?", f"[{host}]" if ":" in host else host, port
