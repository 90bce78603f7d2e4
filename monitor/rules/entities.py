"""Names → forms that can be looked up; an article's tokens → which entities are named where.  Pure.

A name's words and the article's tokens meet as skeletons.  The guards of RULES
section 4 keep what only looks like the name out: capitals, a given name that
belongs to somebody else, context for short names, and the longest name wins.
"""

from __future__ import annotations

import functools
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum, auto

from monitor.model import Entity, EntityId, EntityType
from monitor.rules.forms import LONG_I, UKRAINIAN_I, forms
from monitor.rules.reading import Passage, Reading, primary
from monitor.text import Face, fold, readings, script, skeleton, tokens

LONG_NUMBER = 3  # digits that make a name of its own: Resolution 1244, but not Nord Stream 2


class Proof(Enum):
    """What a name found proves."""

    FULL = auto()  # names and exact: the entity is named
    SHORT = auto()  # short: perhaps, if the context bears it out
    CONTEXT = auto()  # bears out a short name
    OTHER = auto()  # not_after: the short name that follows is somebody else


@dataclass(frozen=True, slots=True)
class Part:
    """One word of a name: which skeletons it may take in a text."""

    letters: str
    forms: Mapping[str, str]  # skeleton of a form to its ending
    glued: bool
    cases: Mapping[str, str]  # the same without the possessives


@dataclass(frozen=True, slots=True)
class Name:
    """One name of an entity, ready to be looked up."""

    entity: EntityId
    written: str
    proof: Proof
    parts: tuple[Part, ...]
    exact: bool = False  # case counts, and nothing but a hyphenated ending may follow
    kind: EntityType = EntityType.OTHER

    @property
    def loose(self) -> bool:
        """Whether one large word proves the others: Democratic party, Савет безбедности УН."""
        return len(self.parts) > 1 and self.kind not in (EntityType.PERSON, EntityType.PLACE)


@dataclass(frozen=True, slots=True)
class Index:
    """Every name by the forms of its first word."""

    entities: Mapping[EntityId, Entity] = field(default_factory=dict)
    names: tuple[Name, ...] = ()
    by_form: Mapping[str, tuple[int, ...]] = field(default_factory=dict)
    by_letters: Mapping[str, tuple[int, ...]] = field(default_factory=dict)
    begins: frozenset[str] = frozenset()  # the skeletons of what any of them may begin with


@dataclass(frozen=True, slots=True)
class Mention:
    """A name found in a passage, from its token *first* to *last*."""

    name: Name
    passage: int
    first: int
    last: int
    start: int  # code point
    form: str | None

    def overlaps(self, other: Mention) -> bool:
        return self.passage == other.passage and self.first <= other.last and other.first <= self.last


def index(entities: Iterable[Entity]) -> Index:
    """Return *entities* ready to be looked up."""
    known = {entity.id: entity for entity in entities}
    names = tuple(name for entity in known.values() for name in _names(entity))
    by_form: dict[str, list[int]] = defaultdict(list)
    by_letters: dict[str, list[int]] = defaultdict(list)
    for number, name in enumerate(names):
        if name.exact:
            by_letters[name.parts[0].letters].append(number)
            continue
        for form in name.parts[0].forms:
            by_form[form].append(number)
    begins = frozenset(by_form).union(map(skeleton, by_letters))
    return Index(known, names, _frozen(by_form), _frozen(by_letters), begins)


def _frozen(table: Mapping[str, list[int]]) -> dict[str, tuple[int, ...]]:
    return {key: tuple(numbers) for key, numbers in table.items()}


def _names(entity: Entity) -> Iterator[Name]:
    listed = [(Proof.FULL, entity.names), (Proof.SHORT, entity.short), (Proof.CONTEXT, entity.context)]
    if entity.type is EntityType.PERSON:
        listed.append((Proof.OTHER, entity.not_after))
    for proof, texts in listed:
        for text in texts:
            if parts := _parts(text, entity):
                yield Name(entity.id, text, proof, parts, kind=entity.type)
    for text in entity.exact:
        if parts := _parts(text, entity, alone=True):
            yield Name(entity.id, text, Proof.FULL, parts, exact=True, kind=entity.type)
    if isinstance(entity.forms, tuple):
        for text in entity.forms:
            if parts := _parts(text, entity, alone=True):
                yield Name(entity.id, text, _proof_of_form(entity, parts), parts, kind=entity.type)


def _proof_of_form(entity: Entity, parts: Sequence[Part]) -> Proof:
    """Return what an extra form proves: as much as the name that has as many words."""
    full = {len(tokens(name)) for name in entity.names}
    return Proof.SHORT if entity.short and len(parts) not in full else Proof.FULL


def _parts(text: str, entity: Entity, *, alone: bool = False) -> tuple[Part, ...]:
    """Return the words of the name *text*, each with its forms, or with itself *alone*."""
    person = entity.type is EntityType.PERSON
    place = entity.type is EntityType.PLACE
    possessive = entity.type in (EntityType.PERSON, EntityType.OTHER)
    plain = alone or entity.forms == "none"
    listed = tokens(text)
    found = []
    for token in listed:
        letters = token.word.letters
        taken, cases = (
            _merged(
                {skeleton(spelling): ""}
                if plain
                else forms(spelling, person=person, possessive=owned, place=place, among=len(listed) > 1)
                for spelling in readings(letters)
            )
            for owned in (possessive, False)
        )
        found.append(Part(letters, taken, token.glued, cases))
    return tuple(found)


def _merged(made: Iterable[dict[str, str]]) -> dict[str, str]:
    """Return the forms of every reading of a word; what the first of them says counts."""
    first, *others = made
    return functools.reduce(lambda found, other: other | found, others, first)


def mentions(known: Index, reading: Reading) -> dict[EntityId, tuple[Mention, ...]]:
    """Return which entities *reading* names, and where, in reading order."""
    found = [m for number in range(len(reading.passages)) for m in _candidates(known, reading, number)]
    vetoes = [m for m in found if m.name.proof is Proof.OTHER]
    named = [m for m in found if m.name.proof is Proof.FULL]
    short = [m for m in found if m.name.proof is Proof.SHORT and not _vetoed(m, vetoes, reading)]
    free = [m for m in short if not known.entities[m.name.entity].context]
    proven = {m.name.entity for m in _longest([*named, *free]) if m.name.proof is Proof.FULL}
    proven |= {m.name.entity for m in found if m.name.proof is Proof.CONTEXT}
    borne_out = [m for m in short if m.name.entity in proven and known.entities[m.name.entity].context]
    by_entity: dict[EntityId, list[Mention]] = defaultdict(list)
    for mention in _longest([*named, *free, *borne_out]):
        by_entity[mention.name.entity].append(mention)
    return {entity: tuple(those) for entity, those in by_entity.items()}


def near_misses(known: Index, reading: Reading, wanted: EntityId) -> tuple[str, ...]:
    """Return what of the entity *wanted* was seen in *reading* and did not count, each with its reason."""
    passages = range(len(reading.passages))
    strict = [m for number in passages for m in _candidates(known, reading, number)]
    seen = {(m.passage, m.first, m.last) for m in strict if m.name.entity == wanted}
    lax = [m for number in passages for m in _candidates(known, reading, number, lax=True)]
    counted = [m for those in mentions(known, reading).values() for m in those]
    told: list[str] = []
    for one in (m for m in lax if m.name.entity == wanted and m.name.proof in (Proof.FULL, Proof.SHORT)):
        text = _text(one, reading)
        longer = next((m for m in counted if m.name.entity != wanted and m.overlaps(one)), None)
        if (one.passage, one.first, one.last) not in seen and _common(
            one.name, reading, reading.passages[one.passage], one.first
        ):
            told.append(f"{text} was seen, but only where a sentence begins, and the text has it small elsewhere")
        elif (one.passage, one.first, one.last) not in seen:
            told.append(f"{text} was seen, but without the capital of {one.name.written}")
        elif longer:
            told.append(f"{text} was seen, but only inside {_text(longer, reading)} (${longer.name.entity})")
        elif _vetoed(one, [m for m in strict if m.name.proof is Proof.OTHER], reading):
            told.append(f"{text} was seen, but after a given name of somebody else (not_after)")
        elif one.name.proof is Proof.SHORT:
            context = ", ".join(known.entities[wanted].context)
            told.append(f"{text} was seen, but only as a short name without context (a full name, or {context})")
    return tuple(dict.fromkeys(told))


def _text(mention: Mention, reading: Reading) -> str:
    passage = reading.passages[mention.passage]
    return passage.text[mention.start : passage.tokens[mention.last].end]


def _longest(found: Sequence[Mention]) -> list[Mention]:
    """Return *found* without what overlaps a longer name; two entities of the very same name stay both."""
    by_length = sorted(found, key=lambda m: (m.first - m.last, m.passage, m.first, m.name.exact))
    taken: dict[tuple[int, int], Mention] = {}
    kept: dict[tuple[int, int, int, EntityId], Mention] = {}
    for mention in by_length:
        places = [(mention.passage, at) for at in range(mention.first, mention.last + 1)]
        others = [taken[place] for place in places if place in taken]
        if any((other.first, other.last) != (mention.first, mention.last) for other in others):
            continue
        for place in places:
            taken[place] = mention
        key = (mention.passage, mention.first, mention.last, mention.name.entity)
        kept[key] = _plainer(kept.get(key), mention)
    return sorted(kept.values(), key=lambda m: (m.passage, m.first, m.last))


def _plainer(one: Mention | None, other: Mention) -> Mention:
    """Return the one that needs less explaining: written as in the file, or at least in its script."""
    return other if one is None or _strangeness(other) < _strangeness(one) else one


def _strangeness(mention: Mention) -> tuple[bool, bool]:
    form = mention.form or mention.name.written
    return (mention.form is not None, script(form.split(" = ")[0]) != script(mention.name.written))


def _vetoed(short: Mention, vetoes: Sequence[Mention], reading: Reading) -> bool:
    """Return whether another given name stands right before *short*."""
    passage = reading.passages[short.passage]
    return any(
        veto.name.entity == short.name.entity
        and (veto.passage, veto.last + 1) == (short.passage, short.first)
        and not re.search(r"[^\s\-‐‑]", passage.text[passage.tokens[veto.last].end : passage.tokens[short.first].start])
        for veto in vetoes
    )


def _candidates(known: Index, reading: Reading, number: int, *, lax: bool = False) -> Iterator[Mention]:
    """Yield every name that may stand in a passage; *lax*: capitals or not."""
    passage = reading.passages[number]
    caseless = lax or reading.caseless
    english = primary(reading.article.language) == "en"
    for at, token in enumerate(passage.tokens):
        if known.begins.isdisjoint(token.word.skeletons):  # as for most words
            continue
        for face in token.word.faces:
            for which in _named_by(known, face.letters):
                name = known.names[which]
                if faces := _found(name, passage, at, face, caseless=caseless):
                    if (english and _plural(name, faces)) or (not caseless and _common(name, reading, passage, at)):
                        continue
                    form = _explained(name, faces)
                    last = at + len(faces) - 1
                    yield Mention(name, number, at, last, token.start + face.skipped, form)


def _named_by(known: Index, letters: str) -> list[int]:
    """Return the names that may begin with the word *letters*."""
    exact = known.by_letters.get(letters, ())
    formed = (known.by_form.get(skeleton(spelling), ()) for spelling in readings(letters))
    return sorted({*exact, *(which for those in formed for which in those)})


def _common(name: Name, reading: Reading, passage: Passage, at: int) -> bool:
    """Return whether the word at *at* is large only since a sentence begins: the text has it small elsewhere."""
    token = passage.tokens[at]
    raw = passage.text[token.start : token.end]
    return (
        len(name.parts) == 1
        and not name.exact
        and name.parts[0].letters[:1].isupper()
        and raw.istitle()
        and _opens(passage, at)
        and raw.lower() in reading.raws
    )


def _opens(passage: Passage, at: int) -> bool:
    """Return whether the token *at* begins a sentence or something like one, so that its capital proves nothing."""
    before = passage.text[passage.tokens[at - 1].end : passage.tokens[at].start] if at else ""
    return at == 0 or bool(re.search("[^\\s,(\\-‐‑/&]", before))


def _plural(name: Name, faces: Sequence[Face]) -> bool:
    """Return whether a word takes a bare s, which in English is no case: the Trumps, tusks."""
    return any(_ending_of(part, face.letters) in ("s", "es") for part, face in zip(name.parts, faces, strict=True))


def _found(name: Name, passage: Passage, at: int, first: Face, *, caseless: bool) -> list[Face] | None:
    """Return how each word of *name* is read if it stands at token *at*, read as *first*; None if it does not."""
    if at + len(name.parts) > len(passage.tokens):
        return None
    faces: list[Face] = []
    for offset, part in enumerate(name.parts):
        token = passage.tokens[at + offset]
        if offset and (part.glued > token.glued or _broken(name, passage, at, offset)):
            return None
        ways = [way for way in (token.word.faces if offset else [first]) if _fits(name, part, way.letters)]
        if not ways:
            return None
        large = (way for way in ways if name.exact or _capital(part.letters, way.letters, caseless=caseless))
        faces.append(next(large, ways[0]))
    agreed = _large(name, passage, at, faces, caseless=caseless) and not _of_another(name, faces)
    return faces if agreed else None


def _fits(name: Name, part: Part, letters: str) -> bool:
    return letters == part.letters if name.exact else _form(part, letters) is not None


def _large(name: Name, passage: Passage, at: int, faces: Sequence[Face], *, caseless: bool) -> bool:
    """Return whether the words found are written as large as those of *name*.

    In a *loose* name one word that is large where no sentence begins, or a
    long number, stands for all: Совете безопасности ООН, rezoluce 1244.
    """
    pairs = list(enumerate(zip(name.parts, faces, strict=True)))
    small = {
        o for o, (part, face) in pairs if not (name.exact or _capital(part.letters, face.letters, caseless=caseless))
    }
    return not small or (
        name.loose
        and any(
            (part.letters[:1].isupper() and not _opens(passage, at + o))
            or (part.letters.isdigit() and len(part.letters) >= LONG_NUMBER)
            for o, (part, _) in pairs
            if o not in small
        )
    )


def _of_another(name: Name, faces: Sequence[Face]) -> bool:
    """Return whether what looks like his name in a case is her name: Petra Pavlová is not Petr Pavel's."""
    if name.kind is not EntityType.PERSON or len(faces) == 1:
        return False
    (given, given_face), (last, last_face) = ((name.parts[0], faces[0]), (name.parts[-1], faces[-1]))
    form = _form(last, last_face.letters)
    masculine = skeleton(given.letters)[-1:] not in "aeiou"
    return masculine and form not in last.cases and bool(_ending_of(given, given_face.letters))


def _form(part: Part, face: str) -> str | None:
    """Return which form of *part* the letters *face* are; None if they are none."""
    made = (skeleton(spelling) for spelling in readings(face))
    return next(
        (form for form in made if (ending := part.forms.get(form)) is not None and _so_spelt(ending, face)), None
    )


def _so_spelt(ending: str, face: str) -> bool:
    """Return whether *face* has the letters that an ending asks for which a skeleton does not tell from others."""
    if ending == LONG_I:
        return bool(re.search("(?:[ijyіїийј]{2}|ї)$", fold(face)))
    return ending != UKRAINIAN_I or face.casefold().endswith(UKRAINIAN_I)


def _broken(name: Name, passage: Passage, at: int, offset: int) -> bool:
    """Return whether no name goes from one word to the next: a sentence ends there, or a comma that it lacks."""
    gap = passage.text[passage.tokens[at + offset - 1].end : passage.tokens[at + offset].start]
    if re.search("[,;:()]", gap) and not re.search("[,;:()]", name.written):
        return True
    ended = bool(re.search(r"[.!?…]\S*\s", gap))
    return ended and len(name.parts[offset - 1].letters) > 3  # St. Petersburg, J. Stoltenberg


def _capital(name: str, face: str, *, caseless: bool) -> bool:
    """Return whether *face* is written as large as *name* asks.

    A capitalised name needs a capital.  An acronym needs them all (МИД, and
    МИДа), since Un, Us and It are words; one of four letters and more may also
    be written as a word (Nato).
    """
    if caseless or not name[:1].isupper() or face.lower() == face.upper():
        return True
    if len(name) == 1 or not name.isupper():
        return face[0].isupper()
    ending = face[len(name) :]
    if ending.islower() and face[: len(name)].isupper():
        return True
    plain = skeleton(face) == skeleton(name)
    return plain and (face.isupper() or (len(name) > 3 and face[0].isupper()))


def _explained(name: Name, faces: Sequence[Face]) -> str | None:
    """Return how the form in the text came about, None where it is written as in the file."""
    said = []
    for part, face in zip(name.parts, faces, strict=True):
        ending = _ending(part, face.letters) + face.tail
        if ending:
            said.append(f"{face.letters}{face.tail} = {part.letters} + {ending}")
        elif script(face.letters) != script(part.letters):
            said.append(f"{face.letters} = {part.letters}")
    return ", ".join(said) or None


def _ending_of(part: Part, face: str) -> str:
    form = _form(part, face)
    return part.forms[form] if form else ""


def _ending(part: Part, face: str) -> str:
    """Return the ending of *face* in its own letters, with a hyphen before it."""
    ending = skeleton(_ending_of(part, face))
    if not ending:
        return ""
    cut = next((at for at in range(len(face) - 1, 0, -1) if skeleton(face[at:]) == ending), len(face) - len(ending))
    return "-" + face[cut:]
