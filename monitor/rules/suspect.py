"""A rule set that loads → what a person should still look at: dead clauses, unused entities, missing tests.  Pure."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence

from monitor.errors import Mistake
from monitor.model import (
    All,
    AnyOf,
    Apart,
    AtLeast,
    Condition,
    Entity,
    EntityType,
    InField,
    Named,
    Near,
    Not,
    Pattern,
    Rule,
    Score,
    Term,
    Together,
    Wildcard,
)
from monitor.rules.conditions import named
from monitor.rules.match import RuleSet
from monitor.rules.query import printed
from monitor.text import fold, script, tokens


def warnings(rules: RuleSet) -> tuple[Mistake, ...]:
    """Return what a person should look at, although *rules* load."""
    used = {name for rule in rules.rules for name in named(rule.match)}
    everywhere = {script(name) for entity in rules.entities.values() for name in _names(entity)}
    found = [_at(rule, message) for rule in rules.rules for message in _of_rule(rule)]
    for entity in rules.entities.values():
        if entity.id not in used:
            found.append(_at(entity, f"no rule names the entity ${entity.id}"))
        found.extend(_at(entity, message) for message in _of_entity(entity))
        if "cyrillic" in everywhere and "cyrillic" not in map(script, _names(entity)):
            found.append(_at(entity, f"the entity ${entity.id} has no Cyrillic name, and other entities have one"))
    return tuple(sorted(found, key=lambda mistake: (mistake.file, mistake.line)))


def _of_rule(rule: Rule) -> Iterator[str]:
    if not rule.tests:
        yield "this rule has no tests; add one article that must match and one that must not"
    yield from dict.fromkeys(_dead(rule.match))


def _of_entity(entity: Entity) -> Iterator[str]:
    repeated = Counter(fold(name) for name in (*entity.names, *entity.short))
    for name, times in repeated.items():
        if times > 1:
            yield f'the entity ${entity.id} lists "{name}" {times} times; once is enough'
    if entity.context and not entity.short:
        yield f"context: of ${entity.id} does nothing without short:"
    if entity.not_after and entity.type is not EntityType.PERSON:
        yield f"not_after: of ${entity.id} does nothing, since it is no person"


def _names(entity: Entity) -> tuple[str, ...]:
    return (*entity.names, *entity.short, *entity.exact)


def _at(stands: Rule | Entity, message: str) -> Mistake:
    return Mistake(file=stands.file, line=stands.line, column=1, message=message)


# ------------------------------------------------------------------ dead clauses


def _dead(condition: Condition) -> Iterator[str]:
    """Yield the clauses of *condition* that can never make a difference."""
    match condition:
        case AnyOf(of=parts):
            yield from _covered(parts)
            yield from (message for part in parts for message in _dead(part))
        case All(of=parts):
            yield from _vetoed(parts)
            yield from (message for part in parts for message in _dead(part))
        case Score(at_least=least, terms=terms):
            reachable = sum(max(term.points, 0) for term in terms)
            if reachable < least:
                yield f"no article can reach at_least: {least:g}, since the positive weights add up to {reachable:g}"
        case InField(of=inner) | Not(of=inner) | AtLeast(of=inner):
            yield from _dead(inner)
        case Near(left=left, right=right) | Apart(left=left, right=right) | Together(left=left, right=right):
            yield from _dead(left)
            yield from _dead(right)
        case Term() | Wildcard() | Named() | Pattern():
            return


def _covered(parts: Sequence[Condition]) -> Iterator[str]:
    """Yield the alternatives that add nothing to another one."""
    for at, one in enumerate(parts):
        for other_at, other in enumerate(parts):
            if at != other_at and _implies(one, other) and (not _implies(other, one) or at > other_at):
                yield f"{_said(one)} adds nothing: whatever holds it holds {_said(other)}, too"
                break


def _vetoed(parts: Sequence[Condition]) -> Iterator[str]:
    """Yield what a NOT beside it makes impossible."""
    vetoes = [veto for part in parts if isinstance(part, Not) for veto in _alternatives(part.of)]
    for part in _flat(parts):
        alternatives = _alternatives(part)
        for one in alternatives:
            veto = next((veto for veto in vetoes if _implies(one, veto)), None)
            if veto is not None:
                effect = "this rule can never match" if len(alternatives) == 1 else f"{_said(one)} can never count"
                yield f"{effect}: none of {_said(veto)} is allowed, and {_said(one)} always holds it"


def _flat(parts: Sequence[Condition]) -> Iterator[Condition]:
    """Yield what must hold of *parts*, with the parts of an All inside in its place."""
    for part in parts:
        if isinstance(part, All):
            yield from _flat(part.of)
        elif not isinstance(part, Not):
            yield part


def _alternatives(condition: Condition) -> tuple[Condition, ...]:
    return condition.of if isinstance(condition, AnyOf) else (condition,)


def _implies(one: Condition, other: Condition) -> bool:
    """Return whether an article in which *one* holds cannot be without *other*, as far as words tell."""
    if one == other:
        return True
    match one, other:
        case InField(field=here, of=inner), InField(field=there, of=asked):
            return here == there and _implies(inner, asked)
        case InField(of=inner) | AtLeast(of=inner), _:
            return _implies(inner, other)
        case ((Near(left=left, right=right) | Together(left=left, right=right)), _):
            return _implies(left, other) or _implies(right, other)
        case All(of=parts), _:
            return any(_implies(part, other) for part in parts)
        case Term(stemmed=False), Term(exact=False, stemmed=False):
            return _holds_words(one, other)
        case Term(exact=False, stemmed=False), Term(exact=False, stemmed=True):
            return _holds_words(one, other)
        case Term(text=text, stemmed=False), Wildcard(pattern=pattern):
            shape = re.escape(fold(pattern)).replace(r"\*", ".*").replace(r"\?", ".")
            return any(re.fullmatch(shape, key) for token in tokens(text) for key in token.word.wanted)
        case Wildcard(pattern=narrow), Wildcard(pattern=wide):
            return wide.endswith("*") and fold(narrow).startswith(fold(wide[:-1])) and not set("*?") & set(wide[:-1])
        case _:
            return False


def _holds_words(one: Term, other: Term) -> bool:
    """Return whether the words of *other* stand side by side in *one*."""
    long = [token.word.wanted for token in tokens(one.text)]
    short = [set(token.word.wanted) for token in tokens(other.text)]
    return any(
        all(set(has) <= asked for has, asked in zip(long[at:], short, strict=False))
        for at in range(len(long) - len(short) + 1)
    )


def _said(condition: Condition) -> str:
    written = getattr(condition, "written", "")
    return str(written) or printed(condition)
