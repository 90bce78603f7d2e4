"""One word of a name → its case and possessive forms, as skeletons.  Pure.

No dictionary and no model: a word's last letters say to which class it
belongs, and each class has a finite set of endings, gathered over Serbian,
Croatian, Bosnian, Slovene, Macedonian, Bulgarian, Russian, Ukrainian, Polish
and Czech (the English, German and French possessives with them).  All endings
are skeletons: ой is oi, ją is ia, ów and ов are ov.

Each ending was weighed against dictionaries of names in these languages: one
that makes other names of a name (Nigeria of Niger, Milano of Milan) far more
often than forms of it is left out.
"""

from __future__ import annotations

import re
from functools import lru_cache

from monitor.text import script, skeleton


def _listed(endings: str) -> tuple[str, ...]:
    return tuple(endings.split())


# Instrumental -em -om -im(ым); dative -u -ovi -evi; locative -e -i -u.
CONSONANT = _listed("a u e i em om im ovi evi s es")
SOFT = _listed("ia iu iem ii ievi")  # Казань, Poznań, Wrocław; Pahorja
FEMININE = _listed("a e i o u om oi oiu ou ei eiu ie es s")
SOFT_FEMININE = _listed("e ei eiu")  # Корея, Корее; Наталья, Натальей
NEUTER = _listed("o a u i om em e ie oi am ami ah ata")
MASCULINE_O = _listed("i ou oiu ovi evi oti ota otu s")  # Marko, Харченко
MASCULINE_I = _listed("ovi evi ho mu m a u i em om e ia iu iem ie ih im s ta tu tom te to")  # Kennedy, Đorđe, Mile
PLURAL = ("", *_listed("u ah am ami emi ov iv ev eh um ama ima iah iam iami"))  # Чернівці, Niemcy, Pardubice
ADJECTIVE = _listed(
    "em i ii ia iat ogo oga og ega omu omue om ome im imi ih ima iego iemu eho emu ego a e aia uiu oi oe ie ui ou iot"
)
FEMININE_ADJECTIVE = _listed("aia oi uiu oiu ei iei iu oe ie ih im imi og om ogo omu ui i a e u ou em")
POSSESSIVE_ENDINGS = _listed("a o e i u ou og oga om ome omu oi ih im ima imi iot ata oto ite ega emu em ego oho")
OF_HIS = _listed("og ogo omu ih im imi")  # in one word: Mađarskog is an adjective, no form of Mađarska
MANY = _listed("am ami ah ama ima ov ove ovie eve")  # the plural of what is neither a person nor a place
ARTICLES = _listed("at ot t iat iot ata")  # Съветът; but Прагът is a threshold, not Prag
ENDINGS = sorted(
    {
        *CONSONANT,
        *SOFT,
        *FEMININE,
        *NEUTER,
        *MASCULINE_I,
        *ADJECTIVE,
        *FEMININE_ADJECTIVE,
        *MANY,
        *ARTICLES,
        *_listed("ie iom iami iah iovi iov oju iei ite iv eh"),
    }
    - {"t", "s", "es"},
    key=lambda ending: (-len(ending), ending),
)
ACRONYM = _listed("a u e i om em ov am ah")  # МИДа, ЦИКом
OF_A_PERSON = _listed("ovi ova ove ovou ovoi")  # Fialovi; Zacharovová
OF_A_WOMAN = _listed("aia a oi uiu oiu ei eiu u ou o oe e iei om")  # Навальная, Kidawa-Błońska: no form of his name
OF_OTHERS = _listed("a aia uiu oi ou oe e ie ih imi ima ui")  # of a name in -ski: his wife, his family
UKRAINIAN_I = "і"  # an ending that counts only so spelt: на Макроні, while Макроны are several
LONG_I = "ії"  # and this one only so long: Сербии, Srbiji, while Сербы and Srbi are people
SOFT_LETTERS = ("š", "ž", "č", "ř", "c", "j", "ь")
GERMAN = {"e": ("en", "er", "es", "em"), "er": ("e", "en", "es", "em"), "es": ("e", "en", "er", "em")}
SPELLED_OUT = 3  # letters; a shorter word has no forms, since they would be other words

_PLAIN_I = str.maketrans("ії", "ii")
_HER_NAME = re.compile("(?:[^z]|^)(?:[sc]k[aá]|(?:[сц]ь?к|н|в)ая|(?:[sc]k|n)a[jy]a|[сц]ь?ка)$")
_SOFT_SIGN = re.compile("ь$|[ńśźňťď]$|ść$|(?:aw|om|im|rzeb)$")
_IA = re.compile("(?:ия|ія|ија|ija|[^nszcmw]ia)$")  # Serbii, but Hołowni
_YA = re.compile("(?:[лнсзрдтцкг]ь?|[бвпмф]ь|е)я$|[lnsrzdt]ya$|(?:[kr]o?re|re)[jy]a$")


@lru_cache(maxsize=1 << 14)
def forms(
    letters: str, *, person: bool = False, possessive: bool = False, place: bool = False, among: bool = False
) -> dict[str, str]:
    """Return the skeleton of each form of the word *letters* with its ending (as skeleton, "" for the base).

    An acronym takes but a few (МИДа); mostly its endings follow a hyphen and
    belong to the token.
    A *person*'s name keeps to its gender and, like a *place*, to the singular;
    *possessive* adds Vučićev, Zaharovin and their cases; a word *among* others
    of a longer name may take an article, or a German adjective's endings.
    """
    base = skeleton(letters)
    found = {base: ""}
    if len(letters) > 1 and letters.isupper():
        return found | {base + ending: ending for ending in ACRONYM if base.isalpha()}
    if len(letters) >= SPELLED_OUT and len(base) >= SPELLED_OUT and base.isalpha():
        classes = _classes(letters.casefold(), base, person=person, one=person or (place and not among))
        longer = _among(letters, base) if among and not person else []
        for stem, endings in (*classes, *_ukrainian(letters, base), *longer):
            for ending in endings:
                found.setdefault(_joined(stem, ending), ending)
        if cut := re.fullmatch("(.*[^aeiou])a?r", base):
            found.setdefault(cut[1] + ("r" if base.endswith("ar") else "ar"), "")  # Aleksandar is Александр in Russian
        if possessive:
            for stem, suffix in _possessives(base):
                found.setdefault(_joined(stem, suffix), suffix)
    return found


def stripped(base: str) -> str:
    """Return the skeleton *base* without its ending: one stem for the forms of a word that is no name."""
    kept = (
        base[: -len(ending)] for ending in ENDINGS if base.endswith(ending) and len(base) - len(ending) >= SPELLED_OUT
    )
    return next(kept, base)


def _joined(stem: str, ending: str) -> str:
    return re.sub("i{2,}", "i", stem + ending.translate(_PLAIN_I))


def _classes(letters: str, base: str, *, person: bool, one: bool) -> list[tuple[str, tuple[str, ...]]]:
    """Return the stems of *base*, each with the endings that it takes; *one*: no plural and no article."""
    stem, last = base[:-1], base[-1]
    if person and _HER_NAME.search(letters) and len(base) > 5:
        return [(base[:-3] if base.endswith("aia") else stem, OF_A_WOMAN), (stem, OF_A_PERSON)]
    if re.search("(?:[szc]k|ck)a(?:ia)?$", base) or base.endswith(("aia", "ova", "eva", "ina")):
        adjective = base[:-3] if base.endswith("aia") else stem
        endings = tuple(ending for ending in FEMININE_ADJECTIVE if not one or ending not in OF_HIS)
        endings = endings if len(adjective) >= SPELLED_OUT else ()  # Moj is no form of Maja
        return [*_feminine(letters, stem, person=person, one=one), (adjective, endings)]
    if last == "a":
        return _feminine(letters, stem, person=person, one=one)
    if letters.endswith(("lj", "nj", "љ", "њ")):  # Bruselj, Bruslja
        return [(base, MASCULINE_I), *((cut, SOFT) for cut in _stems(letters, base[:-1]))]
    if base.endswith(("ski", "cki", "oi")) or re.search("[^aeiou]n?i$", base):
        return _adjective(base, person=person)
    if re.search("[aeou]i$", base):
        return [(base, CONSONANT), (stem, ("e", "em", "ev", "evi", "evim"))]  # Andrej, Николай: the i was a j
    if base.endswith(("oe", "ee")):
        return [(base[:-2], ADJECTIVE)]
    if last in "ie":
        return [(stem, MASCULINE_I), (base, MASCULINE_I), *([] if person else [(stem, PLURAL + ADJECTIVE)])]
    if last == "o":
        polish = _softened(stem, ("e",)) if person else []  # Ziobro, Ziobrze
        return [(stem, NEUTER), (base, ("to", "s")), (stem, MASCULINE_O if person else ADJECTIVE), *polish]
    if last == "u":
        return [(base, CONSONANT)]
    return _consonant(letters, base, person=person, one=one)


def _adjective(base: str, *, person: bool) -> list[tuple[str, tuple[str, ...]]]:
    stem = base[:-2] if base.endswith("oi") else base[:-1]
    endings = tuple(ending for ending in ADJECTIVE if not person or ending not in OF_OTHERS)
    if base.endswith("oi"):  # Толстой; Цой, Метрострой
        return [(stem, endings), (base, CONSONANT), (base[:-1], ("e", "em"))]
    if base.endswith(("ski", "cki")):
        return [(stem, (*endings, "is")), *([] if person else [(stem, PLURAL)])]
    return [(stem, endings), (base, MASCULINE_I), *([] if person else [(stem, PLURAL), *_polish_plural(stem)])]


def _polish_plural(stem: str) -> list[tuple[str, tuple[str, ...]]]:
    """Return the stems of Polish names of countries: Węgry, Węgier, Węgrzech; Włochy, Włoszech."""
    if stem.endswith("r"):
        return [(stem[:-1] + "rz", ("eh",)), (stem[:-1] + "ier", ("",))]
    return [(stem[:-1] + "s", ("eh",))] if stem.endswith("h") else []


def _consonant(letters: str, base: str, *, person: bool, one: bool) -> list[tuple[str, tuple[str, ...]]]:
    endings = CONSONANT if one else CONSONANT + MANY + ARTICLES
    if person and not letters.endswith(SOFT_LETTERS):  # Babiši; but Vučići are a family, or cubs
        endings = tuple(UKRAINIAN_I if ending == "i" else ending for ending in endings)
    if _SOFT_SIGN.search(letters) and not (person and letters.endswith(("aw", "om", "im"))):
        endings += SOFT
    elif base.endswith(("k", "g", "ic")):
        endings += ("iem",)  # Dodikiem, Gdańskiem, Vučiciem
    elif person and base.endswith("r"):
        endings += ("ia", "iu", "iem", "ievi")  # Pahorja
    return [(one_stem, endings) for one_stem in _stems(letters, base)] + _hardened(base)


def _feminine(letters: str, stem: str, *, person: bool, one: bool) -> list[tuple[str, tuple[str, ...]]]:
    endings = FEMININE if one else FEMININE + MANY + ARTICLES
    if _IA.search(letters):
        endings = tuple(LONG_I if ending == "i" else ending for ending in endings)
    found = [(stem, endings), (stem, ("as",))]
    if person:
        found.append((stem, OF_A_PERSON))
    if _YA.search(letters) and stem.endswith("i"):
        found.append((stem[:-1], SOFT_FEMININE))
    return found + _softened(stem, ("i", "e"))


def _among(letters: str, base: str) -> list[tuple[str, tuple[str, ...]]]:
    """Return what a word of a longer name may also come to: Vereinten Nationen, porozumień mińskich, Върховния съд."""
    found: list[tuple[str, tuple[str, ...]]] = []
    for ending, others in GERMAN.items():
        if letters.endswith(ending) and script(letters) == "latin":
            found.append((base.removesuffix(ending), others))
    if base[-1] == "a":
        found += [(base[:-1], ("", "iei")), (base[:-1].removesuffix("i"), ("",))]
    if re.search("[^aeiou]en$", base):
        found.append((base[:-2] + "n", ADJECTIVE))
    return [(stem, endings) for stem, endings in found if len(stem) >= SPELLED_OUT]


def _ukrainian(letters: str, base: str) -> list[tuple[str, tuple[str, ...]]]:
    """Return the stems in which the і of a closed syllable gives way: Харків, Харкова; Ріг, Рогу; Київ, Києва."""
    if letters.casefold().endswith(("їв", "yiv")):
        return [(base[:-1] + "ev", CONSONANT)]
    if letters.casefold().endswith("iv"):
        return [(base[:-2] + vowel + "v", CONSONANT) for vowel in "oe"]
    if closed := re.search("і([бвгджзклмнпрстфхцчшщ])(ь?)$", letters.casefold()):
        open_stem = base[: -1 - len(skeleton(closed[1]))]
        endings = CONSONANT + SOFT if closed[2] else CONSONANT
        return [(open_stem + vowel + skeleton(closed[1]), endings) for vowel in "oe"]
    return []


def _softened(stem: str, endings: tuple[str, ...]) -> list[tuple[str, tuple[str, ...]]]:
    """Return *stem* as it is before -i and -e: Amerika, Americi; Praha, Praze; Praga, Pradze; Marta, Marcie."""
    changes = {"k": ("c", "ci"), "g": ("z", "dz"), "h": ("z", "s"), "t": ("ci",), "d": ("dzi",), "r": ("rz",)}
    return [(stem[:-1] + changed, endings) for changed in changes.get(stem[-1:], ())]


def _hardened(base: str) -> list[tuple[str, tuple[str, ...]]]:
    """Return the stems of Polish and Czech locatives: Londyn, Londynie; Budapeszt, Budapeszcie; Dniepr, Dnieprze."""
    changes = {"t": "ci", "d": "dzi", "r": "rz"} | {same: same + "i" for same in "bpmnvfsz"}
    changed = changes.get(base[-1])
    return [(base[:-1] + changed, ("e",))] if changed else []


def _stems(letters: str, base: str) -> list[str]:
    """Return *base* and its stems with the fleeting vowel gone or another in its place."""
    found = [base]
    if len(base) > 3 and (
        re.search("[^aeiou](?:a[rck]|e[rcklt]|o[klr])$", base) or (base.endswith("en") and _SOFT_SIGN.search(letters))
    ):
        found.append(base[:-2] + base[-1])  # Aleksandar, Aleksandra; Павел, Павла; Marek, Marka; Plzeň, Plzně
    if base.endswith("iec"):
        found.append(base[:-3] + "c")  # Kielce; Mieliec, Mielca
    if base.endswith("iek"):
        found.append(base[:-3] + "k")
    return found


def _possessives(base: str) -> list[tuple[str, str]]:
    """Return the stem and ending of each possessive adjective: Vučićev, Zaharovin, Markova."""
    if base[-1] == "a":
        pairs = [(base[:-1], suffix) for suffix in ("in", "iin", "ev")]
    elif base[-1] in "oie":
        pairs = [(base[:-1], suffix) for suffix in ("ov", "ev", "iev")] + [(base, "ov")]
    else:
        pairs = [(stem, suffix) for stem in _stems("", base) for suffix in ("ov", "ev", "iev")]
    czech = [(base[:-1] if base[-1] in "aoie" else base, "uv")]
    return [(stem, suffix + ending) for stem, suffix in pairs for ending in ("", *POSSESSIVE_ENDINGS)] + czech
