"""What may stand in a rules file and in an entities file, said for editors and checked by pydantic."""

from __future__ import annotations

import re
from typing import Annotated, Literal

from pydantic import AfterValidator, BeforeValidator, Field, SkipValidation, WithJsonSchema

from monitor.source import Strict
from monitor.text import tokens

KEBAB = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")


def _listed(value: object) -> object:
    if isinstance(value, str):
        raise ValueError(f"a list is needed here; write [{value}]")
    return value


def _kebab(value: str) -> str:
    if not KEBAB.fullmatch(value):
        better = re.sub(r"[^a-z0-9]+", "-", value.casefold()).strip("-")
        hint = f"; write {better}" if KEBAB.fullmatch(better) else ""
        raise ValueError(f'"{value}" is no id: small letters a to z, digits and single hyphens{hint}')
    return value


def _language(value: str) -> str:
    if not re.fullmatch(r"[a-z]{2,3}", value):
        primary = re.split(r"[-_]", value)[0].lower()
        hint = f"; write {primary}" if re.fullmatch(r"[a-z]{2,3}", primary) else ", such as en or sr"
        raise ValueError(f'"{value}" is no primary language tag{hint}')
    return value


def _country(value: str) -> str:
    if not re.fullmatch(r"[A-Z]{2}", value):
        hint = f"; write {value.upper()}" if re.fullmatch(r"[A-Za-z]{2}", value) else ", such as RS or NO"
        raise ValueError(f'"{value}" is no country code of two capitals{hint}')
    return value


def _said(value: str) -> str:
    if not tokens(value):
        raise ValueError(f'"{value}" holds no letter and no digit')
    return value


def _joined(value: object) -> object:
    return "\n\n".join(map(str, value)) if isinstance(value, list) else value


def _version(value: object) -> object:
    if value != "1":
        raise ValueError(f'version "{value}" is not known to this program; write version: 1')
    return 1


Texts = Annotated[tuple[str, ...], BeforeValidator(_listed)]
Names = Annotated[tuple[Annotated[str, AfterValidator(_said)], ...], BeforeValidator(_listed)]
Kebab = Annotated[str, AfterValidator(_kebab), WithJsonSchema({"type": "string", "pattern": f"^{KEBAB.pattern}$"})]
Version = Annotated[int, BeforeValidator(_version), WithJsonSchema({"const": 1})]
Body = Annotated[
    str, BeforeValidator(_joined), WithJsonSchema({"type": ["string", "array"], "items": {"type": "string"}})
]


# An editor reads 1244 as a number and true as a truth; here both are words.
Term = Annotated[str, WithJsonSchema({"type": ["string", "number", "boolean"]})]


class ScoreMap(Strict):
    """Weighted terms; the map holds when the weights of the terms found reach the threshold."""

    at_least: float = Field(description="The threshold; reaching it matches.")
    terms: dict[str, float] = Field(
        description="Each term (a phrase, or a query if it holds an operator) with its weight, added once however "
        "often the term occurs. A negative weight counts against."
    )


class MatchMap(Strict):
    """Lists of terms; what the keys of one map say must hold together."""

    all: list[Term | MatchMap] | None = Field(None, description="Each of these must occur.")
    any: list[Term | MatchMap] | None = Field(None, description="At least one of these must occur.")
    none: list[Term | MatchMap] | None = Field(
        None, description="None of these may occur; otherwise this map is false."
    )
    score: ScoreMap | None = Field(None, description="Weighted terms that must reach a threshold.")


class WhereMap(Strict):
    """Metadata that an article must have; all that is given must hold."""

    section: Texts = Field((), description="Sections of the outlet, such as Politics; case and accents do not matter.")
    language: tuple[Annotated[str, AfterValidator(_language)], ...] = Field(
        (), description="Primary language tags (BCP 47), such as en, sr."
    )
    country: tuple[Annotated[str, AfterValidator(_country)], ...] = Field(
        (), description="Countries of the outlet (ISO 3166-1), such as RS. NO is Norway."
    )
    feed: Texts = Field((), description="Feed ids; * and ? are wildcards, as in b92-*.")
    outlet: Texts = Field((), description="Names of outlets; case and accents do not matter.")
    strict: bool = Field(False, description="true: an article that lacks the metadata does not pass.")


class ArticleMap(Strict):
    """An article for a test: whichever fields matter."""

    headline: str | None = Field(None, description="The headline.")
    lede: str | None = Field(None, description="The lede, or summary.")
    body: Body | None = Field(None, description="The body; blank lines, or list items, separate paragraphs.")
    section: str | None = Field(None, description="The outlet's section.")
    language: str | None = Field(None, description="Primary language tag; detected when left out.")
    outlet: str | None = Field(None, description="The outlet's name.")
    country: str | None = Field(None, description="The outlet's country, two capitals.")
    feed: str | None = Field(None, description="The id of the feed that brought it.")
    source: str | None = Field(None, description="The agency credited.")
    byline: str | None = Field(None, description="Who wrote it.")
    credit: str | None = Field(None, description="Whose photo it shows.")
    url: str | None = Field(None, description="Its address.")
    published_at: str | None = Field(None, description="When it was published (RFC 3339).")


class TestEntry(Strict):
    """One test: an article that the rule must match, or must not."""

    match: SkipValidation[str | ArticleMap | None] = Field(
        None, description="A body text, $name of a fixture, or a map of fields that the rule must match."
    )
    no_match: SkipValidation[str | ArticleMap | None] = Field(
        None, description="A body text, $name of a fixture, or a map of fields that the rule must not match."
    )


class Throttle(Strict):
    """At most so many alerts in a time; further ones are held and summed up."""

    max: int = Field(description="How many alerts.")
    per: str = Field(description="In what time, such as 1h.")


class Cron(Strict):
    """Times as crontab has them."""

    cron: str = Field(description='Five fields, such as "0 7 * * mon-fri"; 0 is Sunday.')


class Hold(Strict):
    """Quiet hours."""

    between: str = Field(description='Local times, such as "23:00-06:00".')


class Spike(Strict):
    """More stories than usual."""

    of: str | MatchMap = Field(description="What is counted.")
    over: str = Field(description="In what time, such as 1h.")
    ratio: float = Field(description="How many times the usual number.")
    at_least: int = Field(description="How many stories there must be in any case.")


class Silence(Strict):
    """Nothing for too long."""

    of: str | MatchMap = Field(description="What is missed.")
    for_: str = Field(alias="for", description="For how long, such as 6h.")


class RuleEntry(Strict):
    """One watch rule."""

    id: Kebab = Field(description="Unique over all files, stable: it is in every webhook. Small letters and hyphens.")
    title: str | None = Field(None, description="One line for people; the id when left out.")
    severity: Literal["high", "normal", "low"] = Field("normal", description="How urgent an alert is.")
    labels: dict[str, str] = Field({}, description="Free keys and values, carried into the alert.")
    where: WhereMap = Field(WhereMap(), description="Metadata filters; all must hold.")
    match: SkipValidation[str | MatchMap | None] = Field(
        None, description="A query, or a map of all, any, none, score."
    )
    notify: Texts = Field((), description="Channel ids; the default channel when left out.")
    story: SkipValidation[Literal["first", "every"] | list[int]] = Field(
        "first", description="Which further copies of a story alert again: first, every, or steps such as [2, 5, 10]."
    )
    throttle: SkipValidation[Throttle | None] = Field(None, description="Further alerts are held and summed up.")
    digest: SkipValidation[str | Cron] = Field("never", description='never, hourly, a time such as "07:30", or a cron.')
    hold: SkipValidation[Hold | None] = Field(None, description="Quiet hours hold alerts, they never drop them.")
    timezone: str | None = Field(None, description="For digest and hold, such as Europe/Belgrade.")
    was: Kebab | None = Field(None, description="The id that this rule had before it was renamed.")
    tests: SkipValidation[list[TestEntry]] = Field([], description="Articles that must match, or must not.")
    spike: SkipValidation[Spike | None] = Field(None, description="Alert on more stories than usual.")
    silence: SkipValidation[Silence | None] = Field(None, description="Alert when nothing matched for so long.")


class RulesFile(Strict):
    """A file of watch rules (config/rules/*.yaml)."""

    version: Version = Field(1, description="The version of the rules' meaning; this program reads version 1.")
    fixtures: SkipValidation[dict[str, ArticleMap]] = Field(
        {}, description="Articles that several tests share, by name."
    )
    rules: SkipValidation[list[RuleEntry]] = Field([], description="The watch rules.")


class EntityEntry(Strict):
    """Somebody or something with names; a rule names it as $id."""

    id: Kebab = Field(description="Unique over all files; rules write $id.")
    type: Literal["person", "place", "organisation", "document", "other"] = Field("other", description="What it is.")
    names: Names = Field(
        (), description="Full names in their base form, one per spelling and script: any one is proof."
    )
    short: Names = Field((), description="Short names; with context they count only when it, or a full name, is there.")
    context: Names = Field((), description="Words that bear out a short name, matched like names.")
    not_after: Names = Field((), description="Given names: right before the short name they mean another person.")
    exact: Names = Field((), description="Acronyms: case-sensitive, with hyphenated case endings (NATO-a).")
    forms: SkipValidation[Literal["auto", "none"] | list[str]] = Field(
        "auto",
        description="auto: case and possessive forms are made; none: only as written; or a list of further forms.",
    )
    ids: dict[str, str] = Field({}, description="Identifiers elsewhere, such as wikidata, carried into the alert.")


class EntitiesFile(Strict):
    """A file of entities (config/entities/*.yaml)."""

    version: Version = Field(1, description="The version of the entities' meaning; this program reads version 1.")
    entities: SkipValidation[list[EntityEntry]] = Field([], description="The entities.")
