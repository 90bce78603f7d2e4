"""docs/reference/webhook.md says what the code does."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

from jsonschema import Draft202012Validator

from monitor.alerts import payload
from monitor.delivery import settle, webhook
from monitor.delivery.signature import signature_header

REFERENCE = Path(__file__).parents[2] / "docs" / "reference"
PAGE = (REFERENCE / "webhook.md").read_text(encoding="utf-8")
SECRET, OLD = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "whsec_" + "AAAA" * 8


def block(language: str) -> str:
    found = re.search(rf"```{language}\n(.*?)```", PAGE, re.DOTALL)
    assert found
    return found[1]


def words(waits: tuple[Any, ...]) -> str:
    """Return *waits* as the page writes them."""

    def word(seconds: int) -> str:
        unit, length = next((unit, n) for unit, n in (("h", 3600), ("min", 60), ("s", 1)) if seconds % n == 0)
        return f"{seconds // length} {unit}"

    return ", ".join(word(int(wait.total_seconds())) for wait in waits)


def test_the_example_is_what_its_schema_promises():
    example = json.loads(block("json"))
    schema = json.loads((REFERENCE / "schemas" / "alert.raised.json").read_text(encoding="utf-8"))
    Draft202012Validator(schema).validate(example)
    (why,) = example["data"]["why"]
    assert example["data"]["article"]["lede"][why["start"] : why["end"]] == why["text"]


def test_the_code_for_receivers_takes_what_we_sign_and_nothing_else():
    code: dict[str, Any] = {}
    exec(block("python"), code)  # the page's own lines
    headers = {
        "webhook-id": "delivery_1",
        "webhook-timestamp": "1614265330",
        "webhook-signature": signature_header([OLD, SECRET], "delivery_1", 1614265330, b"{}"),
    }
    assert code["is_genuine"](SECRET, headers, b"{}", 1614265331)
    assert not code["is_genuine"](SECRET, headers, b"[]", 1614265331)
    assert not code["is_genuine"](SECRET, headers, b"{}", 1614265331 + 600)


def test_the_schedule_and_the_limits_are_those_of_the_code():
    assert words(settle.WAITS) + "." in PAGE
    assert words(settle.BUSY[3:]) + "." in PAGE
    assert f"There are {settle.MOST_ATTEMPTS} tries" in PAGE
    assert f"the first {sum(not wait for wait in settle.BUSY)} times" in PAGE
    assert f"other 4xx | {settle.MOST_REFUSALS} tries" in PAGE
    assert f"{webhook.DEADLINE:.0f} seconds in all" in PAGE
    assert f"{webhook.MOST_ANSWER:,} bytes are read, and {webhook.EXCERPT} characters" in PAGE
    assert f"{payload.MOST:,} bytes at most" in PAGE
    assert f"more than {payload.URL:,} bytes" in PAGE


def test_every_header_that_a_channel_cannot_set_is_named():
    assert all(f"`{header}`" in PAGE for header in webhook.OURS)


def test_every_type_has_a_schema_and_a_line():
    for schema in (REFERENCE / "schemas").glob("*.json"):
        assert f"| `{schema.stem}` |" in PAGE
