"""The headlines that a page gives, each made for somebody else → the one of its article.  Pure.

Readers of data are told one in JSON-LD, other sites one in meta elements, search engines
the title, and people see the h1.  Each may be another headline, or carry the name of the
site, a section or a word over it.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from enum import StrEnum
from urllib.parse import urlsplit

from monitor.articles.meta import Meta
from monitor.articles.pieces import LONGEST_HEADLINE
from monitor.articles.sections import is_section
from monitor.text import plain_words

PARTING = re.compile(r"\s+(?:[|–—·•<»›-]|::|//)\s+|\s*[|｜]\s*|\s*--\s*|(?<=\w)_(?=\w)|,\s+(?=[^,]*\d{4}$)")
HARD = re.compile(r"[|｜»›<_]|::|--|//")  # signs that part a site's name from a headline sooner than two parts of one
OPENING = re.compile(r"(?P<name>[^:|｜»]{2,40}?)(?:\s*(?:::|[:|｜»])\s+|\s+[–—-]\s+)(?=\S)")
DATED = re.compile(r"\W*\d{1,4}\W{1,2}\d{1,2}\W{1,2}\d{2,4}\W*")
COMMON = frozenset(["www", "com", "net", "org", "info", "gov", "edu", "html", "mobile", "amp"])
LONGEST_NAME = 40  # characters; a choice: what is longer behind a stroke is no name of a site or section
MOST_NAME_WORDS = 5  # of a site's unknown name, where what stands before it is a headline elsewhere
FEWEST = 3  # words; a choice: fewer, and seen in one place only, is a section or a button sooner than a headline
SHORTENED = 90  # characters; a choice: a headline so long may have been cut for machines, which are told 110 at most
CUT = ("…", "...")


class Why(StrEnum):
    """Why a headline was taken for the article's."""

    DATA = "data"  # the page's own data on its article says so
    AGREED = "agreed"  # machines are told what readers see
    PLAINER = "plainer"  # the same with nothing over it or behind it, where the places differ in that
    TOLD = "told"  # machines are told so, and readers see another one or none
    SHOWN = "shown"  # readers see it, and machines are told nothing that reads as a headline


@dataclass(frozen=True, slots=True, kw_only=True)
class Headline:
    """The headline of an article, and why it is this one."""

    text: str
    why: Why


@dataclass(frozen=True, slots=True)
class _Given:
    """A headline without the name of the site, and its letters."""

    text: str
    letters: str


def headline_of(meta: Meta, url: str | None = None) -> Headline | None:
    """Return the headline of the page at *url* that says *meta*; None where it has none.

    The data on the article decides, for there a headline is called so; then what
    machines are told and readers see; then the first that has words enough.
    """
    names = _names(meta, url)
    shown = [_Given(text, letters) for text in meta.shown if (letters := _letters(text)) and letters not in names]
    data, told = _told(meta, names, shown)
    found = _in_data(data, told, shown) if data else _agreed(told, shown)
    return found or _any(told, shown, meta)


def _in_data(data: _Given, told: Sequence[_Given], shown: Sequence[_Given]) -> Headline:
    """Return the headline in the page's data, whole and as it is shown, or without a kicker that stands there alone."""
    everywhere = {one.letters for one in (*told, *shown)}
    plainer = next((one for one in shown if _is_within(one, data)), None)
    if plainer is not None and data.letters not in everywhere:
        return Headline(text=plainer.text, why=Why.PLAINER)
    return Headline(text=_whole(_spelt(data, [*shown, *told]), [*shown, *told]), why=Why.DATA)


def _agreed(told: Sequence[_Given], shown: Sequence[_Given]) -> Headline | None:
    """Return the headline that is both *told* and *shown*, or shown within what is told, or the other way round."""
    for one in told:
        if any(one.letters == other.letters for other in shown):
            return Headline(text=_spelt(one, shown), why=Why.AGREED)
    for one, other in itertools.product(told, shown):
        if _is_within(one, other) or _is_within(other, one):
            return Headline(text=min(one, other, key=lambda each: len(each.letters)).text, why=Why.PLAINER)
        if _is_cut_from(one, other):
            return Headline(text=other.text, why=Why.AGREED)
    return None


def _any(told: Sequence[_Given], shown: Sequence[_Given], meta: Meta) -> Headline | None:
    """Return a headline that is *told* or *shown*, and has words enough where one has; or a site's name."""
    wordy = [one.text for one in shown if _is_wordy(one.text)]
    titled = bool(meta.headlines) or not wordy
    if (best := next((one for one in told if titled or _is_wordy(one.text)), None)) is not None:
        return Headline(text=best.text, why=Why.TOLD)
    left = (*wordy, *(one.text for one in shown), *meta.shown, *meta.headlines, meta.title)
    return next((Headline(text=text, why=Why.SHOWN) for text in left if text), None)


def _told(meta: Meta, names: Collection[str], shown: Sequence[_Given]) -> tuple[_Given | None, list[_Given]]:
    """Return the headline in the page's data, if any, and those in its meta elements and title."""
    seen = {one.letters for one in shown}
    given = [text for text in (meta.headline, *meta.headlines, meta.title) if text and _letters(text) not in names]
    spelt = seen | {_letters(text) for text in given}
    plain = {text: text if _letters(text) in seen else _without_names(text, names, seen, spelt) for text in given}
    found = {text: _Given(one, letters) for text, one in plain.items() if (letters := _letters(one))}
    data = found.get(meta.headline or "")
    others = [found[text] for text in (*meta.headlines, meta.title) if text in found]
    return (data if data and not is_section(data.text) else None), others


def _is_within(one: _Given, other: _Given) -> bool:
    """Return whether *one* is *other* without a kicker or a tail, and not cut short."""
    return (
        one.letters != other.letters
        and one.letters in other.letters
        and len(one.letters) * 2 >= len(other.letters)
        and not _is_cut_from(one, other)
    )


def _is_cut_from(one: _Given, other: _Given) -> bool:
    """Return whether *one* breaks off where *other* goes on."""
    breaks_off = one.text.endswith(CUT) or len(one.text) >= SHORTENED
    return breaks_off and one.letters != other.letters and other.letters.startswith(one.letters)


def _whole(text: str, others: Sequence[_Given]) -> str:
    """Return *text*, or what it was cut from."""
    own = _Given(text, _letters(text))
    return next((other.text for other in others if _is_cut_from(own, other)), text)


def _spelt(one: _Given, others: Sequence[_Given]) -> str:
    """Return how *one* is written: as shown, unless in capitals or without its colon or dash."""
    same = [other.text for other in (*others, one) if other.letters == one.letters]
    return max(same, key=lambda text: (not text.isupper(), len(re.findall(r"[:–—|-]", text))))


def _is_wordy(text: str) -> bool:
    """Return whether *text* has the words of a headline, or is in a script that does not part words."""
    return len(text.split()) >= FEWEST or any(letter > "\u3000" for letter in text)


def _names(meta: Meta, url: str | None) -> frozenset[str]:
    """Return the letters of what the site may call itself: its name, and the words of its address."""
    hosts = (urlsplit(address).hostname or "" for address in (url, meta.url) if address and "//" in address)
    labels = (label for host in hosts for label in host.split(".") if len(label) > 2 and label not in COMMON)
    given = (_letters(text) for text in (*meta.sites, *labels))
    return frozenset(name for name in given if name)


def _without_names(text: str, names: Collection[str], seen: Collection[str], spelt: Collection[str]) -> str:
    """Return *text* without what sites put around a headline: their names, sections and dates, behind a sign.

    *spelt* are the letters of the headlines that other places give, *seen* those
    that readers see; where one of them is left by cutting off a few words behind,
    or one that is seen by cutting off some before, these were a name too.
    """
    if len(text) > LONGEST_HEADLINE:
        return text
    signs = [sign for sign in PARTING.finditer(text) if not ("»" in sign[0] and "«" in text[: sign.start()])]
    for sign in signs:
        left, right = text[: sign.start()], text[sign.end() :]
        if len(right) * 2 >= len(text) and _letters(right) in seen and _are_names(left, ()):
            return right
        if _letters(left) in spelt and _are_names(right, seen):
            return left
    for sign in reversed(signs):
        left, tail = text[: sign.start()].rstrip(), text[sign.end() :]
        hard = HARD.fullmatch(sign[0].strip()) and len(tail.split()) <= min(MOST_NAME_WORDS, len(left.split()) - 1)
        filed = is_section(tail) or DATED.fullmatch(tail) is not None
        if _letters(tail) in seen or not (_is_name(tail, names) or ((filed or hard) and _is_wordy(left))):
            break
        text = left
    opening = OPENING.match(text)
    if opening is None or not _is_wordy(rest := text[opening.end() :]):
        return text
    return rest if _is_name(opening["name"], names) else text


def _are_names(text: str, seen: Collection[str]) -> bool:
    """Return whether the parts of *text* are so short that each may name a site or a section, and none is *seen*."""
    return all(len(part.split()) <= MOST_NAME_WORDS and _letters(part) not in seen for part in PARTING.split(text))


def _is_name(text: str, names: Collection[str]) -> bool:
    """Return whether *text* names the site, alone or with a word or two beside its name."""
    words = plain_words(text)
    letters = "".join(words)
    runs = {"".join(words[start : len(words) - cut]) for start in range(3) for cut in range(3 - start)}
    return 0 < len(letters) <= LONGEST_NAME and any(
        name in runs or (len(letters) > 3 and (name.startswith(letters) or name.endswith(letters))) for name in names
    )


def _letters(text: str) -> str:
    return "".join(plain_words(text)).replace(" ", "")
