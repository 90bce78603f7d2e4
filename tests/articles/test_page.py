"""An HTML page → the article on it."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from monitor.articles.page import article_from_html
from monitor.canonical import document
from monitor.model import Feed, FeedId, derive

NOON = datetime(2023, 7, 9, 12, tzinfo=UTC)
FEED = Feed(
    id=FeedId("paper"), url="https://paper.example/feed", language="en", section="Region", timezone="Europe/Belgrade"
)
TEXT = (
    "The mayor of the river town said on Monday that the new bridge would open in spring.",
    "It is a month before anybody expected it, and the ferry will be sold to a museum of ships.",
    "Engineers from all over the country came to see the pillars, which are the highest ever built.",
)
PARAGRAPHS = "".join(f"<p>{text}</p>" for text in TEXT)


def read(head="", body=f"<article><h1>Bridge opens early</h1>{PARAGRAPHS}</article>", feed=None, url=None):
    page = f"<!DOCTYPE html><html><head>{head}</head><body>{body}</body></html>"
    return article_from_html(page, feed, url=url, seen_at=NOON)


def linked(data):
    return f'<script type="application/ld+json">{data}</script>'


@pytest.mark.parametrize(
    ("head", "headline"),
    [
        ("<title>Bridge opens early | Paper</title>", "Bridge opens early"),
        ("<title>A bridge for all - Paper</title><meta property='og:site_name' content='Paper'>", "A bridge for all"),
        ("<title>A bridge for all – it opens</title>", "A bridge for all – it opens"),
        ("<meta property='og:title' content='A bridge for all'>", "A bridge for all"),
        (linked('{"@type": "NewsArticle", "headline": "A bridge for all"}'), "A bridge for all"),
        (linked('[{"@type": ["Thing", "BlogPosting"], "headline": ["A bridge for all"]}]'), "A bridge for all"),
        (linked('{"@type": "Organization", "headline": "Paper"}'), "Bridge opens early"),
        (linked("{broken") + linked("[" * 100_000), "Bridge opens early"),
        ("", "Bridge opens early"),
    ],
)
def test_the_headline_is_what_readers_see_if_machines_are_told_so_too(head, headline):
    assert read(head).headline == headline


def test_a_headline_of_several_lines_keeps_its_words_apart():
    article = read(body=f"<article><h1>Bridge<br>opens <b>ear</b>ly<span>Region</span></h1>{PARAGRAPHS}</article>")
    assert article.headline == "Bridge opens early Region"


def test_a_teaser_in_the_page_s_data_is_not_its_article():
    teaser = '{"@type": "NewsArticle", "headline": "Ferry is sold", "datePublished": "2023-07-09T08:00:00Z"}'
    own = '{"@type": "NewsArticle", "headline": "Bridge opens early", "datePublished": "2023-07-08T08:00:00Z"}'
    article = read(f"<title>Bridge opens early | Paper</title>{linked(f'[{teaser}, {own}]')}")
    assert (article.headline, document(article)["published_at"]) == ("Bridge opens early", "2023-07-08T08:00:00Z")


@pytest.mark.parametrize(
    "line",
    [
        "Sat 08.07.23 | 15:07 | By A. Writer",
        "A. Writer · 8 July 2023 15:07",
        "Published 8 July 2023 at 15:07 | Updated 9 July 2023 at 10:00",
        "2023-07-08 15:07 来源：新华网",
    ],
)
def test_a_line_under_the_headline_dates_the_page(line):
    article = read(body=f"<article><h1>Bridge opens early</h1><div>{line}</div>{PARAGRAPHS}</article>", feed=FEED)
    assert document(article)["published_at"] == "2023-07-08T15:07:00+02:00"
    assert article.body == TEXT


def test_an_address_tells_the_day_where_the_page_does_not():
    shown = document(read(url="https://paper.example/2023/07/08/bridge", feed=FEED))
    assert (shown["published_at"], shown["published_precision"]) == ("2023-07-08T00:00:00+02:00", "day")
    assert document(read(url="https://paper.example/2023/07/bridge-8", feed=FEED))["published_at"] is None


@pytest.mark.parametrize(
    ("head", "at"),
    [
        (linked('{"@type": "NewsArticle", "datePublished": "2023-07-08T13:07:00Z"}'), "2023-07-08T13:07:00Z"),
        (linked('{"@graph": [{"@type": "Report", "datePublished": "8.7.2023 15:07"}]}'), "2023-07-08T15:07:00+02:00"),
        ("<meta property='article:published_time' content='2023-07-08T15:07+02:00'>", "2023-07-08T15:07:00+02:00"),
        ("<meta itemprop='datePublished' content='2023-07-08'><meta name='date' content='2023-07-08 15:07'>",
         "2023-07-08T15:07:00+02:00"),
        ("<meta name='date' content='2023-07-08'>", "2023-07-08T00:00:00+02:00"),
        ("<meta name='date' content='yesterday'>", None),
    ],
)  # fmt: skip
def test_the_date_is_the_page_s_first_or_a_finer_one_of_the_same_day(head, at):
    assert document(read(head, feed=FEED))["published_at"] == at


def test_a_time_element_dates_the_page():
    time = "<time datetime='2023-07-08T15:07:00+02:00'>a while ago</time>"
    article = read(body=f"<article><h1>Bridge opens early</h1>{time}{PARAGRAPHS}</article>")
    assert document(article)["published_at"] == "2023-07-08T15:07:00+02:00"


def test_authors_and_section_and_site_come_from_the_head():
    article = read(
        linked(
            '{"@type": "Article", "articleSection": ["World"], "author":'
            ' [{"name": "A. Writer"}, "B. Writer", {"name": ["C. Writer"]}, {"url": "x"}, {"name": "https://x.example"}]}'
        )
        + "<meta property='og:site_name' content='Paper'><meta name='author' content='A. Writer'>"
    )
    assert (article.byline, article.section, article.outlet) == ("A. Writer, B. Writer, C. Writer", "World", "Paper")


def test_the_feed_s_words_win_over_the_page_s():
    article = read("<meta property='article:section' content='World'>", feed=FEED)
    assert (article.section, article.language, article.feed) == ("Region", "en", "paper")


def test_the_page_is_known_by_the_address_that_it_calls_its_own():
    url = "https://paper.example/a?from=mail"
    assert read("<link rel='canonical' href='https://paper.example/a'>", url=url).id == derive(
        "article", "https://paper.example/a"
    )
    assert read("<link rel='canonical' href='https://paper.example/'>", url=url).url == url
    assert read("<link rel='canonical' href='/a'>", url=url).url == url
    assert read().url is None


def test_the_lede_is_what_the_page_calls_so_or_describes_itself_with():
    lede = "The bridge over the river has opened to everybody, and the ferry is gone."
    described = f"<meta name='description' content='{lede[:-14]}...'>"
    for head, opening in ((described, f"<p>{lede}</p>"), ("", f"<div class='standfirst'>{lede}</div>")):
        article = read(head, f"<article><h1>Bridge opens early</h1>{opening}{PARAGRAPHS}</article>")
        assert (article.lede, article.body) == (lede, TEXT)


def test_a_description_that_nobody_sees_on_the_page_is_not_its_lede():
    article = read("<meta name='description' content='Read all about the bridge and other news of the river town.'>")
    assert (article.lede, article.body) == (None, TEXT)


def test_sentences_between_headline_and_text_are_the_lede_whatever_they_are_called():
    lede = "The bridge over the river has opened to everybody, and the ferry is gone."
    for opening in (f"<div class='article-header'>{lede}</div>", f"<header>{lede}</header>"):
        for hidden in ("<div class='cookies'>We use cookies to make this site as good as it can be.</div>", ""):
            article = read(body=f"<h1>Bridge opens early</h1>{hidden}{opening}{PARAGRAPHS}")
            assert (article.lede or article.body[0], article.body[-1]) == (lede, TEXT[-1])


def test_a_lede_may_share_its_block_with_the_lines_of_a_template():
    lede = "The bridge over the river has opened to everybody, and the ferry is gone."
    head = f"<b>{lede}</b><br>Source: Tanjug<br>Tweet Share<br>Foto: A. Writer<br><br>"
    article = read(body=f"<h1>Bridge opens early</h1>{head}{PARAGRAPHS}")
    assert (article.lede, article.source, article.credit, article.body) == (lede, "Tanjug", "A. Writer", TEXT)


def test_a_page_may_come_in_any_encoding():
    page = f"<html><head><meta charset='windows-1250'></head><body><h1>Vučić i most</h1>{PARAGRAPHS}</body></html>"
    assert article_from_html(page.encode("cp1250"), None, url=None, seen_at=NOON).headline == "Vučić i most"


@pytest.mark.parametrize(
    "page", ["", "   ", "<html></html>", "no markup at all", "<h1>Only a headline</h1>", "<!-- x -->"]
)
def test_a_page_without_an_article_is_an_article_without_a_body(page):
    article = article_from_html(page, None, url=None, seen_at=NOON)
    assert len(article.body) <= 1


@settings(max_examples=50)
@given(st.binary() | st.text(alphabet="<>/=\"' apdivh1!-&;\n"))
def test_no_page_whatever_raises(page):
    article_from_html(page, None, url="https://paper.example/a", seen_at=NOON)


@pytest.mark.parametrize(
    ("shown", "at"),
    [
        ("<div>8 July 2023, 15:07</div>", "2023-07-08T15:07:00+02:00"),
        ("<div>15:07, 8. jul 2023.</div>", "2023-07-08T15:07:00+02:00"),
        ("<div>Објављено: 8. јул 2023. у 15:07</div>", "2023-07-08T15:07:00+02:00"),
        ("<div>Samstag, 8. Juli 2023, 15:07 Uhr</div>", "2023-07-08T15:07:00+02:00"),
        ("<div>Publié le 8 juillet 2023 à 15h07 - Mis à jour le 9 juillet 2023</div>", "2023-07-08T15:07:00+02:00"),
        ("<div>8 июля 2023, 15:07</div>", "2023-07-08T15:07:00+02:00"),
        ("<div>8. jul 2023.</div>", "2023-07-08T00:00:00+02:00"),
        ("<div>Updated: 9 July 2023, 10:00</div>", None),
        ("<div>8 July at noon</div>", None),
        ("<div>The ferry of 8 July 2023 was the last one, and nobody missed it.</div>", None),
    ],
)
def test_a_page_without_data_is_dated_by_what_readers_see(shown, at):
    teaser = "<div><a href='/b'>Ferry sold</a> <time datetime='2023-07-10'>10 July</time></div>"
    for other in (
        "",
        f"<aside>{teaser}</aside>",
        f"<div class='sidebar'>{teaser}</div>",
        f"<ul><li>{teaser}</li></ul>",
    ):
        body = f"<article><h1>Bridge opens early</h1>{shown}{PARAGRAPHS}</article>{other}"
        assert document(read(body=body, feed=FEED))["published_at"] == at


def test_a_day_in_the_address_wins_over_a_time_that_may_be_another_article_s():
    body = f"<div><h1>Bridge opens early</h1>{PARAGRAPHS}</div><p><time datetime='2023-07-10'>10 July</time></p>"
    shown = document(read(body=body, feed=FEED, url="https://paper.example/2023/07/08/bridge"))
    assert shown["published_at"] == "2023-07-08T00:00:00+02:00"
    assert document(read(body=body, feed=FEED))["published_at"] is not None


def test_without_an_h1_the_headline_is_what_is_emphasised_and_repeats_the_title():
    for head in ("<h2>Bridge opens early</h2>", "<font size=5><b>Bridge opens early</b></font>"):
        for title in ("Paper - Bridge opens early", "Paper » World » Bridge opens early"):
            for logo in ("", "<h1>Paper</h1>"):
                body = f"{logo}<h2>Ferry sold</h2>{head}{PARAGRAPHS}"
                assert read(f"<title>{title}</title>", body).headline == "Bridge opens early"


def test_a_list_stays_under_the_paragraph_that_announces_it():
    items = "".join(f"<li>{text},</li>" for text in ("a bridge by day", "a ferry by night", "a road to both of them"))
    article = read(body=f"<h1>Bridge opens early</h1>{PARAGRAPHS}<p>They ask for:</p><ul>{items}</ul><p>{TEXT[0]}</p>")
    assert article.body[3:7] == ("They ask for:", "a bridge by day,", "a ferry by night,", "a road to both of them,")


def test_a_label_may_stand_in_a_block_of_its_own():
    head = "<dl><dt>Author:</dt><dd>A. Writer</dd><dt>Source:</dt><dd>Tanjug</dd></dl>"
    article = read(body=f"<h1>Bridge opens early</h1>{head}{PARAGRAPHS}")
    assert (article.byline, article.source, article.body) == ("A. Writer", "Tanjug", TEXT)


@pytest.mark.parametrize(
    "byline",
    [
        "By Ann Writer",
        "By Ann Writer, Digital Reporter",
        "By Ann Writer | awriter@paper.example | @awriter",
        "By <a href='/aw'>Ann Writer</a> awriter@paper.example",
    ],
)
def test_a_byline_is_the_name_alone(byline):
    article = read(body=f"<h1>Bridge opens early</h1><div>{byline}</div>{PARAGRAPHS}")
    assert (article.byline, article.body) == ("Ann Writer", TEXT)


@pytest.mark.parametrize(
    ("menu", "section"),
    [
        ("<nav><a href='/1'>Rivers</a> <a href='/2'>Roads</a></nav><div><a href='/1'>Rivers</a></div>", "Rivers"),
        ("<ul><li><a href='/1'>Rivers</a></li><li><a href='/2'>Roads</a></li></ul><a href='/1'>Rivers</a>", "Rivers"),
        ("<ul><li><a href='/1'>Rivers</a></li><li><a href='/2'>Roads</a></li></ul>" * 2, None),
        ("<a href='/1'>Rivers</a>", None),
        ("<div>WORLD</div>", "World"),
    ],
)
def test_the_section_may_be_told_by_the_menu(menu, section):
    assert read(body=f"{menu}<h1>Bridge opens early</h1>{PARAGRAPHS}").section == section


def test_a_heading_may_have_a_kicker_before_the_headline():
    lede = "<p class='intro'>The ferry is gone, and nobody misses it.</p>"
    head = f"<h1><span>River town</span> Bridge opens early</h1>{lede}"
    date = "<p>8 July 2023, 15:07</p><p>Listen to this article</p>"
    article = read("<meta property='og:title' content='Bridge opens early'>", f"{head}{date}{PARAGRAPHS}", feed=FEED)
    assert (article.headline, article.lede) == ("Bridge opens early", "The ferry is gone, and nobody misses it.")
    assert (article.body, document(article)["published_at"]) == (TEXT, "2023-07-08T15:07:00+02:00")


def test_the_last_step_of_a_path_is_the_section():
    path = "<div class='breadcrumb'><a href='/'>Home</a> &gt; <a href='/r'>Rivers</a></div>"
    assert read(body=f"{path}<h1>Bridge opens early</h1>{PARAGRAPHS}").section == "Rivers"


def test_of_two_dates_of_one_instant_the_one_with_its_zone_is_told():
    time = "<div><time datetime='2023-07-08T13:07:00Z'>15:07</time></div>"
    article = read(body=f"<h1>Bridge opens early</h1><p>8 July 2023, 15:07</p>{time}{PARAGRAPHS}", feed=FEED)
    assert document(article)["published_at"] == "2023-07-08T13:07:00Z"
