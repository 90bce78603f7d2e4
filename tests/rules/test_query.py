"""The query language: what is read, what is refused and with which words, and the way back to text."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.model import (
    All,
    AnyOf,
    Apart,
    AtLeast,
    Condition,
    EntityId,
    Field,
    InField,
    Named,
    Near,
    Not,
    Pattern,
    Stretch,
    Term,
    Together,
    Wildcard,
)
from monitor.rules.query import QueryError, is_query, item, parse, printed, reads_forward

A, B, C = Term(text="a"), Term(text="b"), Term(text="c")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a", A),
        ("Kosovo-Metohija", Term(text="Kosovo-Metohija")),
        ("word~", Term(text="word", stemmed=True)),
        ('"a phrase"~', Term(text="a phrase", stemmed=True)),
        ("=Danas", Term(text="Danas", exact=True)),
        ('="Danas je"', Term(text="Danas je", exact=True)),
        ("=U.N.", Term(text="U.N.", exact=True)),
        ("secur*", Wildcard(pattern="secur*")),
        ("wom?n", Wildcard(pattern="wom?n")),
        ("$resolution-1244", Named(id=EntityId("resolution-1244"))),
        ("/[A-Z]+/", Pattern(regex="[A-Z]+")),
        (r"/a\/b/", Pattern(regex="a/b")),
        ("sentence:/a.*b c/", Pattern(regex="a.*b c", sentence=True)),
        ("12:30", Term(text="12:30")),
        ("AC/DC", Term(text="AC/DC")),
        ("a AND b", All(of=(A, B))),
        ("a AND b AND c", All(of=(A, B, C))),
        ("a OR b OR c", AnyOf(of=(A, B, C))),
        ("a NOT b", All(of=(A, Not(of=B)))),
        ("a AND NOT b", All(of=(A, Not(of=B)))),
        ("a NOT b AND c", All(of=(A, Not(of=B), C))),
        ("NOT a AND b", All(of=(Not(of=A), B))),
        ("(a OR b) AND c", All(of=(AnyOf(of=(A, B)), C))),
        ("((a))", A),
        ("a\n  AND\tb", All(of=(A, B))),
        ("a NEAR/5 b", Near(left=A, right=B, within=5)),
        ("a ONEAR/99 b", Near(left=A, right=B, within=99, ordered=True)),
        ("a NOT NEAR/1 b", Apart(left=A, right=B, within=1)),
        ("a NOT b NOT NEAR/1 c", All(of=(A, Not(of=Apart(left=B, right=C, within=1))))),
        ("a SAME-SENTENCE (b OR c)", Together(left=A, right=AnyOf(of=(B, C)), stretch=Stretch.SENTENCE)),
        ("a SAME-PARAGRAPH b", Together(left=A, right=B, stretch=Stretch.PARAGRAPH)),
        ("ATLEAST/3 (a OR b)", AtLeast(count=3, of=AnyOf(of=(A, B)))),
        ("headline:a", InField(field=Field.HEADLINE, of=A)),
        ("title:a", InField(field=Field.HEADLINE, of=A)),
        ("lede:(a NOT b)", InField(field=Field.LEDE, of=All(of=(A, Not(of=B))))),
        ("body:ATLEAST/2 a", InField(field=Field.BODY, of=AtLeast(count=2, of=A))),
        ("„Savet bezbednosti“ OR «a»", AnyOf(of=(Term(text="Savet bezbednosti"), A))),
        ("“a b” OR ”b c”", AnyOf(of=(Term(text="a b"), Term(text="b c")))),
        ("or AND bourse", All(of=(Term(text="or"), Term(text="bourse")))),
        ('"Trinidad AND Tobago"', Term(text="Trinidad AND Tobago")),
    ],
)
def test_a_query_is_read_as_the_grammar_says(text: str, expected: Condition) -> None:
    assert parse(text) == expected
    assert parse(printed(expected)) == expected


@pytest.mark.parametrize(
    ("text", "column", "words", "instead"),
    [
        ("Kosovo AND NATO OR UN", 17, "mixed without brackets", ("(Kosovo AND NATO) OR UN", "Kosovo AND (NATO OR UN)")),
        ("a OR b NOT c", 8, "mixed without brackets", ("a OR (b NOT c)", "(a OR b) NOT c")),
        ("a NOT b OR c", 9, "mixed without brackets", ("(a NOT b) OR c", "a NOT (b OR c)")),
        ("NOT a OR b", 7, "mixed without brackets", ("(NOT a) OR b", "NOT (a OR b)")),
        ("a OR NOT b", 6, "NOT after OR", ("a OR (NOT b)",)),
        ("Security Council", 10, "two words side by side", ('"Security Council"', "Security AND Council")),
        ("a OR b c OR d", 8, "two words side by side", ('a OR "b c" OR d', "a OR (b AND c) OR d")),
        ("x NEAR/3 b c", 12, "two words side by side", ('x NEAR/3 "b c"',)),
        ("x NOT b c", 9, "two words side by side", ('x NOT "b c"',)),
        ("x AND a b c", 9, "two words side by side", ('x AND "a b c"', "x AND a AND b AND c")),
        ("Bosnia and Herzegovina", 8, "only in capitals", ("Bosnia AND Herzegovina", '"Bosnia and Herzegovina"')),
        ("$kosovo and NATO", 9, "only in capitals", ("$kosovo AND NATO",)),
        ("not football", 1, "only in capitals", ("NOT football",)),
        ("$kosovo $unsc", 9, "nothing joins", ("$kosovo AND $unsc", "$kosovo OR $unsc")),
        ("Kosovo (a OR b)", 8, "nothing joins", ("Kosovo AND (a OR b)", "Kosovo OR (a OR b)")),
        ("(a OR b", 1, "not closed", ("(a OR b)",)),
        ("a OR b)", 7, "closes nothing", ("a OR b",)),
        (")", 1, "closes nothing", ("",)),
        ('a AND "b c', 7, "not closed", ('a AND "b c"',)),
        ("«b c", 1, "not closed", ('"b c"',)),
        ("()", 1, "empty", ()),
        ('""', 1, "no letter and no digit", ()),
        ("", 1, "empty", ("$kosovo AND NATO",)),
        ("— AND x", 1, "no letter and no digit", ()),
        ("a AND", 3, "lacks its right side", ("a",)),
        ("OR a", 1, "needs an operand before it", ("a",)),
        ("NEAR/5 a", 1, "needs an operand before it", ()),
        ("a NEAR/5", 3, "lacks its right side", ()),
        ("NOT", 4, "an operand is missing", ()),
        ("a AND NOT NOT b", 11, "NOT NOT", ("a AND b",)),
        ("*ovo", 1, "stands first", ("ovo*",)),
        ("ko*", 3, "only 2 letters", ("ko",)),
        ("Kosovo-Met*", 1, "inside one word", ('"Kosovo-Met"',)),
        ("=wom?n", 1, "takes no wildcard", ("wom?n",)),
        ("=word~", 1, "exclude each other", ("=word", "word~")),
        ('="a b"~', 1, "exclude each other", ('="a b"', '"a b"~')),
        ("word*~", 1, "exclude each other", ("word*", "word~")),
        ("wo~rd", 3, "right after the word", ("word~",)),
        ("= Danas", 1, "needs a word", ('=Word or ="Exact Phrase"',)),
        ("=$kosovo", 1, "not for $kosovo", ("$kosovo",)),
        ('"secur* council"', 6, "not inside quotes", ("secur* ONEAR/1 council",)),
        ("$", 1, "needs an entity's id", ("$kosovo",)),
        ("$kosovo~", 8, "cannot follow $kosovo", ("$kosovo",)),
        ("a NEAR b", 3, "needs a number", ("a NEAR/5 b",)),
        ("a NEAR/0 b", 3, "from 1 to 99", ("a NEAR/1 b",)),
        ("a NEAR/100 b", 3, "from 1 to 99", ("a NEAR/99 b",)),
        ("a NEAR/x b", 3, "needs a number", ("a NEAR/5 b",)),
        ("ATLEAST a", 1, "needs a number", ("ATLEAST/3 a",)),
        ("ATLEAST/3", 1, "needs something to count", ()),
        ("a NEAR/5 b NEAR/6 c", 12, "not in a chain", ("(a NEAR/5 b) AND (b NEAR/6 c)",)),
        ("a NOT ONEAR/5 b", 3, "only NOT NEAR/n", ("a NOT NEAR/20 b",)),
        ("a NEAR/5 b NOT NEAR/5 c", 12, "no chain", ()),
        ("(a AND b) NEAR/5 c", 1, "not (a AND b)", ()),
        ("c NEAR/5 (NOT b)", 10, "not (NOT b)", ()),
        ("/a/ NEAR/5 b", 1, "not /a/", ()),
        ("ATLEAST/2 headline:a", 11, "not headline:a", ()),
        ("headline:a NEAR/5 b", 1, "into its brackets", ("headline:(a NEAR/5 b)",)),
        ("headline:(body:a)", 10, "a field inside a field", ()),
        ("headline:(b AND (a NOT body:a))", 10, "a field inside a field", ()),
        ("headline:NOT a", 10, "one operand or brackets", ("headline:(NOT a)",)),
        ("headline: AND b", 1, "needs an operand right after it", ()),
        ("titel:a", 1, "unknown field", ("title:a",)),
        ("Vučić: Ne damo", 1, "unknown field", ('"Vučić: Ne damo"',)),
        ("sentence:a", 1, "takes a regular expression", ("sentence:/regex/",)),
        ("http://b92.net", 1, "a colon follows only", ('"http://b92.net"',)),
        ("-football", 1, "no operator here", ("NOT football",)),
        ("+football", 1, "no operator here", ("football",)),
        ("@kosovo", 1, "no operator here", ("$kosovo",)),
        ("a && b", 3, "no operator here", ("a AND b",)),
        ("a=b", 2, "stands before a word", ('"a=b"',)),
        ("/ab(/", 1, "cannot be used", ()),
        (r"/(a)\1/", 1, "no back-references", ()),
        ("//", 1, "empty", ()),
        ("/a", 1, "not closed by /", ('"/a"',)),
        ("/usr/bin", 6, "ends at its second /", ('"/usr/bin"',)),
        ("(" * 60 + "a" + ")" * 60, 51, "more than 50 brackets", ()),
    ],
)  # fmt: skip
def test_what_is_not_clear_is_refused_with_its_column_and_the_text_to_write(
    text: str, column: int, words: str, instead: tuple[str, ...]
) -> None:
    with pytest.raises(QueryError) as refused:
        parse(text)
    assert words in refused.value.message
    assert (refused.value.column, refused.value.instead) == (column, instead)


@pytest.mark.parametrize("text", ["*ovo", "a AND b OR c", "a b c", "a and b", "a NEAR b", "titel:a", "-a", "(a", "a)"])
def test_the_text_to_write_instead_is_taken(text: str) -> None:
    with pytest.raises(QueryError) as refused:
        parse(text)
    for better in refused.value.instead:
        assert parse(better)


@pytest.mark.parametrize(
    ("text", "query"),
    [
        ("Bosnia and Herzegovina", False),
        ("UN Security Council", False),
        ("AND", True),
        ("Trinidad AND Tobago", True),
        ("MISTAND ORAL NOTE", False),
        ("a NEAR/5 b", True),
        ("word~", True),
        ("=Word", True),
        ("$kosovo", True),
        ("12:30", True),
        ("Kosovo-Metohija", False),
        ("„Danas“", False),
    ],
)
def test_a_list_item_is_a_query_only_if_it_holds_an_operator(text: str, query: bool) -> None:
    assert is_query(text) is query


def test_a_list_item_without_operators_is_one_phrase() -> None:
    assert item("Bosnia and Herzegovina") == Term(text="Bosnia and Herzegovina")
    assert item("$kosovo") == Named(id=EntityId("kosovo"))
    with pytest.raises(QueryError):
        item("—")


def test_a_condition_remembers_how_it_was_written() -> None:
    condition = parse("title:„Savet  bezbednosti“")
    assert isinstance(condition, InField)
    assert isinstance(condition.of, Term)
    assert condition.of.written == "„Savet  bezbednosti“"


WORDS = st.sampled_from(["Kosovo", "NATO", "a", "or", "AND", "Vučić", "U.N.", "12:30", "two words", "Kosovo-Metohija"])
LEAVES = st.one_of(
    st.builds(Term, text=WORDS),
    st.builds(Term, text=WORDS, exact=st.just(True)),
    st.builds(Term, text=WORDS, stemmed=st.just(True)),
    st.builds(Wildcard, pattern=st.sampled_from(["secur*", "wom?n"])),
    st.builds(Named, id=st.sampled_from([EntityId("kosovo"), EntityId("unsc")])),
)
PLACED = st.one_of(LEAVES, st.builds(AnyOf, of=st.lists(LEAVES, min_size=2, max_size=3).map(tuple)))
NEAR = st.one_of(
    st.builds(Near, left=PLACED, right=PLACED, within=st.integers(1, 99), ordered=st.booleans()),
    st.builds(Apart, left=PLACED, right=PLACED, within=st.integers(1, 99)),
    st.builds(Together, left=PLACED, right=PLACED, stretch=st.sampled_from(Stretch)),
    st.builds(AtLeast, count=st.integers(1, 99), of=PLACED),
    st.builds(Pattern, regex=st.sampled_from(["a/b", "[A-Z]+", r"\d{4}"]), sentence=st.booleans()),
)


def _combined(inner: st.SearchStrategy[Condition]) -> st.SearchStrategy[Condition]:
    several = st.lists(inner, min_size=2, max_size=3).map(tuple)
    return st.one_of(
        st.builds(All, of=st.tuples(inner, st.builds(Not, of=inner))),
        st.builds(All, of=several),
        st.builds(AnyOf, of=several),
        st.builds(Not, of=inner),
    )


UNFIELDED = st.recursive(st.one_of(PLACED, NEAR), _combined, max_leaves=6)
CONDITIONS = st.recursive(
    st.one_of(PLACED, NEAR, st.builds(InField, field=st.sampled_from(Field), of=UNFIELDED)), _combined, max_leaves=8
)


@given(CONDITIONS)
def test_a_printed_condition_reads_as_itself(condition: Condition) -> None:
    assert parse(printed(condition)) == condition


@given(st.text(st.sampled_from('ab"“”„«»()=$~*?:/ \\ANDORT-&|@#.,\n'), max_size=30))
def test_any_text_is_read_or_refused_with_a_column_inside_it(text: str) -> None:
    refused, condition = attempted(text)
    if refused:
        assert 1 <= refused.column <= len(text) + 1
    if condition:
        assert parse(printed(condition)) == condition


def attempted(text: str) -> tuple[QueryError | None, Condition | None]:
    try:
        return None, parse(text)
    except QueryError as refused:
        return refused, None


@pytest.mark.parametrize(
    ("text", "forward"),
    [
        ("a", True),
        ("NOT a", False),
        ("a NOT b", True),
        ("a OR (NOT b)", False),
        ("a OR (b NOT c)", True),
        ("headline:(NOT a)", False),
        ("NOT (NOT a)", False),
        ("a NOT NEAR/5 b", True),
        ("/a/ OR ATLEAST/2 b", True),
    ],
)
def test_a_rule_needs_something_that_must_be_there(text: str, forward: bool) -> None:
    assert reads_forward(parse(text)) is forward
