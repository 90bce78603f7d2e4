"""One article in every form that it may come in: the same fields come out.

The article is made up, and so is the site.
"""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from monitor.articles.normalise import article_from_text, form_of, lede_and_body, sightings
from monitor.articles.page import article_from_html
from monitor.canonical import document
from monitor.model import Entry, Feed, FeedId, Listing

NOON = datetime(2023, 7, 9, 12, tzinfo=UTC)
URL = "https://paper.example/2023/norway"
FEED = Feed(id=FeedId("paper"), url="https://paper.example/feed", outlet="Paper", timezone="Europe/Belgrade")

HEADLINE = "Norway stands by Finland"
LEDE = "Oslo believes that Finland's request for a joint session of the river council is fair."
BODY = (
    "This was stated by the spokeswoman of the Norwegian ministry of rivers, Petra Lindqvist.",
    '"We are worried about the water in the valley. Nobody knows when the rain will stop, and the old dam is weak," '
    "said Lindqvist about the request of the Finnish minister.",
    "She added that every step should be taken together & within the law of the rivers.",
    "The Finnish minister announced earlier that he would ask for a meeting with the engineers.",
)
RELATED = "Larsen supported Lindqvist: There are reasons for a special session of the river council"
ASIDE = ("Source: Tanjug", "Saturday, July 8, 2023 | 15:07", "Tweet Share", "Foto: Profimedia")
PARAGRAPHS = (*BODY[:3], RELATED, BODY[3])
ESCAPED = [text.replace("&", "&amp;") for text in PARAGRAPHS]

EXPECTED = {
    "headline": HEADLINE,
    "section": "Politics",
    "lede": LEDE,
    "body": list(BODY),
    "source": "Tanjug",
    "credit": "Profimedia",
    "related": [RELATED],
    "published_at": "2023-07-08T15:07:00+02:00",
    "published_precision": "minute",
    "timezone_source": "outlet",
    "language": "en",
}


def fields(article):
    shown = document(article)
    return {name: shown[name] for name in EXPECTED}


def from_entry(**parts):
    listing = Listing(entries=(Entry(id="1", url=URL, title=HEADLINE, categories=("Politics",), **parts),))
    (sighting,) = sightings(listing, FEED, url=FEED.url, seen_at=NOON)
    return sighting.article


def tagged(tag, texts):
    return "".join(f"<{tag}>{text}</{tag}>\n" for text in texts)


def test_from_the_text_of_its_page():
    head = f" date 2023-07-08 Politics {HEADLINE} {LEDE} {' '.join(ASIDE)}"
    text = "\n\n\n\n".join([head, *PARAGRAPHS]).replace("'", "\\'")
    assert fields(article_from_text(text, FEED, url=URL, seen_at=NOON)) == EXPECTED


DATE = "Saturday, July 8, 2023 | 15:07"
CONTENTS = {
    "paragraphs": tagged("p", [ASIDE[0], ASIDE[2], ASIDE[3], *ESCAPED]),
    "divisions": tagged("div", [*ESCAPED, ASIDE[2], ASIDE[0], ASIDE[3]]),
    "line breaks": "<br/>\n<br/>\n".join([*ESCAPED, f"{ASIDE[0]}<br>{ASIDE[3]}"]),
    "bare text": "\n\n".join([f"{ASIDE[0]}\n{ASIDE[3]}", *PARAGRAPHS, ASIDE[2]]),
    "a linked headline": tagged("p", ESCAPED[:3])
    + f'<p><a href="/other">{RELATED}</a></p><p>{ESCAPED[4]}</p>'
    + tagged("p", [ASIDE[0], ASIDE[3]]),
    "a label before the headline": tagged("p", ESCAPED[:3])
    + f"<p>Read more: {RELATED}</p><p>{ESCAPED[4]}</p>"
    + tagged("p", [ASIDE[0], ASIDE[3]]),
    "a label over the headline": tagged("p", ESCAPED[:3])
    + f"<p>Možda vas zanima</p><p>{RELATED}</p><p>{ESCAPED[4]}</p>"
    + tagged("p", [ASIDE[0], ASIDE[3]]),
    "a box": tagged("p", ESCAPED[:3])
    + f'<div class="related-box"><p>{RELATED}</p></div><p>{ESCAPED[4]}</p>'
    + '<figure><img src="x"><figcaption>The old dam. Foto: Profimedia</figcaption></figure>'
    + tagged("p", [ASIDE[0]]),
}


@pytest.mark.parametrize("content", CONTENTS.values(), ids=CONTENTS)
def test_from_an_entry_whose_content_is(content):
    assert fields(from_entry(content=content, summary=f"<p>{LEDE}</p>", published=DATE)) == EXPECTED


def test_from_an_entry_that_names_its_agency_and_photographer():
    article = from_entry(
        content=tagged("p", ESCAPED), summary=LEDE, published=DATE, source="Tanjug", credit="Profimedia"
    )
    assert fields(article) == EXPECTED


LAYOUTS = {
    "marked with classes": """<!DOCTYPE html><html lang="en"><head><title>{headline} - Politics - Paper</title>
        <meta property="og:site_name" content="Paper"><meta property="og:title" content="{headline}"></head><body>
        <nav><ul><li><a href="/p">Politics</a></li><li><a href="/w">World</a></li></ul></nav>
        <article><span class="kicker">Politics</span><h1>{headline}</h1><p class="lead">{lede}</p>
        <div class="meta"><p>Source: Tanjug</p><time>Saturday, July 8, 2023 | 15:07</time></div>
        <div class="share">Tweet Share</div><figure><img src="x"><figcaption>Foto: Profimedia</figcaption></figure>
        {paragraphs}</article><footer><p>Copyright Paper. All rights reserved.</p></footer></body></html>""",
    "marked with metadata": """<html><head><title>{headline} | Paper</title>
        <script type="application/ld+json">{{"@context": "https://schema.org", "@graph": [{{"@type": "NewsArticle",
        "headline": "{headline}", "datePublished": "2023-07-08T15:07", "articleSection": "Politics",
        "description": "{lede}", "author": {{"@type": "Person", "name": "A. Writer"}}}}]}}</script></head><body>
        <header><a href="/">Paper</a></header><div id="main"><h1>{headline}</h1><p>{lede}</p><p>Source: Tanjug</p>
        <p>Foto: Profimedia</p>{paragraphs}</div></body></html>""",
    "not marked at all": """<html><head><title>{headline}</title>
        <meta property="article:section" content="Politics"></head><body><h1>{headline}</h1>
        <p>{lede}</p><p>Source: Tanjug</p><p>Saturday, July 8, 2023 | 15:07</p><p>Tweet Share</p><p>Foto: Profimedia</p>
        {paragraphs}</body></html>""",
    "with a headline that is a link": """<html><head><title>{headline}</title>
        <meta name="section" content="Politics"><meta name="description" content="{lede}">
        <meta name="date" content="2023-07-08"></head><body><div class="content"><h1>{headline}</h1><h2>{lede}</h2>
        <div>Izvor: Tanjug</div><div>Subota, 8. jul 2023. | 15:07</div><div>Podeli:</div><div>Foto: Profimedia</div>
        {linked}</div></body></html>""",
}


@pytest.mark.parametrize("layout", LAYOUTS.values(), ids=LAYOUTS)
def test_from_its_page_in_html(layout):
    linked = tagged("p", [*ESCAPED[:3], f'<a href="/other">{RELATED}</a>', ESCAPED[4]])
    page = layout.format(headline=HEADLINE, lede=LEDE, paragraphs=tagged("p", ESCAPED), linked=linked)
    article = article_from_html(page.encode(), FEED, url=URL, seen_at=NOON)
    assert fields(article) == EXPECTED
    assert article.url == URL


SERBIAN_HEADLINE = "Norveška podržala finski predlog"
SERBIAN_LEDE = "Oslo smatra da je finski predlog za zajedničku sednicu rečnog saveta pravičan i dobrodošao."
SERBIAN = (
    "To je izjavila portparolka norveškog ministarstva za reke Petra Lindkvist na konferenciji za novinare.",
    "„Zabrinuti smo zbog vode u dolini. Niko ne zna kada će kiša prestati, a stara brana je slaba“, rekla je ona.",
    "Ona je dodala da svaki korak treba preduzeti zajedno i u skladu sa zakonom koji važi za reke.",
    "Finski ministar je ranije najavio da će tražiti sastanak sa inženjerima koji su branu pregledali.",
)
SERBIAN_ASIDE = ("Izvor: Tanjug", "Subota, 8. jul 2023. | 15:07", "Tweet Share", "Foto: Profimedia")


def test_a_serbian_article_is_the_same_as_text_and_as_a_page():
    """Whatever a page is made of, and if nothing is left of it but its text, one canonical article comes out."""
    flat = "\n\n\n\n".join(
        [f" date 2023-07-08 Politika {SERBIAN_HEADLINE} {SERBIAN_LEDE} {' '.join(SERBIAN_ASIDE)}", *SERBIAN]
    )
    source, date, share, photo = SERBIAN_ASIDE
    page = f"""<!DOCTYPE html><html lang="sr"><head><title>{SERBIAN_HEADLINE} - Politika - Paper</title>
        <meta property="article:section" content="Politika"><meta property="og:title" content="{SERBIAN_HEADLINE}">
        </head><body><nav><a href="/p">Politika</a> <a href="/s">Sport</a></nav><article><h1>{SERBIAN_HEADLINE}</h1>
        <p class="lead">{SERBIAN_LEDE}</p><p>{source}</p><time>{date}</time><div class="share">{share}</div>
        <figure><img src="x"><figcaption>{photo}</figcaption></figure>{tagged("p", SERBIAN)}</article>
        <footer><p>Sva prava zadržana.</p></footer></body></html>"""
    told = fields(article_from_text(flat, FEED, url=URL, seen_at=NOON))
    assert told == fields(article_from_html(page.encode(), FEED, url=URL, seen_at=NOON))
    assert (told["headline"], told["lede"], told["body"]) == (SERBIAN_HEADLINE, SERBIAN_LEDE, list(SERBIAN))
    assert (told["source"], told["credit"], told["section"], told["language"]) == (
        "Tanjug",
        "Profimedia",
        "Politika",
        "sr",
    )
    assert told["published_at"] == "2023-07-08T15:07:00+02:00"


@pytest.mark.parametrize(
    ("summary", "content", "lede", "body"),
    [
        ("Short.", None, "Short.", ()),
        ("<p>Short.</p>", "", "Short.", ()),
        ("<p>One.</p><p>Two.</p>", None, None, ("One.", "Two.")),
        ("One.\n\nTwo.", None, None, ("One.", "Two.")),
        ("x" * 400, None, "x" * 400, ()),
        ("x" * 401, None, None, ("x" * 401,)),
        ("Short.", "<p>Long.</p><p>Longer.</p>", "Short.", ("Long.", "Longer.")),
        ("<p>One.</p><p>Two.</p>", "<p>Long.</p>", "One. Two.", ("Long.",)),
        (None, "<p>Long.</p>", None, ("Long.",)),
        ("Long.", "<p>Long.</p>", "Long.", ()),
        ("First.", "<p>First.</p><p>Second.</p>", "First.", ("Second.",)),
        ("<p>One.</p><p>Two.</p>", "<p>One.</p><p>Two.</p>", None, ("One.", "Two.")),
        ("Short.", "<p>Tweet Share</p>", "Short.", ()),
        (None, None, None, ()),
    ],
)
def test_content_is_the_body_and_a_description_the_lede_if_it_is_short_or_beside_it(summary, content, lede, body):
    found, text = lede_and_body(summary, content)
    assert (found, text.body) == (lede, body)


@pytest.mark.parametrize(
    ("body", "content_type", "form"),
    [
        (b"<?xml version='1.0'?><rss version='2.0'>", None, "feed"),
        (b"\xef\xbb\xbf\n<feed xmlns='http://www.w3.org/2005/Atom'>", "text/html", "feed"),
        (b"<?xml version='1.0'?><!-- made by hand --><rdf:RDF xmlns='x'>", None, "feed"),
        ("<?xml version='1.0' encoding='utf-16'?><rss>".encode("utf-16"), None, "feed"),
        (b'{"version": "https:\\/\\/jsonfeed.org\\/version\\/1.1", "items": []}', None, "feed"),
        (b"", "application/rss+xml; charset=utf-8", "feed"),
        (b"<?xml version='1.0'?><unknown/>", None, "feed"),
        (b"  <!DOCTYPE html><html>", None, "html"),
        (b"<!-- saved --><html lang='en'>", "text/plain", "html"),
        (b"<?xml version='1.0'?><!DOCTYPE html PUBLIC 'x'><html>", None, "html"),
        (b"<article><h1>T</h1></article>", None, "html"),
        (b"Words.", "text/html; charset=utf-8", "html"),
        (b'{"headline": "H"}\n{"headline": "I"}\n', None, "jsonl"),
        (b'[{"headline": "H"}]', None, "jsonl"),
        (b"", "application/x-ndjson", "jsonl"),
        (b"Bridge opens\n\nThe mayor came.", None, "text"),
        (b"[Updated] The mayor came.", None, "text"),
        (b"", None, "text"),
        (b"\xff\xfe\x00", None, "text"),
    ],
)
def test_the_form_is_told_by_how_the_document_begins(body, content_type, form):
    assert form_of(body, content_type) == form
