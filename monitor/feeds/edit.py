"""The text of feeds.yaml → the same text with a feed more, less or elsewhere, every other byte where it was.  Pure."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence

from monitor.source import MappingNode, Node, SequenceNode, read

PLAIN = re.compile(r"[A-Za-z][A-Za-z0-9_./+-]*")  # texts that YAML takes as they are, everywhere
NOT_TEXT = frozenset({"true", "false", "yes", "no", "on", "off", "null", "y", "n"})  # to readers other than ours


Item = Mapping[str, str | bool | Mapping[str, str]]
"""A feed's keys, and what is written after them."""


def added(text: str, feeds: Sequence[Item]) -> str:
    """Return *text* with *feeds* (keys and values of each) after the last one there is, in its style and indentation.

    ConfigError if *text* is no YAML.  What comes out is worth loading before it
    is kept: a file in an unusual shape may not take another feed so.
    """
    key, value = _listed(text)
    if not feeds:
        return text
    if key is None:
        return _with_lines(text, len(text), "feeds:\n" + _lines(feeds, indent=2))
    if isinstance(value, SequenceNode) and value.value:
        last = value.value[-1]
        if value.flow_style:
            return _spliced(text, _end(last), _end(last), "".join(f", {line(feed)}" for feed in feeds))
        is_block = isinstance(last, MappingNode) and not last.flow_style
        more = _lines(feeds, indent=value.start_mark.column, block=is_block)
        return _with_lines(text, _next_line(text, _end(last)), more)
    if isinstance(value, SequenceNode):  # feeds: []
        text = _spliced(text, text.index(":", _end(key)) + 1, _end(value), "")
    return _with_lines(text, _next_line(text, _end(key)), _lines(feeds, indent=key.start_mark.column + 2))


def removed(text: str, id: str) -> str:
    """Return *text* without the feed *id*; ValueError if none is written so.  Comments around it stay."""
    _, value = _listed(text)
    items = value.value if isinstance(value, SequenceNode) else []
    n = next((n for n, item in enumerate(items) if _id(item) == id), None)
    if not isinstance(value, SequenceNode) or n is None:
        raise ValueError(f'no feed has the id "{id}" in feeds.yaml')
    item = items[n]
    if value.flow_style:
        start = items[n - 1].end_mark.index if n else item.start_mark.index
        end = items[1].start_mark.index if not n and len(items) > 1 else _end(item)
        return _spliced(text, start, end, "")
    dashes = re.finditer(rf"^ {{{value.start_mark.column}}}-(?=\s)", text[: item.start_mark.index + 1], re.MULTILINE)
    *_, dash = dashes
    left = _spliced(text, dash.start(), _next_line(text, _end(item)), "")
    return left if len(items) > 1 else _with_empty_list(left)


def moved(text: str, id: str, url: str) -> str:
    """Return *text* with *url* as the address of the feed *id*; ValueError if that is not written there plainly."""
    _, value = _listed(text)
    items = value.value if isinstance(value, SequenceNode) else []
    item = next((item for item in items if _id(item) == id), None)
    pairs = item.value if isinstance(item, MappingNode) else []
    at = next((value for key, value in pairs if key.value == "url"), None)
    if at is None:
        raise ValueError(f"the feed {id} has no url there")
    if "$" in at.value.replace("$$", ""):
        raise ValueError(f"the url of {id} is made of a variable")
    return _spliced(text, at.start_mark.index, at.end_mark.index, _scalar(url))


def line(feed: Item) -> str:
    """Return *feed* as one line of YAML: what to add by hand where the file cannot be written."""
    return "{" + ", ".join(f"{_scalar(key)}: {_written_out(value)}" for key, value in feed.items()) + "}"


# ------------------------------------------------------------------ where things stand


def _listed(text: str) -> tuple[Node | None, Node | None]:
    """Return the key `feeds` and its value."""
    root = read("feeds.yaml", text).root
    pairs = root.value if isinstance(root, MappingNode) else []
    return next(((key, value) for key, value in pairs if key.value == "feeds"), (None, None))


def _id(item: Node) -> str | None:
    pairs = item.value if isinstance(item, MappingNode) else []
    return next((value.value for key, value in pairs if key.value == "id"), None)


def _end(node: Node) -> int:
    """Return the position behind *node*'s last character.

    The marks of a block, and of a value that was left out, stand behind the
    comments that follow: only what is inside a block tells where it ends.
    """
    return max(int(inner.end_mark.index) for inner in _written(node))


def _written(node: Node) -> Iterator[Node]:
    match node:
        case MappingNode(flow_style=False):
            for key, value in node.value:
                yield key
                yield from _written(value)
        case SequenceNode(flow_style=False):
            for item in node.value:
                yield from _written(item)
        case _ if node.end_mark.index > node.start_mark.index:
            yield node


def _next_line(text: str, at: int) -> int:
    """Return where the line after the one that ends at or after *at* begins; a `|` block ends there already."""
    if at and text[at - 1] == "\n":
        return at
    end = text.find("\n", at)
    return len(text) if end < 0 else end + 1


# ------------------------------------------------------------------ cutting and writing


def _spliced(text: str, start: int, end: int, between: str) -> str:
    return text[:start] + between + text[end:]


def _with_lines(text: str, at: int, lines: str) -> str:
    """Return *text* with whole *lines* at *at*, with the line ends that it has."""
    newline = "\r\n" if "\r\n" in text else "\n"
    gap = newline if at and text[at - 1] != "\n" else ""
    return _spliced(text, at, at, gap + lines.replace("\n", newline))


def _with_empty_list(text: str) -> str:
    """Return *text* with `[]` after `feeds:`, since nothing at all would be no list."""
    key, _ = _listed(text)
    at = text.index(":", _end(key)) + 1 if key is not None else len(text)
    return _spliced(text, at, at, " []")


def _lines(feeds: Sequence[Item], *, indent: int, block: bool = False) -> str:
    dash, inner = " " * indent + "- ", "\n" + " " * (indent + 2)
    if not block:
        return "".join(f"{dash}{line(feed)}\n" for feed in feeds)
    return "".join(
        dash + inner.join(f"{key}: {_written_out(value)}" for key, value in feed.items()) + "\n" for feed in feeds
    )


def _written_out(value: str | bool | Mapping[str, str]) -> str:
    match value:
        case bool():
            return "true" if value else "false"
        case str():
            return _scalar(value)
        case Mapping():
            return line(value)


def _scalar(value: str) -> str:
    """Return *value* as YAML, safe in a flow map; a dollar sign is doubled, since variables are expanded."""
    escaped = value.replace("$", "$$")
    if PLAIN.fullmatch(escaped) and escaped.lower() not in NOT_TEXT:
        return escaped
    return json.dumps(escaped, ensure_ascii=False)
