"""Rules and entities files → a rule set, or every mistake over all files at once.  Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeVar

from pydantic import BaseModel

from monitor.errors import ConfigError, Mistake
from monitor.model import (
    ChannelId,
    Entity,
    EntityId,
    EntityType,
    Rule,
    RuleId,
    RuleTest,
    Severity,
    StoryPolicy,
    Where,
)
from monitor.rules.conditions import Conditions
from monitor.rules.match import RuleSet, ruleset
from monitor.rules.schema import ArticleMap, EntitiesFile, EntityEntry, RuleEntry, RulesFile, TestEntry
from monitor.rules.suspect import warnings
from monitor.rules.traps import commented, emptied, items, unreadable
from monitor.source import MappingNode, Node, ScalarNode, SequenceNode, Tree, check, read, unknown

__all__ = ["EntitiesFile", "RuleSet", "RulesFile", "load", "warnings"]

NOT_YET = ("throttle", "hold", "spike", "silence")  # keys that RULES knows and the alerts issue builds
TEXTS = ("names", "short", "context", "not_after", "exact", "forms")

M = TypeVar("M", bound=BaseModel)


def load(files: Mapping[str, str], *, channels: Collection[ChannelId] | None) -> RuleSet:
    """Return the rule set that *files* (relative name to text) hold; ConfigError with every mistake.

    Names under `entities/` are entities files, all others rules files.
    `notify` is held against *channels* unless they are None.
    """
    loading = _Loading(channels)
    trees = [tree for name, text in sorted(files.items()) if (tree := loading.tree(name, text))]
    entities = [tree for tree in trees if tree.file.startswith("entities/")]
    for tree in entities:
        loading.entities_file(tree)
    for tree in trees:
        if tree not in entities:
            loading.rules_file(tree)
    loading.check_renamed()
    if loading.mistakes:
        raise ConfigError(list(dict.fromkeys(loading.mistakes)))
    return ruleset(loading.rules, loading.entities)


@dataclass(slots=True)
class _Loading:
    """What has been read so far."""

    channels: Collection[ChannelId] | None
    rules: list[Rule] = field(default_factory=list)
    entities: list[Entity] = field(default_factory=list)
    mistakes: list[Mistake] = field(default_factory=list)
    known_entities: dict[str, str] = field(default_factory=dict)  # id to where it stands, entries with mistakes too
    known_rules: dict[str, str] = field(default_factory=dict)
    renamed: list[tuple[Tree, Node, str]] = field(default_factory=list)

    def tree(self, name: str, text: str) -> Tree | None:
        try:
            return read(name, text)
        except ConfigError as error:
            self.mistakes.extend(unreadable(text, mistake) for mistake in error.mistakes)
            return None

    def checked(self, schema: type[M], tree: Tree, node: Node | None, traps: Sequence[Mistake] = ()) -> M | None:
        """Return *node* as *schema*; None if it is not, with the mistakes kept, one a place."""
        self.mistakes.extend(traps)
        trapped = {(mistake.line, mistake.column) for mistake in traps}
        try:
            found = check(schema, Tree(file=tree.file, text=tree.text, root=node))
        except ConfigError as error:
            self.mistakes.extend(m for m in error.mistakes if (m.line, m.column) not in trapped)
            return None
        return None if traps else found

    def entries(self, schema: type[BaseModel], tree: Tree, key: str) -> list[MappingNode]:
        """Return the maps listed under *key* of the file *tree*."""
        if tree.root is None:
            return []
        if not isinstance(tree.root, MappingNode):
            self.mistakes.append(tree.mistake(tree.root, f"the file is no map; begin it with {key}:"))
            return []
        self.checked(schema, tree, tree.root)
        listed = _value(tree.root, key)
        if listed is None or (isinstance(listed, ScalarNode) and not listed.value):
            return []
        if not isinstance(listed, SequenceNode):
            self.mistakes.append(tree.mistake(listed, f"{key}: takes a list; begin each with - id:"))
            return []
        for item in listed.value:
            if not isinstance(item, MappingNode):
                self.mistakes.append(tree.mistake(item, f"each of {key} is a map; begin it with - id:"))
        return [item for item in listed.value if isinstance(item, MappingNode)]

    def claim(self, tree: Tree, node: MappingNode, kind: str, known: dict[str, str]) -> None:
        """Note the id of *node*, which must be unique over all files."""
        name = _value(node, "id")
        if not isinstance(name, ScalarNode) or not name.value:
            return
        if first := known.get(name.value):
            self.mistakes.append(tree.mistake(name, f'the {kind} "{name.value}" is already at {first}; ids are unique'))
        else:
            known[name.value] = f"{tree.file}:{name.start_mark.line + 1}"

    # entities

    def entities_file(self, tree: Tree) -> None:
        for node in self.entries(EntitiesFile, tree, "entities"):
            self.claim(tree, node, "entity", self.known_entities)
            self.entity(tree, node)

    def entity(self, tree: Tree, node: MappingNode) -> None:
        traps = [mistake for key in TEXTS for mistake in items(tree, _value(node, key), queries=False)]
        entry = self.checked(EntityEntry, tree, node, traps)
        forms = self.forms(tree, _value(node, "forms"))
        if entry is None or forms is None:
            return
        if not (entry.names or entry.short or entry.exact):
            message = f'the entity "{entry.id}" has no name; give it names:, short: or exact:'
            self.mistakes.append(tree.mistake(node, message))
            return
        self.entities.append(
            Entity(
                id=EntityId(entry.id),
                type=EntityType(entry.type),
                names=entry.names,
                short=entry.short,
                context=entry.context,
                not_after=entry.not_after,
                exact=entry.exact,
                forms=forms,
                ids=entry.ids,
                file=tree.file,
                line=node.start_mark.line + 1,
            )
        )

    def forms(self, tree: Tree, node: Node | None) -> str | tuple[str, ...] | None:
        match node:
            case None:
                return "auto"
            case ScalarNode(value="auto" | "none" as word):
                return str(word)
            case SequenceNode(value=listed) if listed and all(isinstance(one, ScalarNode) for one in listed):
                return tuple(str(one.value) for one in listed)
            case _:
                self.mistakes.append(tree.mistake(node, "forms: takes auto, none, or a list of further forms"))
                return None

    # rules

    def rules_file(self, tree: Tree) -> None:
        entries = self.entries(RulesFile, tree, "rules")
        fixtures = self.fixtures(tree)
        for node in entries:
            self.claim(tree, node, "rule", self.known_rules)
            self.rule(tree, node, fixtures)

    def fixtures(self, tree: Tree) -> dict[str, Mapping[str, str]]:
        node = _value(tree.root, "fixtures")
        if node is None:
            return {}
        if not isinstance(node, MappingNode):
            self.mistakes.append(tree.mistake(node, "fixtures: takes a map of names and articles"))
            return {}
        return {str(key.value): self.fields(tree, value) for key, value in node.value}

    def fields(self, tree: Tree, node: Node) -> Mapping[str, str]:
        """Return the fields of a test article."""
        if isinstance(node, ScalarNode):
            self.mistakes.extend(commented(tree, node, queries=False, tags_only=True))
            return {"body": str(node.value)}
        article = self.checked(ArticleMap, tree, node)
        return {} if article is None else article.model_dump(exclude_none=True)

    def rule(self, tree: Tree, node: MappingNode, fixtures: Mapping[str, Mapping[str, str]]) -> None:
        traps = list(items(tree, _value(node, "notify"), queries=False))
        where = _value(node, "where")
        for key in ("section", "language", "country", "feed", "outlet"):
            traps.extend(items(tree, _value(where, key), queries=False))
        entry = self.checked(RuleEntry, tree, node, traps)
        before = len(self.mistakes)
        self.refuse_unbuilt(tree, node)
        story = self.story(tree, _value(node, "story"))
        reader = Conditions(tree, self.known_entities)
        match = _value(node, "match")
        if _is_empty(match):
            self.mistakes.append(tree.mistake(_key(node, "match"), emptied(tree, _key(node, "match"))))
        condition = reader.match(match) if match is not None and not _is_empty(match) else None
        self.mistakes.extend(reader.mistakes)
        tests = tuple(self.tests(tree, _value(node, "tests"), fixtures))
        if match is None and not any(_value(node, key) is not None for key in ("spike", "silence")):
            self.mistakes.append(
                tree.mistake(node, "match: is missing; write match: $kosovo AND NATO, or a map of any:")
            )
        self.check_channels(tree, _value(node, "notify"))
        if (was := _value(node, "was")) is not None and entry is not None and entry.was is not None:
            self.renamed.append((tree, was, entry.was))
        if entry is None or condition is None or len(self.mistakes) > before:
            return
        self.rules.append(
            Rule(
                id=RuleId(entry.id),
                title=entry.title or entry.id,
                match=condition,
                severity=Severity(entry.severity),
                labels=entry.labels,
                where=Where(**entry.where.model_dump()),
                notify=tuple(map(ChannelId, entry.notify)),
                story=story,
                was=RuleId(entry.was) if entry.was else None,
                tests=tests,
                file=tree.file,
                line=node.start_mark.line + 1,
            )
        )

    def refuse_unbuilt(self, tree: Tree, node: MappingNode) -> None:
        """Refuse what RULES knows and this program does not do yet: to take it silently would be to guess."""
        for key, value in node.value:
            if key.value in NOT_YET:
                self.mistakes.append(tree.mistake(key, f"{key.value}: is not built yet"))
            elif key.value == "digest" and not (isinstance(value, ScalarNode) and value.value == "never"):
                self.mistakes.append(tree.mistake(key, "digest: other than never is not built yet"))

    def story(self, tree: Tree, node: Node | None) -> StoryPolicy:
        match node:
            case None:
                return StoryPolicy.FIRST
            case ScalarNode(value="first" | "every" as word):
                return StoryPolicy(word)
            case SequenceNode():
                self.mistakes.append(tree.mistake(node, "story: with steps is not built yet"))
            case _:
                shown = node.value if isinstance(node, ScalarNode) else "this"
                self.mistakes.append(tree.mistake(node, f'story: "{shown}" is not known; write first or every'))
        return StoryPolicy.FIRST

    def tests(self, tree: Tree, node: Node | None, fixtures: Mapping[str, Mapping[str, str]]) -> Iterator[RuleTest]:
        if node is None or _is_empty(node):
            return
        if not isinstance(node, SequenceNode):
            self.mistakes.append(tree.mistake(node, "tests: takes a list; begin each with - match: or - no_match:"))
            return
        for item in node.value:
            if not isinstance(item, MappingNode):
                self.mistakes.append(tree.mistake(item, "a test begins with match: or no_match:; write - match: …"))
                continue
            if self.checked(TestEntry, tree, item) is None:
                continue
            if len(item.value) != 1:
                self.mistakes.append(tree.mistake(item, "a test has one key, match: or no_match:"))
                continue
            key, value = item.value[0]
            if _is_empty(value):
                self.mistakes.append(tree.mistake(key, emptied(tree, key)))
                continue
            fields = self.article(tree, value, fixtures)
            if fields is not None:
                mark = item.start_mark
                yield RuleTest(matches=key.value == "match", fields=fields, line=mark.line + 1, column=mark.column + 1)

    def article(self, tree: Tree, node: Node, fixtures: Mapping[str, Mapping[str, str]]) -> Mapping[str, str] | None:
        """Return the fields that a test names or gives."""
        text = str(node.value).strip() if isinstance(node, ScalarNode) else None
        if text is not None and text.startswith("$") and " " not in text:
            if text[1:] not in fixtures:
                self.mistakes.append(tree.mistake(node, unknown("fixture", text[1:], fixtures)))
                return None
            return fixtures[text[1:]]
        if isinstance(node, SequenceNode):
            self.mistakes.append(tree.mistake(node, "a test takes a text, $name of a fixture, or a map of fields"))
            return None
        return self.fields(tree, node)

    def check_channels(self, tree: Tree, node: Node | None) -> None:
        if self.channels is None or not isinstance(node, SequenceNode):
            return
        for item in node.value:
            if isinstance(item, ScalarNode) and item.value and item.value not in self.channels:
                self.mistakes.append(tree.mistake(item, unknown("channel", str(item.value), self.channels)))

    def check_renamed(self) -> None:
        """Refuse a `was` that names a rule which is still there."""
        for tree, node, was in self.renamed:
            if was in self.known_rules:
                message = f'the rule "{was}" is still at {self.known_rules[was]}; was: names an id that is gone'
                self.mistakes.append(tree.mistake(node, message))


def _is_empty(node: Node | None) -> bool:
    return isinstance(node, ScalarNode) and node.style is None and not node.value


def _key(node: MappingNode, key: str) -> Node:
    """Return the node of *key* itself, which stands in the map *node*."""
    return next((name for name, _ in node.value if name.value == key), node)


def _value(node: Node | None, key: str) -> Node | None:
    """Return what stands under *key* in the map *node*."""
    if not isinstance(node, MappingNode):
        return None
    return next((value for name, value in node.value if name.value == key), None)
