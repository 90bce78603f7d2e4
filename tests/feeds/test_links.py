"""What an answer's Link headers name."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.feeds.links import MOST, named

AT = "https://news.example/feeds/world.xml"


@pytest.mark.parametrize(
    ("headers", "found"),
    [
        (['<https://hub.example/>; rel="hub"'], [("hub", "https://hub.example/")]),
        (["<https://hub.example/>;rel=hub, </f>; rel=self"],
         [("hub", "https://hub.example/"), ("self", "https://news.example/f")]),
        (['<world.xml?p=2>; rel="next prev-archive"; title="a, b; rel=x"'],
         [("next", "https://news.example/feeds/world.xml?p=2"), ("prev-archive", "https://news.example/feeds/world.xml?p=2")]),
        (["<https://hub.example/a,b>; REL=Hub; rel=self"], [("hub", "https://hub.example/a,b")]),
        (["<https://a.example/>; rel=hub", "<https://b.example/>; rel=hub"],
         [("hub", "https://a.example/"), ("hub", "https://b.example/")]),
        (['<https://hub.example/>; rel=hub; anchor="/other"'], []),
        (["<mailto:a@b.example>; rel=author, <http://[x>; rel=hub, nonsense, <>"], []),
        (["<https://a.example/>"], []),
        ([], []),
    ],
)  # fmt: skip
def test_a_link_is_its_relation_and_its_absolute_address(headers, found):
    assert named(headers, AT) == tuple(found)


@given(st.lists(st.text('<>",; =abrelhub/:', max_size=60) | st.text(max_size=20), max_size=5))
def test_any_header_ends_in_links_or_none(headers):
    assert all(address.startswith("http") and relation for relation, address in named(headers, AT))


def test_a_header_without_end_costs_nothing():
    assert len(named(["<https://a.example/>; rel=hub, " * 100_000], AT)) == MOST
    assert named(["<" * 1_000_000, '<a>;"' * 1_000_000], AT) == ()
