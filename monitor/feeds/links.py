"""An answer's Link headers → what they name (RFC 8288).  Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from urllib.parse import urljoin

LONGEST = 4000  # characters of all Link headers together that are looked at
MOST = 20  # relations; real answers name about three

LINK = re.compile(r"<([^<>]*)>((?:[^,\"<]|\"[^\"]*\")*)")
PARAMETER = re.compile(r";\s*([\w-]+)\s*=\s*(?:\"([^\"]*)\"|([^\s;,\"]+))")


def named(headers: Iterable[str], url: str) -> tuple[tuple[str, str], ...]:
    """Return relation and absolute address of each link that *headers* of the answer from *url* name.

    A relation is in lower case, and there are MOST at most.  A link that speaks
    of another document (it has an `anchor`) is none of the answer's.
    """
    return tuple(_named(", ".join(headers)[:LONGEST], url))[:MOST]


def _named(text: str, url: str) -> Iterator[tuple[str, str]]:
    for target, written in LINK.findall(text):
        parameters: dict[str, str] = {}
        for name, quoted, bare in PARAMETER.findall(written):
            parameters.setdefault(name.lower(), quoted or bare)  # of two the first counts (section 3.3)
        try:
            address = urljoin(url, target.strip())
        except ValueError:
            continue
        if "anchor" not in parameters and address.startswith(("http://", "https://")):
            yield from ((relation, address) for relation in parameters.get("rel", "").lower().split())
