"""A document's text → XML that is safe and small enough for feedparser: the items that nobody has read yet.  Pure.

feedparser takes most of a poll's time, and an element with 100,000 attributes
costs it minutes.  So lxml looks first, strictly: it keeps the bombs out, tells
by their fingerprints which items were read before, and hands on the rest.
"""

from __future__ import annotations

import io
import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field, replace

from lxml import etree

from monitor.errors import ParseError
from monitor.feeds.fingerprint import fingerprint, name_of
from monitor.feeds.hints import Hints, heads, hints_of
from monitor.feeds.inside import ITEM_START, Inside, inside
from monitor.feeds.naming import Name, written_name
from monitor.feeds.prune import VOLATILE, XML_BASE, apply_bases, drop, is_head, is_unread, prune
from monitor.feeds.repair import declaration_off, encoded, repaired, without_doctype

MOST_ITEMS = 2000  # of one document; a sitemap of 50,000 once took a fetcher nine minutes
MOST_TAGS = 1_000_000  # before lxml: each may take 400 bytes of memory; 10 MB of real feeds hold 144,000
MOST_ELEMENTS = 200_000  # before feedparser, which takes 20 microseconds for each; the fullest real feed has 1,806
MOST_REPAIRED = 12_000_000  # characters: `&` becomes `&amp;`, five times as long
MOST_ATTRIBUTES = 256  # of one element; feedparser's time grows with their square
LONGEST_TAG = 65_536  # characters; real ones have 762 at most

ITEMS = ("{*}item", "{*}entry")
XML_LANG = "{http://www.w3.org/XML/1998/namespace}lang"
MARK = "{urn:media-monitor}mark"
MARKED = "monitor_mark"
"""The element by which an item keeps its fingerprint through feedparser, and what feedparser calls it."""
LIMITS = {"huge_tree": False, "resolve_entities": False, "no_network": True, "load_dtd": False}


@dataclass(frozen=True, slots=True, kw_only=True)
class Scan:
    """XML for feedparser, and what had to be done to get there."""

    xml: bytes | None  # with the header and the wanted items; None where every item is known
    root: str | None = None  # the local name of the root element; None where only the loose parser can read
    items: int = 0  # in the document; no more than MOST_ITEMS of them are looked at
    listed: tuple[int, ...] = ()  # their fingerprints, in their order; of the pieces of text where there is no tree
    others: tuple[Name, ...] = ()  # id and address of each known item that is not in *xml*
    hints: Hints | None = None  # None where only the loose parser can read
    note: str | None = None
    inside: str | None = None  # the fingerprint of all items together


@dataclass(frozen=True, slots=True, kw_only=True)
class _Item:
    """An item in its tree."""

    element: etree._Element
    fingerprint: int


@dataclass(slots=True)
class _Inherited:
    """What items inherit from the elements round them, looked up once for all children of one."""

    found: dict[etree._Element, tuple[str, str]] = field(default_factory=dict)

    def of(self, element: etree._Element) -> tuple[str, str]:
        """Return every xml:base and the xml:lang that *element* passes on."""
        if element not in self.found:
            line = (element, *element.iterancestors())
            bases = " ".join(each.get(XML_BASE) or each.get("base", "") for each in line).strip()
            self.found[element] = bases, next((each.get(XML_LANG, "") for each in line if XML_LANG in each.attrib), "")
        return self.found[element]


# ------------------------------------------------------------------ the way through


def scan(text: str, known: Collection[int] = frozenset(), before: str | None = None) -> Scan:
    """Return *text* as XML that feedparser may have, without the items whose fingerprints are *known*.

    Where the items are those of the document *before*, by its Inside's
    fingerprint, all of them are known, and only what is around them is read.
    Well-formed XML goes through as it is but for its DOCTYPE; otherwise the
    usual damage is repaired and it is tried again; what is beyond repair is
    left to feedparser's loose parser whole, within the same limits.  ParseError
    where it is a bomb or no XML at all.
    """
    if len(text) > MOST_TAGS and text.count("<") > MOST_TAGS:
        raise ParseError(f"more than {MOST_TAGS:,} tags")
    items = inside(text)
    if items is not None and items.fingerprint == before and (header := _header(items, known)) is not None:
        return header
    return replace(_whole(text, frozenset(known)), inside=items.fingerprint if items else None)


def _header(items: Inside, known: Collection[int]) -> Scan | None:
    """Return what is said around *items*, all of which are *known*; None where that is no tree, or holds others."""
    plain = etree.XMLParser(**LIMITS, remove_comments=True, remove_pis=True)
    try:
        root = etree.fromstring(encoded(without_doctype(items.around)[0]), plain)
    except etree.XMLSyntaxError:
        return None
    if next(root.iter(*ITEMS), None) is not None:
        return None
    return Scan(
        xml=None,
        root=etree.QName(root).localname,
        items=len(known),
        listed=tuple(known),
        hints=hints_of(root),
        inside=items.fingerprint,
    )


def _whole(text: str, known: Collection[int]) -> Scan:
    body, entities = without_doctype(text)
    try:
        return _strict(body, known)
    except etree.XMLSyntaxError:
        mended = repaired(body, entities)
    if len(mended) > MOST_REPAIRED:
        raise ParseError("XML with more damage than any feed has")
    try:
        return _strict(mended, known, "XML that had to be repaired")
    except etree.XMLSyntaxError as error:
        if "depth" in error.msg:  # libxml2's limit is 256
            raise ParseError("elements nested deeper than in any feed") from None
        note = f"XML beyond repair: {error.msg}"
    return _loose(mended, known, note)


def tree(text: str) -> etree._Element:
    """Return *text*, which need be no feed, as a tree, repaired if need be; ParseError if that cannot be."""
    if text.count("<") > MOST_ELEMENTS:
        raise ParseError(f"more than {MOST_ELEMENTS:,} tags")
    body, entities = without_doctype(text.lstrip("\ufeff \t\r\n\0"))
    for attempt in (body, repaired(body, entities)):
        try:
            return etree.fromstring(encoded(attempt), etree.XMLParser(**LIMITS, remove_comments=True, remove_pis=True))
        except etree.XMLSyntaxError as error:
            fault = error.msg
    raise ParseError(f"this is no XML that can be read: {fault}")


def _strict(text: str, known: Collection[int], note: str | None = None) -> Scan:
    root, count = _grown(text)
    _check(root)
    hints = hints_of(root)
    if any(space in text for space in VOLATILE):
        etree.strip_elements(root, *(f"{{{space}}}*" for space in VOLATILE), with_tail=False)
    items = _items(root)
    listed = tuple(each.fingerprint for each in items)
    name = etree.QName(root).localname
    if items and all(each in known for each in listed):
        return Scan(xml=None, root=name, items=count, listed=listed, hints=hints, note=note)
    others = _leave_out(items, known)
    return Scan(xml=_written(root), root=name, items=count, listed=listed, others=others, hints=hints, note=note)


def _grown(text: str) -> tuple[etree._Element, int]:
    """Return the tree of *text* with its first MOST_ITEMS items, and how many there are."""
    count = 0
    events = etree.iterparse(
        io.BytesIO(encoded(text)), events=("end",), tag=ITEMS, remove_comments=True, remove_pis=True, **LIMITS
    )
    for _, item in events:
        count += 1
        if count > MOST_ITEMS and (parent := item.getparent()) is not None:
            parent.remove(item)  # as soon as it is read, so that memory stays bounded
    return events.root, count


def _check(root: etree._Element) -> None:
    """Raise ParseError where *root* holds what feedparser could not stand."""
    for number, element in enumerate(root.iter("*")):
        if len(element.attrib) > MOST_ATTRIBUTES:
            raise ParseError(f"an element with {len(element.attrib):,} attributes")
        if number >= MOST_ELEMENTS:
            raise ParseError(f"more than {MOST_ELEMENTS:,} elements")


def _items(root: etree._Element) -> list[_Item]:
    """Return the items of *root*, but none that stands inside another.

    What an item inherits counts into its fingerprint: the namespaces, which are
    written out with it, xml:base and xml:lang.
    """
    inherited = _Inherited()
    found = []
    for element in root.iter(*ITEMS):
        parent = element.getparent()
        if parent is None or next(element.iterancestors(*ITEMS), None) is not None:
            continue
        base, language = inherited.of(parent)
        written = etree.tostring(element, encoding="utf-8", with_tail=False)
        print_ = fingerprint(written, f"{base}\n{language}".encode("utf-8", "replace"))
        found.append(_Item(element=element, fingerprint=print_))
    return found


def _leave_out(items: Sequence[_Item], known: Collection[int]) -> tuple[Name, ...]:
    """Mark the wanted of *items*, take the others out of the tree, and return these others' names.

    None is left out while the name of one is in doubt, and none that shares its
    name with a wanted one.
    """
    out: dict[int, Name] = {}
    if any(each.fingerprint in known for each in items):
        names = [written_name(each.element) for each in items]
        told = [name for name in names if name is not None]
        if len(told) == len(items):
            wanted = {name_of(*name) for name, each in zip(told, items, strict=True) if each.fingerprint not in known}
            out = {
                number: name
                for number, (name, each) in enumerate(zip(told, items, strict=True))
                if each.fingerprint in known and name_of(*name) not in wanted
            }
    for number, each in enumerate(items):
        if number in out:
            drop(each.element)
        else:
            prune(each.element)
            mark = etree.Element(MARK, nsmap={"monitor": "urn:media-monitor"})
            mark.text = str(each.fingerprint)
            each.element.insert(0, mark)
    return tuple(out.values())


def _written(root: etree._Element) -> bytes:
    for element in [each for head in heads(root) for each in head if not is_head(each)]:
        drop(element)
    for element in [each for each in root.iter("*") if each is not root and is_unread(each)]:
        drop(element)
    apply_bases(root)
    xml: bytes = etree.tostring(root, encoding="utf-8", xml_declaration=True)
    return xml


# ------------------------------------------------------------------ beyond repair


def _loose(text: str, known: Collection[int], note: str) -> Scan:
    """Return *text* for the loose parser: whole, or its header alone where every item is known as it is written."""
    if any(len(tag) > LONGEST_TAG for tag in _tags(text)):
        raise ParseError("a tag longer than any feed has")
    starts = [found.start() for found in ITEM_START.finditer(text)]
    if len(starts) > MOST_ITEMS:
        text = text[: starts[MOST_ITEMS]]
    listed = tuple(_pieces(text, starts[:MOST_ITEMS]))
    if listed and all(each in known for each in listed):
        text = text[: starts[0]]
    kept = FRAGILE.sub("", PREFIXED.sub(r"\1", declaration_off(text)))
    return Scan(xml=kept.encode("utf-8", "replace"), items=len(starts), listed=listed, note=note)


def _pieces(text: str, starts: Sequence[int]) -> Iterator[int]:
    """Yield the fingerprint of each item that *starts* in *text*: up to its end, or to the next one."""
    inherited = "\n".join(INHERITED.findall(text[: starts[0]])) if starts else ""
    for start, end in zip(starts, (*starts[1:], len(text)), strict=False):
        piece = text[start:end]
        closed = max(piece.rfind(tag) for tag in ("</item", "</entry", "</ITEM", "</ENTRY"))
        written = piece[:closed] if closed > 0 else piece
        yield fingerprint(written.encode("utf-8", "replace"), inherited.encode("utf-8", "replace"))


INHERITED = re.compile(r"xml:(?:base|lang)\s*=\s*(?:\"[^\"]{0,500}|'[^']{0,500})", re.IGNORECASE)
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
