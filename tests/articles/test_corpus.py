"""Real documents: the sample article word for word, and how much of real feeds and pages comes out right."""

from __future__ import annotations

import csv
import gzip
import json
import re
from datetime import UTC, datetime
from io import BytesIO
from statistics import fmean

import feedparser
import pytest

from monitor import dates
from monitor.articles.normalise import article_from_text, form_of, sightings
from monitor.articles.page import article_from_html
from monitor.canonical import document
from monitor.model import Entry, Feed, FeedId, Listing
from monitor.text import plain_words
from tests.bench.pages import alike

pytestmark = pytest.mark.corpus

NOON = datetime(2026, 11, 1, 12, tzinfo=UTC)
FEED = Feed(id=FeedId("paper"), url="https://paper.example/feed", timezone="Europe/Belgrade")


def test_the_sample_article_comes_out_as_the_contract_says(corpus):
    text = (corpus / "seed-article.txt").read_text(encoding="utf-8")
    shown = document(article_from_text(text, FEED, url=None, seen_at=NOON))
    assert shown["published_at"] == "2023-07-08T15:07:00+02:00"
    assert (shown["published_precision"], shown["timezone_source"]) == ("minute", "outlet")
    assert (shown["section"], shown["headline"]) == ("Politics", "Russia stood by Serbia")
    assert str(shown["lede"]).startswith("Moscow believes that Serbia's proposal ")
    assert str(shown["lede"]).endswith(" is timely.")
    assert (shown["source"], shown["credit"], shown["language"]) == ("Sputnik", "Profimedia", "en")
    assert [headline[:30] for headline in shown["related"]] == ["Kharchenko supported Vučić: Th"]
    assert len(shown["body"]) == 8
    assert all(paragraph.endswith((".", '"')) for paragraph in shown["body"])
    counted = " ".join([str(shown["headline"]), str(shown["lede"]), *shown["body"]])
    assert "\\" not in counted
    assert not re.search("Tweet|Kharchenko|Foto:|Source:", counted)


@pytest.mark.parametrize(
    "form",
    [
        "<html><body><p>{head}</p>{body}</body></html>",
        "<html><head><title>{headline} - B92.net</title></head><body><h2>Politics</h2><h1>{headline}</h1>"
        "<div class='article-header'>{lede}</div><div>Source: Sputnik <time>Saturday, July 8, 2023 | 15:07</time></div>"
        "<div><a>Tweet</a> <a>Share</a></div><span>Foto: Profimedia</span>{body}</body></html>",
        "<html><body><div>Politics</div><h1>{headline}</h1><b>{lede}</b><br>Source: Sputnik"
        " Saturday, July 8, 2023 | 15:07<br>Tweet Share<br>Foto: Profimedia<br><br>{body}</body></html>",
    ],
)
def test_the_sample_article_comes_out_of_a_page_as_out_of_its_text(corpus, form):
    text = (corpus / "seed-article.txt").read_text(encoding="utf-8")
    told = document(article_from_text(text, FEED, url=None, seen_at=NOON))
    head, *parts = (" ".join(part.split()) for part in text.split("\n\n") if part.strip())
    body = "".join(f"<p>{part}</p>" for part in parts)
    page = form.format(head=head, headline=told["headline"], lede=told["lede"], body=body)
    shown = document(article_from_html(page, FEED, url=None, seen_at=NOON))
    fields = told.keys() - {"id", "story", "furniture", "published_raw", "outlet"}
    assert {name: shown[name] for name in fields} == {name: told[name] for name in fields}


def test_without_an_outlet_the_sample_article_has_no_zone(corpus):
    text = (corpus / "seed-article.txt").read_text(encoding="utf-8")
    shown = document(article_from_text(text, None, url=None, seen_at=NOON))
    assert (shown["published_at"], shown["timezone_source"]) == ("2023-07-08T15:07:00", "none")


def listings(corpus):
    """Yield every fourth feed of the corpus as feedparser, which takes its time, reads it."""
    for path in sorted((corpus / "feeds").iterdir())[::4]:
        if path.suffix not in (".csv", ".json"):
            read = feedparser.parse(BytesIO(path.read_bytes()), sanitize_html=False, resolve_relative_uris=False)
            yield Listing(
                language=read.feed.get("language"),
                home=read.feed.get("link"),
                entries=tuple(
                    Entry(
                        id=entry.get("id"),
                        url=entry.get("link"),
                        title=entry.get("title"),
                        summary=entry.get("summary"),
                        content=entry["content"][0]["value"] if entry.get("content") else None,
                        published=entry.get("published") if "published" in entry else entry.get("updated"),
                        categories=tuple(tag.get("term") or "" for tag in entry.get("tags", [])),
                    )
                    for entry in read.entries
                ),
            )


@pytest.fixture(scope="module")
def articles(corpus):
    """The entries of those feeds with the articles that became of them."""
    feed = Feed(id=FeedId("paper"), url="https://paper.example/feed", language="en")
    return [
        (entry, sighting.article)
        for listing in listings(corpus)
        for found in [sightings(listing, feed, url=feed.url, seen_at=NOON)]
        if len(found) == len(listing.entries)
        for entry, sighting in zip(listing.entries, found, strict=True)
    ]


def test_nearly_every_real_entry_becomes_an_article_with_words(articles):
    assert len(articles) > 1000
    assert fmean(bool(article.headline) for entry, article in articles if entry.title) > 0.99
    assert fmean(bool(article.lede or article.body) for entry, article in articles if entry.summary) > 0.9


def test_next_to_nothing_of_real_text_is_taken_for_another_article_s_headline(articles):
    paragraphs = sum(len(article.body) for _, article in articles)
    related = sum(piece.kind == "related" for _, article in articles for piece in article.furniture)
    assert related < 0.01 * paragraphs


def test_nearly_every_real_date_is_read(articles):
    assert fmean(article.published is not None for entry, article in articles if entry.published) > 0.99


def test_the_form_of_real_documents_is_told(corpus):
    feeds = [path.read_bytes() for path in (corpus / "feeds").iterdir() if path.suffix != ".csv"]
    pages = [gzip.decompress(path.read_bytes()) for path in (corpus / "pages").glob("*.gz")]
    assert fmean(form_of(body, None) == "feed" for body in feeds) > 0.98
    assert fmean(form_of(body, None) == "html" for body in pages) > 0.98
    assert form_of((corpus / "articles.jsonl").read_bytes(), None) == "jsonl"


@pytest.fixture(scope="module")
def pages(corpus):
    """Every second page of the corpus as an article, with what people found on it."""
    with (corpus / "pages" / "index.csv").open(encoding="utf-8", newline="") as index:
        rows = list(csv.DictReader(index))[::2]
    return [
        (
            article_from_html(
                gzip.decompress((corpus / "pages" / row["file"]).read_bytes()),
                None,
                url=row["url"] or None,
                seen_at=NOON,
            ),
            json.loads((corpus / "pages" / row["gold"]).read_text(encoding="utf-8")),
        )
        for row in rows
    ]


def test_the_text_of_real_pages_comes_out(pages):
    found = [alike(" ".join([page.lede or "", *page.body]), gold["text"]) for page, gold in pages if gold.get("text")]
    assert fmean(found) > 0.94


def test_the_day_of_real_pages_comes_out(pages):
    days = [
        page.published is not None and page.published.at.date() == told.at.date()
        for page, gold in pages
        if gold.get("date") and (told := dates.published(gold["date"])) is not None
    ]
    assert fmean(days) > 0.95


def test_the_headlines_of_real_pages_come_out(pages):
    assert fmean(alike(page.headline or "", gold["title"]) > 0.7 for page, gold in pages) > 0.92
    assert fmean(plain_words(page.headline or "") == plain_words(gold["title"]) for page, gold in pages) > 0.8


def test_broken_documents_are_read_all_the_same(corpus):
    for path in sorted((corpus / "malformed").iterdir()):
        body = path.read_bytes()
        article_from_html(body, None, url=None, seen_at=NOON)
        article_from_text(body.decode("utf-8", "replace"), None, url=None, seen_at=NOON)
        form_of(body, None)
