"""The bytes of a document become what the feed says, or a plain reason why not."""

from __future__ import annotations

import csv
import gzip
import json
import time
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from monitor.errors import ParseError
from monitor.feeds.parse import parse
from monitor.model import Document, Entry, Listing
from tests.build import without_fingerprints

AT = "https://news.example/feeds/world.xml"


def read(text: str | bytes, *, url: str = AT, content_type: str | None = None) -> Listing:
    body = text.encode() if isinstance(text, str) else text
    return parse(Document(url=url, body=body, content_type=content_type))


def outcome(body: str | bytes) -> Listing | str:
    """Return what *body* lists, or the reason why it lists nothing."""
    try:
        return read(body)
    except ParseError as error:
        return str(error)


def rss(items: str, head: str = "", spaces: str = "") -> str:
    return f"<rss version='2.0' {SPACES} {spaces}><channel><title>World</title>{head}{items}</channel></rss>"


SPACES = """xmlns:content='http://purl.org/rss/1.0/modules/content/' xmlns:dc='http://purl.org/dc/elements/1.1/'
 xmlns:media='http://search.yahoo.com/mrss/' xmlns:itunes='http://www.itunes.com/dtds/podcast-1.0.dtd'
 xmlns:atom='http://www.w3.org/2005/Atom' xmlns:feedburner='http://rssnamespace.org/feedburner/ext/1.0'
 xmlns:gml='http://www.opengis.net/gml' xmlns:georss='http://www.georss.org/georss'"""


def item(inside: str, head: str = "") -> Entry:
    (entry,) = read(rss(f"<item>{inside}</item>", head)).entries
    return entry


# ------------------------------------------------------------------ the formats


def test_an_rss_item_comes_with_all_that_an_article_needs():
    listing = without_fingerprints(
        read(
            rss(
                """<item><guid isPermaLink='false'>n-17</guid><title>Council meets &amp; votes</title>
            <link>https://news.example/a/17</link><description>&lt;p&gt;It met.&lt;/p&gt;</description>
            <content:encoded><![CDATA[<p>It met on Friday.</p>]]></content:encoded>
            <pubDate>Sat, 08 Jul 2023 15:07:00 CEST</pubDate><dc:creator>Ana Anić</dc:creator>
            <dc:creator>Ben Bensen</dc:creator><category>Politics</category><category>UN</category>
            <category>UN</category><source url='https://agency.example/'>Agency</source>
            <media:content url='p.jpg'><media:description>Photo of a chair</media:description>
            <media:credit>Eva Photo</media:credit></media:content><dc:language>sr</dc:language></item>""",
                "<link>https://news.example/</link><language>en-GB</language><ttl>90</ttl>",
            )
        )
    )
    assert listing == Listing(
        title="World",
        language="en-GB",
        home="https://news.example/",
        form="rss",
        ttl=timedelta(minutes=90),
        entries=(
            Entry(
                id="n-17",
                url="https://news.example/a/17",
                title="Council meets &amp; votes",
                summary="<p>It met.</p>",
                content="<p>It met on Friday.</p>",
                published="Sat, 08 Jul 2023 15:07:00 CEST",
                authors=("Ana Anić", "Ben Bensen"),
                categories=("Politics", "UN"),
                language="sr",
                source="Agency",
                credit="Eva Photo",
            ),
        ),
    )


def test_an_atom_entry_comes_with_all_that_an_article_needs():
    listing = without_fingerprints(
        read(
            """<?xml version='1.0'?><feed xmlns='http://www.w3.org/2005/Atom' xml:lang='de' xml:base='https://n.example/x/'>
        <title type='html'>Welt &amp;amp; mehr</title><link href='/'/><link rel='self' href='feed'/>
        <entry xml:lang='sr'><id>tag:n.example,2023:17</id><title>1 &lt; 2</title>
        <link rel='enclosure' href='a.mp3'/><link href='../a/17'/><published>2023-07-08T15:07:00+02:00</published>
        <updated>2023-07-08T16:00:00Z</updated><author><name>Ana Anić</name></author>
        <category term='politics' label='Politics'/><summary>Plain &lt;b&gt;</summary>
        <content type='xhtml'><div xmlns='http://www.w3.org/1999/xhtml'><p>Long.</p></div></content>
        <source><title>Agency</title><author><name>Nobody here</name></author></source></entry></feed>""",
            url="https://feeds.example/f",
        )
    )
    assert (listing.form, listing.title, listing.language) == ("atom", "Welt &amp; mehr", "de")
    assert listing.home == "https://n.example/"
    assert listing.entries == (
        Entry(
            id="tag:n.example,2023:17",
            url="https://n.example/a/17",
            title="1 &lt; 2",
            summary="Plain &lt;b&gt;",
            content="<p>Long.</p>",
            published="2023-07-08T15:07:00+02:00",
            updated="2023-07-08T16:00:00Z",
            authors=("Ana Anić",),
            categories=("Politics",),
            language="sr",
            source="Agency",
        ),
    )


def test_rss_1_keeps_its_items_beside_the_channel_and_its_dates_in_dublin_core():
    listing = read(
        """<rdf:RDF xmlns:rdf='http://www.w3.org/1999/02/22-rdf-syntax-ns#' xmlns='http://purl.org/rss/1.0/'
        xmlns:dc='http://purl.org/dc/elements/1.1/'><channel rdf:about='https://n.example/'><title>N</title>
        <link>https://n.example/</link></channel><item rdf:about='https://n.example/1'><title>One</title>
        <link>https://n.example/1</link><description>Text</description><dc:date>2023-07-08</dc:date></item></rdf:RDF>"""
    )
    (entry,) = listing.entries
    assert listing.form == "rdf"
    assert (entry.id, entry.url, entry.published, entry.updated) == (
        "https://n.example/1",
        "https://n.example/1",
        "2023-07-08",
        None,
    )


@pytest.mark.parametrize(
    ("text", "form"),
    [
        ("<rss version='0.91'><channel><item><title>A</title></item></channel></rss>", "rss"),
        ("<RSS><channel><item><title>A</title></item></channel></RSS>", "rss"),
        (
            "<!DOCTYPE rss PUBLIC '-//Netscape Communications//DTD RSS 0.91//EN' 'http://my.netscape.com/rss.dtd'>"
            "<rss version='0.91'><channel><item><title>A</title></item></channel></rss>",
            "rss",
        ),
        (
            "<rdf:RDF xmlns:rdf='http://www.w3.org/1999/02/22-rdf-syntax-ns#' "
            "xmlns='http://my.netscape.com/rdf/simple/0.9/'><item><title>A</title></item></rdf:RDF>",
            "rdf",
        ),
        ("<feed version='0.3' xmlns='http://purl.org/atom/ns#'><entry><title>A</title></entry></feed>", "atom"),
        ("<a:feed xmlns:a='http://www.w3.org/2005/Atom'><a:entry><a:title>A</a:title></a:entry></a:feed>", "atom"),
    ],
)
def test_every_version_is_read(text, form):
    listing = read(text)
    assert (listing.form, [entry.title for entry in listing.entries]) == (form, ["A"])


def test_of_several_contents_the_marked_up_one_is_the_text_and_none_is_the_summary():
    (entry,) = read(
        "<feed xmlns='http://www.w3.org/2005/Atom'><entry><content>a &lt; b</content>"
        "<content type='html'>&lt;i&gt;h&lt;/i&gt;</content></entry></feed>"
    ).entries
    assert (entry.summary, entry.content) == (None, "<i>h</i>")


def test_a_feed_without_entries_is_a_feed():
    assert read(rss("")).entries == ()
    assert read("<feed xmlns='http://www.w3.org/2005/Atom'/>").entries == ()


# ------------------------------------------------------------------ which text is which


CAPTION = "<media:description>A photo</media:description>"


@pytest.mark.parametrize(
    ("inside", "summary", "content"),
    [
        ("<description>D</description>", "D", None),
        ("<content:encoded>C</content:encoded>", None, "C"),
        ("<description>D</description><content:encoded>C</content:encoded>", "D", "C"),
        ("<content:encoded>C</content:encoded><description>D</description>", "D", "C"),
        ("<description>D</description><description>E</description>", "D", None),
        ("<description/><dc:description>E</dc:description>", "E", None),
        (f"<description>D</description>{CAPTION}", "D", None),
        (f"<description>D</description><media:content>{CAPTION}</media:content>", "D", None),
        (f"<media:content>{CAPTION}</media:content>", None, None),
        (f"<media:group>{CAPTION}</media:group>", "A photo", None),
        ("<description>D</description><itunes:summary>S</itunes:summary>", "D", None),
        ("<itunes:summary>S</itunes:summary>", "S", None),
        ("<atom:summary>S</atom:summary><description>D</description>", "D", None),
        ("<description>D</description><content:encoded> </content:encoded>", "D", None),
        ("<description>same</description><content:encoded>same</content:encoded>", None, "same"),
    ],
)
def test_a_description_is_the_summary_and_a_caption_is_neither(inside, summary, content):
    entry = item(f"<title>T</title>{inside}")
    assert (entry.summary, entry.content) == (summary, content)


@pytest.mark.parametrize(
    ("written", "title"),
    [
        ("Fish &amp; chips", "Fish &amp; chips"),
        ("<![CDATA[Fish &amp; chips]]>", "Fish &amp; chips"),
        ("1 &lt; 2", "1 &lt; 2"),
        ("&lt;b&gt;Bold&lt;/b&gt; move", "<b>Bold</b> move"),
        ("List&lt;String&gt;", "List&lt;String&gt;"),
        ("  spaced\n ", "spaced"),
        ("", None),
    ],
)
def test_every_text_comes_as_markup(written, title):
    assert item(f"<title>{written}</title>").title == title


@pytest.mark.parametrize(
    ("inside", "published", "updated"),
    [
        ("<pubDate>gestern</pubDate>", "gestern", None),
        ("<dc:date>2023-07-08</dc:date>", "2023-07-08", None),
        ("<pubDate>A</pubDate><dc:date>B</dc:date>", "A", "B"),
        ("<atom:updated>U</atom:updated>", "U", None),
        ("", None, None),
    ],
)
def test_dates_come_as_they_are_written(inside, published, updated):
    entry = item(f"<title>T</title>{inside}")
    assert (entry.published, entry.updated) == (published, updated)


@pytest.mark.parametrize(
    ("inside", "authors"),
    [
        ("<author>ana@n.example (Ana Anić)</author>", ("Ana Anić",)),
        ("<dc:creator>Ana</dc:creator><dc:creator>Ana</dc:creator>", ("Ana",)),
        ("<author>Ana Anić &lt;ana@n.example&gt;</author>", ("Ana Anić",)),
        ("<author>Ana Anić</author>", ("Ana Anić",)),
        ("<author>ana@n.example</author>", ()),
        ("<author/>", ()),
    ],
)
def test_authors_are_names(inside, authors):
    assert item(f"<title>T</title>{inside}").authors == authors


@pytest.mark.parametrize("source", ["https://agency.example/", "T", ""])
def test_a_source_that_names_nobody_is_none(source):
    assert item(f"<title>T</title><source url='https://a.example/'>{source}</source>").source is None


# ------------------------------------------------------------------ addresses


@pytest.mark.parametrize(
    ("inside", "url"),
    [
        ("<link>https://n.example/1</link>", "https://n.example/1"),
        ("<link> /1\n</link>", "https://site.example/1"),
        ("<link>?a=1&amp;b=2</link>", "https://site.example/?a=1&b=2"),
        ("<guid>https://n.example/1</guid>", "https://n.example/1"),
        ("<guid>17</guid>", None),
        ("<guid isPermaLink='false'>https://n.example/1</guid>", "https://n.example/1"),
        ("<link>https://n.example/1</link><guid>https://n.example/g</guid>", "https://n.example/1"),
        ("<atom:link href='https://n.example/1'/>", "https://n.example/1"),
        ("<link>https://fb.example/~r/1</link><feedburner:origLink>https://n.example/1</feedburner:origLink>",
         "https://n.example/1"),
        ("<link>mailto:a@b.example</link>", None),
        ("<link>javascript:alert(1)</link>", None),
        ("<link>http://[broken</link>", None),
        ("<link/>", None),
        ("<enclosure url='https://n.example/a.mp3'/>", None),
    ],
)  # fmt: skip
def test_an_entrys_address_is_absolute_and_its_publishers_own(inside, url):
    assert item(f"<title>T</title>{inside}", "<link>https://site.example/</link>").url == url


def test_a_relative_address_counts_from_the_document_where_the_feed_names_no_site():
    (entry,) = read(rss("<item><link>1</link></item>")).entries
    assert entry.url == "https://news.example/feeds/1"


def test_xml_base_counts_first():
    (entry,) = read(rss("<item xml:base='https://b.example/x/'><link>1</link></item>")).entries
    assert entry.url == "https://b.example/x/1"


def test_an_atom_entry_may_name_its_page_as_something_else_than_html():
    (entry,) = read(
        "<feed xmlns='http://www.w3.org/2005/Atom'><entry><link type='text/plain' href='a'/></entry></feed>"
    ).entries
    assert entry.url == "https://news.example/feeds/a"


# ------------------------------------------------------------------ what is no feed


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b"", "the document is empty"),
        (b" \r\n\xef\xbb\xbf", "the document is empty"),
        (b"hello", "this is neither XML nor JSON"),
        (b"\x89PNG\r\n\x1a\n", "this is neither XML nor JSON"),
        (b"<!DOCTYPE html><html><body><p>Unclosed <br> page", "this is a web page, not a feed"),
        (b"<html xmlns='http://www.w3.org/1999/xhtml'><head/></html>", "this is a web page, not a feed"),
        (b"<!-- hi --><HTML><p>1<p>2</HTML>", "this is a web page, not a feed"),
        (b"<opml><body/></opml>", "this is XML, but no feed: <opml>"),
        (b"<a <b", "this is no feed"),
        (b'{"error": "no such feed"}', "this is JSON, but no feed"),
        (b"[1, 2]", "this is JSON, but no feed"),
        (b'{"items": [', "this is no JSON that can be read"),
        (b"[" * 100_000, "this is no JSON that can be read"),
        (b"[]" * 600_000, "more than 500,000 JSON values"),
    ],
)
def test_what_is_no_feed_is_told_in_plain_words(body, reason):
    with pytest.raises(ParseError, match=reason):
        read(body)


# ------------------------------------------------------------------ what is broken


GOOD = rss("<item><title>Kosovo &amp; UN</title><link>https://n.example/1</link></item>")


@pytest.mark.parametrize(
    ("text", "title"),
    [
        ("\n\n  <?xml version='1.0'?>" + GOOD, "Kosovo &amp; UN"),
        ("\ufeff\ufeff<?xml version='1.0'?>" + GOOD, "Kosovo &amp; UN"),
        ("<br /><b>Warning</b>: it broke<br /><?xml version='1.0'?>" + GOOD, "Kosovo &amp; UN"),
        ("<!-- hello --><?xml version='1.0'?>" + GOOD, "Kosovo &amp; UN"),
        ("<?xml version='1.0' encoding='utf-16'?>" + GOOD, "Kosovo &amp; UN"),
        (GOOD.replace("&amp;", "&"), "Kosovo &amp; UN"),
        (GOOD.replace("&amp;", "&mdash;"), "Kosovo — UN"),
        (GOOD.replace("&amp;", "&colon;"), "Kosovo : UN"),
        (GOOD.replace("&amp;", "&nosuch;"), "Kosovo &amp;nosuch; UN"),
        (GOOD.replace("&amp;", "\x08\x00"), "Kosovo  UN"),
        (GOOD.replace("&amp;", "&#8;&#x1F;&#xD800;&#99999999;&#65;"), "Kosovo A UN"),
        (GOOD + "trailing rubbish", "Kosovo &amp; UN"),
        (GOOD.replace("</rss>", ""), "Kosovo &amp; UN"),
        (GOOD.replace("</link>", "</link></b></i>"), "Kosovo &amp; UN"),
        (GOOD.replace("<title>Kosovo", "<title><wfw:x>1</wfw:x>Kosovo"), None),
        (GOOD.replace("version='2.0'", "version=2.0"), "Kosovo &amp; UN"),
        ("<rss rss:version=2.0><rss:channel><rss:item><rss:title>A</rss:title></rss:item></rss:channel></rss>", "A"),
        ("<!DOCTYPE rss [<!ENTITY un 'United &amp; Nations'>]>" + GOOD.replace("UN", "&un;"),
         "Kosovo &amp; United &amp; Nations"),
        (rss("<item><title>A<![CDATA[ & B</title></item>"), None),
    ],
)  # fmt: skip
def test_a_broken_document_still_gives_its_entries(text, title):
    (entry,) = read(text).entries
    assert title is None or entry.title == title


def test_a_repair_is_noted_and_nothing_else_is():
    assert read(GOOD).note is None
    assert read("<?xml version='1.0'?>\n" + GOOD).note is None
    assert "repaired" in (read(GOOD.replace("&amp;", "&")).note or "")
    assert "beyond repair" in (read(GOOD.replace("</rss>", "")).note or "")
    assert "not as declared" in (read("<?xml version='1.0' encoding='koi8-r'?><!-- Ж -->" + GOOD).note or "")


def test_entities_inside_cdata_are_the_articles_own():
    broken = rss("<item><title>a & b</title><description><![CDATA[<p>&nbsp;&mdash; & c</p>]]></description></item>")
    (entry,) = read(broken).entries
    assert entry.summary == "<p>&nbsp;&mdash; & c</p>"


@pytest.mark.parametrize(
    "inside",
    [
        "</width>",
        "</height>",
        "<width>1</width>",
        "<textInput><title>t</title><name>n</name><link>l</link></textInput>",
        "<textinput><description>d</description></textinput>",
        "<georss:where><gml:Point srsName='EPSG:x'><gml:pos>1 2</gml:pos></gml:Point></georss:where>",
        "<gml:Point srsName='EPSG:'><gml:pos>1 2</gml:pos></gml:Point>",
        "<gml:pos>1 2</gml:pos>",
        "<description><gml:pos>1 2</gml:pos><width/></description>",
        "<description><creativeCommons:license>x</creativeCommons:license></description>",
        "<nowhere:x/><psc:chapters><psc:chapter/></psc:chapters>",
        "<image><url>u</url><width>x</width></image>",
        "<media:rating/><media:thumbnail/><media:restriction/>",
    ],
)
@pytest.mark.parametrize("end", ["</rss>", ""], ids=["well formed", "cut off"])
def test_what_makes_feedparser_raise_costs_nothing(inside, end):
    listing = read(rss(f"<item><title>A</title>{inside}</item><item><title>B</title></item>").replace("</rss>", end))
    assert [entry.title for entry in listing.entries] == ["A", "B"]


@pytest.mark.parametrize(
    ("inside", "text"), [("x<width/>y", "xy"), ("<width/>y", "y"), ("x<b>b</b><width/>y", "x<b>b</b>y")]
)
def test_a_text_after_a_dropped_element_stays(inside, text):
    assert item(f"<description>{inside}</description>").summary == text


# ------------------------------------------------------------------ what is hostile


def test_a_feed_of_two_hundred_thousand_items_gives_its_first_two_thousand():
    body = rss("".join(f"<item><title>{n}</title></item>" for n in range(200_000)))
    listing = read(body)
    assert [entry.title for entry in listing.entries] == [str(n) for n in range(2000)]
    assert listing.note == "2,000 of 200,000 items read"
    broken = read(body.replace("</rss>", ""))
    assert len(broken.entries) == 2000


def test_a_json_feed_of_too_many_items_gives_its_first_two_thousand():
    listing = read(json.dumps({"items": [{"id": n} for n in range(2001)]}))
    assert (len(listing.entries), listing.note) == (2000, "2,000 of 2,001 items read")


LAUGHS = "".join(f"<!ENTITY l{n} '{f'&l{n - 1};' * 10}'>" for n in range(1, 10))


@pytest.mark.parametrize(
    "text",
    [
        f"<!DOCTYPE rss [<!ENTITY l0 'ha'>{LAUGHS}]>" + rss("<item><title>&l9;</title></item>"),
        f"<!DOCTYPE rss [<!ENTITY a '{'ha' * 50_000}'>]>" + rss(f"<item><title>{'&a;' * 10_000}</title></item>"),
        "<!DOCTYPE rss [<!ENTITY f SYSTEM 'file:///etc/passwd'>]>" + rss("<item><title>&f;</title></item>"),
        "<!DOCTYPE rss SYSTEM 'http://127.0.0.1:1/x.dtd'>" + rss("<item><title>&f;</title></item>"),
        "<!DOCTYPE rss [<!ENTITY % p SYSTEM 'http://127.0.0.1:1/'>%p;]>" + rss("<item><title>ok</title></item>"),
        rss("<item><title>deep</title>" + "<a>" * 200_000 + "</a>" * 200_000 + "</item>"),
        rss("<item><title>cdata</title>" + "<![CDATA[" * 200_000 + "</item>"),
        rss("<item><title>comment</title>" + "<!--" * 200_000 + "</item>"),
        rss("<item><title>amp</title>" + "&" * 100_000 + "</item>"),
        "<?a?>" * 50_000 + "<x:y>",
        "<!-- -->" * 50_000 + "<x:y>",
        rss("<item><author>" + "@" * 500_000 + "</author></item>"),
        "<!DOCTYPE rss [" + "<!ENTITY a 'b'>" * 50_000 + rss("<item><title>open</title></item>"),
    ],
    ids=[
        "laughs",
        "quadratic",
        "file",
        "dtd",
        "parameter",
        "deep",
        "cdata",
        "comments",
        "ampersands",
        "instructions",
        "prolog",
        "author",
        "open doctype",
    ],
)
def test_a_bomb_does_not_go_off(text):
    start = time.process_time()
    found = outcome(text)
    assert time.process_time() - start < 10
    assert len(str(found)) < 3_000_000
    assert "root:" not in str(found)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (rss("<item " + " ".join(f"a{n}='1'" for n in range(100_000)) + "/>"), "an element with 100,000 attributes"),
        (rss("<item " + " ".join(f"a{n}='1'" for n in range(100_000)) + "/>") + "x", "a tag longer than any feed has"),
        (rss("<a/>" * 1_000_000), "more than 1,000,000 tags"),
        (rss("<a/>" * 200_000), "more than 200,000 elements"),
        (rss("<title>" + "&" * 2_500_000), "more damage than any feed has"),
    ],
    ids=["attributes", "attributes in broken XML", "tags", "elements", "ampersands"],
)
def test_a_document_of_a_kind_that_no_feed_is_is_refused(text, reason):
    with pytest.raises(ParseError, match=reason):
        read(text)


@given(st.binary(max_size=400))
@example(b"<")
@example(b"<?xml")
@example(b"<!DOCTYPE")
@example(b"<rss><channel><item><![CDATA[")
@example(b"\x1f\x8b")
def test_any_bytes_end_in_a_listing_or_a_reason(body):
    assert outcome(body)


@given(st.lists(st.sampled_from([*"<>/&;'\"![]= \n\0é", "CDATA[", "]]>", "--", "item", "title", "rss", "textInput",
                                 "width", "xmlns:a", "&#x", "link", "height", "image", "gml:pos"]), max_size=40),
       st.integers(0, len(GOOD)))  # fmt: skip
def test_any_damage_to_a_feed_ends_in_a_listing_or_a_reason(pieces, where):
    assert outcome(GOOD[:where] + "".join(pieces) + GOOD[where:])


def test_a_gzip_file_that_nobody_declared_is_read():
    assert len(read(gzip.compress(GOOD.encode())).entries) == 1


# ------------------------------------------------------------------ the real ones


def table(folder: Path) -> list[dict[str, str]]:
    with (folder / "index.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@pytest.mark.corpus
def test_every_real_document_gives_all_its_entries(corpus):
    rows = table(corpus / "feeds")
    found = {row["file"]: len(read((corpus / "feeds" / row["file"]).read_bytes()).entries) for row in rows}
    assert found == {row["file"]: int(row["entries"]) for row in rows}


@pytest.mark.corpus
def test_every_malformed_document_ends_in_a_listing_or_a_reason(corpus):
    for row in table(corpus / "malformed"):
        start = time.process_time()
        assert outcome((corpus / "malformed" / row["file"]).read_bytes())
        assert time.process_time() - start < 10, row["file"]


def test_more_bare_ampersands_than_can_be_mended_are_refused() -> None:
    with pytest.raises(ParseError, match="more damage than any feed has"):
        read(rss(f"<item><title>{'&' * 1_000_001}</title></item>"))
