"""Where a headline ends and its lede begins."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.articles.headlines import WEIGHTS, lede_start, signs
from tests.prose import LATIN


def split(text, elsewhere="", url=None):
    words = text.split()
    start = lede_start(words, elsewhere, url)
    return None if start is None else " ".join(words[:start])


@pytest.mark.parametrize(
    "text",
    [
        "Bridge opens in Leskovar | The mayor came with the engineers.",
        "Larsen warns Dahl | Prime Minister Petra Larsen said that time was running out.",
        "Two dead in flood | Norwegian Foreign Minister Kari Dahl offered help.",
        "Ferry sold VIDEO | Nobody crosses by water any more.",
        "Will it rain? | Meteorologists do not agree on that.",
        'Larsen: "We stay" | Mayor Petra Larsen answered her critics.',
        "Engineers at the Old Bridge in the River Town | They came from all over the country.",
        "Mayor Resigns After Dispute Over Bridge | Petra Larsen left her office on Monday.",
    ],
)
def test_the_lede_begins_where_both_sides_read_well(text):
    headline, _, lede = text.partition(" | ")
    assert split(f"{headline} {lede}") == headline


def test_two_words_that_stand_together_elsewhere_are_not_parted():
    text = "Council hears Mila Novak on Monday about the bridge that broke."
    assert split(text, "Nobody knew Mila Novak before.") != "Council hears Mila"


def test_a_word_that_is_small_elsewhere_is_no_name():
    text = "Zemljotres pogodio okolinu Kraljeva Potres jačine 3,2 stepena osetio se sinoć."
    assert split(text, "Posle potresa ljudi su ostali na ulicama.") == "Zemljotres pogodio okolinu Kraljeva"
    assert split(text) != "Zemljotres pogodio okolinu Kraljeva"


HEADS = (Path(__file__).parent / "heads.txt").read_text(encoding="utf-8").splitlines()


@pytest.mark.parametrize("script", [str, lambda text: text.translate(LATIN)], ids=["cyrillic", "latin"])
def test_serbian_heads_come_apart_though_many_headlines_end_in_a_name(script):
    heads = [script(head) for head in HEADS]
    right = [split(head.replace(" | ", " ")) == head.partition(" | ")[0] for head in heads]
    assert sum(right) >= 0.85 * len(heads)


def test_the_words_of_an_address_decide():
    text = "Old Bridge Old Town mayors meet on Monday to talk."
    assert split(text, url="https://paper.example/a/old-bridge") == split(
        text, url="https://paper.example/old-bridge-9"
    )
    assert split(text, url="https://paper.example/2023/old-bridge-old.html") == "Old Bridge Old"
    assert split(text, url="https://paper.example/") == split(text)


@pytest.mark.parametrize("text", ["", "Bridge", "Bridge opens", "the bridge opens in the river town at last"])
def test_where_no_capital_may_open_a_lede_there_is_none(text):
    assert split(text) is None


def test_no_lede_begins_after_a_sentence_has_ended():
    assert split("Bridge opens early. The mayor of Leskovar came with the engineers.") is None
    assert split("Bridge vs. Ferry ends The mayor of the town is glad of it.") == "Bridge vs. Ferry ends"


def test_every_sign_has_its_weight():
    assert set(signs(["Bridge", "opens", "The", "mayor", "came"], 2, set())) == set(WEIGHTS)


@given(st.lists(st.text(min_size=1).map(lambda word: "".join(word.split()) or "x"), max_size=30))
def test_any_words_come_apart_between_two_of_them_or_not_at_all(words):
    start = lede_start(words, " ".join(words))
    assert start is None or 0 < start < len(words)
