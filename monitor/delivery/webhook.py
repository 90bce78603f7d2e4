"""The edge: a message → a signed POST, its answer → an outcome."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime

from monitor.delivery.signature import signature_header
from monitor.guard import Answer, Door, WireError
from monitor.guard.freshness import retry_after
from monitor.model import Accepted, Channel, Deferred, Delivery, Gone, Message, Outcome, Refused
from monitor.report import redact

DEADLINE = 15.0  # seconds for lookup, connect, send and the whole answer; Standard Webhooks says 15 to 30
MOST_ANSWER = 4096  # bytes read of an answer; more says nothing that anybody would read
EXCERPT = 200  # characters of an answer that are kept for people
OURS = frozenset(
    {
        *("webhook-id", "webhook-timestamp", "webhook-signature", "content-type", "user-agent"),
        *("host", "connection", "content-length", "transfer-encoding", "accept-encoding"),  # how HTTP frames it
    }
)
"""Headers that a channel cannot set."""


async def send(door: Door, channel: Channel, delivery: Delivery, message: Message, *, now: datetime) -> Outcome:
    """Return what the receiver behind *channel* says to *message*, or what kept it from saying anything.

    The same delivery goes out under the same id with the same bytes each time;
    only the timestamp, which is that of the attempt, and with it the signature
    change.  Redirects are not followed: what was signed for one address is not
    given to another.
    """
    url = channel.url or ""
    headers = _headers(channel, delivery, message, int(now.timestamp()))
    try:
        answer = await door.request(
            "POST",
            url,
            headers=headers,
            content=message.body,
            allow_private=channel.allow_private,
            deadline=DEADLINE,
            most=MOST_ANSWER,
        )
    except WireError as error:
        return Deferred(reason=error.reason, detail=_shown(error.detail, channel))
    return outcome(answer, channel, now)


def outcome(answer: Answer, channel: Channel, now: datetime) -> Outcome:
    """Return what *answer* means for the delivery."""
    status = answer.status
    said = _excerpt(answer.body)
    detail = _shown(f"{status} {said}".strip(), channel)
    if 200 <= status < 300:
        return Accepted(status=status)
    if status == 410:
        return Gone(detail=detail)
    if 300 <= status < 400:
        return Refused(reason="redirect", detail=f"{status}: redirects are not followed", status=status)
    if 400 <= status < 500 and status not in (408, 429):
        return Refused(reason="status", detail=detail, status=status)
    return Deferred(reason="status", detail=detail, status=status, retry_after=retry_after(answer.headers, now))


def _headers(channel: Channel, delivery: Delivery, message: Message, timestamp: int) -> Mapping[str, str]:
    theirs = {name: value for name, value in channel.headers.items() if name.strip().lower() not in OURS}
    ours = {
        "content-type": "application/json",
        "webhook-id": delivery.id,
        "webhook-timestamp": str(timestamp),
    }
    if channel.secrets:
        ours["webhook-signature"] = signature_header(channel.secrets, delivery.id, timestamp, message.body)
    return theirs | ours


def _excerpt(body: bytes) -> str:
    """Return the beginning of *body* on one line, for people."""
    text = body.decode("utf-8", "replace")
    return " ".join(re.sub(r"[^\w\s!-~]", "\ufffd", text).split())[:EXCERPT]


def _shown(detail: str, channel: Channel) -> str:
    """Return *detail* without what a receiver may echo of the channel's secrets."""
    for secret in (*channel.secrets, *channel.headers.values(), *filter(None, [channel.url])):
        if len(secret) > 3:
            detail = detail.replace(secret, "***")
    return redact(detail)
