"""Invented news: texts that share no sentence, copies as outlets make them, and reports cut from one template."""

from __future__ import annotations

import re
from dataclasses import replace
from random import Random

from monitor.model import Article, ArticleId, StoryId, derive


def _words(listed: str) -> tuple[str, ...]:
    return tuple(listed.split())


NOUNS = _words(
    "river council bridge harbour minister farmer teacher market winter budget factory railway hospital election "
    "protest court engineer library festival drought forest museum pension tunnel strike harvest parliament border "
    "treaty dam island bakery choir lawyer orchestra vineyard glacier satellite archive kitchen pharmacy stadium "
    "reservoir ferry quarry lighthouse theatre beekeeper committee academy consumer sailor printer monastery garden"
)
VERBS = _words(
    "opened closed praised delayed visited repaired doubled rejected promised painted measured flooded questioned "
    "funded reviewed borrowed welcomed postponed described inspected lost found sold bought renamed restored doubted "
    "followed warned blamed thanked studied moved counted trusted copied planned emptied guarded mapped"
)
OTHERS = _words(
    "quietly old northern expensive early without against during several narrow famous beside under nearly again "
    "twice yesterday green wooden empty costly later public private heavy rare modern distant beyond almost cheerful "
    "steep foreign patient broken hidden whole second final open frozen local bitter plain because although while"
)
SYLLABLES = _words("ba de ki lo mu ra ne so ti va ze dra mor lin gat per sal tov bre nik hol ust")
SERBIAN = _words(
    "река љубав коњ џемпер ђак чесма шума жетва ћуприја хлеб влада седница одлука народ скупштина предлог министар "
    "град село пут мост брана болница школа учитељ лекар радник штрајк цена берба виноград њива кишобран надживети "
    "инјекција одјек отшумети бродоградилиште прељуба сањати ђубриво уџбеник наџивети људски њихов његов ђаво "
    "ваздух хаџија бачва шљива жичара ћилим грађанин суђење међутим рођење поњава кључ изборни председник суд "
    "позориште оркестар музеј изложба путник воз пруга станица лука брод капетан острво планина ледник језеро шеталиште"
)
_CYRILLIC = "абвгдђежзијклљмнњопрстћуфхцчџш"
_LATIN = _words("a b v g d đ e ž z i j k l lj m n nj o p r s t ć u f h c č dž š")
LATIN = {
    **{ord(sign): latin for sign, latin in zip(_CYRILLIC, _LATIN, strict=True)},
    **{ord(sign.upper()): latin.capitalize() for sign, latin in zip(_CYRILLIC, _LATIN, strict=True)},
}
"""Serbian Cyrillic → Latin, for str.translate."""


def name(draw: Random) -> str:
    """Return an invented name."""
    return "".join(draw.choices(SYLLABLES, k=draw.randint(2, 3))).capitalize()


def sentence(draw: Random) -> str:
    """Return some twelve words with a capital and a full stop; two sentences hardly share four words in a row."""
    words = [draw.choice(draw.choice((NOUNS, VERBS, OTHERS))) for _ in range(draw.randint(8, 16))]
    for _ in range(draw.randint(0, 2)):
        words[draw.randrange(1, len(words))] = name(draw)
    if draw.random() < 0.4:
        words[draw.randrange(1, len(words))] = str(draw.randint(2, 9000))
    return f"{words[0].capitalize()} {' '.join(words[1:])}."


def sentences(seed: object, count: int) -> tuple[str, ...]:
    """Return *count* sentences, the same for the same *seed*."""
    draw = Random(f"{seed}")
    return tuple(sentence(draw) for _ in range(count))


def serbian(seed: object, count: int) -> tuple[str, ...]:
    """Return *count* sentences of Serbian words in Cyrillic."""
    draw = Random(f"{seed}")

    def one() -> str:
        words = draw.sample(SERBIAN, draw.randint(8, 16))
        return f"{words[0].capitalize()} {' '.join(words[1:])} {draw.choice(SERBIAN).capitalize()}."

    return tuple(one() for _ in range(count))


# ------------------------------------------------------------------ copies

COPIES = (
    *("cut to the lede", "cut, another headline", "boilerplate round it", "5 % of words edited"),
    *("15 % of words edited", "30 % of sentences dropped", "40 % more text", "another headline and lede"),
)
"""What outlets make of a text that they take over."""


def copied(article: Article, how: str, seed: object) -> Article:
    """Return *article*, the lede and body of which are whole sentences, as another outlet carries it; its *how*."""
    draw = Random(f"{how} {seed}")
    told = [
        each for text in (article.lede or "", *article.body) for each in re.split(r"(?<=[.!?…。])\s+", text) if each
    ]
    headline = " ".join(sentence(draw).strip(".").split()[:8])
    own = [sentence(draw) for _ in range(max(2, len(told) * 2 // 5))]
    match how:
        case "cut to the lede":
            return _as(article, how, article.headline, told[:2])
        case "cut, another headline":
            return _as(article, how, headline, told[:2])
        case "boilerplate round it":
            return _as(article, how, article.headline, [own[0], *told, own[1], *own[:1]])
        case "5 % of words edited" | "15 % of words edited":
            share = 0.05 if how.startswith("5") else 0.15
            return _as(article, how, article.headline, [_edited(each, share, draw) for each in told])
        case "30 % of sentences dropped":
            kept = sorted(draw.sample(range(len(told)), len(told) - len(told) * 3 // 10))
            return _as(article, how, article.headline, [told[n] for n in kept])
        case "40 % more text":
            return _as(article, how, headline, [*told, *own])
        case "another headline and lede":
            return _as(article, how, headline, [own[0], *told[1:]])
    raise ValueError(how)


def _as(article: Article, how: str, headline: str | None, told: list[str]) -> Article:
    id = ArticleId(derive("article", article.id, how))
    outlet = f"{article.outlet} {how}"
    return replace(
        article,
        id=id,
        story=StoryId(id),
        headline=headline,
        lede=told[0],
        body=tuple(told[1:]),
        outlet=outlet,
        url=None,
    )


def _edited(text: str, share: float, draw: Random) -> str:
    """Return *text* with a *share* of its words replaced, left out or doubled by another."""
    words = []
    for word in text.split():
        change = draw.choice(("replace", "drop", "add")) if draw.random() < share else None
        if change != "drop":
            words.append(draw.choice(OTHERS) if change == "replace" else word)
        if change == "add":
            words.append(draw.choice(OTHERS))
    return " ".join(words)


# ------------------------------------------------------------------ templates

TEMPLATES = {
    "weather": (
        "Weather for {day} in {town}",
        "Expect {sky} skies over {town} on {day} with a high of {n} degrees and a low of {m} degrees.",
        "Winds from the {wind} at {k} kilometres an hour. The chance of rain is {p} per cent.",
    ),
    "exchange rates": (
        "Exchange rates on {n} {month}",
        "The euro was worth {a}.{p} dinars on {day}, the National Bank announced.",
        "The dollar stood at {b}.{k} dinars, the Swiss franc at {c}.{m} and the pound at {d}.{n}.",
    ),
    "earthquake": (
        "Magnitude {x}.{y} earthquake - {k} km {wind} of {town}",
        "A magnitude {x}.{y} earthquake struck {k} kilometres {wind} of {town} on {day}, seismologists said.",
        "It was {p} kilometres deep. No damage was reported.",
    ),
    "match report": (
        "{club} {x}-{y} {rival}: {player} decides it",
        "{club} beat {rival} {x}-{y} at the {town} stadium on {day} thanks to a goal by {player} in minute {p}.",
        "The hosts began the better side, and after {n} minutes {player} hit the post with a shot from afar. "
        "{rival} answered with a header by {scorer}, which the goalkeeper turned round the post with his fingertips. "
        "In the second half the visitors pressed for an equaliser, but the defence of {club} stood firm until the end. "
        "It was the {m}th win of the season for {club}, who are now in place {x} with {k} points from {n} matches. "
        "{rival} stay in place {y} and play {other} next week, when {scorer} is back after his suspension.",
    ),
    "market report": (
        "Belgrade stock exchange closes at {a} points",
        "The index of the most liquid shares closed {day}'s session at {a}.{p} points, {x}.{y} per cent higher.",
        "Turnover was {k} million dinars. Most of it was in shares of {club}, which gained {y}.{m} per cent, and of "
        "{rival}, which lost {x}.{n} per cent. The broader index ended the day at {b}.{m} points. Analysts expect "
        "{day} to be quiet as traders wait for the figures of {other}.",
    ),
    "accident": (
        "One injured in crash near {town}",
        "A {n}-year-old driver was injured when two cars collided on the {town} road on {day} at {k}.{p}.",
        "The ambulance took {player} to the hospital in {rival}. The road was closed for {x} hours. Police are looking "
        "into the cause of the accident and ask witnesses to call.",
    ),
}


CHOICES = {
    "day": _words("Monday Tuesday Wednesday Thursday Friday Saturday Sunday"),
    "month": _words("January February March April June July August October November"),
    "sky": _words("clear cloudy grey blue mixed"),
    "wind": _words("north south east west"),
}


def templated(kind: str, seed: object) -> tuple[str, str, str]:
    """Return headline, lede and body of a report of this *kind*: the same words about something else each time."""
    draw = Random(f"{kind} {seed}")
    values: dict[str, object] = {part: name(draw) for part in ("town", "club", "rival", "player", "scorer", "other")}
    values |= {part: draw.randint(10, 59) for part in "nmkp"} | {part: draw.randint(100, 999) for part in "abcd"}
    values |= {part: draw.randint(1, 9) for part in "xy"}
    values |= {part: draw.choice(words) for part, words in CHOICES.items()}
    headline, lede, body = (part.format(**values) for part in TEMPLATES[kind])
    return headline, lede, body
