"""A query's text → its lexemes, each with the column where it stands.  Pure.

What looks like another tool's operator, or cannot be meant as it is written,
is refused here with the text to write instead.
"""

from __future__ import annotations

import difflib
import re
from dataclasses import dataclass
from enum import Enum, auto

import re2

from monitor.errors import MonitorError
from monitor.model import Condition, EntityId, Field, Named, Pattern, Term, Wildcard
from monitor.text import tokens

FIELDS = {"headline": Field.HEADLINE, "title": Field.HEADLINE, "lede": Field.LEDE, "body": Field.BODY}
QUOTES = {'"': '"', "“": "”“", "”": "”", "„": "“”", "«": "»", "»": "«»"}
FARTHEST = 99  # RULES section 2: 1 <= n <= 99
LONGEST_SHOWN = 160  # characters; of a longer query only the mended part is printed

_QUOTE_SIGNS = "".join(QUOTES)
_CHUNK = re.compile(rf"[^\s(){_QUOTE_SIGNS}]+")
_COUNTED = re.compile(r"(ONEAR|NEAR|ATLEAST)(?:/(.*))?")
_FIELD = re.compile(r"([^\W\d]\w*):(?!//)")
_WORD_TO_REFUSE = {"&": "AND", "&&": "AND", "|": "OR", "||": "OR", "+": "AND"}
_SIGNS_TO_REFUSE = {"-": "NOT ", "!": "NOT ", "+": "", "@": "$"}
_REGEX_OPTIONS = re2.Options()
_REGEX_OPTIONS.log_errors = False


class QueryError(MonitorError):
    """A query that is refused: why, at which column (1-based), and what to write *instead*."""

    def __init__(self, message: str, column: int, instead: tuple[str, ...] = ()) -> None:
        self.message = message
        self.column = column
        self.instead = instead
        super().__init__(f"{message}; write {' or '.join(instead)}" if instead else message)


class Kind(Enum):
    """What a lexeme is to the grammar."""

    OPEN = auto()
    CLOSE = auto()
    OPERAND = auto()
    FIELD = auto()
    AND = auto()
    OR = auto()
    NOT = auto()
    NEAR = auto()
    ONEAR = auto()
    SAME_SENTENCE = auto()
    SAME_PARAGRAPH = auto()
    ATLEAST = auto()
    END = auto()


WORDS = {
    "AND": Kind.AND,
    "OR": Kind.OR,
    "NOT": Kind.NOT,
    "SAME-SENTENCE": Kind.SAME_SENTENCE,
    "SAME-PARAGRAPH": Kind.SAME_PARAGRAPH,
}


@dataclass(frozen=True, slots=True)
class Lexeme:
    """One sign, operator or operand; text[start:end] is how it was written."""

    kind: Kind
    start: int
    end: int
    written: str
    operand: Condition | None = None
    number: int = 0  # the n of NEAR/n, ONEAR/n, ATLEAST/n
    field: Field = Field.BODY
    bare: bool = False  # a word without quotes or signs


def lexemes(text: str) -> tuple[Lexeme, ...]:
    """Return the lexemes of the query *text*, closed by END; QueryError for what is none."""
    found: list[Lexeme] = []
    at = 0
    while at < len(text):
        if text[at].isspace():
            at += 1
            continue
        found.append(_lexeme(text, at))
        at = found[-1].end
    return (*found, Lexeme(Kind.END, len(text), len(text), ""))


def mended(text: str, start: int, end: int, better: str) -> str:
    """Return *text* with *better* between *start* and *end*; of a long text only *better*."""
    before, after = text[:start], text[end:]
    whole = before + better + after if better else f"{before.rstrip()} {after.lstrip()}"
    return whole.strip() if len(whole) <= LONGEST_SHOWN else better.strip()


def quoted(phrase: str) -> str:
    """Return *phrase* between double quotes, quotes inside it left out since they only separate."""
    return '"' + re.sub(rf"[{_QUOTE_SIGNS}]", " ", phrase).strip() + '"'


def _lexeme(text: str, at: int) -> Lexeme:
    sign = text[at]
    if sign in "()":
        return Lexeme(Kind.OPEN if sign == "(" else Kind.CLOSE, at, at + 1, sign)
    if sign in QUOTES:
        return _phrase(text, at, at, exact=False)
    if sign == "/":
        return _pattern(text, at, at, sentence=False)
    if sign == "=":
        return _exact(text, at)
    chunk = _CHUNK.match(text, at)
    written = chunk[0] if chunk else sign
    if sign == "$":
        return _named(text, at, written)
    if kind := WORDS.get(written):
        return Lexeme(kind, at, at + len(written), written)
    if counted := _COUNTED.fullmatch(written):
        return _counted(text, at, counted)
    if field := _FIELD.match(written):
        return _field(text, at, field[1])
    return _word(text, at, written)


def _phrase(text: str, at: int, opening: int, *, exact: bool) -> Lexeme:
    closings = QUOTES[text[opening]]
    closing = min((found for sign in closings if (found := text.find(sign, opening + 1)) > 0), default=-1)
    if closing < 0:
        whole = text[opening + 1 :].strip()
        instead = (mended(text, opening, len(text), f'"{whole}"'),) if whole else ()
        raise QueryError(f"the quote {text[opening]} is not closed", opening + 1, instead)
    said = re.sub(rf"[{_QUOTE_SIGNS}]", " ", text[opening + 1 : closing]).strip()
    end = closing + 1
    stemmed = text[end : end + 1] == "~"
    if exact and stemmed:
        raise QueryError(
            "= and ~ exclude each other: exactly these letters, or any form", at + 1, _either(text, at, end)
        )
    end += stemmed
    if not tokens(said):
        raise QueryError("the quotes hold no letter and no digit", opening + 1)
    if star := re.search(r"\w\*|\*\w|\w\?\w", said):
        words = re.sub(r"\s+", " ONEAR/1 ", said)
        instead = (mended(text, at, end, words),) if re.fullmatch(r"[\w*?]{4,}( [\w*?]+)?", said) else ()
        message = f"a wildcard ({star[0]}) works on one bare word, not inside quotes"
        raise QueryError(message, opening + 2 + star.start(), instead)
    written = text[at:end]
    return Lexeme(Kind.OPERAND, at, end, written, Term(text=said, exact=exact, stemmed=stemmed, written=written))


def _either(text: str, at: int, end: int) -> tuple[str, ...]:
    return (mended(text, at, end + 1, text[at:end]), mended(text, at, end + 1, text[at + 1 : end] + "~"))


def _exact(text: str, at: int) -> Lexeme:
    if text[at + 1 : at + 2] in QUOTES and at + 1 < len(text):
        return _phrase(text, at, at + 1, exact=True)
    chunk = _CHUNK.match(text, at + 1)
    if not chunk:
        raise QueryError("= needs a word right after it", at + 1, ('=Word or ="Exact Phrase"',))
    said, end = chunk[0], chunk.end()
    if said.endswith("~"):
        message = "= and ~ exclude each other: exactly these letters, or any form"
        raise QueryError(message, at + 1, _either(text, at, end - 1))
    if "*" in said or "?" in said:
        message = "= takes no wildcard: exactly these letters, or any that fit"
        raise QueryError(message, at + 1, (mended(text, at, at + 1, ""),))
    if said.startswith(("$", "/", "=")):
        raise QueryError(f"= is for a word or a phrase, not for {said}", at + 1, (mended(text, at, at + 1, ""),))
    _some_token(at, said)
    written = text[at:end]
    return Lexeme(Kind.OPERAND, at, end, written, Term(text=said, exact=True, written=written))


def _named(text: str, at: int, written: str) -> Lexeme:
    name = re.match(r"\$([A-Za-z0-9][\w-]*)", written)
    if not name:
        raise QueryError("$ needs an entity's id right after it", at + 1, ("$kosovo",))
    if name[0] != written:
        better = name[0] if written[name.end() :] in ("~", "*", "'s", ",", ".", ";") else ""
        instead = (mended(text, at, at + len(written), better),) if better else ()
        message = f'"{written[name.end() :]}" cannot follow {name[0]}; an entity stands for all its forms'
        raise QueryError(message, at + name.end() + 1, instead)
    return Lexeme(Kind.OPERAND, at, at + len(written), written, Named(id=EntityId(name[1]), written=written))


def _counted(text: str, at: int, counted: re.Match[str]) -> Lexeme:
    name, number, end = counted[1], counted[2] or "", at + len(counted[0])
    if not number.isascii() or not number.isdigit() or not 1 <= int(number[:9]) <= FARTHEST:
        message = f"{name} needs a number from 1 to {FARTHEST} right after a slash"
        better = f"{name}/{3 if name == 'ATLEAST' else 5}"
        if number.isascii() and number.isdigit():
            better = f"{name}/{1 if int(number[:9]) < 1 else FARTHEST}"
        raise QueryError(message, at + 1, (mended(text, at, end, better),))
    return Lexeme(Kind[name], at, end, counted[0], number=int(number))


def _field(text: str, at: int, name: str) -> Lexeme:
    end = at + len(name) + 1
    if name == "sentence":
        if text[end : end + 1] != "/":
            raise QueryError("sentence: takes a regular expression", at + 1, ("sentence:/regex/",))
        return _pattern(text, at, end, sentence=True)
    if name not in FIELDS:
        near = difflib.get_close_matches(name.casefold(), [*FIELDS, "sentence"], n=1, cutoff=0.7)
        whole = _saying(text, at)
        better = mended(text, at, at + len(name), near[0]) if near else mended(text, at, at + len(whole), quoted(whole))
        message = f'unknown field "{name}" (fields: headline, title, lede, body)'
        raise QueryError(message, at + 1, (better,))
    return Lexeme(Kind.FIELD, at, end, text[at:end], field=FIELDS[name])


def _saying(text: str, at: int) -> str:
    """Return the words from *at* up to the next operator, bracket or quote: what was probably meant as a phrase."""
    found = re.compile(rf"(?:(?! (?:AND|OR|NOT|\S+/\d+|SAME-\S+) )[^(){_QUOTE_SIGNS}])+").match(text, at)
    return found[0].strip() if found else text[at:]


def _pattern(text: str, at: int, opening: int, *, sentence: bool) -> Lexeme:
    body = re.compile(r"/((?:[^/\\]|\\.)*)/", re.DOTALL).match(text, opening)
    if not body:
        chunk = re.compile(r"\S+").match(text, at)
        instead = (mended(text, at, chunk.end(), quoted(chunk[0])),) if chunk and not sentence else ()
        raise QueryError("the regular expression is not closed by /", at + 1, instead)
    after = text[body.end() : body.end() + 1]
    if after and not after.isspace() and after not in "()":
        chunk = re.compile(r"\S+").match(text, at)
        whole = chunk[0] if chunk else ""
        instead = (mended(text, at, at + len(whole), quoted(whole)),)
        raise QueryError("a regular expression ends at its second /, and a space must follow", body.end() + 1, instead)
    regex = body[1].replace("\\/", "/")
    if not regex.strip():
        raise QueryError("the regular expression is empty", at + 1)
    try:
        re2.compile(regex, _REGEX_OPTIONS)
    except re2.error as error:
        said = error.args[0] if error.args else "cannot be read"
        said = said.decode("utf-8", "replace") if isinstance(said, bytes) else str(said)
        message = f"the regular expression cannot be used: {said} (no back-references, no look-around)"
        raise QueryError(message, opening + 1) from error
    written = text[at : body.end()]
    operand = Pattern(regex=regex, sentence=sentence, written=written)
    return Lexeme(Kind.OPERAND, at, body.end(), written, operand)


def _word(text: str, at: int, written: str) -> Lexeme:
    end = at + len(written)
    if written in _WORD_TO_REFUSE:
        better = mended(text, at, end, _WORD_TO_REFUSE[written])
        raise QueryError(f"{written} is no operator here", at + 1, (better,))
    if written[0] in _SIGNS_TO_REFUSE and len(written) > 1:
        better = mended(text, at, at + 1, _SIGNS_TO_REFUSE[written[0]])
        raise QueryError(f"{written[0]} before a word is no operator here", at + 1, (better,))
    said, stemmed = (written[:-1], True) if written.endswith("~") else (written, False)
    if "~" in said:
        message = "~ stands right after the word whose forms are meant"
        raise QueryError(message, at + written.index("~") + 1, (mended(text, at, end, said.replace("~", "") + "~"),))
    _some_token(at, written)
    if "*" in said or "?" in said:
        return _wildcard(text, at, said, stemmed=stemmed)
    if "=" in said or "$" in said:
        sign = "=" if "=" in said else "$"
        raise QueryError(
            f"{sign} stands before a word, not inside it",
            at + said.index(sign) + 1,
            (mended(text, at, end, quoted(said)),),
        )
    if ":" in said and not re.search(r"\d:\d", said):
        raise QueryError(
            "a colon follows only headline, title, lede, body or sentence",
            at + 1,
            (mended(text, at, end, quoted(said)),),
        )
    operand = Term(text=said, stemmed=stemmed, written=written)
    return Lexeme(Kind.OPERAND, at, end, written, operand, bare=not stemmed)


def _wildcard(text: str, at: int, said: str, *, stemmed: bool) -> Lexeme:
    first = re.search(r"[*?]", said)
    before = said[: first.start()] if first else said
    end = at + len(said)
    if stemmed:
        message = "~ and a wildcard exclude each other: its forms, or any word that fits"
        raise QueryError(message, at + 1, (mended(text, at, end + 1, said), mended(text, at, end + 1, before + "~")))
    if not re.fullmatch(r"[\w*?]+", said):
        raise QueryError(
            f"a wildcard works inside one word; {said} is several",
            at + 1,
            (mended(text, at, end, quoted(re.sub(r"[*?]", "", said))),),
        )
    if len(before) < 3:
        where = "stands first" if not before else f"has only {len(before)} letters before it"
        rest = re.sub(r"[*?]", "", said)
        message = f"the wildcard in {said} {where}; it needs 3"
        raise QueryError(message, at + len(before) + 1, (mended(text, at, end, rest + ("*" if len(rest) > 2 else "")),))
    return Lexeme(Kind.OPERAND, at, end, said, Wildcard(pattern=said, written=said))


def _some_token(at: int, said: str) -> None:
    if not re.search(r"[^\W_]", said):
        raise QueryError(f"{said} holds no letter and no digit", at + 1)
