"""Entries that were read before are left out, and nothing else changes by that."""

from __future__ import annotations

import json
import random
from dataclasses import replace
from datetime import timedelta

import feedparser
import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.articles.normalise import sightings
from monitor.errors import ParseError
from monitor.feeds.parse import parse
from monitor.model import Document, Listing, Sighting
from tests.build import NOON, feed

AT = "https://news.example/feeds/world.xml"
HEAD = "<title>World</title><link>https://news.example/</link><ttl>30</ttl>"
SPACES = """xmlns:dc='http://purl.org/dc/elements/1.1/' xmlns:atom='http://www.w3.org/2005/Atom'
 xmlns:rdf='http://www.w3.org/1999/02/22-rdf-syntax-ns#' xmlns:slash='http://purl.org/rss/1.0/modules/slash/'
 xmlns:feedburner='http://rssnamespace.org/feedburner/ext/1.0' xmlns:media='http://search.yahoo.com/mrss/'"""


def read(text: str, known: frozenset[int] = frozenset()) -> Listing:
    return parse(Document(url=AT, body=text.encode()), known)


def rss(*items: str, head: str = HEAD) -> str:
    return f"<rss version='2.0' {SPACES}><channel>{head}{''.join(items)}</channel></rss>"


def atom(*entries: str) -> str:
    return f"<feed xmlns='http://www.w3.org/2005/Atom' {SPACES}><title>W</title>{''.join(entries)}</feed>"


def item(n: int, inside: str = "") -> str:
    return f"<item><guid>g{n}</guid><link>https://news.example/{n}</link><title>T{n}</title>{inside}</item>"


def sighted(listing: Listing, known: frozenset[int] = frozenset()) -> list[Sighting]:
    """Return the wanted of *listing* as articles: those that would be left out are not asked for."""
    found = sightings(listing, feed("world", url=AT), url=AT, seen_at=NOON)
    return [each for each in found if each.fingerprint not in known]


# ------------------------------------------------------------------ recognising


def test_an_item_is_recognised_wherever_it_stands() -> None:
    one, two = read(rss(item(1), item(2))).listed
    assert read(rss(item(3), item(2), item(1))).listed[1:] == (two, one)
    assert read(rss(item(1), item(2), head="<title>Other</title>")).listed == (one, two)


OTHERWISE = pytest.mark.parametrize(
    "changed",
    [
        rss(item(1, "<description>new</description>")),
        rss(item(1).replace("T1", "T1.")),
        rss(item(1).replace("<item>", "<item xml:lang='sr'>")),
        rss(item(1)).replace("<channel>", "<channel xml:lang='sr'>"),
        rss(item(1)).replace("<rss ", "<rss xml:base='https://b.example/' "),
        rss(item(1)).replace("<channel>", "<channel xmlns='http://purl.org/rss/1.0/'>"),
    ],
)


@OTHERWISE
def test_whatever_can_change_its_meaning_changes_its_fingerprint(changed: str) -> None:
    assert read(changed).listed != read(rss(item(1))).listed


@OTHERWISE
def test_whatever_can_change_an_item_changes_the_fingerprint_of_all(changed: str) -> None:
    assert None is not read(changed).inside != read(rss(item(1))).inside


def test_where_entities_of_its_own_may_change_them_items_have_no_fingerprint_together() -> None:
    assert read("<!DOCTYPE rss [<!ENTITY t 'Title'>]>" + rss(item(1))).inside is None


def test_where_what_is_around_the_items_is_no_tree_they_are_looked_at_one_by_one() -> None:
    text = rss(f"<x>{item(1)}</x>{item(2)}")
    whole = read(text)
    assert parse(Document(url=AT, body=text.encode()), (1, 2), whole.inside).listed == whole.listed


def test_a_counter_of_comments_changes_nothing() -> None:
    counted = [rss(item(1, f"<slash:comments>{n}</slash:comments>")) for n in (1, 2)]
    assert read(counted[0]).listed == read(counted[1]).listed


def test_an_item_beyond_repair_is_recognised_by_what_it_says() -> None:
    broken = rss(item(1), item(2)).replace("</rss>", "")
    found = read(broken)
    assert read(broken.replace("World", "Other")).listed == found.listed
    assert [each.id for each in read(broken, frozenset(found.listed[:1])).entries] == ["g2"]


def test_of_a_document_beyond_repair_whose_items_are_all_known_the_header_alone_is_read() -> None:
    broken = rss(item(1), item(2)).replace("</rss>", "")
    whole = read(broken)
    again = read(broken.replace("World", "Other") + "<!-- 2 -->", frozenset(whole.listed))
    assert (again.entries, again.listed, again.title, again.ttl) == ((), whole.listed, "Other", whole.ttl)
    assert "beyond repair" in (again.note or "")


# ------------------------------------------------------------------ leaving out


def test_where_everything_is_known_feedparser_is_not_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    """It takes most of the time that a poll takes; only here is it looked whether a library is called."""
    text = rss(item(1), item(2), head=HEAD + "<skipHours><hour>3</hour></skipHours>")
    whole = read(text)
    monkeypatch.setattr(feedparser, "parse", None)
    again = read(text.replace("World", "World at 3 o'clock"), frozenset(whole.listed))
    assert (again.entries, again.listed, again.ttl, again.skip_hours) == ((), whole.listed, whole.ttl, frozenset({3}))


def test_where_only_what_is_around_the_items_changed_they_are_not_looked_at() -> None:
    whole = read(rss(item(1), item(2)))
    text = rss(item(1), item(2), head=HEAD.replace("30", "40")).replace("</channel>", "<link/></channel><!-- 2 -->")
    again = parse(Document(url=AT, body=text.encode()), (5, 6), whole.inside)
    assert (again.listed, again.ttl, again.inside) == ((5, 6), timedelta(minutes=40), whole.inside)


def test_the_known_are_left_out_and_named() -> None:
    text = rss(*(item(n) for n in range(4)))
    listed = read(text).listed
    found = read(text, frozenset(listed[1:]))
    assert [each.id for each in found.entries] == ["g0"]
    assert found.others == tuple((f"g{n}", f"https://news.example/{n}") for n in (1, 2, 3))
    assert found.listed == listed
    assert found.title == "World"


def test_a_known_item_that_shares_its_name_with_a_wanted_one_is_read_again() -> None:
    text = rss(item(1), item(1, "<description>another</description>"), item(2))
    listed = read(text).listed
    found = read(text, frozenset(listed[:1] + listed[2:]))
    assert [each.summary for each in found.entries] == [None, "another"]
    assert found.others == (("g2", "https://news.example/2"),)


def test_an_item_inside_another_goes_with_it() -> None:
    text = rss(item(1, item(2)), item(3))
    listed = read(text).listed
    assert len(listed) == 2
    assert [each.id for each in read(text, frozenset(listed[:1])).entries] == ["g3"]


@pytest.mark.parametrize(
    "inside",
    [
        "<link>/relative</link>",
        "<guid>17</guid><enclosure url='https://n.example/a.mp3'/>",
        "<guid>a</guid><guid>b</guid>",
        "<link>https://n.example/é</link>",
        "<link>https://n.example/a?</link>",
        "<link>https://n.example/a;b;</link>",
        "<link>https://n.example/?a=1&amp;copy;</link>",
        "<guid>https://[x</guid>",
        "<x><link>https://n.example/1</link></x>",
        "<link xmlns='urn:x'>https://n.example/1</link>",
    ],
)
def test_a_name_in_doubt_costs_time_and_no_truth(inside: str) -> None:
    text = rss(f"<item>{inside}<title>A</title></item>", item(2), item(3))
    whole = read(text)
    for known in (frozenset(whole.listed[:1]), frozenset(whole.listed[1:]), frozenset(whole.listed[:2])):
        found = read(text, known)
        assert [each for each in found.entries if each.fingerprint not in known] == [
            each for each in whole.entries if each.fingerprint not in known
        ]
        assert sighted(found, known) == sighted(whole, known)


# ------------------------------------------------------------------ for every feed, and every part of it

ADDRESSES = ["https://n.example/a", "https://n.example/a?utm_source=rss", "https://n.example/b#x", "https://n.example/",
             "/a", "a", "http://N.example/a", "", "https://n.example/a/../b", "urn:x:1", "17"]  # fmt: skip
IDS = ["1", "2", "https://n.example/a", "tag:n.example,2023:1", "", "é", "x://y"]
ASIDES = [
    "<enclosure url='https://n.example/a.mp3'/>",
    "<atom:link rel='self' href='https://n.example/s'/>",
    "<atom:link href='https://n.example/c'/>",
    "<feedburner:origLink>https://n.example/o</feedburner:origLink>",
    "<dc:language>sr</dc:language>",
    "<source url='https://a.example/'>Agency</source>",
    "<description>One</description>",
    "<description>Two</description>",
    "<media:content><media:credit>Eva</media:credit></media:content>",
    "<slash:comments>3</slash:comments>",
    "<image><link>https://n.example/i</link></image>",
]


@st.composite
def rss_items(draw: st.DrawFn) -> str:
    parts = [
        *draw(st.lists(st.sampled_from([f"<guid>{id}</guid>" for id in IDS]), max_size=1)),
        *draw(st.lists(st.sampled_from([f"<guid isPermaLink='false'>{id}</guid>" for id in IDS]), max_size=1)),
        *draw(st.lists(st.sampled_from([f"<link>{address}</link>" for address in ADDRESSES]), max_size=1)),
        *draw(st.lists(st.sampled_from(ASIDES), max_size=3)),
    ]
    start = draw(
        st.sampled_from(["<item>"] * 6 + ["<item xml:base='https://b.example/x/'>", "<item rdf:about='urn:a'>"])
    )
    return f"{start}{''.join(draw(st.permutations(parts)))}<title>{draw(st.sampled_from('AB'))}</title></item>"


@st.composite
def atom_entries(draw: st.DrawFn) -> str:
    rel = st.sampled_from(["", "rel='alternate'", "rel='self'", "rel='enclosure'", "rel='alternate' type='text/plain'"])
    links = [
        f"<link {draw(rel)} href='{address}'/>" for address in draw(st.lists(st.sampled_from(ADDRESSES), max_size=2))
    ]
    base = "<content xml:base='https://c.example/'>text</content>"
    parts = [
        *draw(st.lists(st.sampled_from([f"<id>{id}</id>" for id in IDS]), max_size=1)),
        *links,
        *draw(st.lists(st.sampled_from(["<source><id>s</id></source>", "<summary>S</summary>", base]), max_size=2)),
    ]
    start = draw(
        st.sampled_from(["<entry>"] * 6 + ["<entry xml:base='https://b.example/x/'>", "<entry xml:lang='de'>"])
    )
    return f"{start}{''.join(draw(st.permutations(parts)))}<title>{draw(st.sampled_from('AB'))}</title></entry>"


json_items = st.fixed_dictionaries(
    {"title": st.sampled_from("AB")},
    optional={
        "id": st.sampled_from([*IDS, 1, 2]),
        "url": st.sampled_from(ADDRESSES),
        "summary": st.sampled_from(["One", "Two"]),
    },
)

documents = st.one_of(
    st.lists(rss_items(), min_size=1, max_size=6).map(lambda items: rss(*items)),
    st.lists(rss_items(), min_size=1, max_size=6).map(lambda items: rss(*items).replace("</rss>", "")),
    st.lists(rss_items(), min_size=1, max_size=4).map(lambda items: rss(*items).replace("World", "A & B")),
    st.lists(atom_entries(), min_size=1, max_size=6).map(lambda entries: atom(*entries)),
    st.lists(json_items, min_size=1, max_size=6).map(lambda items: json.dumps({"items": items})),
)


@given(documents, st.randoms(use_true_random=False))
def test_any_part_of_a_document_reads_like_that_part_of_the_whole(text: str, chance: random.Random) -> None:
    whole = read(text)
    known = frozenset(each for each in whole.listed if chance.random() < 0.6)
    part = read(text, known)
    assert part.listed == whole.listed
    assert [each for each in part.entries if each.fingerprint not in known] == [
        each for each in whole.entries if each.fingerprint not in known
    ]
    assert sighted(part, known) == sighted(whole, known)
    assert (part.ttl, part.hub, part.previous, part.note) == (whole.ttl, whole.hub, whole.previous, whole.note)
    assert set(part.others) <= {(each.id, each.url) for each in whole.entries if each.fingerprint in known}
    if whole.inside is not None and whole.note is None:
        same = parse(Document(url=AT, body=text.encode()), whole.listed, whole.inside)
        assert replace(same, form=whole.form) == replace(read(text, frozenset(whole.listed)), form=whole.form)


@pytest.mark.corpus
def test_any_part_of_a_real_document_reads_like_that_part_of_the_whole(corpus) -> None:
    """On real feeds and on malformed ones: the first entry new, the first three, every other one, none."""
    differing = []
    paths = [path for folder in ("feeds", "malformed") for path in sorted((corpus / folder).iterdir())]
    for path in paths:
        document = Document(url=AT, body=path.read_bytes())
        try:
            whole = parse(document)
        except ParseError:
            continue
        for known in map(frozenset, (whole.listed[1:], whole.listed[3:], whole.listed[::2], whole.listed)):
            part = parse(document, known)
            wanted = [each for each in whole.entries if each.fingerprint not in known]
            same = [each for each in part.entries if each.fingerprint not in known] == wanted
            if not same or sighted(part, known) != sighted(whole, known) or part.listed != whole.listed:
                differing.append(path.name)
    assert differing == []
