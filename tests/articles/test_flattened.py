"""The text of a page without its markup → the fields of an article.

The articles are made up; their templates are those of a Serbian site, of 2023 and older.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from html import escape

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.articles.flattened import take_apart
from monitor.articles.markup import clean
from monitor.articles.normalise import article_from_fields, article_from_text, sightings
from monitor.canonical import document
from monitor.model import Entry, Feed, FeedId, Listing

NOON = datetime(2023, 7, 9, 12, tzinfo=UTC)
FEED = Feed(id=FeedId("paper"), url="https://paper.example/feed", timezone="Europe/Belgrade")

SAID = "The mayor of the river town, Petra Lindqvist, said so after a meeting with the engineers."
WORK = "Work on the eastern bank is to begin in spring, and the road will stay closed until then."
COST = "According to the plan, the whole project is worth 40 million euros and will last three years."
BODY = (SAID, WORK, COST)


def told(text, feed=FEED, url=None):
    return article_from_text(text, feed, url=url, seen_at=NOON)


def page(*blocks):
    return "\n\n\n\n".join(blocks)


@dataclass(frozen=True)
class Split:
    """A head, and where its headline ends."""

    section: str
    headline: str
    lede: str


@pytest.mark.parametrize(
    "head",
    [
        Split(
            "Politics", "Norway stands by Finland", "Oslo believes that Finland's request for a joint session is fair."
        ),
        Split(
            "World", "Two ministers resign over the river dam", "The government will choose their successors by Friday."
        ),
        Split(
            "World", "NATO to send engineers to the river valley", "NATO will send two units, its spokesman said today."
        ),
        Split("Economy", "Price of wheat falls for the third week", "Farmers expect it to recover before the harvest."),
        Split(
            "Region", "Lindqvist: We will not give up the bridge", "Mayor Petra Lindqvist said that talks would go on."
        ),
        Split("Business", "Airline buys eleven new planes", "The first of them will fly from Belgrade in March."),
        Split("Culture", "Film about the flood wins in Venice", "Director Ana Marić dedicated the prize to her town."),
        Split("Sports", "Rowers take silver", "Serbian rowers finished second at the regatta in Lucerne."),
        Split("Sport", 'Coach: "We deserved more"', "The coach was not happy with the referee after the match."),
        Split("Politics", "Will the bridge open on time?", "Engineers say that the last test was a success."),
        Split("Politics", "What a turn: Bridge opens early!", "It happened a month before anybody expected it."),
        Split("Society", "Storm on its way VIDEO", "Meteorologists warn of heavy rain in the north."),
        Split("World", '"The bridge is safe"', "Inspectors found no fault in the pillars, the ministry said."),
        Split("World", "Lindqvist meets the Prime Minister of Finland", "They spoke about the bridge and about wheat."),
        Split(
            "Politics", "Serbia and Hungary sign agreement", "Presidents of the two countries signed it in Subotica."
        ),
        Split("Politics", "Vučić spoke with Macron", "Serbian President Aleksandar Vučić spoke with Emmanuel Macron."),
        Split("World", "Moscow reacts to the decision", "The Kremlin said on Monday that it was a grave mistake."),
        Split("Business", "Inflation slows down to 4.5 percent", "Prices rose less than in any month since 2021."),
        Split("Region", "Earthquake shakes Montenegro", "There were no reports of damage. It was felt in Bar."),
    ],
    ids=lambda head: head.headline,
)
@pytest.mark.parametrize(
    "tail",
    [
        " Source: Tanjug Saturday, July 8, 2023 | 15:07 Tweet Share Foto: Profimedia",
        " Saturday, July 8, 2023 | 15:07 Tweet Share",
        " Izvor: Beta Saturday, July 8, 2023 | 15:07 Komentari 0 Podeli: Foto: Tanjug/ AP",
    ],
    ids=["2023", "no source, no photo", "Serbian labels"],
)
def test_headline_and_lede_run_together_come_apart(head, tail):
    article = told(page(f"date 2023-07-08 {head.section} {head.headline} {head.lede}{tail}", *BODY))
    assert (article.section, article.headline, article.lede) == (head.section, head.headline, head.lede)
    assert article.body == BODY
    assert document(article)["published_at"] == "2023-07-08T15:07:00+02:00"


HEAD = "Politics Norway stands by Finland Oslo believes that Finland's request for a session is fair."


def test_every_piece_of_the_head_comes_out():
    article = told(
        page(
            f" date 2023-07-08 {HEAD} Source: Tanjug Saturday, July 8, 2023 | 15:07 Tweet Share Foto: Profimedia", *BODY
        )
    )
    assert (article.source, article.credit, article.section) == ("Tanjug", "Profimedia", "Politics")
    assert [piece.kind for piece in article.furniture] == ["source", "date", "share", "credit"]
    assert document(article)["timezone_source"] == "outlet"
    assert document(article)["published_precision"] == "minute"


def test_without_the_outlet_s_zone_the_date_stays_without_one():
    shown = document(told(page(f"{HEAD} Saturday, July 8, 2023 | 15:07 Tweet Share", *BODY), feed=None))
    assert shown["published_at"] == "2023-07-08T15:07:00"
    assert shown["timezone_source"] == "none"


@pytest.mark.parametrize("crawled", ["date 2022-11", "date 2022-11-19"])
def test_a_crawler_s_date_dates_nothing(crawled):
    article = told(page(f"{crawled} {HEAD}", *BODY))
    assert article.published is None
    assert article.headline == "Norway stands by Finland"
    assert article.body == BODY


@pytest.mark.parametrize(
    ("date", "at"),
    [
        ("Subota, 8. jul 2023. | 15:07", "2023-07-08T15:07:00+02:00"),
        ("08.07.2023. | 15:07", "2023-07-08T15:07:00+02:00"),
        ("8.7.2023. 15:07", "2023-07-08T15:07:00+02:00"),
        ("Saturday, 8 July 2023 | 15:07", "2023-07-08T15:07:00+02:00"),
    ],
)
def test_the_date_may_be_written_the_other_ways_too(date, at):
    article = told(page(f"date 2023-07 {HEAD} Izvor: Beta {date} Podeli: Foto: EPA", *BODY))
    assert document(article)["published_at"] == at
    assert (article.source, article.credit) == ("Beta", "EPA")


def test_the_words_of_the_address_decide_where_the_headline_ends():
    text = page("date 2023-07-08 World Coach Larsen Larsen Park is closed. Source: Beta", *BODY)
    assert told(text, url="https://paper.example/2023/coach-larsen").headline == "Coach Larsen"


def test_names_that_the_article_holds_together_stay_together():
    text = "World Court orders Mila Novak Tadić to pay for the broken bridge in full. Source: Beta"
    body = "The court heard Mila Novak on Monday. Mila Novak was calm."
    assert told(page(f"date 2023-07-08 {text}", body, *BODY)).headline != "Court orders Mila"


OLDER = ("Bridge opens in the river town", "The bridge opened a month before anybody expected it, the mayor said.")


@pytest.mark.parametrize("gap", ["\n", "\n\n"], ids=["lines", "blank lines"])
def test_the_older_template_has_a_line_for_each(gap):
    text = gap.join([*OLDER, "Source: Tanjug", "The new bridge (Tanjug, file)", "The new bridge (Tanjug, file)", *BODY])
    article = told(text)
    assert (article.headline, article.lede) == OLDER
    assert (article.source, article.body) == ("Tanjug", BODY)
    assert [piece.kind for piece in article.furniture] == ["source", "caption", "caption"]


def test_the_older_template_may_begin_with_a_crawler_s_date_and_the_section():
    article = told(page(f"date 2022-11 Region {OLDER[0]}", OLDER[1], "Source: Tanjug", *BODY))
    assert (article.section, article.headline, article.lede) == ("Region", *OLDER)
    assert article.body == BODY


def test_a_caption_twice_in_one_line_is_a_caption():
    article = told(page(*OLDER, "Source: Tanjug", "Petra Lindqvist (Tanjug) Petra Lindqvist (Tanjug)", *BODY))
    assert article.body == BODY


def test_serbian_labels_round_an_english_text_are_set_aside():
    article = told(
        page(
            *OLDER,
            "Izvor: Tanjug",
            "Subota, 19. 11. 2022. | 10:20",
            "Komentari 0",
            "Podeli:",
            "Foto: Depositphotos/ river",
            SAID,
            "Možda vas zanima",
            "Another bridge opens in the mountain town",
            WORK,
            COST,
        )
    )
    assert (article.headline, article.lede) == OLDER
    assert (article.source, article.credit) == ("Tanjug", "Depositphotos/ river")
    assert document(article)["published_at"] == "2022-11-19T10:20:00+01:00"
    assert article.body == BODY
    assert article.related == ("Another bridge opens in the mountain town",)


TEASERS = {
    "dates close them": (
        "Ferry to be sold after forty years",
        "Nobody crosses the river by water any more, its owner says.",
        "Monday, November 20, 2023 | 09:00",
        "Pilots go on strike at two airports",
        "Sunday, November 19, 2023 | 18:30",
    ),
    "dates open them": (
        "Monday, November 20, 2023 | 09:00",
        "Ferry to be sold after forty years",
        "Nobody crosses the river by water any more, its owner says.",
    ),
    "dates in their lines": (
        "Ferry to be sold after forty years Nobody crosses by water any more. Monday, November 20, 2023 | 09:00",
        "Pilots go on strike at two airports Sunday, November 19, 2023 | 18:30",
    ),
}


@pytest.mark.parametrize("teasers", TEASERS.values(), ids=TEASERS)
def test_teasers_of_later_articles_neither_count_nor_date_anything(teasers):
    article = told(page(*OLDER, "Source: Tanjug", *BODY, *teasers))
    assert article.body == BODY
    assert article.published is None
    assert {piece.kind for piece in article.furniture} == {"source", "teaser"}


def test_the_article_s_own_date_is_not_a_teaser_s():
    article = told(page(f"{HEAD} Saturday, July 8, 2023 | 15:07 Tweet Share", *BODY, *TEASERS["dates close them"]))
    assert document(article)["published_at"] == "2023-07-08T15:07:00+02:00"


def test_headlines_of_other_articles_in_the_text_are_related():
    related = "Lindqvist on the river: There are reasons for a special session of the council on bridges and ferries"
    article = told(page(f"{HEAD} Source: Tanjug", SAID, related, WORK, COST))
    assert article.related == (related,)
    assert article.body == BODY


def test_the_artefact_of_an_apostrophe_is_an_apostrophe():
    article = told(page(HEAD.replace("'", "\\'") + " Source: Tanjug", "Belgrade\\'s answer is awaited on Monday."))
    assert article.lede == "Oslo believes that Finland's request for a session is fair."
    assert article.body == ("Belgrade's answer is awaited on Monday.",)


def test_a_text_under_its_title_has_no_lede_of_its_own():
    article = told(page("Bridge opens in the river town", *BODY), feed=None)
    assert (article.headline, article.lede, article.body) == ("Bridge opens in the river town", None, BODY)


def test_a_text_without_a_head_is_a_body():
    for text in (BODY, (f"{SAID} It was on Saturday, July 8, 2023 at 15:07 that he came.", *BODY)):
        article = told(page(*text), feed=None)
        assert (article.headline, article.lede, article.body) == (None, None, text)


def test_lines_broken_at_a_margin_are_one_paragraph():
    text = (
        "The mayor of the river town said so after a meeting with\n"
        "the engineers, who had come from all over the country to\n"
        "see the bridge and to try the ferry, which is to be sold\n"
        "next year."
    )
    assert told(text, feed=None).body == (text.replace("\n", " "),)


def test_a_head_without_a_lede_is_a_headline():
    article = told(page("date 2023-07-08 World Bridge opens in the river town Source: Tanjug", *BODY))
    assert (article.headline, article.lede, article.source) == ("Bridge opens in the river town", None, "Tanjug")


def test_the_crawler_s_date_may_have_a_line_of_its_own():
    article = told(page("date 2023-07-08", f"{HEAD} Source: Tanjug Saturday, July 8, 2023 | 15:07", *BODY))
    assert (article.headline, article.section) == ("Norway stands by Finland", "Politics")
    assert article.body == BODY


def test_lede_and_template_may_follow_the_headline_in_a_line():
    article = told(page(OLDER[0], f"{OLDER[1]} Source: Tanjug Saturday, July 8, 2023 | 15:07 Tweet Share", *BODY))
    assert (article.headline, article.lede, article.source) == (*OLDER, "Tanjug")
    assert article.body == BODY


def test_what_follows_the_template_in_its_line_is_the_body():
    for photo in ("Tweet Share", "Tweet Share Foto: Tanjug/AP"):
        article = told(page(f"date 2023-07-08 {HEAD} Saturday, July 8, 2023 | 15:07 {photo} {SAID}", WORK, COST))
        assert article.headline == "Norway stands by Finland"
        assert article.body == BODY


def test_a_paragraph_that_names_its_source_is_no_head():
    article = told(page(f"{SAID} Source: Tanjug", WORK, COST), feed=None)
    assert (article.headline, article.body[1:]) == (None, (WORK, COST))


def test_a_lede_without_its_full_stop_comes_apart_from_the_headline_all_the_same():
    lede = "Oslo believes that the request for a joint session of the river council in the spring of next year is fair"
    article = told(page(f"date 2023-07-08 Politics Norway stands by Finland {lede} Source: Tanjug Tweet Share", *BODY))
    assert (article.headline, article.lede) == ("Norway stands by Finland", lede)


def test_a_head_of_sentences_alone_is_a_lede():
    article = told(
        page("date 2023-07-08 World it rained. The ferry was late, and nobody knew why. Source: Tanjug", *BODY)
    )
    assert (article.headline, article.lede) == (None, "it rained. The ferry was late, and nobody knew why.")


def test_the_section_may_be_one_that_only_the_feed_knows():
    feed = replace(FEED, section="River desk")
    article = told(page(f"date 2023-07-08 River desk {HEAD[9:]} Source: Tanjug", *BODY), feed=feed)
    assert (article.section, article.headline) == ("River desk", "Norway stands by Finland")
    assert told(page("Bridge opens in the river town", *BODY), feed=feed).section == "River desk"


def test_a_single_date_under_the_first_paragraph_is_no_teaser():
    article = told(
        page(*OLDER, "Source: Tanjug", SAID, "Saturday, July 8, 2023 | 15:07", WORK, COST, WORK + " Really.")
    )
    assert {SAID, WORK, COST} <= set(article.body)


@given(st.text(alphabet='aB .:|\n"?20378,ć') | st.text())
def test_no_text_whatever_raises_and_no_word_is_lost(text):
    found = take_apart(text)
    kept = [
        found.headline,
        found.section,
        found.lede,
        *found.text.body,
        *(piece.text for piece in found.text.furniture),
    ]
    told = Counter(letter for part in kept if part for letter in part if letter.isalpha())
    assert told == Counter(letter for letter in clean(text) if letter.isalpha())


def test_no_text_is_an_article_without_words():
    page = take_apart("")
    assert (page.headline, page.lede, page.text.body) == (None, None, ())


def test_a_day_in_a_line_of_its_own_over_the_body_dates_the_article():
    shown = document(told(page(*OLDER, "Source: Tanjug", "Subota, 8. jul 2023.", *BODY)))
    assert (shown["published_at"], shown["published_precision"]) == ("2023-07-08T00:00:00+02:00", "day")


def test_several_headlines_over_the_first_date_are_teasers_too():
    more = ("Pilots go on strike at two airports", "Ferry to be sold after forty years")
    article = told(page(*OLDER, "Source: Tanjug", *BODY, *more, "Monday, November 20, 2023 | 09:00"))
    assert article.body == BODY
    assert [piece.text for piece in article.furniture if piece.kind == "teaser"][:2] == list(more)


# ------------------------------------------------------------------ a flattened page where a feed or a test has it

FLAT = page(
    "date 2023-07-08 World Ferry service resumes on the lake The company says that every crossing runs again. "
    "Source: Lakeside News Saturday, July 8, 2023 | 15:07 Tweet Share Foto: Harbour office",
    SAID,
    WORK,
)


def same_fields(article):
    return (
        article.headline,
        article.lede,
        article.section,
        article.source,
        article.credit,
        article.body,
        article.published and article.published.at.isoformat(),
    )


WANTED = (
    "Ferry service resumes on the lake",
    "The company says that every crossing runs again.",
    "World",
    "Lakeside News",
    "Harbour office",
    (SAID, WORK),
    "2023-07-08T15:07:00+02:00",
)


@pytest.mark.parametrize("title", [None, "Ferry service resumes on the lake"])
@pytest.mark.parametrize("place", ["summary", "content"])
def test_an_entry_whose_text_is_a_flattened_page_gives_its_fields(title, place):
    entry = Entry(id="1", url="https://paper.example/1", title=title, **{place: escape(FLAT)})
    (found,) = sightings(Listing(entries=(entry,)), FEED, url=FEED.url, seen_at=NOON)
    assert same_fields(found.article) == WANTED
    assert "Tweet Share" in [each.text for each in found.article.furniture]


def test_the_title_of_an_entry_says_where_the_headline_in_its_text_ends():
    text = page(
        "date 2023-07-08 World Ferry Service Resumes The Lake Company is content. Tweet Share Foto: Office", SAID
    )
    entry = Entry(id="1", title="Ferry Service Resumes The Lake", content=escape(text))
    (found,) = sightings(Listing(entries=(entry,)), FEED, url=FEED.url, seen_at=NOON)
    assert (found.article.headline, found.article.lede) == ("Ferry Service Resumes The Lake", "Company is content.")


def test_what_an_entry_says_of_itself_wins_over_its_text():
    entry = Entry(id="1", title="A ferry again", content=escape(FLAT), published="2023-07-09T08:00:00Z", source="AFP")
    (found,) = sightings(Listing(entries=(entry,)), replace(FEED, section="Lakes"), url=FEED.url, seen_at=NOON)
    assert (found.article.headline, found.article.section, found.article.source) == ("A ferry again", "Lakes", "AFP")
    assert found.article.published.at.day == 9


def test_the_text_of_a_rules_test_may_be_a_flattened_page():
    article = article_from_fields({"body": FLAT})
    assert same_fields(article)[:6] == WANTED[:6]
    assert article.published.zone_source == "none"


@pytest.mark.parametrize(
    "text",
    [
        SAID,
        "The date 2023-07-08 is remembered in the town.",
        "Foto: Office. On Saturday, July 8, 2023 the ferry sailed.",
        "Source: the mayor spoke of a dated plan.",
    ],
)
def test_a_text_like_any_other_is_not_taken_apart(text):
    entry = Entry(id="1", title="A ferry", content=escape(page(text, WORK)))
    (found,) = sightings(Listing(entries=(entry,)), FEED, url=FEED.url, seen_at=NOON)
    assert found.article.headline == "A ferry"
    assert WORK in found.article.body
    assert found.article.published is None


def test_a_head_of_many_marks_is_taken_apart_in_time_that_grows_with_it():
    assert "Source" in " ".join(told("Source: " * 60_000).body)
