"""Words: text → tokens with raw spans, folded keys and sentences.  Pure.

The meanings are RULES section 3, points 1 to 6 and 10.  No folded copy of a
text is ever made: each token keeps where it stands in the original, so what
is shown to people is cut out of what was published.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from itertools import product
from typing import NamedTuple

APOSTROPHES = "'’‘ʼ"
HYPHENS = "-‐‑"

# Han, Kana, Bopomofo, Thai, Lao, Burmese, Khmer: written without spaces, so each letter is a token of its own.
UNSPACED = (
    "\u0e01-\u0e30\u0e32\u0e33\u0e40-\u0e46\u0e81-\u0eb0\u0eb2\u0eb3\u0ebd-\u0ec6\u1000-\u102a\u103f\u1050-\u1055"
    "\u1780-\u17b3\u2e80-\u2fdf\u3005-\u3007\u3021-\u3029\u3031-\u3035\u3038-\u303b\u3041-\u3096\u309d-\u309f"
    "\u30a1-\u30fa\u30fc-\u30ff\u3105-\u312f\u31f0-\u31ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\uff66-\uff9f"
    "\U00020000-\U000323af"
)
JOINERS = "\u00ad\u200c\u200d"  # invisible inside a word: soft hyphen and the joiners

# Marks outside these blocks are vowel and tone signs that make other words.
DIACRITICS = (
    "\u0300-\u036f\u0591-\u05c7\u064b-\u065f\u0670\u06d6-\u06ed\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f"
)
LETTERS = frozenset("йїѓќў")  # letters of their own, although Unicode writes them as letter and mark
SPECIAL = {"ł": "l", "ø": "o", "æ": "ae", "œ": "oe", "ı": "i", "ð": "d", "þ": "th", "ħ": "h", "ŧ": "t", "ـ": ""}

ELISIONS = (
    "[cdjlmnst]|qu|jusqu|lorsqu|puisqu|quoiqu|quelqu|presqu|un|gl|"
    "(?:d|n|s)?e?ll|all|dall|null|sull|coll|degl|agl|dagl|negl|sugl|quest|quell|sant|bell|tutt|senz|mezz|cent|anch"
)


def _marks() -> str:
    """Return the combining marks of the scripts in living use, as a character class.

    The blocks above Arabic Presentation Forms hold none that news is written in.
    """
    kinds = {"Mn", "Mc", "Me"}
    return "".join(re.escape(chr(c)) for c in range(0x0300, 0xAC00) if unicodedata.category(chr(c)) in kinds)


MARKS = _marks() + "\ufe20-\ufe2f"
_A = rf"[^\W_ʼ{UNSPACED}]"
_L = rf"[^\W\d_ʼ{UNSPACED}]"
_RUN = rf"{_A}+(?:(?:[{MARKS}]|[{JOINERS}](?={_A}))+{_A}*)*"
_APOSTROPHE = rf"\\?[{APOSTROPHES}]"
_TOKEN = re.compile(
    rf"(?:{_L}[{MARKS}]*\.){{2,}}(?:{_L}(?!{_A}))?(?:{_APOSTROPHE}[sS](?!{_A}))?"
    rf"|{_RUN}(?:(?<=[^\W\d_{UNSPACED}{MARKS}]){_APOSTROPHE}(?={_L}){_RUN}|(?<=[{MARKS}]){_APOSTROPHE}(?={_L}){_RUN}"
    rf"|(?<=\d)[.,](?=\d){_RUN})*(?:{_APOSTROPHE}[sS](?!{_A}))?"
    rf"|[{UNSPACED}][{MARKS}]*"
)
_UNSPACED = re.compile(f"[{UNSPACED}]")
_DOTTED = re.compile(rf"(?:{_L}[{MARKS}]*\.){{2,}}{_L}?")
_POSSESSIVE = re.compile(r"(?<=.)'[sS]$")
_CASE = re.compile(rf"(.+)[{HYPHENS}](.{{1,4}})")
_ELISION = re.compile(rf"(?:{ELISIONS})'(?=.)", re.IGNORECASE)
_SIGNS = re.compile(rf"\\?[{APOSTROPHES}]")
_STRIPPED = re.compile(f"[{DIACRITICS}{JOINERS}]")


class _Folding(dict[int, str]):
    """A table for str.translate that learns each character when it first meets it."""

    def __missing__(self, code: int) -> str:
        char = chr(code)
        plain = char if char in LETTERS else _STRIPPED.sub("", unicodedata.normalize("NFD", char))
        self[code] = folded = SPECIAL.get(plain, unicodedata.normalize("NFC", plain))
        return folded


_FOLDING = _Folding()


def fold(text: str) -> str:
    """Return *text* without case and accents; đ stays, since it is compared in three ways.

    Full casefold, then İ I ı are all i; ß = ss, ł = l, ø = o, æ = ae.  Marks
    that make another letter (й, Kana, Indic vowels) stay.
    """
    folded = unicodedata.normalize("NFC", text).casefold()
    return folded if folded.isascii() else unicodedata.normalize("NFC", folded).translate(_FOLDING)


class _Spacing(dict[int, str]):
    """A table for str.translate that learns of each character whether it stands in a word."""

    def __missing__(self, code: int) -> str:
        char = chr(code)
        self[code] = kept = " " if unicodedata.category(char)[0] in "PZC" else char
        return kept


_SPACING = _Spacing()


def plain_words(text: str) -> tuple[str, ...]:
    """Return what *text* says: its words without case and accents, punctuation and white space left out.

    To compare texts as the eye does; what rules look up are tokens.
    """
    return tuple(fold(text).translate(_SPACING).split())


def folds(text: str) -> tuple[str, ...]:
    """Return every key under which *text* is found: each đ is d or dj, so that dj is still not d."""
    folded = fold(text)
    if "đ" not in folded:
        return (folded,)
    first, *parts = folded.split("đ")
    if len(parts) > 4:  # 2^4 keys; no word has so many
        return (folded.replace("đ", "d"), folded.replace("đ", "dj"))
    return tuple(
        first + "".join(sign + part for sign, part in zip(signs, parts, strict=True))
        for signs in product(("d", "dj"), repeat=len(parts))
    )


@dataclass(frozen=True, slots=True)
class Face:
    """One way to read a word: these letters, what stands before them and what after."""

    letters: str
    tail: str  # a possessive, a hyphenated ending, an ending after an apostrophe
    skipped: int = 0  # how much of the raw token l', d' or qu' takes


@dataclass(frozen=True, slots=True)
class Word:
    """What one raw token comes to, wherever it stands."""

    written: str  # NFC, apostrophes straight, the artefact \\' mended
    letters: str  # without a possessive 's, a hyphenated case ending, the full stops of a dotted acronym
    ending: str  # what was left off: "'s", "-a" or nothing
    wanted: tuple[str, ...]  # keys when this is the word of a query
    keys: tuple[str, ...]  # keys when this stands in a text: also the acronym before an ending, the rest after l'
    rest: str  # what follows an elision (ONU in l'ONU), or nothing
    elided: int  # how much of the raw token the elision takes
    skeletons: tuple[str, ...]  # of all its faces

    @property
    def faces(self) -> tuple[Face, ...]:
        """What it may be as a word of a name.  Few words are asked, so none keeps them."""
        return tuple(_faces(self.letters, self.ending, self.rest, self.elided))


# Kept are texts in tuples, which a full garbage collection passes over: it stops the whole program.
@lru_cache(maxsize=1 << 16)  # about 33 MB when full; a day's news has some 50,000 different words
def word(raw: str) -> Word:
    """Return what the raw token *raw* means."""
    written = _SIGNS.sub("'", unicodedata.normalize("NFC", raw))
    whole = _POSSESSIVE.sub("", written)
    cased = _CASE.fullmatch(whole)
    base, case = (cased[1], cased[2]) if cased else (whole, "")
    letters = base.replace(".", "") if _DOTTED.fullmatch(base) else base
    wanted = folds(f"{letters}-{case}" if case else letters)
    elision = _ELISION.match(base)
    rest = base[elision.end() :] if elision else ""
    sign = _SIGNS.search(raw) if rest else None
    elided = sign.end() if sign else 0
    ending = ("-" + case if case else "") + written[len(whole) :]
    spellings = (spelling for face in _faces(letters, ending, rest, elided) for spelling in readings(face.letters))
    return Word(
        written=written,
        letters=letters,
        ending=ending,
        wanted=wanted,
        keys=wanted + (folds(letters) if case else ()) + (folds(rest) if rest else ()),
        rest=rest,
        elided=elided,
        skeletons=tuple({skeleton(spelling): None for spelling in spellings}),
    )


def _faces(letters: str, ending: str, rest: str, elided: int) -> Iterator[Face]:
    """Yield what a word may be read as: the whole, the rest after l', d', qu', Kennedy of Kennedy'ego."""
    yield Face(letters, ending)
    if rest:
        yield Face(rest, ending, elided)
    cut = letters.find("'")
    if cut > 2 and script(letters) == "latin":  # Erdoğan'ın, Kennedy'ego; not O'Brien, not Знам'янка
        yield Face(letters[:cut], letters[cut:] + ending)


class Token(NamedTuple):  # a text has thousands, and a tuple is made in a third of the time
    """One token where it stands: text[start:end] is its raw form."""

    start: int
    end: int
    word: Word
    glued: bool = False  # a letter of an unspaced script right after another one


def tokens(text: str) -> tuple[Token, ...]:
    """Return the tokens of *text* in their order (RULES section 3, points 1 to 3 and 10)."""
    found: list[Token] = []
    for match in _TOKEN.finditer(text):
        start, end = match.span()
        gap = start - found[-1].end if found else 2
        if gap > 1 or text[start - gap : start] == " ":  # as most do
            found.append(Token(start, end, word(match[0])))
        elif gap and _is_ending(text, found[-1], match[0]):
            start = found.pop().start
            found.append(Token(start, end, word(text[start:end])))
        else:
            glued = not gap and bool(_UNSPACED.match(text, start) and _UNSPACED.match(text, found[-1].start))
            found.append(Token(start, end, word(match[0]), glued))
    return tuple(found)


def _is_ending(text: str, before: Token, raw: str) -> bool:
    """Return whether *raw* is the case ending of the acronym *before* it (NATO-a, УН-ом)."""
    acronym = before.word.letters
    return (
        text[before.end] in HYPHENS
        and len(raw) <= 4
        and raw.islower()
        and raw.isalpha()
        and len(acronym) > 1
        and acronym.isupper()
        and not before.word.ending
    )


# ------------------------------------------------------------------ skeletons

_SIGNS_OF_CYRILLIC = "абвгдеёжзийклмнопрстуфхцчшщъыьэюяђјљњћџіїєґѓќѕўѝѐ"
_THEIR_LATIN = (
    "a b v g d e e ž z i j k l m n o p r s t u f h c č š šč _ y _ e ju ja đ j lj nj ć dž i ji je g đ ć dz v i e"
)
_CYRILLIC = str.maketrans(
    {
        sign: "" if latin == "_" else latin
        for sign, latin in zip(_SIGNS_OF_CYRILLIC, _THEIR_LATIN.split(" "), strict=True)
    }
)
_TO_CYRILLIC = str.maketrans("aceopxyijsBCEHKMOPTXAJIS", "асеорхуіјѕВСЕНКМОРТХАЈІЅ")
_TO_LATIN = str.maketrans("асеорхуіјѕВСЕНКМОРТХАЈІЅ", "aceopxyijsBCEHKMOPTXAJIS")
_DIGRAPHS = (
    *(("shch", "sc"), ("tsch", "c"), ("sch", "s"), ("cz", "c"), ("sz", "s"), ("kh", "h"), ("zh", "z"), ("sh", "s")),
    *(("ch", "c"), ("ts", "c"), ("tz", "c"), ("dj", "d"), ("w", "v"), ("x", "ks"), ("y", "i"), ("j", "i"), ("'", "")),
)
_CH = re.compile(r"(?<=\w)(?<![SsTt])ch")
_J_BEFORE_I = re.compile("(?<=[ae]i)j(?=i)")  # Beijing is not Being, and Meiji not Mei
_FIRST_IE = re.compile("^ie(?=.)")  # Јелена is Елена, Yeltsin is Ельцин
_REPEATED_I = re.compile("i{2,}")
_IS_CYRILLIC = re.compile("[\u0400-\u052f]")
_IS_LATIN = re.compile("[A-Za-z\u00c0-\u024f]")


@lru_cache(maxsize=1 << 16)
def skeleton(letters: str) -> str:
    """Return *letters* neutral to script, accents and romanisation: Вучић, Vučić and Vuchich are all `vucic`.

    Lossy on purpose (cat and chat fall together), so it serves names only,
    behind the capital guard.
    """
    folded = _one_script(letters).casefold().translate(_CYRILLIC)
    folded = _J_BEFORE_I.sub("z", folded)
    for sign, plain in _DIGRAPHS:
        folded = folded.replace(sign, plain)
    plain = fold(folded).replace("đ", "d").replace("y", "i")  # ý is a y only without its accent
    return _FIRST_IE.sub("e", _REPEATED_I.sub("i", plain))


def readings(letters: str) -> tuple[str, ...]:
    """Return the spellings that *letters* may stand for: a second one where ch inside is х, as in Zacharowa.

    Not at the beginning and not in short words, or Chan would be Han.
    """
    other = _CH.sub("h", letters) if len(letters) > 4 else letters
    return (letters,) if other == letters else (letters, other)


def _one_script(letters: str) -> str:
    """Return *letters* with look-alikes of another script put right: Вучићa with a Latin a is Вучића."""
    cyrillic, latin = len(_IS_CYRILLIC.findall(letters)), len(_IS_LATIN.findall(letters))
    if not cyrillic or not latin:
        return unicodedata.normalize("NFC", letters)
    return letters.translate(_TO_CYRILLIC if cyrillic >= latin else _TO_LATIN)


def script(letters: str) -> str:
    """Return the script that most of *letters* are in: latin, cyrillic or other."""
    cyrillic, latin = len(_IS_CYRILLIC.findall(letters)), len(_IS_LATIN.findall(letters))
    return "other" if not cyrillic and not latin else "cyrillic" if cyrillic >= latin else "latin"


# ------------------------------------------------------------------ sentences


def _words(listed: str) -> frozenset[str]:
    return frozenset(listed.split())


ABBREVIATIONS = _words(
    "mr mrs ms dr prof gen col lt sgt capt cmdr adm sen rep gov st mt jr sr vs inc ltd co corp dept approx fig vol "
    "jan feb mar apr jun jul aug sep sept oct nov dec hon rev pres "
    "npr tzv odn tj sv gdin gđa akad dipl ing inž mag doc "
    "нпр тзв одн тј св проф акад др гр ул им тов гл ред "
    "bzw ca ggf hr fr frau dipl z.b u.a d.h s.o "
    "np tzn ul ks płk św gen mgr inż r "
    "např tzn č sv mudr judr phdr mme mlle mm m"
)
NUMBERING = _words("no nos nr br č čl art бр ст п №")  # an abbreviation when a number follows
STARTERS = _words("the a an in on he she it but they this that we at as and for when after while")
MONTHS = _words("januar februar märz april mai juni juli august september oktober november dezember jänner")
_END = re.compile(r"[.!?…]+[\"”“’»')\]]*(?=\s|$)|[。！？｡]+[」』”）]*")
_OPENING = re.compile(r"[\s\"“„‘'«»(\[—–-]*")
_LAST = re.compile(r"([^\W_](?:[\w.’'-]*[^\W_])?)\.$")
_NEXT = re.compile(r"\w+")


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of a text."""

    start: int
    end: int


def sentences(text: str) -> tuple[Span, ...]:
    """Return the sentences of *text*, without the space around them."""
    found, start = [], 0
    for end in (*_ends(text), len(text)):
        piece = text[start:end]
        if stripped := piece.strip():
            begin = start + piece.index(stripped[0])
            found.append(Span(begin, begin + len(stripped)))
        start = end
    return tuple(found)


def _ends(text: str) -> Iterator[int]:
    for match in _END.finditer(text):
        opening = _OPENING.match(text, match.end())
        after = opening.end() if opening else match.end()
        if after >= len(text) or not text[after].islower():
            single = match[0].rstrip("\"”“’»')]") == "."
            if not (
                single and _goes_on(text[max(0, match.start() - 40) : match.start() + 1], text[after : after + 20])
            ):
                yield match.end()


def _goes_on(before: str, after: str) -> bool:
    """Return whether the full stop that ends *before* belongs to its word, so that *after* is the same sentence."""
    last = _LAST.search(before)
    if not last:
        return False
    said = last[1]
    following = _NEXT.match(after)
    coming = following[0].casefold() if following else ""
    if said.casefold() in NUMBERING:
        return coming[:1].isdigit()
    if said.isdigit():
        return len(said) <= 2 and coming in MONTHS
    if "." in said or (len(said) == 1 and said.isupper()):
        return coming not in STARTERS
    return said.casefold() in ABBREVIATIONS
