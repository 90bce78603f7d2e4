"""The `match:` of a rule, as YAML nodes → its condition, every mistake where it stands.  Pure."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator

from monitor.errors import Mistake
from monitor.model import All, AnyOf, Condition, EntityId, Named, Not, Score, Weight
from monitor.rules.query import QueryError, item, parse, reads_forward
from monitor.rules.traps import commented, in_yaml, items
from monitor.source import MappingNode, Node, ScalarNode, SequenceNode, Tree, unknown

KEYS = ("all", "any", "none", "score")
DEEPEST = 20  # maps in maps; deeper than any person writes


class Conditions:
    """Reads the conditions of one file; what is wrong with them gathers in *mistakes*."""

    def __init__(self, tree: Tree, entities: Collection[str]) -> None:
        self.tree = tree
        self.entities = entities
        self.mistakes: list[Mistake] = []

    def refuse(self, node: Node | None, message: str) -> None:
        self.mistakes.append(self.tree.mistake(node, message))

    def match(self, node: Node) -> Condition | None:
        """Return what `match:` says, None if it cannot be said."""
        before = len(self.mistakes)
        condition = self.top(node)
        if condition is not None and len(self.mistakes) == before and not reads_forward(condition):
            message = "nothing must occur for this rule to match, so it would match nearly every article"
            self.refuse(node, f"{message}; say what must occur, under all: or any:, or with AND before NOT")
            return None
        return condition if len(self.mistakes) == before else None

    def top(self, node: Node) -> Condition | None:
        match node:
            case ScalarNode():
                self.mistakes.extend(commented(self.tree, node, queries=True, tags_only=True))
                return self.query(node, whole=True)
            case MappingNode():
                return self.map(node, 0)
            case _:
                self.refuse(
                    node, "a list here says neither all nor any; write match: {any: [...]} or match: {all: [...]}"
                )
                return None

    def map(self, node: MappingNode, depth: int) -> Condition | None:
        """Return the condition of a map of all, any, none and score: all that its keys say."""
        if depth > DEEPEST:
            self.refuse(node, f"more than {DEEPEST} maps in maps")
            return None
        if not node.value:
            self.refuse(node, "the map is empty; write all:, any:, none: or score:")
        parts = [part for key, value in node.value for part in self.key(key, value, depth)]
        return _one(parts)

    def key(self, key: Node, value: Node, depth: int) -> Iterator[Condition]:
        if key.value not in KEYS:
            self.refuse(key, unknown("key", str(key.value), KEYS))
            return
        if key.value == "score":
            yield from self.score(value)
            return
        conditions = self.list(key, value, depth)
        if not conditions:
            return
        one = conditions[0] if len(conditions) == 1 else None
        if key.value == "all":
            yield one or All(of=tuple(conditions))
        elif key.value == "any":
            yield one or AnyOf(of=tuple(conditions))
        else:
            yield Not(of=one or AnyOf(of=tuple(conditions)))

    def list(self, key: Node, value: Node, depth: int) -> list[Condition]:
        if not isinstance(value, SequenceNode):
            empty = isinstance(value, ScalarNode) and not value.value
            shown = "..." if empty or not isinstance(value, ScalarNode) else in_yaml(str(value.value))
            self.refuse(key if empty else value, f"{key.value}: takes a list; write {key.value}: [{shown}]")
            return []
        if not value.value:
            self.refuse(value, f"{key.value}: [] names nothing; list at least one item, or leave {key.value}: out")
        traps = list(items(self.tree, value, queries=True))
        self.mistakes.extend(traps)
        trapped = {(mistake.line, mistake.column) for mistake in traps}
        sound = (one for one in value.value if (one.start_mark.line + 1, one.start_mark.column + 1) not in trapped)
        return [condition for one in sound if (condition := self.item(one, depth)) is not None]

    def item(self, node: Node, depth: int) -> Condition | None:
        match node:
            case ScalarNode():
                return self.query(node, whole=False)
            case MappingNode():
                return self.map(node, depth + 1)
            case _:
                self.refuse(node, "a list in a list says neither all nor any; write {any: [...]} or {all: [...]}")
                return None

    def query(self, node: ScalarNode, *, whole: bool) -> Condition | None:
        """Return what the text *node* says: a query if *whole*, otherwise by the rule of list items."""
        text = str(node.value)
        if not text.strip():
            self.refuse(node, "a text is missing here; write a query such as $kosovo AND NATO")
            return None
        try:
            condition = parse(text) if whole else item(text)
        except QueryError as error:
            self.mistakes.append(self.at(node, error.column - 1, _taught(node, error)))
            return None
        for found in re.finditer(r"\$([\w-]+)", text):
            if found[1] not in self.entities and _names(condition, found[1]):
                self.mistakes.append(self.at(node, found.start(), unknown("entity", found[1], self.entities)))
        return condition

    def score(self, node: Node) -> Iterator[Condition]:
        if not isinstance(node, MappingNode):
            self.refuse(node, 'score: takes a map; write score: {at_least: 5, terms: {"$nato": 2, urgent session: 3}}')
            return
        values = {str(key.value): (key, value) for key, value in node.value}
        for name, (key, _) in values.items():
            if name not in ("at_least", "terms"):
                self.refuse(key, unknown("key", name, ("at_least", "terms")))
        for name in ("at_least", "terms"):
            if name not in values:
                self.refuse(node, f'the key "{name}" is missing here')
        if not {"at_least", "terms"} <= values.keys():
            return
        least, listed = self.number(values["at_least"][1]), values["terms"][1]
        if not isinstance(listed, MappingNode) or not listed.value:
            self.refuse(listed, 'terms: takes a map of terms and weights; write terms: {"$nato": 2, urgent session: 3}')
            return
        weights = [weight for key, value in listed.value if (weight := self.weight(key, value))]
        if least is None or len(weights) < len(listed.value):
            return
        if least <= 0:
            self.refuse(values["at_least"][1], "at_least must be more than 0, which no term at all reaches")
        else:
            yield Score(at_least=least, terms=tuple(weights))

    def weight(self, key: Node, value: Node) -> Weight | None:
        condition = self.query(key, whole=False) if isinstance(key, ScalarNode) else None
        points = self.number(value)
        if condition is None or points is None:
            return None
        if points == 0:
            self.refuse(value, "a weight of 0 changes nothing; write another number, or take the term away")
            return None
        if points > 0 and not reads_forward(condition):
            message = "this term counts where something is absent; give what must be absent a negative weight"
            self.refuse(key, f"{message}, such as football: -3")
            return None
        return Weight(of=condition, points=points)

    def number(self, node: Node) -> float | None:
        text = str(node.value) if isinstance(node, ScalarNode) else ""
        if not re.fullmatch(r"[+-]?\d{1,9}(\.\d{1,6})?", text):
            self.refuse(node, f'"{text}" is no number; write one such as 2 or -1.5')
            return None
        return float(text)

    def at(self, node: ScalarNode, offset: int, message: str) -> Mistake:
        """Return the mistake *message* at the code point *offset* of the text *node*."""
        index = _index(self.tree.text, node, offset)
        line = self.tree.text.count("\n", 0, index) + 1
        column = index - (self.tree.text.rfind("\n", 0, index) + 1) + 1
        return Mistake(file=self.tree.file, line=line, column=column, message=message)


def _one(parts: list[Condition]) -> Condition | None:
    """Return *parts* as one condition: all of them."""
    if not parts:
        return None
    return parts[0] if len(parts) == 1 else All(of=tuple(parts))


def _names(condition: Condition, name: str) -> bool:
    """Return whether *condition* names the entity *name* (a $ may also stand inside quotes or a regular expression)."""
    return name in {str(found) for found in named(condition)}


def named(condition: object) -> Iterator[EntityId]:
    """Yield the entities that *condition* names."""
    if isinstance(condition, Named):
        yield condition.id
        return
    for part in parts(condition):
        yield from named(part)


def parts(condition: object) -> Iterator[object]:
    """Yield what *condition* is made of."""
    for name in ("of", "left", "right", "terms"):
        inner = getattr(condition, name, None)
        if isinstance(inner, tuple):
            yield from inner
        elif inner is not None:
            yield inner


def _taught(node: ScalarNode, error: QueryError) -> str:
    """Return *error* with what to write instead as YAML needs it at *node*."""
    if not error.instead:
        return error.message
    block = node.style in ("|", ">")
    instead = " or ".join(text if block else in_yaml(text) for text in error.instead)
    took = ""
    if node.style in ('"', "'") and "side by side" in error.message:
        took = f" (YAML takes the outer {node.style} away)"
    return f"{error.message}{took}; write {instead}"


def _index(source: str, node: ScalarNode, offset: int) -> int:
    """Return where the code point *offset* of the scalar *node* stands in *source*.

    Folding, indentation and quoting only ever add signs to the source, so both
    are walked side by side.
    """
    at = int(node.start_mark.index)
    if node.style in ("|", ">"):
        at = source.find("\n", at) + 1
    elif node.style in ("'", '"'):
        at += 1
    for sign in str(node.value)[:offset]:
        at = _past(source, at, sign, node.style)
    following = str(node.value)[offset : offset + 1]
    return _skipped(source, at) if following and not following.isspace() else at


def _past(source: str, at: int, sign: str, style: str | None) -> int:
    """Return the place in *source* after *sign*, which stands at *at* or a little later."""
    if sign.isspace():
        return at + 1 if source[at : at + 1].isspace() else at
    at = _skipped(source, at)
    if style == "'" and sign == "'":
        return at + 2
    if style == '"' and source[at : at + 1] == "\\":
        escape = re.compile(r"\\(?:x..|u....|U.{8}|.)", re.DOTALL).match(source, at)
        return escape.end() if escape else at + 1
    return at + 1


def _skipped(source: str, at: int) -> int:
    while source[at : at + 1].isspace():
        at += 1
    return at
