"""An item as it is written → the id and address that feedparser would find, where they can be told for sure.  Pure.

Items that were read before are left out of what feedparser gets, but their ids
and addresses still count: two items that share one are told apart.  What is in
doubt here makes the document be read as a whole, which costs time and no truth.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from lxml import etree

ABOUT = "{http://www.w3.org/1999/02/22-rdf-syntax-ns#}about"
FEEDBURNER = "http://rssnamespace.org/feedburner/ext/1.0"
FEED_SPACES = frozenset(
    {
        "",
        "http://www.w3.org/2005/atom",
        "http://purl.org/atom/ns#",
        "http://purl.org/rss/1.0/",
        "http://my.netscape.com/rdf/simple/0.9/",
    }
)
NAMING = ("{*}guid", "{*}id", "{*}link", "{*}origLink")

ADDRESS = re.compile(  # one that joining to any base leaves as it is
    r"(?!.*(?:/\.|[?#;](?:[?#]|$)|&\w+;))https?://[A-Za-z0-9][\w.:-]*(?:/[!-~]*)?", re.ASCII
)
PLAIN = re.compile(r"(?![A-Za-z][\w+.,-]*://)[ -~]+")

Name = tuple[str | None, str | None]
"""Id and address of an item."""


@dataclass(slots=True)
class _Written:
    """What an item says about itself."""

    ids: list[str] = field(default_factory=list)
    links: list[str] = field(default_factory=list)
    origin: list[str] = field(default_factory=list)
    asides: int = 0  # links that lead elsewhere than to the item's page
    is_permalink: bool = True


def written_name(item: etree._Element) -> Name | None:
    """Return id and address of *item*, either may be None; None where they are in doubt."""
    written = _written(item)
    if written is None or any(len(each) > 1 for each in (written.ids, written.links, written.origin)):
        return None
    id = _id(item, written)
    if id is None:
        return None
    return (id or None, address) if (address := _address(id, written)) != "" else None


def _written(item: etree._Element) -> _Written | None:
    found = _Written()
    named = 0
    for child in item.iterchildren("*"):
        space, _, local = child.tag.rpartition("}")
        match local.lower():
            case "guid" | "id" | "link" | "origlink" as kind:
                named += 1
            case "enclosure":
                found.asides += 1
                continue
            case "source" | "content" | "image":
                named += sum(1 for _ in child.iter(*NAMING))
                continue
            case _:
                continue
        if not _take(found, kind, space[1:], child):
            return None
    nested = sum(1 for _ in item.iter(*NAMING)) != named
    hidden = any(name.rpartition("}")[2].lower() in ("href", "about") for name in item.attrib if name != ABOUT)
    return None if nested or hidden else found


def _take(found: _Written, kind: str, space: str, child: etree._Element) -> bool:
    """Write down what *child* says; False where it is in doubt."""
    if len(child):
        return False
    text = (child.text or "").strip()
    if kind == "origlink" and space == FEEDBURNER:
        found.origin.append(text)
        return True
    if kind == "origlink" or space.lower() not in FEED_SPACES:
        return child.prefix is not None
    if kind != "link":
        found.ids.append(text)
        found.is_permalink = child.get("isPermaLink", "true") == "true"
        return True
    if (child.get("rel") or "alternate").strip().lower() != "alternate":
        found.asides += 1
    elif "url" in child.attrib or "uri" in child.attrib:
        return False
    else:
        found.links.append(child.get("href", text))
    return True


def _id(item: etree._Element, written: _Written) -> str | None:
    """Return the id, "" where there is none, None where it is in doubt."""
    id = written.ids[0] if written.ids else item.get(ABOUT, "")
    sure = not id or ADDRESS.fullmatch(id) or PLAIN.fullmatch(id)
    return id if sure else None


def _address(id: str, written: _Written) -> str | None:
    """Return the address, None where there is none, "" where it is in doubt."""
    said = (*filter(None, written.origin), *filter(None, written.links))
    if said:
        return said[0] if all(ADDRESS.fullmatch(each) for each in said) else ""
    if re.match(r"https?://", id):
        return id
    relative = id and written.ids and written.is_permalink and written.asides
    return "" if relative else None
