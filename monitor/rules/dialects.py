"""Other tools' query languages: operators and their precedence, fields, what words side by side mean.  Pure."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from monitor.model import Field


class Beside(StrEnum):
    """What a tool reads into two words side by side."""

    AND = "AND"
    OR = "OR"
    PHRASE = "a phrase"
    NEAR = "NEAR"


@dataclass(frozen=True, slots=True)
class Operator:
    """What joins or governs operands; *n* as we count it."""

    name: str  # OR AND NOT NEAR ONEAR APART SENTENCE PARAGRAPH ATLEAST
    n: int = 0


Reader = Callable[["re.Match[str]"], Operator]


@dataclass(frozen=True, slots=True, kw_only=True)
class Dialect:
    """How one tool reads a query."""

    levels: tuple[frozenset[str], ...]  # operators from the loosest to the tightest
    beside: Beside
    operators: Mapping[str, Reader]  # pattern of a whole word to the operator
    fields: Mapping[str, tuple[Field, ...]] = field(default_factory=dict)
    dropped: Mapping[str, str] = field(default_factory=dict)  # fields that become metadata, or nothing, and what to do
    signs: bool = False  # + and - before a word
    any_case: bool = False  # operators in small letters, too


def _plain(name: str) -> Reader:
    return lambda _: Operator(name)


def _counted(name: str, less: int = 0) -> Reader:
    return lambda found: Operator(name, int(found[1]) - less)


BOOLEAN: dict[str, Reader] = {"AND": _plain("AND"), "OR": _plain("OR"), "NOT": _plain("NOT"), "AND NOT": _plain("NOT")}
PROXIMITY = frozenset(["NEAR", "ONEAR", "APART", "SENTENCE", "PARAGRAPH"])
AND_FIRST = (frozenset(["OR"]), frozenset(["AND", "NOT"]), PROXIMITY)
OR_FIRST = (frozenset(["NOT"]), frozenset(["AND"]), PROXIMITY, frozenset(["OR"]))
HEADLINE, LEDE = (Field.HEADLINE,), (Field.LEDE,)
OUTLET = "the outlet belongs under where: outlet: or feed:"
COUNTRY = "the country belongs under where: country:"
IDLE = "nothing here reads it"
LANGUAGE = "the language belongs under where: language:"

DIALECTS: dict[str, Dialect] = {
    "meltwater": Dialect(
        levels=AND_FIRST,
        beside=Beside.AND,
        operators={
            **BOOLEAN,
            r"NEAR/(\d+)": _counted("NEAR"),
            r"ONEAR/(\d+)": _counted("ONEAR"),
            "NEAR": lambda _: Operator("NEAR", 4),
            "ONEAR": lambda _: Operator("ONEAR", 4),
        },
        fields={"title": HEADLINE, "ingress": LEDE, "body": (Field.BODY,)},
        dropped={"source": OUTLET, "language": LANGUAGE, "country": COUNTRY},
    ),
    "talkwalker": Dialect(
        levels=AND_FIRST,
        beside=Beside.NEAR,
        operators={
            **BOOLEAN,
            r"NEAR/(\d+)": _counted("NEAR"),
            r"ONEAR/(\d+)": _counted("ONEAR"),
            "SENTENCE": _plain("SENTENCE"),
        },
        fields={"title": HEADLINE, "content": (Field.BODY,)},
        dropped={"lang": LANGUAGE, "sourcecountry": COUNTRY, "site": OUTLET, "sourcetype": IDLE},
    ),
    "brandwatch": Dialect(
        levels=AND_FIRST,
        beside=Beside.AND,
        operators={
            **BOOLEAN,
            r"NEAR/(\d+)": _counted("NEAR"),
            r"NEAR/(\d+)f": _counted("ONEAR"),
        },
        fields={"title": HEADLINE},
        dropped={"site": OUTLET, "url": OUTLET, "links": IDLE, "author": IDLE, "country": COUNTRY},
    ),
    "factiva": Dialect(
        levels=(frozenset(["OR"]), frozenset(["AND"]), frozenset(["NOT"]), PROXIMITY),
        beside=Beside.PHRASE,
        operators={
            **BOOLEAN,
            r"near(\d+)": _counted("NEAR", 1),
            r"(?:adj|w/)(\d+)": _counted("ONEAR", 1),
            "same": _plain("PARAGRAPH"),
            r"atleast(\d+)": _counted("ATLEAST"),
        },
        fields={"hd": HEADLINE, "lp": LEDE, "hlp": (Field.HEADLINE, Field.LEDE), "td": (Field.BODY,)},
        dropped={
            "la": LANGUAGE,
            "sc": OUTLET,
            "rst": OUTLET,
            "re": COUNTRY,
            "by": IDLE,
            "wc": IDLE,
        },
        any_case=True,
    ),
    "lexis": Dialect(
        levels=OR_FIRST,
        beside=Beside.PHRASE,
        operators={
            **BOOLEAN,
            r"(?:w)?/(\d+)": _counted("NEAR", 1),
            r"near/(\d+)": _counted("NEAR", 1),
            r"(?:pre|onear)/(\d+)": _counted("ONEAR", 1),
            r"\+(\d+)": _counted("ONEAR", 1),
            r"not w/(\d+)": _counted("APART", 1),
            "(?:w)?/s(?:ent)?": _plain("SENTENCE"),
            "(?:w)?/p(?:ara)?": _plain("PARAGRAPH"),
            r"atleast/?(\d+)": _counted("ATLEAST"),
        },
        fields={"headline": HEADLINE, "hlead": (Field.HEADLINE, Field.LEDE), "lead": LEDE, "body": (Field.BODY,)},
        dropped={"publication": OUTLET, "language": LANGUAGE, "geographic": COUNTRY, "byline": IDLE},
        any_case=True,
    ),
    "google": Dialect(
        levels=(frozenset(["AND", "NOT"]), frozenset(["OR"]), PROXIMITY),
        beside=Beside.AND,
        operators={"OR": _plain("OR"), "AND": _plain("AND"), r"\|": _plain("OR"), r"AROUND\((\d+)\)": _counted("NEAR")},
        fields={"intitle": HEADLINE, "allintitle": HEADLINE, "intext": (Field.BODY,)},
        dropped={"site": OUTLET, "source": OUTLET, "location": COUNTRY, "inurl": OUTLET},
        signs=True,
    ),
    "lucene": Dialect(
        levels=AND_FIRST,
        beside=Beside.OR,
        operators={**BOOLEAN, "&&": _plain("AND"), r"\|\|": _plain("OR"), "!": _plain("NOT")},
        fields={"title": HEADLINE, "headline": HEADLINE, "summary": LEDE, "lede": LEDE, "body": (Field.BODY,)},
        dropped={"source": OUTLET, "language": LANGUAGE, "lang": LANGUAGE, "country": COUNTRY},
        signs=True,
    ),
}
