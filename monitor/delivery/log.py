"""The channel that needs no receiver: a message → one line in the program's own log."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from monitor.model import Accepted, Channel, Message
from monitor.report import told

ALERTS = ("alert.raised", "alert.updated")


def send(channel: Channel, message: Message) -> Accepted:
    """Log what *message* says, for people: of an alert its rule, severity, headline and address."""
    name = "alert" if message.type in ALERTS else message.type.replace(".", "_")
    told(name, channel=channel.id, **_facts(message))
    return Accepted()


def _facts(message: Message) -> dict[str, Any]:
    data = json.loads(message.body)["data"]
    if message.type not in ALERTS:
        return {name: value for name, value in data.items() if name not in ("schema", "channel")}
    return {
        "rule": data["alert"]["rule"]["id"],
        "severity": data["alert"]["severity"],
        "headline": data["article"]["headline"],
        "url": data["article"]["url"],
        "found": ", ".join(_found(data["why"])),
        **({"changed": ", ".join(data["change"]["fields"])} if "change" in data else {}),
    }


def _found(why: list[Mapping[str, str]]) -> dict[str, None]:
    """Return the different texts that were found, the first ones first."""
    return dict.fromkeys(hit["text"] for hit in why[:5])
