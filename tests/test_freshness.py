"""How long a server wants to be left alone."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.guard import Headers, http_date
from monitor.guard.freshness import LONGEST, max_age, retry_after

NOW = datetime(2023, 7, 8, 13, 7, tzinfo=UTC)
NOON = "Sat, 08 Jul 2023 12:00:00 GMT"
ONE = "Sat, 08 Jul 2023 13:00:00 GMT"


def headers(**values: str) -> Headers:
    return Headers((name.replace("_", "-"), value) for name, value in values.items())


@pytest.mark.parametrize(
    ("given_headers", "seconds"),
    [
        ({}, None),
        ({"cache_control": "max-age=300"}, 300),
        ({"cache_control": "public, MAX-AGE=300, must-revalidate"}, 300),
        ({"cache_control": 'max-age="300"'}, 300),
        ({"cache_control": "max-age=300", "age": "100"}, 200),
        ({"cache_control": "max-age=300", "age": "300"}, None),
        ({"cache_control": "max-age=300", "age": "soon"}, 300),
        ({"cache_control": "max-age=300, no-cache"}, None),
        ({"cache_control": "no-store, max-age=300"}, None),
        ({"cache_control": "max-age=0"}, None),
        ({"cache_control": "max-age=-5"}, None),
        ({"cache_control": "max-age=soon", "expires": ONE, "date": NOON}, None),
        ({"cache_control": "public", "expires": ONE, "date": NOON}, 3600),
        ({"cache_control": "max-age=60", "expires": ONE, "date": NOON}, 60),
        ({"expires": "Sat, 08 Jul 2023 14:07:00 GMT"}, 3600),
        ({"expires": NOON, "date": ONE}, None),
        ({"expires": "0", "date": NOON}, None),
        ({"expires": "-1"}, None),
        ({"cache_control": "max-age=" + "9" * 25}, int(LONGEST.total_seconds())),
        ({"expires": "Sat, 08 Jul 9999 12:00:00 GMT", "date": NOON}, int(LONGEST.total_seconds())),
    ],
)
def test_freshness_is_what_is_left_of_max_age_or_else_expires(given_headers, seconds):
    assert max_age(headers(**given_headers), NOW) == (None if seconds is None else timedelta(seconds=seconds))


def test_cache_control_may_come_in_several_lines():
    several = Headers([("Cache-Control", "public"), ("Cache-Control", "max-age=30")])
    assert max_age(several, NOW) == timedelta(seconds=30)


@pytest.mark.parametrize(
    ("given_headers", "seconds"),
    [
        ({}, None),
        ({"retry_after": "120"}, 120),
        ({"retry_after": " 120.7 "}, 120),
        ({"retry_after": "0"}, 0),
        ({"retry_after": "-1"}, None),
        ({"retry_after": "soon"}, None),
        ({"retry_after": ONE, "date": NOON}, 3600),
        ({"retry_after": NOON, "date": ONE}, 0),
        ({"retry_after": "Sat, 08 Jul 2023 13:08:00 GMT"}, 60),
        ({"retry_after": "Saturday, 08-Jul-23 13:08:00 GMT"}, 60),
        ({"retry_after": "Sat, 08 Jul 2023 13:08:00"}, 60),
        ({"retry_after": "Sat, 99 Jul 2023 13:08:00 GMT"}, None),
        ({"retry_after": "٣"}, None),
        ({"retry_after": "9" * 30}, int(LONGEST.total_seconds())),
        ({"retry_after": "9" * 5_000}, int(LONGEST.total_seconds())),
    ],
)
def test_retry_after_is_seconds_or_a_date_by_the_servers_clock(given_headers, seconds):
    assert retry_after(headers(**given_headers), NOW) == (None if seconds is None else timedelta(seconds=seconds))


@given(st.text(max_size=60))
def test_no_header_breaks_the_reading(text):
    for name in ("cache_control", "expires", "age", "date", "retry_after"):
        for wait in (max_age(headers(**{name: text}), NOW), retry_after(headers(**{name: text}), NOW)):
            assert wait is None or timedelta() <= wait <= LONGEST
    http_date(text)
