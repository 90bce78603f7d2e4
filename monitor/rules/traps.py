"""What YAML changes without a word in the texts of rules and entities → mistakes that print the quoted form.  Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

from monitor.errors import Mistake
from monitor.rules.query import is_query
from monitor.source import MappingNode, Node, ScalarNode, SequenceNode, Tree

_SPECIAL_START = tuple("\"'[]{}>|*&!%#`@,?:-")


def in_yaml(text: str) -> str:
    """Return *text* as it is written in a YAML file, in single quotes where it needs them."""
    plain = not text.startswith(_SPECIAL_START) and not re.search(r": |:$| #|[\[\]{},]|^$|^~$|\n|^\s|\s$", text)
    return text if plain else "'" + text.replace("'", "''") + "'"


def query_in_yaml(text: str) -> str:
    """Return a list item that means the phrase *text*, whatever signs it holds."""
    return in_yaml(f'"{text}"' if is_query(text) else text)


def items(tree: Tree, node: Node | None, *, queries: bool) -> Iterator[Mistake]:
    """Yield what changed its meaning among the items of the list *node*; *queries*: items may be queries."""
    if not isinstance(node, SequenceNode):
        return
    before: Node | None = None
    for item in node.value:
        if isinstance(item, ScalarNode):
            yield from _empty(tree, item, queries=queries)
            yield from commented(tree, item, queries=queries)
            if before is not None and _torn(tree, before, item):
                whole = f"{before.value},{item.value}"
                message = "a comma between digits begins a new item here"
                yield tree.mistake(
                    before, f"{message}; write {in_yaml(whole)} for one, a space after the comma for two"
                )
        elif isinstance(item, MappingNode) and item.value:
            yield from _map(tree, item, queries=queries)
        before = item


def emptied(tree: Tree, key: Node) -> str:
    """Return what to say of the *key* that has no text."""
    lost = re.match(r":[ \t]+(#.*)", _rest_of_line(tree, key))
    if lost:
        return f"{key.value}: is empty: YAML takes {lost[1]} for a comment; write {key.value}: {in_yaml(lost[1])}"
    return f"{key.value}: is empty; write a text after it"


def _rest_of_line(tree: Tree, node: Node) -> str:
    end = node.end_mark.index
    newline = tree.text.find("\n", end)
    return tree.text[end : newline if newline >= 0 else len(tree.text)].rstrip("\r")


def _empty(tree: Tree, item: ScalarNode, *, queries: bool) -> Iterator[Mistake]:
    if item.value or item.style is not None:
        return
    lost = re.search(r"#.*", _rest_of_line(tree, item))
    if lost:
        text = re.sub(r"\s+", " ", lost[0]).strip()
        written = query_in_yaml(text) if queries else in_yaml(text)
        yield tree.mistake(item, f"the item is empty: YAML takes {text} for a comment; write - {written}")
    else:
        yield tree.mistake(item, "the item is empty; write a text, or take the line away")


def commented(tree: Tree, item: ScalarNode, *, queries: bool, tags_only: bool = False) -> Iterator[Mistake]:
    """Yield the mistake of a comment right after the unquoted *item*; *tags_only*: only what may be a hash tag."""
    if item.style is not None or not item.value:
        return
    lost = re.match(r"[ \t]+(#\S.*)" if tags_only else r"[ \t]+(#.*)", _rest_of_line(tree, item))
    if not lost:
        return
    tag = lost[1].strip()
    if tag.startswith("# "):
        message = f"a comment right after an unquoted text; write '{item.value}' {tag}"
    elif queries and (tags_only or is_query(item.value)):
        message = f"YAML cuts this text off before {tag}; write " + in_yaml(f'{item.value} AND "{tag}"')
    else:
        message = f"YAML cuts this text off before {tag}; write " + in_yaml(f"{item.value} {tag}")
    yield tree.mistake(item, f"{message}, or put the comment on a line of its own")


def _torn(tree: Tree, before: Node, item: ScalarNode) -> bool:
    """Return whether 1,244 was torn into 1 and 244."""
    return (
        isinstance(before, ScalarNode)
        and before.style is None
        and item.style is None
        and bool(re.search(r"\d$", before.value) and re.match(r"\d", item.value))
        and tree.text[before.end_mark.index : item.start_mark.index] == ","
    )


def _map(tree: Tree, item: MappingNode, *, queries: bool) -> Iterator[Mistake]:
    """Yield the mistake of a text with a colon that became a map."""
    key, value = item.value[0]
    if queries and (key.value in ("all", "any", "none", "score") or not isinstance(value, ScalarNode)):
        return
    text = f"{key.value}: {value.value}" if isinstance(value, ScalarNode) else f"{key.value}: …"
    if queries and key.value in ("headline", "title", "lede", "body", "sentence"):
        written = in_yaml(f"{key.value}:{value.value}")
    else:
        written = query_in_yaml(text) if queries else in_yaml(text)
    yield tree.mistake(item, f"a colon and a space made a map of this text; write {written}")


def unreadable(text: str, mistake: Mistake) -> Mistake:
    """Return *mistake*, that *text* is not YAML, with the text to write instead where a sign of ours is the cause."""
    lines = text.splitlines()
    line = lines[mistake.line - 1] if mistake.line <= len(lines) else ""
    if found := re.search(r"undefined alias '(.*)'", mistake.message):
        message = "* before a word is an alias to YAML, and a wildcard cannot stand first"
        return replace(mistake, message=f"{message}; write {found[1]}")
    if "'<stream end>'" in mistake.message or "expected ','" in mistake.message:
        for number, begun in enumerate(lines, 1):
            if cut := re.match(r"([^'\"#]*\[(?:[^\]#'\"]*,)?\s*)([^\]#'\",]*\S)\s+(#[^\]\n]*?)\s*\]", begun):
                written = in_yaml(f"{cut[2]} {cut[3]}")
                message = f"YAML takes {cut[3]} and the bracket after it for a comment; write {written}"
                return replace(mistake, line=number, column=len(cut[1]) + 1, message=message)
    torn = re.search(r'"[^"]*"~?[^",\]}]*[^",\]}\s][^",\]}]*(?:"[^"]*"[^",\]}]*)*', line[: mistake.column + 200])
    if "expected ','" in mistake.message and torn:
        item = torn[0].strip()
        return replace(mistake, message=f"put single quotes round the whole item; write {in_yaml(item)}")
    return mistake
