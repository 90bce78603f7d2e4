"""One address for one page."""

from __future__ import annotations

from urllib.parse import urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.articles.urls import canonical_url, is_site_root


@pytest.mark.parametrize(
    ("url", "canonical"),
    [
        ("HTTP://WWW.Paper.Example/A", "http://www.paper.example/A"),
        ("https://paper.example", "https://paper.example/"),
        ("https://paper.example:443/a", "https://paper.example/a"),
        ("http://paper.example:8080/a", "http://paper.example:8080/a"),
        ("https://paper.example./a", "https://paper.example/a"),
        ("https://paper.example/a#comments", "https://paper.example/a"),
        ("https://paper.example/a/./b/../c", "https://paper.example/a/c"),
        ("https://paper.example/../../a/..", "https://paper.example/"),
        ("https://paper.example//a//b", "https://paper.example//a//b"),
        ("https://paper.example/a/", "https://paper.example/a/"),
        ("  https://paper.example/a\n", "https://paper.example/a"),
        ("https://u:p@paper.example/a", "https://paper.example/a"),
        ("https://вести.example/вест?б=в", "https://xn--b1agj9af.example/%D0%B2%D0%B5%D1%81%D1%82?%D0%B1=%D0%B2"),
        ("https://straße.example/", "https://xn--strae-oqa.example/"),
        ("https://paper.example/%7euser/%c5%a1", "https://paper.example/~user/%C5%A1"),
        ("https://paper.example/a%2Fb", "https://paper.example/a%2Fb"),
        ("https://paper.example/100%", "https://paper.example/100%25"),
        ("http://[2001:DB8::0:1]:80/a", "http://[2001:db8::1]/a"),
        ("https://paper.example/a?utm_source=rss&utm_medium=feed", "https://paper.example/a"),
        ("https://paper.example/a?b=2&fbclid=x&a=1", "https://paper.example/a?b=2&a=1"),
        ("https://paper.example/a?partner=rss&emc=rss", "https://paper.example/a"),
        ("https://paper.example/a?partner=12", "https://paper.example/a?partner=12"),
        ("https://paper.example/a?source=rss-b495------2", "https://paper.example/a"),
        ("https://paper.example/a?id=1&&x", "https://paper.example/a?id=1&x"),
        ("https://paper.example/a?", "https://paper.example/a"),
        ("https://paper.example/a?q=a+b%20c", "https://paper.example/a?q=a+b%20c"),
    ],
)
def test_an_address_loses_what_does_not_change_the_page(url, canonical):
    assert canonical_url(url) == canonical


@pytest.mark.parametrize(
    "url",
    [
        *(None, "", " ", "paper.example/a", "/a", "//paper.example/a", "mailto:desk@paper.example", "javascript:x()"),
        *("urn:uuid:1", "http://", "http:///a", "http://[::1", "http://[::zz]/", "http://paper.example:99999/"),
        *(
            "http://paper.example:port/",
            "http://a..b/",
            "http://exa mple/",
            "http://\ud800/",
            "https://x/" + "a" * 5000,
        ),
        *("http://xn--\u0661.example/", "http://[v1.fe80::a+en1]/", "ftp://paper.example/a"),
    ],
)
def test_what_no_browser_would_open_is_no_address(url):
    assert canonical_url(url) is None


def test_a_page_is_not_its_site_s_root():
    assert is_site_root("https://paper.example/")
    assert not is_site_root("https://paper.example/?p=1")
    assert not is_site_root("https://paper.example/a")


@given(st.text() | st.text().map("http://paper.example/{}".format) | st.text().map("http://{}/a".format))
def test_no_text_whatever_raises_and_every_answer_is_final(text):
    once = canonical_url(text)
    assert once is None or canonical_url(once) == once


@given(st.text(alphabet="ab/.%?&=#:[]@ ćЖ2eE"))
def test_every_answer_is_plain_ascii_with_a_host_and_without_a_fragment(text):
    once = canonical_url(f"https://paper.example/{text}")
    assert once is not None
    assert once.isascii()
    assert urlsplit(once).hostname == "paper.example"
    assert "#" not in once
    assert canonical_url(once) == once


@given(st.lists(st.sampled_from(["a=1", "b=2", "a=3", "c", "id=%C5%A1"]), min_size=1))
def test_the_query_keeps_its_order_and_its_repeats(parameters):
    query = "&".join(parameters)
    assert canonical_url(f"https://paper.example/a?{query}") == f"https://paper.example/a?{query}"
