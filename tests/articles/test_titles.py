"""The headlines of a page → that of its article, and why it is this one."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.articles.meta import Meta
from monitor.articles.titles import Why, headline_of

BRIDGE = "Bridge opens a month early"
URL = "https://www.river-gazette.example/2023/bridge"


def headline(meta, url=None):
    found = headline_of(meta, url)
    return None if found is None else found.text


@pytest.mark.parametrize(
    "title",
    [
        f"{BRIDGE} | River Gazette",
        f"{BRIDGE} - River Gazette",
        f"{BRIDGE} – The River Gazette",
        f"{BRIDGE} :: River Gazette",
        f"{BRIDGE} - Region - River Gazette",
        f"{BRIDGE} » Region » River Gazette",
        f"{BRIDGE} | Region | River Gazette",
        f"{BRIDGE} – RIVER GAZETTE – 08.07.2023",
        f"{BRIDGE} - river-gazette.example",
        f"{BRIDGE}｜River Gazette",
        f"{BRIDGE}--Region--River Gazette",
        f"River Gazette: {BRIDGE}",
        f"River Gazette | {BRIDGE}",
        f"River Gazette - {BRIDGE}",
        f"The River Gazette » {BRIDGE}",
    ],
)
@pytest.mark.parametrize("site", ["River Gazette", None])
@pytest.mark.parametrize("seen", [(), (BRIDGE,), ("River Gazette", BRIDGE), ("Log in", "REGION", BRIDGE)])
def test_the_name_of_a_site_is_taken_off_its_titles(title, site, seen):
    meta = Meta(headlines=(title,), title=title, shown=seen, sites=(site,) if site else ())
    assert headline(meta, URL) == BRIDGE


@pytest.mark.parametrize(
    "title",
    [
        "Macron : « La réforme passe » et la rue gronde",
        "Merz: »Wir schaffen das« – und zwar bald",
        "Region: new bridge opens a month early",
        "Bridge and ferry - the river town between them",
        "Nations League: Serbia – Denmark – who goes through",
        "River of doubt: what the bridge has cost",
        "Election results, in full and by river",
        "Trial - and error - on the river front",
        "Most spaja obale – Vučić: Biće i drugih",
    ],
)
def test_a_headline_in_two_parts_stays_whole(title):
    for meta in (
        Meta(title=title),
        Meta(title=title, headlines=(title,)),
        Meta(title=f"{title} | River Gazette", shown=(title,)),
        Meta(headline=title, title=f"{title} - River Gazette"),
    ):
        assert headline(meta, URL) == title


@pytest.mark.parametrize(
    ("meta", "text", "why"),
    [
        (Meta(headline=BRIDGE, headlines=("You will not believe this bridge",)), BRIDGE, Why.DATA),
        (Meta(headline=f"{BRIDGE} | Region", headlines=(BRIDGE,)), BRIDGE, Why.DATA),
        (Meta(headline=f"Region: {BRIDGE}", shown=(BRIDGE,)), BRIDGE, Why.PLAINER),
        (Meta(headline=f"Region: {BRIDGE}", headlines=(f"Region: {BRIDGE}",), shown=(BRIDGE,)), f"Region: {BRIDGE}",
         Why.DATA),
        (Meta(headline="News", headlines=(BRIDGE,), shown=(BRIDGE,)), BRIDGE, Why.AGREED),
        (Meta(headlines=(BRIDGE,), shown=("Log in", BRIDGE)), BRIDGE, Why.AGREED),
        (Meta(headlines=(BRIDGE,), shown=(f"Region {BRIDGE}",)), BRIDGE, Why.PLAINER),
        (Meta(title=f"{BRIDGE}, say engineers | Gazette", shown=(BRIDGE,)), BRIDGE, Why.PLAINER),
        (Meta(headlines=("Bridge opens a…",), shown=(BRIDGE,)), BRIDGE, Why.AGREED),
        (Meta(headlines=(BRIDGE,), shown=("Log in", "Breaking news and more")), BRIDGE, Why.TOLD),
        (Meta(title="Latest news | River Gazette", shown=("Menu", BRIDGE), sites=("River Gazette",)), BRIDGE,
         Why.SHOWN),
        (Meta(title="River Gazette", shown=(BRIDGE,)), BRIDGE, Why.SHOWN),
        (Meta(headlines=("Bridges",), title="Bridges | Gazette"), "Bridges", Why.TOLD),
        (Meta(title="River Gazette", shown=("River Gazette",), sites=("River Gazette",)), "River Gazette", Why.SHOWN),
    ],
)  # fmt: skip
def test_the_places_of_a_headline_decide_with_a_reason(meta, text, why):
    found = headline_of(meta, URL)
    assert found is not None
    assert (found.text, found.why) == (text, why)


def test_a_headline_cut_for_machines_is_whole_where_readers_see_it():
    whole = "Bridge over the river opens a month early after engineers from all over the country had worked at night"
    assert headline(Meta(headline=whole[:95], headlines=(whole[:60] + "…",), shown=(whole,))) == whole


def test_a_headline_is_written_as_readers_see_it():
    assert headline(Meta(headline="'Open' bridge: early", shown=("‘Open’ bridge: early",))) == "‘Open’ bridge: early"
    assert headline(Meta(headline="Region: bridge opens", shown=("Region bridge opens",))) == "Region: bridge opens"
    assert headline(Meta(headline=BRIDGE, shown=(BRIDGE.upper(),))) == BRIDGE


def test_a_site_whose_name_is_a_common_word_cuts_no_other():
    url = "https://www.forte.example/a"
    assert headline(Meta(title="Cellist plays on - her forte is Bach"), url) == "Cellist plays on - her forte is Bach"


def test_a_title_that_is_no_headline_by_its_length_is_left_as_it_is():
    title = "Bridge - " * 100_000 + "River Gazette"
    assert headline(Meta(title=title, headlines=(title,)), URL) == title


def test_a_page_without_a_headline_has_none():
    assert headline_of(Meta()) is None


texts = st.text(alphabet="ab AB.:|-–»«…", max_size=30)


@given(data=texts, told=st.lists(texts, max_size=2), shown=st.lists(texts, max_size=2), title=texts)
def test_whatever_a_page_says_its_headline_is_within_what_it_says(data, told, shown, title):
    given = (data, *told, *shown, title)
    found = headline(Meta(headline=data or None, headlines=tuple(told), shown=tuple(shown), title=title or None))
    assert found is None or (found and any(found in text for text in given))
