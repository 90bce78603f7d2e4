"""A document's text → XML that is safe and small enough for feedparser, pruned to what we read.  Pure.

feedparser is tolerant and fragile: an element with 100,000 attributes costs it
minutes, `<height>` without an image or a bad map reference make it raise, and a
photo's `media:description` becomes an article's text.  So lxml looks first,
strictly, and hands on only what an article can be made of.
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from dataclasses import dataclass

from lxml import etree

from monitor.errors import ParseError
from monitor.feeds.repair import declaration_off, encoded, repaired, without_doctype

MOST_ITEMS = 2000  # of one document; a sitemap of 50,000 once took a fetcher nine minutes
MOST_TAGS = 1_000_000  # before lxml: each may take 400 bytes of memory; 10 MB of real feeds hold 144,000
MOST_ELEMENTS = 200_000  # before feedparser, which takes 20 microseconds for each; the fullest real feed has 1,806
MOST_REPAIRED = 12_000_000  # characters: `&` becomes `&amp;`, five times as long
MOST_ATTRIBUTES = 256  # of one element; feedparser's time grows with their square
LONGEST_AUTHOR = 1000  # characters; a longer one is no name
LONGEST_TAG = 65_536  # characters; real ones have 762 at most

ITEMS = ("{*}item", "{*}entry")
MEDIA = ("http://search.yahoo.com/mrss/", "http://search.yahoo.com/mrss")
ITUNES = "http://www.itunes.com/dtds/podcast-1.0.dtd"
DUBLIN_CORE = "http://purl.org/dc/elements/1.1/"
UNREAD = (
    *("georss", "opengis.net/gml", "wgs84_pos", "postneo.com/icbm"),  # maps
    *("creativecommons", "web.resource.org/cc", "podlove.org", "urn:undeclared:"),
)
"""Parts of namespaces of which feedparser reads much and we nothing; it raises over stray ones."""
NEVER_READ = frozenset({"textinput", "width", "height", "where"})
SUMMARIES = ("description", "summary", "dc:description", "abstract", "itunes:summary", "media:description")
"""What can tell an article in short.  feedparser takes a second one for the text itself; the first of these wins."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Scan:
    """XML for feedparser, and what had to be done to get there."""

    xml: bytes
    root: str | None = None  # the local name of the root element; None where only the loose parser can read
    items: int = 0  # in the document; no more than MOST_ITEMS of them are in *xml*
    note: str | None = None


# ------------------------------------------------------------------ the way through


def scan(text: str) -> Scan:
    """Return *text* as XML that feedparser may have; ParseError where it is a bomb or no XML at all.

    Well-formed XML goes through as it is but for its DOCTYPE; otherwise the
    usual damage is repaired and it is tried again; what is beyond repair is
    left to feedparser's loose parser, within the same limits.
    """
    if text.count("<") > MOST_TAGS:
        raise ParseError(f"more than {MOST_TAGS:,} tags")
    body, entities = without_doctype(text)
    try:
        return _strict(body)
    except etree.XMLSyntaxError:
        mended = repaired(body, entities)
    if len(mended) > MOST_REPAIRED:
        raise ParseError("XML with more damage than any feed has")
    try:
        return _strict(mended, "XML that had to be repaired")
    except etree.XMLSyntaxError as error:
        if "depth" in error.msg:  # libxml2's limit is 256
            raise ParseError("elements nested deeper than in any feed") from None
        note = f"XML beyond repair: {error.msg}"
    return _loose(mended, note)


def tree(text: str) -> etree._Element:
    """Return *text*, which need be no feed, as a tree, repaired if need be; ParseError if that cannot be."""
    if text.count("<") > MOST_ELEMENTS:
        raise ParseError(f"more than {MOST_ELEMENTS:,} tags")
    body, entities = without_doctype(text.lstrip("\ufeff \t\r\n\0"))
    limits = {"huge_tree": False, "resolve_entities": False, "no_network": True, "load_dtd": False}
    for attempt in (body, repaired(body, entities)):
        try:
            return etree.fromstring(encoded(attempt), etree.XMLParser(**limits, remove_comments=True, remove_pis=True))
        except etree.XMLSyntaxError as error:
            fault = error.msg
    raise ParseError(f"this is no XML that can be read: {fault}")


def _strict(text: str, note: str | None = None) -> Scan:
    items = 0
    events = etree.iterparse(
        io.BytesIO(encoded(text)),
        events=("end",),
        tag=ITEMS,
        huge_tree=False,
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        remove_comments=True,
        remove_pis=True,
    )
    for _, item in events:
        items += 1
        if items > MOST_ITEMS and (parent := item.getparent()) is not None:
            parent.remove(item)  # as soon as it is read, so that memory stays bounded
    root = events.root
    for number, element in enumerate(root.iter("*")):
        if len(element.attrib) > MOST_ATTRIBUTES:
            raise ParseError(f"an element with {len(element.attrib):,} attributes")
        if number >= MOST_ELEMENTS:
            raise ParseError(f"more than {MOST_ELEMENTS:,} elements")
    for item in tuple(root.iter(*ITEMS)):
        _prune(item)
    for element in [each for each in root.iter("*") if each is not root and _is_unread(each)]:
        _drop(element)
    xml = etree.tostring(root, encoding="utf-8", xml_declaration=True)
    return Scan(xml=xml, root=etree.QName(root).localname, items=items, note=note)


def _loose(text: str, note: str) -> Scan:
    if any(len(tag) > LONGEST_TAG for tag in _tags(text)):
        raise ParseError("a tag longer than any feed has")
    starts = [found.start() for found in ITEM_START.finditer(text)]
    if len(starts) > MOST_ITEMS:
        text = text[: starts[MOST_ITEMS]]
    kept = FRAGILE.sub("", PREFIXED.sub(r"\1", declaration_off(text)))
    return Scan(xml=kept.encode("utf-8", "replace"), items=len(starts), note=note)


ITEM_START = re.compile(r"<(?:[A-Za-z][\w.-]{0,30}:)?(?:item|entry)(?=[\s>/])", re.IGNORECASE)
PREFIXED = re.compile(r"(</?)(?:rss|atom)\d{0,2}:(?=[A-Za-z])", re.IGNORECASE)
FRAGILE = re.compile(
    r"</?(?:width|height|textinput|(?:georss|gml|geo|cc|creativecommons|psc):[\w.-]{1,30})\b(?:[^<>]{0,4000}>)?",
    re.IGNORECASE,
)


def _tags(text: str) -> Iterator[str]:
    """Yield every piece of *text* from a `<` to the next `>`, outside CDATA and comments."""
    return (
        found[0]
        for found in re.finditer(r"<!\[CDATA\[(?:.*?\]\]>|.*)|<!--(?:.*?-->|.*)|<[^>]*>?", text, re.DOTALL)
        if not found[0].startswith("<!")
    )


# ------------------------------------------------------------------ pruning


def _prune(item: etree._Element) -> None:
    """Take out of *item* what no article is made of, and all but one of its summaries."""
    for space in MEDIA:
        for inner in (*item.iter(f"{{{space}}}credit"), *item.iterfind(f"{{{space}}}group/{{{space}}}description")):
            if inner.getparent() is not item:
                item.append(inner)
    summaries: dict[str, etree._Element] = {}
    for child in tuple(item):
        name = _name(child)
        if name in SUMMARIES:
            summaries.setdefault(name, child) if _has_text(child) else _drop(child)
        elif name is None:
            _drop(child)
        elif name == "author" and len(child) == 0 and len(child.text or "") < LONGEST_AUTHOR:
            child.text = _person(child.text or "")
    best = next((name for name in SUMMARIES if name in summaries), None)
    for child in tuple(item):
        if _name(child) in SUMMARIES and child is not summaries.get(best or ""):
            _drop(child)


def _person(text: str) -> str:
    """Return the name in an RSS author, which is `mail@address (Name)`, `Name <mail@address>` or just a name."""
    found = re.fullmatch(r"\s*\S+@\S+\s*(?:\((.*)\))?\s*|([^<]*)<[^>]*@[^>]*>\s*", text, re.DOTALL)
    return (found[1] or found[2] or "").strip() if found else text


def _name(element: etree._Element) -> str | None:
    """Return the name of an item's *element* as SUMMARIES writes it; None for what is never read."""
    name = etree.QName(element)
    space, local = name.namespace or "", name.localname
    if space in MEDIA:
        return f"media:{local}" if local in ("credit", "description") else None
    if space.lower() == ITUNES:
        return "itunes:summary" if local == "summary" else None
    if space == DUBLIN_CORE:
        return f"dc:{local}"
    if local == "image":  # of a channel it says nothing either, but there it does no harm
        return None
    return local if space == "" or local not in SUMMARIES or _is_feed_space(space) else f"?:{local}"


def _is_unread(element: etree._Element) -> bool:
    name = etree.QName(element)
    space = (name.namespace or "").lower()
    return name.localname.lower() in NEVER_READ or any(part in space for part in UNREAD)


def _is_feed_space(space: str) -> bool:
    return any(word in space.lower() for word in ("rss", "atom", "netscape.com/rdf", "purl.org/net/rss"))


def _has_text(element: etree._Element) -> bool:
    return len(element) > 0 or bool((element.text or "").strip())


def _drop(element: etree._Element) -> None:
    """Take *element* out of its tree, but not the text after it."""
    parent = element.getparent()
    if parent is None:
        return
    if element.tail and element.tail.strip():
        before = element.getprevious()
        if before is None:
            parent.text = (parent.text or "") + element.tail
        else:
            before.tail = (before.tail or "") + element.tail
    element.tail = None
    parent.remove(element)
