"""The language that a text is in."""

from __future__ import annotations

import subprocess
import sys

import pytest

from monitor.articles.language import language_of, primary

ENGLISH = (
    "The mayor of the river town said on Monday that the new bridge would open in spring, a month before anybody "
    "expected it, and that the ferry would be sold to a museum."
)
SERBIAN = (
    "Gradonačelnik je u ponedeljak izjavio da će novi most biti otvoren na proleće, mesec dana pre nego što je iko "
    "očekivao, a da će trajekt biti prodat muzeju u Beogradu."
)


def test_a_long_text_is_believed_more_than_what_is_declared():
    assert language_of(ENGLISH, "de") == "en"
    assert language_of(ENGLISH, None) == "en"


FULL_DISK = f"""
import resource
resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000))
from monitor.articles.language import language_of
print(language_of({ENGLISH!r}, "de-AT"), language_of({ENGLISH!r}, None))
"""


def test_while_the_detector_cannot_be_unpacked_every_text_is_in_what_is_declared():
    """It unpacks itself into a file; a limit on the size of files stands in for a disk that is full."""
    told = subprocess.run([sys.executable, "-c", FULL_DISK], capture_output=True, text=True, check=True)
    assert told.stdout == "de None\n"


def test_a_short_text_is_in_what_is_declared():
    assert language_of("Most otvoren", "en-GB") == "en"
    assert language_of("Most otvoren", None) is None


@pytest.mark.parametrize(
    ("text", "tag"),
    [
        ("The new bridge over the river opens in spring", "en"),
        ("Selo na Tari dobija školu posle četrdeset godina", "sr"),
        ("Стари млин на Млави постаје музеј", None),  # Serbian or Macedonian: of their own letters it has but ј
        ("Влада усвојила план за сушна лета, вода ће стићи до њива", "sr"),
        ("Predsjednik vlade priopćio da vlak za more kreće u srpnju", "hr"),
        ("Predsjednica općine izjavila da će djeca ići u školu poslije praznika", "bs"),
        ("Претседателот изјави дека ќе дојде во Скопје во понеделник", "mk"),
        ("Правителството прие план за суша и ще се срещне с кмета", "bg"),
        ("Правительство приняло план, заявил министр энергетики", "ru"),
        ("Уряд ухвалив план на посушливе літо, заявив міністр", "uk"),
        ("Vlada je sprejela načrt za sušna poletja, je dejal minister", "sl"),
    ],
)
def test_where_nothing_is_declared_a_headline_is_read_if_it_is_clear(text, tag):
    assert language_of(text, None) == tag


@pytest.mark.parametrize("tag", ["sr", "hr", "bs", "cnr"])
def test_languages_that_a_detector_cannot_tell_apart_stay_as_declared(tag):
    assert language_of(SERBIAN, tag) == tag


def test_what_is_no_language_changes_nothing():
    assert language_of("1 2 3 4 5 6 7 8 9 0 " * 20, "fi") == "fi"


@pytest.mark.parametrize(
    ("tag", "first"),
    [
        ("en", "en"),
        ("sr-Latn-RS", "sr"),
        ("pt_BR", "pt"),
        (" EN-us ", "en"),
        ("english", None),
        ("", None),
        (None, None),
    ],
)
def test_only_the_primary_subtag_counts(tag, first):
    assert primary(tag) == first
