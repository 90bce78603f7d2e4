"""Signatures that any library of Standard Webhooks verifies, and that we verify ourselves."""

from __future__ import annotations

import base64
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from standardwebhooks.webhooks import Webhook

from monitor.delivery.signature import new_secret, secret_fault, sign, signature_header, verify

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
OTHER = "whsec_" + base64.b64encode(bytes(range(32))).decode()
ID = "msg_p5jXN8AQM9LWM0D4loKWxJek"
SENT = 1614265330
BODY = b'{"test": 2432232314}'
THEN = datetime.fromtimestamp(SENT, UTC)


def headers(*secrets: str, **changed: str) -> dict[str, str]:
    signature = signature_header(secrets or (SECRET,), ID, SENT, BODY)
    return {"webhook-id": ID, "webhook-timestamp": str(SENT), "webhook-signature": signature} | {
        f"webhook-{name}": value for name, value in changed.items()
    }


def test_the_specifications_own_example_is_signed_as_it_says():
    assert sign(SECRET, ID, SENT, BODY) == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


@given(st.binary(min_size=24, max_size=64), st.text("abcdef_0123456789", min_size=1), st.text())
def test_the_reference_library_signs_alike(key: bytes, id: str, text: str):
    secret = "whsec_" + base64.b64encode(key).decode()
    assert sign(secret, id, SENT, text.encode()) == Webhook(secret).sign(id, THEN, text)


@given(st.binary(min_size=24, max_size=64), st.text(), st.timedeltas(timedelta(minutes=-5), timedelta(minutes=5)))
def test_what_we_sign_we_believe(key: bytes, text: str, apart: timedelta):
    secret, body = "whsec_" + base64.b64encode(key).decode(), text.encode()
    sent = {"Webhook-Id": ID, "Webhook-Timestamp": str(SENT), "Webhook-Signature": sign(secret, ID, SENT, body)}
    assert verify([secret], sent, body, now=THEN + apart) is None
    assert verify([secret], sent, body + b" ", now=THEN) == "no signature in webhook-signature fits the secret"


def test_while_rotating_either_secret_verifies_and_the_first_signs_first():
    both = headers(SECRET, OTHER)
    assert both["webhook-signature"].split(" ") == [sign(SECRET, ID, SENT, BODY), sign(OTHER, ID, SENT, BODY)]
    assert verify([SECRET], both, BODY, now=THEN) is None
    assert verify([OTHER], both, BODY, now=THEN) is None
    assert verify([OTHER, SECRET], headers(SECRET), BODY, now=THEN) is None


@pytest.mark.parametrize(
    ("changed", "reason"),
    [
        ({"id": ""}, "no webhook-id"),
        ({"id": "", "signature": ""}, "no webhook-id and no webhook-signature"),
        ({"timestamp": "yesterday"}, "webhook-timestamp is no number of seconds"),
        ({"timestamp": "-5"}, "webhook-timestamp is no number of seconds"),
        ({"timestamp": "١٦١٤"}, "webhook-timestamp is no number of seconds"),
        ({"timestamp": "9" * 400}, "webhook-timestamp is no number of seconds"),
        ({"timestamp": str(SENT - 301)}, "webhook-timestamp is 301 s in the past"),
        ({"timestamp": str(SENT + 301)}, "webhook-timestamp is 301 s in the future"),
        ({"timestamp": str(SENT + 1)}, "no signature in webhook-signature fits the secret"),
        ({"id": "msg_2"}, "no signature in webhook-signature fits the secret"),
        ({"signature": "v1a,AAAA v1,ümlaut v1"}, "no signature in webhook-signature fits the secret"),
    ],
)
def test_what_is_not_ours_is_refused_with_the_reason(changed: dict[str, str], reason: str):
    assert verify([SECRET], headers(**changed), BODY, now=THEN) == reason


@given(st.dictionaries(st.sampled_from(["webhook-id", "webhook-timestamp", "webhook-signature"]), st.text()))
def test_nothing_that_a_sender_writes_raises(sent: dict[str, str]):
    assert verify([SECRET], sent, b"", now=THEN) is not None


@pytest.mark.parametrize(
    ("secret", "fault"),
    [
        ("hunter2", "a secret begins with whsec_"),
        ("whsec_hunter2!", "is not base64"),
        ("whsec_abc", "is not base64"),
        ("whsec_ж", "is not base64"),
        ("whsec_", "holds 0 bytes"),
        ("whsec_" + base64.b64encode(bytes(23)).decode(), "holds 23 bytes"),
        ("whsec_" + base64.b64encode(bytes(65)).decode(), "holds 65 bytes"),
    ],
)
def test_a_secret_that_cannot_sign_is_named_without_being_quoted(secret: str, fault: str):
    said = secret_fault(secret)
    assert said is not None
    assert fault in said
    assert "hunter2" not in said
    with pytest.raises(ValueError, match=r"secret|base64"):
        sign(secret, ID, SENT, BODY)


@given(st.binary(min_size=24, max_size=64))
def test_24_to_64_bytes_in_base64_make_a_secret(key: bytes):
    assert secret_fault("whsec_" + base64.b64encode(key).decode()) is None


def test_a_new_secret_is_one_and_never_the_same():
    made = {new_secret() for _ in range(20)}
    assert len(made) == 20
    assert {secret_fault(secret) for secret in made} == {None}
