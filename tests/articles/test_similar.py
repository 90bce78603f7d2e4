"""What is a copy of what: tables of the shapes that copies have, and of what only looks like one."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.articles.similar import WINDOW, likeness, nearest, sketch
from monitor.model import Article, Head, StoryId
from tests.bench.copies import in_latin, in_serbian, invented, merged, real, recall, reports
from tests.build import NOON, article, published
from tests.prose import COPIES, TEMPLATES, copied, sentences

FEW = 40


def wire(headline: str, *told: str, outlet: str = "Wire", **given: object) -> Article:
    return article(
        headline, url=f"https://{outlet}.example/{headline}", lede=told[0], body=told[1:], outlet=outlet, **given
    )


def head(each: Article) -> Head:
    return Head(story=StoryId(each.id), sketch=sketch(each))


def verdict(one: Article, other: Article) -> str:
    return likeness(sketch(one), sketch(other)).but or "copy"


FLASH = wire(
    "Parliament adopts the budget after a night of debate",
    "The parliament in Dravogorje adopted next year's budget on Thursday with 131 votes against 84.",
    "Finance minister Vesna Tarabić said that nobody would pay more taxes.",
)


# ------------------------------------------------------------------ copies


@pytest.mark.parametrize("how", COPIES)
def test_a_copy_is_known_whatever_was_done_to_it(how: str) -> None:
    bases = invented(FEW)
    assert recall(bases, (copied(each, how, each.id) for each in bases)) >= 0.95


def test_the_other_script_makes_no_difference_at_all() -> None:
    for each in in_serbian(FEW):
        one, other = sketch(each), sketch(in_latin(each))
        assert (one.runs, one.landmarks, one.words, one.names) == (
            other.runs,
            other.landmarks,
            other.words,
            other.names,
        )


@pytest.mark.parametrize(
    ("cyrillic", "latin"),
    [
        (
            "Људи су волели Његошеву песму о љубави и коњима у Бачкој",
            "Ljudi su voleli Njegoševu pesmu o ljubavi i konjima u Bačkoj",
        ),
        ("Џемпер и уџбеник нашла је хаџијина ћерка на пијаци", "Džemper i udžbenik našla je hadžijina ćerka na pijaci"),
        (
            "Ђоковић и ђаци саде ђурђевак код међе старе грађевине",
            "Đoković i đaci sade đurđevak kod međe stare građevine",
        ),
        (
            "Надживели су инјекцију и одјек конјугације у дјелу из 2023",
            "Nadživeli su injekciju i odjek konjugacije u djelu iz 2023",
        ),
        ("ЉУБАВ, ЊИВА И ЏЕП: НАТО и ЕУ о Фијату у Крагујевцу", "LJUBAV, NJIVA I DŽEP: NATO i EU o Fijatu u Kragujevcu"),
        ("Љубав и њива кажу исто што и џем од шљива", "ǈubav i ǌiva kažu isto što i ǆem od šǉiva"),
    ],
)
def test_a_serbian_text_has_one_sketch_in_both_scripts(cyrillic: str, latin: str) -> None:
    one, other = sketch(article(cyrillic, lede=None, body=())), sketch(article(latin, lede=None, body=()))
    assert one.runs
    assert (one.runs, one.landmarks) == (other.runs, other.landmarks)


def test_a_short_wire_item_is_known_under_another_headline() -> None:
    copy = wire("MPs pass budget", *(FLASH.lede or "", *FLASH.body), outlet="Gazette")
    assert verdict(FLASH, copy) == "copy"


def test_a_flash_is_known_in_the_full_report_that_begins_with_it() -> None:
    full = wire("Budget adopted", FLASH.lede or "", *FLASH.body, *sentences("full", 20), outlet="Courier")
    assert verdict(FLASH, full) == "copy"


@pytest.mark.parametrize(
    "text",
    [
        "台风在周二凌晨登陆沿海地区。当局疏散了一万二千名居民，学校停课。气象台警告说，大雨将持续到周五。",
        "พายุไต้ฝุ่นพัดขึ้นฝั่งเมื่อเช้าวันอังคาร ทางการอพยพประชาชนหนึ่งหมื่นสองพันคน และโรงเรียนปิดการเรียนการสอน",
        "台風は火曜日の未明に沿岸部へ上陸した。当局は一万二千人の住民を避難させ、学校は休校となった。",
    ],
)
def test_scripts_without_spaces_are_compared_letter_by_letter(text: str) -> None:
    one = wire("一", text)
    assert verdict(one, wire("二", text, text[::-1], outlet="Other")) == "copy"
    assert verdict(one, wire("二", text[::-1], outlet="Other")) == "too little in common"


# ------------------------------------------------------------------ what only looks like one


@pytest.mark.parametrize("kind", TEMPLATES)
@pytest.mark.parametrize("outlet", [None, "one"])
def test_reports_cut_from_one_template_stay_apart(kind: str, outlet: str | None) -> None:
    assert merged(reports(kind, 80, outlet)) <= 0.02


@pytest.mark.parametrize(
    ("one", "other", "why"),
    [
        (
            wire(
                "Weather for Monday",
                "Sunny with a high of 31 degrees and a light breeze from the south, the weather service said.",
            ),
            wire(
                "Weather for Tuesday",
                "Sunny with a high of 24 degrees and a light breeze from the south, the weather service said.",
                outlet="Gazette",
            ),
            "other figures",
        ),
        (
            wire(
                "Fire out", "Firemen put out a fire in a flat in Belovo tonight and nobody was hurt, police said there."
            ),
            wire(
                "Fire out",
                "Firemen put out a fire in a flat in Sivac tonight and nobody was hurt, police said there.",
                outlet="Gazette",
            ),
            "other names",
        ),
        (
            wire("Puzzle of day 11", *sentences("promotion", 12)),
            wire("Puzzle of day 12", *sentences("promotion", 12)),
            "the publisher's own template",
        ),
        (wire("Strike ends", "Trains run again."), wire("Strike ends", "Trains run again."), "too short to tell"),
    ],
)
def test_what_only_looks_like_a_copy_is_told_apart_with_a_reason(one: Article, other: Article, why: str) -> None:
    assert verdict(one, other) == why


def test_a_round_up_glues_nothing_together() -> None:
    stories = [wire(f"Story {n}", *sentences(f"part {n}", 3), outlet=f"outlet {n}") for n in range(6)]
    ledes = [each.lede or "" for each in stories]
    round_up = wire("The morning in brief", sentences("greeting", 4)[0], *ledes, outlet="Evening")
    heads = [head(round_up)]
    joined = [nearest(sketch(each), heads) for each in stories[2:]]
    assert joined == [None] * 4
    assert nearest(sketch(round_up), map(head, stories[2:])) is None


def test_small_changes_never_chain_two_texts_into_one_story() -> None:
    told = sentences("chain", 60)
    slices = [wire(f"Part {n}", *told[n : n + 12], outlet=f"outlet {n}") for n in range(0, 48, 4)]
    assert verdict(slices[0], slices[1]) == "copy"
    assert verdict(slices[0], slices[3]) != "copy"
    heads: list[Head] = []
    stories = []
    for each in slices:
        found = nearest(sketch(each), heads)
        stories.append(found)
        if found is None:
            heads.append(head(each))
    for each, story in zip(slices, stories, strict=True):
        if story is not None:
            first = next(known for known in slices if known.id == story)
            assert verdict(each, first) == "copy"
    assert stories.count(None) >= 3


def test_three_days_later_it_is_a_new_story() -> None:
    later = replace(FLASH, outlet="Gazette", published=published(NOON + WINDOW), seen_at=NOON + WINDOW)
    assert verdict(FLASH, later) == "copy"
    over = WINDOW + timedelta(minutes=1)
    too_late = replace(FLASH, outlet="Gazette", published=published(NOON + over), seen_at=NOON + over)
    assert verdict(FLASH, too_late) == "too long after it"


def test_a_date_in_the_future_is_not_believed() -> None:
    wrong = replace(FLASH, outlet="Gazette", published=published(NOON + timedelta(days=365)))
    assert verdict(FLASH, wrong) == "copy"


def test_the_story_most_like_it_is_joined() -> None:
    full = wire("Budget", FLASH.lede or "", *FLASH.body, *sentences("full", 6), outlet="Courier")
    reworded = wire("Budget", FLASH.lede or "", *FLASH.body, *sentences("other", 6), outlet="Echo")
    copy = replace(reworded, outlet="Gazette")
    assert nearest(sketch(copy), [head(full), head(reworded)]) == reworded.id


def test_an_article_without_words_is_nobodys_copy() -> None:
    empty = article("", lede=None, body=())
    assert nearest(sketch(empty), [head(empty), head(FLASH)]) is None


# ------------------------------------------------------------------ what holds for all texts

PARTS = st.lists(
    st.sampled_from([*sentences("parts", 12), *in_serbian(1)[0].body, "台风登陆", "", "A 1 b 2"]), max_size=12
)
TEXTS = st.builds(
    lambda parts, outlet: wire("Any headline of 7", *(parts or [""]), outlet=outlet),
    PARTS,
    st.sampled_from(["Wire", "Gazette"]),
)


@given(TEXTS, TEXTS)
def test_likeness_is_the_same_whichever_comes_first(one: Article, other: Article) -> None:
    first, second = sketch(one), sketch(other)
    assert likeness(first, second) == likeness(second, first)
    assert 0 <= likeness(first, second).share <= 1


@given(TEXTS)
def test_a_text_is_a_copy_of_itself_or_too_short(each: Article) -> None:
    assert likeness(sketch(each), sketch(each)).but in (None, "too short to tell")


@given(st.text(max_size=400))
def test_any_text_has_a_sketch(text: str) -> None:
    found = sketch(article(text, lede=text, body=(text,)))
    assert all(-(2**63) <= mark < 2**63 for mark in found.landmarks)
    assert all(0 <= run < 2**32 for run in found.runs)
    assert found == sketch(article(text, lede=text, body=(text,)))


@given(st.integers(min_value=0, max_value=200), st.integers(min_value=20, max_value=80), st.integers())
def test_texts_that_share_twenty_words_in_a_row_share_a_landmark(before: int, length: int, seed: int) -> None:
    draw = Random(seed)
    words = [f"w{draw.randrange(10**6)}" for _ in range(length)]
    own = [f"x{draw.randrange(10**6)}" for _ in range(min(before, 230 - length))]
    longer = article(" ".join([*own, *words]), lede=None, body=())
    assert sketch(article(" ".join(words), lede=None, body=())).landmarks & sketch(longer).landmarks


@pytest.mark.corpus
@pytest.mark.parametrize("how", COPIES)
def test_real_articles_are_known_in_their_copies(how: str) -> None:
    if not (bases := real()):
        pytest.skip("no real articles beside the checkout")
    assert recall(bases, (copied(each, how, each.id) for each in bases)) >= 0.95
