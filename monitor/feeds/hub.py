"""The edge: a form goes to a WebSub hub, its answer comes back as a promise or a fault."""

from __future__ import annotations

from urllib.parse import urljoin

from monitor.guard import Door, WireError, shown

DEADLINE = 20.0  # seconds in all for one address; some hubs ask us back before they answer
HOPS = 3  # a hub may name another one (section 5.2): 307 or 308
MOST = 1000  # bytes read of an answer; hubs say in plain text what they do not like
EXCERPT = 200  # characters of it that are kept


async def request(door: Door, hub: str, form: bytes, *, allow_private: bool) -> str | None:
    """Return what is wrong with the answer of *hub* to *form*, in words; None if it will see to it."""
    headers = {"content-type": "application/x-www-form-urlencoded"}
    for _ in range(HOPS + 1):
        try:
            answer = await door.request(
                "POST", hub, headers=headers, content=form, allow_private=allow_private, deadline=DEADLINE, most=MOST
            )
        except WireError as fault:
            return fault.detail
        location = answer.headers.get("location")
        if answer.status not in (307, 308) or not location:
            return None if 200 <= answer.status < 300 else f"{shown(hub)} answered {answer.status} {_said(answer.body)}"
        try:
            hub = urljoin(hub, location.strip())
        except ValueError:
            return f"{shown(hub)} redirects to what is no address"
    return f"{shown(hub)} redirects more than {HOPS} times"


def _said(body: bytes) -> str:
    text = "".join(letter if letter.isprintable() else " " for letter in body.decode("utf-8", "replace"))
    return " ".join(text.split())[:EXCERPT]
