"""Pages as sites are built, with all that stands round an article: the article comes out exactly, from its text too.

The sites and the news in templates/ are made up; beside each page stands what it has to become.
"""

from __future__ import annotations

import json
from datetime import UTC, datetime
from html import escape
from pathlib import Path

import pytest

from monitor.articles.normalise import article_from_text
from monitor.articles.page import article_from_html
from monitor.articles.sections import is_section
from monitor.canonical import document
from monitor.model import Feed, FeedId

PAGES = sorted((Path(__file__).parent / "templates").glob("*.html"))
SEEN = datetime(2025, 1, 1, tzinfo=UTC)
FLATTENED = ("headline", "lede", "body", "related", "source", "credit", "published_at")

ENGLISH = {
    "days": "Monday Tuesday Wednesday Thursday Friday Saturday Sunday",
    "months": "January February March April May June July August September October November December",
    "stamp": "{day}, {month} {at.day}, {at.year} | {at:%H:%M}",
    "labels": ("Source", "Photo", "Tweet Share"),
}
SERBIAN = {
    "days": "ponedeljak utorak sreda četvrtak petak subota nedelja",
    "months": "januar februar mart april maj jun jul avgust septembar oktobar novembar decembar",
    "stamp": "{day}, {at.day}. {month} {at.year}. | {at:%H:%M}",
    "labels": ("Izvor", "Foto", "Podeli"),
}
CYRILLIC = {
    "days": "понедељак уторак среда четвртак петак субота недеља",
    "months": "јануар фебруар март април мај јун јул август септембар октобар новембар децембар",
    "stamp": SERBIAN["stamp"],
    "labels": ("Извор", "Фото", "Подели"),
}

GERMAN = {
    "days": "Montag Dienstag Mittwoch Donnerstag Freitag Samstag Sonntag",
    "months": "Januar Februar März April Mai Juni Juli August September Oktober November Dezember",
    "stamp": "{day}, {at.day}. {month} {at.year} | {at:%H:%M}",
    "labels": ("Quelle", "Foto", "Teilen"),
}
RUSSIAN = {
    "days": "понедельник вторник среда четверг пятница суббота воскресенье",
    "months": "января февраля марта апреля мая июня июля августа сентября октября ноября декабря",
    "stamp": "{day}, {at.day} {month} {at.year} | {at:%H:%M}",
    "labels": ("Источник", "Фото", "Поделиться"),
}
CROATIAN = {
    "days": "ponedjeljak utorak srijeda četvrtak petak subota nedjelja",
    "months": "siječnja veljače ožujka travnja svibnja lipnja srpnja kolovoza rujna listopada studenoga prosinca",
    "stamp": SERBIAN["stamp"],
    "labels": ("Izvor", "Foto", "Podijeli"),
}
BOSNIAN = {
    **CROATIAN,
    "months": "januar februar mart april maj juni juli avgust septembar oktobar novembar decembar",
}
FRENCH = {
    "days": "lundi mardi mercredi jeudi vendredi samedi dimanche",
    "months": "janvier février mars avril mai juin juillet août septembre octobre novembre décembre",
    "stamp": "{day} {at.day} {month} {at.year} | {at:%H:%M}",
    "labels": ("Source", "Photo", "Partager"),
}
WORDS = {"en": ENGLISH, "sr": SERBIAN, "hr": CROATIAN, "bs": BOSNIAN, "de": GERMAN, "ru": RUSSIAN, "fr": FRENCH}


def expected(page):
    return json.loads(page.with_suffix(".json").read_text(encoding="utf-8"))


def feed(wanted, section=None):
    return Feed(id=FeedId("paper"), url="https://paper.example/feed", timezone=wanted["timezone"], section=section)


def informed(wanted):
    """Return the feed that says what its section is, where no other paper has one of that name."""
    section = wanted["section"]
    return feed(wanted, None if section is None or is_section(section) else section)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_the_article_comes_out_of_its_page_exactly(page):
    wanted = expected(page)
    article = article_from_html(page.read_bytes(), feed(wanted), url="https://paper.example/a", seen_at=SEEN)
    shown = document(article)
    fields = wanted.keys() - {"timezone", "subheadings"}
    assert {name: shown[name] for name in fields} == {name: wanted[name] for name in fields}


def head_of(wanted):
    """Return what a template writes over an article, and what it writes under that, in its own language."""
    cyrillic = any("а" <= letter <= "я" for letter in wanted["headline"])
    words = CYRILLIC if cyrillic and wanted["language"] == "sr" else WORDS[wanted["language"]]
    at = datetime.fromisoformat(wanted["published_at"])
    day, month = words["days"].split()[at.weekday()], words["months"].split()[at.month - 1]
    source, credit, share = words["labels"]
    over = [wanted["section"], wanted["headline"], wanted["lede"]]
    under = [
        f"{source}: {wanted['source']}" if wanted["source"] else None,
        words["stamp"].format(day=day, month=month, at=at),
        share,
        f"{credit}: {wanted['credit']}" if wanted["credit"] else None,
    ]
    return [text for text in over if text], [text for text in under if text]


def run_together(wanted, paragraphs):
    over, under = head_of(wanted)
    return "\n\n\n\n".join([" ".join([f"date {wanted['published_at'][:10]}", *over, *under]), *paragraphs])


def in_lines(wanted, paragraphs):
    over, under = head_of(wanted)
    return "\n\n".join([*over, *under, *paragraphs])


@pytest.mark.parametrize("form", [run_together, in_lines])
@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_the_text_of_the_page_alone_gives_the_same_article(page, form):
    wanted = expected(page)
    wanted["body"] = [text for text in wanted["body"] if text not in wanted.get("subheadings", ())]
    paragraphs = [*wanted["body"][:2], *wanted["related"], *wanted["body"][2:]]
    article = article_from_text(form(wanted, paragraphs), informed(wanted), url=None, seen_at=SEEN)
    shown = {name: document(article)[name] for name in FLATTENED}
    wanted["published_at"] = wanted["published_at"][:16]
    shown["published_at"] = str(shown["published_at"])[:16]  # a stamp has no seconds, and no zone of its own
    assert shown == {name: wanted[name] for name in FLATTENED}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_a_page_that_holds_such_text_gives_what_the_text_gives(page):
    wanted = expected(page)
    text = run_together(wanted, [*wanted["body"], *wanted["related"]])
    told = article_from_text(text, feed(wanted), url=None, seen_at=SEEN)
    markup = "".join(f"<p>{escape(part)}</p>" for part in text.split("\n\n") if part.strip())
    article = article_from_html(f"<html><body>{markup}</body></html>", feed(wanted), url=None, seen_at=SEEN)
    assert document(article) == document(told)
