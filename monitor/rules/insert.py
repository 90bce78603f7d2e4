"""A rules file's text and one more test → the text with the test in it, every other byte where it was.  Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from monitor.errors import UsageError
from monitor.model import Article
from monitor.rules.traps import in_yaml
from monitor.source import MappingNode, Node, ScalarNode, SequenceNode, Tree, read, unknown

FIELDS = ("headline", "lede", "body", "section", "language", "outlet", "country", "feed")


def fields_of(article: Article) -> dict[str, str]:
    """Return the fields of *article* that a rule may read; paragraphs stand apart by a blank line."""
    found = {name: getattr(article, name) for name in FIELDS if name != "body"}
    found["body"] = "\n\n".join(article.body)
    return {name: str(found[name]) for name in FIELDS if found[name]}


def with_test(file: str, text: str, rule_id: str, fields: Mapping[str, str], *, matches: bool) -> str:
    """Return *text* with the test that *rule_id* must match an article of *fields*, or must not.

    UsageError if the file has no such rule; ConfigError if it is not YAML.
    """
    tree = read(file, text)
    rule = _rule(tree, rule_id)
    key = "match" if matches else "no_match"
    tests = next((value for name, value in rule.value if name.value == "tests"), None)
    newline = "\r\n" if "\r\n" in text else "\n"
    match tests:
        case SequenceNode(flow_style=True, value=[]):
            return _put(text, tests.start_mark.index + 1, _in_flow(key, fields))
        case SequenceNode(flow_style=True, value=listed):
            return _put(text, _end(text, listed[-1]), ", " + _in_flow(key, fields))
        case SequenceNode(value=listed):
            dash = text.rfind("-", 0, listed[-1].start_mark.index)
            indent = dash - text.rfind("\n", 0, dash) - 1
            return _put_lines(text, _end(text, listed[-1]), list(_lines(key, fields, indent)), newline)
        case ScalarNode():
            name = next(name for name, _ in rule.value if name.value == "tests")
            lines = list(_lines(key, fields, name.start_mark.column + 2))
            return _put_lines(text, int(name.end_mark.index), lines, newline)
        case _:
            return _with_tests(text, rule, key, fields, newline)


def _rule(tree: Tree, rule_id: str) -> MappingNode:
    listed = next((value for name, value in _pairs(tree.root) if name.value == "rules"), None)
    rules = [one for one in (listed.value if isinstance(listed, SequenceNode) else []) if isinstance(one, MappingNode)]
    named = {str(value.value): one for one in rules for name, value in one.value if name.value == "id"}
    if rule_id not in named:
        raise UsageError(f"{tree.file}: {unknown('rule', rule_id, named)}")
    return named[rule_id]


def _pairs(node: Node | None) -> list[tuple[Node, Node]]:
    return node.value if isinstance(node, MappingNode) else []


def _with_tests(text: str, rule: MappingNode, key: str, fields: Mapping[str, str], newline: str) -> str:
    """Return *text* with `tests:` as the last key of *rule*, which has none."""
    end = _end(text, rule.value[-1][1])
    if rule.flow_style:
        return _put(text, end, f", tests: [{_in_flow(key, fields)}]")
    column = rule.value[0][0].start_mark.column
    return _put_lines(text, end, [" " * column + "tests:", *_lines(key, fields, column + 2)], newline)


def _end(text: str, node: Node) -> int:
    """Return where the last sign of *node* ends."""
    if isinstance(node, ScalarNode):
        return len(text[: int(node.end_mark.index)].rstrip()) if node.style in ("|", ">") else int(node.end_mark.index)
    if not isinstance(node, (MappingNode, SequenceNode)) or node.flow_style or not node.value:
        return int(node.end_mark.index)
    last = node.value[-1]
    return _end(text, last[1] if isinstance(node, MappingNode) else last)


def _put(text: str, at: int, more: str) -> str:
    return text[:at] + more + text[at:]


def _put_lines(text: str, at: int, lines: list[str], newline: str) -> str:
    """Return *text* with *lines* after the line that *at* stands in."""
    end = text.find("\n", at)
    if end < 0:
        return text + newline + newline.join(lines) + newline
    return _put(text, end + 1, "".join(line + newline for line in lines))


def _lines(key: str, fields: Mapping[str, str], indent: int) -> Iterator[str]:
    """Yield the lines of one test whose dash stands at *indent*."""
    pad = " " * indent
    yield f"{pad}- {key}:"
    for name, value in fields.items():
        paragraphs = _paragraphs(value)
        if len(paragraphs) > 1:
            yield f"{pad}    {name}:"
            yield from (f"{pad}      - {in_yaml(one)}" for one in paragraphs)
        else:
            yield f"{pad}    {name}: {in_yaml(''.join(paragraphs))}"


def _in_flow(key: str, fields: Mapping[str, str]) -> str:
    """Return one test in a line of its own brackets."""
    listed = []
    for name, value in fields.items():
        paragraphs = [in_yaml(one) for one in _paragraphs(value)]
        listed.append(f"{name}: [{', '.join(paragraphs)}]" if len(paragraphs) > 1 else f"{name}: {''.join(paragraphs)}")
    return f"{{{key}: {{{', '.join(listed)}}}}}"


def _paragraphs(value: str) -> list[str]:
    """Return the paragraphs of *value*, each in one line without signs that YAML does not take."""
    parts = (
        re.sub(r"[\s\x00-\x1f\x7f-\x9f\ufffe\uffff\ufeff]+", " ", part).strip() for part in re.split(r"\n\s*\n", value)
    )
    return [part for part in parts if part]
