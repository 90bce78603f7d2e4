"""One word of a name → its case and possessive forms, as skeletons.  Pure.

No dictionary and no model: a word's last letters say to which class it
belongs, and each class has a finite set of endings, gathered over Serbian,
Croatian, Bosnian, Slovene, Macedonian, Bulgarian, Russian, Ukrainian, Polish
and Czech (the English, German and French possessives with them).  All endings
are skeletons: ой is oi, ją is ia, ów and ов are ov.
"""

from __future__ import annotations

import re
from functools import lru_cache

from monitor.text import skeleton


def _listed(endings: str) -> tuple[str, ...]:
    return tuple(endings.split())


# Instrumental -em -om -im(ым); dative -u -ovi -evi; locative -e -i -u; plural of families -i -e -ovi -ima -ami.
CONSONANT = _listed("a u e i em om im ovi evi ove ovie eve ima ami am ah ov s es ie ata at ot t iot iat o")
SOFT = _listed("ia iu iem iom iami iah ii iovi iov")  # Кремль, Казань, Paryż, Poznań
FEMININE = _listed("a e i o u om oi oiu oju ou ei eiu iu ie iei am ami ah ama ata es s")
NEUTER = _listed("o a u i om em e ie oi am ami ah ata")
MASCULINE_O = _listed("i ou oiu ovi evi oti ota otu s")  # Marko, Харченко
MASCULINE_I = _listed(
    "ovi evi ho mu m a u i em om e ia iu iem iom ie ih im s ta tu tom te to"
)  # Thaçi, Kennedy, Đorđe, Mile
PLURAL = ("", *_listed("u ah am ami ov iv ev eh um ama ima iah iam iami"))  # Чернівці, Niemcy, Ujedinjene nacije
ADJECTIVE = _listed(
    "em i ii ia iat ogo oga og ega omu omue om ome im imi ih ima iego iemu eho emu ego a e aia uiu oi oe ie ui ou"
)
FEMININE_ADJECTIVE = _listed("aia oi uiu oiu ei iu oe ie ih im imi og om ogo omu ui i a e u ou")
POSSESSIVE_ENDINGS = _listed("a o e i u ou og oga om ome omu oi ih im ima imi iot ata oto ite ega emu em ego oho")
ENDINGS = sorted(
    {
        *CONSONANT,
        *SOFT,
        *FEMININE,
        *NEUTER,
        *MASCULINE_I,
        *ADJECTIVE,
        *FEMININE_ADJECTIVE,
        "ite",
        "iv",
        "eh",
        "ov",
        "ia",
    }
    - {"t", "s", "es"},
    key=lambda ending: (-len(ending), ending),
)
ACRONYM = _listed("a u e i om em ov am ah")  # МИДа, ЦИКом
OF_A_PERSON = _listed("ovi ova ove ovou ovoi")  # Fialovi; Zacharovová
OF_FAMILIES = _listed("i ii ima ami am ah iami iah")
OF_OTHERS = _listed("a aia uiu oi ou oe e ie ih imi ima ui")  # of a name in -ski: his wife, his family
SPELLED_OUT = 3  # letters; a shorter word has no forms, since they would be other words


@lru_cache(maxsize=1 << 14)
def forms(letters: str, *, person: bool = False, possessive: bool = False) -> dict[str, str]:
    """Return the skeleton of each form of the word *letters* with its ending (as skeleton, "" for the base).

    An acronym takes but a few (МИДа); mostly its endings follow a hyphen and
    belong to the token.
    A *person*'s name in -ski keeps to the masculine; *possessive* adds
    Vučićev, Zaharovin and their cases.
    """
    base = skeleton(letters)
    found = {base: ""}
    if len(letters) > 1 and letters.isupper():
        return found | {base + ending: ending for ending in ACRONYM if base.isalpha()}
    if len(letters) >= SPELLED_OUT and len(base) >= SPELLED_OUT and base.isalpha():
        for stem, endings in (*_classes(base, person=person), *_ukrainian(letters, base)):
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
    return re.sub("i{2,}", "i", stem + ending)


def _classes(base: str, *, person: bool) -> list[tuple[str, tuple[str, ...]]]:
    """Return the stems of *base*, each with the endings that it takes."""
    stem, last = base[:-1], base[-1]
    if re.search("(?:[szc]k|ck)a(?:ia)?$", base) or base.endswith(("aia", "ova", "eva", "ina")):
        adjective = base[:-3] if base.endswith("aia") else stem
        return [*_feminine(stem, person=person), (adjective, FEMININE_ADJECTIVE)]
    if last == "a":
        return _feminine(stem, person=person)
    if base.endswith(("ski", "cki", "oi")) or re.search("[^aeiou]n?i$", base):
        adjective = base[:-2] if base.endswith("oi") else stem
        endings = tuple(ending for ending in ADJECTIVE if not person or ending not in OF_OTHERS)
        if base.endswith(("ski", "cki")):
            return [(adjective, (*endings, "is"))]
        plural = [] if person else [(stem, PLURAL)]
        return [(adjective, endings), (base, MASCULINE_I), *plural]
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
    endings = CONSONANT + SOFT
    if person and base.endswith("ic"):  # Vučići are a family, or cubs
        endings = tuple(ending for ending in endings if ending not in OF_FAMILIES)
    return [(one, endings) for one in _stems(base)] + _hardened(base)


def _feminine(stem: str, *, person: bool) -> list[tuple[str, tuple[str, ...]]]:
    of_a_person = [(stem, OF_A_PERSON)] if person else []
    return [(stem, FEMININE), (stem, ("as",)), *_softened(stem, ("i", "e")), *of_a_person]


def _ukrainian(letters: str, base: str) -> list[tuple[str, tuple[str, ...]]]:
    """Return the stems in which the і of a closed syllable gives way: Харків, Харкова; Київ, Києва."""
    if letters.casefold().endswith(("їв", "yiv")):
        return [(base[:-1] + "ev", CONSONANT)]
    if letters.casefold().endswith(("ів", "iv")):
        return [(base[:-2] + "ov", CONSONANT), (base[:-2] + "ev", CONSONANT)]
    return []


def _softened(stem: str, endings: tuple[str, ...]) -> list[tuple[str, tuple[str, ...]]]:
    """Return *stem* as it is before -i and -e: Amerika, Americi; Praha, Praze; Praga, Pradze; Marta, Marcie."""
    changes = {"k": ("c", "ci"), "g": ("z", "dz"), "h": ("z", "s"), "t": ("ci",), "d": ("dzi",), "r": ("rz",)}
    return [(stem[:-1] + changed, endings) for changed in changes.get(stem[-1:], ())]


def _hardened(base: str) -> list[tuple[str, tuple[str, ...]]]:
    """Return the stems of Polish and Czech locatives: Budapeszt, Budapeszcie; Madrid, Madrycie; Dniepr, Dnieprze."""
    changes = {"t": "ci", "d": "dzi", "r": "rz"}
    changed = changes.get(base[-1])
    return [(base[:-1] + changed, ("e",))] if changed else []


def _stems(base: str) -> list[str]:
    """Return *base* and its stems with the fleeting vowel gone or another in its place."""
    found = [base]
    if re.search("[^aeiou](?:a[rclknt]|e[rclknpvt]|o[klr])$", base) and len(base) > 3:
        found.append(base[:-2] + base[-1])  # Aleksandar, Aleksandra; Павел, Павла; Marek, Marka
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
        pairs = [(stem, suffix) for stem in _stems(base) for suffix in ("ov", "ev", "iev")]
    czech = [(base[:-1] if base[-1] in "aoie" else base, "uv")]
    return [(stem, suffix + ending) for stem, suffix in pairs for ending in ("", *POSSESSIVE_ENDINGS)] + czech
