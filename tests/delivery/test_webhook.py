"""A signed POST goes out; whatever comes back, or does not, is an outcome."""

from __future__ import annotations

import asyncio
import base64
import ssl
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from standardwebhooks.webhooks import Webhook

from monitor import report
from monitor.delivery import webhook
from monitor.delivery.signature import verify
from monitor.guard import Answer, Door, Headers
from monitor.model import Accepted, Channel, ChannelId, Deferred, Gone, Outcome, Refused
from monitor.report import secrets
from tests.build import NOON, delivery, message
from tests.serving import Receiver, Reply, drip, hang, huge, redirect, reset

SECRET = "whsec_" + base64.b64encode(bytes(range(32))).decode()
OLD = "whsec_" + base64.b64encode(bytes(range(24))).decode()
BODY = '{"type":"alert.raised","data":{"headline":"Вучић"}}'.encode()


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with Receiver() as opened:
        yield opened


def desk(url: str, **given: Any) -> Channel:
    return Channel(
        **{"id": ChannelId("desk"), "type": "webhook", "url": url, "secrets": (SECRET,), "allow_private": True, **given}
    )


def sent(channel: Channel, *, now: datetime = NOON) -> Outcome:
    async def once() -> Outcome:
        async with Door(user_agent="media-monitor/1", tls=ssl.create_default_context()) as door:
            return await webhook.send(door, channel, delivery("delivery_1"), message(body=BODY), now=now)

    return asyncio.run(once())


# ------------------------------------------------------------------ what goes out


def test_what_goes_out_is_what_standard_webhooks_describes(receiver: Receiver):
    assert sent(desk(receiver.url("/in")), now=datetime.now(UTC)) == Accepted(status=200)  # noqa: TID251  the oracle looks at the clock
    (hit,) = receiver.hits
    assert (hit.method, hit.path, hit.body) == ("POST", "/in", BODY)
    assert hit.headers["content-type"] == "application/json"
    assert hit.headers["webhook-id"] == "delivery_1"
    assert hit.headers["user-agent"] == "media-monitor/1"
    Webhook(SECRET).verify(hit.body, dict(hit.headers.items()))


def test_a_retry_has_the_same_id_and_bytes_and_the_time_of_its_own(receiver: Receiver):
    for minutes in (0, 5):
        sent(desk(receiver.url()), now=NOON + timedelta(minutes=minutes))
    first, second = receiver.hits
    assert first.body == second.body
    assert first.headers["webhook-id"] == second.headers["webhook-id"]
    assert int(second.headers["webhook-timestamp"]) - int(first.headers["webhook-timestamp"]) == 300
    assert verify([SECRET], dict(second.headers.items()), second.body, now=NOON + timedelta(minutes=5)) is None


def test_while_secrets_rotate_all_of_them_sign(receiver: Receiver):
    sent(desk(receiver.url(), secrets=(SECRET, OLD)))
    (hit,) = receiver.hits
    for secret in (SECRET, OLD):
        assert verify([secret], dict(hit.headers.items()), hit.body, now=NOON) is None


def test_without_a_secret_nothing_is_signed(receiver: Receiver):
    sent(desk(receiver.url(), secrets=()))
    assert "webhook-signature" not in receiver.hits[0].headers


def test_a_channels_headers_come_on_top_and_never_instead(receiver: Receiver):
    theirs = {
        "Authorization": "Bearer abc",
        "Webhook-Id": "mine",
        "WEBHOOK-SIGNATURE": "v1,mine",
        "Content-Type": "text/plain",
        "Content-Length": "3",
        "User-Agent": "mine",
    }
    sent(desk(receiver.url(), headers=theirs))
    (hit,) = receiver.hits
    assert hit.headers["authorization"] == "Bearer abc"
    assert hit.headers.get_all("webhook-id") == ["delivery_1"]
    assert hit.headers.get_all("content-type") == ["application/json"]
    assert hit.headers.get_all("user-agent") == ["media-monitor/1"]
    assert hit.body == BODY
    assert verify([SECRET], dict(hit.headers.items()), hit.body, now=NOON) is None


# ------------------------------------------------------------------ what comes back


@pytest.mark.parametrize("status", [200, 201, 202, 204, 299])
def test_any_2xx_is_accepted(receiver: Receiver, status: int):
    receiver.script("/", Reply(status=status))
    assert sent(desk(receiver.url())) == Accepted(status=status)


@pytest.mark.parametrize("status", [408, 429, 500, 502, 503, 504, 599])
def test_a_receiver_in_trouble_is_tried_again(receiver: Receiver, status: int):
    receiver.script("/", Reply(status=status, body=b"later\n please"))
    assert sent(desk(receiver.url())) == Deferred(reason="status", detail=f"{status} later please", status=status)


@pytest.mark.parametrize("status", [400, 401, 403, 404, 413, 422])
def test_what_the_receiver_does_not_want_is_refused(receiver: Receiver, status: int):
    receiver.script("/", Reply(status=status))
    assert sent(desk(receiver.url())) == Refused(reason="status", detail=str(status), status=status)


def test_410_means_that_nothing_is_wanted_any_more(receiver: Receiver):
    receiver.script("/", Reply(status=410, body=b"moved out"))
    assert sent(desk(receiver.url())) == Gone(detail="410 moved out")


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_is_not_followed(receiver: Receiver, status: int):
    receiver.script("/", redirect(receiver.url("/elsewhere"), status))
    outcome = sent(desk(receiver.url()))
    assert outcome == Refused(reason="redirect", detail=f"{status}: redirects are not followed", status=status)
    assert receiver.hits_at("/elsewhere") == ()


@pytest.mark.parametrize("status", [429, 503, 500])
def test_how_long_to_wait_is_heard(receiver: Receiver, status: int):
    receiver.script("/", Reply(status=status, headers={"Retry-After": "7"}))
    outcome = sent(desk(receiver.url()))
    assert isinstance(outcome, Deferred)
    assert outcome.retry_after == timedelta(seconds=7)


def test_a_date_to_wait_for_is_read_by_the_receivers_own_clock():
    headers = {"date": "Wed, 08 Jul 2026 09:00:00 GMT", "retry-after": "Wed, 08 Jul 2026 09:01:00 GMT"}
    answer = Answer(url="https://desk.example", status=503, headers=Headers(headers.items()), body=b"")
    outcome = webhook.outcome(answer, desk("https://desk.example"), NOON)
    assert isinstance(outcome, Deferred)
    assert outcome.retry_after == timedelta(minutes=1)


@given(st.integers(100, 999), st.binary(), st.dictionaries(st.just("retry-after"), st.text()))
def test_every_answer_is_an_outcome_with_one_short_line(status: int, body: bytes, headers: dict[str, str]):
    answer = Answer(url="https://desk.example", status=status, headers=Headers(headers.items()), body=body)
    outcome = webhook.outcome(answer, desk("https://desk.example"), NOON)
    assert isinstance(outcome, Accepted) == (200 <= status < 300)
    if not isinstance(outcome, Accepted):
        assert len(outcome.detail) < 300
        assert outcome.detail.isprintable()


def test_an_answer_that_is_too_long_counts_by_its_status(receiver: Receiver):
    receiver.script("/", huge(1_000_000), Reply(status=500, body=b"x" * 100_000))
    assert sent(desk(receiver.url())) == Accepted(status=200)
    outcome = sent(desk(receiver.url()))
    assert isinstance(outcome, Deferred)
    assert len(outcome.detail) < 300


# ------------------------------------------------------------------ what does not come back


@pytest.mark.parametrize(
    ("reply", "reason"),
    [
        (reset(), "reset"),
        (Reply(raw=b""), "reset"),
        (Reply(raw=b"SSH-2.0-OpenSSH\r\n\r\n"), "protocol"),
        (hang(), "timeout"),
        (drip(), "timeout"),
    ],
)
def test_what_goes_wrong_on_the_wire_is_tried_again(
    receiver: Receiver, reply: Reply, reason: str, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(webhook, "DEADLINE", 0.5)
    receiver.script("/", reply)
    outcome = sent(desk(receiver.url()))
    assert isinstance(outcome, Deferred)
    assert (outcome.reason, outcome.status, outcome.retry_after) == (reason, None, None)


def test_nobody_there_is_tried_again():
    with Receiver() as gone:
        url = gone.url()
    outcome = sent(desk(url))
    assert isinstance(outcome, Deferred)
    assert outcome.reason == "refused"


@pytest.mark.parametrize("url", ["", "ftp://desk.example/", "https://", "nonsense"])
def test_an_address_that_is_none_is_an_outcome_too(url: str):
    outcome = sent(desk(url))
    assert isinstance(outcome, Deferred)
    assert outcome.reason == "address"


def test_a_private_address_is_not_reached_unless_the_channel_allows_it(receiver: Receiver):
    outcome = sent(desk(receiver.url(), allow_private=False))
    assert isinstance(outcome, Deferred)
    assert outcome.reason == "blocked"
    assert receiver.hits == ()


# ------------------------------------------------------------------ what is kept of it


def test_a_receiver_that_echoes_secrets_does_not_get_them_into_our_notes(
    receiver: Receiver, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(secrets, "_secrets", secrets._Secrets())
    path = "/in/0123456789abcdef"
    report.hide("another-secret")
    echo = f"{SECRET} {receiver.url(path)} Bearer-s3cr3t another-secret".encode()
    receiver.script(path, Reply(status=500, body=echo))
    outcome = sent(desk(receiver.url(path), headers={"Authorization": "Bearer-s3cr3t"}))
    assert isinstance(outcome, Deferred)
    assert outcome.detail == "500 *** *** *** ***"
