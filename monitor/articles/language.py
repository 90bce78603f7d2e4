"""A text and what its publisher declares → the language it is in.  Pure, but for a model read once."""

from __future__ import annotations

import functools
import re
from typing import Protocol

OVERRULING = (
    100  # letters, about 20 words; of 803 items of the corpus as long, 9 (of 5 feeds) read otherwise than declared
)
FEWEST = 30  # letters where nothing is declared; of 376 texts of 30 to 45 letters that were told, one was told wrong
READ = 500  # letters, for time; of 1,500 long texts of the corpus none is told as another language from 2,000
SURE = 0.99  # to overrule a declaration ...
LIKELY = 0.9  # ... and where there is none
UNTOLD = frozenset(["zxx", "la", "mul", "und"])  # what tables, code and names come out as

SOUTH_SLAVIC = frozenset({"hr", "bs", "sr", "cnr", "sh", "me"})
KIN = (
    SOUTH_SLAVIC,
    frozenset({"no", "nb", "nn"}),
    frozenset({"id", "ms", "in"}),
    frozenset({"zh", "wuu", "yue"}),
    frozenset({"he", "iw"}),
)
"""Languages too close for a detector to overrule what is declared, or to tell apart."""

CYRILLIC = {
    "sr": "ђћјљњџ",
    "mk": "ѓќѕјљњџ",
    "bg": "ъщйьюя",
    "ru": "ыэёъщйьюя",
    "uk": "щйьюяіїєґ",
    "be": "ыэёйьюяіў",
}
"""The letters beyond the common ones that each Cyrillic alphabet of Europe has."""
COMMON = frozenset("абвгдежзиклмнопрстуфхцчш")

EASTERN = re.compile(  # the vowel of Belgrade, and words that Zagreb says otherwise
    r"(?<![^\W_])(?:pre|posle|gde|ovde|dve|obe|vreme\w*|mest[oau]|svet[au]?|vest[i]?|deo|dec[aeu]|dete\w*|cen[aeu]|"
    r"rek[aeuo]\w*|reč[i]?|predsedni\w*|izveštaj\w*|sednic\w*|mere?|dels?\w*|sever\w*|leto\w*|hleb\w*|mlek\w*|"
    r"beleg\w*|uspe\w*|primer\w*|zahtev\w*|posled\w*|ponedelj\w*|nedelj\w*|sred[aeu]|takođe|šta|uslov\w*|"
    r"opštin\w*|voz\w{0,4}|fudbal\w*)(?![^\W_])",
    re.IGNORECASE,
)
WESTERN = re.compile(
    r"(?<![^\W_])(?:prije|poslije|gdje|ovdje|dvije|obje|vrijeme\w*|vremen\w*|mjest\w*|svijet\w*|vijest\w*|dio|djec\w*|"
    r"dijet\w*|cijen\w*|rijek\w*|riječ\w*|predsjedni\w*|izvje\w*|sjednic\w*|mjer\w*|dijel\w*|sjever\w*|ljet\w*|"
    r"mlijek\w*|bilje\w*|uspje\w*|primjer\w*|zahtjev\w*|posljed\w*|ponedjelj\w*|nedjelj\w*|srijed\w*|također|"
    r"uvjet\w*|općin\w*)(?![^\W_])",
    re.IGNORECASE,
)
CROATIAN = re.compile(
    r"(?<![^\W_])(?:tko|netko|nitko|tisuć\w*|priopć\w*|izvješ\w*|tjed\w+|vlak\w*|uvjet\w*|europ\w*|blagdan\w*|"
    r"sveučiliš\w*|glazb\w*|nogomet\w*|siječ\w*|veljač\w*|ožuj\w*|trav(?:anj|nja)|svib\w*|lip(?:anj|nja)|srp(?:anj|nja)|"
    r"kolovoz\w*|ruj(?:an|na)|listopad\w*|studen[io]\w*|prosin\w*)(?![^\W_])",
    re.IGNORECASE,
)


class _Identifier(Protocol):
    def rank(self, text: str) -> list[tuple[str, float]]: ...


def language_of(text: str, declared: str | None) -> str | None:
    """Return the primary language tag of *text*: as it reads if that is sure, else as *declared*.

    Templates declare what their makers speak (14 of 308 feeds of the corpus
    declare a language that they are not in), so a long text is believed more;
    a short one only where nothing is declared.
    """
    tag = primary(declared)
    if len(text) < (FEWEST if tag is None else OVERRULING):
        return tag
    try:
        read, chance = _read(text[:READ])
    except OSError:  # the detector unpacks itself into a temporary file: a full disk must not cost the article
        return tag
    if read in UNTOLD or chance < (LIKELY if tag is None else SURE) or any({read, tag} <= kin for kin in KIN):
        return tag
    return read


def _read(text: str) -> tuple[str, float]:
    """Return the language that *text* reads as, and how likely it is that or one of its kin."""
    ranked = _identifier().rank(text)
    if spelt := _spelt(text):
        whole = sum(chance for name, chance in ranked if name in spelt) or 1.0
        ranked = [(name, chance / whole) for name, chance in ranked if name in spelt]
    best = ranked[0][0]
    kin = next((kin for kin in KIN if best in kin), {best})
    read = (_south_slavic(text) or best) if best in SOUTH_SLAVIC else best
    return read, sum(chance for name, chance in ranked if name in kin)


def _spelt(text: str) -> frozenset[str]:
    """Return the languages whose Cyrillic alphabet has all of the letters in *text*; none where it is no such text."""
    letters = {letter for letter in text.casefold() if "Ѐ" <= letter <= "ӿ"} - COMMON
    return frozenset(name for name, own in CYRILLIC.items() if letters and letters <= set(own))


def _south_slavic(text: str) -> str | None:
    """Return which of Serbian, Croatian and Bosnian *text* is by its words; None where they do not tell."""
    if re.search("[а-ш]", text):
        return "sr"
    east, west = len(EASTERN.findall(text)), len(WESTERN.findall(text))
    if CROATIAN.search(text) and west >= east:
        return "hr"
    if east == west:
        return None
    return "sr" if east > west else "bs"


def primary(tag: str | None) -> str | None:
    """Return the primary subtag of a BCP 47 *tag*: `sr-Latn-RS` and `sr_RS` are sr."""
    if tag is None:
        return None
    first = tag.strip().replace("_", "-").partition("-")[0].lower()
    return first if first.isalpha() and 2 <= len(first) <= 3 else None


@functools.cache
def _identifier() -> _Identifier:
    """Return the detector; it costs 0.7 s and 100 MB, so only a text without a configured language calls for it."""
    from py3langid.langid import MODEL_FILE, LanguageIdentifier  # noqa: PLC0415

    identifier: _Identifier = LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
    return identifier
