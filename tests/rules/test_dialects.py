"""Other tools' strings: each read as its own tool reads it, and every change of meaning told."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.errors import UsageError
from monitor.model import EntityId, Named
from monitor.rules.dialects import DIALECTS
from monitor.rules.load import load
from monitor.rules.query import parse
from monitor.rules.translate import Imported, as_rule, translate


@pytest.mark.parametrize(
    ("dialect", "text", "query"),
    [
        ("meltwater", "Kosovo AND NATO OR UN NOT football", "(Kosovo AND NATO) OR (UN AND NOT football)"),
        ("meltwater", '"Security Council" NEAR Kosovo', '"Security Council" NEAR/4 Kosovo'),
        ("meltwater", "(serb* NEAR/5 kosov*) AND ingress:talks", "serb* NEAR/5 kosov* AND lede:talks"),
        ("meltwater", "title:(NATO OR UN) ONEAR/3 x", "headline:(NATO OR UN) AND x"),
        ("talkwalker", "Kosovo talks", "Kosovo NEAR/10 talks"),
        ("talkwalker", "Kosovo Serbia talks", "Kosovo NEAR/20 Serbia AND Kosovo NEAR/20 talks"),
        ("talkwalker", '++"Danas" AND NATO OR title:serbia', "(=Danas AND =NATO) OR headline:serbia"),
        ("talkwalker", "+danas AND ++Danas SENTENCE list", "danas AND =Danas SAME-SENTENCE list"),
        ("brandwatch", "raw:Danas AND Serbia NEAR/3f Kosovo NOT site:b92.net", "=Danas AND Serbia ONEAR/3 Kosovo"),
        ("brandwatch", '"secur* council meets"', "secur* ONEAR/1 council AND council ONEAR/1 meets"),
        ("brandwatch", '"secur*"', "secur*"),
        ("brandwatch", '"Kosovo talks"~5', "Kosovo NEAR/5 talks"),
        (
            "factiva",
            "hd=kosovo and (security council near5 serbia) not football",
            'headline:kosovo AND ("security council" NEAR/4 serbia AND NOT football)',
        ),
        ("factiva", "Kosovo adj1 Force or hlp=NATO", '"Kosovo Force" OR (headline:NATO OR lede:NATO)'),
        ("factiva", "atleast3 kosovo and govern$3", "ATLEAST/3 kosovo AND govern*"),
        ("factiva", "kosovo same belgrade", "kosovo SAME-PARAGRAPH belgrade"),
        ("factiva", "kosovo near1 belgrade", "kosovo NEAR/1 belgrade"),
        (
            "lexis",
            "kosovo or serbia w/5 talks and nato and not football",
            "(kosovo OR serbia) NEAR/4 talks AND nato AND NOT football",
        ),
        ("lexis", "negotiat! w/s kosovo", "negotiat* SAME-SENTENCE kosovo"),
        ("lexis", "wom*n w/p kosovo", "wom?n SAME-PARAGRAPH kosovo"),
        ("lexis", "headline(kosovo) and atleast3(serbia)", "headline:kosovo AND ATLEAST/3 serbia"),
        ("lexis", "kosovo not w/5 metohija", "kosovo NOT NEAR/4 metohija"),
        ("lexis", "kosovo pre/3 nato", "kosovo ONEAR/2 nato"),
        (
            "google",
            "kosovo talks OR summit -football intitle:nato",
            "kosovo AND (talks OR summit) AND NOT football AND headline:nato",
        ),
        ("google", '"security council" AROUND(5) kosovo', '"security council" NEAR/5 kosovo'),
        ("lucene", "kosovo nato", "kosovo OR nato"),
        ("lucene", "+kosovo -football title:nato talks", "kosovo AND NOT football"),
        ("lucene", "kosovo AND (nato || un) NOT football", "kosovo AND (nato OR un) AND NOT football"),
        ("lucene", '"a b"~3 OR serb~1 OR talks^2 OR "x y"^4', 'a NEAR/3 b OR serb~ OR talks OR "x y"'),
        ("lucene", "/kos.*/ OR x?y*", "/^(?:kos.*)$/ OR xy"),
    ],
)
def test_a_query_is_read_by_its_own_tools_precedence(dialect: str, text: str, query: str) -> None:
    imported = translate(text, dialect)
    assert imported.query == query
    assert parse(imported.query) == parse(query)


@pytest.mark.parametrize(
    ("dialect", "text", "note"),
    [
        ("meltwater", 'Kosovo AND source:"B92"', "the outlet belongs under where: outlet: or feed:"),
        ("talkwalker", "Kosovo talks", "words side by side are looked for within 10 words there"),
        ("talkwalker", "NATO", "capitals are case-sensitive there"),
        ("talkwalker", "+kosovo", "accents no longer count"),
        ("brandwatch", "kosovo AND author:me", "nothing here reads it"),
        ("factiva", "security council", 'written "security council"'),
        ("factiva", "kosovo near1 belgrade", "written NEAR/1, which allows one word between"),
        ("factiva", "kosovo and la=en", "the language belongs under where: language:"),
        ("lexis", "kosovo w/200 nato", "the farthest we know is 99"),
        ("lexis", "atleast3(kosovo and nato)", "atleast counts only words"),
        ("google", "-football", "nothing must occur for this query to match"),
        ("lucene", "+kosovo talks", "talks only ranks beside what + asks for"),
        ("lucene", '"a b"~3', "slop counts moves of words"),
        ("lucene", "ko*", "needs 3 letters"),
        ("lucene", "colour:red", 'the field "colour" is not known here'),
        ("lucene", "(kosovo AND nato", "a bracket is not closed"),
        ("lucene", "kosovo) nato", ") closes nothing"),
        ("lucene", 'kosovo AND "—"', "holds no word and is left out"),
        ("lucene", "title:(kosovo AND body:nato)", "a field inside a field"),
    ],
)
def test_what_changes_meaning_is_told(dialect: str, text: str, note: str) -> None:
    imported = translate(text, dialect)
    assert any(note in told for told in imported.notes)


def test_a_query_of_nothing_and_an_unknown_dialect_are_refused() -> None:
    with pytest.raises(UsageError, match="nothing that can be carried over"):
        translate("site:b92.net", "google")
    with pytest.raises(UsageError, match='did you mean "lexis"'):
        translate("kosovo", "lexi")


PIECES = (
    *("a", "kosovo", '"two words"', "AND", "OR", "NOT", "and", "NEAR/5", "w/5", "-x", "+y", "++Z", "title:"),
    *("hd=a", "site:x", "kos*", "!", "~", "atleast2", "~3", "—", "same", '"open', "UN", "title:body:x", "not"),
)


@given(
    st.sampled_from(sorted(DIALECTS)),
    st.lists(
        st.sampled_from([*"()", *PIECES]),
        max_size=10,
    ).map(" ".join),
)
def test_whatever_comes_out_is_a_query_of_ours(dialect: str, text: str) -> None:
    imported = attempted(text, dialect)
    if imported is not None:
        assert parse(imported.query)


def attempted(text: str, dialect: str) -> Imported | None:
    try:
        return translate(text, dialect)
    except UsageError:
        return None


def test_an_imported_query_is_a_rules_file_with_its_notes() -> None:
    words = " OR ".join(f"kosovo{number}" for number in range(40))
    imported = translate(f"({words}) AND source:b92 AND 'x", "meltwater")
    text = as_rule(imported, "from-meltwater")
    assert "# source:b92 is left out" in text
    assert max(map(len, text.splitlines())) < 120
    (rule,) = load({"rules/r.yaml": text}, channels=None).rules
    assert rule.match == parse(imported.query)
    assert Named(id=EntityId("x")) != rule.match
