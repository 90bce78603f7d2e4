"""What a feed offers, what hubs say, what follows for the schedule."""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import parse_qs

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.feeds.schedule import Wait
from monitor.feeds.websub import (
    FLOOR,
    LEAST_RENEWAL,
    LONGEST_LEASE,
    LONGEST_RETRY,
    SAFETY,
    Look,
    Offer,
    Signature,
    answered,
    asking,
    demoted,
    denied,
    form,
    is_counted_on,
    is_missed,
    offered,
    pushed,
    spared,
    taken,
    verified,
)
from monitor.model import FeedId, Listing, Subscription, SubscriptionState, Visits
from tests.build import NOON, feed

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
HUB, TOPIC = "https://hub.example/", "https://gazette.example/feed"
S = SubscriptionState


def subscription(**given: Any) -> Subscription:
    """One that has been active for a week."""
    usual: dict[str, Any] = {
        "feed": FeedId("gazette"),
        "hub": HUB,
        "topic": TOPIC,
        "token": "t" * 43,
        "secret": "s" * 43,
        "state": S.ACTIVE,
        "active_at": NOON - 7 * DAY,
        "leased_until": NOON + 3 * DAY,
    }
    return Subscription(**{**usual, **given})


def asked(**given: Any) -> Subscription:
    return subscription(**{"state": S.WANTED, "active_at": None, "leased_until": None, "asked_at": NOON, **given})


# ------------------------------------------------------------------ what a feed offers


@pytest.mark.parametrize(
    ("listing", "expected"),
    [
        (Listing(hub=HUB, topic=TOPIC), Offer(hub=HUB, topic=TOPIC)),
        (Listing(topic=TOPIC), None),
        (Listing(hub=HUB), None),
        (Listing(hub="ftp://hub.example/", topic=TOPIC), None),
        (Listing(hub="http://[broken", topic=TOPIC), None),
        (Listing(hub=HUB, topic="/feed"), None),
        (Listing(hub=HUB, topic=TOPIC + "x" * 2000), None),
    ],
)
def test_a_hub_is_offered_only_with_the_feeds_own_address(listing: Listing, expected: Offer | None):
    assert offered(listing) == expected


def test_an_offer_is_taken_once_and_another_hub_is_another_subscription():
    offer = Offer(hub=HUB, topic=TOPIC)
    fresh = taken(offer, feed("gazette", allow_private=True), None)
    assert fresh == Subscription(feed=FeedId("gazette"), hub=HUB, topic=TOPIC, allow_private=True)
    known = subscription()
    assert taken(offer, feed("gazette"), known) is known
    other = taken(replace(offer, hub="https://other.example/"), feed("gazette"), known)
    assert other is not None
    assert (other.token, other.state) == (None, S.WANTED)
    back = taken(offer, feed("gazette"), subscription(state=S.LEAVING, tries=2))
    assert back is not None
    assert (back.state, back.tries) == (S.WANTED, 0)


# ------------------------------------------------------------------ asking


def test_a_hub_is_asked_with_a_callback_that_nobody_can_guess_and_a_secret():
    first = asking(Subscription(feed=FeedId("g"), hub=HUB, topic=TOPIC), token="T" * 43, secret="S" * 43, now=NOON)
    said = parse_qs(form(first, "https://m.example/x").decode())
    assert said == {
        "hub.callback": ["https://m.example/x/websub/" + "T" * 43],
        "hub.mode": ["subscribe"],
        "hub.topic": [TOPIC],
        "hub.lease_seconds": ["864000"],
        "hub.secret": ["S" * 43],
    }
    again = asking(first, token="other", secret="other", now=NOON + DAY)
    assert (again.token, again.secret, again.tries, again.asked_at) == (first.token, first.secret, 2, NOON + DAY)


def test_a_hub_that_is_left_is_not_told_the_secret_again():
    assert set(parse_qs(form(subscription(state=S.LEAVING), "https://m.example").decode())) == {
        "hub.callback",
        "hub.mode",
        "hub.topic",
    }


@given(st.integers(1, 10_000), st.floats(0, 1), st.none() | st.just("503"))
def test_a_hub_that_does_not_confirm_is_asked_ever_more_seldom_and_never_given_up(
    tries: int, jitter: float, fault: str | None
):
    one, more = (answered(asked(tries=each), fault, jitter=jitter) for each in (tries, tries + 1))
    assert one.delay is not None
    assert more.delay is not None
    assert HOUR <= one.delay <= more.delay <= LONGEST_RETRY * 1.1
    assert one.subscription is not None
    assert one.subscription.note == fault
    assert (one.subscription.asked_at is None) == (fault is not None)


def test_a_hub_that_confirmed_before_it_answered_has_confirmed():
    known = subscription(asked_at=None)
    assert answered(known, None, jitter=0).subscription is known
    assert answered(known, None, jitter=0).delay is None


def test_a_hub_that_does_not_let_us_go_is_forgotten_in_the_end():
    leaving = subscription(state=S.LEAVING, asked_at=NOON)
    assert answered(replace(leaving, tries=2), "503", jitter=0).subscription is not None
    assert answered(replace(leaving, tries=3), "503", jitter=0).subscription is None


# ------------------------------------------------------------------ what a hub asks


def said(mode: str = "subscribe", **given: str) -> dict[str, str]:
    usual = {"mode": mode, "topic": TOPIC, "challenge": "c", "lease_seconds": "864000"}
    return {f"hub.{name}": value for name, value in {**usual, **given}.items()}


def test_what_we_asked_for_is_confirmed_and_renewed_before_its_lease_ends():
    step = verified(asked(tries=3), said(), NOON)
    assert step is not None
    assert step.subscription is not None
    assert (step.subscription.state, step.subscription.tries, step.subscription.asked_at) == (S.ACTIVE, 0, None)
    assert (step.subscription.active_at, step.subscription.leased_until) == (NOON, NOON + 10 * DAY)
    assert step.delay == 9 * DAY


def test_a_renewed_subscription_has_been_active_all_the_time():
    renewed = verified(subscription(asked_at=NOON), said(), NOON)
    assert renewed is not None
    assert renewed.subscription is not None
    assert renewed.subscription.active_at == NOON - 7 * DAY
    late = verified(subscription(asked_at=NOON, leased_until=NOON - MINUTE), said(), NOON)
    assert late is not None
    assert late.subscription is not None
    assert late.subscription.active_at == NOON


@pytest.mark.parametrize(
    ("known", "told"),
    [
        (asked(asked_at=None), said()),
        (asked(), said(topic=TOPIC + "/")),
        (asked(), said("unsubscribe")),
        (asked(state=S.LEAVING), said("subscribe")),
        (asked(), said("publish")),
        (asked(), said(challenge="")),
        (asked(), said(challenge="c" * 5000)),
        (asked(), {}),
    ],
    ids=["not asked", "topic", "not meant", "not meant any more", "mode", "nothing to echo", "too much", "nothing"],
)
def test_what_we_did_not_ask_for_is_not_confirmed(known: Subscription, told: dict[str, str]):
    assert verified(known, told, NOON) is None


@given(st.text(max_size=12) | st.integers(0, 10**12).map(str))
def test_whatever_lease_a_hub_names_it_is_renewed_in_time_and_not_every_second(lease: str):
    step = verified(asked(), said(lease_seconds=lease), NOON)
    assert step is not None
    assert step.delay is not None
    assert step.subscription is not None
    assert step.subscription.leased_until is not None
    assert LEAST_RENEWAL <= step.delay <= LONGEST_LEASE
    assert step.subscription.leased_until - NOON <= LONGEST_LEASE


def test_who_left_is_let_go():
    step = verified(asked(state=S.LEAVING), said("unsubscribe"), NOON)
    assert step is not None
    assert step.subscription is None


def test_a_hub_may_refuse_at_any_time_and_is_asked_again_in_a_week():
    step = denied(subscription(), said("denied", reason="not\n  here"))
    assert step is not None
    assert step.subscription is not None
    assert (step.subscription.state, step.subscription.note) == (S.REFUSED, "the hub refuses: not here")
    assert not is_counted_on(step.subscription, NOON)
    assert step.delay == timedelta(days=7)
    gone = denied(subscription(state=S.LEAVING), said("denied"))
    assert gone is not None
    assert gone.subscription is None
    assert denied(subscription(), said("denied", topic="https://other.example/")) is None
    assert denied(subscription(), said()) is None


# ------------------------------------------------------------------ what a hub sends


def fits(header: str | None, *pieces: bytes, secret: str = "s3cret") -> bool:
    signature = Signature(secret, header)
    for piece in pieces:
        signature.update(piece)
    return signature.fits()


@pytest.mark.parametrize("method", ["sha1", "sha256", "sha384", "sha512"])
def test_a_push_is_believed_if_it_is_signed(method: str):
    digest = hmac.new(b"s3cret", b"<rss/>", getattr(hashlib, method)).hexdigest()
    assert fits(f"{method}={digest}", b"<rss", b"/>")
    assert fits(f" {method.upper()}={digest.upper()} ", b"<rss/>")
    assert not fits(f"{method}={digest}", b"<rss />")
    assert not fits(f"{method}={digest[:-1]}", b"<rss/>")
    assert not fits(f"{method}={digest}", b"<rss/>", secret="other")


@given(st.none() | st.text(max_size=100) | st.sampled_from(["md5=", "sha256", "=", "sha256=", "sha1=é"]))
def test_no_other_header_is_a_signature(header: str | None):
    assert not fits(header, b"<rss/>")


@given(st.none() | st.timedeltas(-DAY, 400 * DAY))
def test_a_storm_of_pushes_is_a_poll_every_so_often(ago: timedelta | None):
    told, wait = pushed(subscription(), Visits(polled_at=None if ago is None else NOON - ago), NOON)
    assert told.pushed_at == NOON
    assert timedelta() <= wait <= FLOOR
    assert wait == timedelta() if ago is None or ago >= FLOOR else wait > timedelta()


# ------------------------------------------------------------------ the schedule

USUAL = Wait(delay=15 * MINUTE, why="its max_lag")
BEFORE = Visits(polled_at=NOON - DAY)
AFTER = Visits(polled_at=NOON)


def look(**given: Any) -> Look:
    return Look(**{"before": BEFORE, "after": AFTER, "began": NOON, **given})


def wait(known: Subscription, **given: Any) -> timedelta:
    return spared(USUAL, known, look(**given)).delay


def test_a_feed_that_is_pushed_is_looked_at_once_a_day():
    assert wait(subscription()) == SAFETY < DAY
    assert spared(Wait(delay=7 * DAY, why="x"), subscription(), look()).delay == 7 * DAY


@pytest.mark.parametrize("state", [S.WANTED, S.DEMOTED, S.REFUSED, S.LEAVING])
def test_nobody_counts_on_a_hub_that_has_not_promised(state: SubscriptionState):
    assert wait(subscription(state=state)) == USUAL.delay


def test_nobody_counts_on_a_lease_that_has_run_out_nor_on_a_feed_that_fails():
    assert wait(subscription(leased_until=NOON)) == USUAL.delay
    assert wait(subscription(), after=replace(AFTER, failures=1)) == USUAL.delay


def test_a_push_that_brought_nothing_yet_is_looked_after_once_the_server_gives_another_answer():
    told = subscription(pushed_at=NOON - MINUTE)
    assert wait(told) == 5 * MINUTE
    assert wait(told, max_age=20 * MINUTE) == 20 * MINUTE
    assert wait(told, max_age=9 * DAY) == SAFETY
    assert wait(told, brought=(NOON,)) == SAFETY
    assert wait(subscription(pushed_at=BEFORE.polled_at)) == SAFETY


def test_a_push_during_a_poll_is_not_lost():
    told = subscription(pushed_at=NOON + MINUTE)
    meanwhile = {"brought": (NOON,), "after": replace(AFTER, polled_at=NOON + HOUR)}
    assert wait(told, **meanwhile) == FLOOR
    assert wait(told, **meanwhile, max_age=HOUR) == HOUR


OLD = (NOON - HOUR,)


@pytest.mark.parametrize(
    ("known", "before", "brought", "expected"),
    [
        (subscription(), BEFORE, OLD, True),
        (subscription(), BEFORE, (None,), True),
        (subscription(), BEFORE, (), False),
        (subscription(), BEFORE, (NOON - MINUTE,), False),
        (subscription(pushed_at=NOON - MINUTE), BEFORE, OLD, False),
        (subscription(pushed_at=NOON - DAY - MINUTE), BEFORE, OLD, False),
        (subscription(pushed_at=NOON - 2 * DAY), BEFORE, OLD, True),
        (subscription(active_at=NOON - HOUR), BEFORE, OLD, False),
        (subscription(state=S.DEMOTED), BEFORE, OLD, False),
        (subscription(), Visits(), OLD, False),
    ],
    ids=[
        "missed",
        "undated",
        "nothing",
        "just now",
        "told",
        "told just before",
        "told long ago",
        "young",
        "no",
        "first",
    ],
)
def test_an_item_that_no_push_told_of_is_a_promise_broken(
    known: Subscription, before: Visits, brought: tuple[datetime | None, ...], expected: bool
):
    assert is_missed(known, look(before=before, brought=brought)) is expected


def test_a_hub_that_broke_its_promise_gets_another_chance_in_a_week():
    step = demoted(subscription())
    assert step.subscription is not None
    assert wait(step.subscription) == USUAL.delay
    assert step.delay == timedelta(days=7)
    again = verified(replace(step.subscription, asked_at=NOON), said(), NOON)
    assert again is not None
    assert again.subscription is not None
    assert (again.subscription.state, again.subscription.active_at) == (S.ACTIVE, NOON)
