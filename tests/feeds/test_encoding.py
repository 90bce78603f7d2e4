"""Bytes become the letters that the publisher meant, whatever is said about them."""

from __future__ import annotations

import gzip

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.errors import ParseError
from monitor.feeds.encoding import decoded, unpacked

SERBIAN = "<t>Вучић и Đoković</t>"
GERMAN = "<t>Der österreichische Außenminister – „heute“</t>"


def declared(name: str, text: str) -> str:
    return f'<?xml version="1.0" encoding="{name}"?>{text}'


@pytest.mark.parametrize("mark", ["utf-8-sig", "utf-16", "utf-32"])
def test_a_byte_order_mark_decides(mark):
    assert decoded(declared("iso-8859-1", SERBIAN).encode(mark), "text/xml; charset=koi8-r") == (
        declared("iso-8859-1", SERBIAN),
        None,
    )


@pytest.mark.parametrize("name", ["utf-16-le", "utf-16-be", "utf-32-le", "utf-32-be", "cp037"])
def test_the_look_of_the_first_bytes_decides_where_there_is_no_mark(name):
    text = declared(name, GERMAN if name != "cp037" else "<t>Österreich</t>")
    assert decoded(text.encode(name), None) == (text, None)


@pytest.mark.parametrize("said", [None, "text/xml; charset=iso-8859-1", "text/xml; charset=utf-16", 'a/b; charset="x'])
def test_what_is_valid_utf8_is_utf8_whatever_is_said(said):
    assert decoded(SERBIAN.encode(), said)[0] == SERBIAN
    assert decoded(declared("windows-1251", SERBIAN).encode(), said)[0] == declared("windows-1251", SERBIAN)


def test_a_wrong_declaration_is_noted():
    assert decoded(SERBIAN.encode(), "text/xml; charset=iso-8859-2")[1] == "encoded as utf-8, not as declared"
    assert decoded(b"<t/>", "text/xml; charset=iso-8859-2")[1] is None


@pytest.mark.parametrize(
    ("name", "codec"),
    [
        ("windows-1251", "cp1251"),
        ("KOI8-R", "koi8-r"),
        ("gb2312", "gb18030"),
        ("Shift_JIS", "cp932"),
        ("EUC-KR", "cp949"),
        ("big5", "big5hkscs"),
        ("iso-8859-1", "cp1252"),
        ("ISO-8859-2", "iso8859-2"),
        ("TIS-620", "cp874"),
        ("iso-2022-jp", "iso2022_jp"),
    ],
)
def test_a_declared_encoding_is_taken_with_the_letters_people_really_use(name, codec):
    samples = {"cp1251": "Вучић", "koi8-r": "Лавров", "gb18030": "中国—朱镕基", "cp932": "①国連", "cp949": "유엔 똠",
               "big5hkscs": "聯合國", "cp1252": "Straße – „so“", "iso8859-2": "Đoković, Šešelj", "cp874": "สหประชาชาติ",
               "iso2022_jp": "国連"}  # fmt: skip
    text = f"<t>{samples[codec]}</t>"
    assert decoded(text.encode(codec), f"text/xml; charset={name}") == (text, None)
    assert decoded(declared(name, text).encode(codec), None) == (declared(name, text), None)


def test_the_header_counts_before_the_declaration():
    text = declared("iso-8859-2", "<t>Вучић</t>")
    assert decoded(text.encode("cp1251"), "text/xml; charset=windows-1251")[0] == text


@pytest.mark.parametrize("name", ["bogus", "utf-7", "idna", "rot13", "hex", "utf-16"])
def test_an_encoding_that_no_text_has_is_passed_over(name):
    assert decoded(declared(name, GERMAN).encode("cp1252"), f"text/xml; charset={name}") == (
        declared(name, GERMAN),
        "encoding unknown, read as windows-1252",
    )


def test_a_few_broken_bytes_do_not_change_the_other_letters():
    body = SERBIAN.encode() + b"\xff\xfe"
    assert decoded(body, None) == (SERBIAN + "\ufffd\ufffd", "bytes that are not UTF-8")
    assert decoded(b"<t>\xff</t>", "text/xml; charset=utf-8")[1] == "bytes that are not UTF-8"
    assert decoded(b"\xef\xbb\xbf<t>\xff</t>", None)[1] == "bytes that are not utf-8"


@given(st.binary(max_size=300), st.none() | st.text(max_size=40))
def test_every_body_has_a_text(body, content_type):
    text, _ = decoded(body, content_type)
    assert isinstance(text, str)


def test_a_gzip_file_that_nobody_declared_is_unpacked_within_limits():
    assert unpacked(gzip.compress(b"x" * 1000), 1000) == b"x" * 1000
    assert unpacked(b"\x1f\x8bnonsense", 1000) == b"\x1f\x8bnonsense"
    assert unpacked(b"<rss/>", 3) == b"<rss/>"


def test_of_a_gzip_file_that_is_too_big_nothing_is_read_instead_of_its_beginning():
    with pytest.raises(ParseError, match="more than 1,000 bytes after unpacking"):
        unpacked(gzip.compress(b"x" * 1001), 1000)


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("cp1250", "Vučić: Đoković će možda doći u Šabac, rekao je ministar"),
        ("cp1251", "Вучић: Ђоковић ће можда доћи у Шабац, рекао је министар"),
        ("cp1251", "Путин приедет в Белград"),
        ("koi8-r", "Путин приедет в Белград"),
        ("cp1252", "Der österreichische Außenminister – „heute“"),
        ("cp1252", "Le président a été élu à la majorité, très bien"),
        ("cp1252", "Statsministeren så på været i går, før han ble ærlig"),
        ("cp1252", "Hann þótti góður maður, £12"),
        ("gb18030", "中国人民银行宣布，今年的利率不会上调"),
        ("big5", "我們在台灣的朋友說，今年會有好天氣"),
        ("cp932", "日本の首相は記者会見で説明した"),
        ("euc_jp", "日本の首相は記者会見で説明した"),
        ("euc_kr", "한국의 대통령이 어제 기자회견에서 말했다"),
        ("cp874", "สำนักงานส่งเสริมอุตสาหกรรม"),
    ],
)
def test_where_nothing_is_said_the_look_of_the_text_decides(name, text):
    read, note = decoded(f"<t>{text}</t>".encode(name), None)
    assert read == f"<t>{text}</t>"
    assert note is not None
