"""XML text as it is published → XML text that can be read.  Pure."""

from __future__ import annotations

import html
import re
from html.entities import html5

from monitor.errors import ParseError
from monitor.feeds.encoding import sayable

MOST_AMPERSANDS = 1_000_000  # each takes 13 bytes to mend; 10 MB of real feeds hold 113,000
LONGEST_ENTITY = 256  # characters that an entity of the document's own may stand for

DOCTYPE_BEGIN = re.compile(r"<!DOCTYPE\b", re.IGNORECASE)
DOCTYPE = re.compile(r"<!DOCTYPE\b[^<>\[]*(?:\[(?P<own>.*?)\]\s*)?>", re.IGNORECASE | re.DOTALL)
ENTITY = re.compile(r"<!ENTITY\s+([\w.-]{1,40})\s+(?:\"([^\"]*)\"|'([^']*)')\s*>")
DECLARATION = re.compile(r"<\?xml\b[^>]{0,400}\?*>", re.IGNORECASE)
BEGIN = re.compile(r"<\?xml\s|<(?:\w{1,20}:)?(?:rss|feed|rdf)[\s>]", re.IGNORECASE)
TOKEN = re.compile(
    r"<!\[CDATA\[(?:.*?\]\]>|.*)|<!--(?:.*?-->|.*)"
    r"|&(?:#(?P<decimal>[0-9]{1,9});|#[xX](?P<hex>[0-9A-Fa-f]{1,8});|(?P<name>[A-Za-z][A-Za-z0-9.-]{0,40});)?",
    re.DOTALL,
)
ELEMENT_PREFIX = re.compile(r"</?([A-Za-z_][\w.-]{0,30}):[A-Za-z_]")
ATTRIBUTE_END = re.compile(r":[A-Za-z_][\w.-]*\s*=\s*[\"']")  # begins with what is rare; what is before it is looked up
ATTRIBUTE_PREFIX = re.compile(r"\s([A-Za-z_][\w.-]{0,30})\Z")
PREFIX_DECLARED = re.compile(r"\sxmlns:([\w.-]{1,31})\s*=")
ROOT = re.compile(r"(?>\s+|<\?.*?\?>|<!--.*?-->)*+<[\w:.-]+", re.DOTALL)  # atomic: no way back, so linear
MOST_PREFIXES = 50
PREFIXES = {
    "atom": "http://www.w3.org/2005/Atom",
    "content": "http://purl.org/rss/1.0/modules/content/",
    "dc": "http://purl.org/dc/elements/1.1/",
    "dcterms": "http://purl.org/dc/terms/",
    "feedburner": "http://rssnamespace.org/feedburner/ext/1.0",
    "geo": "http://www.w3.org/2003/01/geo/wgs84_pos#",
    "itunes": "http://www.itunes.com/dtds/podcast-1.0.dtd",
    "media": "http://search.yahoo.com/mrss/",
    "rdf": "http://www.w3.org/1999/02/22-rdf-syntax-ns#",
    "rss": "http://purl.org/rss/1.0/",
    "sy": "http://purl.org/rss/1.0/modules/syndication/",
}
OF_XML = frozenset({"amp", "lt", "gt", "quot", "apos"})


def without_doctype(text: str) -> tuple[str, dict[str, str]]:
    """Return *text* without its DOCTYPE, and the plain ones of the entities that it defines."""
    root = re.search(r"<[A-Za-z]", text)
    begin = DOCTYPE_BEGIN.search(text, 0, root.start() if root else 100_000)  # a small part: the whole takes its time
    found = DOCTYPE.match(text, begin.start(), 100_000) if begin else None
    if not found:
        return text, {}
    pairs = ((name, one or two) for name, one, two in ENTITY.findall(found["own"] or ""))
    plain = {
        name: value
        for name, value in pairs
        if len(value) <= LONGEST_ENTITY
        and "<" not in value
        and not re.search(r"%|&(?!#|amp;|lt;|gt;|quot;|apos;)", value)
    }
    return text[: found.start()] + text[found.end() :], plain


def encoded(text: str) -> bytes:
    """Return *text* in UTF-8, which XML without a declaration is in."""
    return declaration_off(text).encode("utf-8", "replace")


def declaration_off(text: str) -> str:
    found = DECLARATION.match(text)
    return text[found.end() :].lstrip() if found else text


def repaired(text: str, entities: dict[str, str]) -> str:
    """Return *text* without what most often keeps XML from being read.

    Rubbish before the document begins, letters that XML cannot say, entities of
    HTML or of the document's own (*entities*), and bare ampersands.  ParseError
    where there are more of those than can be mended within bounds.
    """
    if text.count("&") > MOST_AMPERSANDS:
        raise ParseError("XML with more damage than any feed has")
    begin = BEGIN.search(text, 0, 8192)
    text = text[begin.start() :] if begin else text
    text = sayable(text)

    def said(found: re.Match[str]) -> str:
        if found[0].startswith("<"):
            return found[0] if found[0].endswith(("]]>", "-->")) else _closed(found[0])
        return _reference(found, entities)

    return _declared(TOKEN.sub(said, text))


def _declared(text: str) -> str:
    """Return *text* with a namespace for each prefix that is used and never declared."""
    used = set(ELEMENT_PREFIX.findall(text))
    for found in ATTRIBUTE_END.finditer(text):
        if before := ATTRIBUTE_PREFIX.search(text, max(0, found.start() - 32), found.start()):
            used.add(before[1])
    missing = sorted(used - set(PREFIX_DECLARED.findall(text)) - {"xml", "xmlns"})[:MOST_PREFIXES]
    root = ROOT.match(text)
    if not missing or not root:
        return text
    declarations = "".join(
        f' xmlns:{prefix}="{PREFIXES.get(prefix, f"urn:undeclared:{prefix}")}"' for prefix in missing
    )
    return text[: root.end()] + declarations + text[root.end() :]


def _closed(unfinished: str) -> str:
    """Return an unfinished comment or CDATA section with its end; what was to follow it is lost anyway."""
    return unfinished + ("-->" if unfinished.startswith("<!--") else "]]>")


def _reference(found: re.Match[str], entities: dict[str, str]) -> str:
    name = found["name"]
    if name in OF_XML:
        return found[0]
    if name and name in entities:
        return html.escape(html.unescape(entities[name]), quote=True)
    if name:
        known = html5.get(f"{name};")
        return html.escape(known) if known else f"&amp;{name};"
    if found["decimal"] or found["hex"]:
        number = int(found["decimal"] or found["hex"], 10 if found["decimal"] else 16)
        return found[0] if 0 < number < 0x110000 and sayable(chr(number)) else ""
    return "&amp;"
