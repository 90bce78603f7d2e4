"""Standard Webhooks' symmetric signatures (v1): a message and its secrets → the header, and back."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import secrets as chance
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta

PREFIX = "whsec_"
KEY_BYTES = range(24, 65)  # Standard Webhooks: 24 to 64 random bytes
TOLERANCE = timedelta(minutes=5)  # what the libraries of Standard Webhooks allow two clocks to differ


def new_secret() -> str:
    """Return a secret that nobody knows yet: 32 bytes, what the keys of SHA-256 need."""
    return PREFIX + base64.b64encode(chance.token_bytes(32)).decode()


def secret_fault(secret: str) -> str | None:
    """Return what is wrong with *secret*, without quoting it, or None."""
    if not secret.startswith(PREFIX):
        return f"a secret begins with {PREFIX}, and base64 of 24 to 64 random bytes follows"
    try:
        key = base64.b64decode(secret.removeprefix(PREFIX), validate=True)
    except (binascii.Error, ValueError):
        return f"what follows {PREFIX} is not base64 (letters, digits, + and /, filled up with = to a multiple of four)"
    if len(key) not in KEY_BYTES:
        return f"the secret holds {len(key)} bytes; it must be 24 to 64"
    return None


def sign(secret: str, id: str, timestamp: int, body: bytes) -> str:
    """Return the signature (`v1,…`) of *body* sent as *id* at the unix second *timestamp*.

    Raises ValueError for a secret that `secret_fault` finds fault with.
    """
    if fault := secret_fault(secret):
        raise ValueError(fault)
    key = base64.b64decode(secret.removeprefix(PREFIX))
    digest = hmac.new(key, f"{id}.{timestamp}.".encode() + body, hashlib.sha256).digest()
    return "v1," + base64.b64encode(digest).decode()


def signature_header(secrets: Iterable[str], id: str, timestamp: int, body: bytes) -> str:
    """Return the value of `webhook-signature`: one signature for each of *secrets*, so that they can be rotated."""
    return " ".join(sign(secret, id, timestamp, body) for secret in secrets)


def verify(
    secrets: Iterable[str], headers: Mapping[str, str], body: bytes, *, now: datetime, tolerance: timedelta = TOLERANCE
) -> str | None:
    """Return why *body* is not to be trusted, or None if one of *secrets* signed it at about *now*.

    Never raises for what the sender wrote.
    """
    given = {name.lower(): value for name, value in headers.items()}
    id, sent, signatures = (given.get(f"webhook-{name}", "") for name in ("id", "timestamp", "signature"))
    missing = [name for name, value in (("id", id), ("timestamp", sent), ("signature", signatures)) if not value]
    if missing:
        return "no " + " and no ".join(f"webhook-{name}" for name in missing)
    if not (sent.isascii() and sent.isdigit() and len(sent) <= 12):
        return "webhook-timestamp is no number of seconds"
    apart = timedelta(seconds=now.timestamp() - int(sent))
    if abs(apart) > tolerance:
        side = "past" if apart > timedelta() else "future"
        return f"webhook-timestamp is {abs(apart).total_seconds():.0f} s in the {side}"
    expected = [sign(secret, id, int(sent), body).encode() for secret in secrets]
    received = [signature.encode("utf-8", "replace") for signature in signatures.split()]
    # No early end: how long the comparison takes says nothing about what was compared.
    matching = [hmac.compare_digest(one, other) for one in expected for other in received]
    return None if any(matching) else "no signature in webhook-signature fits the secret"
