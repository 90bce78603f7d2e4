"""YAML source text → checked values, and for every mistake the line and column where it stands.

Scalars are taken as they are written (`NO` is Norway, `12:30` a text, `0x1F` a
word): the schema that a value is checked against says what it is to be.  What
YAML would change silently, duplicate keys, anchors and tags, is a mistake here.
"""

from __future__ import annotations

import difflib
import re
import types
import typing
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from typing import Annotated, Any, TypeVar

from pydantic import BaseModel, BeforeValidator, ConfigDict, ValidationError, WithJsonSchema, model_validator
from ruamel.yaml import YAML
from ruamel.yaml.composer import Composer
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from monitor.errors import ConfigError, Mistake

__all__ = [
    "Duration",
    "Expand",
    "MappingNode",
    "Node",
    "ScalarNode",
    "SequenceNode",
    "Strict",
    "Tree",
    "check",
    "duration",
    "known_keys",
    "plain",
    "read",
    "unknown",
]  # the nodes too: whoever reads YAML by hand reads it from here

Expand = Callable[[str], str]
"""Turns a scalar's text into the text that counts; a ValueError's text becomes a mistake."""

MOST_NODES = 500_000  # scalars, lists and maps in one tree; a 10,000-rule file has about 200,000


class Strict(BaseModel):
    """What every schema of ours descends from: frozen, and an unknown key is a mistake."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    @model_validator(mode="before")
    @classmethod
    def _left_out(cls, given: object) -> object:
        """A key without a value is a key that was left out: all the feeds may be comments."""
        if not isinstance(given, dict):
            return given
        return {key: value for key, value in given.items() if value is not None or key not in cls.model_fields}


M = TypeVar("M", bound=BaseModel)

# ------------------------------------------------------------------ durations

LONGEST_DURATION = 36_525 * 86400  # seconds; what is added to a date must stay one
UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86400, "w": 604800}


def duration(text: str) -> timedelta:
    """Return the duration that *text* (`30s`, `15m`, `24h`, `7d`, `2w`) writes; ValueError for anything else."""
    found = re.fullmatch(r"([0-9]{1,7})([smhdw])", text.strip())
    if not found:
        raise ValueError(f'"{text}" is no duration; write a number and s, m, h, d or w, such as 30s, 15m, 24h or 7d')
    seconds = int(found[1]) * UNITS[found[2]]
    if seconds > LONGEST_DURATION:
        raise ValueError(f'"{text}" is longer than a hundred years; write 5000w for what never ends')
    return timedelta(seconds=seconds)


def _duration(value: object) -> object:
    return duration(value) if isinstance(value, str) else value


def written(span: timedelta) -> str:
    """Return *span* as `duration` reads it: "24h", "15m", "0s"."""
    seconds = int(span.total_seconds())
    fitting = (unit for unit, least in (("d", 2), ("h", 1), ("m", 1)) if seconds >= least * UNITS[unit])
    unit = next((unit for unit in fitting if seconds % UNITS[unit] == 0), "s")
    return f"{seconds // UNITS[unit]}{unit}"


Duration = Annotated[
    timedelta,
    BeforeValidator(_duration),
    WithJsonSchema({"type": "string", "pattern": "^[0-9]{1,7}[smhdw]$", "examples": ["30s", "15m", "24h", "7d"]}),
]

# ------------------------------------------------------------------ the tree


@dataclass(frozen=True, slots=True)
class Tree:
    """One file as nodes that know where they stand."""

    file: str
    text: str
    root: Node | None

    def mistake(self, node: Node | None, message: str) -> Mistake:
        """Return the mistake *message* at *node*, or at the file's start."""
        mark = node.start_mark if node is not None else None
        return Mistake(
            file=self.file,
            line=mark.line + 1 if mark else 1,
            column=mark.column + 1 if mark else 1,
            message=message,
        )

    def line(self, node: Node) -> str:
        """Return the whole source line that *node* begins on."""
        lines = self.text.splitlines()
        return lines[node.start_mark.line] if node.start_mark.line < len(lines) else ""

    def at(self, path: Sequence[str | int], *, key: bool = False) -> Node | None:
        """Return the node at *path* (the key's own node if *key*), or the nearest one above it.

        Parts that lead nowhere are passed over: a validator's path also names
        the alternatives of a union that it tried.
        """
        here = self.root
        for part in path:
            match here:
                case MappingNode():
                    for name, value in here.value:
                        if name.value == str(part):
                            here = name if key and part == path[-1] else value
                            break
                case SequenceNode() if isinstance(part, int) and part < len(here.value):
                    here = here.value[part]
        return here


@dataclass(frozen=True, slots=True)
class Apart:
    """A list of the file whose items are read one by one, each a tree that *take* gets and nobody keeps.

    As one tree 10,000 feeds take 80 MB, of which most would stay with the process: what lives on lies between.
    """

    key: str  # of the file's own map
    take: Callable[[Tree], None]


def read(file: str, text: str, apart: Apart | None = None) -> Tree:
    """Return *text* as a tree, the list *apart* empty in it; ConfigError with what makes it no tree of ours.

    What is wrong with an item that is taken apart is told with the rest, and *take* does not see it.
    """
    mistakes: list[Mistake] = []
    yaml = YAML(typ="safe", pure=True)
    if apart is not None:
        hand_over = partial(_part, file, text, apart.take, mistakes)
        yaml.Composer = _parting(apart.key, hand_over)
    try:
        root = yaml.compose(text)
    except MarkedYAMLError as error:
        raise ConfigError([_unreadable(file, text, error)]) from error
    except (YAMLError, ValueError, RecursionError) as error:
        message = "nested too deeply" if isinstance(error, RecursionError) else str(error).splitlines()[0]
        raise ConfigError([Mistake(file=file, line=1, column=1, message=f"not YAML: {message}")]) from error
    tree = Tree(file=file, text=text, root=root)
    mistakes += _changed_silently(tree)
    if mistakes:
        raise ConfigError(list(dict.fromkeys(mistakes)))
    return tree


def _parting(key: str, hand_over: Callable[[Node], None]) -> type[Composer]:
    """Return what composes a file, but hands over the items of the list under *key* as they are read."""

    class Parting(Composer):
        is_inside = False

        def compose_node(self, parent: Any, index: Any) -> Any:
            if self.depth == 1:  # in the file's own map, whose values come with their keys
                self.is_inside = isinstance(index, ScalarNode) and index.value == key
            node = super().compose_node(parent, index)
            if self.depth == 2 and self.is_inside and isinstance(parent, SequenceNode):
                hand_over(node)
                return None  # in the place of what is not kept
            if self.depth == 1 and self.is_inside and isinstance(node, SequenceNode):
                node.value.clear()
            return node

    return Parting


def _part(file: str, text: str, take: Callable[[Tree], None], mistakes: list[Mistake], node: Node) -> None:
    item = Tree(file=file, text=text, root=node)
    if found := list(_changed_silently(item)):
        mistakes += found
    else:
        take(item)


VARIABLE_IN_BRACES = re.compile(r"[{\[,].*(?<![\"'\w])\$\{")


def _unreadable(file: str, text: str, error: MarkedYAMLError) -> Mistake:
    mark = error.problem_mark or error.context_mark
    line, column = (mark.line, mark.column) if mark else (0, 0)
    lines = text.splitlines()
    shown = lines[line].strip() if line < len(lines) else ""
    problem = (error.problem or "not YAML").strip()
    if "\t" in (lines[line] if line < len(lines) else "") and "\\t" in problem:
        message = "a tab indents here; YAML allows only spaces"
    elif re.match(r'^(-\s+|[\w-]+:\s+)?"[^"]*"\s*\S', shown):
        item = re.sub(r"^(-\s+|[\w-]+:\s+)", "", shown)
        quoted = item.replace("'", "''")
        message = f"put single quotes round the whole item, or use a >- block; write '{quoted}'"
    elif re.match(r"^(-\s+|[\w-]+:\s+)?[@`%]", shown):
        message = f"{shown.lstrip('- ')[:1]} cannot begin an unquoted text; put single quotes round the whole item"
    elif VARIABLE_IN_BRACES.search(shown):
        message = 'inside { } and [ ] a variable needs quotes; write "${NAME}"'
    elif "mapping values are not allowed" in problem:
        message = "a colon and a space begin a map here; put single quotes round the whole text"
    else:
        hint = next((hint for said, hint in HINTS if said in problem), None)
        message = f"{hint} ({problem})" if hint else f"not YAML: {problem}"
    return Mistake(file=file, line=line + 1, column=column + 1, message=message)


HINTS = (
    ("another document", "one file holds one document; take the --- out, or make two files"),
    (
        "expected <block end>",
        "this line is indented otherwise than its neighbours; let keys and dashes stand in one column",
    ),
    ("'<stream end>'", "a bracket or a brace is opened and not closed; write ] or }"),
    ("found unexpected end of stream", "a quote is opened and not closed"),
    ("could not find expected ':'", "a key without a colon; write key: value"),
    ("undefined alias", "* begins an alias; put single quotes round the whole text"),
)
"""What the parser says → what to do, for what people meet most."""


def _changed_silently(tree: Tree) -> Iterator[Mistake]:
    """Yield what YAML takes without a word although it changes what was meant."""
    waiting = [tree.root] if tree.root is not None else []
    met: set[int] = set()
    while waiting:
        node = waiting.pop()
        if id(node) in met:
            yield tree.mistake(node, "an alias repeats this part; write it out, since anchors and aliases are not used")
            continue
        met.add(id(node))
        if len(met) > MOST_NODES:
            yield tree.mistake(node, f"more than {MOST_NODES:,} values in one file; split it")
            return
        if node.anchor:
            yield tree.mistake(node, f"&{node.anchor} is an anchor; write the value out, or quote it if it is text")
        elif isinstance(node, ScalarNode) and _tagged(node):
            yield tree.mistake(node, f"{node.tag} is a tag; put single quotes round the whole text if it is text")
        if isinstance(node, MappingNode):
            yield from _keys(tree, node)
            waiting.extend(value for _, value in node.value)
        elif isinstance(node, SequenceNode):
            waiting.extend(node.value)


def _tagged(node: ScalarNode) -> bool:
    return str(node.tag).startswith("!")


def _keys(tree: Tree, node: MappingNode) -> Iterator[Mistake]:
    first: dict[str, Node] = {}
    for key, _ in node.value:
        if not isinstance(key, ScalarNode):
            yield tree.mistake(key, "a key must be one word, not a list or a map; was a quote or a $ left out?")
        elif key.value in first:
            line = first[key.value].start_mark.line + 1
            yield tree.mistake(key, f'"{key.value}" is here twice (first on line {line}); keep one of them')
        else:
            first[key.value] = key


def plain(tree: Tree, node: Node | None, expand: Expand, mistakes: list[Mistake]) -> Any:
    """Return *node* as dicts, lists, texts and None; what *expand* refuses joins *mistakes*."""
    match node:
        case MappingNode():
            return {str(key.value): plain(tree, value, expand, mistakes) for key, value in node.value}
        case SequenceNode():
            return [plain(tree, item, expand, mistakes) for item in node.value]
        case ScalarNode():
            if node.style is None and node.value in ("", "~", "null"):
                return None
            try:
                return expand(str(node.value))
            except ValueError as error:
                mistakes.append(tree.mistake(node, str(error)))
                return str(node.value)
        case _:
            return None


def check(schema: type[M], tree: Tree, expand: Expand = str) -> M:
    """Return *tree* as *schema*; ConfigError with every mistake, each where it stands."""
    mistakes: list[Mistake] = []
    values = plain(tree, tree.root, expand, mistakes)
    try:
        checked = schema.model_validate({} if values is None else values)
    except ValidationError as error:
        unset = {(mistake.line, mistake.column) for mistake in mistakes}
        found = (_told(schema, tree, item) for item in error.errors(include_url=False))
        mistakes.extend(m for m in found if (m.line, m.column) not in unset)
        raise ConfigError(list(dict.fromkeys(mistakes))) from error
    if mistakes:
        raise ConfigError(mistakes)
    return checked


def _told(schema: type[BaseModel], tree: Tree, error: Any) -> Mistake:
    """Return pydantic's *error* as a mistake in our words."""
    path = tuple(part for part in error["loc"] if part != "[key]")
    node = tree.at(path, key=error["type"] in ("extra_forbidden", "missing") or "[key]" in error["loc"])
    said, shown = error["msg"], error.get("input")
    match error["type"]:
        case "extra_forbidden":
            message = unknown("key", str(path[-1]), known_keys(schema, path[:-1]))
        case "missing":
            is_there = isinstance(node, ScalarNode) and node.value == path[-1]
            message = f'the key "{path[-1]}" {"has no value" if is_there else "is missing here"}'
        case "literal_error" | "enum":
            message = f'"{shown}" is not known here; write {said.removeprefix("Input should be ")}'
        case "bool_parsing" | "bool_type":
            message = f'"{shown}" is neither true nor false; write true or false'
        case "model_type" | "model_attributes_type" | "dict_type":
            message = "a map is needed here; write key: value"
        case "list_type" | "tuple_type":
            message = "a list is needed here; write [a, b], or a line with - for each"
        case "string_type":
            message = "a text is needed here, not a list or a map; write one, in quotes if it begins with [ or {"
        case "value_error":
            message = said.removeprefix("Value error, ")
        case _ if isinstance(shown, str):
            message = f'"{shown}": {said[:1].lower()}{said[1:]}'
        case _:
            message = f"{said[:1].lower()}{said[1:]}"
    return tree.mistake(node, message)


def unknown(kind: str, name: str, known: Iterable[str]) -> str:
    """Return the message for an unknown *name*: the nearest known one, and all of them."""
    names = sorted(known)
    near = difflib.get_close_matches(name, names, n=1, cutoff=0.6)
    guess = f'; did you mean "{near[0]}"?' if near else ""
    shown = ", ".join(names[:30]) + (", …" if len(names) > 30 else "")
    return f'unknown {kind} "{name}"{guess}' + (f" (known: {shown})" if names else f" (no {kind} is known yet)")


def known_keys(schema: Any, path: Sequence[str | int]) -> set[str]:
    """Return the keys that *schema* takes at *path*; none where it is not a map of named keys."""
    here: list[Any] = [schema]
    for part in path:
        here = [inner for outer in here for inner in _inside(outer, part)] or here
    return {
        str(info.alias or name)
        for each in here
        for kind in _alternatives(each)
        if isinstance(kind, type) and issubclass(kind, BaseModel)
        for name, info in kind.model_fields.items()
    }


def _inside(kind: Any, part: str | int) -> Iterator[Any]:
    for each in _alternatives(kind):
        origin, arguments = typing.get_origin(each), typing.get_args(each)
        if isinstance(each, type) and issubclass(each, BaseModel):
            yield from (
                info.annotation for name, info in each.model_fields.items() if part in (name, info.alias or name)
            )
        elif origin in (list, tuple) and isinstance(part, int):
            yield arguments[0]
        elif origin is dict and isinstance(part, str):
            yield arguments[1]


def _alternatives(kind: Any) -> Iterator[Any]:
    if typing.get_origin(kind) is Annotated:
        yield from _alternatives(typing.get_args(kind)[0])
    elif typing.get_origin(kind) in (typing.Union, types.UnionType):
        for each in typing.get_args(kind):
            yield from _alternatives(each)
    else:
        yield kind
