"""Words: what is one token, under which keys it is found, where a sentence ends."""

from __future__ import annotations

import unicodedata
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.text import fold, folds, readings, script, sentences, skeleton, tokens, word

TEXTS = st.text(st.sampled_from("aZčĐđšŽ'’ʼ\\.,- \n12İıßwКосВуа́安理ขอ้ë-NATO"), max_size=60)


def raw(text: str) -> list[str]:
    return [text[token.start : token.end] for token in tokens(text)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Kosovo and Metohija", ["Kosovo", "and", "Metohija"]),
        ("Kosovo-Metohija, or: Kosovo/Metohija", ["Kosovo", "Metohija", "or", "Kosovo", "Metohija"]),
        ("snake_case", ["snake", "case"]),
        ("O'Brien’s d’Orsay don\\'t", ["O'Brien’s", "d’Orsay", "don\\'t"]),
        ("the Serbs' 'safety'", ["the", "Serbs", "safety"]),
        ("1,244 and 3.5 and 1244's, in 2023.", ["1,244", "and", "3.5", "and", "1244's", "in", "2023"]),
        ("the U.N. and U.S.A met", ["the", "U.N.", "and", "U.S.A", "met"]),
        ("NATO-a, УН-ом, UN-led; not al-Jazeera", ["NATO-a", "УН-ом", "UN-led", "not", "al", "Jazeera"]),
        ("X-ray and NATO-predsednik", ["X", "ray", "and", "NATO", "predsednik"]),
        ("Vuc\u030cic\u0301a", ["Vuc\u030cic\u0301a"]),
        ("Ko\u00adso\u00advo", ["Ko\u00adso\u00advo"]),
        ("联合国UN安理会", ["联", "合", "国", "UN", "安", "理", "会"]),
        ("หิว", ["หิ", "ว"]),
        ("", []),
    ],
)
def test_a_text_falls_into_the_tokens_of_the_rules_page(text: str, expected: list[str]) -> None:
    assert raw(text) == expected


@given(TEXTS)
def test_every_token_stands_where_it_says_and_none_overlap(text: str) -> None:
    end = 0
    for token in tokens(text):
        assert end <= token.start < token.end <= len(text)
        assert token.word == word(text[token.start : token.end])
        end = token.end


@given(TEXTS)
def test_every_letter_and_digit_belongs_to_a_token(text: str) -> None:
    covered = {at for token in tokens(text) for at in range(token.start, token.end)}
    assert all(at in covered for at, sign in enumerate(text) if sign.isalnum() and sign != "ʼ")


@given(st.text(max_size=40))
def test_folding_twice_is_folding_once(text: str) -> None:
    assert fold(fold(text)) == fold(text)


@given(st.text(st.characters(categories=["L"], max_codepoint=0x24F), min_size=1, max_size=12))
def test_composed_and_decomposed_letters_have_the_same_keys(text: str) -> None:
    assert word(unicodedata.normalize("NFD", text)).keys == word(unicodedata.normalize("NFC", text)).keys


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Vučić", "VUCIC"),
        ("Straße", "strasse"),
        ("Łódź", "lodz"),
        ("Ærø", "aero"),
        ("İSTANBUL", "ıstanbul"),
        ("ISTANBUL", "istanbul"),
        ("Ёлка", "елка"),
        ("Заха\u0301рова", "захарова"),
        ("Guðni", "gudni"),
    ],
)
def test_case_and_accents_do_not_matter(one: str, other: str) -> None:
    assert fold(one) == fold(other)


@pytest.mark.parametrize(("one", "other"), [("край", "краи"), ("か", "が"), ("мој", "мои"), ("मोदी", "मदी")])
def test_a_mark_that_makes_another_letter_stays(one: str, other: str) -> None:
    assert fold(one) != fold(other)


def test_dj_stands_for_d_with_a_stroke_but_not_for_d() -> None:
    assert set(folds("Đinđić")) == {"dindic", "djindic", "dindjic", "djindjic"}
    assert folds("Djindjic") == ("djindjic",)
    assert set(folds("đđđđđ")) == {"ddddd", "djdjdjdjdj"}


@pytest.mark.parametrize(
    ("written", "keys"),
    [
        ("Zakharova's", {"zakharova"}),
        ("U.N.", {"un"}),
        ("U.N.'s", {"un"}),
        ("NATO-a", {"nato-a", "nato"}),
        ("l’ONU", {"l'onu", "onu"}),
        ("qu'Orsay", {"qu'orsay", "orsay"}),
        ("O'Brien", {"o'brien"}),
        ("don\\'t", {"don't"}),
    ],
)
def test_a_token_is_found_under_these_keys(written: str, keys: set[str]) -> None:
    assert set(word(written).keys) == keys


def test_an_elision_knows_where_the_rest_begins() -> None:
    assert word("l’ONU").elided == 2
    assert word("l\\'ONU").elided == 3
    assert word("O'Brien").elided == 0


@pytest.mark.parametrize(
    ("names", "expected"),
    [
        ("Vučić Вучић Vuchić VUCIC Vucich", "vucic"),
        ("Захарова Zakharova Zaharova", "zaharova"),
        ("Ђинђић Đinđić Djindjic", "dindic"),
        ("Зеленський Зеленский Zelenskyy Zelenskiy Zelensky", "zelenski"),
        ("Вучића Вучићa", "vucica"),
        ("Србија Cpбија Srbija", "srbia"),
        ("Щербаков Shcherbakov Szczerbakow", "scerbakov"),
        ("Качиньский Kaczyński", "kacinski"),
        ("Путин Putin Putіn", "putin"),
        ("Јелена Елена Jelena Yelena Elena", "elena"),
        ("Novotný Novotny Новотни", "novotni"),
    ],
)
def test_spellings_of_one_name_share_a_skeleton(names: str, expected: str) -> None:
    assert {skeleton(name) for name in names.split()} == {expected}


def test_ch_inside_a_longer_name_may_be_read_as_h() -> None:
    assert readings("Zacharowa") == ("Zacharowa", "Zaharowa")
    assert readings("Chandler") == ("Chandler",)
    assert readings("Bach") == ("Bach",)
    assert readings("Putschach") == ("Putschach", "Putschah")


def test_a_name_says_which_script_it_is_in() -> None:
    assert [script(name) for name in ("Vučić", "Вучић", "安理会")] == ["latin", "cyrillic", "other"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("One. Two! Three?", ["One.", "Two!", "Three?"]),
        ("Mr. Smith met J. Stoltenberg. He said no. Then he left.",
         ["Mr. Smith met J. Stoltenberg.", "He said no.", "Then he left."]),
        ("The U.N. Security Council met in the U.S. The end.",
         ["The U.N. Security Council met in the U.S.", "The end."]),
        ('"Yes!" he said. “No.” She left.', ['"Yes!" he said.', "“No.”", "She left."]),
        ("Sastanak je 8. jula. Kraj.", ["Sastanak je 8. jula.", "Kraj."]),
        ("Am 8. Juli kam er. Es war No. 5 von 12. Gut.", ["Am 8. Juli kam er.", "Es war No. 5 von 12.", "Gut."]),
        ("安理会开会。科索沃！", ["安理会开会。", "科索沃！"]),
        ("It cost 3.5 million… and more", ["It cost 3.5 million… and more"]),
        ("  spaced  ", ["spaced"]),
        ("", []),
    ],
)  # fmt: skip
def test_a_text_falls_into_sentences(text: str, expected: list[str]) -> None:
    assert [text[span.start : span.end] for span in sentences(text)] == expected


@given(TEXTS)
def test_sentences_hold_every_token_whole_and_in_order(text: str) -> None:
    spans = sentences(text)
    assert all(one.end <= two.start for one, two in pairwise(spans))
    for token in tokens(text):
        assert any(span.start <= token.start and token.end <= span.end for span in spans)
