"""A body and what is said about its encoding → its text.  Pure.

What is said is often wrong, so bytes that are valid UTF-8 are UTF-8 whatever is
said: text in another encoding almost never is by chance.
"""

from __future__ import annotations

import codecs
import re
import zlib
from collections.abc import Iterator

from monitor.errors import ParseError

MARKS = (
    (codecs.BOM_UTF32_BE, "utf-32-be"),  # before UTF-16, whose mark is its beginning
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
)
UNMARKED = (  # how `<` or `{` begins a document without a mark (XML 1.0, appendix F)
    (re.compile(rb"\0\0\0[<{]"), "utf-32-be"),
    (re.compile(rb"[<{]\0\0\0"), "utf-32-le"),
    (re.compile(rb"\0[<{]"), "utf-16-be"),
    (re.compile(rb"[<{]\0"), "utf-16-le"),
    (re.compile(rb"\x4c\x6f\xa7\x94"), "cp037"),  # `<?xm` in EBCDIC
)
SUPERSETS = {  # what is declared → what is meant, after the WHATWG's Encoding Standard
    "iso8859-1": "cp1252",
    "ascii": "cp1252",
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "shift_jis": "cp932",
    "euc_kr": "cp949",
    "iso8859-9": "cp1254",
    "iso8859-11": "cp874",
    "tis-620": "cp874",
    "big5": "big5hkscs",
}
LOOKS = {  # how a text looks that is in this encoding and says nothing of it; a language's commonest letters or words
    "cp1250": re.compile(r"(?<=[a-z])[čćđ](?![^\x00-\x7f])|(?<![^\x00-\x7f])[čćđšžČĆĐŠŽ](?=[a-z])"),
    "cp1251": re.compile(r"(?<![A-Za-z])[А-ЯЁЂЈЉЊЋЏІЇЄ]?[а-яёђјљњћџіїє]{2,}(?![A-Za-z])"),
    "koi8-r": re.compile(r"(?<![A-Za-z])[А-ЯЁ]?[а-яё]{2,}(?![A-Za-z])"),
    "cp874": re.compile(r"[ก-ฮ][ก-๎]{5,}"),
    "cp932": re.compile(r"[ぁ-ヿ。、ー]+[一-龥]{0,4}"),
    "euc_jp": re.compile(r"[ぁ-ヿ。、ー]+[一-龥]{0,4}"),
    "euc_kr": re.compile(r"[가-힣]+"),
    "gb18030": re.compile(r".?[的一是了在有不和中国人为这上个我大来以到时们年会说要就出也].?|[，。]"),
    "big5hkscs": re.compile(r".?[的一是了在有不和中國人為這上個我大來以到時們年會說要就出也].?|[，。]"),
}
ALIKE = 0.5  # a choice
GUESSED_BY = 100_000  # bytes
DECLARED = re.compile(rb"<\?xml[^>]{0,200}?encoding\s*=\s*[\"']([\w.:-]{1,40})", re.IGNORECASE)
CHARSET = re.compile(r"charset\s*=\s*[\"']?([\w.:-]{1,40})", re.IGNORECASE)
BROKEN = "\ufffd"
UNSAYABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")


def unpacked(body: bytes, most: int) -> bytes:
    """Return *body*, out of its gzip if it is one that nobody declared; ParseError if that holds more than *most*."""
    if not body.startswith(b"\x1f\x8b"):
        return body
    inflate = zlib.decompressobj(31)
    try:
        text = inflate.decompress(body, most + 1)
    except zlib.error:
        return body
    if len(text) > most:
        raise ParseError(f"more than {most:,} bytes after unpacking")
    return text


def sayable(text: str) -> str:
    """Return *text* without what neither XML nor a database can hold: control characters and halves of surrogates."""
    return UNSAYABLE.sub("", text)


def decoded(body: bytes, content_type: str | None) -> tuple[str, str | None]:
    """Return the text of *body*, and a note where what was said about its encoding is not so.

    In this order: a byte order mark, the look of the first bytes, UTF-8 if it is
    valid, the charset of *content_type*, the XML declaration, and then whatever
    leaves the fewest letters broken.
    """
    for mark, name in MARKS:
        if body.startswith(mark):
            return _certain(body[len(mark) :], name)
    for look, name in UNMARKED:
        if look.match(body):
            return _certain(body, name)
    said = tuple(_said(body, content_type))
    for name in (*(name for name in said if name.startswith("iso2022")), "utf-8", *said):
        try:
            text = body.decode(name)
        except UnicodeError:
            continue
        fits = not said or name in said or body.isascii()
        return text, None if fits else f"encoded as {name}, not as declared"
    return _guessed(body, said)


def _certain(body: bytes, name: str) -> tuple[str, str | None]:
    text = body.decode(name, "replace")
    return text, f"bytes that are not {name}" if BROKEN in text else None


def _guessed(body: bytes, said: tuple[str, ...]) -> tuple[str, str]:
    """Return the text of *body*, which is in none of the encodings that are *said*, in the one that it looks like."""
    text = body.decode("utf-8", "replace")
    right = sum(1 for letter in text if letter > "\x7f" and letter != BROKEN)
    if text.count(BROKEN) <= right or "utf-8" in said:
        return text, "bytes that are not UTF-8"
    likely = {name: _likeness(body[:GUESSED_BY].decode(name, "replace"), look) for name, look in LOOKS.items()}
    name = max(likely, key=lambda name: likely[name])
    name = name if likely[name] >= ALIKE else "cp1252"
    return body.decode(name, "replace"), f"encoding unknown, read as {name.replace('cp125', 'windows-125')}"


def _likeness(text: str, look: re.Pattern[str]) -> float:
    """Return how much of what is not ASCII in *text* has the *look* of a language; a broken letter counts thrice."""
    foreign = sum(3 if letter == BROKEN else 1 for letter in text if letter > "\x7f")
    return sum(len(run) for run in look.findall(text)) / foreign if foreign else 0.0


def _said(body: bytes, content_type: str | None) -> Iterator[str]:
    """Yield the encodings that are declared and that Python knows, the HTTP header's first (RFC 7303)."""
    charset, declared = CHARSET.search(content_type or ""), DECLARED.search(body[:1024])
    for name in (charset and charset[1], declared and declared[1].decode("ascii", "replace")):
        try:
            known = codecs.lookup(name or "").name
        except LookupError:
            continue
        if not known.startswith(("utf-16", "utf-32", "utf-7", "idna", "punycode")) and getattr(
            codecs.lookup(known), "_is_text_encoding", True
        ):
            yield SUPERSETS.get(known, known)
