"""The tree of a feed → the same with only what articles are made of.  Pure.

feedparser is tolerant and fragile: `<height>` without an image or a bad map
reference make it raise, a photo's `media:description` becomes an article's text,
and a second summary pushes the first one aside.
"""

from __future__ import annotations

import re
from urllib.parse import urljoin

from lxml import etree

LONGEST_AUTHOR = 1000  # characters; a longer one is no name

XML_BASE = "{http://www.w3.org/XML/1998/namespace}base"
HAS_BASE = etree.XPath("boolean(//@xml:base | //@base)")
MEDIA = ("http://search.yahoo.com/mrss/", "http://search.yahoo.com/mrss")
ITUNES = "http://www.itunes.com/dtds/podcast-1.0.dtd"
DUBLIN_CORE = "http://purl.org/dc/elements/1.1/"
VOLATILE = ("http://purl.org/rss/1.0/modules/slash/", "http://purl.org/syndication/thread/1.0")
"""Counters of comments, which change with every reader and tell nothing of the article."""
UNREAD = (
    *("georss", "opengis.net/gml", "wgs84_pos", "postneo.com/icbm"),  # maps
    *("creativecommons", "web.resource.org/cc", "podlove.org", "urn:undeclared:"),
)
"""Parts of namespaces of which feedparser reads much and we nothing; it raises over stray ones."""
HEAD = frozenset({"title", "link", "language", "channel"})
"""What is read of a header, but for what hints.py reads there itself."""
NEVER_READ = frozenset({"textinput", "width", "height", "where"})
SUMMARIES = ("description", "summary", "dc:description", "abstract", "itunes:summary", "media:description")
"""What can tell an article in short.  feedparser takes a second one for the text itself; the first of these wins."""


def prune(item: etree._Element) -> None:
    """Take out of *item* what no article is made of, and all but one of its summaries."""
    for space in MEDIA:
        for inner in (*item.iter(f"{{{space}}}credit"), *item.iterfind(f"{{{space}}}group/{{{space}}}description")):
            if inner.getparent() is not item:
                item.append(inner)
    summaries: dict[str, etree._Element] = {}
    for child in tuple(item):
        name = _name(child)
        if name in SUMMARIES:
            summaries.setdefault(name, child) if _has_text(child) else drop(child)
        elif name is None:
            drop(child)
        elif name == "author" and len(child) == 0 and len(child.text or "") < LONGEST_AUTHOR:
            child.text = _person(child.text or "")
    best = next((name for name in SUMMARIES if name in summaries), None)
    for child in tuple(item):
        if _name(child) in SUMMARIES and child is not summaries.get(best or ""):
            drop(child)


def apply_bases(root: etree._Element) -> None:
    """Make the links of *root* what their xml:base makes them, and take xml:base away.

    feedparser lets one spread to what comes after its element, and joins ids to
    it, which are names and no links (RFC 4287, 4.2.6).
    """
    if not HAS_BASE(root):
        return
    for link in root.iter("{*}link"):
        if "href" in link.attrib:
            link.set("href", joined(link, link.get("href", "")))
        elif len(link) == 0:
            link.text = joined(link, (link.text or "").strip())
    etree.strip_attributes(root, XML_BASE, "base")


def joined(link: etree._Element, address: str) -> str:
    """Return *address* as the xml:base that *link* stands in makes it."""
    try:
        return urljoin(str(link.base or ""), address) if address else ""
    except ValueError:
        return address


def is_unread(element: etree._Element) -> bool:
    """Return whether feedparser may read *element* and we have no use for it."""
    name = etree.QName(element)
    space = (name.namespace or "").lower()
    return name.localname.lower() in NEVER_READ or any(part in space for part in UNREAD)


def is_head(element: etree._Element) -> bool:
    """Return whether *element*, which stands in a feed's header, is read there; what holds items is no header."""
    return etree.QName(element).localname.lower() in HEAD or next(element.iter("{*}item", "{*}entry"), None) is not None


def drop(element: etree._Element) -> None:
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


def _is_feed_space(space: str) -> bool:
    return any(word in space.lower() for word in ("rss", "atom", "netscape.com/rdf", "purl.org/net/rss"))


def _has_text(element: etree._Element) -> bool:
    return len(element) > 0 or bool((element.text or "").strip())
