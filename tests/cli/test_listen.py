"""A receiver to look at: what it takes, what it refuses, what people see of it."""

from __future__ import annotations

import asyncio
import base64
import http.client
import io
import json
import signal
import socket
import ssl
import subprocess
import sys
from collections.abc import Iterator, Sequence
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console

from monitor.alerts.decide import alert_of
from monitor.alerts.payload import alert_message, ping
from monitor.cli import listen
from monitor.cli.listen import Heard, Listener, as_line, serve, shown
from monitor.delivery import webhook
from monitor.delivery.signature import sign
from monitor.errors import UsageError
from monitor.guard import Door
from monitor.model import Accepted, Channel, ChannelId, Message, Severity
from tests.alerts.build import match, rule
from tests.build import NOON, delivery
from tests.serving import PATIENCE

SECRET = "whsec_" + base64.b64encode(bytes(range(32))).decode()
OTHER = "whsec_" + base64.b64encode(bytes(range(24))).decode()


def raised() -> Message:
    found = match(by=rule(severity=Severity.HIGH))
    return alert_message(alert_of(found, matched_at=NOON, raised_at=NOON, default_channel=None))


def headers(body: bytes, secret: str = SECRET, **changed: str) -> dict[str, str]:
    sent = int(NOON.timestamp())
    signed = {"id": "delivery_1", "timestamp": str(sent), "signature": sign(secret, "delivery_1", sent, body)}
    return {f"Webhook-{name.title()}": value for name, value in (signed | changed).items() if value}


class Ear:
    """A listener, and what it heard."""

    def __init__(self, *secrets: str) -> None:
        self.heard: list[Heard] = []
        self.listener = Listener(clock=lambda: NOON, heard=self.heard.append, secrets=secrets)

    def post(self, body: bytes, headers: dict[str, str]) -> int:
        connection = http.client.HTTPConnection(self.listener.url.split("/")[2], timeout=10)
        try:
            connection.request("POST", "/", body, headers)
            return connection.getresponse().status
        finally:
            connection.close()

    def raw(self, sent: bytes) -> bytes:
        """Return everything that comes back for the bytes *sent*, after which nothing more is sent."""
        host, port = self.listener.url.split("/")[2].split(":")
        with socket.create_connection((host, int(port)), timeout=10) as connection:
            connection.sendall(sent)
            connection.shutdown(socket.SHUT_WR)
            return b"".join(iter(lambda: connection.recv(65_536), b""))


@pytest.fixture
def ear() -> Iterator[Ear]:
    opened = Ear(SECRET)
    with opened.listener:
        yield opened


def seen(*heard: Heard) -> str:
    """Return what stands on a terminal that has no colours."""
    console = Console(file=io.StringIO(), width=120)
    for each in heard:
        console.print(shown(each), soft_wrap=True)
    assert isinstance(console.file, io.StringIO)
    return console.file.getvalue()


# ------------------------------------------------------------------ taking and refusing


def test_what_the_monitor_sends_is_verified_and_taken(ear: Ear):
    channel = Channel(
        id=ChannelId("listen"), type="webhook", url=ear.listener.url, secrets=(SECRET,), allow_private=True
    )

    async def sent() -> object:
        async with Door(user_agent="media-monitor/1", tls=ssl.create_default_context()) as door:
            return await webhook.send(door, channel, delivery(), raised(), now=NOON + timedelta(seconds=3))

    assert asyncio.run(sent()) == Accepted(status=204)
    (heard,) = ear.heard
    assert (heard.verdict, heard.type, heard.id, heard.repeat) == ("verified", "alert.raised", "delivery_1", 0)


def test_a_repeat_is_taken_and_marked(ear: Ear):
    body = raised().body
    assert [ear.post(body, headers(body)) for _ in range(3)] == [204, 204, 204]
    assert [heard.repeat for heard in ear.heard] == [0, 1, 2]


@pytest.mark.parametrize(
    ("secret", "changed", "status"),
    [
        (OTHER, {}, 401),
        (SECRET, {"id": "delivery_2"}, 401),
        (SECRET, {"timestamp": "1"}, 401),
        (SECRET, {"signature": "v1,nonsense"}, 401),
        (SECRET, {"signature": ""}, 400),
        (SECRET, {"id": ""}, 400),
    ],
)
def test_what_is_not_signed_as_it_should_be_is_refused(ear: Ear, secret: str, changed: dict[str, str], status: int):
    body = raised().body
    assert ear.post(body, headers(body, secret, **changed)) == status
    (heard,) = ear.heard
    assert (heard.verdict, heard.body) == ("refused", None)
    assert heard.reason


def test_without_a_secret_everything_is_taken_and_nothing_is_verified():
    ear = Ear()
    with ear.listener:
        assert ear.post(b'{"type": "test.ping"}', {}) == 204
        assert ear.post(b"{}", {"webhook-id": "x"}) == 204
    assert [(heard.verdict, heard.type, heard.repeat) for heard in ear.heard] == [
        ("unverified", "test.ping", 0),
        ("unverified", "?", 0),
    ]


@pytest.mark.parametrize("body", [b"", b"no json", b"[1]", b'"text"', b"\xff\xfe", b"[" * 50_000])
def test_a_body_that_is_no_json_object_is_refused(ear: Ear, body: bytes):
    assert ear.post(body, headers(body)) == 400
    assert ear.heard[0].reason == "the body is no JSON object"
    assert ear.heard[0].id == "delivery_1"


@pytest.mark.parametrize("size", [listen.MOST_BODY + 1, 4_000_000, 20_000_000])
def test_a_body_that_is_too_big_is_refused(ear: Ear, size: int, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(listen, "MOST_DRAINED", 30_000_000)
    assert ear.post(b"x" * size, {}) == 413
    assert ear.heard[0].reason == f"a body of {size:,} bytes, where 1,000,000 are the most"


@pytest.mark.parametrize(
    ("sent", "answered"),
    [
        (b"POST / HTTP/1.1\r\nHost: x\r\n\r\n", b"411"),
        (b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: -5\r\n\r\n", b"411"),
        (b"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", b"411"),
        (b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\n{", b"400"),
        (b"GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", b"200"),
        (b"BREW / HTTP/1.1\r\nHost: x\r\n\r\n", b"501"),
        (b"POST / HTTP/9.9\r\n\r\n", b"505"),
        (b"\x16\x03\x01\x00\xff\r\n\r\n", b"400"),
        (b"POST / HTTP/1.1\r\n" + b"X: y\r\n" * 200 + b"\r\n", b"431"),
        (b"", b""),
    ],
)
def test_what_is_hardly_http_is_survived(ear: Ear, sent: bytes, answered: bytes):
    answer = ear.raw(sent)
    assert answered in answer
    assert bool(answer) == bool(answered)
    body = raised().body
    assert ear.post(body, headers(body)) == 204


def test_it_forgets_the_oldest_ids_first(ear: Ear, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(listen, "REMEMBERED", 2)
    ear = Ear()
    for id in ("a", "b", "a", "c", "b", "a"):
        ear.listener.take({"webhook-id": id}, b"{}")
    assert [heard.repeat for heard in ear.heard] == [0, 0, 1, 0, 0, 0]
    with ear.listener:  # which closes its socket
        pass


def test_a_sender_that_keeps_its_connection_does_not_hold_up_the_end():
    ear = Ear()
    with ear.listener:
        kept = http.client.HTTPConnection(ear.listener.url.split("/")[2], timeout=10)
        kept.request("POST", "/", b"{}")
        assert kept.getresponse().status == 204
    kept.close()


# ------------------------------------------------------------------ showing


def verified(body: Any, **given: Any) -> Heard:
    return Heard(**{"at": NOON, "status": 204, "verdict": "verified", "id": "delivery_1", "body": body, **given})


def test_people_see_what_an_alert_is_about_and_why_it_came():
    page = seen(verified(json.loads(raised().body), repeat=2))
    assert "alert.raised  verified  repeat 2  delivery_1" in page
    assert "HIGH  Kosovo at the Security Council (kosovo)" in page
    assert "Flood in town\n  https://gazette.example/flood-in-town" in page
    assert "lede: Moscow believes that the proposal for a session of the United Nations Security Council is" in page


def test_what_was_found_stands_out():
    console = Console(file=io.StringIO(), force_terminal=True, width=200, color_system="standard", legacy_windows=False)
    console.print(shown(verified(json.loads(raised().body))))
    assert isinstance(console.file, io.StringIO)
    assert "\x1b[7mUnited Nations Security Council\x1b[0m" in console.file.getvalue()


def test_an_edit_is_shown_with_what_was_there_before():
    change = {"kind": "corrected", "fields": ["headline", "lede"], "before": {"headline": "Four hurt", "lede": None}}
    page = seen(verified({"type": "alert.updated", "data": {"alert": {"severity": "high"}, "change": change}}))
    assert "  corrected: headline, lede\n" in page
    assert "    headline before: Four hurt\n" in page
    assert "    lede before: (nothing)\n" in page


def test_paragraphs_are_counted_from_one_for_people():
    why = [{"clause": "a", "field": "body", "paragraph": 0, "text": "b", "sentence": "a b c"}]
    page = seen(verified({"data": {"alert": {"id": "x"}, "why": why, "truncated": ["article.lede"]}}))
    assert "body 1: a b c  a" in page
    assert "cut to fit" in page


def test_a_feed_that_fails_is_shown_with_why():
    data = {
        "feed": {"id": "gazette", "url": "https://gazette.example/rss"},
        "state": "failing",
        "before": "ok",
        "since": "2026-07-08T12:00:00Z",
        "why": "3 failures in a row",
        "fault": "404\x1b[2J Not Found",
    }
    page = seen(Heard(at=NOON, status=204, verdict="verified", id="d", body={"type": "feed.health", "data": data}))
    assert "FAILING  gazette, which was ok; since 2026-07-08T12:00:00Z: 3 failures in a row" in page
    assert "404\ufffd[2J Not Found" in page
    assert "https://gazette.example/rss" in page
    empty = {"type": "feed.health", "data": {"feed": {"id": 7}, "state": None}}
    assert "7, which was ?" in seen(Heard(at=NOON, status=204, verdict="verified", body=empty))


def test_other_messages_are_shown_with_what_they_carry():
    page = seen(
        verified(json.loads(ping(Channel(id=ChannelId("desk"), type="webhook"), NOON).body), verdict="unverified")
    )
    assert "test.ping  UNVERIFIED" in page
    assert 'channel: {"id": "desk", "type": "webhook"}' in page


def test_a_refusal_says_why():
    refused = Heard(at=NOON, status=401, verdict="refused", reason="no signature in webhook-signature fits the secret")
    assert "REFUSED (401)  no signature in webhook-signature fits the secret" in seen(refused)


def test_no_sender_moves_the_cursor():
    evil = "\x1b]0;owned\x07\x1b[2J\u202e[bold]x[/bold]"
    page = seen(verified({"type": evil, "data": {"alert": {"severity": evil}, "article": {"headline": evil}}}, id=evil))
    assert not any(sign in page for sign in "\x1b\x07\u202e")
    assert "[bold]x[/bold]" in page


anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda parts: st.lists(parts, max_size=3) | st.dictionaries(st.text(), parts, max_size=3),
    max_leaves=8,
)
alerts = st.fixed_dictionaries(
    {},
    optional={
        "type": anything,
        "data": anything
        | st.fixed_dictionaries(
            {"alert": st.dictionaries(st.sampled_from(["severity", "rule"]), anything)},
            optional={
                "article": st.dictionaries(st.sampled_from(["headline", "url"]), anything),
                "why": st.lists(
                    st.dictionaries(st.sampled_from(["clause", "text", "sentence", "field", "paragraph"]), anything)
                ),
                "truncated": anything,
                "change": st.dictionaries(st.sampled_from(["kind", "fields", "before"]), anything),
            },
        ),
    },
)


@given(alerts, st.none() | st.text())
def test_whatever_is_sent_can_be_shown(body: dict[str, Any], id: str | None):
    assert seen(verified(body, id=id))
    assert "\n" not in as_line(verified(body, id=id))


# ------------------------------------------------------------------ the command


def served(bodies: Sequence[bytes], **given: Any) -> str:
    """Return what `serve` prints while *bodies* are posted to it."""
    out = io.StringIO()
    opened: list[str] = []

    class Told(Listener):
        def __enter__(self) -> Told:
            opened.append(self.url)
            return super().__enter__()

    def post() -> None:
        host = opened[0].split("/")[2]
        for body in bodies:
            connection = http.client.HTTPConnection(host, timeout=10)
            connection.request("POST", "/", body, headers(body))
            connection.getresponse().read()
            connection.close()

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(listen, "Listener", Told)
        serve(port=0, console=Console(file=out, width=200), clock=lambda: NOON, until=post, **given)
    return out.getvalue()


def test_it_begins_with_what_to_put_into_channels_yaml():
    page = served([raised().body], secret=SECRET)
    assert 'url: "http://127.0.0.1:' in page
    assert "allow_private: true" in page
    assert "alert.raised  verified" in page
    assert SECRET not in page


def test_without_a_secret_it_says_that_nothing_is_verified():
    page = served([raised().body])
    assert "nothing will be verified" in page
    assert "UNVERIFIED" in page


def test_as_json_it_prints_one_line_a_delivery_and_nothing_else():
    first, second = map(json.loads, served([raised().body, b"[]"], secret=SECRET, as_json=True).splitlines())
    assert (first["webhook_id"], first["type"], first["verdict"]) == ("delivery_1", "alert.raised", "verified")
    assert first["body"] == json.loads(raised().body)
    assert (second["status"], second["verdict"], second["body"]) == (400, "refused", None)


def test_a_secret_that_cannot_verify_is_refused_at_start():
    with pytest.raises(UsageError, match="--secret: a secret begins with whsec_"):
        serve(port=0, secret="hunter2", console=Console(file=io.StringIO()), clock=lambda: NOON)


def test_a_port_that_is_taken_is_named():
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(OSError, match=f"port {port} cannot be listened on: .*choose another with --port"):
            serve(port=port, console=Console(file=io.StringIO()), clock=lambda: NOON)


def test_ctrl_c_ends_it_as_if_all_was_well():
    code = (
        "from datetime import UTC, datetime; from rich.console import Console; from monitor.cli.listen import serve;"
        "serve(port=0, console=Console(), clock=lambda: datetime(2026, 7, 8, tzinfo=UTC))"
    )
    with subprocess.Popen([sys.executable, "-u", "-c", code], stdout=subprocess.PIPE) as running:
        assert running.stdout is not None
        for line in running.stdout:
            if b"Listening" in line:
                break
        for line in running.stdout:
            if b"nothing will be verified" in line:
                break
        running.send_signal(signal.SIGINT)
        assert running.wait(PATIENCE) == 0
