"""YAML source text → checked values, and every mistake where it stands."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import Field

from monitor.errors import ConfigError
from monitor.source import Apart, Duration, Strict, Tree, check, duration, known_keys, plain, read, unknown


class Inner(Strict):
    name: str
    size: int = 1
    kind: str | list[int] = "a"


class Outer(Strict):
    items: list[Inner] = Field(default_factory=list)
    named: dict[str, Inner] = Field(default_factory=dict)
    lag: Duration = timedelta(minutes=1)
    is_on: bool = False
    odd: str = Field("x", alias="from")


def told(text: str) -> list[str]:
    with pytest.raises(ConfigError) as refused:
        check(Outer, read("f.yaml", text))
    return str(refused.value).splitlines()


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("a: 1\na: 2\n", '2:1: "a" is here twice (first on line 1); keep one of them'),
        (
            'items:\n  - "UN" NEAR/5 x\n',
            "put single quotes round the whole item, or use a >- block; write '\"UN\" NEAR/5 x'",
        ),
        ("a: &b c\n", "&b is an anchor"),
        ("a: &b [c]\nd: *b\n", "an alias repeats this part"),
        ("a: *b\n", "1:4: * begins an alias; put single quotes round the whole text"),
        ("\ta: 1", "1:1: a tab indents here; YAML allows only spaces"),
        ("a:\n\tb: 1", "a tab indents here"),
        ("a: b: c", "a colon and a space begin a map here"),
        ("a: !foo 3", "!foo is a tag"),
        ("- @foo", "@ cannot begin an unquoted text"),
        ("a: [1, 2", "a bracket or a brace is opened and not closed"),
        ("a: {b", "a bracket or a brace is opened and not closed"),
        ("a:\n  - b\n - c\n", "this line is indented otherwise than its neighbours"),
        ("a: 'b", "a quote is opened and not closed"),
        ("? [a]\n: b\n", "a key must be one word"),
        ("{a: b}: c", "a key must be one word"),
        ("a: 1\n---\nb: 2\n", "one file holds one document"),
        ("a: \x07", "not YAML: "),
        ("[" * 3000, "not YAML: "),
    ],
)
def test_what_yaml_refuses_or_would_change_silently_is_told_as_a_sentence(text: str, said: str) -> None:
    with pytest.raises(ConfigError) as refused:
        read("f.yaml", text)
    assert said in str(refused.value)
    assert "Traceback" not in str(refused.value)


@pytest.mark.parametrize(
    ("text", "mistakes"),
    [
        (
            "itmes: []",
            ['f.yaml:1:1: unknown key "itmes"; did you mean "items"? (known: from, is_on, items, lag, named)'],
        ),
        ("items:\n  - {size: 2}", ['f.yaml:2:5: the key "name" is missing here']),
        (
            "items: [{name: a, nmae: b}]",
            ['f.yaml:1:19: unknown key "nmae"; did you mean "name"? (known: kind, name, size)'],
        ),
        (
            "named: {x: {name: a, siez: b}}",
            ['f.yaml:1:22: unknown key "siez"; did you mean "size"? (known: kind, name, size)'],
        ),
        ("is_on: maybe", ['f.yaml:1:8: "maybe" is neither true nor false; write true or false']),
        ("lag: 5", ['f.yaml:1:6: "5" is no duration; write a number and s, m, h, d or w, such as 30s, 15m, 24h or 7d']),
    ],
)
def test_what_a_schema_refuses_is_told_where_it_stands(text: str, mistakes: list[str]) -> None:
    assert told(text) == mistakes


def test_a_wrong_kind_of_value_names_what_was_found() -> None:
    assert told("items: {a: b}") == ["f.yaml:1:8: a list is needed here; write [a, b], or a line with - for each"]
    assert told("- a") == ["f.yaml:1:1: a map is needed here; write key: value"]
    assert told("named: {x: y}") == ["f.yaml:1:12: a map is needed here; write key: value"]
    assert told("items: [{name: a, size: big}]")[0].startswith('f.yaml:1:25: "big": ')
    assert told("items: [{name: a, kind: [x]}]")[0].startswith("f.yaml:1:2")


@pytest.mark.parametrize(
    "written", ["NO", "12:30", "0x1F", "1244", "2023-07-08", "yes", "on", "1_000", "1e3", "=", "<<"]
)
def test_a_scalar_is_the_text_that_is_written(written: str) -> None:
    assert check(Outer, read("f.yaml", f"items: [{{name: {written}}}]")).items[0].name == written


@pytest.mark.parametrize("written", ["", "~", "null"])
def test_nothing_is_nothing(written: str) -> None:
    assert "f.yaml" in told(f"items: [{{name: {written}}}]")[0]


@pytest.mark.parametrize(
    ("text", "span"),
    [("30s", 30), ("15m", 900), ("24h", 86_400), ("7d", 604_800), ("2w", 1_209_600), (" 5m ", 300), ("0s", 0)],
)
def test_a_duration_is_a_number_and_a_unit(text: str, span: int) -> None:
    assert duration(text) == timedelta(seconds=span)


@pytest.mark.parametrize("text", ["", "5", "m", "-5m", "5 m", "1.5h", "5M", "5mm", "99999999d", "٥m"])
def test_anything_else_is_no_duration(text: str) -> None:
    with pytest.raises(ValueError, match="such as 30s"):
        duration(text)


def test_a_key_without_a_value_is_a_key_that_was_left_out() -> None:
    assert check(Outer, read("f.yaml", "items:\nnamed: # none yet\nlag: ~\n")) == Outer()
    assert told("itmes:\n")[0].startswith('f.yaml:1:1: unknown key "itmes"')
    assert told("items:\n  - name:\n") == ['f.yaml:2:5: the key "name" has no value']


def test_the_mistake_of_an_expansion_is_told_once_and_where_it_stands() -> None:
    def refuse(text: str) -> str:
        raise ValueError("not set")

    with pytest.raises(ConfigError) as refused:
        check(Outer, read("f.yaml", "lag: x\nis_on: y\n"), refuse)
    assert str(refused.value).splitlines() == ["f.yaml:1:6: not set", "f.yaml:2:8: not set"]


def test_an_unknown_name_is_told_with_the_nearest_known_one() -> None:
    assert unknown("channel", "dsek", ["desk", "night"]) == (
        'unknown channel "dsek"; did you mean "desk"? (known: desk, night)'
    )
    assert unknown("channel", "x", []) == 'unknown channel "x" (no channel is known yet)'
    assert unknown("key", "zzz", [f"k{n:02}" for n in range(40)]).endswith("k29, …)")


def test_known_keys_are_those_of_the_place() -> None:
    assert known_keys(Outer, ()) == {"items", "named", "lag", "is_on", "from"}
    assert known_keys(Outer, ("items", 3)) == {"name", "size", "kind"}
    assert known_keys(Outer, ("lag",)) == set()


@given(st.text(max_size=300))
def test_any_text_is_a_tree_or_a_list_of_mistakes(text: str) -> None:
    found = []
    try:
        check(Outer, read("f.yaml", text))
    except ConfigError as error:
        found = list(error.mistakes)
    lines = max(1, len(text.splitlines()))
    assert all(1 <= each.line <= lines + 1 and each.column >= 1 for each in found)


def apart(text: str) -> tuple[Tree, list[tuple[int, object]]]:
    """Return *text* without its list `of`, and line and value of each item of that list."""
    taken: list[tuple[int, object]] = []

    def take(item: Tree) -> None:
        assert item.root is not None
        taken.append((item.root.start_mark.line + 1, plain(item, item.root, str, [])))

    return read("a.yaml", text, Apart("of", take)), taken


def test_a_list_that_is_taken_apart_comes_item_by_item_with_its_places() -> None:
    tree, taken = apart("before: [1, 2]\nof:\n  - {a: [x, y]}\n  - word\n  -\nafter: {of: [3]}\n")
    assert taken == [(3, {"a": ["x", "y"]}), (4, "word"), (5, None)]
    assert plain(tree, tree.root, str, []) == {"before": ["1", "2"], "of": [], "after": {"of": ["3"]}}


@pytest.mark.parametrize("text", ["", "of:\n", "of: word\n", "of: {a: [b]}\n", "- of\n- [a]\n"])
def test_what_is_no_list_of_the_file_s_own_is_not_taken_apart(text: str) -> None:
    whole = read("a.yaml", text)
    tree, taken = apart(text)
    assert plain(tree, tree.root, str, []) == plain(whole, whole.root, str, [])
    assert taken == []


VALUES = st.recursive(
    st.text("ab: '\"#-{}[]\n", max_size=6),
    lambda inside: st.lists(inside, max_size=3) | st.dictionaries(st.text("abc", min_size=1), inside, max_size=3),
)


@given(st.lists(VALUES, max_size=4), st.booleans())
def test_a_list_says_the_same_whole_and_apart(items: list[object], is_first: bool) -> None:
    other, listed = '"other": [["x"]]', f'"of": {json.dumps(items)}'
    text = "{" + ", ".join([listed, other] if is_first else [other, listed]) + "}"
    whole = read("a.yaml", text)
    values = plain(whole, whole.root, str, [])
    tree, taken = apart(text)
    assert [value for _, value in taken] == values["of"]
    assert plain(tree, tree.root, str, []) == values | {"of": []}


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("of:\n- {a: 1, a: 2}\n- {b: &x 1}\nof: 3\n", ['2:10: "a" is here twice', "3:7: &x is an anchor", "4:1: "]),
        ("of:\n- &x {a: 1}\n- *x\n", ["2:3: &x is an anchor"]),
        ("x: &x [1]\nof: *x\n", ["1:4: &x is an anchor", "1:4: an alias"]),
        ("of:\n- {a: 1, a: 2}\n- {b\n", ["4:1: a bracket or a brace is opened"]),
    ],
)
def test_what_is_wrong_in_a_list_taken_apart_is_told_with_the_rest(text: str, told: list[str]) -> None:
    with pytest.raises(ConfigError) as refused:
        apart(text)
    lines = str(refused.value).splitlines()
    assert len(lines) == len(told)
    for line, expected in zip(lines, told, strict=True):
        assert expected in line
