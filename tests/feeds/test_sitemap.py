"""News sitemaps."""

from __future__ import annotations

import pytest

from monitor.errors import ParseError
from monitor.feeds.parse import parse
from monitor.model import Document, Entry, Listing
from tests.build import without_fingerprints

SPACES = (
    "xmlns='http://www.sitemaps.org/schemas/sitemap/0.9' xmlns:news='http://www.google.com/schemas/sitemap-news/0.9'"
)


def read(text: str, known: frozenset[int] = frozenset()) -> Listing:
    return parse(Document(url="https://n.example/news.xml", body=text.encode()), known)


def urlset(*pages: str) -> str:
    return f"<?xml version='1.0'?><urlset {SPACES}>{''.join(pages)}</urlset>"


def page(n: int, date: str = "2023-07-08T15:07:00+02:00", more: str = "") -> str:
    return (
        f"<url><loc>https://n.example/{n}</loc><news:news><news:publication><news:name>The N</news:name>"
        f"<news:language>sr</news:language></news:publication><news:publication_date>{date}</news:publication_date>"
        f"<news:title>Council &amp; vote {n}</news:title>{more}</news:news></url>"
    )


def test_a_page_with_news_is_an_entry() -> None:
    listing = without_fingerprints(
        read(urlset(page(1, more="<news:keywords>Politics, UN ,,UN</news:keywords>"), "<url><loc>/about</loc></url>"))
    )
    assert listing == Listing(
        title="The N",
        form="sitemap",
        entries=(
            Entry(
                id="https://n.example/1",
                url="https://n.example/1",
                title="Council &amp; vote 1",
                published="2023-07-08T15:07:00+02:00",
                categories=("Politics", "UN"),
                language="sr",
                source="The N",
            ),
        ),
    )


def test_a_page_that_is_known_is_left_out() -> None:
    text = urlset(page(1), page(2))
    found = read(text, frozenset(read(text).listed[:1]))
    assert [entry.id for entry in found.entries] == ["https://n.example/2"]
    assert found.others == (("https://n.example/1", "https://n.example/1"),)


def test_of_too_many_pages_the_youngest_are_read_in_their_order() -> None:
    old = [page(n, date=f"2023-07-01T00:00:{n % 60:02}Z") for n in range(100)]
    new = [page(n, date="2023-07-08") for n in range(100, 2_050)]
    listing = read(urlset(*old, *new))
    assert len(listing.entries) == 2_000
    assert [entry.id for entry in listing.entries[-2:]] == ["https://n.example/2048", "https://n.example/2049"]
    assert listing.note == "the youngest 2,000 of 2,050 items read"


def test_a_broken_sitemap_is_repaired() -> None:
    listing = read(urlset(page(1).replace("&amp;", "&")))
    assert [entry.title for entry in listing.entries] == ["Council &amp; vote 1"]


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (urlset("<url><loc>https://n.example/1</loc></url>"), "lists no news"),
        (f"<sitemapindex {SPACES}><sitemap><loc>https://n.example/s.xml</loc></sitemap></sitemapindex>", "index of"),
        (urlset(page(1)).replace("</urlset>", ""), "no XML that can be read"),
        (urlset("<url/>" * 1_000_000), "more than 1,000,000 tags"),
    ],
)
def test_another_sitemap_is_told_in_plain_words(text: str, reason: str) -> None:
    with pytest.raises(ParseError, match=reason):
        read(text)
